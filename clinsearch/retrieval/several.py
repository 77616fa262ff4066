"""Finds notes that have all that a query asks for: of each part the sentence that says it best is the evidence.

How well a note answers is the geometric mean over the parts: one very good half does not outweigh two good ones.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from clinsearch.encoder.encoder import Encoder
from clinsearch.records import Evidence, FloatArray, Said
from clinsearch.records.keys import KeyArray
from clinsearch.retrieval.candidates import Candidates, union
from clinsearch.retrieval.judging import Judge, Judged
from clinsearch.retrieval.keyword_search import KeywordSearch
from clinsearch.retrieval.keywords import Keywords
from clinsearch.retrieval.measured import VALUES, Measured
from clinsearch.retrieval.nearest import Nearest
from clinsearch.retrieval.question import Question
from clinsearch.retrieval.wordings import Wordings
from clinsearch.storage.port import Snapshot

# How much the evidence counts beside all else.
EVIDENCE = 3.0
# How much the words of a part count beside its meaning: it is short, and mostly a name.
WORDS = 1.0
# A sentence that has not all words of a part, by any name, says it from so much on.
SURE = 0.85
# How far apart from what is asked evidence may be: not what is denied, someone else's, or may come some day.
STILL_MET = 0.4
# How much the score of evidence counts that does not say what is asked for.
UNMET = 0.5
# How much it counts beside all else that one sentence has all parts.
IN_SENTENCE = 2.0
# Sentences to look at for each part: by vectors, by words, and in each note.
BY_VECTOR, BY_WORDS, IN_NOTE = 50, 150, 3
# So many notes, however many are wanted, are looked through for what they seem to lack.
LOOKED_THROUGH = 20


class Requirement:
    """One part of a query, and what in a collection says it."""

    def __init__(self, snapshot: Snapshot, encoder: Encoder, asked: Question) -> None:
        self._snapshot, self.asked = snapshot, asked
        index = snapshot.catalog.keywords("sentence")
        self._keywords = Keywords(index, asked.text, asked.expansions)
        self._by_words = KeywordSearch(index, self._keywords, asked.where, self._texts, is_exact=False)
        self._wordings = Wordings(asked, self._keywords)
        self._vectors = snapshot.corrected("sentence", self._wordings.encoded(encoder))
        self._judge = Judge(snapshot.catalog, asked, self._keywords.weight_of_terms)
        self._measured = Measured(snapshot.catalog, asked.conditions, asked.where) if asked.conditions else None

    @cached_property
    def with_words(self) -> KeyArray:
        """The keys of sentences that have its words."""
        return self._by_words.best(BY_WORDS)

    @cached_property
    def notes(self) -> KeyArray:
        """The keys of notes that may have it."""
        nearest, _ = Nearest(self._snapshot, "sentence", self.asked.where).search(self._vectors[0], BY_VECTOR)
        found = union(nearest, self.with_words, self._with_values)
        return self._snapshot.catalog.notes_of(found.tolist(), self.asked.where)

    @property
    def _with_values(self) -> KeyArray:
        return self._measured.keys if self._measured else np.empty(0, dtype=np.int64)

    def evidence(self, sentences_of: Mapping[int, Sequence[int]], *, looks_at_all: bool = False) -> dict[int, Evidence]:
        """Return for each note, of such sentences, the one that says it best, and how well, from 0 to 1.

        looks_at_all: at all these sentences, not only at the nearest and at those found by words.
        """
        pairs = self._chosen(sentences_of)
        if looks_at_all:
            pairs = [(note, key) for note, keys in sentences_of.items() for key in dict.fromkeys(keys)]
        scored = self.scored(union([key for _, key in pairs]))
        found: dict[int, tuple[tuple[bool, bool, bool, float], Evidence]] = {}
        for (note, key), one in self._judge.in_notes(pairs).items():
            evidence = self._evidence(scored[key], one)
            # What is simply so comes before what may be or was, and what is denied before what is not said at all.
            rank = (evidence.is_met, not one.apart, scored[key].speaks_of_it, evidence.score)
            if note not in found or rank > found[note][0]:
                found[note] = rank, evidence
        return {note: evidence for note, (_, evidence) in found.items()}

    def _evidence(self, scored: _Scored, judged: Judged) -> Evidence:
        score = max(scored.score - self._judge.lost(judged, scored.score), 0.0)
        place, said = judged.place, _said_most(judged)
        is_met = scored.speaks_of_it and judged.apart < STILL_MET
        assertion = None if said.assertion == "affirmed" else said.assertion
        told = (assertion, said.of_other) if scored.speaks_of_it and judged.apart else (None, False)
        return Evidence(self.asked.text, place.text, place.start, place.end, score, is_met, *told, judged.treatment)

    def _chosen(self, sentences_of: Mapping[int, Sequence[int]]) -> list[tuple[int, int]]:
        """Choose the sentences of notes to look at, the nearest ones and those with words: (note key, sentence key)."""
        keys = union(*sentences_of.values())
        cosines, has_words = self._cosines(keys), np.isin(keys, union(self.with_words, self._with_values))
        found = []
        for note, of_note in sentences_of.items():
            rows = np.searchsorted(keys, np.unique(np.array(of_note, dtype=np.int64)))
            nearest = rows[np.argsort(-cosines[rows], kind="stable")[:IN_NOTE]]
            found += [(note, int(keys[row])) for row in np.union1d(nearest, rows[has_words[rows]])]
        return found

    def _cosines(self, keys: KeyArray, counting: NDArray[np.bool_] | None = None) -> FloatArray:
        return self._wordings.nearest(self._snapshot.vectors_of("sentence", keys), self._vectors, counting)[1]

    def scored(self, keys: KeyArray) -> dict[int, _Scored]:
        """Score sentences as if they agreed with what is asked, and tell whether they speak of it."""
        texts = self._texts(keys)
        saturation = self._keywords.saturation(texts[key] for key in keys.tolist())
        words = self._keywords.scores_of(saturation).sum(axis=1)
        words = np.minimum(words / (self._keywords.least or 1.0), 1)
        cosines = self._cosines(keys, self._wordings.counting(saturation > 0))
        scores = np.clip((cosines + WORDS * words) / (1 + WORDS), 0, 1)
        speaks = (scores >= SURE) | self._keywords.are_all(saturation > 0)
        if (treatment := self.asked.treatment) is not None and treatment.is_said:
            speaks |= np.array([not treatment.apart(texts[key])[0] for key in keys.tolist()], dtype=bool)
        if self._measured:
            values = self._measured.of(keys.tolist())
            speaks = np.array([bool(parts) and all(part.meets for part in parts) for parts in values], dtype=bool)
            added = np.array([sum(part.score for part in parts) for parts in values], dtype=np.float32)
            scores = scores / np.float32(1 + VALUES) + added
        found = zip(keys.tolist(), scores.tolist(), speaks.tolist(), strict=True)
        return {key: _Scored(score, speaks_of_it) for key, score, speaks_of_it in found}

    def _texts(self, keys: KeyArray) -> dict[int, str]:
        return self._snapshot.catalog.sentence_texts(keys.tolist())


@dataclass(frozen=True, slots=True)
class _Scored:
    score: float
    speaks_of_it: bool


def _said_most(judged: Judged) -> Said:
    """Return what a sentence says of what is asked for, where that is not simply so."""
    return max(judged.otherwise.values(), default=Said())


def _counted(evidence: Evidence) -> float:
    return evidence.score if evidence.is_met else evidence.score * UNMET


class Several:
    """What a query asks for, part by part."""

    def __init__(self, snapshot: Snapshot, encoder: Encoder, parts: Sequence[Question]) -> None:
        self._parts = [Requirement(snapshot, encoder, part) for part in parts]

    @cached_property
    def notes(self) -> KeyArray:
        """The keys of notes that may have at least two of the parts, or the one."""
        counts, least = Counter(key for part in self._parts for key in part.notes.tolist()), min(2, len(self._parts))
        return np.array(sorted(key for key, count in counts.items() if count >= least), dtype=np.int64)

    def added_to(self, candidates: Candidates, sentences_of: Sequence[Sequence[int]]) -> Candidates:
        """Add to notes' scores, which stay within 1, how well they have all parts; sentences_of: each note's."""
        by_note = dict(zip(candidates.keys.tolist(), sentences_of, strict=True))
        of_parts = [part.evidence(by_note) for part in self._parts]
        found = self._with_evidence(candidates, of_parts)
        # What the best notes seem to lack is looked for in all that they say.
        best = found.best(LOOKED_THROUGH)
        for part, of_part in zip(self._parts, of_parts, strict=True):
            lacking = [int(found.keys[row]) for row in best if not of_part[int(found.keys[row])].is_met]
            of_part |= part.evidence({key: by_note[key] for key in lacking}, looks_at_all=True)
        return self._with_evidence(candidates, of_parts)

    def _with_evidence(self, candidates: Candidates, of_parts: Sequence[Mapping[int, Evidence]]) -> Candidates:
        evidence = [tuple(of_part[key] for of_part in of_parts) for key in candidates.keys.tolist()]
        scores = np.array([[_counted(one) for one in of_note] for of_note in evidence], dtype=np.float32)
        return replace(_added(candidates, scores.reshape(len(evidence), len(of_parts)), EVIDENCE), evidence=evidence)

    def added_to_sentences(self, candidates: Candidates) -> Candidates:
        """Add to sentences' scores, which stay within 1, how well they say all parts."""
        scored = [part.scored(candidates.keys) for part in self._parts]
        scores = [[of_part[key].score for of_part in scored] for key in candidates.keys.tolist()]
        array = np.array(scores, dtype=np.float32).reshape(len(candidates.keys), len(scored))
        return _added(candidates, array, IN_SENTENCE)

    def lacking(self, keys: Sequence[int]) -> list[tuple[str, ...]]:
        """Return for each sentence which parts it does not speak of."""
        scored = [(part.asked.text, part.scored(union(keys))) for part in self._parts]
        return [tuple(text for text, of_part in scored if not of_part[key].speaks_of_it) for key in keys]


def _added(candidates: Candidates, scores: FloatArray, weight: float) -> Candidates:
    """Add the geometric mean of the scores of parts, (n, parts), to candidates' scores, counting `weight` as much."""
    rest, own = np.float32(1 / (1 + weight)), np.float32(weight / (1 + weight))
    return replace(
        candidates,
        vector=candidates.vector * rest,
        terms=candidates.terms * rest,
        required=own * np.exp(np.log(np.maximum(scores, 1e-9)).mean(axis=1)),
    )

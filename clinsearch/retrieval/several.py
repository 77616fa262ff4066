"""Finds notes that have all that a query asks for: of each part the sentence that says it best is the evidence.

How well a note answers is the geometric mean over the parts: one very good half does not outweigh two good ones.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from clinsearch.encoder.encoder import Encoder
from clinsearch.records import Evidence, FloatArray
from clinsearch.records.keys import KeyArray
from clinsearch.retrieval.candidates import Candidates, union
from clinsearch.retrieval.judging import Judge
from clinsearch.retrieval.keyword_search import KeywordSearch
from clinsearch.retrieval.keywords import Keywords
from clinsearch.retrieval.nearest import Nearest
from clinsearch.retrieval.question import Question
from clinsearch.retrieval.wordings import Wordings
from clinsearch.storage.port import Snapshot

# How much the evidence counts beside all else.
EVIDENCE = 3.0
# How much the words of a part count beside its meaning: it is short, and mostly a name.
WORDS = 1.0
# Sentences to look at for each part: by vectors, by words, and in each note.
BY_VECTOR, BY_WORDS, IN_NOTE = 50, 150, 3


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

    @cached_property
    def with_words(self) -> KeyArray:
        """The keys of sentences that have its words."""
        return self._by_words.best(BY_WORDS)

    @cached_property
    def notes(self) -> KeyArray:
        """The keys of notes that may have it."""
        nearest, _ = Nearest(self._snapshot, "sentence", self.asked.where).search(self._vectors[0], BY_VECTOR)
        return self._snapshot.catalog.notes_of(union(nearest, self.with_words).tolist(), self.asked.where)

    def evidence(self, sentences_of: Mapping[int, Sequence[int]]) -> dict[int, Evidence]:
        """Return for each note, of such sentences, the one that says it best, and how well, from 0 to 1."""
        pairs = self._chosen(sentences_of)
        keys = union([key for _, key in pairs])
        scores = dict(zip(keys.tolist(), self._scores(keys).tolist(), strict=True))
        texts, judged = self._texts(keys), self._judge.in_notes(pairs)
        found: dict[int, Evidence] = {}
        for (note, key), one in judged.items():
            score = max(scores[key] - self._judge.lost(one, scores[key]), 0.0)
            if note not in found or score > found[note].score:
                found[note] = Evidence(self.asked.text, texts[key], one.place.start, one.place.end, score)
        return found

    def _chosen(self, sentences_of: Mapping[int, Sequence[int]]) -> list[tuple[int, int]]:
        """Choose the sentences of notes to look at, the nearest ones and those with words: (note key, sentence key)."""
        keys = union(*sentences_of.values())
        cosines, has_words = self._cosines(keys), np.isin(keys, self.with_words)
        found = []
        for note, of_note in sentences_of.items():
            rows = np.searchsorted(keys, np.unique(np.array(of_note, dtype=np.int64)))
            nearest = rows[np.argsort(-cosines[rows], kind="stable")[:IN_NOTE]]
            found += [(note, int(keys[row])) for row in np.union1d(nearest, rows[has_words[rows]])]
        return found

    def _cosines(self, keys: KeyArray, counting: NDArray[np.bool_] | None = None) -> FloatArray:
        return self._wordings.nearest(self._snapshot.vectors_of("sentence", keys), self._vectors, counting)[1]

    def _scores(self, keys: KeyArray) -> FloatArray:
        texts = self._texts(keys)
        saturation = self._keywords.saturation(texts[key] for key in keys.tolist())
        words = self._keywords.scores_of(saturation).sum(axis=1)
        words = np.minimum(words / (self._keywords.least or 1.0), 1)
        cosines = self._cosines(keys, self._wordings.counting(saturation > 0))
        scores: FloatArray = (cosines + WORDS * words) / (1 + WORDS)
        return np.clip(scores, 0, 1)

    def _texts(self, keys: KeyArray) -> dict[int, str]:
        return self._snapshot.catalog.sentence_texts(keys.tolist())


class Several:
    """What a query asks for, part by part."""

    def __init__(self, snapshot: Snapshot, encoder: Encoder, parts: Sequence[Question]) -> None:
        self._parts = [Requirement(snapshot, encoder, part) for part in parts]

    @cached_property
    def notes(self) -> KeyArray:
        """The keys of notes that may have at least two of the parts."""
        counts = Counter(key for part in self._parts for key in part.notes.tolist())
        return np.array(sorted(key for key, count in counts.items() if count > 1), dtype=np.int64)

    def added_to(self, candidates: Candidates, sentences_of: Sequence[Sequence[int]]) -> Candidates:
        """Add to notes' scores, which stay within 1, how well they have all parts; sentences_of: each note's."""
        by_note = dict(zip(candidates.keys.tolist(), sentences_of, strict=True))
        of_parts = [part.evidence(by_note) for part in self._parts]
        evidence = [tuple(of_part[key] for of_part in of_parts) for key in by_note]
        scores = np.array([[one.score for one in of_note] for of_note in evidence], dtype=np.float32)
        scores = scores.reshape(len(evidence), len(of_parts))
        rest, weight = np.float32(1 / (1 + EVIDENCE)), np.float32(EVIDENCE / (1 + EVIDENCE))
        return replace(
            candidates,
            vector=candidates.vector * rest,
            terms=candidates.terms * rest,
            required=weight * np.exp(np.log(np.maximum(scores, 1e-9)).mean(axis=1)),
            evidence=evidence,
        )

"""From a query to notes, by their openings, sentences and words; and from a note to similar ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from clinsearch.encoder.encoder import Encoder
from clinsearch.language.terms import terms_of
from clinsearch.records import Filter, FloatArray, Hit
from clinsearch.records.keys import KeyArray
from clinsearch.retrieval.candidates import Candidates, union, weighed
from clinsearch.retrieval.hits import sentence_hit
from clinsearch.retrieval.judging import Agreed, Judge, agreed
from clinsearch.retrieval.keyword_search import KeywordSearch
from clinsearch.retrieval.keywords import Keywords
from clinsearch.retrieval.measured import Measured
from clinsearch.retrieval.nearest import Nearest
from clinsearch.retrieval.question import (
    DEEPER,
    DEEPEST,
    KEYWORDS_OF_NOTE,
    SENTENCES_OF_NOTE,
    Question,
)
from clinsearch.retrieval.repetition import diverse
from clinsearch.retrieval.several import Several
from clinsearch.retrieval.wordings import Wordings
from clinsearch.storage.port import Snapshot
from clinsearch.storage.values import Occurrence


def search_notes(snapshot: Snapshot, encoder: Encoder | None, asked: Question) -> list[Hit]:
    """Find the k best notes that pass, each with its sentence that is nearest to the query.

    By vectors alone they are the very best, as far as the vectors are searched exactly. encoder: None if vectors are
    not used.
    """
    index = snapshot.catalog.keywords("note")
    keywords = Keywords(index, asked.text, asked.expansions)
    texts, is_exact = partial(_texts, snapshot, asked.where), asked.mode == "keyword"
    by_words = KeywordSearch(index, keywords, asked.where, texts, is_exact=is_exact)
    measured = Measured(snapshot.catalog, asked.conditions, asked.where) if asked.conditions else None
    several = Several(snapshot, encoder, asked.parts) if asked.parts and encoder else None
    vectors = _encoded(snapshot, encoder, asked, Wordings(asked, keywords)) if encoder else None
    query = _Query(keywords, by_words, vectors, measured, several)
    judge = Judge(snapshot.catalog, asked, keywords.weight_of_terms) if asked.weighs_assertions else None
    ranked = _ranked(snapshot, asked, query, judge)
    places = _places(snapshot, ranked, asked.where, judge)
    return [sentence_hit(one.score, *places[one.key], parts=one.parts) for one in ranked]


def _ranked(snapshot: Snapshot, asked: Question, query: _Query, judge: Judge | None) -> list[Agreed]:
    depth, looked_at = asked.candidates, -1
    while True:
        found = _found(snapshot, asked, query, depth)
        candidates = _candidates(snapshot, asked, query, found.keys)
        count = max(depth, len(found.keys) * (asked.mode == "vector"))
        ranked = agreed(candidates, count, judge, wanted=None if asked.diverse else asked.k, in_notes=True)
        best = ranked[: asked.k]
        is_enough = len(best) == asked.k and _is_complete(asked, found, candidates, best[-1].score)
        if is_enough or len(found.keys) == looked_at or (asked.mode == "hybrid" and not asked.wants_one_assertion):
            break
        if depth >= DEEPEST and (asked.wants_one_assertion or asked.mode == "keyword"):
            break
        depth, looked_at = depth * DEEPER, -1 if asked.mode == "vector" and not found.are_all else len(found.keys)
    if asked.diverse:
        openings = snapshot.vectors_of("opening", np.array([one.key for one in ranked], dtype=np.int64))
        best = [ranked[position] for position in diverse([one.score for one in ranked], openings, asked.k)]
    return _by_words(snapshot, asked, query, best) if asked.mode == "keyword" and judge is None else best


def _is_complete(asked: Question, found: _Found, candidates: Candidates, last: float) -> bool:
    """Tell whether no other note can be better than the last of the k best; in hybrid mode that is not known."""
    if asked.mode == "vector":
        return last > found.bound_of_others
    return asked.mode == "hybrid" or found.are_all or last >= float(candidates.scores.min())


def _by_words(snapshot: Snapshot, asked: Question, query: _Query, ranked: Sequence[Agreed]) -> list[Agreed]:
    """Make each note show its sentence with the best keyword score."""
    sentences_of = snapshot.catalog.sentences_in([one.key for one in ranked], asked.where)
    shown = _with_most_words(snapshot, query, [sentences_of[one.key] for one in ranked])
    return [replace(one, sentence=sentence) for one, sentence in zip(ranked, shown.tolist(), strict=True)]


def _with_most_words(snapshot: Snapshot, query: _Query, sentences_of: Sequence[Sequence[int]]) -> KeyArray:
    """Return the key of each note's sentence with the best keyword score, (n,)."""
    texts = snapshot.catalog.sentence_texts(union(*sentences_of).tolist())
    of_notes = [query.keywords.scores(texts[key] for key in of_note).sum(axis=1) for of_note in sentences_of]
    best = [of_note[scores.argmax()] for of_note, scores in zip(sentences_of, of_notes, strict=True)]
    return np.array(best, dtype=np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class _Vectors:
    """A query's vectors.

    openings: (wordings, hidden_size), of the query's opening and of what says the same in other words, to compare with
    notes' openings; wholes: the same, to compare with sentences. sentences: (n, hidden_size), of the query's sentences,
    with weights (n,).
    """

    wordings: Wordings
    openings: FloatArray
    wholes: FloatArray
    sentences: FloatArray
    weights: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class _Query:
    """A query's keywords, its vectors if they are used, what is measured of what it asks for, and its parts, if any."""

    keywords: Keywords
    by_words: KeywordSearch
    vectors: _Vectors | None
    measured: Measured | None = None
    several: Several | None = None


def _encoded(snapshot: Snapshot, encoder: Encoder, asked: Question, wordings: Wordings) -> _Vectors:
    opening = encoder.opening(asked.encoded)
    if asked.sentences == [opening]:
        vectors, own, lengths = wordings.encoded(encoder), 1, np.ones(1, dtype=np.float32)
        vectors = np.concatenate([vectors, vectors[:1]])
    else:
        vectors = encoder.encode([opening, *wordings.texts[1:], *asked.sentences], bulk=True)
        own = len(asked.sentences)
        lengths = np.array([len(terms_of(sentence)) + 1 for sentence in asked.sentences], dtype=np.float32)
    openings, as_sentences = snapshot.corrected("opening", vectors[:-own]), snapshot.corrected("sentence", vectors)
    return _Vectors(wordings, openings, as_sentences[:-own], as_sentences[-own:], lengths / lengths.sum())


def _candidates(snapshot: Snapshot, asked: Question, query: _Query, found: KeyArray) -> Candidates:
    """Score notes by the parts that the mode uses; read nothing for the others."""
    keywords = query.keywords
    sentences_of = snapshot.catalog.sentences_in(found.tolist(), asked.where)
    keys = np.array(sorted(sentences_of), dtype=np.int64)
    of_notes = [sentences_of[key] for key in keys.tolist()]
    saturation = keywords.no_scores(len(keys))
    if asked.mode != "vector":
        texts = _texts(snapshot, asked.where, keys)
        saturation = keywords.saturation(texts[key] for key in keys.tolist())
    wordings: list[str | None] = []
    if query.vectors:
        counting = query.vectors.wordings.counting(saturation > 0)
        nearest = _by_sentences(snapshot, query.vectors, of_notes, counting)
        wordings = list(map(query.vectors.wordings.other, nearest.wordings.tolist()))
        vector = nearest.scores
        if not asked.where.section:
            vector = _with_openings(snapshot, query.vectors, keys, nearest, counting)
    else:
        # Assertions are judged in the sentence that will be shown.
        shown = _with_most_words(snapshot, query, of_notes) if asked.weighs_assertions else np.zeros_like(keys)
        vector = np.zeros(len(keys), dtype=np.float32)
        nearest = _NearestSentences(vector, shown, np.full_like(vector, np.nan), np.zeros_like(keys))
    weight = KEYWORDS_OF_NOTE / (1 + SENTENCES_OF_NOTE)
    terms = keywords.scores_of(saturation)
    vector, terms = weighed(asked.mode, vector, terms, weight=weight, keywords=keywords)
    candidates = Candidates(
        keys,
        nearest.keys,
        nearest.cosines,
        vector,
        terms,
        keywords.phrases,
        keywords.weights,
        meant=asked.told,
        wordings=wordings,
    )
    if query.several:
        candidates = query.several.added_to(candidates, of_notes)
    if query.measured:
        return query.measured.added_to(candidates, of_notes)
    return candidates.having_terms() if asked.mode == "keyword" else candidates


def _texts(snapshot: Snapshot, where: Filter, keys: KeyArray) -> dict[int, str]:
    """Return the texts of notes; if the filter names sections, only their text, of the notes that have them."""
    if not where.section:
        return snapshot.catalog.texts.note_texts(keys.tolist())
    sentences_of = snapshot.catalog.sentences_in(keys.tolist(), where)
    sentences = snapshot.catalog.sentence_texts(union(*sentences_of.values()).tolist())
    return {key: "\n".join(sentences[sentence] for sentence in of_note) for key, of_note in sentences_of.items()}


@dataclass(frozen=True, slots=True, eq=False)
class _Found:
    """The keys of the notes to look at, and the most that the others' vectors can score."""

    keys: KeyArray
    bound_of_others: float
    are_all: bool


def _found(snapshot: Snapshot, asked: Question, query: _Query, depth: int) -> _Found:
    """Find the notes to look at: by their openings, by their sentences, by their words."""
    nearest = []
    if query.vectors:
        openings = Nearest(snapshot, "opening", asked.where).begin(query.vectors.openings[0], depth)
        nearest = [openings, Nearest(snapshot, "sentence", asked.where).begin(query.vectors.wholes[0], depth)]
    found = [query.by_words.best(depth)] if asked.mode != "vector" else []
    are_all, most = all(len(keys) < depth for keys in found), 0.0
    if query.measured:
        found.append(snapshot.catalog.notes_of(query.measured.keys.tolist(), asked.where))
    if query.several:
        found.append(query.several.notes)
    if nearest:
        (note_keys, by_opening), (sentence_keys, by_sentence) = (finish() for finish in nearest)
        found += [note_keys, snapshot.catalog.notes_of(sentence_keys.tolist(), asked.where)]
        are_all &= len(note_keys) < depth and len(sentence_keys) < depth
        most = _bound_of_others(asked, by_opening, by_sentence)
    return _Found(union(*found), most, are_all)


def _bound_of_others(asked: Question, by_opening: FloatArray, by_sentence: FloatArray) -> float:
    """Return the most that a note can score that was found by neither vector."""
    opening, sentence = (float(scores[-1]) if len(scores) else 0.0 for scores in (by_opening, by_sentence))
    if len(asked.sentences) > 1:
        sentence = 1.0
    return sentence if asked.where.section else (opening + SENTENCES_OF_NOTE * sentence) / (1 + SENTENCES_OF_NOTE)


@dataclass(frozen=True, slots=True, eq=False)
class _NearestSentences:
    """Notes by their sentences: scores, and the key and cosine of the sentence nearest to the query as a whole, (n,).

    wordings: (n,), which of the query's that is nearest to.
    """

    scores: FloatArray
    keys: KeyArray
    cosines: FloatArray
    wordings: KeyArray


def _with_openings(
    snapshot: Snapshot, query: _Vectors, keys: KeyArray, nearest: _NearestSentences, counting: NDArray[np.bool_]
) -> FloatArray:
    """Score notes by their openings too, not only by sentences as when the filter names sections, (n,)."""
    _, nearness, _ = query.wordings.nearest(snapshot.vectors_of("opening", keys), query.openings, counting)
    scores = (nearness + SENTENCES_OF_NOTE * nearest.scores) / (1 + SENTENCES_OF_NOTE)
    return scores.astype(np.float32)


def _by_sentences(
    snapshot: Snapshot, query: _Vectors, sentences_of: Sequence[Sequence[int]], counting: NDArray[np.bool_]
) -> _NearestSentences:
    """Score notes by the best match of each of the query's sentences among theirs, on average.

    counting: (notes, wordings), which wordings count for each.
    """
    keys = union(*sentences_of)
    vectors = snapshot.vectors_of("sentence", keys)
    of_keys = np.zeros((len(keys), counting.shape[1]), dtype=bool)
    for of_note, count in zip(sentences_of, counting, strict=True):
        of_keys[np.searchsorted(keys, of_note)] |= count
    cosines, nearness, wordings = query.wordings.nearest(vectors, query.wholes, of_keys)
    of_sentences = vectors @ query.sentences.T if len(query.weights) > 1 else nearness[:, None]
    scores, rows = np.zeros(len(sentences_of), dtype=np.float32), np.zeros(len(sentences_of), dtype=np.int64)
    for number, of_note in enumerate(sentences_of):
        own = np.searchsorted(keys, of_note)
        scores[number] = of_sentences[own].max(axis=0) @ query.weights
        rows[number] = own[nearness[own].argmax()]
    return _NearestSentences(scores, keys[rows], cosines[rows], wordings[rows])


def _places(
    snapshot: Snapshot, ranked: Sequence[Agreed], where: Filter, judge: Judge | None
) -> dict[int, tuple[Occurrence, int]]:
    """Return where in each note its sentence to show agrees best, else its first place that passes; and how many places
    count in all notes."""
    sentences = [one.sentence for one in ranked]
    if judge and judge.wants_one_assertion:
        counts = {key: judged.places for key, judged in judge.sentences(sentences).items()}
    else:
        counts = {key: places for key, (_, places) in snapshot.catalog.first_occurrences(sentences, where).items()}
    unjudged = [(one.key, one.sentence) for one in ranked if one.judged is None]
    standings = snapshot.catalog.places.standings_in_notes(unjudged, where)
    return {
        one.key: (
            one.judged.place if one.judged else standings[one.key, one.sentence][0].first,
            counts[one.sentence],
        )
        for one in ranked
    }

"""From a query to sentences: by the cosine of their vectors, by the query's words, or by both."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from clinsearch.encoder.encoder import Encoder
from clinsearch.records import Filter, FloatArray, Hit
from clinsearch.retrieval.candidates import Candidates, union
from clinsearch.retrieval.hits import sentence_hits
from clinsearch.retrieval.judging import Agreed, Judge, agreed
from clinsearch.retrieval.keyword_search import KeywordSearch
from clinsearch.retrieval.nearest import Nearest
from clinsearch.retrieval.question import DEEPER, DEEPEST, Question
from clinsearch.retrieval.repetition import diverse, first_of_each
from clinsearch.retrieval.sentence_scores import SentenceScores
from clinsearch.retrieval.several import Several
from clinsearch.storage.port import Snapshot


def search_sentences(snapshot: Snapshot, encoder: Encoder | None, asked: Question) -> list[Hit]:
    """Find the k best sentences that pass, each where it agrees best with the query; of nearly identical ones the best.

    encoder: None if vectors are not used.
    """
    scores = SentenceScores(snapshot, encoder, asked)
    if scores.vectors is not None and asked.mode == "vector" and not asked.weighs_assertions and not asked.diverse:
        return nearest_sentences(snapshot, scores.vectors[0], asked.k, asked.where)
    judge = Judge(snapshot.catalog, asked, scores.keywords.weight_of_terms) if asked.weighs_assertions else None
    several = Several(snapshot, encoder, asked.parts) if encoder and asked.parts else None
    ranked = _ranked(asked, _Search(snapshot, asked, scores, several), judge)
    if asked.diverse:
        vectors = snapshot.vectors_of("sentence", np.array([one.key for one in ranked], dtype=np.int64))
        ranked = [ranked[position] for position in diverse([one.score for one in ranked], vectors, asked.k)]
    hits = sentence_hits(snapshot, ranked[: asked.k], asked.where, judge)
    if several is None:
        return hits
    lacking = several.lacking([one.sentence for one in ranked[: asked.k]])
    return [
        replace(hit, parts=replace(hit.parts, lacking=of_hit)) if hit.parts else hit
        for hit, of_hit in zip(hits, lacking, strict=True)
    ]


def _ranked(asked: Question, search: _Search, judge: Judge | None) -> list[Agreed]:
    """Rank sentences, with more candidates until there are enough hits; at least k, if there are that many."""
    depth, looked_at = asked.candidates, -1
    while True:
        candidates = search.candidates(depth)
        ranked = _distinct(asked, search, candidates, depth, judge)
        are_all = len(candidates.keys) == looked_at or depth >= DEEPEST
        if are_all or (len(ranked) >= asked.k and _is_complete(asked, candidates, ranked, depth)):
            return ranked
        depth, looked_at = depth * DEEPER, len(candidates.keys)


def _distinct(
    asked: Question, search: _Search, candidates: Candidates, depth: int, judge: Judge | None
) -> list[Agreed]:
    """Rank candidates, of nearly identical ones only the best; at least as many as wanted, if there are that many."""
    wanted = None if asked.diverse or asked.wants_one_assertion else asked.k
    while True:
        ranked = agreed(candidates, depth, judge, wanted=wanted)
        firsts = [ranked[at] for at in first_of_each(search.snapshot, [one.key for one in ranked])]
        if wanted is None or len(firsts) >= asked.k or len(ranked) < wanted:
            return firsts
        wanted *= 2


def _is_complete(asked: Question, candidates: Candidates, ranked: list[Agreed], depth: int) -> bool:
    """Tell whether no other sentence can be better than the k best; in hybrid mode that is not known."""
    if asked.mode == "hybrid" or len(candidates.keys) < depth:
        return True
    return ranked[asked.k - 1].score >= float(candidates.scores.min())


class _Search:
    """Finds candidates by vectors, keywords and values, as the mode says, and scores them."""

    def __init__(
        self, snapshot: Snapshot, asked: Question, scores: SentenceScores, several: Several | None = None
    ) -> None:
        self._several = several
        self.snapshot, self._mode, self._scores = snapshot, asked.mode, scores
        self._nearest = Nearest(snapshot, "sentence", asked.where)
        index, is_exact = snapshot.catalog.keywords("sentence"), asked.mode == "keyword"
        self._by_words = KeywordSearch(index, scores.keywords, asked.where, scores.texts, is_exact=is_exact)

    def candidates(self, depth: int) -> Candidates:
        """Find `depth` candidates by each way of ranking; nothing is read for one that the mode leaves out."""
        vectors, measured = self._scores.vectors, self._scores.measured
        by_vector = self._nearest.begin(vectors[0], depth) if vectors is not None else None
        found = [self._by_words.best(depth)] if self._mode != "vector" else []
        found += [measured.keys] if measured else []
        candidates = self._scores.of(union(*found, *([by_vector()[0]] if by_vector else [])))
        return self._several.added_to_sentences(candidates) if self._several else candidates


def nearest_sentences(snapshot: Snapshot, query: FloatArray, k: int, where: Filter) -> list[Hit]:
    """Find the k sentences nearest to a vector (hidden_size,), each at its first place; of nearly identical ones the
    nearest."""
    nearest, depth = Nearest(snapshot, "sentence", where), k
    while True:
        keys, scores = nearest.search(query, depth)
        firsts = first_of_each(snapshot, keys.tolist())[:k]
        if len(firsts) == k or len(keys) < depth:
            found = [Agreed(int(keys[at]), int(keys[at]), float(scores[at])) for at in firsts]
            return sentence_hits(snapshot, found, where)
        depth *= DEEPER

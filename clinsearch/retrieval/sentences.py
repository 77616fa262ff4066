"""From a query to sentences: by the cosine of their vectors, by the query's words, or by both."""

from __future__ import annotations

import numpy as np

from clinsearch.encoder.encoder import Encoder
from clinsearch.records import Filter, FloatArray, Hit
from clinsearch.retrieval.agreement import Agreed, agreed
from clinsearch.retrieval.candidates import Candidates, union, weighed
from clinsearch.retrieval.hits import require_all, sentence_hits
from clinsearch.retrieval.keywords import Keywords
from clinsearch.retrieval.nearest import Nearest
from clinsearch.retrieval.question import DEEPER, DEEPEST, KEYWORDS_OF_SENTENCE, Question
from clinsearch.retrieval.repetition import diverse, first_of_each
from clinsearch.storage.keyword_index import KeywordIndex
from clinsearch.storage.snapshots import Snapshot
from clinsearch.storage.vector_files import KeyArray


def search_sentences(snapshot: Snapshot, encoder: Encoder, asked: Question) -> list[Hit]:
    """Find the k best sentences that pass, each at its first place; of those nearly the same the best."""
    if asked.mode == "vector" and asked.assertion == "any" and not asked.diverse:
        query = snapshot.corrected("sentence", encoder.encode_query(asked.text))
        return nearest_sentences(snapshot, query, asked.k, asked.where)
    ranked = _ranked(snapshot, encoder, asked)
    if asked.diverse:
        vectors = snapshot.vectors_of("sentence", np.array([one.key for one in ranked], dtype=np.int64))
        ranked = [ranked[position] for position in diverse([one.score for one in ranked], vectors, asked.k)]
    return sentence_hits(snapshot, [(one.key, one.score, one.parts) for one in ranked[: asked.k]], asked.where)


def _ranked(snapshot: Snapshot, encoder: Encoder, asked: Question) -> list[Agreed]:
    """Rank sentences, looking the deeper the fewer hits there are; at least k, if there are so many."""
    query = None
    if asked.mode != "keyword":
        query = snapshot.corrected("sentence", encoder.encode_query(asked.text))
    depth, looked_at = asked.candidates, -1
    while True:
        candidates = _candidates(snapshot, asked, query, depth)
        ranked = agreed(snapshot, asked, candidates, depth)
        ranked = [ranked[at] for at in first_of_each(snapshot, [one.key for one in ranked])]
        are_all = len(candidates.keys) == looked_at or depth >= DEEPEST
        if len(ranked) >= asked.k or are_all:
            return ranked
        depth, looked_at = depth * DEEPER, len(candidates.keys)


def _candidates(snapshot: Snapshot, asked: Question, query: FloatArray | None, depth: int) -> Candidates:
    found: list[KeyArray] = []
    keywords = Keywords(KeywordIndex(snapshot.catalog.connection, "sentence"), asked.text)
    if query is not None:
        found.append(Nearest(snapshot, "sentence", asked.where).search(query, depth)[0])
    if asked.mode != "vector":
        found.append(keywords.candidates(depth, asked.where))
    keys = union(*found)
    texts = snapshot.catalog.sentence_texts(keys.tolist())
    require_all(keys, texts)
    terms = keywords.scores(texts[key] for key in keys.tolist())
    cosines = np.full(len(keys), np.nan, dtype=np.float32)
    if query is not None:
        cosines = snapshot.vectors_of("sentence", keys) @ query
    vector, terms = weighed(asked.mode, cosines, terms, weight=KEYWORDS_OF_SENTENCE, least=keywords.least)
    return Candidates(keys, keys, cosines, vector, terms, keywords.phrases, keywords.weights)


def nearest_sentences(snapshot: Snapshot, query: FloatArray, k: int, where: Filter) -> list[Hit]:
    """Find the k sentences nearest to a vector (hidden_size,), each at its first place; of those nearly the same the
    nearest."""
    nearest, depth = Nearest(snapshot, "sentence", where), k
    while True:
        keys, scores = nearest.search(query, depth)
        firsts = first_of_each(snapshot, keys.tolist())[:k]
        if len(firsts) == k or len(keys) < depth:
            return sentence_hits(snapshot, [(int(keys[at]), float(scores[at]), None) for at in firsts], where)
        depth *= DEEPER

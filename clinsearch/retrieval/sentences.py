"""From a query to sentences: by the cosine of their vectors, by the query's words, or by both."""

from __future__ import annotations

import numpy as np

from clinsearch.encoder.encoder import Encoder
from clinsearch.records import Filter, FloatArray, Hit
from clinsearch.retrieval.agreement import Agreed, agreed
from clinsearch.retrieval.candidates import Candidates, union, weighed
from clinsearch.retrieval.hits import require_all, sentence_hit
from clinsearch.retrieval.keywords import Keywords
from clinsearch.retrieval.nearest import Nearest
from clinsearch.retrieval.question import DEEPER, DEEPEST, KEYWORDS_OF_SENTENCE, Question
from clinsearch.storage.keyword_index import KeywordIndex
from clinsearch.storage.snapshots import Snapshot
from clinsearch.storage.vector_files import KeyArray


def search_sentences(snapshot: Snapshot, encoder: Encoder, asked: Question) -> list[Hit]:
    """Find the k best distinct sentences that pass, each at its first place."""
    if asked.mode == "vector" and asked.assertion == "any":
        return nearest_sentences(snapshot, encoder.encode_query(asked.text), asked.k, asked.where)
    ranked = _ranked(snapshot, encoder, asked)
    places = snapshot.catalog.first_occurrences([one.key for one in ranked], asked.where)
    return [sentence_hit(one.score, *places[one.key], parts=one.parts) for one in ranked]


def _ranked(snapshot: Snapshot, encoder: Encoder, asked: Question) -> list[Agreed]:
    query = encoder.encode_query(asked.text) if asked.mode != "keyword" else None
    depth, looked_at = asked.candidates, -1
    while True:
        candidates = _candidates(snapshot, asked, query, depth)
        ranked = agreed(snapshot, asked, candidates)
        are_all = len(candidates.keys) == looked_at or depth >= DEEPEST
        if not asked.wants_some or len(ranked) == asked.k or are_all:
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
    """Find the k distinct sentences nearest to a vector (hidden_size,), each at its first place."""
    keys, scores = Nearest(snapshot, "sentence", where).search(query, k)
    places = snapshot.catalog.first_occurrences(keys.tolist(), where)
    require_all(keys, places)
    return [sentence_hit(float(score), *places[key]) for key, score in zip(keys.tolist(), scores, strict=True)]

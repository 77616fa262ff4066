"""From a query, a note or a word in its context to hits, best first: one module for each way of ranking."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clinsearch.deferral import deferred

if TYPE_CHECKING:
    from clinsearch.retrieval.cohort_records import canonical
    from clinsearch.retrieval.cohorts import find_cohort
    from clinsearch.retrieval.hits import places_of
    from clinsearch.retrieval.levels import Level, SearchLevel, search_of
    from clinsearch.retrieval.note_views import note_view
    from clinsearch.retrieval.notes import search_notes
    from clinsearch.retrieval.passages import passage_at, passages_of
    from clinsearch.retrieval.query_readers import QueryReaders
    from clinsearch.retrieval.question import Likeness, Question, ask
    from clinsearch.retrieval.reading import QueryReader, ReadQuery
    from clinsearch.retrieval.sentences import nearest_sentences, search_sentences
    from clinsearch.retrieval.similar import similar_notes
    from clinsearch.retrieval.values import count_measured, find_values
    from clinsearch.retrieval.words import WordQuestion, search_words, word_in_note

__all__ = [
    "Level",
    "Likeness",
    "QueryReader",
    "QueryReaders",
    "Question",
    "ReadQuery",
    "SearchLevel",
    "WordQuestion",
    "ask",
    "canonical",
    "count_measured",
    "find_cohort",
    "find_values",
    "nearest_sentences",
    "note_view",
    "passage_at",
    "passages_of",
    "places_of",
    "search_notes",
    "search_of",
    "search_sentences",
    "search_words",
    "similar_notes",
    "word_in_note",
]

__getattr__ = deferred(
    __name__,
    {
        "Level": "levels",
        "Likeness": "question",
        "QueryReader": "reading",
        "QueryReaders": "query_readers",
        "Question": "question",
        "ReadQuery": "reading",
        "SearchLevel": "levels",
        "WordQuestion": "words",
        "ask": "question",
        "canonical": "cohort_records",
        "count_measured": "values",
        "find_cohort": "cohorts",
        "find_values": "values",
        "nearest_sentences": "sentences",
        "note_view": "note_views",
        "passage_at": "passages",
        "passages_of": "passages",
        "places_of": "hits",
        "search_notes": "notes",
        "search_of": "levels",
        "search_sentences": "sentences",
        "search_words": "words",
        "similar_notes": "similar",
        "word_in_note": "words",
    },
)

"""From a query's vector, a note or a word in its context to hits, best first: one module a way of ranking."""

from clinsearch.retrieval.notes import places_of, search_notes, search_sentences, similar_notes
from clinsearch.retrieval.words import WordQuestion, search_words, word_in_note

__all__ = [
    "WordQuestion",
    "places_of",
    "search_notes",
    "search_sentences",
    "search_words",
    "similar_notes",
    "word_in_note",
]

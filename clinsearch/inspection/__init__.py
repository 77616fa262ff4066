"""A model taken apart: its vocab, tokens and layers, and where they stand in the notes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clinsearch.deferral import deferred

if TYPE_CHECKING:
    from clinsearch.inspection.coverage import vocab_coverage
    from clinsearch.inspection.description import describe
    from clinsearch.inspection.layers import Source, mark_word, sources_near, trace_word
    from clinsearch.inspection.occurrences import find_token, words_in
    from clinsearch.inspection.tokenization import split_text, take_apart, take_note_apart
    from clinsearch.inspection.vocabulary import Vocabulary

__all__ = [
    "Source",
    "Vocabulary",
    "describe",
    "find_token",
    "mark_word",
    "sources_near",
    "split_text",
    "take_apart",
    "take_note_apart",
    "trace_word",
    "vocab_coverage",
    "words_in",
]

__getattr__ = deferred(
    __name__,
    {
        "Source": "layers",
        "Vocabulary": "vocabulary",
        "describe": "description",
        "find_token": "occurrences",
        "mark_word": "layers",
        "sources_near": "layers",
        "split_text": "tokenization",
        "take_apart": "tokenization",
        "take_note_apart": "tokenization",
        "trace_word": "layers",
        "vocab_coverage": "coverage",
        "words_in": "occurrences",
    },
)

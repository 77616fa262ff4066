"""Takes scores apart, exactly: into pairs of sentences, of words, of tokens, whose shares add up.

A pooled vector is the sum of its tokens' parts, A = sum of a_i, so that
cos(A, B) = sum over i, j of a_i . b_j / (|A| |B|): every pair of tokens has its share, and there is nothing else.
A note's vector is likewise the sum of its sentences' vectors. Under max pooling a token's part is made of the
dimensions in which it holds the maximum, which keeps the sum exact.
The vector of a word in its context is such a sum too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from clinsearch.deferral import deferred

if TYPE_CHECKING:
    from clinsearch.explanation.note_pairs import explain_notes, explain_place, explain_query, explain_sums
    from clinsearch.explanation.occlusion import occlude_texts
    from clinsearch.explanation.text_pairs import explain_texts
    from clinsearch.explanation.word_pairs import explain_found_word, explain_words

__all__ = [
    "explain_found_word",
    "explain_notes",
    "explain_place",
    "explain_query",
    "explain_sums",
    "explain_texts",
    "explain_words",
    "occlude_texts",
]

__getattr__ = deferred(
    __name__,
    {
        "explain_found_word": "word_pairs",
        "explain_notes": "note_pairs",
        "explain_place": "note_pairs",
        "explain_query": "note_pairs",
        "explain_sums": "note_pairs",
        "explain_texts": "text_pairs",
        "explain_words": "word_pairs",
        "occlude_texts": "occlusion",
    },
)

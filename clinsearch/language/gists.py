"""When two sentences are nearly the same: the same words in the same order, with the same assertions."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from clinsearch.language.assertions import said_at
from clinsearch.language.terms import placed_terms
from clinsearch.records import AssertedSpan

# Words that a writer puts or leaves out by habit. Not among them: words that place, count or compare (before, after,
# left, no), and past tenses, which tell past from present.
HABIT = frozenset({
    "a", "an", "the", "this", "that", "is", "are", "be", "being", "has", "have", "having", "there", "it", "he", "she",
    "they", "his", "her", "their", "him", "them", "i", "we", "you", "your", "my", "our", "patient", "pt", "mr", "mrs",
    "ms", "and", "also",
})  # fmt: skip


def gist_of(text: str, spans: Sequence[AssertedSpan]) -> int | None:
    """Return the gist of a sentence, an int64 that nearly identical sentences share; None if it has no words to go by.

    spans: its assertions other than affirmed. A negating cue counts only by what it negates: "denies fever" is "no
    fever".
    """
    words = []
    for term, start, end in placed_terms(text):
        denies = any(s.assertion == "negated" and s.cue_start < end and start < s.cue_end for s in spans)
        if term in HABIT or denies:
            continue
        said = said_at(spans, start, end)
        words.append(f"{term} {said.assertion}{' of other' * said.of_other}")
    if not words:
        return None
    return int.from_bytes(hashlib.blake2b("\n".join(words).encode(), digest_size=8).digest(), "big", signed=True)

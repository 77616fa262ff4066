"""When two sentences are nearly the same: the same words in the same order, said to be so or not so alike."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from clinsearch.language.assertions import said_at
from clinsearch.language.terms import placed_terms
from clinsearch.records import AssertedSpan

# Words that a note has or lacks by its writer's habit. Not among them: what places, counts or compares (before,
# after, left, no), and the past of verbs, which tells what was from what is.
HABIT = frozenset({
    "a", "an", "the", "this", "that", "is", "are", "be", "being", "has", "have", "having", "there", "it", "he", "she",
    "they", "his", "her", "their", "him", "them", "i", "we", "you", "your", "my", "our", "patient", "pt", "mr", "mrs",
    "ms", "and", "also",
})  # fmt: skip


def gist_of(text: str, spans: Sequence[AssertedSpan]) -> int | None:
    """Return what is the same of sentences that are nearly the same, as an int64; None of one without such words.

    `spans`: what the sentence says otherwise than that it is so. A word that only denies counts by what it denies:
    "denies fever" is "no fever".
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

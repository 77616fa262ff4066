"""Finds the names that one which nothing has may be a misspelling of."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

NEAREST = 3
# For a name with no similar one, this many of the most frequent are suggested.
MOST_NAMED = 5
# The least similarity, from 0 to 1, of a name that may be a misspelling of another.
ALIKE = 0.6


def near(value: str, others: Sequence[str]) -> list[str]:
    """Return the values similar to this one, ignoring case, the most similar first."""
    spelt: dict[str, list[str]] = {}
    for other in others:
        spelt.setdefault(other.casefold(), []).append(other)
    near = difflib.get_close_matches(value.casefold(), spelt, n=NEAREST, cutoff=ALIKE)
    return [other for folded in near for other in spelt[folded]][:NEAREST]

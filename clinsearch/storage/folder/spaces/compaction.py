"""Which files of vectors to merge, so that they stay few and deleted rows leave the disk."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from clinsearch.storage.folder.spaces.files import VectorFile

# Files within a factor of FANOUT in size form a tier; FANOUT files of a tier become one file of the next. So a vector
# is rewritten at most log(n) times, and n vectors are in about FANOUT * log(n) files.
FANOUT = 8
MOST_DEAD_SHARE = 0.25


def files_to_merge(
    files: Sequence[VectorFile], live: int, most_dead_share: float = MOST_DEAD_SHARE
) -> list[list[VectorFile]]:
    """Return groups of files to merge; `live` is how many of their rows are in use."""
    rows = sum(file.rows for file in files)
    if rows - live > most_dead_share * rows:
        return [list(files)]
    tiers: dict[int, list[VectorFile]] = defaultdict(list)
    for file in files:
        tiers[_tier(file.rows)].append(file)
    return [tier for tier in tiers.values() if len(tier) >= FANOUT]


def _tier(rows: int) -> int:
    tier = 0
    while rows >= FANOUT:
        rows //= FANOUT
        tier += 1
    return tier

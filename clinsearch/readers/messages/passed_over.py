"""Records that hold no note, or one that is not to be read: told at the end of a file, by what they are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from clinsearch.readers.outcomes import CannotRead

MOST_KINDS = 1000
OTHERS = "others"


class PassedOver:
    """Counts what was passed over in a file."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()

    def add(self, what: str, count: int = 1) -> None:
        """Count records; after a great many kinds, all others as one."""
        self._counts[what if what in self._counts or len(self._counts) < MOST_KINDS else OTHERS] += count

    def told(self) -> Iterator[CannotRead]:
        """Yield what was passed over, the most frequent first."""
        for what, count in self._counts.most_common():
            yield CannotRead(f"{what}: {count:,} passed over", kind="passed_over")

"""Gathers what a check finds: one line for each thing that is damaged, up to so many of a kind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from clinsearch.errors import CollectionDamaged, CollectionNotFound, CollectionVersion
from clinsearch.records.verification import Damage
from clinsearch.storage.folder.database import plain_errors

# Of one kind so many things are named.
MOST_NAMED = 20
REPAIR, REPAIR_FULL = "clinsearch repair", "clinsearch repair --full"
REPAIR_AND_INDEX = "clinsearch repair, then clinsearch index on its file"

T = TypeVar("T")


class Findings:
    """What was looked at, and what is damaged. missing: the names of files that were not there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.rescue = f"clinsearch rescue {folder} TO"
        self.damages: list[Damage] = []
        self.checked: dict[str, int] = {}
        self.missing: list[str] = []
        self._of_kind: Counter[str] = Counter()

    def count(self, what: str, more: int) -> None:
        """Count what was looked at."""
        self.checked[what] = self.checked.get(what, 0) + more

    def add(self, name: str, wrong: str, remedy: str) -> None:
        """Note what is damaged; of many of a kind the last one named says so."""
        self._of_kind[wrong] += 1
        if self._of_kind[wrong] <= MOST_NAMED:
            self.damages.append(Damage(name, wrong, remedy))
        elif self._of_kind[wrong] == MOST_NAMED + 1:
            self.damages.append(Damage("more of this kind", wrong, remedy))

    @contextmanager
    def naming(self, name: str, remedy: str) -> Iterator[None]:
        """Note what is raised as damage of this thing; go on behind the `with` block."""
        try:
            with plain_errors(self.folder):
                yield
        except (CollectionNotFound, CollectionVersion):
            raise
        except CollectionDamaged as error:
            self.add(name, _without_remedy(str(error)), remedy)


def batched(values: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """Split values, so that what belongs to some of them at a time is read."""
    for start in range(0, len(values), size):
        yield values[start : start + size]


def _without_remedy(message: str) -> str:
    """Return what an error says, without what to do about it."""
    return message.split(". ")[0].rstrip(".")

"""The ids of notes from one file: each is given once, since a second note of the same id would be refused."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field


@dataclass(slots=True)
class NoteIds:
    """The ids given so far in a file, with how often each was asked for."""

    _asked: Counter[str] = field(default_factory=Counter)

    def give(self, *wanted: str) -> str:
        """Return the first of the ids that is free, else the last with a number: `a#2`."""
        for note_id in wanted:
            if note_id not in self._asked:
                self._asked[note_id] = 1
                return note_id
        last = wanted[-1]
        while True:
            self._asked[last] += 1
            numbered = f"{last}#{self._asked[last]}"
            if numbered not in self._asked:
                self._asked[numbered] = 1
                return numbered

"""The carried words that are right, and how frequent each is in clinical notes."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt

from clinsearch.language.terminology.carried import FOLDER

MARKS = 3  # bytes behind a word: its rank, whether it is a drug's name, the end of the line
DRUG = ord("d")
RANKS = {ord(mark): rank for rank, mark in enumerate("0123456789abcdefghijklmnopqrstuvwxyz")}


@dataclass(frozen=True, slots=True)
class WordsOfLength:
    """The words of one length in order: letters `(n, length)`, ranks `(n,)` from 0 to 35, which are drugs `(n,)`."""

    records: bytes
    letters: npt.NDArray[np.uint8]
    ranks: npt.NDArray[np.uint8]
    drugs: npt.NDArray[np.bool_]

    @property
    def length(self) -> int:
        """The letters of each word."""
        return self.letters.shape[1]

    def word(self, at: int) -> str:
        """Return the word at a place."""
        return self.letters[at].tobytes().decode("ascii")

    def place(self, word: str) -> int | None:
        """Return the place of a word."""
        width = self.length + MARKS
        wanted = word.encode()

        def at(place: int) -> bytes:
            return self.records[place * width : place * width + self.length]

        found = bisect_left(range(len(self.letters)), wanted, key=at)
        return found if found < len(self.letters) and at(found) == wanted else None


class CarriedWords:
    """Looks words up, all in lower case."""

    def __init__(self, folder: Path = FOLDER) -> None:
        self._folder = folder

    def __contains__(self, word: str) -> bool:
        return self._place(word) is not None

    def is_drug(self, word: str) -> bool:
        """Tell whether a word is a drug's name, or part of one."""
        place = self._place(word)
        return place is not None and bool(self.of_lengths[len(word)].drugs[place])

    def rank(self, word: str) -> int:
        """Return how frequent a word is in clinical notes, from 0 to 35: twice the binary logarithm."""
        place = self._place(word)
        return 0 if place is None else int(self.of_lengths[len(word)].ranks[place])

    def _place(self, word: str) -> int | None:
        of_length = self.of_lengths.get(len(word)) if word.isascii() else None
        return of_length.place(word) if of_length else None

    @cached_property
    def of_lengths(self) -> dict[int, WordsOfLength]:
        """The words by length."""
        content = (self._folder / "words.txt").read_bytes()
        head, _, rest = content.partition(b"\n")
        found, at = {}, 0
        for length, count in (map(int, part.split(b":")) for part in head.split()):
            size = count * (length + MARKS)
            found[length] = _of_length(rest[at : at + size], length)
            at += size
        return found


def _of_length(records: bytes, length: int) -> WordsOfLength:
    table = np.frombuffer(records, dtype=np.uint8).reshape(-1, length + MARKS)
    ranks = np.zeros(128, dtype=np.uint8)
    ranks[list(RANKS)] = list(RANKS.values())
    return WordsOfLength(records, table[:, :length], ranks[table[:, length]], table[:, length + 1] == DRUG)

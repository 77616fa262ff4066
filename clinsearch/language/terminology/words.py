"""The carried words that are right, and how frequent each is in clinical notes."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt

from clinsearch.language.terminology.carried import FOLDER

MARKS = 3  # bytes behind a word: its rank, whether it is a drug's or another name, the end
PAIR_BITS = 61
DRUG, NAME, RARE = map(ord, "dnr")
RANKS = {ord(mark): rank for rank, mark in enumerate("0123456789abcdefghijklmnopqrstuvwxyz")}


@dataclass(frozen=True)
class WordsOfLength:
    """The words of one length in order: letters `(n, length)`, ranks `(n,)` from 0 to 35, what each is `(n,)`.

    records: what they are looked up in; words without are gone through only.
    """

    records: bytes
    letters: npt.NDArray[np.uint8]
    ranks: npt.NDArray[np.uint8]
    marks: npt.NDArray[np.uint8]

    @property
    def length(self) -> int:
        """The letters of each word."""
        return int(self.letters.shape[1])

    @classmethod
    def of(cls, words: Sequence[str]) -> WordsOfLength:
        """Make one of words of the same length, small letters a to z alone."""
        letters = np.frombuffer("".join(words).encode(), dtype=np.uint8).reshape(len(words), -1)
        return cls(b"", letters, np.zeros(len(words), np.uint8), np.zeros(len(words), np.uint8))

    @cached_property
    def signatures(self) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.uint64]]:
        """Which letters each word has, a bit for each; and which pairs of letters, some of which share a bit."""
        places = self.letters.astype(np.uint64) - ord("a")
        one = np.bitwise_or.reduce(np.uint64(1) << places, axis=1)
        pairs = (places[:, :-1] * 26 + places[:, 1:]) % PAIR_BITS
        return one.astype(np.uint32), np.bitwise_or.reduce(np.uint64(1) << pairs, axis=1)

    def word(self, at: int) -> str:
        """Return the word at a place."""
        return str(self.letters[at].tobytes(), "ascii")

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
        return self._mark(word) == DRUG

    def is_name(self, word: str) -> bool:
        """Tell whether a word is nothing but a name of people or places."""
        return self._mark(word) == NAME

    def may_be_meant(self, word: str) -> bool:
        """Tell whether a misspelt word may be meant for this one: it is known, and no name and not rare."""
        return self._mark(word) not in (0, NAME, RARE)

    def rank(self, word: str) -> int:
        """Return how frequent a word is in clinical notes, from 0 to 35: twice the binary logarithm."""
        place = self._place(word)
        return 0 if place is None else int(self.of_lengths[len(word)].ranks[place])

    def _mark(self, word: str) -> int:
        place = self._place(word)
        return 0 if place is None else int(self.of_lengths[len(word)].marks[place])

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
    return WordsOfLength(records, table[:, :length], ranks[table[:, length]], table[:, length + 1])

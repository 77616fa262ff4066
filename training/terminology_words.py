"""The words that are right, for spelling: of English, of notes, of the terminology, and the names of drugs."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from math import log2
from pathlib import Path
from typing import TYPE_CHECKING

from training.terminologies import DIAGNOSES, packaged
from training.terminology_lists import read_words

if TYPE_CHECKING:
    from training.terminology_material import Lists

SIZES = (10, 20, 35, 40, 50, 55, 60, 70)
LARGEST_MEANT = 50  # size of SCOWL: words of larger ones are right, but nobody means them
KINDS = ("english", "american", "british")
NAME_KINDS = ("english-proper-names", "american-proper-names", "english-upper", "american-upper")
SHORTEST, LONGEST = 2, 24
FEWEST_IN_NOTES, FEWEST_ANYWHERE = 6, 8  # of a word that no list has
RANKS = "0123456789abcdefghijklmnopqrstuvwxyz"
_WORD = re.compile(r"[a-z]+")


@dataclass(frozen=True)
class WordLists:
    """The words of SCOWL by size, and names of people and places in small letters."""

    sizes: dict[int, frozenset[str]]
    names: frozenset[str]

    @classmethod
    def read(cls, folder: Path) -> WordLists:
        """Read the lists of a folder that are of ordinary words."""
        found: dict[int, set[str]] = defaultdict(set)
        for size in SIZES:
            for kind in KINDS:
                path = folder / f"{kind}-words.{size}"
                if path.exists():
                    found[size] |= set(path.read_text(encoding="latin-1").split())
        names = {
            name.removesuffix("'s").lower()
            for kind in NAME_KINDS
            for size in SIZES
            if (path := folder / f"{kind}.{size}").exists()
            for name in path.read_text(encoding="latin-1").split()
        }
        return cls({size: frozenset(words) for size, words in found.items()}, frozenset(names))

    @cached_property
    def common(self) -> frozenset[str]:
        """Words that everybody uses."""
        return self._up_to(20)

    @cached_property
    def ordinary(self) -> frozenset[str]:
        """Words that most people know."""
        return self._up_to(35)

    @cached_property
    def meant(self) -> frozenset[str]:
        """Words that a misspelt one may be meant for."""
        return self._up_to(LARGEST_MEANT)

    @cached_property
    def every(self) -> frozenset[str]:
        """All words."""
        return self._up_to(SIZES[-1])

    def _up_to(self, size: int) -> frozenset[str]:
        return frozenset().union(*(words for one, words in self.sizes.items() if one <= size))


def write_words(lists: Lists, spellings: Iterable[str], path: Path) -> None:
    """Write the words by length, those of a length in order, all of them in as many bytes.

    The first line has the number of words of each length. A word has behind it how frequent it is in notes (its
    logarithm, 0 to z) and d, if it is a drug's, n, if it is nothing but a name, r, if it is right but hardly what
    anybody means, else a dash. spellings: words in all their spellings.
    """
    drugs = {word for name in lists.drugs for word in _WORD.findall(name.lower()) if len(word) > 3}
    drugs -= lists.words.common | read_words("not_drugs.txt")
    by_length: dict[int, list[str]] = defaultdict(list)
    words = {*_words(lists), *spellings}
    rare = {word for word in lists.words.every if _WORD.fullmatch(word)} - words - drugs
    names = {name for name in lists.words.names if _WORD.fullmatch(name)} - words - drugs - rare
    for word in sorted(words | drugs | names | rare):
        if SHORTEST <= len(word) <= LONGEST:
            rank = RANKS[min(35, int(2 * log2(1 + lists.counts.words[word])))]
            mark = "d" if word in drugs else "n" if word in names else "r" if word in rare else "-"
            by_length[len(word)].append(f"{word}{rank}{mark}")
    head = " ".join(f"{length}:{len(words)}" for length, words in sorted(by_length.items()))
    lines = [head, *(word for _, words in sorted(by_length.items()) for word in words)]
    path.write_bytes("".join(f"{line}\n" for line in lines).encode())


def _words(lists: Lists) -> Iterator[str]:
    yield from (word for word in lists.words.meant if _WORD.fullmatch(word))
    for word, number in lists.counts.words_everywhere.items():
        is_frequent = number >= FEWEST_ANYWHERE or lists.counts.words[word] >= FEWEST_IN_NOTES
        if is_frequent and _WORD.fullmatch(word):
            yield word
    yield from _WORD.findall(packaged(*DIAGNOSES).read_text(encoding="utf-8").lower())
    for name in _names(lists):
        yield from _WORD.findall(name.lower())


def _names(lists: Lists) -> Iterator[str]:
    for group in [*lists.names, *lists.forms, *lists.other_names]:
        yield from group.names
    for spellings in lists.spellings:
        yield from spellings
    for entry in [*lists.abbreviations, *lists.functions]:
        yield from entry.written
        yield from (meaning.text for meaning in entry.meanings)

"""Corrects words that stand in no note and in no terminology."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property, lru_cache
from math import log2
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from clinsearch.language.edits import PAD, A, distances
from clinsearch.language.terminology import Terminology
from clinsearch.language.terminology.words import DRUG, NAME, RARE, WordsOfLength
from clinsearch.language.terms import terms_of
from clinsearch.records.expansions import Correction

ENDINGS = (
    "itis", "osis", "oses", "ectomy", "ostomy", "otomy", "oscopy", "orrhea", "orrhagia", "emia", "uria", "opathy",
    "algia", "megaly", "plasty", "plegia", "paresis", "trophy", "plasia", "ology", "ologist", "graphy", "gram",
    "mycin", "cillin", "azole", "olol", "pril", "sartan", "statin", "mab", "nib", "vir", "pam", "lam",
)  # fmt: skip
Frequency = Callable[[str], int]

SHORTEST, LONGEST = 4, 24
EDITS = ((5, (1,)), (9, (2,)), (LONGEST, (2, 3)))  # letters up to which so many
FARTHEST = ((5, 1.0), (7, 1.5), (9, 2.0), (LONGEST, 2.5))  # letters up to which so far
SHORT_CAPITALS = 5  # letters: what is no longer may be an abbreviation
SHORTEST_NAME = 6  # letters of a capitalized word that may be no name
LEAST_RANK = 4
FEWEST = 3  # times that a word of notes stands, to be what was meant
PAIRS_LOST = 2  # of neighbouring letters, by an edit; one more by one that swaps
REMEMBERED = 8192  # frequencies
NEAREST = 24  # candidates whose frequency is looked up
FREQUENT_WORD, FREQUENT_RANK = 8, 6  # what a name may be a slip for
STANDING = 0.3  # what it is worth to stand in notes at all
FREQUENT = 0.05  # and for each doubling
RANKED = 0.04  # the same for the frequency in the notes that the terminology was made with
DRUGS_APART = 0.45  # less, and a drug is not clearly nearest
SOUNDS_LIKE = 0.3
OPENINGS = (
    ("n", "pn"),
    ("n", "kn"),
    ("s", "ps"),
    ("t", "pt"),
    ("f", "ph"),
    ("z", "x"),
    ("c", "s"),
    ("s", "c"),
    ("c", "k"),
    ("k", "c"),
)
WITHIN = (("ph", "f"), ("f", "ph"), ("k", "ch"), ("ch", "k"))


class Candidate(NamedTuple):
    """A known word near a misspelt one. cost: its distance less what speaks for it."""

    word: str
    distance: float
    cost: float
    is_drug: bool


class Speller:
    """Finds what a misspelt word was meant to be.

    frequencies: how often a term stands in the notes; of a mapping the terms themselves are known words as well, which
    takes a second for a million. What was looked up is remembered: notes that have changed want a new speller.
    """

    def __init__(self, frequencies: Mapping[str, int] | Frequency, terminology: Terminology) -> None:
        self._terminology = terminology
        self._frequencies = frequencies if isinstance(frequencies, Mapping) else None
        looked_up = (lambda term: frequencies.get(term, 0)) if isinstance(frequencies, Mapping) else frequencies
        self._frequency = lru_cache(maxsize=REMEMBERED)(looked_up)

    def correct(self, word: str) -> Correction | None:
        """Return the nearest known word; none for a word that is right, or may be, or is near to nothing.

        Words with digits, words of up to three letters, abbreviations and drugs' names are right as they are.
        """
        lower = word.lower()
        if not self._may_be_wrong(word, lower):
            return None
        found: list[Candidate] = []
        may_be_name = word.istitle() or self._terminology.words.is_name(lower)
        for most in (1,) if may_be_name else _edits(word):
            found = found or sorted(self._candidates(lower, most), key=lambda one: (one.cost, one.word))
        if not found or not self._is_clear(found) or (may_be_name and not self._is_slip(found[0])):
            return None
        return Correction(word, self._as_notes_spell(found[0].word), round(found[0].distance, 3))

    def _may_be_wrong(self, word: str, lower: str) -> bool:
        is_word = word.isascii() and word.isalpha() and SHORTEST <= len(word) <= LONGEST
        if not is_word or (word.isupper() and len(word) <= SHORT_CAPITALS):
            return False
        is_capitalized = word[0].isupper()
        if word.istitle() and len(word) < SHORTEST_NAME:
            return False
        if self._terminology.words.is_name(lower):
            return not is_capitalized and not self._count(lower)
        return not self._count(lower) and not self._terminology.knows(word)

    def _is_slip(self, one: Candidate) -> bool:
        """Tell whether what may be a name is rather a frequent word with one slip."""
        is_frequent = self._count(one.word) >= FREQUENT_WORD or self._terminology.words.rank(one.word) >= FREQUENT_RANK
        return is_frequent and one.distance <= 1

    def _is_clear(self, found: list[Candidate]) -> bool:
        """Tell whether no drug is about as near as the first, if that is one."""
        first = found[0]
        others = (one for one in found[1:] if one.is_drug and not _same_word(one.word, first.word))
        return not first.is_drug or all(one.distance - first.distance >= DRUGS_APART for one in others)

    def _candidates(self, word: str, most: int) -> list[Candidate]:
        best: dict[str, Candidate] = {}
        for written, more in _heard(word):
            for candidate in self._near(written, max(1, most - 1) if more else most, more):
                if candidate.word not in best or candidate.cost < best[candidate.word].cost:
                    best[candidate.word] = candidate
        return list(best.values())

    def _near(self, word: str, most: int, more: float) -> Iterator[Candidate]:
        groups = [group for length in range(len(word) - most, len(word) + most + 1) for group in self._words_of(length)]
        if not groups:
            return
        places = [_plain(group, _alike(word, group, most)) for group in groups]
        lengths = np.concatenate([np.full(len(at), group.length) for group, at in zip(groups, places, strict=True)])
        if not len(lengths):
            return
        letters = np.full((len(lengths), len(word) + most), PAD, dtype=np.intp)
        row = 0
        for group, at in zip(groups, places, strict=True):
            letters[row : row + len(at), : group.length] = group.letters[at].astype(np.intp) - A
            row += len(at)
        ranks = np.concatenate([group.ranks[at] for group, at in zip(groups, places, strict=True)])
        marks = np.concatenate([group.marks[at] for group, at in zip(groups, places, strict=True)])
        far = distances(word, letters, lengths) + more
        for at in np.argsort(far - RANKED * ranks, kind="stable")[:NEAREST]:
            known = _word(letters[at, : lengths[at]])
            if far[at] <= _farthest(word) and self._is_meant(known, int(ranks[at]), marks[at] == DRUG):
                yield self._rated(known, float(far[at]), int(ranks[at]), marks[at] == DRUG)

    def _rated(self, known: str, distance: float, rank: int, is_drug: bool) -> Candidate:
        count = self._count(known)
        standing = STANDING + FREQUENT * log2(count) if count else 0.0
        return Candidate(known, distance, distance - standing - RANKED * rank, is_drug)

    def _is_meant(self, known: str, rank: int, is_drug: bool) -> bool:
        """Tell whether anybody looks for a word: it stands in notes, or in the terminology."""
        return is_drug or rank >= LEAST_RANK or bool(self._count(known)) or self._terminology.has_term(known)

    def _count(self, word: str) -> int:
        return self._frequency(" ".join(terms_of(word)))

    def _as_notes_spell(self, word: str) -> str:
        """Return a word in the American spelling if notes have that alone."""
        plain = self._terminology.plain_spelling(word)
        return plain if plain and not self._count(word) else word

    def _words_of(self, length: int) -> list[WordsOfLength]:
        return [words[length] for words in (self._terminology.words.of_lengths, self._noted) if length in words]

    @cached_property
    def _noted(self) -> dict[int, WordsOfLength]:
        """The words of the notes, and of the site's file, that the carried ones lack."""
        carried = self._terminology.words
        frequent = (word for word, count in (self._frequencies or {}).items() if count >= FEWEST)
        by_length: dict[int, list[str]] = defaultdict(list)
        for word in {*self._terminology.own_words, *frequent}:
            is_word = word.isascii() and word.isalpha() and word.islower() and SHORTEST <= len(word) <= LONGEST
            if is_word and not carried.may_be_meant(word) and not carried.may_be_meant(f"{word}s"):
                by_length[len(word)].append(word)
        return {length: WordsOfLength.of(sorted(words)) for length, words in by_length.items()}


def _edits(word: str) -> tuple[int, ...]:
    """Return how many edits to try, one after the other."""
    return next(edits for letters, edits in EDITS if len(word) <= letters)


def _farthest(word: str) -> float:
    """Return how far a word may be: of sialorrhea and seborrhea only what stands before the ending counts."""
    ending = next((one for one in ENDINGS if word.endswith(one)), "")
    length = len(word) - len(ending)
    return next(distance for letters, distance in FARTHEST if length <= letters)


def _word(places: npt.NDArray[np.intp]) -> str:
    return (places + A).astype(np.uint8).tobytes().decode()


def _alike(word: str, group: WordsOfLength, most: int) -> npt.NDArray[np.intp]:
    """Return the places of the words of a length that share so many letters and pairs that they may be near.

    A wrong first letter is an edit that costs nearly two.
    """
    has_first = group.letters[:, 0] == ord(word[0])
    near = has_first & _may_be_near(word, group, most)
    if most > 1:
        near |= ~has_first & _may_be_near(word, group, most - 1)
    return np.flatnonzero(near & (group.marks != NAME) & (group.marks != RARE))


def _may_be_near(word: str, group: WordsOfLength, most: int) -> npt.NDArray[np.bool_]:
    own_letters, own_pairs = (one[0] for one in WordsOfLength.of([word]).signatures)
    letters, pairs = group.signatures
    lost = PAIRS_LOST * most + 1
    near: npt.NDArray[np.bool_] = (
        (np.bitwise_count(own_letters & ~letters) <= most)
        & (np.bitwise_count(letters & ~own_letters) <= most)
        & (np.bitwise_count(own_pairs & ~pairs) <= lost)
        & (np.bitwise_count(pairs & ~own_pairs) <= lost)
    )
    return near


def _plain(group: WordsOfLength, at: npt.NDArray[np.intp]) -> npt.NDArray[np.intp]:
    """Return those of a group's words that have letters alone: distances know no apostrophe."""
    return at[(group.letters[at] >= A).all(axis=1)]


def _heard(word: str) -> Iterator[tuple[str, float]]:
    """Give a word, and other ways to write what it sounds like, with what these cost."""
    yield word, 0.0
    for sound, letters in OPENINGS:
        if word.startswith(sound) and not word.startswith(letters):
            yield letters + word[len(sound) :], SOUNDS_LIKE
    for one, other in WITHIN:
        if one in word[1:]:
            yield word[0] + word[1:].replace(one, other), SOUNDS_LIKE


def _same_word(one: str, other: str) -> bool:
    return one.rstrip("s") == other.rstrip("s")

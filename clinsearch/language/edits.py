"""How far a word is from others: optimal string alignment, in which what people mistake costs less."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from clinsearch.records import FloatArray

Letters = npt.NDArray[np.uint8]

A = ord("a")
PAD = 26  # stands behind words that are shorter than others
SWAP = 0.8  # of neighbours
DOUBLING = 0.5  # a letter too many, or missing, beside its like
SILENT = 0.75  # the same of a vowel, and of h and p, which may not be heard
KEY = 0.8  # a letter for its neighbour on the keyboard
SOUND = 0.5  # a letter for one that sounds alike
VOWEL = 0.7  # a vowel for another
FIRST = 0.8  # more, for a wrong first letter
KEYS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
SOUNDS = (
    ("i", "y"),
    ("s", "c"),
    ("s", "z"),
    ("c", "k"),
    ("k", "q"),
    ("f", "v"),
    ("t", "d"),
    ("m", "n"),
    ("e", "i"),
    ("a", "e"),
    ("a", "o"),
    ("j", "g"),
    ("x", "c"),
)
VOWELS = "aeiou"


def _substitutions() -> FloatArray:
    costs = np.ones((PAD + 1, PAD + 1), dtype=np.float32)
    np.fill_diagonal(costs, 0)
    for row, keys in enumerate(KEYS):
        below = KEYS[row + 1] if row + 1 < len(KEYS) else ""
        for at, key in enumerate(keys):
            for other in [*keys[at + 1 : at + 2], *below[max(0, at - 1) : at + 1]]:
                _lower(costs, key, other, KEY)
    for one in VOWELS:
        for other in VOWELS.replace(one, ""):
            _lower(costs, one, other, VOWEL)
    for one, other in SOUNDS:
        _lower(costs, one, other, SOUND)
    return costs


def _lower(costs: FloatArray, one: str, other: str, cost: float) -> None:
    places = ord(one) - A, ord(other) - A
    costs[places] = costs[places[::-1]] = min(costs[places], cost)


_C, _S = ord("c") - A, ord("s") - A
SUBSTITUTIONS = _substitutions()
GAPS = np.where(np.isin(np.arange(PAD + 1), [ord(letter) - A for letter in "aeiouhp"]), SILENT, 1.0).astype(np.float32)


def places_of(word: str) -> npt.NDArray[np.intp]:
    """Return the letters of a word by their places in the alphabet, from 0."""
    return np.frombuffer(word.encode(), dtype=np.uint8).astype(np.intp) - A


def distances(word: str, others: npt.NDArray[np.intp], lengths: npt.NDArray[np.intp]) -> FloatArray:
    """Return the distances `(n,)` of a word to others `(n, longest)`, by places in the alphabet, with PAD behind."""
    own = places_of(word)
    own_gaps, gaps = _gap_costs(own[None, :])[0], _gap_costs(others)
    count = len(others)
    reached = np.zeros((count, others.shape[1] + 1), dtype=np.float32)
    np.cumsum(gaps, axis=1, out=reached[:, 1:])
    before, row = reached, reached
    for at, letter in enumerate(own):
        best = np.minimum(row[:, :-1] + SUBSTITUTIONS[letter].take(others), row[:, 1:] + own_gaps[at])
        if at:
            swapped = (others[:, 1:] == own[at - 1]) & (others[:, :-1] == letter)
            best[:, 1:] = np.where(swapped, np.minimum(best[:, 1:], before[:, :-2] + SWAP), best[:, 1:])
        new = np.concatenate([row[:, :1] + own_gaps[at], best], axis=1)
        # What is reached by gaps alone from any place before.
        before, row = row, np.minimum.accumulate(new - reached, axis=1) + reached
    wrong_first = np.where(others[:, 0] != own[0], np.float32(FIRST), np.float32(0))
    return row[np.arange(count), lengths] + wrong_first


def _gap_costs(places: npt.NDArray[np.intp]) -> FloatArray:
    """Return for each letter of words `(n, length)` what it costs to be too many, or missing."""
    costs = GAPS[places]
    same = places[:, 1:] == places[:, :-1]
    costs[:, 1:][same] = DOUBLING
    after_s = (places[:, 1:] == _C) & (places[:, :-1] == _S)  # ascites, scissors
    costs[:, 1:][after_s] = SOUND
    return costs

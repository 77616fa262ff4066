"""How far two parts of a score of two notes fall if a sentence is left out: what their openings and their words add.

What stands behind the sentence then moves up into the opening, so this is not only what it adds to it itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from clinsearch.encoder.encoder import Encoder
from clinsearch.records import FloatArray
from clinsearch.retrieval.keywords import Keywords
from clinsearch.storage.port import Snapshot


@dataclass(frozen=True, slots=True, eq=False)
class LeftOut:
    """A note's text, each of its sentences, (n,), and what is left without it: the texts, and their openings' vectors,
    (n, hidden_size). opening: (hidden_size,), the vector of the whole text's.
    """

    text: str
    sentences: Sequence[str]
    texts: Sequence[str]
    opening: FloatArray
    openings: FloatArray


def leave_out_each(snapshot: Snapshot, encoder: Encoder, text: str, places: Sequence[tuple[int, int]]) -> LeftOut:
    """Leave out of a text, in turn, what stands at each of these places; each distinct opening is encoded once."""
    texts = [text[:start] + text[end:] for start, end in places]
    openings = list(map(encoder.opening, [text, *texts]))
    row = {opening: number for number, opening in enumerate(dict.fromkeys(openings))}
    vectors = snapshot.corrected("opening", encoder.encode(list(row), bulk=True))[[row[one] for one in openings]]
    return LeftOut(text, [text[start:end] for start, end in places], texts, vectors[0], vectors[1:])


def falls_of_openings(left: LeftOut, right: LeftOut) -> tuple[FloatArray, FloatArray]:
    """Return how far the cosine of the openings falls without each sentence, (left,) and (right,); zero if it rises."""
    whole = left.opening @ right.opening
    return _fallen(whole, left.openings @ right.opening), _fallen(whole, right.openings @ left.opening)


def falls_of_words(keywords: Keywords, left: LeftOut, right: LeftOut) -> tuple[FloatArray, FloatArray]:
    """Return how far `words` falls without each sentence, (left,) and (right,); zero if it rises.

    keywords: the left note's.
    """
    own, other = (keywords.saturation([side.text]) for side in (left, right))
    weights = keywords.weights_without(left.sentences)
    whole = _words(other @ keywords.weights, own @ keywords.weights)
    of_left = _words(weights @ other[0], (weights * keywords.saturation(left.texts)).sum(axis=1))
    of_right = _words(keywords.saturation(right.texts) @ keywords.weights, own @ keywords.weights)
    return _fallen(whole, of_left), _fallen(whole, of_right)


def _words(scores: FloatArray, most: FloatArray) -> FloatArray:
    words: FloatArray = np.sqrt(scores / np.maximum(np.maximum(scores, most), 1e-9))
    return words


def _fallen(whole: FloatArray, without: FloatArray) -> FloatArray:
    fallen: FloatArray = np.maximum(whole - without, 0)
    return fallen

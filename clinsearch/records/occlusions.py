"""What a score loses with each word of two texts."""

from __future__ import annotations

from dataclasses import dataclass

from clinsearch.records.explanations import Word
from clinsearch.records.notes import FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Occlusion:
    """How far the score of two texts drops without each of their words: a second view, from the input.

    Every word is left out in turn and the text encoded anew, so the transformer's part is seen too; the drops
    do not add up to the score. left_drops, right_drops: (words,), in the order of the words; special tokens,
    which cannot be left out, are not among these.
    """

    score: float
    left: str
    right: str
    left_words: tuple[Word, ...]
    right_words: tuple[Word, ...]
    left_drops: FloatArray
    right_drops: FloatArray

"""The words that are shown of two texts, with their parts of the score: content words, or plainly all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clinsearch.records import FloatArray, TextExplanation, Token, Word
from clinsearch.rendering.accounts import adding_up

# Of words' parts, which are smaller than those of sentences.
DIGITS = 4
IN_COMMON = "what any two sentences here have in common"


@dataclass(frozen=True, slots=True, eq=False)
class Side:
    """One of two texts: what it is called, the words that have a part in the score, and these parts.

    parts: (words,). shown: the same, rounded so that they add up as they stand.
    """

    name: str
    text: str
    tokens: tuple[Token, ...]
    words: tuple[Word, ...]
    parts: NDArray[np.float64]
    shown: tuple[float, ...]

    def pieces(self, word: Word) -> str:
        """Return the wordpieces of a word, apart."""
        return " ".join(self.tokens[position].token for position in word.tokens)


@dataclass(frozen=True, slots=True, eq=False)
class WordShares:
    """Two texts with the shares of pairs of their words, (left, right), which with the background add up to `score`."""

    score: float
    background: float
    left: Side
    right: Side
    shares: FloatArray
    residual: float
    is_raw: bool


@dataclass(frozen=True, slots=True)
class WordLine:
    """A word of the second text, what it adds to the score, and the word of the first by which it does most of all."""

    position: int
    part: float
    word: str
    partner: str


def word_shares(explanation: TextExplanation, names: tuple[str, str], *, raw: bool = False) -> WordShares:
    """Return the words of two texts with their shares: of content words, or, if `raw`, the plain ones of all words."""
    content = explanation.content
    if raw:
        shares, background, residual = explanation.word_contributions, 0.0, explanation.residual
        words = explanation.left_words, explanation.right_words
    else:
        shares, background, residual = content.shares, content.background, explanation.content_residual
        words = _of(explanation.left_words, content.left), _of(explanation.right_words, content.right)
    left, right = (shares.sum(axis=axis, dtype=np.float64) for axis in (1, 0))
    total = round(explanation.score, DIGITS) - round(background, DIGITS)
    shown = [tuple(parts.tolist() if raw else adding_up(parts.tolist(), total, DIGITS)) for parts in (left, right)]
    return WordShares(
        explanation.score,
        background,
        Side(names[0], explanation.left, explanation.left_tokens, words[0], left, shown[0]),
        Side(names[1], explanation.right, explanation.right_tokens, words[1], right, shown[1]),
        shares,
        residual,
        raw,
    )


def word_lines(of: WordShares, most: int) -> tuple[list[WordLine], float]:
    """Return the words of the second text with the largest parts, at most so many, and what all others add."""
    order = np.argsort(-of.right.parts, kind="stable")[:most].tolist()
    lines = [_line(of, at) for at in order]
    return lines, sum(of.right.shown) - sum(line.part for line in lines)


def _line(of: WordShares, at: int) -> WordLine:
    sign = 1 if of.right.parts[at] >= 0 else -1
    partner = of.left.words[int((sign * of.shares[:, at]).argmax())]
    return WordLine(at, of.right.shown[at], of.right.words[at].text, partner.text)


def others_line(count: int) -> str:
    """Say of how many words a sum is."""
    return f"{count:,} other word{'' if count == 1 else 's'}"


def _of(words: Sequence[Word], positions: Sequence[int]) -> tuple[Word, ...]:
    return tuple(words[at] for at in positions)

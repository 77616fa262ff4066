"""Vectors of words in context, linear in the hidden states: a score of two words can be taken apart like any other.

A word's vector is made of two parts: the word itself, the mean of its wordpieces' hidden states two thirds of the
way up the layers, where the senses of a word are told apart best; and its surroundings, the other tokens' last
hidden states, each weighted by exp(-distance / REACH). Both are brought to unit length and laid side by side, so
that the product of two vectors is WORD_SHARE of the words' cosine and the rest of their surroundings'. For the
default model a linear map, learned from public text, then brings both down to fewer dimensions.
What else was tried, and how it did, is in benchmarks/README.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from clinsearch.encoder.checkpoint import DEFAULT_MODEL
from clinsearch.encoder.pooling import unit
from clinsearch.errors import InputError
from clinsearch.records import FloatArray, Token, Word

# Vectors of different recipes cannot be compared: a change of anything here is a new recipe.
WORD_RECIPE = "words-1"
WORD_SHARE = 0.45
REACH = 4.0
MAP_FILE = Path(__file__).parent / "minilm_words.npy"

Spans: TypeAlias = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class TextWords:
    """The words of a text as a collection keeps them.

    token_ids: (tokens,), special tokens left out. lengths: (words,), how many tokens each word has, below zero
    for a word without a letter or a digit, which is not searched for. words: (n, width), a vector for each of
    the other words. pieces: (m, width), one for each token of those that have several.
    """

    token_ids: NDArray[np.uint32]
    lengths: NDArray[np.int32]
    words: FloatArray
    pieces: FloatArray


def word_layer(layers: int) -> int:
    """Return which layer's hidden states stand for the word itself, of a model with so many."""
    return round(2 * layers / 3)


def word_map(model: str) -> FloatArray | None:
    """Return the linear map that goes with a model, (2 * hidden_size, width), if it has one."""
    return _carried_map() if model == DEFAULT_MODEL else None


@cache
def _carried_map() -> FloatArray:
    carried: FloatArray = np.load(MAP_FILE).astype(np.float32)
    carried.flags.writeable = False
    return carried


def words_of(text: str, tokens: Sequence[Token]) -> tuple[Word, ...]:
    """Gather tokens into words; a special token, which stands for no text, is shown by its own name."""
    words: list[Word] = []
    previous: int | None = None
    for position, token in enumerate(tokens):
        if token.word is None:
            words.append(Word(token.token, token.start, token.end, (position,)))
        elif token.word == previous:
            begun = words.pop()
            words.append(Word(text[begun.start : token.end], begun.start, token.end, (*begun.tokens, position)))
        else:
            words.append(Word(text[token.start : token.end], token.start, token.end, (position,)))
        previous = token.word
    return tuple(words)


def is_searchable(word: Word, tokens: Sequence[Token]) -> bool:
    """Tell whether a word is more than punctuation."""
    return tokens[word.tokens[0]].word is not None and any(map(str.isalnum, word.text))


def word_spans(words: Sequence[Word]) -> Spans:
    """Return the first and the last token of each word, (n, 2)."""
    return np.array([(word.tokens[0], word.tokens[-1]) for word in words], dtype=np.int64).reshape(-1, 2)


def piece_spans(words: Sequence[Word]) -> Spans:
    """Return each token of the words that have several as a span of its own, (n, 2)."""
    pieces = [position for word in words if len(word.tokens) > 1 for position in word.tokens]
    return np.array([pieces, pieces], dtype=np.int64).T


def marked_span(tokens: Sequence[Token], start: int, end: int) -> tuple[int, int]:
    """Return the first and the last token between two places of a text. Raises InputError if there is none."""
    inside = [
        position
        for position, token in enumerate(tokens)
        if token.word is not None and token.start < end and token.end > start
    ]
    if not inside:
        raise InputError(f"No word stands at characters {start} to {end} of the text.")
    return inside[0], inside[-1]


@dataclass(frozen=True, slots=True, eq=False)
class WordStates:
    """What vectors of a text's words are made from.

    middle, last: (tokens, hidden_size), its hidden states in the word layer and in the last. special: (tokens,),
    which tokens the tokenizer added. linear_map: see `word_map`.
    """

    middle: FloatArray
    last: FloatArray
    special: NDArray[np.bool_]
    linear_map: FloatArray | None

    def vectors(self, spans: Spans) -> FloatArray:
        """Return the vectors of the words at these spans, (n, width), at unit length."""
        own, near = _weights(spans, self.special)
        sides = np.sqrt(WORD_SHARE) * unit(own @ self.middle), np.sqrt(1 - WORD_SHARE) * unit(near @ self.last)
        return unit(self._mapped(np.concatenate(sides, axis=1)))

    def parts(self, first: int, last: int) -> FloatArray:
        """Return each token's part in the vector of the word from one token to another: the rows sum to it.

        (tokens, width); their sum is not of unit length.
        """
        own, near = _weights(np.array([(first, last)]), self.special)
        middle, around = own.T * self.middle, near.T * self.last
        lengths = [max(float(np.linalg.norm(side.sum(axis=0))), 1e-12) for side in (middle, around)]
        sides = np.sqrt(WORD_SHARE) / lengths[0] * middle, np.sqrt(1 - WORD_SHARE) / lengths[1] * around
        return self._mapped(np.concatenate(sides, axis=1).astype(np.float32))

    def _mapped(self, sides: FloatArray) -> FloatArray:
        mapped: FloatArray = sides if self.linear_map is None else sides @ self.linear_map
        return mapped


def _weights(spans: Spans, special: NDArray[np.bool_]) -> tuple[FloatArray, FloatArray]:
    """Return with which weight each token counts for the words themselves and for their surroundings, (n, tokens).

    A word that stands alone is its own surroundings.
    """
    positions = np.arange(len(special))
    distances = np.maximum(np.maximum(spans[:, :1] - positions, positions - spans[:, 1:]), 0)
    is_own = distances == 0
    own = is_own / is_own.sum(axis=1, keepdims=True)
    near = np.where(is_own | special, 0, np.exp(-distances / REACH))
    near = np.where(near.any(axis=1, keepdims=True), near, own)
    return own.astype(np.float32), near.astype(np.float32)


def text_words(text: str, tokens: Sequence[Token], states: WordStates) -> TextWords:
    """Make what a collection keeps of a text's words."""
    words = [word for word in words_of(text, tokens) if tokens[word.tokens[0]].word is not None]
    searchable = [word for word in words if is_searchable(word, tokens)]
    counts = [len(word.tokens) * (1 if is_searchable(word, tokens) else -1) for word in words]
    return TextWords(
        token_ids=np.array([token.id for token in tokens if token.word is not None], dtype=np.uint32),
        lengths=np.array(counts, dtype=np.int32),
        words=states.vectors(word_spans(searchable)),
        pieces=states.vectors(piece_spans(searchable)),
    )

"""Vectors of words in context, linear in the hidden states: a score of two words can be taken apart like any other.

A word's vector has two parts: the word itself, the mean of its wordpieces' hidden states two thirds of the way up the
layers, where the senses of a word are told apart best; and its surroundings, the other tokens' last hidden states, each
weighted by exp(-distance / REACH). Both are scaled to unit length and concatenated, so that the product of two vectors
is WORD_SHARE times the words' cosine plus the rest times their surroundings'. For the default model a linear map,
learned from public text, then reduces both to fewer dimensions. What else was tried is in benchmarks/README.md.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from clinsearch.encoder.checkpoint import CARRIED, MINILM, WORD_MAP_FILE, Checkpoint
from clinsearch.encoder.pooling import unit
from clinsearch.errors import InputError, ModelError
from clinsearch.records import FloatArray, Token, Word

# Vectors of different recipes cannot be compared: a change of anything here is a new recipe.
WORD_RECIPE = "words-1"
WORD_SHARE = 0.45
REACH = 4.0
# A text of more rows is processed in parts, with this many rows on either side: weights farther away are below the
# precision of float32. All words by all rows of a long text would not fit into memory.
MOST_ROWS = 512
ROWS_PER_PART, ROWS_BESIDE = 256, 128
SHORTEST = 1e-12  # lower bound of lengths, or squared lengths, that are divided by
# The word map of minilm, whose package has none.
MINILM_MAP = CARRIED / MINILM / WORD_MAP_FILE

Spans: TypeAlias = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class TextWords:
    """The words of a text as a collection keeps them.

    token_ids: (tokens,), without special tokens. lengths: (words,), how many tokens each word has, negative for a word
    without a letter or digit, which is not searched for. words: (n, width), a vector for each other word. pieces:
    (m, width), a vector for each token of those with several.
    """

    token_ids: NDArray[np.uint32]
    lengths: NDArray[np.int32]
    words: FloatArray
    pieces: FloatArray


def word_layer(layers: int) -> int:
    """Return the layer whose hidden states stand for the word itself, in a model with this number of layers."""
    return round(2 * layers / 3)


def word_map(checkpoint: Checkpoint) -> FloatArray | None:
    """Return a model's linear map for words, (2 * hidden_size, width), None if it has none."""
    own = checkpoint.folder / WORD_MAP_FILE
    if own.is_file():
        return _read_map(own)
    return _read_map(MINILM_MAP) if checkpoint.name == MINILM else None


@cache
def _read_map(path: Path) -> FloatArray:
    try:
        linear_map: FloatArray = np.load(path).astype(np.float32)
    except (OSError, EOFError, ValueError):
        raise ModelError(f"The map of words at {path} cannot be read. Put the model's own file in its place.") from None
    linear_map.flags.writeable = False
    return linear_map


def words_of(text: str, tokens: Sequence[Token]) -> tuple[Word, ...]:
    """Group tokens into words; a special token, which has no text, is shown by its name."""
    words: list[Word] = []
    for word, of_word in groupby(enumerate(tokens), key=lambda placed: placed[1].word):
        placed = list(of_word)
        if word is None:
            words += (Word(token.token, token.start, token.end, (position,)) for position, token in placed)
        else:
            start, end = placed[0][1].start, placed[-1][1].end
            words.append(Word(text[start:end], start, end, tuple(position for position, _ in placed)))
    return tuple(words)


def is_searchable(word: Word, tokens: Sequence[Token]) -> bool:
    """Tell whether a word is more than punctuation."""
    return tokens[word.tokens[0]].word is not None and any(map(str.isalnum, word.text))


@dataclass(frozen=True, slots=True, eq=False)
class WordLayout:
    """Which tokens make up the words of a text.

    token_ids, lengths: see TextWords. words: (n, 2), the first and last row of each searchable word, special tokens
    counted. pieces: (m, 2), the row, twice, of each token of those with several.
    """

    token_ids: NDArray[np.uint32]
    lengths: NDArray[np.int32]
    words: Spans
    pieces: Spans


def word_layout(text: str, tokens: Sequence[Token]) -> WordLayout:
    """Return the layout of a text's words."""
    words = [word for word in words_of(text, tokens) if tokens[word.tokens[0]].word is not None]
    are_searchable = [is_searchable(word, tokens) for word in words]
    searchable = [word for word, is_one in zip(words, are_searchable, strict=True) if is_one]
    counts = [len(word.tokens) * (1 if is_one else -1) for word, is_one in zip(words, are_searchable, strict=True)]
    return WordLayout(
        token_ids=np.array([token.id for token in tokens if token.word is not None], dtype=np.uint32),
        lengths=np.array(counts, dtype=np.int32),
        words=_spans([(word.tokens[0], word.tokens[-1]) for word in searchable]),
        pieces=_spans([(at, at) for word in searchable if len(word.tokens) > 1 for at in word.tokens]),
    )


def _spans(spans: Sequence[tuple[int, int]]) -> Spans:
    return np.array(spans, dtype=np.int64).reshape(-1, 2)


def marked_span(tokens: Sequence[Token], start: int, end: int) -> tuple[int, int]:
    """Return the first and the last token between two offsets of a text. Raises InputError if there is none."""
    inside = [
        position
        for position, token in enumerate(tokens)
        if token.word is not None and token.start < end and token.end > start
    ]
    if not inside:
        raise InputError(f"No word stands at characters {start} to {end} of the text.")
    return inside[0], inside[-1]


def word_vectors(
    middle: FloatArray,
    last: FloatArray,
    special: NDArray[np.bool_],
    spans: Sequence[Spans],
    linear_map: FloatArray | None,
) -> FloatArray:
    """Return the vectors of the words of a batch of texts, (n, width), at unit length: text by text, span by span.

    middle, last: (batch, width, hidden_size), hidden states after the word layer and after the last. special: (batch,
    width), which rows are tokens that the tokenizer added, or padding. spans: (words, 2) for each text.
    """
    if middle.shape[1] <= MOST_ROWS:
        return _vectors(middle, last, special, spans, linear_map)
    width = 2 * middle.shape[2] if linear_map is None else linear_map.shape[1]
    found = [np.empty((0, width), dtype=np.float32)]
    for text, of_text in enumerate(spans):
        for rows, of_part in _parts(of_text, middle.shape[1]):
            here = (slice(text, text + 1), rows)
            found.append(_vectors(middle[here], last[here], special[here], [of_part - rows.start], linear_map))
    return np.concatenate(found)


def _parts(spans: Spans, rows: int) -> Iterator[tuple[slice, Spans]]:
    """Split a text's spans into runs of nearby ones, each with the rows that its vectors depend on."""
    begun = 0
    places = spans.tolist()
    for at in range(1, len(places) + 1):
        start, end = places[begun][0], max(places[begun][0] + ROWS_PER_PART, places[begun][1] + 1)
        if at == len(places) or not start <= places[at][0] <= places[at][1] < end:
            around = slice(max(0, start - ROWS_BESIDE), min(rows, places[at - 1][1] + 1 + ROWS_BESIDE))
            yield around, spans[begun:at]
            begun = at


def _vectors(
    middle: FloatArray,
    last: FloatArray,
    special: NDArray[np.bool_],
    spans: Sequence[Spans],
    linear_map: FloatArray | None,
) -> FloatArray:
    counts = [len(of_text) for of_text in spans]
    own, near = _weights(np.concatenate(spans), np.repeat(special, counts, axis=0))
    ends = np.cumsum(counts)
    texts = [slice(end - count, end) for end, count in zip(ends, counts, strict=True)]
    own *= np.sqrt(np.float32(WORD_SHARE)) / _lengths(own, middle, texts)
    near *= np.sqrt(np.float32(1 - WORD_SHARE)) / _lengths(near, last, texts)
    if linear_map is None:
        return unit(np.concatenate([_sums(own, middle, texts), _sums(near, last, texts)], axis=1))
    # Tokens are mapped first, so that the sums are over fewer dimensions.
    upper, lower = np.split(linear_map, 2)
    return unit(_sums(own, _mapped(middle, upper), texts) + _sums(near, _mapped(last, lower), texts))


def _sums(weights: FloatArray, states: FloatArray, texts: Sequence[slice]) -> FloatArray:
    """Return the weighted sums of each text's rows, (n, width); weights: (n, rows), a text's in its slice."""
    sums = np.empty((len(weights), states.shape[2]), dtype=np.float32)
    for text, of_text in zip(texts, states, strict=True):
        np.matmul(weights[text], of_text, out=sums[text])
    return sums


def _lengths(weights: FloatArray, states: FloatArray, texts: Sequence[slice]) -> FloatArray:
    """Return the lengths of the weighted sums, (n, 1), from the products of rows: w G w for each sum's weights w."""
    if states.shape[1] > MOST_ROWS:  # a single word of so many rows
        sums: FloatArray = np.linalg.norm(_sums(weights, states, texts), axis=1, keepdims=True)
        return np.maximum(sums, np.sqrt(np.float32(SHORTEST)))
    squares = np.empty((len(weights), 1), dtype=np.float32)
    for text, of_text in zip(texts, states, strict=True):
        squares[text, 0] = np.einsum("nt,nt->n", weights[text] @ (of_text @ of_text.T), weights[text])
    lengths: FloatArray = np.sqrt(np.maximum(squares, SHORTEST))
    return lengths


def split_words(layouts: Sequence[WordLayout], vectors: FloatArray) -> list[TextWords]:
    """Split vectors, (n, width), by text: each text's words, then its pieces."""
    ends = np.cumsum([len(layout.words) + len(layout.pieces) for layout in layouts])
    found = []
    for layout, of_text in zip(layouts, np.split(vectors, ends[:-1]), strict=True):
        words, pieces = np.split(of_text, [len(layout.words)])
        found.append(TextWords(layout.token_ids, layout.lengths, words, pieces))
    return found


@dataclass(frozen=True, slots=True, eq=False)
class WordStates:
    """What vectors of a text's words are made from.

    middle, last: (tokens, hidden_size), its hidden states after the word layer and after the last. special: (tokens,),
    which tokens the tokenizer added. linear_map: see `word_map`.
    """

    middle: FloatArray
    last: FloatArray
    special: NDArray[np.bool_]
    linear_map: FloatArray | None

    def parts(self, first: int, last: int) -> FloatArray:
        """Return each token's part in the vector of the word from token `first` to `last`, (tokens, width).

        The parts sum to that vector, before it is scaled to unit length.
        """
        own, near = _weights(_spans([(first, last)]), self.special[None])
        middle, around = own.T * self.middle, near.T * self.last
        lengths = [max(float(np.linalg.norm(side.sum(axis=0))), SHORTEST) for side in (middle, around)]
        sides = np.sqrt(WORD_SHARE) / lengths[0] * middle, np.sqrt(1 - WORD_SHARE) / lengths[1] * around
        parts: FloatArray = np.concatenate(sides, axis=1).astype(np.float32)
        return parts if self.linear_map is None else _mapped(parts, self.linear_map)


def _mapped(states: FloatArray, linear_map: FloatArray) -> FloatArray:
    """Map states (..., hidden_size), in one product for all."""
    mapped: FloatArray = states.reshape(-1, states.shape[-1]) @ linear_map
    return mapped.reshape(*states.shape[:-1], -1)


def _weights(spans: Spans, special: NDArray[np.bool_]) -> tuple[FloatArray, FloatArray]:
    """Return the weight of each row for words themselves and for their surroundings, (n, rows) each.

    special: (n, rows). A word that is alone is its own surroundings.
    """
    rows = np.arange(special.shape[1])
    distances = np.maximum(np.maximum(spans[:, :1] - rows, rows - spans[:, 1:]), 0)
    is_own = distances == 0
    own = is_own / is_own.sum(axis=1, keepdims=True)
    near = np.where(is_own | special, 0, np.exp(-distances / REACH))
    near = np.where(near.any(axis=1, keepdims=True), near, own)
    return own.astype(np.float32), near.astype(np.float32)

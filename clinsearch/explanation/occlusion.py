"""Leave-one-word-out: what the score of two texts loses with each of their words, by encoding anew."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np

from clinsearch.encoder.correction import Correction
from clinsearch.encoder.encoder import Encoder
from clinsearch.encoder.words import words_of
from clinsearch.errors import InputError
from clinsearch.records import FloatArray, Occlusion, Word

# Enough for full batches through the encoder; of a long text there is a copy for each.
TEXTS_AT_ONCE = 256
# Each costs as long as the whole text.
MOST_WORDS = 2000


# From texts to vectors (n, hidden_size), of an encoder or corrected as a collection's are.
Encode = Callable[[Sequence[str]], FloatArray]


def occlude_texts(encoder: Encoder, left: str, right: str, correction: Correction | None = None) -> Occlusion:
    """Leave every word of two texts out in turn, and see how far their score drops: one encoding a word.

    Raises InputError for texts of so many words that it would take hours.
    """
    left_words, right_words = _written_words(encoder, left), _written_words(encoder, right)
    if (words := len(left_words) + len(right_words)) > MOST_WORDS:
        raise InputError(
            f"{words:,} words are too many to leave out one after another; at most {MOST_WORDS:,} are. "
            "Explain shorter texts, or by --method shares."
        )

    def encode(texts: Sequence[str]) -> FloatArray:
        vectors = encoder.encode(texts)
        return correction.applied(vectors) if correction else vectors

    left_vector, right_vector = encode([left, right])
    score = float(left_vector @ right_vector)
    return Occlusion(
        score=score,
        left=left,
        right=right,
        left_words=left_words,
        right_words=right_words,
        left_drops=score - _scores_without(encode, left, left_words, right_vector),
        right_drops=score - _scores_without(encode, right, right_words, left_vector),
    )


def without(text: str, words: Iterable[Word]) -> str:
    """Take words out of a text; what stood on either side of one is neither run together nor two blanks apart."""
    kept, at = [], 0
    for word in sorted(words, key=lambda word: word.start):
        kept.append(text[at : word.start].strip())
        at = word.end
    kept.append(text[at:].strip())
    return " ".join(filter(None, kept))


def _written_words(encoder: Encoder, text: str) -> tuple[Word, ...]:
    """Return the words that stand in the text itself, so that they can be left out."""
    tokens = encoder.tokenizer.tokens(text)
    return tuple(word for word in words_of(text, tokens) if tokens[word.tokens[0]].word is not None)


def _scores_without(encode: Encode, text: str, words: Sequence[Word], other: FloatArray) -> FloatArray:
    scores = np.empty(len(words), dtype=np.float32)
    for start in range(0, len(words), TEXTS_AT_ONCE):
        left_out = words[start : start + TEXTS_AT_ONCE]
        vectors = encode([without(text, [word]) for word in left_out])
        scores[start : start + len(left_out)] = vectors @ other
    return scores

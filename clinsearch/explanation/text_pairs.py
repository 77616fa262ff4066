"""Two texts: their tokens' shares of their cosine, and the words that these make up."""

from __future__ import annotations

import numpy as np

from clinsearch.encoder.correction import Correction
from clinsearch.encoder.encoder import Encoder
from clinsearch.encoder.words import words_of
from clinsearch.errors import InputError
from clinsearch.explanation.content import content_shares
from clinsearch.records import FloatArray, TextEmbedding, TextExplanation
from clinsearch.records.explanations import block_sums

# Of tokens, or of sentences: each has its share, and several tables are made of these.
MOST_PAIRS = 16_000_000


def require_few_pairs(left: int, right: int) -> None:
    """Raise InputError for so many pairs that their shares would not fit into memory."""
    if left * right > MOST_PAIRS:
        raise InputError(
            f"{left:,} by {right:,} parts are too many to take apart; at most {MOST_PAIRS:,} pairs are. "
            "Explain shorter texts."
        )


def explain_texts(
    encoder: Encoder,
    left: str,
    right: str,
    correction: Correction | None = None,
    mean: FloatArray | None = None,
) -> TextExplanation:
    """Explain the cosine of two texts; with a collection's `correction` of sentences, of their corrected vectors.

    mean: (hidden_size,), of the collection's sentences; what is near to it is what any two have in common.

    Raises InputError for texts of so many tokens that their pairs would not fit into memory.
    """
    require_few_pairs(*map(len, encoder.tokenizer.ids([left, right])))
    return explain_embeddings(encoder.embed(left, correction), encoder.embed(right, correction), mean)


def explain_embeddings(left: TextEmbedding, right: TextEmbedding, mean: FloatArray | None = None) -> TextExplanation:
    """Take the cosine of two embedded texts apart; nothing is encoded any more."""
    lengths = np.linalg.norm(left.parts.sum(axis=0)) * np.linalg.norm(right.parts.sum(axis=0))
    shares = left.parts @ right.parts.T / max(lengths, np.finfo(np.float32).tiny)
    left_words, right_words = words_of(left.text, left.tokens), words_of(right.text, right.tokens)
    return TextExplanation(
        score=float(left.vector @ right.vector),
        left=left.text,
        right=right.text,
        left_tokens=left.tokens,
        right_tokens=right.tokens,
        left_words=left_words,
        right_words=right_words,
        contributions=shares,
        word_contributions=block_sums(shares, left_words, right_words),
        content=content_shares(left, right, (left_words, right_words), mean),
    )

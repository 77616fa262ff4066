"""Two texts: their tokens' shares of their cosine, and the words that these make up."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from clinsearch.encoder.encoder import Encoder
from clinsearch.records import TextEmbedding, TextExplanation, Token, Word
from clinsearch.records.explanations import block_sums


def explain_texts(encoder: Encoder, left: str, right: str) -> TextExplanation:
    """Explain the cosine of two texts."""
    left_embedding, right_embedding = encoder.embed(left), encoder.embed(right)
    score = float(left_embedding.vector @ right_embedding.vector)
    return explain_embeddings(left_embedding, right_embedding, score)


def explain_embeddings(left: TextEmbedding, right: TextEmbedding, score: float) -> TextExplanation:
    """Take the score of two embedded texts apart; nothing is encoded any more."""
    lengths = np.linalg.norm(left.parts.sum(axis=0)) * np.linalg.norm(right.parts.sum(axis=0))
    shares = left.parts @ right.parts.T / max(lengths, np.finfo(np.float32).tiny)
    left_words, right_words = words_of(left.text, left.tokens), words_of(right.text, right.tokens)
    return TextExplanation(
        score=float(score),
        left=left.text,
        right=right.text,
        left_tokens=left.tokens,
        right_tokens=right.tokens,
        left_words=left_words,
        right_words=right_words,
        contributions=shares,
        word_contributions=block_sums(shares, left_words, right_words),
    )


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

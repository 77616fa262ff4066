"""Shares of content words: what function words and special tokens hold is handed on to the words of their own text.

Hidden states are diffuse: half of a cosine stands at "the", full stops and special tokens, which have taken in what
their text says. Taken out, the words found here lower the score further than those with the largest plain shares, and
than those found by leaving each word out in turn; see benchmarks/README.md.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from clinsearch.language.terms import terms_of
from clinsearch.records import FloatArray, TextEmbedding, Token, Word
from clinsearch.records.explanations import ContentShares, block_sums
from clinsearch.retrieval.keywords import STOP_TERMS
from clinsearch.storage.port import Snapshot
from clinsearch.storage.values import Kind

# Stop words of a search that say what is so, or is not.
SAYING_WHETHER = frozenset({"no", "not", "nor", "denied", "denies", "deny", "denying"})
# Means are of at most so many vectors.
SAMPLED = 4096


def content_shares(
    left: TextEmbedding, right: TextEmbedding, words: tuple[Sequence[Word], Sequence[Word]], mean: FloatArray | None
) -> ContentShares:
    """Take the cosine of two texts apart into what any two have in common and the shares of their content words.

    words: those of either text. mean: (width,), of the collection's vectors; without it nothing is in common.
    """
    one, other = (_normal(embedding.parts) for embedding in (left, right))
    shares = one @ other.T
    background = 0.0
    if mean is not None:
        of_one, of_other = one @ mean / 2, other @ mean / 2
        shares = shares - of_one[:, None] / len(other) - of_other / len(one)
        background = float(of_one.sum() + of_other.sum())
    by_words = block_sums(shares, *words)
    is_content = [_content(side, of_text) for side, of_text in zip((left, right), words, strict=True)]
    parts = [by_words.sum(axis=1), by_words.sum(axis=0)]
    handed = _handed_on(by_words, parts[0], is_content[0])
    handed = _handed_on(handed.T, parts[1], is_content[1]).T
    of_left, of_right = (tuple(np.flatnonzero(one).tolist()) for one in is_content)
    return ContentShares(background, of_left, of_right, handed.astype(np.float32))


def mean_vector(snapshot: Snapshot, kind: Kind) -> FloatArray:
    """Return the mean, (hidden_size,), of a kind's vectors, or of some of them, the same each time."""
    keys = snapshot.catalog.all_keys(kind)
    some = np.unique(np.linspace(0, len(keys) - 1, min(SAMPLED, len(keys))).astype(np.int64))
    mean: FloatArray = snapshot.vectors_of(kind, keys[some]).mean(axis=0)
    return mean


def _handed_on(
    shares: NDArray[np.float64], parts: NDArray[np.float64], is_content: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """Hand the rows of other words on to those of content words, in proportion to the parts of these, (words,)."""
    weights = np.where(is_content, np.maximum(parts, 0), 0)
    weights = weights if weights.sum() > 0 else is_content.astype(np.float64)
    others = shares[~is_content].sum(axis=0)
    return shares[is_content] + np.outer(weights[is_content] / weights.sum(), others)


def _content(embedding: TextEmbedding, words: Sequence[Word]) -> NDArray[np.bool_]:
    """Tell which words say something, (words,); where none does, which are words at all."""
    found = np.array([_says_something(word, embedding.tokens) for word in words])
    return found if found.any() else np.ones(len(words), dtype=bool)


def _says_something(word: Word, tokens: Sequence[Token]) -> bool:
    if tokens[word.tokens[0]].word is None:
        return False
    terms = terms_of(word.text)
    return word.text.lower() in SAYING_WHETHER or any(term not in STOP_TERMS for term in terms)


def _normal(parts: FloatArray) -> NDArray[np.float64]:
    """Scale tokens' parts, (tokens, width), so that their sum has length one."""
    length = float(np.linalg.norm(parts.sum(axis=0)))
    normal: NDArray[np.float64] = parts.astype(np.float64) / max(length, float(np.finfo(np.float32).tiny))
    return normal

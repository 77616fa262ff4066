"""Pools the hidden states of a text's tokens into one vector, and gives each token's part in it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, TypeAlias, get_args

import numpy as np
from numpy.typing import NDArray

from clinsearch.errors import ModelError
from clinsearch.records import FloatArray

Pooling: TypeAlias = Literal["mean", "mean-without-special", "cls", "max"]
POOLINGS: tuple[Pooling, ...] = get_args(Pooling)


def as_pooling(name: str) -> Pooling:
    """Return the pooling of that name. Raises ModelError."""
    for pooling in POOLINGS:
        if name == pooling:
            return pooling
    raise ModelError(f"No pooling is called {name}. There are: {', '.join(POOLINGS)}.")


def _pooled(
    states: FloatArray, special: NDArray[np.bool_], is_token: NDArray[np.bool_], pooling: Pooling
) -> FloatArray:
    """Pool the last hidden states of a batch of texts, (batch, width, hidden_size), to a vector each, not normalised.

    `special`, `is_token`: (batch, width), which rows are tokens that the tokenizer added, and which are not padding.
    """
    if pooling == "cls":
        first: FloatArray = states[:, 0]
        return first
    if pooling == "max":
        highest: FloatArray = states.max(axis=1, where=is_token[:, :, None], initial=-np.inf)
        return highest
    weights = is_token & ~special if pooling == "mean-without-special" else is_token
    summed: FloatArray = np.matmul(weights[:, None, :].astype(np.float32), states)[:, 0]
    return summed


class PooledTexts:
    """The vectors of texts, (texts, hidden_size), pooled window by window, without holding all states of a text."""

    def __init__(self, texts: int, hidden_size: int, pooling: Pooling) -> None:
        nothing = -np.inf if pooling == "max" else 0
        self._vectors = np.full((texts, hidden_size), nothing, dtype=np.float32)
        self._pooling: Pooling = pooling

    def add(
        self,
        texts: Sequence[int],
        states: FloatArray,
        special: NDArray[np.bool_],
        is_own: NDArray[np.bool_],
        shares: Sequence[float] | None = None,
    ) -> None:
        """Add windows, (batch, width, hidden_size), each to its text.

        special, is_own: (batch, width), which rows are tokens that the tokenizer added, and which ones the window owns.
        shares: each window's share of its text; by default all of it.
        """
        found = _pooled(states, special, is_own, self._pooling)
        if self._pooling == "max":
            np.maximum.at(self._vectors, texts, found)
        else:
            if shares is not None and self._pooling == "cls":
                found = found * np.array(shares, dtype=np.float32)[:, None]
            np.add.at(self._vectors, texts, found)

    def vectors(self) -> FloatArray:
        """Return the vectors at unit length."""
        return unit(np.nan_to_num(self._vectors, neginf=0.0))


def pooled_shares(last_hidden_state: FloatArray, special: NDArray[np.bool_], pooling: Pooling) -> FloatArray:
    """Return each token's share of each dimension of the pooled vector, (tokens, 1 or hidden_size).

    `special`: (tokens,), which tokens the tokenizer added. Under `max` a dimension belongs to the token
    that holds its maximum.
    """
    if pooling == "max":
        shares = np.zeros_like(last_hidden_state)
        shares[last_hidden_state.argmax(axis=0), np.arange(last_hidden_state.shape[1])] = 1
        return shares
    return pooling_weights(special, pooling)[:, None]


def pooling_weights(special: NDArray[np.bool_], pooling: Pooling) -> FloatArray:
    """Return the weight of each token in a linear pooling, (tokens,), summing to one, or to zero without tokens."""
    weights = np.ones(len(special), dtype=np.float32)
    if pooling == "cls":
        weights[1:] = 0
    elif pooling == "mean-without-special":
        weights[special] = 0
    shares: FloatArray = weights / max(weights.sum(), np.float32(1))
    return shares


def unit(vectors: FloatArray) -> FloatArray:
    """Scale vectors (..., hidden_size) to unit length; a vector of zeros stays as it is."""
    norms = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return (vectors / np.where(norms > 0, norms, 1)).astype(np.float32)

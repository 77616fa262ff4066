"""What every engine does: run batches of tokens through a transformer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Literal, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from clinsearch.records import FloatArray

EngineName: TypeAlias = Literal["auto", "openvino", "torch"]
TokenBatch: TypeAlias = tuple[NDArray[np.int64], NDArray[np.int64]]
# (batch, width, hidden_size) each.
LayerStates: TypeAlias = Sequence[FloatArray]


class Engine(Protocol):
    """Runs batches: token ids and attention mask, (batch, width) each.

    Runs in float32. `bulk` asks for the fastest precision on this machine; its vectors have a cosine of at least 0.999
    with those in float32.
    """

    name: EngineName
    tokens_per_batch: int

    @property
    def parameters(self) -> int:
        """How many weights the transformer has."""
        ...

    def runs(self, layers: Sequence[int]) -> bool:
        """Tell whether it can give the hidden states after these layers."""
        ...

    def run(self, batches: Iterable[TokenBatch], layers: Sequence[int], *, bulk: bool) -> Iterator[LayerStates]:
        """Yield each batch's hidden states after each of the layers, valid until the next batch's."""
        ...

    def static_vectors(self) -> FloatArray:
        """Return the embedding matrix, (vocab_size, hidden_size)."""
        ...

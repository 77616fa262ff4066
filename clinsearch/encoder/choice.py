"""What runs batches of tokens through a transformer, and which one this machine has for a checkpoint."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Literal, Protocol, TypeAlias, get_args

import numpy as np
from numpy.typing import NDArray

from clinsearch.encoder.checkpoint import Checkpoint
from clinsearch.encoder.prepared import ModelFacts, Preparation
from clinsearch.errors import ModelError
from clinsearch.records import FloatArray

EngineName: TypeAlias = Literal["auto", "openvino", "torch"]
TokenBatch: TypeAlias = tuple[NDArray[np.int64], NDArray[np.int64]]
# (batch, width, hidden_size) each.
LayerStates: TypeAlias = Sequence[FloatArray]


class Engine(Protocol):
    """Runs batches: token ids and attention mask, (batch, width) each.

    `bulk` asks for the precision that is fastest here, whose vectors have a cosine of at least 0.999 to those of
    float32, which is what there is without it.
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
        """Give for each batch its hidden states after each of the layers, to use before the next batch's."""
        ...

    def static_vectors(self) -> FloatArray:
        """Return the embedding matrix, (vocab_size, hidden_size)."""
        ...


def open_engine(checkpoint: Checkpoint, facts: ModelFacts, *, name: EngineName, device: str) -> Engine:
    """Open the engine of that name, or with `auto` the fastest that there is. Raises ModelError.

    A GPU is for torch; on a CPU OpenVINO is several times as fast, where it is installed and takes the model.
    """
    if name not in get_args(EngineName):
        raise ModelError(f"No engine is called {name}. There are: {', '.join(get_args(EngineName))}.")
    device = _best_device() if device == "auto" else device
    if name != "torch" and device == "cpu":
        from clinsearch.encoder.openvino_engine import open_openvino

        if engine := open_openvino(checkpoint, facts, Preparation(checkpoint)):
            return engine
    if name == "openvino":
        raise ModelError(f"OpenVINO is not installed or does not run {checkpoint.name} on {device}.")
    return open_torch(checkpoint, device)


def open_torch(checkpoint: Checkpoint, device: str = "cpu") -> Engine:
    """Open the reference, which can look into every layer. Raises ModelError."""
    from clinsearch.encoder.torch_engine import TorchEngine

    return TorchEngine(checkpoint, device)


def _best_device() -> str:
    """Return where to run; torch, which takes a second to import, is only asked where there may be a GPU."""
    if not Path("/dev/nvidiactl").exists():
        return "cpu"
    import torch

    return "cuda" if torch.cuda.is_available() else "cpu"

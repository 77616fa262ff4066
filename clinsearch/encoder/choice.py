"""Which engine this machine has for a checkpoint."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

from clinsearch.encoder.checkpoint import Checkpoint
from clinsearch.encoder.loading import require_room_for_torch
from clinsearch.encoder.prepared import ModelFacts, Preparation
from clinsearch.encoder.protocol import Engine, EngineName
from clinsearch.errors import ModelError
from clinsearch.memory import require_memory

# The libraries of the smallest engine with an arena for its threads, and how many times its weights a model takes while
# it is loaded, at the least.
ENGINE_BYTES, TIMES_WEIGHTS = 300 << 20, 3


def require_room(checkpoint: Checkpoint) -> None:
    """Raise NotEnoughMemory where a limit leaves no room for a model. Engines that meet it end in many ways."""
    weights = sum(path.stat().st_size for path in checkpoint.weights)
    require_memory(ENGINE_BYTES + TIMES_WEIGHTS * weights, f"load the model {checkpoint.name}")


def open_engine(checkpoint: Checkpoint, facts: ModelFacts, *, name: EngineName, device: str) -> Engine:
    """Open the engine of that name, or with `auto` the fastest available. Raises ModelError.

    On a GPU that is torch; on a CPU OpenVINO is several times as fast, if it is installed and can run the model.
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
    """Open the reference engine, which gives the states of every layer. Raises ModelError, NotEnoughMemory."""
    require_room_for_torch()
    from clinsearch.encoder.torch_engine import TorchEngine

    return TorchEngine(checkpoint, device)


def _best_device() -> str:
    """Return the device to run on; imports torch, which takes a second, only if there may be a GPU."""
    if not Path("/dev/nvidiactl").exists():
        return "cpu"
    import torch

    return "cuda" if torch.cuda.is_available() else "cpu"

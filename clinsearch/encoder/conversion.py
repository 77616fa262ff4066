"""Converts a transformer to OpenVINO, and tells unsupported models from passing faults of the machine."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from clinsearch.memory import SIGNS_OF_FULL_MEMORY

if TYPE_CHECKING:
    from clinsearch.encoder.torch_engine import TorchEngine


def converted(reference: TorchEngine, layers: Sequence[int]) -> Any:
    """Convert a model to OpenVINO, in memory only; None if the converter does not support it."""
    import torch

    class SomeLayers(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.model = reference.model

        def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> tuple[torch.Tensor, ...]:
            output = self.model(input_ids=input_ids, attention_mask=attention_mask, output_hidden_states=True)
            return tuple(output.hidden_states[layer] for layer in layers)

    from clinsearch.encoder.loading import quiet

    before = sys.exception()
    example = {name: torch.ones(2, 8, dtype=torch.long) for name in ("input_ids", "attention_mask")}
    with without("openvino_telemetry"), quiet(), warnings.catch_warnings(action="ignore"):
        from openvino.tools.ovc import convert_model

        try:
            return convert_model(SomeLayers(), example_input=example)
        except Exception as error:  # an unsupported model raises any type
            if _is_passing(error, before):
                raise
            return None


def _is_passing(error: BaseException | None, before: BaseException | None) -> bool:
    """Tell whether an error, or one of its causes, comes from the state of the machine, not from the model.

    before: the exception being handled when the work began, which is not a cause.
    """
    if error is None or error is before:
        return False
    is_of_memory = any(sign in str(error).lower() for sign in SIGNS_OF_FULL_MEMORY)
    is_of_machine = isinstance(error, MemoryError | OSError | ImportError)
    return is_of_machine or is_of_memory or _is_passing(error.__cause__ or error.__context__, before)


@contextmanager
def without(*modules: str) -> Iterator[None]:
    """Make imports of these modules fail, as if they were not installed."""
    there = {name: sys.modules.get(name) for name in modules}
    sys.modules.update(dict.fromkeys(modules))  # type: ignore[arg-type]
    try:
        yield
    finally:
        for name, module in there.items():
            if module is None:
                del sys.modules[name]
            else:
                sys.modules[name] = module

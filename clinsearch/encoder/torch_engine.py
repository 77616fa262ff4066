"""The reference engine: torch, any layer, in float32; on a GPU, in bulk, in bfloat16."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence

import torch

from clinsearch.encoder.checkpoint import Checkpoint
from clinsearch.encoder.loading import load_model
from clinsearch.encoder.protocol import EngineName, LayerStates, TokenBatch
from clinsearch.records import FloatArray

# Measured on two cores: larger batches do not fit into the processor's cache and are slower.
TOKENS_PER_BATCH_ON_CPU = 2048
TOKENS_PER_BATCH_ON_GPU = 32768


class TorchEngine:
    """Holds the model's weights, frozen; safe to use from several threads."""

    name: EngineName = "torch"

    def __init__(self, checkpoint: Checkpoint, device: str) -> None:
        self._device = torch.device(device)
        self.model = load_model(checkpoint, self._device)
        self._on_cpu = self._device.type == "cpu"
        self.tokens_per_batch = TOKENS_PER_BATCH_ON_CPU if self._on_cpu else TOKENS_PER_BATCH_ON_GPU

    @property
    def parameters(self) -> int:
        """How many weights the transformer has."""
        return sum(weights.numel() for weights in self.model.parameters())

    def runs(self, layers: Sequence[int]) -> bool:
        """Tell whether it can give the hidden states after these layers: always."""
        return True

    def run(self, batches: Iterable[TokenBatch], layers: Sequence[int], *, bulk: bool) -> Iterator[LayerStates]:
        """Yield each batch's hidden states after each of the layers."""
        ahead = 0 if self._on_cpu else 1  # a GPU works on the next batch while this one is used
        running: deque[list[torch.Tensor]] = deque()
        for batch in batches:
            running.append(self._started(batch, layers, bulk))
            if len(running) > ahead:
                yield _finished(running.popleft())
        yield from map(_finished, running)

    def static_vectors(self) -> FloatArray:
        """Return the embedding matrix, (vocab_size, hidden_size)."""
        matrix: FloatArray = self.model.get_input_embeddings().weight.numpy(force=True)  # type: ignore[operator]
        return matrix

    def _started(self, batch: TokenBatch, layers: Sequence[int], bulk: bool) -> list[torch.Tensor]:
        input_ids, mask = (torch.from_numpy(part).to(self._device, non_blocking=True) for part in batch)
        is_reduced = bulk and not self._on_cpu
        with torch.inference_mode(), torch.autocast(self._device.type, torch.bfloat16, enabled=is_reduced):
            output = self.model(input_ids=input_ids, attention_mask=mask, output_hidden_states=True)
            return [output.hidden_states[layer] for layer in layers]


def _finished(states: list[torch.Tensor]) -> LayerStates:
    return [of_layer.float().numpy(force=True) for of_layer in states]

"""What a model is made of, read from the model itself."""

from __future__ import annotations

from clinsearch.encoder.encoder import Encoder
from clinsearch.records.inspection import ModelDescription

ROWS_SHOWN = 3


def describe(encoder: Encoder) -> ModelDescription:
    """Say what a model is made of."""
    matrix = encoder.embedding_matrix
    return ModelDescription(
        model=encoder.checkpoint.name,
        folder=str(encoder.checkpoint.folder),
        fingerprint=encoder.fingerprint(),
        pooling=encoder.pooling,
        max_tokens=encoder.max_tokens,
        parameters=encoder.parameters,
        num_hidden_layers=encoder.num_hidden_layers,
        num_attention_heads=encoder.num_attention_heads,
        embedding_matrix=(matrix.shape[0], matrix.shape[1]),
        embedding_slice=tuple((*row[:3], *row[-3:]) for row in matrix[:ROWS_SHOWN].tolist()),
        config=encoder.config,
    )

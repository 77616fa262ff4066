"""Loads a checkpoint's tokenizer and transformer with `transformers`: from its folder, never from a network."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from clinsearch.encoder.checkpoint import Checkpoint
from clinsearch.errors import ModelError, NotEnoughMemory
from clinsearch.memory import is_near_limit, lacks_memory, require_memory, shortage

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel

NO_LIMIT = 10**30
# Only from the folder; and code that comes with a model is never run.
OFFLINE: dict[str, Any] = {"local_files_only": True, "trust_remote_code": False}
# What torch and transformers take when they are imported; where they cannot get it the C library ends the process.
TORCH_BYTES = 520 << 20


def require_room_for_torch() -> None:
    """Raise NotEnoughMemory where a limit leaves no room for torch, unless that is there already."""
    if "torch" not in sys.modules:
        require_memory(TORCH_BYTES, "load torch")


def load_tokenizer(checkpoint: Checkpoint) -> tuple[Any, int]:
    """Load the tokenizer; return it without its length limit, and that limit in tokens."""
    require_room_for_torch()
    from transformers import AutoTokenizer

    with quiet(), _refusing(checkpoint, "tokenizer"):
        tokenizer = AutoTokenizer.from_pretrained(checkpoint.folder, config=load_config(checkpoint), **OFFLINE)
    if not tokenizer.is_fast:
        raise ModelError(f"{checkpoint.name} has a tokenizer that cannot give offsets; clinsearch needs them.")
    limit = tokenizer.model_max_length
    tokenizer.model_max_length = NO_LIMIT
    return tokenizer, limit


def load_model(checkpoint: Checkpoint, device: torch.device) -> PreTrainedModel:
    """Load the transformer frozen, in float32 and evaluation mode; a pickle is read by the weights-only loader."""
    import torch
    from transformers import AutoModel

    with quiet(), _refusing(checkpoint, "weights"):
        model, report = AutoModel.from_pretrained(
            checkpoint.folder,
            config=load_config(checkpoint),
            **OFFLINE,
            use_safetensors=checkpoint.safetensors,
            weights_only=True,
            dtype=torch.float32,
            output_loading_info=True,
        )
    # A pooling head for another task is not used here, so its weights may be missing.
    missing = [key for key in report["missing_keys"] if not key.startswith("pooler.")]
    if missing:
        raise ModelError(f"{checkpoint.name} lacks {len(missing)} of its weights, {missing[0]} among them.")
    frozen: PreTrainedModel = model.requires_grad_(False).eval().to(device)
    return frozen


def token_limit(checkpoint: Checkpoint, tokenizer_limit: int, config: Any) -> int:
    """Return how many tokens, special ones included, the transformer takes at once."""
    limits = [tokenizer_limit]
    positions = getattr(config, "max_position_embeddings", None)
    if positions:
        # RoBERTa models number positions from the padding id on.
        reserved = (config.pad_token_id or 0) + 1 if "roberta" in config.model_type else 0
        limits.append(positions - reserved)
    if checkpoint.max_tokens:
        limits.append(checkpoint.max_tokens)
    return min(limits)


def load_config(checkpoint: Checkpoint) -> Any:
    """Read the model's config; an old one that names no architecture is BERT's if there is a vocab.txt."""
    from transformers import AutoConfig, BertConfig, PretrainedConfig

    named, _ = PretrainedConfig.get_config_dict(checkpoint.folder, **OFFLINE)
    kind: Any = AutoConfig
    if "model_type" not in named and (checkpoint.folder / "vocab.txt").is_file():
        kind = BertConfig
    return kind.from_pretrained(checkpoint.folder, **OFFLINE)


@contextmanager
def quiet() -> Iterator[None]:
    """Keep transformers' progress bars and advice off the user's terminal while it works."""
    from transformers.utils import logging as untyped_logging

    logging: Any = untyped_logging

    verbosity, had_bar = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.set_verbosity(verbosity)
        if had_bar:
            logging.enable_progress_bar()


@contextmanager
def _refusing(checkpoint: Checkpoint, what: str) -> Iterator[None]:
    """Turn whatever `transformers` raises for a broken checkpoint into a one-line ModelError."""
    try:
        yield
    except Exception as error:
        if lacks_memory(error) or is_near_limit():
            raise NotEnoughMemory(shortage(f"to load the {what} of {checkpoint.name}")) from error
        reason = (str(error).strip().splitlines() or [""])[0]
        raise ModelError(
            f"The {what} of {checkpoint.name} cannot be loaded from {checkpoint.folder}: "
            f"{type(error).__name__}: {reason}"
        ) from error

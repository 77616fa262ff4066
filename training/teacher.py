"""Encodes the texts whose likeness is kept with a larger model, so that the student learns what that one tells apart.

    python -m training.teacher FOLDER

FOLDER holds a sentence-transformers model that pools by the mean, such as all-MPNet-base-v2. Its vectors go to
training/material, and `training.train` aims at the mean of its cosines and those of the model that it begins from.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from transformers import AutoModel, AutoTokenizer

from clinsearch.encoder.checkpoint import find_checkpoint
from clinsearch.encoder.pooling import unit
from clinsearch.records import FloatArray
from training.batches import Material
from training.build_data import MANIFEST, MATERIAL, NO_MATERIAL
from training.command import run
from training.model import MOST_TOKENS

TEXTS_AT_ONCE = 32
VECTORS = "teacher.npy"


def main() -> None:
    """Encode them all and write the vectors."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    arguments = parser.parse_args()
    if not (MATERIAL / MANIFEST).exists():
        sys.exit(NO_MATERIAL)
    texts = Material(MATERIAL).general
    write_vectors(vectors_of(texts), encode(arguments.folder, texts))
    print(f"{len(texts):,} texts")


def vectors_of(texts: Sequence[str], name: str = VECTORS) -> Path:
    """Return where the vectors of these texts lie, or should."""
    digest = hashlib.sha256("\n".join(texts).encode()).hexdigest()[:16]
    return MATERIAL / f"{digest}-{name}"


def write_vectors(path: Path, vectors: FloatArray) -> None:
    """Write vectors in half precision, whole or not at all."""
    draft = path.with_suffix(".draft.npy")
    np.save(draft, vectors.astype(np.float16))
    draft.replace(path)


@torch.inference_mode()
def encode(folder: Path, texts: Sequence[str]) -> FloatArray:
    """Return the mean of each text's last hidden states, (n, width), at unit length; what is too long is cut off.

    Raises ModelError where there is no model.
    """
    find_checkpoint(str(folder))
    tokenizer: Any = AutoTokenizer.from_pretrained(folder, local_files_only=True)
    model = AutoModel.from_pretrained(folder, local_files_only=True, dtype=torch.bfloat16).eval()
    order = sorted(range(len(texts)), key=lambda at: -len(texts[at]))
    vectors = np.empty((len(texts), model.config.hidden_size), dtype=np.float32)
    for start in range(0, len(order), TEXTS_AT_ONCE):
        at = order[start : start + TEXTS_AT_ONCE]
        batch = tokenizer(
            [texts[n] for n in at], padding=True, truncation=True, max_length=MOST_TOKENS, return_tensors="pt"
        )
        mask = batch["attention_mask"][:, :, None]
        vectors[at] = (model(**batch).last_hidden_state.float() * mask).sum(dim=1).numpy()
    return unit(vectors)


if __name__ == "__main__":
    run(main)

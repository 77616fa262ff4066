"""Puts a trained model in the package's place for the default one.

    python -m training.carry NAME

Its LICENSE and NOTICE stay as they are. The checksum that it prints belongs into `clinsearch.encoder.checkpoint` and
docs/model.md, and what docs/model.md and training/README.md say of the model is to be written anew.
"""

from __future__ import annotations

import argparse
import hashlib
import shutil

from clinsearch.encoder.checkpoint import CARRIED, DEFAULT_MODEL, find_checkpoint
from training.build_data import MATERIAL
from training.command import run
from training.model import SETTINGS, TOKENIZER_FILES, WORD_MAP


def main() -> None:
    """Copy the files that are read, and print the checksum of the weights."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("name", help="of a model in training/material")
    trained = find_checkpoint(str(MATERIAL / parser.parse_args().name))
    (weights,) = trained.weights
    for name in (*TOKENIZER_FILES, *SETTINGS, WORD_MAP, weights.name):
        place = CARRIED / DEFAULT_MODEL / name
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(trained.folder / name, place)
    print(hashlib.sha256(weights.read_bytes()).hexdigest())


if __name__ == "__main__":
    run(main)

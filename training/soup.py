"""Mixes the weights of a trained model with those that it began from: between the two lies less change for less gain.

    python -m training.soup NAME SHARE

Makes training/material/NAME-SHARE, SHARE (0 to 1) of it the trained one. After Wortsman et al. 2022 (WiSE-FT).
"""

from __future__ import annotations

import argparse

import torch

from training.build_data import MATERIAL
from training.command import run
from training.model import WORD_MAP, Student, base_student


def main() -> None:
    """Write the mixed model."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("name")
    parser.add_argument("share", type=float)
    arguments = parser.parse_args()
    folder = MATERIAL / arguments.name
    mixed = mix(base_student(), Student(folder, folder / WORD_MAP), arguments.share)
    mixed.save(MATERIAL / f"{arguments.name}-{arguments.share}")


def mix(base: Student, trained: Student, share: float) -> Student:
    """Move the first some share of the way to the second; the map of words too."""
    learned = dict(trained.named_parameters())
    with torch.no_grad():
        for name, value in base.named_parameters():
            value.lerp_(learned[name], share)
    return base


if __name__ == "__main__":
    run(main)

"""Mixes the weights of trained models with those that training began from: less change for less gain, and steadier.

    python -m training.soup OUT NAME=SHARE ...

Makes training/material/OUT: of each named model its share, of the base model what is left to 1. After Wortsman et
al. 2022 (model soups, WiSE-FT).
"""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Mapping

import torch

from training.build_data import MATERIAL
from training.command import run
from training.model import WORD_MAP, Student, base_student


def main() -> None:
    """Write the mixed model."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("out", help="the name of the mixed model")
    parser.add_argument("shares", nargs="+", type=_share, metavar="NAME=SHARE", help="of a trained model, how much")
    arguments = parser.parse_args()
    shares = dict(arguments.shares)
    if sum(shares.values()) > 1 + 1e-9:
        sys.exit("The shares come to more than 1.")
    students = {Student(MATERIAL / name, MATERIAL / name / WORD_MAP): share for name, share in shares.items()}
    mix(base_student(), students).save(MATERIAL / arguments.out)


def mix(base: Student, trained: Mapping[Student, float]) -> Student:
    """Move the base some share of the way to each of the others; the map of words too."""
    learned = [(dict(student.named_parameters()), share) for student, share in trained.items()]
    with torch.no_grad():
        for name, value in base.named_parameters():
            value += sum((share * (of[name] - value) for of, share in learned), torch.zeros_like(value))
    return base


def _share(text: str) -> tuple[str, float]:
    name, _, share = text.partition("=")
    try:
        value = float(share)
    except ValueError:
        value = math.nan
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError(f"{text} is not NAME=SHARE with a share from 0 to 1")
    return name, value


if __name__ == "__main__":
    run(main)

"""Collections that an earlier program made give the answers that they gave then, and live on like any other."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.kept_collections import NAMES, answers, kept_answers, unpacked

# What the order in which a processor adds may change.
ROUNDING = 1e-5


@pytest.fixture(scope="module", params=NAMES)
def kept(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    return request.param, unpacked(request.param, tmp_path_factory.mktemp(request.param))


@pytest.fixture
def own(kept: tuple[str, Path], tmp_path: Path) -> Path:
    """A copy, to be changed."""
    return Path(shutil.copytree(kept[1].parent, tmp_path / "kept")) / "collection"


def alike(found: Any, expected: Any) -> bool:
    """Tell whether two answers are equal, numbers to the last digit that a processor may round otherwise."""
    if isinstance(expected, dict):
        return found.keys() == expected.keys() and all(alike(found[key], expected[key]) for key in expected)
    if isinstance(expected, list):
        return len(found) == len(expected) and all(map(alike, found, expected))
    if isinstance(expected, float):
        return bool(found == pytest.approx(expected, abs=ROUNDING))
    return bool(found == expected)


def test_a_kept_collection_answers_as_it_did(kept: tuple[str, Path]) -> None:
    name, folder = kept
    found, expected = answers(folder), kept_answers(name)
    assert found.keys() == expected.keys()
    differing = [question for question in expected if not alike(found[question], expected[question])]
    assert not differing

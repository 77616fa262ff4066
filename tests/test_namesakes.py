"""Files of one folder whose names differ in their suffixes alone: the same letter, maybe, or quite another."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support import indexed
from tests.support.indexed import Indexer, standing

collection, index = indexed.collection, indexed.index
TEXTS = {"letter.html": "<html><p>Dry cough.</p></html>", "letter.rtf": r"{\rtf1 No fever.}", "letter.txt": "Rash."}
ALL = {"letter": ["Dry cough."], "letter.rtf": ["No fever."], "letter.txt": ["Rash."]}
Found = Callable[[], dict[str, list[str]]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (folder := tmp_path / "notes").mkdir()
    return folder


@pytest.fixture
def found(index: Indexer, collection: Path, folder: Path) -> Found:
    def run() -> dict[str, list[str]]:
        assert index(folder, delete_missing=True).failures == ()
        return standing(collection)

    return run


def write(folder: Path, name: str) -> None:
    (folder / name).write_text(TEXTS[name])


@pytest.mark.parametrize("order", [sorted(TEXTS), sorted(TEXTS, reverse=True)])
def test_each_is_a_note_whichever_comes_first(folder: Path, found: Found, order: list[str]) -> None:
    for name in order:
        write(folder, name)
        notes = found()
    assert notes == ALL


def test_one_that_goes_leaves_its_id_to_the_next(folder: Path, found: Found) -> None:
    for name in TEXTS:
        write(folder, name)
    assert found() == ALL
    (folder / "letter.html").unlink()
    assert found() == {"letter": ["No fever."], "letter.txt": ["Rash."]}
    write(folder, "letter.html")
    assert found() == ALL
    assert found() == ALL

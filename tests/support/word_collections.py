"""Collections that keep their words, plain or coded, and checks of them."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from clinsearch import Collection, index
from clinsearch.encoder.encoder import Encoder
from tests.conftest import WORDS
from tests.support.collections import EVERYTHING, assert_whole, commit_often, teach_early
from tests.support.word_files import KINDS, ask, is_coded, rows_by_key, stored_words

QUERY = "no [cough] at night"
NOTES = {
    f"n{i:02}": f"HISTORY:\n{' '.join(WORDS[i : i + 6]).capitalize()} xq{i}. Patient is stable.\nPLAN:\nFever {i}.\n"
    for i in range(12)
}


def write(folder: Path, notes: dict[str, str]) -> Path:
    """Make a folder hold just these notes."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for name, text in notes.items():
        (folder / f"{name}.txt").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(params=["plain", "coded"])
def form(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Have words lie in half precision, or become codes after the first few."""
    commit_often(monkeypatch.setattr)
    if request.param == "coded":
        teach_early(monkeypatch)
    return str(request.param)


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    return write(tmp_path / "notes", NOTES)


@pytest.fixture
def indexed(tmp_path: Path, notes: Path, tiny_model: Path, form: str) -> Path:
    """A collection of several commits, and so of several files of each kind."""
    index(notes, tmp_path / "c", model=str(tiny_model))
    assert is_coded(tmp_path / "c") == (form == "coded")
    return tmp_path / "c"


def assert_words_of(folder: Path, encoder: Encoder, *, are_clean: bool = True) -> None:
    """Check that the words are those of the sentences that stand in notes, with the vectors that these have."""
    assert_whole(folder, may_hold_stray_files=not are_clean)
    texts = [text for (text,) in ask(folder, "SELECT text FROM sentences")]
    stored = stored_words(folder)
    assert stored.keys() == set(texts)
    least = 0.9 if is_coded(folder) else 0.9999
    for text, expected in zip(texts, encoder.encode_words(texts)[1], strict=True):
        found = stored[text]
        assert found.token_ids == expected.token_ids.tolist()
        assert found.lengths == expected.lengths.tolist()
        for rows, own in ((found.words, expected.words), (found.pieces, expected.pieces)):
            assert len(rows) == len(own)
            if len(rows):
                assert ((rows * own).sum(axis=1) / np.linalg.norm(rows, axis=1)).min() > least
    if are_clean:
        for kind in KINDS:
            assert len(rows_by_key(folder, kind)) == sum(len(getattr(one, f"{kind}s")) for one in stored.values())


def words_found(folder: Path, **how: Any) -> dict[tuple[str, str, int, int], Any]:
    hits = Collection(folder).search_tokens(QUERY, EVERYTHING, **how)
    return {
        (hit.word, hit.note_id, hit.start, hit.end): (hit.occurrences, pytest.approx(hit.score, abs=1e-5))
        for hit in hits
    }

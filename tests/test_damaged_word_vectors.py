"""Files of words' vectors that are damaged or gone: what is said of them, and what was open goes on working."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import faiss
import numpy as np
import pytest

from clinsearch.errors import CollectionDamaged
from clinsearch.records import FloatArray
from clinsearch.records.keys import KeyArray
from clinsearch.storage.folder.spaces import files as vector_files
from clinsearch.storage.folder.spaces import lists as inverted_lists
from clinsearch.storage.folder.spaces.codecs.four_bits import FourBits
from clinsearch.storage.folder.spaces.codecs.plain import HALF
from clinsearch.storage.folder.spaces.files import VectorFile, write_index
from clinsearch.storage.folder.spaces.space import Space
from tests.support import word_vectors
from tests.support.brute_force import searched
from tests.support.collections import overwrite, truncate
from tests.support.word_vectors import written

pytestmark = pytest.mark.usefixtures("one_thread", "few_cells")

code, rows = word_vectors.code, word_vectors.rows


def empty(path: Path) -> None:
    path.write_bytes(b"")


@pytest.mark.parametrize("harm", [truncate, overwrite, empty])
@pytest.mark.parametrize("kind", ["plain", "lists"])
def test_a_damaged_file_is_reported_in_one_line_that_names_the_remedy(
    tmp_path: Path, code: FourBits, rows: tuple[KeyArray, FloatArray], kind: str, harm: Callable[[Path], None]
) -> None:
    (file,) = written(tmp_path, *rows, 1, code if kind == "lists" else None)
    harm(tmp_path / file.name)
    codec = code if kind == "lists" else HALF
    with pytest.raises(CollectionDamaged, match="clinsearch repair") as caught:
        Space(tmp_path, [file], codec)
    message = str(caught.value)
    assert "\n" not in message
    with pytest.raises(CollectionDamaged, match="clinsearch repair"):
        codec.merge(tmp_path, [file], np.empty(0, dtype=np.int64))


@pytest.mark.parametrize(("kind", "places"), [("plain", (4, 5, 6, 8, 12, 41, 45)), ("lists", (4, 5, 8, 9, 12, 13, 28))])
def test_a_wrong_count_in_a_file_is_reported_as_damage(
    tmp_path: Path, code: FourBits, rows: tuple[KeyArray, FloatArray], kind: str, places: tuple[int, ...]
) -> None:
    (file,) = written(tmp_path, *rows, 1, code if kind == "lists" else None)
    content = (tmp_path / file.name).read_bytes()
    for place in places:
        for bit in (0, 5):
            flipped = bytearray(content)
            flipped[place] ^= 1 << bit
            (tmp_path / file.name).write_bytes(flipped)
            with pytest.raises(CollectionDamaged, match="clinsearch repair"):
                Space(tmp_path, [file], code if kind == "lists" else HALF)


@pytest.mark.parametrize("harm", [truncate, overwrite, empty])
def test_a_damaged_code_is_reported_as_damage_with_the_remedy(
    tmp_path: Path, code: FourBits, harm: Callable[[Path], None]
) -> None:
    file = code.save(tmp_path, "code", 2000)
    path = tmp_path / file.name
    harm(path)
    with pytest.raises(CollectionDamaged, match="clinsearch repair"):
        FourBits.read(path, file, {})


def test_an_index_of_another_kind_is_not_read_as_a_code(tmp_path: Path) -> None:
    file = write_index(tmp_path, "code", 0, faiss.IndexFlatIP(8))
    with pytest.raises(CollectionDamaged, match="clinsearch repair"):
        FourBits.read(tmp_path / file.name, file, {})


def test_codes_opened_without_their_code_are_damaged(
    tmp_path: Path, code: FourBits, rows: tuple[KeyArray, FloatArray]
) -> None:
    files = written(tmp_path, *rows, 1, code)
    with pytest.raises(CollectionDamaged, match="clinsearch repair"):
        Space(tmp_path, files, HALF)


@pytest.mark.parametrize("is_coded", [False, True])
def test_a_file_with_a_wrong_number_of_rows_is_damaged(
    tmp_path: Path, code: FourBits, rows: tuple[KeyArray, FloatArray], is_coded: bool
) -> None:
    (file,) = written(tmp_path, *rows, 1, code if is_coded else None)
    other = VectorFile(file.name, file.kind, file.rows + 1, file.bytes, file.sha256)
    with pytest.raises(CollectionDamaged, match="clinsearch repair"):
        Space(tmp_path, [other], code if is_coded else HALF)


@pytest.mark.parametrize("is_coded", [False, True])
def test_a_file_deleted_before_or_while_it_is_opened_is_reported_as_missing(
    tmp_path: Path,
    code: FourBits,
    rows: tuple[KeyArray, FloatArray],
    monkeypatch: pytest.MonkeyPatch,
    is_coded: bool,
) -> None:
    (file,) = written(tmp_path, *rows, 1, code if is_coded else None)
    require_size = vector_files.require_size

    def require_and_remove(path: Path, expected: VectorFile) -> None:
        require_size(path, expected)
        path.unlink()

    with monkeypatch.context() as patch:
        patch.setattr(vector_files, "require_size", require_and_remove)
        patch.setattr(inverted_lists, "require_size", require_and_remove)
        with pytest.raises(FileNotFoundError):
            Space(tmp_path, [file], code if is_coded else HALF)
    with pytest.raises(FileNotFoundError):
        Space(tmp_path, [file], code if is_coded else HALF)
    with pytest.raises(FileNotFoundError):
        FourBits.read(tmp_path / file.name, file, {})


@pytest.mark.parametrize("is_coded", [False, True])
def test_an_open_space_keeps_working_when_its_files_are_deleted(
    tmp_path: Path, code: FourBits, rows: tuple[KeyArray, FloatArray], is_coded: bool
) -> None:
    files = written(tmp_path, *rows, 2, code if is_coded else None)
    opened = Space(tmp_path, files, code if is_coded else HALF)
    before = searched(opened, rows[1][0], 20)
    for file in files:
        (tmp_path / file.name).unlink()
    assert searched(opened, rows[1][0], 20) == before
    assert sorted(opened.keys.tolist()) == sorted(rows[0].tolist())

"""A FAISS that lays its lists out otherwise than coded vectors are read is noticed before anything is read wrongly."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import faiss
import numpy as np
import pytest

from clinsearch.errors import CollectionDamaged, CollectionError
from clinsearch.storage.folder.spaces import faiss_layout as layout
from clinsearch.storage.folder.spaces.codecs.eight_bits import EightBits
from clinsearch.storage.folder.spaces.files import VectorFile
from clinsearch.storage.folder.spaces.lists import KEY_BYTES
from clinsearch.storage.folder.spaces.space import Space
from tests.conftest import PROJECT

ROWS, WIDTH = 300, 16


@pytest.fixture(autouse=True)
def untried() -> Iterator[None]:
    """Let the layout be tried anew, before a test and after."""
    layout.require_known_layout.cache_clear()
    yield
    layout.require_known_layout.cache_clear()


@pytest.fixture(scope="module")
def vectors() -> np.ndarray:
    rows = np.random.default_rng(1).normal(size=(ROWS, WIDTH)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


@pytest.fixture(scope="module")
def cells(vectors: np.ndarray) -> EightBits:
    return EightBits.learn(vectors, 8)


def write(folder: Path, vectors: np.ndarray, cells: EightBits) -> VectorFile:
    return cells.write(folder, "sentence", np.arange(ROWS, dtype=np.int64), vectors)


def keys_first(lists: Any, writer: Any) -> None:
    """Write lists as a later FAISS might: of each the keys and then the codes, in just as many bytes."""
    sizes = [lists.list_size(number) for number in range(lists.nlist)]
    shape = np.array([lists.nlist, lists.code_size], dtype="<u8").tobytes()
    pieces = [b"ilar", shape, b"full", np.array([lists.nlist, *sizes], dtype="<u8").tobytes()]
    for number, size in enumerate(sizes):
        if size:
            pieces.append(faiss.rev_swig_ptr(lists.get_ids(number), size).tobytes())
            pieces.append(faiss.rev_swig_ptr(lists.get_codes(number), size * lists.code_size).tobytes())
    content = np.frombuffer(b"".join(pieces), dtype=np.uint8).copy()
    assert writer(faiss.swig_ptr(content), 1, len(content)) == len(content)


def test_the_layout_of_the_installed_faiss_is_known(tmp_path: Path, vectors: np.ndarray, cells: EightBits) -> None:
    layout.require_known_layout()
    opened = Space(tmp_path, [write(tmp_path, vectors, cells)], cells)
    assert np.abs(opened.of(np.arange(ROWS)) - vectors).max() < 0.02


def test_another_order_of_codes_and_keys_is_noticed_when_they_are_written(
    tmp_path: Path, vectors: np.ndarray, cells: EightBits, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(faiss, "write_InvertedLists", keys_first)
    with pytest.raises(CollectionError, match=r"faiss-cpu .* pip install") as caught:
        write(tmp_path, vectors, cells)
    assert not isinstance(caught.value, CollectionDamaged)  # to repair it would be of no use
    assert list(tmp_path.iterdir()) == []


def test_another_order_of_codes_and_keys_is_noticed_when_they_are_opened(
    tmp_path: Path, vectors: np.ndarray, cells: EightBits, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = write(tmp_path, vectors, cells)
    layout.require_known_layout.cache_clear()
    monkeypatch.setattr(faiss, "write_InvertedLists", keys_first)
    with pytest.raises(CollectionError, match="lays vectors out otherwise"):
        Space(tmp_path, [file], cells)


def test_lists_that_are_not_mapped_as_they_lie_in_their_file_are_noticed(
    tmp_path: Path, vectors: np.ndarray, cells: EightBits, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = write(tmp_path, vectors, cells)
    read = faiss.read_InvertedLists
    monkeypatch.setattr(faiss, "read_InvertedLists", lambda reader, _flags: read(reader))
    with pytest.raises(CollectionError, match="lays vectors out otherwise"):
        Space(tmp_path, [file], cells)


def test_the_versions_that_are_named_are_those_that_are_installed() -> None:
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert layout.KNOWN in project["dependencies"]
    assert np.dtype(np.int64).itemsize == KEY_BYTES

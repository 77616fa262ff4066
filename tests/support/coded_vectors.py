"""Vectors written as codes into the lists of cells, and read and searched by FAISS and numpy alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import faiss
import numpy as np

from clinsearch.records import FloatArray
from clinsearch.records.keys import KeyArray
from clinsearch.storage.folder.spaces.codecs.eight_bits import EightBits
from clinsearch.storage.folder.spaces.files import VectorFile
from tests.support.clusters import clustered

NOTHING = np.empty(0, dtype=np.int64)
# What two sums of the same products of unit vectors in another order may differ by.
ROUNDING = 1e-5
WIDTHS = [2, 4, 5, 8, 16, 33]


def drawn_keys(rng: np.random.Generator, rows: int) -> KeyArray:
    return 1 + rng.permutation(3 * rows + 1)[:rows].astype(np.int64)


def written(folder: Path, keys: KeyArray, vectors: FloatArray, files: int, cells: EightBits) -> list[VectorFile]:
    """Write rows to so many files, in the order given."""
    parts = zip(np.array_split(keys, files), np.array_split(vectors, files), strict=True)
    return [cells.write(folder, "sentence", *part) for part in parts if len(part[0])]


def some_rows(
    folder: Path, rows: int = 200, width: int = 16, files: int = 1, count: int = 16, seed: int = 0
) -> tuple[list[VectorFile], EightBits, KeyArray, FloatArray]:
    rng = np.random.default_rng(seed)
    keys, vectors = drawn_keys(rng, rows), clustered(rng, rows, width)
    cells = EightBits.learn(vectors, count)
    return written(folder, keys, vectors, files, cells), cells, keys, vectors


Row = tuple[int, bytes, bytes]


def rows_in(folder: Path, file: VectorFile) -> dict[int, Row]:
    """Return the cell, code and half bits of every key in a file: FAISS reads the lists, and we what follows them."""
    lists: Any = faiss.read_InvertedLists(faiss.FileIOReader(str(folder / file.name)))
    codes = {}
    for cell in range(lists.nlist):
        for place in range(lists.list_size(cell)):
            code = faiss.rev_swig_ptr(lists.get_single_code(cell, place), lists.code_size).tobytes()
            codes[lists.get_single_id(cell, place)] = cell, code
    assert len(codes) == lists.compute_ntotal() == file.rows
    keys, _, halves = behind(folder, file, lists.code_size)
    assert keys == sorted(codes)
    return {key: (*codes[key], of_key) for key, of_key in zip(keys, halves, strict=True)}


def behind(folder: Path, file: VectorFile, width: int) -> tuple[list[int], list[int], list[bytes]]:
    """Return what follows FAISS's lists: all keys, where the code of each stands, and its half bits."""
    content, size = (folder / file.name).read_bytes(), -(-width // 8)
    start = len(content) - file.rows * (16 + size)
    numbers = np.frombuffer(content[start : start + 16 * file.rows], dtype=np.int64).reshape(2, -1)
    halves = [content[place : place + size] for place in range(start + 16 * file.rows, len(content), size)]
    return (*numbers.tolist(), halves)


def rows_of(folder: Path, files: list[VectorFile]) -> dict[int, Row]:
    rows: dict[int, Row] = {}
    for file in files:
        more = rows_in(folder, file)
        assert not rows.keys() & more.keys(), "a key twice"
        rows |= more
    return rows


def centres_of(folder: Path, cells: EightBits) -> FloatArray:
    """Read the centres of cells without any code of clinsearch."""
    index: Any = faiss.read_index(str(folder / cells.save(folder, "note-cells", 1).name))
    centres: FloatArray = faiss.downcast_index(index.quantizer).reconstruct_n(0, index.nlist)
    return centres


def vectors_of_codes(folder: Path, files: list[VectorFile], cells: EightBits) -> dict[int, FloatArray]:
    """Return the vectors that the codes alone stand for, which FAISS searches."""
    rows = rows_of(folder, files)
    codes = np.array([np.frombuffer(code, np.uint8) for _, code, _ in rows.values()]).reshape(-1, cells.code_size)
    index: Any = faiss.read_index(str(folder / cells.save(folder, "note-cells", 1).name))
    return dict(zip(rows, index.sq.decode(codes), strict=True))


def scores_of(keys: KeyArray, vectors: FloatArray, query: FloatArray) -> dict[int, float]:
    scores = vectors.astype(np.float64) @ query.astype(np.float64)
    return dict(zip(keys.tolist(), scores.tolist(), strict=True))


def assert_best(found: tuple[KeyArray, FloatArray], expected: dict[int, float], k: int) -> None:
    """Check that these are the k best of what is expected, in order; rounding may only swap ties."""
    keys, scores = found[0].tolist(), found[1].astype(np.float64)
    assert len(keys) == len(set(keys)) == min(k, len(expected))
    assert set(keys) <= expected.keys()
    assert (np.diff(scores) <= 0).all()
    own = np.array([expected[key] for key in keys])
    best = np.sort(np.array(list(expected.values())))[::-1][:k]
    np.testing.assert_allclose(scores, own, atol=ROUNDING)
    np.testing.assert_allclose(own, best, atol=ROUNDING)
    assert [key for _, key in sorted(zip(-scores, keys, strict=True))] == keys, "equal scores go by key"

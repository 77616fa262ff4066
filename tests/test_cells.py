"""Files of coded vectors, and the cells that these lie in, against numpy, FAISS's own reading and the mathematics."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import faiss
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clinsearch.errors import CollectionDamaged, CollectionError
from clinsearch.records import FloatArray
from clinsearch.storage.catalog.vectors import Probes
from clinsearch.storage.spaces import files as vector_files
from clinsearch.storage.spaces import lists as inverted_lists
from clinsearch.storage.spaces import recall, space
from clinsearch.storage.spaces.codecs import cells as cell_codec
from clinsearch.storage.spaces.codecs import eight_bits
from clinsearch.storage.spaces.codecs.eight_bits import EightBits, cells_wanted, sample_size
from clinsearch.storage.spaces.codecs.plain import FLAT
from clinsearch.storage.spaces.files import KeyArray, VectorFile
from clinsearch.storage.spaces.recall import TARGET, measured_probes, queries_between
from clinsearch.storage.spaces.space import Space
from tests.conftest import PROJECT
from tests.support.collections import a_single_thread

NOTHING = np.empty(0, dtype=np.int64)
# What two sums of the same products of unit vectors in another order may differ by.
ROUNDING = 1e-5
WIDTHS = [2, 4, 5, 8, 16, 33]


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    """Learn, write and search on one thread: there is too little to share it out."""
    with pytest.MonkeyPatch.context() as patch, a_single_thread():
        for module in (eight_bits, cell_codec, recall):
            patch.setattr(module, "processors", lambda: 1)
        yield


def clustered(rng: np.random.Generator, rows: int, width: int, clusters: int = 12) -> FloatArray:
    """Draw vectors of unit length, most of them near others."""
    centres = rng.normal(size=(clusters, width))
    vectors = centres[rng.integers(clusters, size=rows)] + 0.4 * rng.normal(size=(rows, width))
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def drawn_keys(rng: np.random.Generator, rows: int) -> KeyArray:
    return 1 + rng.permutation(3 * rows + 1)[:rows].astype(np.int64)


def written(folder: Path, keys: KeyArray, vectors: FloatArray, files: int, cells: EightBits) -> list[VectorFile]:
    """Write rows to so many files, as they come."""
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
    """Return the cell, the code and the halves of every key of a file, as FAISS reads it and as it ends."""
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
    """Return what stands behind FAISS's lists: all keys, where the code of each stands, and its halves."""
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
    """Read the centres of cells past all code of clinsearch."""
    index: Any = faiss.read_index(str(folder / cells.save(folder, "note-cells", 1).name))
    centres: FloatArray = faiss.downcast_index(index.quantizer).reconstruct_n(0, index.nlist)
    return centres


def vectors_of_codes(folder: Path, files: list[VectorFile], cells: EightBits) -> dict[int, FloatArray]:
    """Return what the codes alone stand for, as FAISS reads them: what it searches."""
    rows = rows_of(folder, files)
    codes = np.array([np.frombuffer(code, np.uint8) for _, code, _ in rows.values()]).reshape(-1, cells.code_size)
    index: Any = faiss.read_index(str(folder / cells.save(folder, "note-cells", 1).name))
    return dict(zip(rows, index.sq.decode(codes), strict=True))


def scores_of(keys: KeyArray, vectors: FloatArray, query: FloatArray) -> dict[int, float]:
    scores = vectors.astype(np.float64) @ query.astype(np.float64)
    return dict(zip(keys.tolist(), scores.tolist(), strict=True))


def assert_best(found: tuple[KeyArray, FloatArray], expected: dict[int, float], k: int) -> None:
    """Check that these are the k best of what is expected, in their order; rounding may part only ties."""
    keys, scores = found[0].tolist(), found[1].astype(np.float64)
    assert len(keys) == len(set(keys)) == min(k, len(expected))
    assert set(keys) <= expected.keys()
    assert (np.diff(scores) <= 0).all()
    own = np.array([expected[key] for key in keys])
    best = np.sort(np.array(list(expected.values())))[::-1][:k]
    np.testing.assert_allclose(scores, own, atol=ROUNDING)
    np.testing.assert_allclose(own, best, atol=ROUNDING)
    assert [key for _, key in sorted(zip(-scores, keys, strict=True))] == keys, "equal scores go by key"


# Codes.


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_a_vector_comes_back_within_half_of_a_half_step_in_every_dimension(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    rng = np.random.default_rng(data.draw(st.integers(0, 2**32 - 1), label="seed"))
    rows, width = data.draw(st.integers(2, 90), label="rows"), data.draw(st.sampled_from(WIDTHS), label="width")
    keys = drawn_keys(rng, rows)
    vectors = (rng.normal(size=(rows, width)) * 10.0 ** rng.uniform(-4, 3, size=width)).astype(np.float32)
    cells = EightBits.learn(vectors, data.draw(st.integers(1, 1 + rows // 2), label="cells"))
    folder = tmp_path_factory.mktemp("coded")
    opened = Space(folder, written(folder, keys, vectors, data.draw(st.integers(1, 4)), cells), cells)
    # One of 2 * 255 from the smallest to the largest value, with a twentieth more room on either side.
    half = 1.1 * np.ptp(vectors.astype(np.float64), axis=0) / 510 / 2
    order = rng.integers(rows, size=2 * rows)
    error = np.abs(opened.of(keys[order]).astype(np.float64) - vectors[order])
    assert (error <= 1.001 * half + 1e-6 * np.abs(vectors).max(axis=0)).all()
    assert sorted(opened.keys.tolist()) == sorted(keys.tolist())
    assert opened.rows == rows


def test_a_value_beyond_all_that_was_seen_becomes_the_nearest_that_there_is(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    cells = EightBits.learn(clustered(rng, 100, 6), 4)
    smallest, width = cells.scales()
    beyond = np.stack([smallest - 3, smallest + width + 3]).astype(np.float32)
    rows = Space(tmp_path, written(tmp_path, np.array([1, 2]), beyond, 1, cells), cells).of(np.array([1, 2]))
    np.testing.assert_allclose(rows, [smallest, smallest + width], atol=width.max() / 255)


def test_a_dimension_that_never_changes_comes_back_as_it_was(tmp_path: Path) -> None:
    vectors = clustered(np.random.default_rng(2), 100, 6)
    vectors[:, 3] = 0.3
    cells = EightBits.learn(vectors, 8)
    opened = Space(tmp_path, written(tmp_path, np.arange(100), vectors, 1, cells), cells)
    assert set(opened.of(np.arange(100))[:, 3].tolist()) == {float(np.float32(0.3))}


@pytest.mark.parametrize("width", WIDTHS)
def test_a_code_read_through_the_memory_map_is_the_one_that_faiss_reads(tmp_path: Path, width: int) -> None:
    """What is said of places in a file holds for FAISS's own layout: lists in turn, of each its codes and its keys."""
    rng = np.random.default_rng(width)
    keys, vectors = drawn_keys(rng, 150), clustered(rng, 150, width)
    cells = EightBits.learn(vectors, 32)
    smallest, range_ = cells.scales()
    near_one = np.argsort(-vectors @ vectors[0])[:40]  # most of the cells stay empty
    for own in (np.arange(150), near_one, near_one[:1]):
        file = cells.write(tmp_path, "sentence", keys[own], vectors[own])
        rows, content = rows_in(tmp_path, file), (tmp_path / file.name).read_bytes()
        own_keys, places, _ = behind(tmp_path, file, width)
        # The codes and keys of all rows, and what fills up to the next eight bytes, stand before.
        start = len(content) - len(own) * (16 + -(-width // 8)) - len(own) * (width + 8)
        start -= start % 8
        for key, place in zip(own_keys, places, strict=True):
            assert content[start + place : start + place + width] == rows[key][1]
        codes = np.array([np.frombuffer(rows[key][1], np.uint8) for key in own_keys])
        halves = np.array([np.unpackbits(np.frombuffer(rows[key][2], np.uint8))[:width] for key in own_keys])
        decoded = Space(tmp_path, [file], cells).of(np.array(own_keys))
        expected = smallest + (codes + 0.25 + 0.5 * halves) / 255 * range_
        np.testing.assert_allclose(decoded, expected, rtol=1e-5, atol=1e-6)
    assert len({cell for cell, *_ in rows_in(tmp_path, written(tmp_path, keys, vectors, 1, cells)[0]).values()}) > 1


@pytest.mark.parametrize("width", WIDTHS)
def test_a_code_and_its_half_are_the_number_of_the_step_that_a_value_lies_in(tmp_path: Path, width: int) -> None:
    (file,), cells, keys, vectors = some_rows(tmp_path, width=width)
    smallest, range_ = (part.astype(np.float64) for part in cells.scales())
    rows = rows_in(tmp_path, file)
    exact = (vectors - smallest) / range_ * 510
    for key, steps in zip(keys.tolist(), exact, strict=True):
        _, code, halves = rows[key]
        number = 2 * np.frombuffer(code, np.uint8).astype(int) + np.unpackbits(np.frombuffer(halves, np.uint8))[:width]
        assert (np.abs(steps - (number + 0.5)) <= 0.501).all()


def test_a_key_that_is_not_there_is_named(tmp_path: Path) -> None:
    keys, vectors = np.array([2, 4, 6, 8]), np.eye(4, dtype=np.float32)
    cells = EightBits.learn(vectors, 2)
    opened = Space(tmp_path, written(tmp_path, keys, vectors, 2, cells), cells)
    for missing in (1, 3, 5, 7, 9, 1000, -1):
        with pytest.raises(KeyError) as caught:
            opened.of(np.array([4, missing, 8]))
        assert caught.value.args == (missing,)
    assert opened.of(NOTHING).shape == (0, 4)


def test_no_files_hold_nothing_and_find_nothing(tmp_path: Path) -> None:
    cells = EightBits.learn(np.eye(4, dtype=np.float32), 2)
    empty = Space(tmp_path, [], cells)
    for among in (None, np.array([1, 5])):
        assert [part.tolist() for part in empty.search(np.ones(4, np.float32), 3, among)] == [[], []]
    assert (empty.rows, len(empty.keys), list(empty.each()), len(empty.of(NOTHING))) == (0, 0, [], 0)
    with pytest.raises(KeyError):
        empty.of(np.array([1]))


@pytest.mark.parametrize("step", [1, 7, 100, 1000])
def test_rows_are_given_some_at_a_time_and_each_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    files, cells, keys, _ = some_rows(tmp_path, rows=150, files=3)
    opened = Space(tmp_path, files, cells)
    monkeypatch.setattr(space, "ROWS_PER_STEP", step)
    parts = list(opened.each())
    assert max(len(part) for part, _ in parts) == min(step, 50)
    together = np.concatenate([part for part, _ in parts])
    assert sorted(together.tolist()) == sorted(keys.tolist())
    assert np.concatenate([vectors for _, vectors in parts]).tobytes() == opened.of(together).tobytes()


@pytest.fixture
def all_by_halves(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have everything that the codes find, and not the best alone, be ranked by codes and halves."""
    monkeypatch.setattr(eight_bits, "CODES_BESIDE", 10_000)


# EightBits.


@pytest.mark.parametrize("width", [5, 33])
@pytest.mark.parametrize("count", [1, 2, 7, 64])
def test_every_vector_lies_in_the_cell_of_its_nearest_centre(tmp_path: Path, width: int, count: int) -> None:
    files, cells, keys, vectors = some_rows(tmp_path, width=width, count=count, files=2)
    centres, rows = centres_of(tmp_path, cells), rows_of(tmp_path, files)
    assert centres.shape == (count, width) == (cells.count, cells.code_size)
    scores = vectors @ centres.T
    own = np.array([rows[key][0] for key in keys.tolist()])
    np.testing.assert_allclose(scores[np.arange(len(keys)), own], scores.max(axis=1), atol=ROUNDING)


@pytest.mark.parametrize("probes", [1, 2, 9, 31, 32, 100])
def test_the_cells_to_look_into_are_those_of_the_nearest_centres(tmp_path: Path, probes: int) -> None:
    rng = np.random.default_rng(3)
    vectors = clustered(rng, 300, 12)
    cells = EightBits.learn(vectors, 32)
    queries = clustered(rng, 20, 12)
    scores = queries @ centres_of(tmp_path, cells).T
    chosen, _ = cells.nearest(queries, probes)
    assert chosen.shape == (20, min(probes, 32))
    assert all(len(set(row)) == len(row) for row in chosen.tolist())
    found = np.take_along_axis(scores, chosen, axis=1)
    np.testing.assert_allclose(np.sort(found)[:, ::-1], -np.sort(-scores)[:, :probes], atol=ROUNDING)
    if probes < 32:
        assert (np.diff(found) <= ROUNDING).all(), "nearest first"


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_there_are_as_many_cells_as_are_asked_for_whatever_the_vectors(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Few that differ, many of them the same: no cell's centre may be lost or be no number."""
    rng = np.random.default_rng(data.draw(st.integers(0, 2**32 - 1), label="seed"))
    rows, width = data.draw(st.integers(1, 80), label="rows"), data.draw(st.sampled_from(WIDTHS), label="width")
    different = data.draw(st.integers(1, rows), label="different")
    vectors = clustered(rng, different, width, clusters=data.draw(st.integers(1, 5), label="clusters"))
    vectors = vectors[rng.integers(different, size=rows)]
    count = data.draw(st.integers(1, 1 + rows // 2), label="cells")
    cells = EightBits.learn(vectors, count)
    assert cells.count == count
    centres = centres_of(tmp_path_factory.mktemp("cells"), cells)
    assert centres.shape == (count, width)
    assert np.isfinite(centres).all()
    assert set(cells.nearest(vectors, 1)[0].ravel().tolist()) <= set(range(count))


def test_every_vector_may_have_a_cell_of_its_own() -> None:
    for rows in range(1, 100):
        assert EightBits.learn(clustered(np.random.default_rng(rows), rows, 4), rows).count == rows


def test_cells_are_a_power_of_two_about_four_times_the_root_and_at_most_one_for_each_vector() -> None:
    former = 0
    for rows in (1, 2, 7, 15, 16, 1000, 50_000, 100_000, 1_000_000, 10_000_000, 100_000_000):
        wanted = cells_wanted(rows)
        assert former <= wanted <= rows
        if rows > 20:
            assert wanted.bit_count() == 1
            assert 2**-0.5 <= wanted / (4 * rows**0.5) <= 2**0.5
        if rows >= eight_bits.LEAST_ROWS:
            assert sample_size(wanted) <= rows, "enough to learn from"
        former = wanted


def test_cells_come_from_their_file_as_they_went_into_it(tmp_path: Path) -> None:
    (file,), cells, keys, vectors = some_rows(tmp_path, width=33, count=32)
    saved = cells.save(tmp_path, "sentence-cells", 200)
    assert (saved.kind, saved.rows) == ("sentence-cells", 200)
    assert cells.save(tmp_path, "note-cells", 7).kind == "note-cells"
    read = EightBits.read(tmp_path / saved.name, saved, {10: 3})
    assert (read.count, read.code_size, read.probes) == (cells.count, cells.code_size, {10: 3})
    assert [part.tobytes() for part in read.scales()] == [part.tobytes() for part in cells.scales()]
    queries = clustered(np.random.default_rng(4), 10, 33)
    for probes in (1, 5, 31):
        assert read.nearest(queries, probes)[0].tolist() == cells.nearest(queries, probes)[0].tolist()
    again = read.write(tmp_path, "sentence", keys, vectors)
    assert again.sha256 == file.sha256


def test_probes_are_for_the_first_depth_that_is_enough_and_all_beyond_the_last() -> None:
    cells = EightBits.learn(clustered(np.random.default_rng(5), 100, 8), 32)
    assert [cells.probes_for(k) for k in (1, 10, 10**6)] == [32, 32, 32]
    cells.probes = {10: 2, 100: 5, 1000: 19}
    for k, probes in {1: 2, 10: 2, 11: 5, 100: 5, 101: 19, 1000: 19, 1001: 32, 10**6: 32}.items():
        assert cells.probes_for(k) == probes


# Searching.


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_a_search_in_all_cells_equals_brute_force(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    rng = np.random.default_rng(data.draw(st.integers(0, 2**32 - 1), label="seed"))
    rows, width = data.draw(st.integers(3, 120), label="rows"), data.draw(st.sampled_from(WIDTHS), label="width")
    keys, vectors = drawn_keys(rng, rows), clustered(rng, rows, width)
    copies = rng.random(rows) < 0.2
    vectors[copies] = vectors[0]
    cells = EightBits.learn(vectors, data.draw(st.integers(1, 1 + rows // 2), label="cells"))
    folder = tmp_path_factory.mktemp("coded")
    files = written(folder, keys, vectors, data.draw(st.integers(1, 5), label="files"), cells)
    opened = Space(folder, files, cells)
    left, expected = opened, scores_of(keys, opened.of(keys), query := clustered(rng, 1, width)[0])
    if data.draw(st.booleans(), label="some dead"):
        # Some that are in no file may be dead as well.
        dead = np.unique(rng.choice(np.arange(1, 3 * rows + 2), data.draw(st.integers(0, 3 * rows), label="dead")))
        left = opened.without(dead)
    among = None
    if data.draw(st.booleans(), label="filtered"):
        among = rng.permutation(np.arange(3 * rows + 50))[: data.draw(st.integers(0, 3 * rows + 50), label="among")]
    if among is not None:
        expected = {key: score for key, score in expected.items() if key in set(among.tolist())}
    elif left is not opened:
        expected = {key: score for key, score in expected.items() if key not in set(dead.tolist())}
    k = data.draw(st.sampled_from([1, 2, 10, rows, rows + 1, 3 * rows + 7]), label="k")
    with pytest.MonkeyPatch.context() as patch:
        # By key always, where less than all, a third, or none are asked for, or never.
        patch.setattr(eight_bits, "CODES_BESIDE", 1000)
        patch.setattr(space, "ROWS_PER_KEY_READ", data.draw(st.sampled_from([0, 1, 3, 10**6])))
        assert_best(left.search(query, k, among), expected, k)
    assert opened.search(query, rows)[0].size == rows, "to leave some out of a search changes no other"


@pytest.mark.usefixtures("all_by_halves")
def test_what_is_allowed_is_found_alike_by_key_and_through_the_lists(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files, cells, keys, _ = some_rows(tmp_path, rows=300, files=3, count=32)
    cells.probes = {10: 1, 1000: 1}
    opened = Space(tmp_path, files, cells)
    query = clustered(np.random.default_rng(6), 1, 16)[0]
    searched, search_cells = [], Space.search_cells

    def told(*given: Any, **options: Any) -> Any:
        searched.append(size)
        return search_cells(*given, **options)

    monkeypatch.setattr(Space, "search_cells", told)
    monkeypatch.setattr(space, "ROWS_PER_KEY_READ", 10)
    for size in (0, 1, 29, 30, 31, 300):
        among = keys[:size]
        expected = scores_of(among, opened.of(among), query)
        for k in (1, 10, 400):
            assert_best(opened.search(query, k, among), expected, k)
    assert searched == [30] * 3 + [31] * 3 + [300] * 3


@pytest.mark.parametrize("probes", [1, 2, 5, 16, 31, 32])
@pytest.mark.parametrize("files", [1, 3])
def test_a_search_in_few_cells_finds_the_best_of_these_and_nothing_else(
    tmp_path: Path, probes: int, files: int
) -> None:
    written_files, cells, _, _ = some_rows(tmp_path, rows=400, files=files, count=32)
    opened = Space(tmp_path, written_files, cells)
    vector_of, rows = vectors_of_codes(tmp_path, written_files, cells), rows_of(tmp_path, written_files)
    queries = clustered(np.random.default_rng(7), 12, 16)
    for query, chosen in zip(queries, cells.nearest(queries, probes)[0].tolist(), strict=True):
        there = np.array([key for key, row in rows.items() if row[0] in chosen], dtype=np.int64)
        vectors = np.array([vector_of[key] for key in there.tolist()]).reshape(-1, 16)
        expected = scores_of(there, vectors, query)
        for k in (1, 10, 500):
            found, scores = opened.search_cells(query[None], k, probes)
            assert found.shape == scores.shape == (1, files * k)
            is_there = found >= 0
            assert set(found[is_there].tolist()) <= expected.keys()
            assert (scores[~is_there] < -1e30).all()
            order = np.lexsort((found[is_there], -scores[is_there]))[:k]
            assert_best((found[is_there][order], scores[is_there][order]), expected, k)


@pytest.mark.usefixtures("all_by_halves")
def test_a_search_looks_into_as_many_cells_as_were_measured(tmp_path: Path) -> None:
    files, cells, keys, _ = some_rows(tmp_path, rows=400, files=2, count=32)
    cells.probes = {5: 1, 20: 4}
    opened = Space(tmp_path, files, cells)
    rows, vectors = rows_of(tmp_path, files), dict(zip(keys.tolist(), opened.of(keys), strict=True))
    for query in clustered(np.random.default_rng(8), 10, 16):
        for k, probes in ((5, 1), (20, 4), (21, 32), (400, 32)):
            chosen = cells.nearest(query[None], probes)[0][0].tolist()
            there = [key for key in rows if rows[key][0] in chosen]
            if len(there) < k:
                continue  # see the next test
            expected = scores_of(np.array(there), np.array([vectors[key] for key in there]), query)
            assert_best(opened.search(query, k), expected, k)


@pytest.mark.parametrize("k", [1, 10, 33, 100])
def test_what_the_codes_find_is_ranked_by_codes_and_halves(tmp_path: Path, k: int) -> None:
    """Of somewhat more than are wanted: those that are the best by their codes alone."""
    files, cells, keys, _ = some_rows(tmp_path, rows=400, files=3, count=32)
    opened = Space(tmp_path, files, cells)
    by_codes = vectors_of_codes(tmp_path, files, cells)
    for query in clustered(np.random.default_rng(19), 10, 16):
        scores = scores_of(np.array(list(by_codes)), np.array(list(by_codes.values())), query)
        looked_at = sorted(scores, key=lambda key: -scores[key])[: 10 + int(1.25 * k)]
        expected = scores_of(np.array(looked_at), opened.of(np.array(looked_at)), query)
        assert_best(opened.search(query, k), expected, k)
        everything = sorted(scores_of(keys, opened.of(keys), query).values())[::-1][:k]
        np.testing.assert_allclose(opened.search(query, k)[1], everything, atol=0.002)


@pytest.mark.parametrize("reason", ["dead rows", "small cells"])
def test_a_search_gives_as_many_as_are_wanted_where_there_are_as_many(tmp_path: Path, reason: str) -> None:
    """The cells that are looked into may hold less than that: whoever asks takes it that there are no more."""
    files, cells, _, vectors = some_rows(tmp_path, rows=400, files=2, count=32)
    cells.probes = {10: 1, 100: 2}
    opened = Space(tmp_path, files, cells)
    query, k = vectors[0], 10
    if reason == "dead rows":
        cell = cells.nearest(query[None], 1)[0][0, 0]
        opened = opened.without(np.sort([key for key, row in rows_of(tmp_path, files).items() if row[0] == cell]))
    else:
        k = 100
    assert len(opened.search(query, k)[0]) == k


def test_several_queries_at_once_find_what_each_alone_does(tmp_path: Path) -> None:
    files, cells, _, _ = some_rows(tmp_path, rows=300, files=2, count=32)
    opened = Space(tmp_path, files, cells)
    queries = clustered(np.random.default_rng(9), 15, 16)
    for probes in (3, 32):
        together = opened.search_cells(queries, 7, probes)
        for number, query in enumerate(queries):
            alone = opened.search_cells(query[None], 7, probes)
            assert [part[number].tolist() for part in together] == [part[0].tolist() for part in alone]


def test_searches_beside_each_other_find_what_each_alone_does(tmp_path: Path) -> None:
    files, cells, keys, _ = some_rows(tmp_path, rows=300, files=2, count=32)
    cells.probes = {10: 3}
    opened = Space(tmp_path, files, cells)
    left = opened.without(np.sort(keys[:50]))
    queries = clustered(np.random.default_rng(20), 40, 16)

    def found(query: FloatArray) -> list[list[float]]:
        parts = (opened.search(query, 10), left.search(query, 10), opened.search(query, 100, keys[:200]))
        return [part.tolist() for pair in parts for part in pair]

    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(found, queries)) == list(map(found, queries))


def test_a_set_stays_whole_when_the_names_of_its_files_are_gone(tmp_path: Path) -> None:
    files, learnt, keys, _ = some_rows(tmp_path, rows=300, files=3)
    saved = learnt.save(tmp_path, "sentence-cells", 300)
    opened = Space(tmp_path, files, EightBits.read(tmp_path / saved.name, saved, {}))
    query = clustered(np.random.default_rng(10), 1, 16)[0]
    before = [part.tolist() for part in opened.search(query, 50)], opened.of(keys).tobytes()
    for path in tmp_path.iterdir():
        path.unlink()
    some_rows(tmp_path, rows=300, files=3, seed=77)
    assert ([part.tolist() for part in opened.search(query, 50)], opened.of(keys).tobytes()) == before


# Merging, and other cells.


@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_merging_keeps_every_live_code_in_its_cell_and_drops_the_dead(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("coded")
    rng = np.random.default_rng(data.draw(st.integers(0, 2**32 - 1), label="seed"))
    rows, width = data.draw(st.integers(3, 100), label="rows"), data.draw(st.sampled_from(WIDTHS), label="width")
    keys, vectors = drawn_keys(rng, rows), clustered(rng, rows, width)
    cells = EightBits.learn(vectors, data.draw(st.integers(1, 1 + rows // 2), label="cells"))
    files = written(folder, keys, vectors, data.draw(st.integers(1, 6), label="files"), cells)
    share = data.draw(st.sampled_from([0.0, 0.3, 1.0]), label="share of dead")
    dead = np.sort(np.concatenate([keys[rng.random(rows) < share], [10_000, 10_001]]))
    before, vectors_before = rows_of(folder, files), Space(folder, files, cells)
    merged, seen = cells.merge(folder, files, dead)
    assert sorted(seen.tolist()) == sorted(keys.tolist())
    live = {key: row for key, row in before.items() if key not in set(dead.tolist())}
    if not live:
        assert merged is None
        return
    assert merged is not None
    assert rows_in(folder, merged) == live
    left = np.array(sorted(live))
    opened = Space(folder, [merged], cells)
    assert opened.of(left).tobytes() == vectors_before.of(left).tobytes()
    query = clustered(rng, 1, width)[0]
    assert_best(opened.search(query, rows), scores_of(left, opened.of(left), query), rows)


@pytest.mark.parametrize("width", WIDTHS)
def test_in_other_cells_every_code_is_what_it_was(tmp_path: Path, width: int) -> None:
    files, cells, keys, _ = some_rows(tmp_path, rows=250, width=width, files=3, count=8)
    opened = Space(tmp_path, files, cells)
    codes = {key: row[1:] for key, row in rows_of(tmp_path, files).items()}
    vectors = opened.of(keys)
    for count in (16, 64, 1, 128):
        cells = EightBits.learn(opened.of(keys), count, codes_of=cells)
        file = cells.write_all(tmp_path, "sentence", opened.each())
        opened = Space(tmp_path, [file], cells)
        assert (file.rows, cells.count) == (250, count)
        assert {key: row[1:] for key, row in rows_in(tmp_path, file).items()} == codes
        assert opened.of(keys).tobytes() == vectors.tobytes()


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_in_other_cells_vectors_stay_bit_for_bit_however_small_a_step_is(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """A dimension may hardly change, far from zero: then the steps between codes are those between floats."""
    rng = np.random.default_rng(data.draw(st.integers(0, 2**32 - 1), label="seed"))
    spread = 10.0 ** np.array(data.draw(st.lists(st.floats(-6.5, 0), min_size=5, max_size=5), label="spread"))
    vectors = (rng.uniform(-1, 1, size=5) + spread * rng.normal(size=(60, 5))).astype(np.float32)
    cells, keys = EightBits.learn(vectors, 4), np.arange(60)
    folder = tmp_path_factory.mktemp("coded")
    opened = Space(folder, written(folder, keys, vectors, 1, cells), cells)
    decoded = opened.of(keys)
    for count in (8, 16):
        cells = EightBits.learn(decoded, count, codes_of=cells)
        opened = Space(folder, [cells.write_all(folder, "note", opened.each())], cells)
        assert opened.of(keys).tobytes() == decoded.tobytes()


def test_rows_that_become_codes_are_those_that_would_have_been_written_as_codes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(space, "ROWS_PER_STEP", 7)
    rng = np.random.default_rng(11)
    keys, vectors = drawn_keys(rng, 200), clustered(rng, 200, 16)
    flat = Space(tmp_path, [FLAT.write(tmp_path, "note", keys[:90], vectors[:90])], FLAT)
    rest = Space(tmp_path, [FLAT.write(tmp_path, "note", keys[90:], vectors[90:])], FLAT)
    cells = EightBits.learn(vectors, 32)
    moved = cells.write_all(tmp_path, "note", [*flat.each(), *rest.each()])
    assert rows_in(tmp_path, moved) == rows_in(tmp_path, cells.write(tmp_path, "note", keys, vectors))


def test_vectors_are_opened_as_they_were_written(tmp_path: Path) -> None:
    rng = np.random.default_rng(12)
    keys, vectors = drawn_keys(rng, 50), clustered(rng, 50, 8)
    cells = EightBits.learn(vectors, 4)
    for codec, is_exact in ((FLAT, True), (cells, False)):
        file = codec.write(tmp_path, "sentence", keys, vectors)
        opened = Space(tmp_path, [file], codec)
        assert (opened.is_exact, opened.rows, file.name.endswith(".lists")) == (is_exact, 50, not is_exact)
        np.testing.assert_allclose(opened.of(keys), vectors, atol=0.01)


# How many cells to look into.


def exact_keys(keys: KeyArray, vectors: FloatArray, queries: FloatArray, depth: int) -> list[set[int]]:
    scores = queries.astype(np.float64) @ vectors.astype(np.float64).T
    return [set(keys[row].tolist()) for row in np.argsort(-scores, axis=1)[:, :depth]]


@pytest.mark.parametrize("files", [1, 4])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_recall_that_was_measured_is_the_recall_that_there_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, files: int, seed: int
) -> None:
    monkeypatch.setattr(recall, "DEPTHS", (5, 40, 200, 900, 5000))
    written_files, cells, keys, _ = some_rows(tmp_path, rows=900, files=files, count=128, seed=seed)
    opened = Space(tmp_path, written_files, cells)
    queries = queries_between(opened.of(keys[:60]))
    of_codes = vectors_of_codes(tmp_path, written_files, cells)
    keys, vectors = np.array(list(of_codes)), np.array(list(of_codes.values()))
    measured = measured_probes(opened, queries)
    assert [one.depth for one in measured] == [5, 40, 200], "no depth that all rows are needed for"
    assert [one.probes for one in measured] == sorted(one.probes for one in measured)
    assert measured[0].probes < measured[-1].probes
    tries = [1]
    while tries[-1] < 128:
        tries.append(min(int(tries[-1] * recall.STEP) + 1, 128))
    for one in measured:
        exact = exact_keys(keys, vectors, queries, one.depth)
        found = recall_in(opened, queries, exact, one.depth, one.probes)
        assert one.recall == pytest.approx(found, abs=2 / len(queries) / one.depth)
        assert TARGET <= one.recall <= 1
        assert one.probes in tries
        for fewer in tries[: tries.index(one.probes)]:
            assert recall_in(opened, queries, exact, one.depth, fewer) < TARGET


def recall_in(opened: Space, queries: FloatArray, exact: list[set[int]], depth: int, probes: int) -> float:
    """Search so many cells, and return which share of the exact results that finds."""
    keys, scores = opened.search_cells(queries, depth, probes)
    order = np.argsort(-scores, axis=1)[:, :depth]
    found = [set(row) for row in np.take_along_axis(keys, order, axis=1).tolist()]
    return float(np.mean([len(some & best) / depth for some, best in zip(found, exact, strict=True)]))


def test_copies_of_a_vector_do_not_pass_for_misses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Which of many copies stand among the best is nobody's concern, and takes no look into more cells."""
    monkeypatch.setattr(recall, "DEPTHS", (10, 100))
    rng = np.random.default_rng(13)
    vectors = clustered(rng, 300, 16, clusters=30)
    cells = EightBits.learn(vectors, 64)
    alone = Space(tmp_path, written(tmp_path, np.arange(300), vectors, 1, cells), cells)
    queries = queries_between(alone.of(rng.permutation(300)[:100]))
    order = rng.permutation(7 * 300)
    copies = written(tmp_path, np.arange(7 * 300), np.tile(vectors, (7, 1))[order], 1, cells)
    (of_ten, *_), (of_ten_alone, *_) = (
        measured_probes(Space(tmp_path, copies, cells), queries),
        measured_probes(alone, queries),
    )
    assert of_ten.probes <= of_ten_alone.probes


def test_where_one_cell_holds_all_one_look_finds_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recall, "DEPTHS", (3, 10))
    files, cells, keys, _ = some_rows(tmp_path, count=1)
    opened = Space(tmp_path, files, cells)
    assert measured_probes(opened, opened.of(keys[:20])) == [Probes(3, 1, 1.0), Probes(10, 1, 1.0)]


def test_queries_lie_between_two_vectors_each() -> None:
    vectors = clustered(np.random.default_rng(14), 40, 9)
    queries = queries_between(vectors)
    assert queries.shape == (20, 9)
    np.testing.assert_allclose(np.linalg.norm(queries, axis=1), 1, atol=1e-6)
    for query, one, other in zip(queries, vectors[:20], vectors[20:], strict=True):
        assert query @ one == pytest.approx(query @ other, abs=1e-5)
        assert query @ one == pytest.approx(((1 + one @ other) / 2) ** 0.5, abs=1e-5), "half the angle"


# Files.


def test_what_is_said_of_a_file_is_so(tmp_path: Path) -> None:
    (file,), cells, _, _ = some_rows(tmp_path, width=33)
    for one, rows in ((file, 200), (cells.save(tmp_path, "sentence-cells", 123), 123)):
        content = (tmp_path / one.name).read_bytes()
        assert (one.rows, one.bytes) == (rows, len(content))
        assert one.sha256 == hashlib.sha256(content).hexdigest()
        assert one.name.startswith(f"{one.kind}-")
    assert len(list(tmp_path.iterdir())) == 2, "and no draft is left"
    assert file.bytes <= 200 * (33 + 5 + 3 * 8) + 8 * 16 + 100


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
def test_files_are_their_owners_alone(tmp_path: Path, umask: int) -> None:
    former = os.umask(umask)
    try:
        files, cells, _, _ = some_rows(tmp_path, files=2)
        cells.save(tmp_path, "sentence-cells", 200)
        cells.merge(tmp_path, files, NOTHING)
        cells.write_all(tmp_path, "note", Space(tmp_path, files, cells).each())
    finally:
        os.umask(former)
    assert [path.stat().st_mode & 0o777 for path in tmp_path.iterdir()] == [0o600] * 5


def test_a_missing_file_is_missing(tmp_path: Path) -> None:
    (file,), cells, _, _ = some_rows(tmp_path)
    saved = cells.save(tmp_path, "sentence-cells", 200)
    opens: dict[str, Callable[[], object]] = {
        file.name: lambda: Space(tmp_path, [file], cells),
        saved.name: lambda: EightBits.read(tmp_path / saved.name, saved, {}),
    }
    for name, opening in opens.items():
        (tmp_path / name).unlink()
        with pytest.raises(FileNotFoundError) as caught:
            opening()
        assert Path(caught.value.filename) == tmp_path / name
    with pytest.raises(FileNotFoundError):
        cells.merge(tmp_path, [file], NOTHING)


@pytest.mark.parametrize("module", [inverted_lists, vector_files], ids=["lists", "cells"])
def test_a_file_that_goes_while_it_is_opened_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, module: Any
) -> None:
    (file,), cells, _, _ = some_rows(tmp_path)
    saved = cells.save(tmp_path, "sentence-cells", 200)
    require_size = vector_files.require_size

    def require_and_remove(path: Path, expected: VectorFile) -> None:
        require_size(path, expected)
        path.unlink()

    monkeypatch.setattr(module, "require_size", require_and_remove)
    with pytest.raises(FileNotFoundError):
        Space(tmp_path, [file], EightBits.read(tmp_path / saved.name, saved, {}))


@pytest.fixture(params=["lists", "cells"])
def kept(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[VectorFile, Callable[[], object]]:
    """A file, and how it is opened, of both kinds."""
    (file,), cells, _, _ = some_rows(tmp_path, rows=60, width=5, count=8)
    if request.param == "lists":
        return file, lambda: Space(tmp_path, [file], cells)
    saved = cells.save(tmp_path, "sentence-cells", 60)
    return saved, lambda: EightBits.read(tmp_path / saved.name, saved, {})


def assert_damaged(path: Path, content: bytes, opening: Callable[[], object]) -> None:
    """Put other content where a file was, and check how opening it is refused."""
    path.write_bytes(content)
    with pytest.raises(CollectionDamaged) as caught:
        opening()
    assert str(path) in str(caught.value)
    assert "clinsearch repair" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_of_another_length_is_damaged(tmp_path: Path, kept: tuple[VectorFile, Callable[[], object]]) -> None:
    file, opening = kept
    content = (tmp_path / file.name).read_bytes()
    for length in [0, 1, 50, len(content) // 2, len(content) - 1]:
        assert_damaged(tmp_path / file.name, content[:length], opening)
    assert_damaged(tmp_path / file.name, content + b"\0", opening)


def test_garbage_of_the_right_length_is_damaged(tmp_path: Path, kept: tuple[VectorFile, Callable[[], object]]) -> None:
    file, opening = kept
    for garbage in (bytes, os.urandom, lambda size: b"x" * size, lambda size: b"\xff" * size):
        assert_damaged(tmp_path / file.name, garbage(file.bytes), opening)


def test_a_file_of_another_kind_is_damaged(tmp_path: Path, kept: tuple[VectorFile, Callable[[], object]]) -> None:
    """The catalog might name it for the right length alone."""
    file, _ = kept
    rng = np.random.default_rng(15)
    others_cells = EightBits.learn(clustered(rng, 40, 5), 8)
    flat = FLAT.write(tmp_path, "sentence", np.arange(40), clustered(rng, 40, 5))
    plain: Any = faiss.index_factory(5, "IVF4,SQ8", faiss.METRIC_INNER_PRODUCT)
    plain.train(clustered(rng, 100, 5))
    others = [(tmp_path / flat.name).read_bytes(), faiss.serialize_index(plain).tobytes()]
    for content in others:
        other, path = replace(file, bytes=len(content)), tmp_path / file.name
        if file.kind == "sentence":
            assert_damaged(path, content, lambda other=other: Space(tmp_path, [other], others_cells))
        else:
            assert_damaged(path, content, lambda path=path, other=other: EightBits.read(path, other, {}))


def test_a_wrong_count_in_lists_is_damage_and_no_traceback(tmp_path: Path) -> None:
    (file,), cells, _, _ = some_rows(tmp_path, rows=60, width=5, count=8)
    content = (tmp_path / file.name).read_bytes()
    # What FAISS calls it and how it writes sizes, the numbers of lists, of bytes in a code and of sizes, and the sizes.
    # Higher bytes of these would have FAISS make room for more than there is.
    numbers = [4, 12, 24, *range(32, 32 + 8 * 8, 8)]
    path = tmp_path / file.name
    for place in (*range(4), *range(20, 24), *(number + byte for number in numbers for byte in (0, 1))):
        for bit in (0, 3, 5):
            flipped = bytearray(content)
            flipped[place] ^= 1 << bit
            assert_damaged(path, bytes(flipped), lambda: Space(tmp_path, [file], cells))


@pytest.mark.parametrize(("width", "count"), [(5, 16), (6, 8), (13, 8), (5, 4)])
def test_lists_of_other_cells_are_damaged_if_their_shape_is_another(tmp_path: Path, width: int, count: int) -> None:
    (file,), _, _, _ = some_rows(tmp_path, rows=60, width=5, count=8)
    others = EightBits.learn(clustered(np.random.default_rng(16), 60, width), count)
    with pytest.raises(CollectionDamaged, match="clinsearch repair"):
        Space(tmp_path, [file], others)


def test_with_other_cells_of_the_same_shape_nothing_is_found_that_is_not_there(tmp_path: Path) -> None:
    (file,), _, keys, _ = some_rows(tmp_path, rows=60, width=5, count=8)
    others = EightBits.learn(clustered(np.random.default_rng(17), 60, 5), 8)
    opened = Space(tmp_path, [file], others)
    for query in clustered(np.random.default_rng(18), 5, 5):
        for probes in (1, 8):
            assert set(opened.search_cells(query[None], 100, probes)[0].ravel().tolist()) <= {*keys.tolist(), -1}


def harmed(path: Path, place: int, number: int) -> None:
    """Write another 64-bit number at a place in a file."""
    content = bytearray(path.read_bytes())
    content[place : place + 8] = number.to_bytes(8, "little", signed=True)
    path.write_bytes(bytes(content))


@pytest.mark.parametrize("place", [60 * (5 + 8), 10**6, 2**62, -(2**62)])
def test_a_place_outside_the_codes_is_damage_and_no_traceback(tmp_path: Path, place: int) -> None:
    (file,), cells, keys, _ = some_rows(tmp_path, rows=60, width=5, count=8)
    for row in (0, 30, 59):
        harmed(tmp_path / file.name, file.bytes - 60 * 9 + 8 * row, place)
    with pytest.raises(CollectionDamaged, match="clinsearch repair"):
        Space(tmp_path, [file], cells).of(np.sort(keys))


@pytest.mark.parametrize("number", [8, 10**6, 2**40])
def test_a_centre_of_a_cell_that_is_not_there_is_damage_and_no_traceback(tmp_path: Path, number: int) -> None:
    (file,), cells, keys, vectors = some_rows(tmp_path, rows=60, width=5, count=8)
    saved = cells.save(tmp_path, "sentence-cells", 60)
    content = (tmp_path / saved.name).read_bytes()
    # The numbers of the centres of each group stand together, whatever their order.
    index: Any = faiss.read_index(str(tmp_path / saved.name))
    groups: Any = faiss.downcast_index(index.quantizer).invlists
    group = max(range(groups.nlist), key=groups.list_size)
    numbers = faiss.rev_swig_ptr(groups.get_ids(group), groups.list_size(group)).astype("<i8").tobytes()
    assert content.count(numbers) == 1
    harmed(tmp_path / saved.name, content.index(numbers), number)

    def look() -> None:
        read = EightBits.read(tmp_path / saved.name, saved, {})
        Space(tmp_path, [file], read).search_cells(vectors, 5, 7)
        read.write(tmp_path, "sentence", keys, vectors)

    with pytest.raises(CollectionDamaged, match="clinsearch repair"):
        look()


# In a process that may not take all memory: FAISS makes room for any count that it reads.
FLIPS = """
import os, resource, sys
from contextlib import suppress
from pathlib import Path
import numpy as np
from clinsearch.storage.spaces.codecs.eight_bits import EightBits
from clinsearch.storage.spaces.space import Space

folder, keys = Path(sys.argv[1]), np.arange(1, 41)
vectors = np.random.default_rng(0).normal(size=(40, 5)).astype(np.float32)
cells = EightBits.learn(vectors, 4)
file, saved = cells.write(folder, "sentence", keys, vectors), cells.save(folder, "sentence-cells", 40)
limit = int(open("/proc/self/statm").read().split()[0]) * os.sysconf("SC_PAGE_SIZE") + (64 << 20)
resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
for harmed in (file, saved):
    content = (folder / harmed.name).read_bytes()
    for place in range(0, harmed.bytes, 2):
        flipped = bytearray(content)
        flipped[place] ^= 1 << place // 2 % 8
        (folder / harmed.name).write_bytes(flipped)
        print(harmed.kind, place, flush=True)
        with suppress(Exception):
            opened = Space(folder, [file], EightBits.read(folder / saved.name, saved, {10: 2}))
            opened.search_cells(vectors[:3], 7, 4)
            opened.search(vectors[0], 7, keys[:20])
            opened.of(keys)
    (folder / harmed.name).write_bytes(content)
"""


def test_no_flip_of_a_bit_ends_the_process(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", FLIPS, str(tmp_path)], capture_output=True, text=True, cwd=PROJECT)
    assert done.returncode == 0, (done.stdout[-50:], done.stderr)


def test_a_folder_that_is_gone_is_one_line(tmp_path: Path) -> None:
    files, cells, _, _ = some_rows(tmp_path)
    rows = Space(tmp_path, files, cells).each
    for write in (
        lambda folder: cells.save(folder, "sentence-cells", 1),
        lambda folder: cells.write_all(folder, "sentence", rows()),
    ):
        with pytest.raises(CollectionError, match="cannot be written") as caught:
            write(tmp_path / "gone")
        assert "\n" not in str(caught.value)


# Each limit falls elsewhere: before, at, and after the end of what FAISS writes.
CUT_OFF = """
import resource, signal, sys
from pathlib import Path
import numpy as np
from clinsearch.errors import CollectionError
from clinsearch.storage.spaces.codecs.eight_bits import EightBits

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
unlimited = resource.RLIM_INFINITY
folder, keys = Path(sys.argv[1]), np.arange(1, 201)
vectors = np.random.default_rng(0).normal(size=(200, 33)).astype(np.float32)
cells = EightBits.learn(vectors, 16)
size = cells.write(folder, "note", keys, vectors).bytes
for limit in (0, 1, size // 2, size - 21 * 200 - 1, size - 21 * 200, size - 9, size - 1):
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, unlimited))
    try:
        cells.write(folder, "sentence", keys, vectors)
    except CollectionError as error:
        assert "Nothing was lost" in str(error)
    else:
        print(f"{size} bytes were to be written, and {limit} passed for them")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (unlimited, unlimited))
"""


def test_a_file_that_the_disk_does_not_take_whole_is_refused(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", CUT_OFF, str(tmp_path)], capture_output=True, text=True, cwd=PROJECT)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    assert [path.name for path in tmp_path.iterdir() if not path.name.startswith("note-")] == []

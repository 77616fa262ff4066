"""Files of words' vectors against a numpy brute force: in half precision, as codes, and merged."""

from __future__ import annotations

from pathlib import Path

import faiss
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clinsearch.records import FloatArray
from clinsearch.records.keys import KeyArray, is_among
from clinsearch.storage.folder.spaces.codecs import four_bits
from clinsearch.storage.folder.spaces.codecs.four_bits import FourBits
from clinsearch.storage.folder.spaces.codecs.plain import HALF
from clinsearch.storage.folder.spaces.lists import LISTS_SUFFIX
from clinsearch.storage.folder.spaces.space import Space
from tests.support import word_vectors
from tests.support.brute_force import brute_force, searched
from tests.support.clusters import like_words
from tests.support.word_files import file_rows
from tests.support.word_vectors import WIDTH, written

pytestmark = pytest.mark.usefixtures("one_thread", "few_cells")

code, rows = word_vectors.code, word_vectors.rows


# Half precision.


@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_a_search_in_half_precision_equals_brute_force(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    rng = np.random.default_rng(data.draw(st.integers(0, 2**32 - 1), label="seed"))
    rows, width = data.draw(st.integers(0, 120), label="rows"), data.draw(st.integers(1, 6), label="width")
    keys = rng.permutation(2 * rows + 1)[:rows].astype(np.int64)
    # Small whole numbers and their products have no rounding, and the scores tie often.
    vectors, query = (rng.integers(-9, 10, size=size).astype(np.float32) for size in ((rows, width), width))
    files = data.draw(st.integers(1, 5), label="files")
    folder = tmp_path_factory.mktemp("words")
    opened = Space(folder, written(folder, keys, vectors, files, None), HALF)
    k = data.draw(st.sampled_from([1, 3, rows or 1, 3 * rows + 7]), label="k")
    among = None
    if data.draw(st.booleans(), label="filtered"):
        among = np.flatnonzero(rng.random(data.draw(st.integers(0, 3 * rows), label="length")) < 0.5)
    keys_found, scores = searched(opened, query, k, among)
    expected_keys, expected = brute_force(keys, vectors, query, k, among)
    assert scores == expected
    # Of those that tie with the last, any may be given.
    assert [key for key, score in zip(keys_found, scores, strict=True) if score > expected[-1]] == [
        key for key, score in zip(expected_keys, expected, strict=True) if score > expected[-1]
    ]
    assert (
        dict(zip(keys_found, scores, strict=True)).items()
        <= dict(zip(*brute_force(keys, vectors, query, rows, among), strict=True)).items()
    )


def test_half_precision_keeps_vectors_to_three_digits(tmp_path: Path) -> None:
    vectors = like_words(np.random.default_rng(1), 300)
    file = HALF.write(tmp_path, "word", np.arange(300), vectors)
    np.testing.assert_allclose(Space(tmp_path, [file], HALF).of(np.arange(300)), vectors, atol=5e-4)
    assert file.bytes < 300 * (2 * WIDTH + 8) + 500


def test_a_space_without_files_is_empty_and_finds_nothing(tmp_path: Path) -> None:
    empty = Space(tmp_path, [], HALF)
    assert (empty.rows, len(empty.keys), empty.is_exact) == (0, 0, True)
    assert searched(empty, np.ones(WIDTH, np.float32), 3) == ([], [])


# Codes.


def test_codes_give_the_scores_of_the_vectors_that_they_stand_for(
    tmp_path: Path, code: FourBits, rows: tuple[KeyArray, FloatArray]
) -> None:
    keys, vectors = rows
    saved = code.save(tmp_path, "code", 2000)
    files = written(tmp_path, keys, vectors, 3, code)
    index = faiss.read_index(str(tmp_path / saved.name))
    stand_for = {key: row for file in files for key, row in file_rows(tmp_path / file.name, index).items()}
    coded = np.array([stand_for[key] for key in keys.tolist()])
    cosines = (coded * vectors).sum(axis=1) / np.linalg.norm(coded, axis=1)
    assert cosines.mean() > 0.98
    assert cosines.min() > 0.9
    opened = Space(tmp_path, files, code)
    for query in vectors[:20]:
        best, scores = searched(opened, query, 50)
        expected = brute_force(keys, coded, query, 50)
        assert scores == pytest.approx(expected[1], abs=1e-4)
        assert len(set(best) & set(expected[0])) >= 49


def test_a_row_takes_half_a_byte_a_dimension_and_its_key(
    tmp_path: Path, code: FourBits, rows: tuple[KeyArray, FloatArray]
) -> None:
    (file,) = written(tmp_path, *rows, 1, code)
    assert file.bytes < len(rows[0]) * (WIDTH // 2 + 8) + 8 * four_bits.CELLS + 200


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), share=st.sampled_from([0.0, 0.001, 0.05, 0.5, 1.0]), files=st.integers(1, 4))
def test_a_filtered_search_finds_what_passes_and_nothing_else(
    code: FourBits,
    rows: tuple[KeyArray, FloatArray],
    tmp_path_factory: pytest.TempPathFactory,
    seed: int,
    share: float,
    files: int,
) -> None:
    keys, vectors = rows
    rng, folder = np.random.default_rng(seed), tmp_path_factory.mktemp("words")
    opened = Space(folder, written(folder, keys, vectors, files, code), code)
    among = np.flatnonzero(rng.random(rng.integers(0, 3500)) < share)
    passing = set(keys.tolist()) & set(among.tolist())
    for k in (1, 10, 5000):
        best, scores = searched(opened, vectors[0], k, among)
        assert set(best) <= passing
        assert len(set(best)) == len(best) == min(k, len(passing))
        assert scores == sorted(scores, reverse=True)


@pytest.mark.parametrize("k", [1, 100, 1500, 9000])
def test_k_hits_are_found_even_if_one_cell_is_searched_at_first(
    tmp_path: Path, code: FourBits, rows: tuple[KeyArray, FloatArray], monkeypatch: pytest.MonkeyPatch, k: int
) -> None:
    monkeypatch.setattr(four_bits, "CELLS_SEARCHED", 1)
    opened = Space(tmp_path, written(tmp_path, *rows, 2, code), code)
    assert len(opened.search(rows[1][0], k)[0]) == min(k, 1500)


def test_a_code_that_was_written_and_read_is_the_same_code(
    tmp_path: Path, code: FourBits, rows: tuple[KeyArray, FloatArray]
) -> None:
    file = code.save(tmp_path, "code", 2000)
    again = FourBits.read(tmp_path / file.name, file, {})
    (tmp_path / "other").mkdir()
    mine, its = written(tmp_path, *rows, 2, code), written(tmp_path / "other", *rows, 2, again)
    assert [file.sha256 for file in mine] == [file.sha256 for file in its]
    for query in rows[1][:10]:
        assert searched(Space(tmp_path, mine, code), query, 30) == searched(Space(tmp_path, mine, again), query, 30)


@pytest.mark.parametrize("width", [16, 128, 200])
def test_a_code_can_be_learnt_from_vectors_of_any_width(tmp_path: Path, width: int) -> None:
    vectors = like_words(np.random.default_rng(width), 600, width)
    code = FourBits.learn(vectors)
    assert code.turned(vectors).shape == (600, min(width, 128))
    opened = Space(tmp_path, written(tmp_path, np.arange(600), vectors, 1, code), code)
    first = [searched(opened, vector, 3)[0] for vector in vectors[:50]]
    assert sum(number in best for number, best in enumerate(first)) >= 49


@pytest.mark.parametrize(("rows_searched", "cells"), [(6000, 8), pytest.param(40_000, 1024, marks=pytest.mark.slow)])
def test_the_ten_nearest_are_among_the_codes_that_a_search_looks_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rows_searched: int, cells: int
) -> None:
    monkeypatch.setattr(four_bits, "CELLS", cells)
    monkeypatch.setattr(four_bits, "CELLS_SEARCHED", cells // 8 * 2)
    vectors = like_words(np.random.default_rng(8), rows_searched, 128, clusters=rows_searched // 20)
    keys = np.arange(rows_searched)
    code = FourBits.learn(vectors)
    opened = Space(tmp_path, written(tmp_path, keys, vectors, 2, code), code)
    queries = vectors[:: rows_searched // 50]
    recall = [
        len(set(searched(opened, query, 2 * 10 + 4)[0]) & set(brute_force(keys, vectors, query, 10)[0])) / 10
        for query in queries
    ]
    assert np.mean(recall) > 0.95


# Merging.


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), is_coded=st.booleans(), files=st.integers(1, 6), share=st.floats(0, 1))
def test_merged_files_hold_the_live_rows_of_all_as_they_were(
    code: FourBits,
    rows: tuple[KeyArray, FloatArray],
    tmp_path_factory: pytest.TempPathFactory,
    seed: int,
    is_coded: bool,
    files: int,
    share: float,
) -> None:
    rng, folder = np.random.default_rng(seed), tmp_path_factory.mktemp("words")
    index = faiss.read_index(str(folder / code.save(folder, "code", 2000).name))
    parts = zip(np.array_split(rows[0], files), np.array_split(rows[1], files), strict=True)
    codec = code if is_coded else HALF
    files = [codec.write(folder, "word", keys, vectors) for keys, vectors in parts]
    deleted = np.flatnonzero(rng.random(rng.integers(0, 3500)) < share)
    merged, seen = codec.merge(folder, files, deleted)
    assert sorted(seen.tolist()) == sorted(rows[0].tolist())
    before = {key: row for file in files for key, row in file_rows(folder / file.name, index).items()}
    kept = {key: row for key, row in before.items() if key not in set(deleted.tolist())}
    if not kept:
        assert merged is None
        return
    assert merged is not None
    after = file_rows(folder / merged.name, index)
    assert after.keys() == kept.keys()
    assert merged.rows == len(kept)
    assert merged.name.endswith(LISTS_SUFFIX) == is_coded
    for key, row in after.items():
        np.testing.assert_allclose(row, kept[key], atol=1e-6)


def test_merging_changes_no_search_result(tmp_path: Path, code: FourBits, rows: tuple[KeyArray, FloatArray]) -> None:
    files = written(tmp_path, *rows, 5, code)
    merged, _ = code.merge(tmp_path, files, np.empty(0, dtype=np.int64))
    assert merged
    several, one = Space(tmp_path, files, code), Space(tmp_path, [merged], code)
    assert several.rows == one.rows == 1500
    assert sorted(several.keys.tolist()) == sorted(one.keys.tolist()) == sorted(rows[0].tolist())
    for query in rows[1][:30]:
        assert searched(several, query, 40) == searched(one, query, 40)


def test_is_among_tells_which_keys_are_among_others() -> None:
    others = np.array([0, 2, 2**62])
    assert is_among(np.array([2, 1, 2**62, -1, 0, 3]), others).tolist() == [True, False, True, False, True, False]
    assert is_among(np.array([0, 1]), np.empty(0, np.int64)).tolist() == [False, False]

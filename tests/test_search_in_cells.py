"""Searches through the lists of cells, against brute force over the vectors that the codes stand for."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clinsearch.records import FloatArray
from clinsearch.storage.folder.spaces import space
from clinsearch.storage.folder.spaces.codecs import eight_bits
from clinsearch.storage.folder.spaces.codecs.eight_bits import EightBits
from clinsearch.storage.folder.spaces.space import Space
from tests.support.clusters import clustered
from tests.support.coded_vectors import (
    WIDTHS,
    assert_best,
    drawn_keys,
    rows_of,
    scores_of,
    some_rows,
    vectors_of_codes,
    written,
)

pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture
def all_by_halves(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rank all that the codes find by codes and half bits, not only the best of it."""
    monkeypatch.setattr(eight_bits, "CODES_BESIDE", 10_000)


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
def test_a_filtered_search_finds_the_same_by_key_and_through_the_lists(
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
def test_a_search_in_few_cells_finds_the_best_in_them_and_nothing_else(tmp_path: Path, probes: int, files: int) -> None:
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
                continue  # see test_a_search_gives_k_hits_wherever_there_are_k
            expected = scores_of(np.array(there), np.array([vectors[key] for key in there]), query)
            assert_best(opened.search(query, k), expected, k)


@pytest.mark.parametrize("k", [1, 10, 33, 100])
def test_what_the_codes_find_is_ranked_by_codes_and_halves(tmp_path: Path, k: int) -> None:
    """A few more than are wanted are looked at: those that are best by their codes alone."""
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
def test_a_search_gives_k_hits_wherever_there_are_k(tmp_path: Path, reason: str) -> None:
    """The cells that are searched first may hold fewer, and a short answer would mean that there are no more."""
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


def test_queries_in_a_batch_find_what_each_finds_alone(tmp_path: Path) -> None:
    files, cells, _, _ = some_rows(tmp_path, rows=300, files=2, count=32)
    opened = Space(tmp_path, files, cells)
    queries = clustered(np.random.default_rng(9), 15, 16)
    for probes in (3, 32):
        together = opened.search_cells(queries, 7, probes)
        for number, query in enumerate(queries):
            alone = opened.search_cells(query[None], 7, probes)
            assert [part[number].tolist() for part in together] == [part[0].tolist() for part in alone]


def test_searches_in_parallel_find_what_each_finds_alone(tmp_path: Path) -> None:
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


def test_an_open_space_keeps_working_when_its_files_are_deleted(tmp_path: Path) -> None:
    files, learnt, keys, _ = some_rows(tmp_path, rows=300, files=3)
    saved = learnt.save(tmp_path, "sentence-cells", 300)
    opened = Space(tmp_path, files, EightBits.read(tmp_path / saved.name, saved, {}))
    query = clustered(np.random.default_rng(10), 1, 16)[0]
    before = [part.tolist() for part in opened.search(query, 50)], opened.of(keys).tobytes()
    for path in tmp_path.iterdir():
        path.unlink()
    some_rows(tmp_path, rows=300, files=3, seed=77)
    assert ([part.tolist() for part in opened.search(query, 50)], opened.of(keys).tobytes()) == before

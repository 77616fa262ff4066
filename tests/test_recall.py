"""How many cells a search has to look into to find what it should."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from clinsearch.records import FloatArray
from clinsearch.records.keys import KeyArray
from clinsearch.storage.folder.spaces import recall
from clinsearch.storage.folder.spaces.codecs.eight_bits import EightBits
from clinsearch.storage.folder.spaces.recall import TARGET, measured_probes
from clinsearch.storage.folder.spaces.space import Space
from clinsearch.storage.folder.vectors import Probes
from clinsearch.storage.recall import queries_between
from tests.support.clusters import clustered
from tests.support.coded_vectors import some_rows, vectors_of_codes, written

pytestmark = pytest.mark.usefixtures("one_thread")


def exact_keys(keys: KeyArray, vectors: FloatArray, queries: FloatArray, depth: int) -> list[set[int]]:
    scores = queries.astype(np.float64) @ vectors.astype(np.float64).T
    return [set(keys[row].tolist()) for row in np.argsort(-scores, axis=1)[:, :depth]]


@pytest.mark.parametrize("files", [1, 4])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_measured_recall_is_the_real_recall(
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
    shallower = 1
    for one in measured:
        exact = exact_keys(keys, vectors, queries, one.depth)
        found = recall_in(opened, queries, exact, one.depth, one.probes)
        assert one.recall == pytest.approx(found, abs=2 / len(queries) / one.depth)
        assert TARGET <= one.recall <= 1
        for fewer in range(shallower, one.probes):
            assert recall_in(opened, queries, exact, one.depth, fewer) < TARGET
        shallower = one.probes


def recall_in(opened: Space, queries: FloatArray, exact: list[set[int]], depth: int, probes: int) -> float:
    """Return the share of the exact results that a search of so many cells finds."""
    keys, scores = opened.search_cells(queries, depth, probes)
    order = np.argsort(-scores, axis=1)[:, :depth]
    found = [set(row) for row in np.take_along_axis(keys, order, axis=1).tolist()]
    return float(np.mean([len(some & best) / depth for some, best in zip(found, exact, strict=True)]))


def test_copies_of_a_vector_do_not_count_as_misses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It does not matter which of many copies are among the best, so no more cells are searched for them."""
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


def test_one_probe_is_enough_where_one_cell_holds_everything(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recall, "DEPTHS", (3, 10))
    files, cells, keys, _ = some_rows(tmp_path, count=1)
    opened = Space(tmp_path, files, cells)
    assert measured_probes(opened, opened.of(keys[:20])) == [Probes(3, 1, 1.0), Probes(10, 1, 1.0)]


def test_each_query_lies_halfway_between_two_vectors() -> None:
    vectors = clustered(np.random.default_rng(14), 40, 9)
    queries = queries_between(vectors)
    assert queries.shape == (20, 9)
    np.testing.assert_allclose(np.linalg.norm(queries, axis=1), 1, atol=1e-6)
    for query, one, other in zip(queries, vectors[:20], vectors[20:], strict=True):
        assert query @ one == pytest.approx(query @ other, abs=1e-5)
        assert query @ one == pytest.approx(((1 + one @ other) / 2) ** 0.5, abs=1e-5), "half the angle"

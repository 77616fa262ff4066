"""The cells that vectors lie in: how they are learnt, saved, merged and replaced."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clinsearch.storage.folder.spaces import space
from clinsearch.storage.folder.spaces.codecs import eight_bits
from clinsearch.storage.folder.spaces.codecs.eight_bits import EightBits, cells_wanted, sample_size
from clinsearch.storage.folder.spaces.codecs.plain import FLAT
from clinsearch.storage.folder.spaces.space import Space
from tests.support.clusters import clustered
from tests.support.coded_vectors import (
    ROUNDING,
    WIDTHS,
    assert_best,
    centres_of,
    drawn_keys,
    rows_in,
    rows_of,
    scores_of,
    some_rows,
    written,
)

pytestmark = pytest.mark.usefixtures("one_thread")


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
    """A few different vectors and many copies: no centre may get lost or become NaN."""
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


def test_cells_are_read_back_as_they_were_saved(tmp_path: Path) -> None:
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


def test_probes_are_those_of_the_next_measured_depth_and_beyond_the_last_all_cells() -> None:
    cells = EightBits.learn(clustered(np.random.default_rng(5), 100, 8), 32)
    assert [cells.probes_for(k) for k in (1, 10, 10**6)] == [32, 32, 32]
    cells.probes = {10: 2, 100: 5, 1000: 19}
    for k, probes in {1: 2, 10: 2, 11: 5, 100: 5, 101: 19, 1000: 19, 1001: 32, 10**6: 32}.items():
        assert cells.probes_for(k) == probes


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
def test_new_cells_change_no_code(tmp_path: Path, width: int) -> None:
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
def test_new_cells_keep_vectors_bit_for_bit_however_small_a_step_is(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """A dimension may hardly vary, far from zero: then codes are as close to each other as floats are."""
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


def test_rows_coded_later_get_the_codes_that_they_would_have_got_at_first(
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

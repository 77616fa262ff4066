"""Codes of eight bits and a half bit: how near a decoded vector is, and where its code stands in the file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clinsearch.storage.folder.spaces import space
from clinsearch.storage.folder.spaces.codecs.eight_bits import EightBits
from clinsearch.storage.folder.spaces.space import Space
from tests.support.clusters import clustered
from tests.support.coded_vectors import NOTHING, WIDTHS, behind, drawn_keys, rows_in, some_rows, written

pytestmark = pytest.mark.usefixtures("one_thread")


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_a_decoded_vector_is_off_by_at_most_a_quarter_step_in_every_dimension(
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


def test_a_value_outside_the_learnt_range_is_clipped_to_it(tmp_path: Path) -> None:
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
    """Our places in a file fit FAISS's layout: list after list, first its codes and then its keys."""
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
def test_a_code_and_its_half_bit_number_the_step_that_a_value_lies_in(tmp_path: Path, width: int) -> None:
    (file,), cells, keys, vectors = some_rows(tmp_path, width=width)
    smallest, range_ = (part.astype(np.float64) for part in cells.scales())
    rows = rows_in(tmp_path, file)
    exact = (vectors - smallest) / range_ * 510
    for key, steps in zip(keys.tolist(), exact, strict=True):
        _, code, halves = rows[key]
        number = 2 * np.frombuffer(code, np.uint8).astype(int) + np.unpackbits(np.frombuffer(halves, np.uint8))[:width]
        assert (np.abs(steps - (number + 0.5)) <= 0.501).all()


def test_a_missing_key_is_named_in_the_error(tmp_path: Path) -> None:
    keys, vectors = np.array([2, 4, 6, 8]), np.eye(4, dtype=np.float32)
    cells = EightBits.learn(vectors, 2)
    opened = Space(tmp_path, written(tmp_path, keys, vectors, 2, cells), cells)
    for missing in (1, 3, 5, 7, 9, 1000, -1):
        with pytest.raises(KeyError) as caught:
            opened.of(np.array([4, missing, 8]))
        assert caught.value.args == (missing,)
    assert opened.of(NOTHING).shape == (0, 4)


def test_a_space_without_files_is_empty_and_finds_nothing(tmp_path: Path) -> None:
    cells = EightBits.learn(np.eye(4, dtype=np.float32), 2)
    empty = Space(tmp_path, [], cells)
    for among in (None, np.array([1, 5])):
        assert [part.tolist() for part in empty.search(np.ones(4, np.float32), 3, among)] == [[], []]
    assert (empty.rows, len(empty.keys), list(empty.each()), len(empty.of(NOTHING))) == (0, 0, [], 0)
    with pytest.raises(KeyError):
        empty.of(np.array([1]))


@pytest.mark.parametrize("step", [1, 7, 100, 1000])
def test_rows_come_in_steps_and_each_of_them_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: int) -> None:
    files, cells, keys, _ = some_rows(tmp_path, rows=150, files=3)
    opened = Space(tmp_path, files, cells)
    monkeypatch.setattr(space, "ROWS_PER_STEP", step)
    parts = list(opened.each())
    assert max(len(part) for part, _ in parts) == min(step, 50)
    together = np.concatenate([part for part, _ in parts])
    assert sorted(together.tolist()) == sorted(keys.tolist())
    assert np.concatenate([vectors for _, vectors in parts]).tobytes() == opened.of(together).tobytes()

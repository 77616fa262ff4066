"""Files of vectors against a numpy brute force, and what becomes of them when they are not as they were written."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clinsearch.errors import CollectionDamaged, CollectionError
from clinsearch.records import FloatArray
from clinsearch.records.keys import KeyArray
from clinsearch.storage.folder.spaces.codecs.plain import FLAT
from clinsearch.storage.folder.spaces.files import VectorFile
from clinsearch.storage.folder.spaces.space import Space
from tests.conftest import PROJECT
from tests.support.brute_force import brute_force, searched

pytestmark = pytest.mark.usefixtures("one_thread")


def whole_numbers(rng: np.random.Generator, *shape: int, largest: int = 2) -> FloatArray:
    """Draw vectors of small whole numbers: their inner products are exact, and often the same."""
    return rng.integers(-largest, largest + 1, size=shape).astype(np.float32)


def written(folder: Path, keys: KeyArray, vectors: FloatArray, files: int) -> Space:
    """Write rows to so many files, as they come, and open these."""
    parts = zip(np.array_split(keys, files), np.array_split(vectors, files), strict=True)
    return Space(folder, [FLAT.write(folder, "sentence", *part) for part in parts if len(part[0])], FLAT)


def one_file(folder: Path, rows: int = 20, hidden_size: int = 16) -> tuple[VectorFile, KeyArray, FloatArray]:
    rng = np.random.default_rng(rows)
    keys = rng.permutation(np.arange(1, rows + 1))
    vectors = rng.normal(size=(rows, hidden_size)).astype(np.float32)
    return FLAT.write(folder, "sentence", keys, vectors), keys, vectors


# Searching.


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_a_search_equals_brute_force_to_the_last_hit(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    rng = np.random.default_rng(data.draw(st.integers(0, 2**32 - 1), label="seed"))
    rows = data.draw(st.integers(0, 150), label="rows")
    hidden_size = data.draw(st.integers(1, 5), label="hidden_size")
    keys = rng.permutation(np.arange(1, 2 * rows + 2))[:rows].astype(np.int64)
    vectors = whole_numbers(rng, rows, hidden_size)
    files = data.draw(st.integers(1, 6), label="files")
    opened = written(tmp_path_factory.mktemp("vectors"), keys, vectors, files)
    k = data.draw(st.sampled_from([1, 2, 3, 10, rows or 1, rows + 1, 2 * rows + 7]), label="k")
    unknown = np.arange(2 * rows + 2, 2 * rows + 40)
    pool = rng.permutation(np.concatenate([keys, unknown]))
    among = None
    if data.draw(st.booleans(), label="filtered"):
        among = pool[: data.draw(st.integers(0, len(pool)), label="among")]
    query = whole_numbers(rng, hidden_size)
    assert searched(opened, query, k, among) == brute_force(keys, vectors, query, k, among)


def test_every_size_of_what_is_allowed_gives_the_exact_best_of_it(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    keys = rng.permutation(np.arange(1, 61))
    vectors = whole_numbers(rng, 60, 4)
    opened = written(tmp_path, keys, vectors, 3)
    query = whole_numbers(rng, 4)
    for size in range(61):
        among = np.sort(rng.choice(keys, size, replace=False))
        for k in (1, 5, 60, 100):
            assert searched(opened, query, k, among) == brute_force(keys, vectors, query, k, among)


def test_nothing_allowed_gives_nothing(tmp_path: Path) -> None:
    opened = written(tmp_path, np.arange(1, 9), np.ones((8, 4), np.float32), 2)
    nothing = np.empty(0, dtype=np.int64)
    assert searched(opened, np.ones(4, np.float32), 5, nothing) == ([], [])
    assert searched(opened, np.ones(4, np.float32), 5, np.array([900])) == ([], [])


def test_no_files_hold_nothing_and_find_nothing(tmp_path: Path) -> None:
    empty = Space(tmp_path, [], FLAT)
    assert searched(empty, np.ones(4, np.float32), 3) == ([], [])
    assert (empty.rows, len(empty.keys)) == (0, 0)
    assert len(empty.of(np.empty(0, dtype=np.int64))) == 0
    with pytest.raises(KeyError):
        empty.of(np.array([1]))


# FAISS keeps its best in a heap up to k = 100 and in another structure from there on.
@pytest.mark.parametrize("k", [1, 2, 7, 99, 100, 101, 1023, 1024, 2999, 3000, 3001, 5000])
def test_real_valued_vectors_are_ranked_by_their_scores(tmp_path: Path, k: int) -> None:
    rng = np.random.default_rng(11)
    keys = rng.permutation(np.arange(1, 3001))
    vectors = rng.normal(size=(3000, 32)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    opened = written(tmp_path, keys, vectors, 5)
    query = vectors[123]
    for among in (None, np.sort(keys[::3])):
        found, scores = opened.search(query, k, among)
        expected, exact = brute_force(keys, vectors, query, k, among)
        np.testing.assert_allclose(scores, exact, atol=1e-6)
        score_of = dict(zip(*brute_force(keys, vectors, query, 3000, None), strict=True))
        np.testing.assert_allclose(scores, [score_of[key] for key in found.tolist()], atol=1e-6)
        assert len(set(found.tolist())) == len(found) == len(expected)
        assert found[0] == expected[0]


def test_what_is_allowed_is_ranked_as_if_nothing_else_were_there(tmp_path: Path) -> None:
    rng = np.random.default_rng(12)
    keys = rng.permutation(np.arange(1, 1001))
    vectors = rng.normal(size=(1000, 32)).astype(np.float32)
    for name in ("all", "some"):
        (tmp_path / name).mkdir()
    everything = written(tmp_path / "all", keys, vectors, 4)
    for size in (1, 10, 333, 1000):
        chosen = rng.permutation(1000)[:size]
        alone = written(tmp_path / "some", keys[chosen], vectors[chosen], 2)
        for k in (1, 10, 150, 1000):
            query = rng.normal(size=32).astype(np.float32)
            assert searched(everything, query, k, np.sort(keys[chosen])) == searched(alone, query, k)


@pytest.mark.parametrize("k", [1, 3, 150, 4999, 6000])
def test_ties_that_straddle_the_last_place_go_by_key(tmp_path: Path, k: int) -> None:
    rng = np.random.default_rng(5)
    keys = rng.permutation(np.arange(1, 5001))
    vectors = np.tile(whole_numbers(rng, 1, 8), (5000, 1))
    better = np.isin(keys, [4000, 17, 2500])
    vectors[better] *= 2
    opened = written(tmp_path, keys, vectors, 7)
    query = vectors[~better][0]
    expected = [17, 2500, 4000] + [key for key in range(1, 5001) if key not in (17, 2500, 4000)]
    assert searched(opened, query, k)[0] == expected[:k]
    odd = np.arange(1, 5001, 2)
    assert searched(opened, query, k, odd)[0] == [key for key in expected if key % 2][:k]


def test_copies_of_a_vector_have_one_score_in_whatever_file_they_lie(tmp_path: Path) -> None:
    rng = np.random.default_rng(6)
    vectors = rng.normal(size=(700, 33)).astype(np.float32)
    copies = rng.choice(700, 90, replace=False)
    vectors[copies] = vectors[copies[0]]
    keys = rng.permutation(np.arange(1, 701))
    cuts = np.array_split(np.arange(700), [1, 3, 9, 40, 41, 300, 699])
    opened = Space(tmp_path, [FLAT.write(tmp_path, "sentence", keys[c], vectors[c]) for c in cuts], FLAT)
    query = vectors[copies[0]] + rng.normal(size=33).astype(np.float32) / 100
    for among in (None, np.sort(keys)):
        for k in (10, 90):
            found, scores = searched(opened, query, k, among)
            assert found == sorted(keys[copies].tolist())[:k]
            assert len(set(scores)) == 1


def test_the_nearest_vector_to_a_unit_vector_is_itself_with_a_score_of_one(tmp_path: Path) -> None:
    rng = np.random.default_rng(8)
    vectors = rng.normal(size=(200, 24)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    opened = written(tmp_path, np.arange(1, 201), vectors, 3)
    for row in range(0, 200, 5):
        keys, scores = opened.search(vectors[row], 1)
        assert keys.tolist() == [row + 1]
        assert scores[0] == pytest.approx(1, abs=1e-6)


# Reading back.


@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_vectors_come_back_as_they_were_written(data: st.DataObject, tmp_path_factory: pytest.TempPathFactory) -> None:
    floats = st.floats(width=32, allow_nan=False, allow_infinity=False)
    drawn = data.draw(
        st.dictionaries(st.integers(1, 2**62), st.tuples(floats, floats, floats), min_size=1, max_size=20)
    )
    keys = np.array(list(drawn), dtype=np.int64)
    vectors = np.array(list(drawn.values()), dtype=np.float32)
    opened = written(tmp_path_factory.mktemp("vectors"), keys, vectors, data.draw(st.integers(1, 4)))
    assert sorted(opened.keys.tolist()) == sorted(drawn)
    assert opened.rows == len(drawn)
    wanted = data.draw(st.lists(st.sampled_from(sorted(drawn)), max_size=30))
    rows = opened.of(np.array(wanted, dtype=np.int64))
    assert rows.tobytes() == np.array([drawn[key] for key in wanted], dtype=np.float32).tobytes()


def test_a_key_that_is_not_there_is_named(tmp_path: Path) -> None:
    opened = written(tmp_path, np.array([2, 4, 6, 8]), np.eye(4, dtype=np.float32), 2)
    for missing in (1, 3, 5, 9, 1000):
        with pytest.raises(KeyError) as caught:
            opened.of(np.array([4, missing, 8]))
        assert caught.value.args == (missing,)


def test_keys_beyond_what_a_float_can_count_are_kept_apart(tmp_path: Path) -> None:
    keys = np.array([2**53 + 1, 2**53, 2**62 + 1, 2**62], dtype=np.int64)
    opened = written(tmp_path, keys, np.diag([4, 3, 2, 1]).astype(np.float32), 1)
    assert searched(opened, np.ones(4, np.float32), 4)[0] == keys.tolist()
    assert opened.of(keys[1:2]).tolist() == [[0, 3, 0, 0]]


# Files.


def test_what_is_said_of_a_file_is_so(tmp_path: Path) -> None:
    file, keys, _ = one_file(tmp_path)
    content = (tmp_path / file.name).read_bytes()
    assert (file.kind, file.rows, file.bytes) == ("sentence", len(keys), len(content))
    assert file.sha256 == hashlib.sha256(content).hexdigest()
    assert [path.name for path in tmp_path.iterdir()] == [file.name]


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
def test_a_file_is_its_owners_alone(tmp_path: Path, umask: int) -> None:
    former = os.umask(umask)
    try:
        file, _, _ = one_file(tmp_path)
    finally:
        os.umask(former)
    assert (tmp_path / file.name).stat().st_mode & 0o777 == 0o600


def test_a_missing_file_is_missing(tmp_path: Path) -> None:
    file, _, _ = one_file(tmp_path)
    (tmp_path / file.name).unlink()
    with pytest.raises(FileNotFoundError) as caught:
        Space(tmp_path, [file], FLAT)
    assert Path(caught.value.filename) == tmp_path / file.name


def test_a_set_stays_whole_when_the_names_of_its_files_are_gone(tmp_path: Path) -> None:
    rng = np.random.default_rng(9)
    keys, vectors = rng.permutation(np.arange(1, 401)), whole_numbers(rng, 400, 6)
    opened = written(tmp_path, keys, vectors, 4)
    for path in tmp_path.iterdir():
        path.unlink()
    written(tmp_path, keys, -vectors, 4)
    query = whole_numbers(rng, 6)
    assert searched(opened, query, 50) == brute_force(keys, vectors, query, 50, None)
    assert opened.of(keys).tobytes() == vectors.tobytes()


def damaged(folder: Path, file: VectorFile, content: bytes) -> CollectionDamaged:
    """Put other content where a file was, and return how opening it is refused."""
    (folder / file.name).write_bytes(content)
    with pytest.raises(CollectionDamaged) as caught:
        Space(folder, [file], FLAT)
    assert str(folder / file.name) in str(caught.value)
    assert "clinsearch repair" in str(caught.value)
    assert "\n" not in str(caught.value)
    return caught.value


def test_a_file_of_another_length_is_damaged(tmp_path: Path) -> None:
    file, _, _ = one_file(tmp_path)
    content = (tmp_path / file.name).read_bytes()
    for length in [0, 1, 50, len(content) // 2, len(content) - 1]:
        damaged(tmp_path, file, content[:length])
    damaged(tmp_path, file, content + b"\0")


def test_garbage_of_the_right_length_is_damaged(tmp_path: Path) -> None:
    file, _, _ = one_file(tmp_path)
    for garbage in (bytes, os.urandom, lambda size: b"x" * size, lambda size: b"\xff" * size):
        damaged(tmp_path, file, garbage(file.bytes))


def test_a_wrong_count_in_a_file_is_damage_and_no_traceback(tmp_path: Path) -> None:
    file, keys, _ = one_file(tmp_path)
    content = (tmp_path / file.name).read_bytes()
    counts = len(content) - 8 * len(keys) - 8
    # The vectors' width, the number of rows, the number of keys, and the same once more for the rows inside.
    for place in (4, 5, 6, counts, counts + 1, counts + 6, 41, 45, 74):
        for bit in (0, 1, 5):
            flipped = bytearray(content)
            flipped[place] ^= 1 << bit
            damaged(tmp_path, file, bytes(flipped))


def test_a_missing_folder_is_reported_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(CollectionError, match="cannot be written") as caught:
        one_file(tmp_path / "gone")
    assert "\n" not in str(caught.value)


# Each limit falls elsewhere: within what is held back until the file is closed, or within what is written before.
CUT_OFF = """
import resource, signal, sys
from pathlib import Path
import numpy as np
from clinsearch.errors import CollectionError
from clinsearch.storage.folder.spaces.codecs.plain import FLAT

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
keys, vectors = np.arange(1, 201), np.ones((200, 32), np.float32)
unlimited = resource.RLIM_INFINITY
for rows in (1, 10, 200):
    size = FLAT.write(Path(sys.argv[1]), "note", keys[:rows], vectors[:rows]).bytes
    for limit in {0, 1, size // 2, size - 9, size - 1}:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, unlimited))
        try:
            file = FLAT.write(Path(sys.argv[1]), "sentence", keys[:rows], vectors[:rows])
        except CollectionError as error:
            assert "Nothing was lost" in str(error)
        else:
            print(f"{rows} rows are {size} bytes, and {limit} bytes passed for them")
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (unlimited, unlimited))
"""


def test_a_file_that_does_not_fit_on_the_disk_is_refused(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", CUT_OFF, str(tmp_path)], capture_output=True, text=True, cwd=PROJECT)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    assert [path.name for path in tmp_path.iterdir() if not path.name.startswith("note-")] == []

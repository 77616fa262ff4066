"""What every space has in common: how few cells a search looks into, and how little memory a change takes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import faiss
import numpy as np
import pytest

from clinsearch import Collection
from clinsearch.encoder.words import WORD_RECIPE
from clinsearch.records import FloatArray
from clinsearch.storage import text_vectors
from clinsearch.storage.folder.snapshots import Reader
from clinsearch.storage.folder.spaces import files as vector_files
from clinsearch.storage.folder.spaces import lists, recall
from clinsearch.storage.folder.spaces.codecs import cells, four_bits
from clinsearch.storage.folder.spaces.codecs.cells import CellCodec, CellFile
from clinsearch.storage.folder.spaces.codecs.eight_bits import EightBits
from clinsearch.storage.folder.spaces.codecs.four_bits import FourBits
from clinsearch.storage.folder.spaces.codecs.plain import HALF
from clinsearch.storage.folder.spaces.recall import TARGET
from clinsearch.storage.folder.spaces.space import Space
from clinsearch.storage.folder.writer import Writer
from clinsearch.storage.recall import queries_between
from tests.conftest import PROJECT
from tests.support.calls import calls_of
from tests.support.clusters import like_words
from tests.support.collections import OWNER, commit, contents_of, path_in_memory
from tests.support.command_line import run
from tests.support.large_collections import change as change_notes
from tests.support.large_collections import some_notes

ROWS, CELLS = 600, 8


pytestmark = pytest.mark.usefixtures("one_thread", "few_cells")

tmp_path = path_in_memory


@pytest.fixture(params=["eight bits", "four bits"])
def codec(request: pytest.FixtureRequest) -> CellCodec:
    vectors = like_words(np.random.default_rng(5), ROWS)
    return EightBits.learn(vectors, CELLS) if request.param == "eight bits" else FourBits.learn(vectors)


def written(folder: Path, codec: CellCodec, files: int = 2) -> tuple[Space, FloatArray]:
    vectors = like_words(np.random.default_rng(5), ROWS)
    parts = zip(np.array_split(np.arange(ROWS), files), np.array_split(vectors, files), strict=True)
    return Space(folder, [codec.write(folder, "word", *part) for part in parts], codec), vectors


# Deletion.


def test_after_a_deletion_a_search_looks_into_as_many_cells_as_before(
    tmp_path: Path, codec: CellCodec, monkeypatch: pytest.MonkeyPatch
) -> None:
    codec.probes = {10: 2}
    opened, vectors = written(tmp_path, codec)
    before, _ = opened.search(vectors[0], 10)
    left = opened.without(before[:1])
    searched = calls_of(monkeypatch, CellFile, "search")
    selectors = calls_of(monkeypatch, vector_files, "only")
    found, _ = left.search(vectors[0], 10)
    assert found[:9].tolist() == before[1:].tolist()
    assert {given[3].shape[1] for given in searched} == {2}, "the cells that were measured, and no more"
    assert selectors == [], "what is left out is told once, when the snapshot is taken"


def test_a_search_looks_further_only_where_too_little_is_left(
    tmp_path: Path, codec: CellCodec, monkeypatch: pytest.MonkeyPatch
) -> None:
    codec.probes = {10: 1}
    opened, vectors = written(tmp_path, codec)
    (there,), _ = codec.nearest(codec.turned(vectors[:1]), 1)
    own = np.sort(np.concatenate([lists.keys_in(file.lists)[_in_cell(file, there[0])] for file in opened._files]))
    left = opened.without(own[5:])
    searched = calls_of(monkeypatch, CellFile, "search")
    assert len(left.search(vectors[0], 5)[0]) == 5
    assert {given[3].shape[1] for given in searched} == {1}
    assert len(left.search(vectors[0], 10)[0]) == 10
    assert {given[3].shape[1] for given in searched} == {1, CELLS}


def _in_cell(file: Any, cell: int) -> Any:
    return lists.Part(file.lists, np.ones(file.rows, dtype=bool)).cells == cell


# Merging.


@pytest.mark.parametrize("cell_count", [1, 2, 31, 64])
def test_lists_are_written_byte_for_byte_as_faiss_writes_them(tmp_path: Path, cell_count: int) -> None:
    """Few are empty, or most: FAISS has two ways to write how many rows each list has."""
    rng = np.random.default_rng(cell_count)
    for rows in (1, 5, 300):
        vectors = like_words(rng, rows, 12)
        codec = EightBits.learn(like_words(rng, 200, 12), cell_count)
        own = codec.lists_of(np.arange(rows), vectors)
        expected: Any = faiss.VectorIOWriter()
        faiss.write_InvertedLists(own, expected)
        file = lists.write_lists(tmp_path, "word", [lists.Part(own, np.ones(rows, dtype=bool))])
        assert (tmp_path / file.name).read_bytes() == faiss.vector_to_array(expected.data).tobytes()


def test_deleted_keys_are_looked_up_once_in_each_file_not_in_each_list(
    tmp_path: Path, codec: CellCodec, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened, vectors = written(tmp_path, codec, files=3)
    files = [codec.write(tmp_path, "word", np.arange(ROWS), vectors)] * 2
    calls = calls_of(monkeypatch, cells, "is_among")
    codec.merge(tmp_path, files, np.arange(0, ROWS, 2))
    assert len(calls) == len(files)
    assert opened.rows == ROWS


@pytest.mark.parametrize("rows_per_file", [1, 100, 10_000])
def test_rows_that_are_coded_some_at_a_time_lie_in_one_file_like_all_at_once(
    tmp_path: Path, codec: CellCodec, monkeypatch: pytest.MonkeyPatch, rows_per_file: int
) -> None:
    monkeypatch.setattr(cells, "ROWS_PER_FILE", rows_per_file)
    vectors = like_words(np.random.default_rng(6), ROWS)
    steps = zip(np.array_split(np.arange(ROWS), 7), np.array_split(vectors, 7), strict=True)
    at_once = codec.write(tmp_path, "word", np.arange(ROWS), vectors)
    file = codec.write_all(tmp_path, "word", steps)
    assert file is not None
    assert file.sha256 == at_once.sha256
    assert len(list(tmp_path.iterdir())) == 2, "no part is left behind"
    assert codec.write_all(tmp_path, "word", []) is None


# In a process that may have little memory beside: what is mapped of a file does not count.
MERGES = """
import resource, sys
from pathlib import Path
import faiss
import numpy as np
from clinsearch.storage.folder.spaces.codecs.eight_bits import EightBits
from clinsearch.storage.folder.spaces.codecs.four_bits import FourBits
from clinsearch.storage.folder.spaces.codecs import four_bits

faiss.omp_set_num_threads(1)
four_bits.CELLS = 64
folder, rng = Path(sys.argv[1]), np.random.default_rng(0)
sample = rng.normal(size=(3000, 384)).astype(np.float32)
codec = EightBits.learn(sample, 64) if sys.argv[2] == "eight bits" else FourBits.learn(sample)
files = []
for part in range(10):
    vectors = rng.normal(size=(10_000, 384)).astype(np.float32)
    files.append(codec.write(folder, "word", part * 10_000 + np.arange(10_000), vectors))
del vectors, sample
def used():
    return int(next(line for line in open("/proc/self/status") if line.startswith("VmData")).split()[1]) << 10
limit = used() + int(sys.argv[3])
resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
merged, keys = codec.merge(folder, files, np.arange(0, 100_000, 7))
assert merged.rows == 100_000 - len(range(0, 100_000, 7)), merged.rows
print(sum(file.bytes for file in files))
"""


def test_a_merge_does_not_hold_what_it_merges(tmp_path: Path) -> None:
    room = 24 << 20
    command = [sys.executable, "-c", MERGES, str(tmp_path), "eight bits", str(room)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=PROJECT)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 1.8 * room


def test_notes_vectors_are_made_of_the_sentences_of_few_notes_at_a_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "c"
    with Writer(folder, create=True) as writer:
        writer.claim(OWNER, "test")
        commit(writer, *some_notes(60))
    before = contents_of(folder).note_vectors
    with Reader(folder).snapshot() as snapshot:
        sentences = snapshot.sentences.rows
    for path in (folder / "vectors").glob("note-*"):
        path.unlink()
    monkeypatch.setattr(text_vectors, "NOTES_PER_STEP", 5)
    read = calls_of(monkeypatch, Space, "of")
    with Writer(folder) as writer:
        writer.forget_damaged_vectors(check_content=False)
        writer.restore_note_vectors()
    sizes = [len(keys) for _, keys in read]
    assert sum(sizes) >= sentences
    assert max(sizes) < sentences / 4
    monkeypatch.undo()
    assert contents_of(folder).note_vectors == before


# Recall.


def test_how_many_cells_to_look_into_for_words_is_measured_on_the_collections_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = np.random.default_rng(9)
    codec = FourBits.learn(like_words(rng, 3000))
    vectors = like_words(rng, 3000)
    opened = Space(tmp_path, [codec.write(tmp_path, "word", np.arange(3000), vectors)], codec)
    assert codec.probes_for(10) == CELLS, "of so few cells all, before it is measured"
    queries = queries_between(opened.of(rng.permutation(3000)[:400]))
    measured = recall.measured_probes(opened, queries)
    assert [one.depth for one in measured] == [10, 100, 300, 1000]
    every, _ = opened.search_cells(queries, 10, CELLS)
    for one in measured[:1]:
        found, _ = opened.search_cells(queries, 10, one.probes)
        share = np.mean([len(set(a) & set(b)) / 10 for a, b in zip(found.tolist(), every.tolist(), strict=True)])
        assert TARGET <= one.recall == pytest.approx(share)
    codec.probes = {one.depth: one.probes for one in measured}
    assert codec.probes_for(10) == measured[0].probes


def test_rows_of_words_are_read_back_as_their_codes_stand_for_them(tmp_path: Path) -> None:
    rng = np.random.default_rng(10)
    vectors, keys = like_words(rng, 900), rng.permutation(5000)[:900].astype(np.int64)
    codec = FourBits.learn(vectors)
    files = [
        codec.write(tmp_path, "word", keys[:500], vectors[:500]),
        codec.write(tmp_path, "word", keys[500:], vectors[500:]),
    ]
    turned, opened = codec.turned(vectors), Space(tmp_path, files, codec)
    read = opened.of(keys[::7])
    assert ((read * turned[::7]).sum(axis=1) / np.linalg.norm(read, axis=1)).min() > 0.9
    for query in vectors[:5]:
        found, scores = opened.search(query, 20)
        assert scores == pytest.approx(opened.of(found) @ codec.turned(query[None])[0], abs=1e-4)
    with pytest.raises(KeyError):
        opened.of(np.array([5001]))


def test_half_precision_of_an_earlier_file_is_read_by_key_in_whatever_order_it_lies(tmp_path: Path) -> None:
    keys, vectors = np.array([7, 3, 11, 5]), np.eye(4, dtype=np.float32)
    index = faiss.IndexIDMap(HALF._make(4))
    index.add_with_ids(vectors, keys)
    opened = Space(tmp_path, [vector_files.write_index(tmp_path, "word", 4, index)], HALF)
    assert opened.of(np.array([11, 3])).tolist() == vectors[[2, 1]].tolist()
    merged, _ = HALF.merge(tmp_path, [vector_files.write_index(tmp_path, "word", 4, index)], np.array([3]))
    assert merged is not None
    assert Space(tmp_path, [merged], HALF).of(np.array([5, 7])).tolist() == vectors[[3, 0]].tolist()


def test_status_says_what_was_measured_of_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(four_bits, "LEAST_ROWS", 40)
    folder = tmp_path / "c"
    with Writer(folder, create=True) as writer:
        writer.claim(OWNER, "test", words=WORD_RECIPE)
        change_notes(writer, {f"n{i}": (f"Text {i}.", f"Word {i}.") for i in range(60)}, has_words=True)
    said = {quality.vectors: quality for quality in Collection(folder).status().search}
    assert said.keys() == {"sentence", "note", "opening", "word", "piece"}
    assert said["word"].cells == CELLS
    assert TARGET <= (said["word"].recall or 0) <= 1
    shown = " ".join(run("status", "--collection", folder).stdout.split())
    assert f"search of words {said['word'].probes} of {CELLS} cells" in shown

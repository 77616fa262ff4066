"""Lost and damaged vectors are made again; until then a search says so and does not leave hits out."""

from __future__ import annotations

import shutil
import stat
from collections.abc import Callable, Sequence
from pathlib import Path

import faiss
import pytest

from clinsearch import Collection, index
from clinsearch.encoder.encoder import Encoder
from clinsearch.errors import CollectionDamaged
from clinsearch.records import FloatArray
from clinsearch.storage.folder.snapshots import Reader
from clinsearch.storage.folder.vectors import VectorCatalog
from clinsearch.storage.folder.writer import Writer
from tests.conftest import WORDS
from tests.support.collections import (
    EVERYTHING,
    a_note,
    assert_alike,
    assert_whole,
    collection_of,
    commit,
    commit_often,
    contents_of,
    flip_a_bit,
    found,
    hits_or_damage,
    overwrite,
    path_in_memory,
    truncate,
    vector_paths,
)

pytestmark = pytest.mark.usefixtures("one_thread")

tmp_path = path_in_memory


NOTES = {
    f"n{i:02}": f"HISTORY:\n{' '.join(WORDS[i : i + 6]).capitalize()}. Patient is stable.\nPLAN:\nFever {i}.\n"
    for i in range(12)
}


@pytest.fixture
def note_files(tmp_path: Path) -> Path:
    folder = tmp_path / "notes"
    folder.mkdir()
    for name, text in NOTES.items():
        (folder / f"{name}.txt").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def indexed(tmp_path: Path, note_files: Path, tiny_model: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A collection of several commits, and so of several files of each kind."""
    commit_often(monkeypatch.setattr)
    index(note_files, tmp_path / "indexed", model=str(tiny_model))
    assert len(vector_paths(tmp_path / "indexed")) >= 4
    return tmp_path / "indexed"


@pytest.mark.drawn(4)
@pytest.mark.parametrize("kind", ["sentence", "note", "opening"])
@pytest.mark.parametrize("harm", [truncate, flip_a_bit, overwrite, Path.unlink])
def test_repair_makes_the_same_vectors_again(indexed: Path, kind: str, harm: Callable[[Path], None]) -> None:
    before = contents_of(indexed)
    hits = Collection(indexed).search("fever", EVERYTHING)
    one, *_ = [path for path in vector_paths(indexed) if path.name.startswith(kind)]
    rows = len(faiss.vector_to_array(faiss.read_index(str(one)).id_map))
    harm(one)
    assert Collection(indexed).repair() == (rows if kind == "sentence" else 0)
    assert_alike(indexed, before)
    assert contents_of(indexed).sentence_keys == before.sentence_keys
    again = Collection(indexed).search("fever", EVERYTHING)
    assert {(hit.note_id, hit.start, hit.sentence) for hit in again} == {
        (hit.note_id, hit.start, hit.sentence) for hit in hits
    }
    assert Collection(indexed).repair() == 0
    assert_whole(indexed)


@pytest.mark.parametrize("harm", [truncate, overwrite, Path.unlink])
def test_a_search_in_damaged_vectors_names_the_remedy(indexed: Path, harm: Callable[[Path], None]) -> None:
    harm(next(path for path in vector_paths(indexed) if path.name.startswith("sentence")))
    with pytest.raises(CollectionDamaged, match="clinsearch repair"):
        Collection(indexed).search("fever")


def test_repair_makes_all_vectors_again_when_every_file_is_gone(indexed: Path) -> None:
    before = contents_of(indexed)
    for path in vector_paths(indexed):
        path.unlink()
    assert Collection(indexed).repair() == len(before.sentences)
    assert_alike(indexed, before)


@pytest.mark.parametrize("remedy", ["repair", "index"])
def test_a_lost_folder_of_vectors_is_made_again(indexed: Path, note_files: Path, remedy: str) -> None:
    before = contents_of(indexed)
    shutil.rmtree(indexed / "vectors")
    if remedy == "repair":
        assert Collection(indexed).repair() == len(before.sentences)
    else:
        index(note_files, indexed)
    assert_alike(indexed, before)
    assert stat.S_IMODE((indexed / "vectors").stat().st_mode) == 0o700


@pytest.mark.parametrize("harm", [truncate, Path.unlink])
@pytest.mark.parametrize("kind", ["sentence", "note", "opening"])
def test_indexing_heals_missing_and_truncated_files_by_itself(
    indexed: Path, note_files: Path, kind: str, harm: Callable[[Path], None]
) -> None:
    before = contents_of(indexed)
    harm(next(path for path in vector_paths(indexed) if path.name.startswith(kind)))
    report = index(note_files, indexed)
    assert (report.unchanged, report.new, report.changed) == (len(NOTES), 0, 0)
    assert_alike(indexed, before)


def test_repair_of_a_whole_collection_leaves_its_files_alone(indexed: Path) -> None:
    before = [(path, path.stat().st_ino) for path in vector_paths(indexed)]
    assert Collection(indexed).repair() == 0
    assert [(path, path.stat().st_ino) for path in vector_paths(indexed)] == before


@pytest.mark.parametrize("kind", ["sentence", "word"])
def test_a_repair_that_is_stopped_leaves_no_search_with_silent_gaps(
    indexed: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """Between two attempts at a repair, a search finds everything or says that vectors are damaged."""
    before = len(contents_of(indexed).sentences)
    collection = Collection(indexed)
    words = len(collection.search_tokens("fever", EVERYTHING))
    next(path for path in vector_paths(indexed) if path.name.startswith(kind)).unlink()

    def run_out_of_memory(self: Encoder, texts: Sequence[str], *, bulk: bool) -> FloatArray:
        raise MemoryError

    with monkeypatch.context() as fault:
        fault.setattr(Encoder, "encode_words", run_out_of_memory)
        with pytest.raises(MemoryError):
            Collection(indexed).repair()
    hits = hits_or_damage(lambda: collection.search("fever", EVERYTHING))
    assert hits is None or len(hits) == before
    found_words = hits_or_damage(lambda: collection.search_tokens("fever", EVERYTHING))
    assert found_words is None or len(found_words) == words
    assert Collection(indexed).repair() > 0
    assert_whole(indexed)


def test_what_was_deleted_is_not_found_when_as_many_vectors_are_missing(tmp_path: Path) -> None:
    """There are as many dead rows as live ones missing: the counts agree, the rows do not."""
    folder = collection_of(tmp_path / "c", [a_note(f"n{i}", f"Own {i}.") for i in range(9)], [a_note("x", "Lost.")])
    with Writer(folder) as writer:
        commit(writer, removed=["n3"])
        with writer.catalog() as catalog:
            lost = [file.name for file in VectorCatalog(catalog.connection).files() if file.rows == 1]
        for name in lost:
            (folder / "vectors" / name).unlink()
        writer.forget_damaged_vectors(check_content=False)

    def search() -> list[tuple[str | None, float]]:
        with Reader(folder).snapshot() as snapshot:
            return found(snapshot, "Own 3.")

    assert "Own 3." not in dict(hits_or_damage(search) or [])

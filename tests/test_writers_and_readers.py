"""One writer at a time, and readers beside it that each see a single commit."""

from __future__ import annotations

import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import faiss
import pytest

from clinsearch.errors import CollectionBusy
from clinsearch.storage.folder.snapshots import Reader
from clinsearch.storage.folder.spaces.compaction import FANOUT
from clinsearch.storage.folder.writer import Writer
from tests.conftest import PROJECT
from tests.support.collections import (
    a_note,
    collection_of,
    commit,
    contents,
    contents_of,
    found,
    path_in_memory,
    vector_of,
    vector_paths,
)

pytestmark = pytest.mark.usefixtures("one_thread")

tmp_path = path_in_memory


# One writer.


def in_another_thread(work: Callable[[], object]) -> BaseException | None:
    raised: list[BaseException | None] = []

    def run() -> None:
        try:
            work()
            raised.append(None)
        except BaseException as error:
            raised.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    return raised[0]


ANOTHER_WRITER = """
import sys
from pathlib import Path
from clinsearch.errors import CollectionBusy
from clinsearch.storage.folder.writer import Writer

try:
    with Writer(Path(sys.argv[1]), create=True):
        print("in", flush=True)
        sys.stdin.read()
except CollectionBusy as error:
    print(error)
"""


def another_process(folder: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", ANOTHER_WRITER, str(folder)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=PROJECT,
    )  # fmt: skip


def test_a_second_writer_is_refused_while_the_first_is_at_work(tmp_path: Path) -> None:
    folder = collection_of(tmp_path / "c", [a_note("a", "One.")])

    def write() -> None:
        with Writer(folder, create=True) as writer:
            commit(writer, a_note("b", "Two."))

    with Writer(folder) as writer:
        began = time.monotonic()
        with pytest.raises(CollectionBusy, match="Another process") as caught:
            write()
        assert str(folder) in str(caught.value)
        assert isinstance(in_another_thread(write), CollectionBusy)
        assert "Another process is writing" in another_process(folder).communicate()[0]
        assert time.monotonic() - began < 5, "refused at once, not after a wait"
        commit(writer, a_note("c", "Three."))
    assert in_another_thread(write) is None
    assert set(contents_of(folder).notes) == {"a", "b", "c"}


def test_the_right_to_write_ends_with_the_process_that_held_it(tmp_path: Path) -> None:
    folder = collection_of(tmp_path / "c", [a_note("a", "One.")])
    holder = another_process(folder)
    assert holder.stdout is not None
    assert holder.stdout.readline() == "in\n"
    with pytest.raises(CollectionBusy), Writer(folder):
        pass
    holder.kill()
    holder.communicate()
    with Writer(folder) as writer:
        commit(writer, a_note("b", "Two."))
    assert set(contents_of(folder).notes) == {"a", "b"}


def test_a_writer_that_fails_lets_the_next_one_in(tmp_path: Path) -> None:
    folder = collection_of(tmp_path / "c", [a_note("a", "One.")])
    with pytest.raises(ZeroDivisionError), Writer(folder):
        raise ZeroDivisionError
    assert in_another_thread(lambda: Writer(folder).__enter__().__exit__(None, None, None)) is None


# Readers beside a writer.


@pytest.mark.usefixtures("no_wait_for_readers")
def test_a_snapshot_stays_as_it_is_while_a_writer_commits_deletes_and_compacts(tmp_path: Path) -> None:
    notes = [a_note(f"n{i}", f"Own {i}.", "Shared.") for i in range(20)]
    folder = collection_of(tmp_path / "c", *([item] for item in notes))
    reader = Reader(folder)
    with reader.snapshot() as snapshot:
        before, hits = contents(snapshot), found(snapshot, "Own 4.")
        with Writer(folder) as writer:
            for change in range(3):
                commit(writer, a_note(f"new {change}", f"New {change}."), removed=[f"n{change}", f"n{change + 9}"])
                assert contents(snapshot) == before
            writer.compact()
            assert contents(snapshot) == before
            assert found(snapshot, "Own 4.") == hits
            with reader.snapshot() as next_snapshot:
                after = contents(next_snapshot)
            commit(writer, removed=sorted(after.notes))
            writer.compact()
            assert vector_paths(folder) == []
            assert contents(snapshot) == before
            assert found(snapshot, "Own 4.") == hits
    assert set(after.notes) == {f"new {i}" for i in range(3)} | {
        f"n{i}" for i in range(20) if i not in (0, 1, 2, 9, 10, 11)
    }
    with reader.snapshot() as snapshot:
        assert contents(snapshot).notes == {}


def test_what_a_thread_holds_is_one_commit_and_another_thread_sees_the_next(tmp_path: Path) -> None:
    folder = collection_of(tmp_path / "c", [a_note("a", "Own a.", "Shared.")])
    reader, before, after = Reader(folder), {"a"}, {"a", "b"}

    def notes() -> set[str]:
        with reader.snapshot() as snapshot, reader.catalog() as (catalog, _):
            assert len(found(snapshot, "Own a.")) == len(snapshot.catalog.all_keys("sentence"))
            assert catalog.last_commit() == snapshot.catalog.last_commit()
            return set(contents(snapshot).notes)

    with reader.held():
        assert notes() == before
        with Writer(folder) as writer:
            commit(writer, a_note("b", "Own b."))
            writer.compact()
        assert notes() == before
        with ThreadPoolExecutor(1) as another:
            assert another.submit(notes).result() == after
        assert notes() == before
        assert set(contents_of(folder).notes) == after  # as another reader of the same thread has it
    assert notes() == after


def test_every_snapshot_is_of_one_commit_while_a_writer_is_at_work(tmp_path: Path) -> None:
    """Each commit replaces all notes by those of the next generation; no reader may see two at once."""
    folder = collection_of(tmp_path / "c", [a_note(f"n{i}", "Generation 0.", f"Own 0 {i}.") for i in range(4)])
    reader, seen, done = Reader(folder), [], threading.Event()

    def write() -> None:
        try:
            with Writer(folder) as writer:
                for generation in range(1, 26):
                    notes = [a_note(f"n{i}", f"Generation {generation}.", f"Own {generation} {i}.") for i in range(4)]
                    commit(writer, *notes, removed=[f"n{i}" for i in range(4)])
                    writer.compact()
        finally:
            done.set()

    thread = threading.Thread(target=write)
    thread.start()
    try:
        while not done.is_set():
            with reader.snapshot() as snapshot:
                there, texts = contents(snapshot), {text for text, _ in found(snapshot, "Own 1 1.")}
            generations = {text.rstrip(".").split()[1] for text in texts}
            assert len(generations) == 1
            assert texts == set(there.sentences)
            assert len(texts) == 5
            seen.append(int(generations.pop()))
    finally:
        thread.join()
    assert seen == sorted(seen)
    assert len(set(seen)) > 3


@pytest.mark.usefixtures("no_wait_for_readers")
def test_files_merged_away_while_a_reader_opens_them_are_not_reported_as_damage(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A writer gets in between the reader's look at a file and its opening."""
    notes = [a_note(f"n{i}", f"Own {i}.") for i in range(FANOUT)]
    folder = collection_of(tmp_path / "c", *([item] for item in notes))
    read_index, calls = faiss.read_index, []

    def read_late(path: str, *arguments: object) -> object:
        calls.append(path)
        if len(calls) == 3:
            with Writer(folder) as writer:
                writer.compact()
        return read_index(path, *arguments)

    monkeypatch.setattr(faiss, "read_index", read_late)
    with Reader(folder).snapshot() as snapshot:
        assert set(contents(snapshot).notes) == {item.note.note_id for item in notes}


def test_a_new_collection_in_the_same_folder_is_read_from_scratch(tmp_path: Path) -> None:
    folder = collection_of(tmp_path / "c", [a_note("a", "One."), a_note("b", "Two.")])
    reader = Reader(folder)
    with reader.snapshot() as snapshot:
        assert found(snapshot, "One.", 1) == [("One.", pytest.approx(1, abs=1e-6))]
    shutil.rmtree(folder)
    collection_of(folder, [a_note("c", "Three."), a_note("d", "Four.")])
    with reader.snapshot() as snapshot:
        assert contents(snapshot).sentences == {t: vector_of(t).tobytes() for t in ("Three.", "Four.")}
        assert found(snapshot, "Three.", 1) == [("Three.", pytest.approx(1, abs=1e-6))]

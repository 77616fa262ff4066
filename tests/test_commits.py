"""What a collection is after each commit, for its writer, for its readers and on the disk."""

from __future__ import annotations

import os
import random
import shutil
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import faiss
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clinsearch import Collection, index
from clinsearch.encoder.encoder import Encoder
from clinsearch.encoder.pooling import unit
from clinsearch.errors import CollectionBusy, CollectionDamaged, CollectionError, NoteNotFound
from clinsearch.indexing import run
from clinsearch.records import Filter, FloatArray
from clinsearch.retrieval import Likeness, nearest_sentences, similar_notes
from clinsearch.storage.catalog import database
from clinsearch.storage.snapshots import Reader, Snapshot
from clinsearch.storage.spaces.compaction import FANOUT, files_to_merge
from clinsearch.storage.spaces.files import VectorFile
from clinsearch.storage.writer import Writer
from tests.conftest import PROJECT, WORDS
from tests.support.collections import (
    EVERYTHING,
    a_note,
    a_single_thread,
    assert_alike,
    assert_whole,
    collection_of,
    commit,
    commit_often,
    contents,
    contents_of,
    files_of,
    flip_a_bit,
    folder_in_memory,
    hits_or_damage,
    holders,
    notes_by_sentence,
    overwrite,
    truncate,
    vector_of,
    vector_paths,
)


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    """Encode and search on one thread: there is too little to share it out."""
    with a_single_thread():
        yield


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    with folder_in_memory() as folder:
        yield folder


# Writing without a model: the vector of a text is a pure function of it.


# Reading it all.


def found(snapshot: Snapshot, text: str, k: int = EVERYTHING) -> list[tuple[str | None, float]]:
    return [(hit.sentence, hit.score) for hit in nearest_sentences(snapshot, vector_of(text), k, Filter())]


# Notes come, change and go.


def test_what_is_committed_is_there(tmp_path: Path) -> None:
    folder = collection_of(
        tmp_path / "c", [a_note("one", "No fever.", "Has cough.")], [a_note("two", "Has cough."), a_note("bare")]
    )
    assert_whole(folder)
    there = contents_of(folder)
    assert there.notes == {"one": ("No fever.", "Has cough."), "two": ("Has cough.",), "bare": ()}
    assert there.sentences == {text: vector_of(text).tobytes() for text in ("No fever.", "Has cough.")}
    assert there.note_vectors == {
        "one": unit(vector_of("No fever.") + vector_of("Has cough.")).tobytes(),
        "two": unit(vector_of("Has cough.")).tobytes(),
    }


def test_a_deleted_note_is_never_found(tmp_path: Path) -> None:
    rng = random.Random(1)
    notes = [a_note(f"n{i}", f"Own {i}.", *rng.sample([f"Shared {j}." for j in range(6)], 2)) for i in range(30)]
    folder = collection_of(tmp_path / "c", notes[:10], notes[10:])
    left = {item.note.note_id: item for item in notes}
    with Writer(folder) as writer:
        for note_id in rng.sample(sorted(left), 29):
            commit(writer, removed=[note_id])
            del left[note_id]
            with Reader(folder).snapshot() as snapshot:
                there = {sentence.text for item in left.values() for sentence in item.sentences}
                assert {text for text, _ in found(snapshot, f"Own {note_id[1:]}.")} == there
                hits = notes_by_sentence(snapshot, vector_of("Shared 1."), EVERYTHING, Filter())
                assert {hit.note_id for hit in hits} == set(left)
                one = min(left)
                alike = similar_notes(snapshot, one, Likeness(EVERYTHING))
                assert {hit.note_id for hit in alike} == set(left) - {one}
                with pytest.raises(NoteNotFound):
                    snapshot.catalog.note(note_id)
            if len(left) % 7 == 0:
                writer.compact()
    assert_whole(folder)


def test_keys_are_never_given_twice(tmp_path: Path) -> None:
    folder = collection_of(tmp_path / "c", [a_note("a", "One.", "Two."), a_note("b", "Three.")])
    given: list[int] = []
    given_to_sentences: list[int] = []
    for _ in range(4):
        there = contents_of(folder)
        given += there.keys.values()
        given_to_sentences += there.sentence_keys.values()
        with Writer(folder) as writer:
            commit(writer, removed=["a", "b"])
            writer.compact()
        with Writer(folder) as writer:
            commit(writer, a_note("a", "One.", "Two."), a_note("b", "Three."))
    for keys in (given, given_to_sentences):
        assert len(set(keys)) == len(keys)
        assert min(contents_of(folder).keys.values()) > max(given)


def test_a_changed_note_drops_its_old_sentences_and_keeps_the_shared_ones(tmp_path: Path) -> None:
    folder = collection_of(
        tmp_path / "c", [a_note("a", "Old.", "Kept.", "Elsewhere too."), a_note("b", "Elsewhere too.")]
    )
    before = contents_of(folder)
    with Writer(folder) as writer:
        commit(writer, a_note("a", "Kept.", "New."), removed=["a"])
    after = contents_of(folder)
    assert after.notes == {"a": ("Kept.", "New."), "b": ("Elsewhere too.",)}
    assert set(after.sentences) == {"Kept.", "New.", "Elsewhere too."}
    for text in ("Kept.", "Elsewhere too."):
        assert after.sentences[text] == before.sentences[text]
        assert after.sentence_keys[text] == before.sentence_keys[text]
    assert_whole(folder)


def test_a_sentence_in_forty_notes_is_stored_once_and_names_forty_places(tmp_path: Path) -> None:
    copied = "Resume home medications."
    notes = [a_note(f"n{i:02}", f"Day {i}.", copied) for i in range(40)]
    folder = collection_of(tmp_path / "c", *(notes[start : start + 7] for start in range(0, 40, 7)))
    there = contents_of(folder)
    assert len(there.sentences) == 41
    with Reader(folder).snapshot() as snapshot:
        assert snapshot.sentences.rows == 41
        best = nearest_sentences(snapshot, vector_of(copied), 1, Filter())[0]
        assert (best.sentence, best.occurrences) == (copied, 40)
        places = snapshot.catalog.occurrences([there.sentence_keys[copied]], Filter())
    assert [place.note.note_id for place in places] == [item.note.note_id for item in notes]


def test_a_note_that_says_the_same_twice_has_both_places(tmp_path: Path) -> None:
    folder = collection_of(tmp_path / "c", [a_note("a", "Same.", "Other.", "Same.")])
    assert contents_of(folder).notes == {"a": ("Same.", "Other.", "Same.")}
    assert len(contents_of(folder).sentences) == 2
    assert_whole(folder)


@settings(max_examples=12, deadline=None)
@given(data=st.data())
def test_whatever_happens_the_collection_is_what_a_dictionary_would_be(data: st.DataObject) -> None:
    with folder_in_memory() as folder:
        change_at_will(data, collection_of(folder / "c"))


def change_at_will(data: st.DataObject, folder: Path) -> None:
    """Make changes as drawn, and compare with a dictionary after each."""
    model: dict[str, tuple[str, ...]] = {}
    sentences = st.lists(st.sampled_from([f"Text {i}." for i in range(12)]), max_size=5).map(tuple)
    changes = st.dictionaries(st.sampled_from("abcdefgh"), st.none() | sentences, max_size=4)
    reader = Reader(folder)
    for change in data.draw(st.lists(changes, min_size=1, max_size=10)):
        added = [a_note(note_id, *texts) for note_id, texts in change.items() if texts is not None]
        with Writer(folder) as writer:
            commit(writer, *added, removed=model.keys() & change.keys())
            if data.draw(st.booleans()):
                writer.compact()
        model = {note_id: texts for note_id, texts in {**model, **change}.items() if texts is not None}
        there = {text for texts in model.values() for text in texts}
        with reader.snapshot() as snapshot:
            assert contents(snapshot).notes == model
            assert contents(snapshot).sentences == {text: vector_of(text).tobytes() for text in there}
            order = sorted(there, key=lambda text: -float(vector_of(text) @ vector_of("Text 0.")))
            assert [text for text, _ in found(snapshot, "Text 0.")] == order
        assert_whole(folder)


def test_a_commit_that_fails_changes_nothing_and_tells_nothing(tmp_path: Path) -> None:
    folder = collection_of(tmp_path / "c", [a_note("a", "Kept.")])
    before = contents_of(folder)
    with Writer(folder) as writer:
        with pytest.raises(CollectionError) as caught:
            commit(writer, a_note("b", "Secretword one."), a_note("a", "Secretword two."), removed=[])
        assert "Secretword" not in str(caught.value)
        assert contents_of(folder) == before
        commit(writer, a_note("b", "Fine."))
    assert contents_of(folder).notes == {"a": ("Kept.",), "b": ("Fine.",)}
    assert_whole(folder)


# Compaction.


def test_compaction_keeps_every_live_vector_bit_for_bit_and_drops_the_dead(tmp_path: Path) -> None:
    notes = [a_note(f"n{i}", f"Own {i}.", f"Pair {i // 2}.") for i in range(40)]
    folder = collection_of(tmp_path / "c", *([item] for item in notes))
    with Writer(folder) as writer:
        commit(writer, removed=[f"n{i}" for i in range(0, 40, 3)])
    before, paths = contents_of(folder), vector_paths(folder)
    with Reader(folder).snapshot() as snapshot:
        assert snapshot.sentences.rows > len(before.sentences)
        hits = found(snapshot, "Own 3.")
    with Writer(folder) as writer:
        writer.compact()
    assert contents_of(folder) == before
    assert len(vector_paths(folder)) == 3 < len(paths)
    with Reader(folder).snapshot() as snapshot:
        assert sorted(snapshot.sentences.keys.tolist()) == sorted(before.sentence_keys.values())
        assert sorted(snapshot.notes.keys.tolist()) == sorted(before.keys.values())
        assert found(snapshot, "Own 3.") == hits
    assert_whole(folder)


def test_the_vectors_of_all_that_is_deleted_leave_the_disk(tmp_path: Path) -> None:
    notes = [a_note(f"n{i}", f"Own {i}.") for i in range(5)]
    folder = collection_of(tmp_path / "c", *([item] for item in notes))
    with Writer(folder) as writer:
        commit(writer, removed=[f"n{i}" for i in range(5)])
        writer.compact()
    assert vector_paths(folder) == []
    with Reader(folder).snapshot() as snapshot:
        assert found(snapshot, "Own 1.") == []
    with Writer(folder) as writer:
        commit(writer, notes[0])
    assert contents_of(folder).notes == {"n0": ("Own 0.",)}
    assert_whole(folder)


def test_small_files_are_merged_by_tiers_without_a_deletion(tmp_path: Path) -> None:
    notes = [a_note(f"n{i}", f"Own {i}.") for i in range(FANOUT + 1)]
    folder = collection_of(tmp_path / "c", notes[:-1])
    for item in notes[:-2]:
        with Writer(folder) as writer:
            commit(writer, a_note(f"more {item.note.note_id}", f"More {item.note.note_id}."))
            writer.compact()
    assert len(vector_paths(folder)) == 3 * FANOUT
    with Writer(folder) as writer:
        commit(writer, notes[-1])
        before = contents_of(folder)
        writer.compact()
    # The file of FANOUT rows is a tier of its own; the FANOUT files of one row have become one.
    assert len(vector_paths(folder)) == 3 * 2
    assert contents_of(folder) == before


def test_compaction_with_nothing_to_do_does_nothing(tmp_path: Path) -> None:
    folder = collection_of(tmp_path / "c", [a_note("a", "One.")], [a_note("b", "Two.")])
    before = [(path, path.stat().st_ino) for path in vector_paths(folder)]
    for _ in range(3):
        with Writer(folder) as writer:
            writer.compact()
    assert [(path, path.stat().st_ino) for path in vector_paths(folder)] == before


def file_of(number: int, rows: int) -> VectorFile:
    return VectorFile(f"sentence-{number % 2**64:016x}.faiss", "sentence", rows, rows * 64, "")


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(1, 5000), max_size=60), st.floats(0, 1))
def test_no_file_is_merged_twice_at_once_and_few_are_left(sizes: list[int], live_share: float) -> None:
    files = [file_of(number, rows) for number, rows in enumerate(sizes)]
    live = int(live_share * sum(sizes))
    groups = files_to_merge(files, live)
    merged = [file.name for group in groups for file in group]
    assert len(set(merged)) == len(merged)
    assert set(merged) <= {file.name for file in files}
    if sum(sizes) - live > sum(sizes) / 4:
        assert len(merged) == len(files)
    else:
        assert all(len(group) >= FANOUT for group in groups)


@pytest.mark.parametrize(("every", "rows"), [(1, 1), (1, 7), (3, 10), (20, 100)])
def test_the_number_of_files_and_of_rewrites_grows_with_the_logarithm(every: int, rows: int) -> None:
    files: list[VectorFile] = []
    total = rewritten = 0
    for number in range(1, 1201):
        total += rows
        files.append(file_of(number, rows))
        if number % every == 0:
            for group in files_to_merge(files, total):
                rewritten += sum(file.rows for file in group)
                merged = file_of(-rewritten, sum(file.rows for file in group))
                files = [file for file in files if file not in group] + [merged]
    tiers = np.log(total) / np.log(FANOUT) + 1
    assert sum(file.rows for file in files) == total
    assert len(files) <= FANOUT * tiers + every
    assert rewritten <= total * tiers


# Files that no row names.


def test_stray_files_are_ignored_by_readers_and_removed_by_the_next_writer(tmp_path: Path) -> None:
    folder = collection_of(tmp_path / "c", [a_note("a", "One.", "Two.")])
    before, paths = contents_of(folder), vector_paths(folder)
    strays = [f"sentence-{1:016x}.faiss", f"note-{2:016x}.faiss", f"sentence-{3:016x}.tmp", "anything"]
    for name in strays[:3]:
        shutil.copy(paths[0], folder / "vectors" / name)
    (folder / "vectors" / strays[3]).write_bytes(b"x")
    with Reader(folder).snapshot() as snapshot:
        assert contents(snapshot) == before
        assert len(found(snapshot, "One.")) == 2
    assert len(vector_paths(folder)) == len(paths) + len(strays)
    with Writer(folder):  # which removes nothing but what bears a name of ours
        assert vector_paths(folder) == sorted([*paths, folder / "vectors" / "anything"])
    assert contents_of(folder) == before


def test_a_stray_folder_among_the_vectors_stops_nobody(tmp_path: Path) -> None:
    folder = collection_of(tmp_path / "c", [a_note("a", "One.")])
    (folder / "vectors" / "lost+found").mkdir()
    with Writer(folder) as writer:
        commit(writer, a_note("b", "Two."))
    assert set(contents_of(folder).notes) == {"a", "b"}


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
from clinsearch.storage.writer import Writer

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


@pytest.fixture
def no_wait_for_readers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever reads keeps the log from being emptied; a writer at its end waits for that, but not for long."""
    monkeypatch.setattr(database, "BUSY_TIMEOUT_MS", 50)


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
def test_files_merged_away_between_two_steps_of_a_reader_are_no_damage(
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


def test_a_collection_made_anew_in_the_same_folder_is_read_anew(tmp_path: Path) -> None:
    folder = collection_of(tmp_path / "c", [a_note("a", "One."), a_note("b", "Two.")])
    reader = Reader(folder)
    with reader.snapshot() as snapshot:
        assert found(snapshot, "One.", 1) == [("One.", pytest.approx(1, abs=1e-6))]
    shutil.rmtree(folder)
    collection_of(folder, [a_note("c", "Three."), a_note("d", "Four.")])
    with reader.snapshot() as snapshot:
        assert contents(snapshot).sentences == {t: vector_of(t).tobytes() for t in ("Three.", "Four.")}
        assert found(snapshot, "Three.", 1) == [("Three.", pytest.approx(1, abs=1e-6))]


# On the disk.


def test_folders_and_files_are_their_owners_alone(tmp_path: Path) -> None:
    former = os.umask(0o022)
    try:
        folder = collection_of(tmp_path / "c", [a_note("a", "One.")])
        with Writer(folder) as writer:
            commit(writer, a_note("b", "Two."))
            with Reader(folder).snapshot() as snapshot:
                contents(snapshot)
                open_files = {path.name for path in folder.iterdir()}
                modes = {path: stat.S_IMODE(path.stat().st_mode) for path in [folder, *folder.rglob("*")]}
    finally:
        os.umask(former)
    assert open_files == {"catalog.db", "catalog.db-wal", "catalog.db-shm", "writer.lock", "vectors"}
    assert {path: mode for path, mode in modes.items() if mode != (0o700 if path.is_dir() else 0o600)} == {}


def test_deleted_text_is_in_no_file(tmp_path: Path) -> None:
    notes = [
        a_note(f"n{i}", f"Secretword{i:02} is here.", "Shared.", "x" * 9000 + f" Secretword{i:02}b.") for i in range(9)
    ]
    folder = collection_of(tmp_path / "c", notes[:4], notes[4:])
    assert holders(folder, "Secretword04")
    assert Collection(folder).delete(["n4", "n7"]) == 2
    for gone in ("Secretword04", "Secretword07"):
        assert holders(folder, gone) == []
    assert holders(folder, "Secretword05") == ["catalog.db"]


def test_the_old_text_of_a_changed_note_is_in_no_file(tmp_path: Path) -> None:
    folder = collection_of(tmp_path / "c", [a_note("a", "Secretword was here."), a_note("b", "Two.")])
    with Writer(folder) as writer:
        commit(writer, a_note("a", "Not any more."), removed=["a"])
    assert holders(folder, "Secretword") == []


@pytest.mark.parametrize("seed", [6, 9])
def test_deleted_text_is_in_no_file_however_much_was_moved_about(tmp_path: Path, seed: int) -> None:
    """SQLite moves rows between pages when it balances its trees; what it leaves behind has to go, too.

    With these seeds SQLite 3.40 left behind what `secure_delete` was to overwrite.
    """
    rng = random.Random(seed)
    most = rng.choice([8, 30])
    notes = []
    for i in range(300):
        lengths = [rng.randrange(3, 300) for _ in range(rng.randrange(1, most))]
        notes.append(a_note(f"n{i}", *(f"Mark{i:03}q{j} {'x' * length}." for j, length in enumerate(lengths))))
    folder = collection_of(tmp_path / "c", *(notes[start : start + 37] for start in range(0, 300, 37)))
    gone = rng.sample(range(300), 150)
    for start in range(0, 150, 25):
        Collection(folder).delete([f"n{i}" for i in gone[start : start + 25]])
    left = b"".join(path.read_bytes() for path in files_of(folder))
    assert [i for i in gone if f"Mark{i:03}q".encode() in left] == []
    assert all(f"Mark{i:03}q".encode() in left for i in set(range(300)) - set(gone))


@pytest.mark.parametrize("seed", [28])
def test_the_old_text_of_changed_notes_is_in_no_file_however_much_was_moved_about(
    tmp_path: Path, tiny_model: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    monkeypatch.setattr(run, "SENTENCES_PER_COMMIT", 100)
    monkeypatch.setattr(run, "NOTES_PER_GROUP", 16)
    rng, folder, files = random.Random(seed), tmp_path / "c", tmp_path / "notes"

    def write(number: int, mark: str) -> None:
        places = range(rng.randrange(1, 8))
        sentences = [f"{mark}{number:03}q{place} {'pain ' * rng.randrange(1, 40)}." for place in places]
        (files / f"n{number:03}.txt").write_text("\n\n".join(sentences), encoding="utf-8")

    files.mkdir()
    for number in range(100):
        write(number, "Mark")
    index(files, folder, model=str(tiny_model))
    changed = rng.sample(range(100), 60)
    for start in range(0, 60, 20):
        for number in changed[start : start + 20]:
            write(number, "New")
        index(files, folder)
    left = b"".join(path.read_bytes() for path in files_of(folder))
    assert [number for number in changed if f"Mark{number:03}q".encode() in left] == []


@pytest.mark.usefixtures("no_wait_for_readers")
def test_text_deleted_while_someone_reads_is_gone_when_they_are(tmp_path: Path) -> None:
    folder = collection_of(tmp_path / "c", [a_note("a", "Secretword is here."), a_note("b", "Two.")])
    with Reader(folder).snapshot() as snapshot:
        assert set(contents(snapshot).notes) == {"a", "b"}
        Collection(folder).delete(["a"])
        assert set(contents_of(folder).notes) == {"b"}
    with Writer(folder):
        pass
    assert holders(folder, "Secretword") == []


# Damaged vectors are made again.


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
    """Whatever a search gives between two attempts at a repair, it is everything or an error that says so."""
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
    """As many dead rows as live ones that are missing: the numbers agree, the rows do not."""
    folder = collection_of(tmp_path / "c", [a_note(f"n{i}", f"Own {i}.") for i in range(9)], [a_note("x", "Lost.")])
    with Writer(folder) as writer:
        commit(writer, removed=["n3"])
        with writer.catalog() as catalog:
            lost = [file.name for file in catalog.vector_files() if file.rows == 1]
        for name in lost:
            (folder / "vectors" / name).unlink()
        writer.forget_damaged_vectors(check_content=False)

    def search() -> list[tuple[str | None, float]]:
        with Reader(folder).snapshot() as snapshot:
            return found(snapshot, "Own 3.")

    assert "Own 3." not in dict(hits_or_damage(search) or [])

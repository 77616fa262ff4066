"""The queue: what waits is encoded once, in the version that was read last, whoever takes it and whatever fails."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import pytest

import clinsearch
from clinsearch.encoder.encoder import Encoder
from clinsearch.indexing import own_encoder, worker
from clinsearch.indexing.work import Work
from clinsearch.language import terms_of
from clinsearch.records import Note
from clinsearch.records.digests import note_digest
from clinsearch.records.locations import database_at
from clinsearch.storage.batches import Batch
from clinsearch.storage.postgres import queue as queues
from clinsearch.storage.postgres.writer import Writer
from clinsearch.storage.sharing import QueuedNote
from tests.support import shared_collections
from tests.support.command_line import as_json, refused, run
from tests.support.kills import write_notes
from tests.support.shared_collections import assert_whole, expire_leases, rows_of, texts_of

template, dsn = shared_collections.template, shared_collections.dsn
COUNT = 12
SECRET = "Poison ivy of the left knee."


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    return write_notes(tmp_path / "notes", COUNT, seed=1)


@pytest.fixture(autouse=True)
def tiny(monkeypatch: pytest.MonkeyPatch, tiny_encoder: Encoder) -> None:
    monkeypatch.setattr(own_encoder.OwnEncoder, "load", lambda self, owner: tiny_encoder)


@pytest.fixture
def named(dsn: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have commands mean the database."""
    monkeypatch.setenv("CLINSEARCH_COLLECTION", dsn)


def work(dsn: str) -> dict[str, int]:
    report = worker.work(database_at(dsn), until_empty=True)
    return {"notes": report.notes, "failures": report.failures}


def enqueue(dsn: str, *notes: Path, **options: bool) -> int:
    report = clinsearch.index(list(notes), dsn, enqueue=True, **options)
    return report.new + report.changed


def queued(note_id: str, text: str) -> QueuedNote:
    note = Note(note_id, text)
    return QueuedNote(note, note_digest(note))


def put(dsn: str, *notes: QueuedNote) -> None:
    with Writer(database_at(dsn)) as writer:
        writer.enqueue(Batch(), list(notes), terms_of)


def counted(dsn: str) -> tuple[int, int]:
    """Return what `status` counts as waiting and as leased."""
    found = clinsearch.Collection(dsn).status().queue
    assert found is not None
    return found.waiting, found.leased


def store(writer: Writer, encoder: Encoder, taken: dict[int, QueuedNote]) -> None:
    """Encode and commit as a worker does."""
    with ThreadPoolExecutor(1) as thread:
        doing = Work(writer, encoder, thread, keeps_words=True)
        numbers = {one.note.note_id: number for number, one in taken.items()}
        doing.take([(one.note, one.digest) for one in taken.values()], numbers)
        doing.finish()


@pytest.mark.usefixtures("named")
def test_what_waits_becomes_what_an_index_run_makes(dsn: str, notes: Path) -> None:
    assert enqueue(dsn, notes) == COUNT
    assert texts_of(dsn) == {}
    assert as_json("queue") == {"waiting": COUNT, "leased": 0, "workers": 0, "set_aside": []}
    assert as_json("status")["queue"] == {"waiting": COUNT, "leased": 0, "workers": 0, "set_aside": 0}
    assert f"{COUNT} notes waiting, 0 leased to 0 workers\n" in run("status").stdout
    assert work(dsn) == {"notes": COUNT, "failures": 0}
    assert_whole(dsn)
    found = texts_of(dsn)
    assert {note_id: text for note_id, (text, _) in found.items()} == {p.stem: p.read_text() for p in notes.iterdir()}
    report = clinsearch.index([notes], dsn)
    assert (report.unchanged, report.sentences_encoded) == (COUNT, 0)
    assert texts_of(dsn) == found


def test_what_needs_no_encoding_is_done_at_once_and_the_rest_waits(dsn: str, notes: Path) -> None:
    enqueue(dsn, notes)
    work(dsn)
    (notes / "n001.txt").rename(notes / "renamed.txt")
    (notes / "n002.txt").write_text("Another text.\n")
    (notes / "n003.txt").unlink()
    assert enqueue(dsn, notes, delete_missing=True) == 1
    waiting = texts_of(dsn)
    assert "renamed" in waiting
    assert not {"n001", "n003"} & waiting.keys()
    assert waiting["n002"][0] != "Another text.\n"  # until it is encoded
    work(dsn)
    assert_whole(dsn)
    assert texts_of(dsn) == {**waiting, "n002": ("Another text.\n", ("Another text.",))}


def test_a_note_that_its_file_calls_otherwise_now_replaces_the_former_once_it_is_encoded(
    dsn: str, tmp_path: Path
) -> None:
    path = tmp_path / "a.txt"
    path.write_text("---\nnote_id: one\n---\nNo fever.\n")
    enqueue(dsn, path)
    work(dsn)
    path.write_text("---\nnote_id: two\n---\nNo cough.\n")
    enqueue(dsn, path)
    assert texts_of(dsn).keys() == {"one"}
    work(dsn)
    assert texts_of(dsn).keys() == {"two"}


def test_only_the_version_read_last_is_stored_even_of_what_is_leased(dsn: str, tiny_encoder: Encoder) -> None:
    put(dsn, queued("n1", "Old."), queued("n2", "Same."))
    with Writer(database_at(dsn)) as writer:
        taken = writer.queue.take(10)
        put(dsn, queued("n1", "New."), queued("n2", "Same."))
        store(writer, tiny_encoder, taken)
        assert texts_of(dsn) == {"n2": ("Same.", ("Same.",))}
        assert work(dsn) == {"notes": 1, "failures": 0}
        assert texts_of(dsn)["n1"] == ("New.", ("New.",))
    assert_whole(dsn)


def test_what_is_indexed_or_deleted_later_is_dropped_from_the_queue(dsn: str, tmp_path: Path) -> None:
    for note_id in ("n1", "n2"):
        (tmp_path / f"{note_id}.txt").write_text("Indexed.")
    clinsearch.index([tmp_path / "n1.txt"], dsn)
    put(dsn, queued("n1", "Waits."), queued("n2", "Waits."), queued("n3", "Waits."))
    clinsearch.Collection(dsn).delete(["n1"])
    clinsearch.index([tmp_path / "n2.txt"], dsn)
    work(dsn)
    assert texts_of(dsn) == {"n2": ("Indexed.", ("Indexed.",)), "n3": ("Waits.", ("Waits.",))}


def test_no_two_workers_take_the_same_note(dsn: str) -> None:
    put(dsn, *(queued(f"n{number}", f"Note {number}.") for number in range(40)))

    def take_all(_: int) -> list[int]:
        numbers = []
        with Writer(database_at(dsn)) as writer:
            while taken := writer.queue.take(3):
                numbers += taken
        return numbers

    with ThreadPoolExecutor(4) as threads, Writer(database_at(dsn)):
        numbers = [number for part in threads.map(take_all, range(4)) for number in part]
    # A worker that ended gave up what it had not stored, so that others took it again.
    assert len(set(numbers)) == 40
    assert rows_of(dsn, "SELECT count(*) FROM queue WHERE worker IS NULL") == [(40,)]


def test_what_a_worker_that_is_gone_had_taken_is_stored_by_another(dsn: str, tiny_encoder: Encoder) -> None:
    put(dsn, queued("n1", "No fever."), queued("n2", "Mild cough."))
    gone = Writer(database_at(dsn)).__enter__()
    taken = gone.queue.take(10)
    with Writer(database_at(dsn)) as writer:
        assert (writer.queue.take(10), writer.queue.status().leased) == ({}, 2)
    assert counted(dsn) == (0, 2)
    expire_leases(dsn)
    assert counted(dsn) == (2, 0)
    assert work(dsn) == {"notes": 2, "failures": 0}
    store(gone, tiny_encoder, taken)  # it was only slow
    gone.__exit__(None, None, None)
    assert_whole(dsn)
    assert texts_of(dsn).keys() == {"n1", "n2"}


def test_a_worker_that_is_told_to_end_gives_back_what_it_has_not_stored(dsn: str, notes: Path) -> None:
    enqueue(dsn, notes)
    stopped = Event()
    report = worker.work(database_at(dsn), stopped=stopped, progress=lambda notes: stopped.set())
    assert rows_of(dsn, "SELECT count(*) FROM notes") == [(report.notes,)]
    assert rows_of(dsn, "SELECT DISTINCT worker, attempts FROM queue") in ([], [(None, 0)])
    assert rows_of(dsn, "SELECT count(*) FROM queue") == [(COUNT - report.notes,)]


@pytest.mark.usefixtures("named")
def test_a_note_that_always_fails_is_set_aside_alone_and_named_without_its_text(
    dsn: str, tiny_encoder: Encoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    sound = tiny_encoder.opening

    def opening(text: str) -> str:
        if SECRET in text:
            raise ValueError(text)
        return sound(text)

    monkeypatch.setattr(tiny_encoder, "opening", opening)
    put(dsn, queued("bad", SECRET), *(queued(f"n{number}", f"Note {number}.") for number in range(9)))
    assert work(dsn) == {"notes": 9, "failures": queues.MOST_ATTEMPTS}
    assert_whole(dsn, waiting=1)
    (aside,) = as_json("queue")["set_aside"]
    assert aside == {"note_id": "bad", "source": None, "attempts": queues.MOST_ATTEMPTS, "error": "ValueError"}
    monkeypatch.setattr(tiny_encoder, "opening", sound)
    assert work(dsn)["notes"] == 0
    assert as_json("queue", "--retry")["waiting"] == 1
    assert work(dsn)["notes"] == 1
    assert "bad" in texts_of(dsn)


def test_all_of_a_note_is_kept_while_it_waits(dsn: str, tmp_path: Path) -> None:
    note = Note(
        "n\0" + "x" * 9000, "PLAN\nNo fever.\0", "p1", "e1", "consult", None, "A title", str(tmp_path / "a"), ((0, 4),)
    )
    put(dsn, QueuedNote(note, note_digest(note)))
    with Writer(database_at(dsn)) as writer:
        (found,) = writer.queue.take(10).values()
    assert found == QueuedNote(note, note_digest(note))


@pytest.mark.parametrize("command", [("worker",), ("queue",), ("index", "--enqueue")])
def test_a_folder_has_no_queue(tmp_path: Path, notes: Path, command: tuple[str, ...]) -> None:
    of_index = (str(notes),) if command[0] == "index" else ()
    said = refused(*command, *of_index, "--collection", str(tmp_path / "c"))
    assert "is a folder, which has no queue: name a database with --collection" in said
    assert not (tmp_path / "c").exists()


def test_a_worker_of_a_database_without_a_collection_is_told(
    postgres_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLINSEARCH_COLLECTION", postgres_database)
    assert "No collection at postgresql://" in refused("worker")


def test_enqueueing_into_a_new_database_makes_its_collection(
    postgres_database: str, tiny_model: Path, notes: Path
) -> None:
    clinsearch.index([notes], postgres_database, enqueue=True, model=str(tiny_model))
    work(postgres_database)
    assert len(texts_of(postgres_database)) == COUNT

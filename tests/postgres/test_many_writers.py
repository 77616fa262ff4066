"""Several writers of one collection: no note is lost or doubled, and each distinct sentence is encoded once."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from clinsearch.encoder.encoder import Encoder
from clinsearch.indexing.run import index_files
from clinsearch.indexing.work import Work
from clinsearch.language import terms_of
from clinsearch.readers import NoteFiles
from clinsearch.records import IndexReport, Note
from clinsearch.records.digests import note_digest, text_digest
from clinsearch.records.locations import database_at
from clinsearch.storage.batches import Batch
from clinsearch.storage.postgres.writer import Writer
from tests.support import shared_collections
from tests.support.collections import commit_often
from tests.support.kills import write_notes
from tests.support.shared_collections import assert_whole, expire_leases, rows_of, texts_of

COUNT = 40


@pytest.fixture(scope="module")
def notes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_notes(tmp_path_factory.mktemp("notes") / "notes", COUNT, seed=1)


template, dsn = shared_collections.template, shared_collections.dsn


@pytest.fixture
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    commit_often(monkeypatch.setattr)


Indexer = Callable[[str, Path], IndexReport]


@pytest.fixture
def index(tiny_encoder: Encoder) -> Indexer:
    def run(dsn: str, notes: Path) -> IndexReport:
        with Writer(database_at(dsn)) as writer:
            return index_files(writer, tiny_encoder, NoteFiles([notes]))

    return run


def written(*folders: Path) -> dict[str, str]:
    return {path.stem: path.read_text(encoding="utf-8") for folder in folders for path in folder.iterdir()}


def assert_each_once(dsn: str, *folders: Path, encoded: int) -> None:
    assert_whole(dsn)
    assert {note_id: text for note_id, (text, _) in texts_of(dsn).items()} == written(*folders)
    assert rows_of(dsn, "SELECT count(*) FROM sentences") == [(encoded,)]


def work_of(writer: Writer, encoder: Encoder, thread: ThreadPoolExecutor) -> Work:
    return Work(writer, encoder, thread, keeps_words=True)


def a_note(note_id: str, *sentences: str) -> tuple[Note, bytes]:
    note = Note(note_id, "\n\n".join(sentences))
    return note, note_digest(note)


def test_writers_of_the_same_folder_share_its_work(dsn: str, often: None, index: Indexer, notes: Path) -> None:
    with ThreadPoolExecutor(3) as threads:
        reports = list(threads.map(lambda _: index(dsn, notes), range(3)))
    assert sum(report.new for report in reports) == COUNT
    assert {report.new + report.unchanged for report in reports} == {COUNT}
    assert_each_once(dsn, notes, encoded=sum(report.sentences_encoded for report in reports))


def test_writers_of_different_folders_encode_common_sentences_once(
    dsn: str, often: None, index: Indexer, notes: Path, tmp_path: Path
) -> None:
    folders = [tmp_path / str(part) for part in range(3)]
    for part, folder in enumerate(folders):
        folder.mkdir()
        for path in sorted(notes.iterdir())[part::3]:
            shutil.copy(path, folder)
    with ThreadPoolExecutor(3) as threads:
        reports = list(threads.map(lambda folder: index(dsn, folder), folders))
    assert [report.new for report in reports] == [len(list(folder.iterdir())) for folder in folders]
    assert_each_once(dsn, *folders, encoded=sum(report.sentences_encoded for report in reports))


def test_a_writer_waits_for_what_another_encodes_and_has_published_its_own(dsn: str, tiny_encoder: Encoder) -> None:
    """Each needs a sentence that the other encodes: whichever waited first would wait for ever."""
    with (
        Writer(database_at(dsn)) as one,
        Writer(database_at(dsn)) as other,
        ThreadPoolExecutor(1) as thread,
        ThreadPoolExecutor(1) as waiting,
    ):
        theirs = text_digest("No fever.")
        assert other.claims.claim_sentences([theirs]) == {theirs}
        work = work_of(one, tiny_encoder, thread)
        work.add([a_note("n1", "No fever.", "Mild cough.")])
        finished = waiting.submit(work.finish)
        ours = text_digest("Mild cough.")
        give_up_at = time.monotonic() + 60
        while not other.claims.published([ours]).vectors:
            assert not finished.done()
            assert time.monotonic() < give_up_at
        assert other.claims.claim_sentences([ours]) == set()
        vectors, words = tiny_encoder.encode_words(["No fever."], bulk=True)
        other.claims.publish({theirs: vectors[0]}, {theirs: words[0]})
        finished.result(timeout=60)
        assert work.sentences == 1
    assert_whole(dsn)
    assert texts_of(dsn)["n1"][1] == ("No fever.", "Mild cough.")


def test_what_a_writer_published_is_what_it_would_have_stored(dsn: str, tiny_encoder: Encoder) -> None:
    texts = ["No fever, chills?", "."]
    vectors, words = tiny_encoder.encode_words(texts, bulk=True)
    with Writer(database_at(dsn)) as writer:
        digests = [text_digest(text) for text in texts]
        writer.claims.claim_sentences(digests)
        writer.claims.publish(dict(zip(digests, vectors, strict=True)), dict(zip(digests, words, strict=True)))
        found = writer.claims.published(digests)
    for digest, vector, of_text in zip(digests, vectors, words, strict=True):
        assert found.vectors[digest].tobytes() == vector.tobytes()
        for name in ("token_ids", "lengths", "words", "pieces"):
            given, kept = getattr(of_text, name), getattr(found.words[digest], name)
            assert (kept.dtype, kept.shape, kept.tobytes()) == (given.dtype, given.shape, given.tobytes())


def test_what_a_writer_that_is_gone_had_claimed_is_taken_over(dsn: str, tiny_encoder: Encoder) -> None:
    note = a_note("n1", "No fever.", "Mild cough.")
    gone = Writer(database_at(dsn)).__enter__()
    with ThreadPoolExecutor(1) as thread, ThreadPoolExecutor(1) as waiting, Writer(database_at(dsn)) as writer:
        work_of(gone, tiny_encoder, thread).add([note])
        gone.claims.claim_sentences([text_digest("No fever.")])
        work = work_of(writer, tiny_encoder, thread)
        work.add([note, a_note("n2", "No fever.")])
        finished = waiting.submit(work.finish)
        time.sleep(0.2)
        assert not finished.done()
        assert texts_of(dsn) == {}
        expire_leases(dsn)
        finished.result(timeout=60)
        assert texts_of(dsn).keys() == {"n1", "n2"}
        assert work.sentences == 2
        gone.__exit__(None, None, None)
    assert_whole(dsn)


def test_a_writer_that_was_believed_gone_stores_what_it_has_once(dsn: str, tiny_encoder: Encoder) -> None:
    note = a_note("n1", "No fever.")
    with ThreadPoolExecutor(1) as thread, Writer(database_at(dsn)) as slow, Writer(database_at(dsn)) as quick:
        works = [work_of(writer, tiny_encoder, thread) for writer in (slow, quick)]
        for work in works:
            work.add([note])
            expire_leases(dsn)
        works[0].finish()
        works[1].finish()
    assert_whole(dsn)
    assert texts_of(dsn) == {"n1": ("No fever.", ("No fever.",))}


def test_a_batch_is_made_anew_where_another_writer_deleted_its_sentence(dsn: str, tiny_encoder: Encoder) -> None:
    with ThreadPoolExecutor(1) as thread, Writer(database_at(dsn)) as one, Writer(database_at(dsn)) as other:
        first = work_of(other, tiny_encoder, thread)
        first.add([a_note("n1", "No fever.")])
        first.finish()
        work = work_of(one, tiny_encoder, thread)
        work.add([a_note("n2", "No fever.")])  # which it takes for stored
        with other.catalog() as catalog:
            other.commit(Batch(removed=[catalog.note("n1")[0]]), terms_of)
        work.finish()
    assert_whole(dsn)
    assert texts_of(dsn) == {"n2": ("No fever.", ("No fever.",))}


def test_a_note_that_became_another_meanwhile_is_not_deleted_in_its_place(dsn: str, tiny_encoder: Encoder) -> None:
    with ThreadPoolExecutor(1) as thread, Writer(database_at(dsn)) as one, Writer(database_at(dsn)) as other:
        note, digest = a_note("n1", "No fever.")
        work = work_of(one, tiny_encoder, thread)
        work.add([(note, digest)])
        work.finish()
        with one.catalog() as catalog:
            (stored,) = catalog.stored_notes("note_id", ["n1"])
        work.remove(stored)
        renamer = work_of(other, tiny_encoder, thread)
        renamer.relabel(stored, replace(note, note_id="n2"), digest)
        renamer.finish()
        work.finish()
    assert texts_of(dsn).keys() == {"n2"}


def test_a_note_is_stored_whose_text_was_to_be_kept_and_is_gone(dsn: str, tiny_encoder: Encoder) -> None:
    with ThreadPoolExecutor(1) as thread, Writer(database_at(dsn)) as one, Writer(database_at(dsn)) as other:
        note, digest = a_note("n1", "No fever.")
        work = work_of(one, tiny_encoder, thread)
        work.add([(note, digest)])
        work.finish()
        with one.catalog() as catalog:
            (stored,) = catalog.stored_notes("note_id", ["n1"])
        work.relabel(stored, replace(note, note_id="n2"), digest)
        other.commit(Batch(removed=[stored.note_key]), terms_of)
        work.finish()
    assert_whole(dsn)
    assert texts_of(dsn) == {"n2": ("No fever.", ("No fever.",))}

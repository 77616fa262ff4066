"""Processes that index and kill themselves at a moment, and the collection that they leave."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import faiss
import pytest
import torch
from sqlalchemy import Engine, event
from sqlalchemy.engine.default import DefaultDialect

from clinsearch import Collection, index
from clinsearch.language import read_note
from clinsearch.records.digests import note_digest
from clinsearch.storage import commits as batch_commits
from clinsearch.storage.catalog import changes
from clinsearch.storage.folder import own_files as folders
from clinsearch.storage.folder import vectors
from clinsearch.storage.folder import writer as commits
from clinsearch.storage.folder.snapshots import Reader
from clinsearch.storage.folder.spaces import compaction, lists, recall
from clinsearch.storage.folder.spaces import writer as spaces
from clinsearch.storage.folder.spaces.codecs import cells, four_bits
from tests.conftest import PROJECT, WORDS
from tests.support.collections import (
    EVERYTHING,
    a_single_thread,
    assert_alike,
    assert_whole,
    commit_often,
    contents,
    contents_of,
)
from tests.support.word_files import assert_same_words, is_coded, stored_words

# A few more than the notes have before they change.
WORDS_THAT_TEACH = 450


def stops(stop: Callable[[str], None]) -> None:
    """Have `stop` called with every moment that a run of the indexer passes."""

    def around(owner: Any, name: str, step: str) -> None:
        work = getattr(owner, name)

        def wrapped(*arguments: Any, **options: Any) -> Any:
            stop(f"before {step}")
            result = work(*arguments, **options)
            stop(f"after {step}")
            return result

        setattr(owner, name, wrapped)

    for owner, name, step in (
        (Path, "mkdir", "make a folder"),
        (folders, "create_catalog_file", "make the catalog"),
        (commits, "create_catalog_file", "make the catalog"),
        (commits, "migrate", "migrate"),
        (commits.Writer, "claim", "claim"),
        (commits.Writer, "commit", "commit a batch"),
        (changes.Changes, "delete_notes", "delete notes"),
        (changes.Changes, "insert_notes", "insert notes"),
        (changes.Changes, "delete_unused_sentences", "delete sentences"),
        (batch_commits, "add_words", "add words"),
        (spaces.SpaceWriter, "learn", "learn a code"),
        (faiss, "write_index", "write a draft"),
        (lists, "write_lists", "write codes"),
        (os, "fsync", "flush"),
        (Path, "rename", "rename a draft"),
        (vectors, "insert_vector_file", "name a file"),
        (DefaultDialect, "do_commit", "commit to SQLite"),
        (commits.Writer, "compact", "compact"),
        (spaces, "files_to_merge", "choose files"),
        (vectors, "delete_vector_files", "drop names"),
        (Path, "unlink", "remove a file"),
    ):
        around(owner, name, step)

    statements = {"VACUUM INTO ?": "write the catalog anew", "PRAGMA wal_checkpoint(TRUNCATE)": "empty the log"}
    for when in ("before", "after"):

        @event.listens_for(Engine, f"{when}_cursor_execute")
        def _execute(_1: object, _2: object, statement: str, *_3: object, when: str = when) -> None:
            if statement in statements:
                stop(f"{when} {statements[statement]}")

    fsync = os.fsync

    def flush_half(descriptor: int) -> None:
        path = Path(f"/proc/self/fd/{descriptor}").readlink()
        if path.suffix == ".tmp":
            content = path.read_bytes()
            os.truncate(path, len(content) // 2)
            stop("with half a draft")
            path.write_bytes(content)
        fsync(descriptor)

    os.fsync = flush_half


def commit_very_often(put: Callable[[object, str, object], None]) -> None:
    commit_often(put)
    put(compaction, "FANOUT", 3)
    # Words become codes in the middle of a change; all cells are searched.
    put(four_bits, "CELLS", 4)
    put(four_bits, "LEAST_ROWS", WORDS_THAT_TEACH)
    # A process that was forked has one thread.
    put(cells, "processors", lambda: 1)
    put(recall, "processors", lambda: 1)
    put(four_bits, "processors", lambda: 1)


def serve() -> None:
    """Run the indexer again and again, each time in a process of its own; requests and answers are lines of JSON.

    A request names the notes, the collection, the model and the moment, with its number, at which the process
    kills itself, or after how many seconds it is killed, or the note that it is to delete instead of indexing; the
    answer is how the process ended and all the moments that it passed. The first run, of what the command line names,
    is for the modules that are imported on the way: each process then has them.
    """
    commit_very_often(setattr)
    torch.set_num_threads(1)
    sys.modules["openvino"] = None  # type: ignore[assignment]  # its threads would not be there after a fork
    notes, collection, model = sys.argv[1:]
    index(notes, collection, model=model)
    for line in sys.stdin:
        request = json.loads(line)
        moments, tell = os.pipe()
        child = os.fork()
        if not child:
            run_once(request, tell)
        os.close(tell)
        with os.fdopen(moments, encoding="utf-8") as passed, killed_after(request["seconds"], child):
            names = passed.read().splitlines()
        _, status = os.waitpid(child, 0)
        print(json.dumps([os.waitstatus_to_exitcode(status), names]), flush=True)


@contextmanager
def killed_after(seconds: float | None, process: int) -> Iterator[None]:
    """Kill a process when so many seconds have passed in the `with` block."""
    signal.signal(signal.SIGALRM, lambda *_: os.kill(process, signal.SIGKILL))
    signal.setitimer(signal.ITIMER_REAL, 0 if seconds is None else max(seconds, 0.001))
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, signal.SIG_DFL)


SECONDS_OF_A_RUN = 120


def run_once(request: dict[str, Any], tell: int) -> None:
    count = 0
    signal.alarm(SECONDS_OF_A_RUN)  # one that hangs is killed, and its test fails

    def stop(moment: str) -> None:
        nonlocal count
        os.write(tell, f"{moment}\n".encode())
        if moment == request["moment"]:
            count += 1
            if count == request["number"]:
                os.kill(os.getpid(), signal.SIGKILL)

    status = 1
    try:
        stops(stop)
        if request["delete"]:
            Collection(request["collection"]).delete([request["delete"]])
        else:
            options = {"model": request["model"], "delete_missing": request["delete_missing"]}
            index(request["notes"], request["collection"], **options)
        status = 0
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(status)


class Indexers:
    """Processes that index, and kill themselves at a moment if told to."""

    def __init__(self, notes: Path, collection: Path, model: Path) -> None:
        self._server = subprocess.Popen(
            [sys.executable, "-c", "from tests.support.kills import serve; serve()", notes, collection, model],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=PROJECT,
            # A process of one thread may be forked. MKL keeps the memory of threads that are no more, and can go
            # round in it for ever.
            env={
                **os.environ,
                "OMP_NUM_THREADS": "1",
                "TOKENIZERS_PARALLELISM": "false",
                "MKL_DISABLE_FAST_MM": "1",
            },
        )

    def run(
        self,
        notes: Path,
        collection: Path,
        model: Path,
        moment: str | None = None,
        number: int = 1,
        *,
        seconds: float | None = None,
        delete: str | None = None,
        delete_missing: bool = True,
    ) -> tuple[int, list[str]]:
        paths = {"notes": str(notes), "collection": str(collection), "model": str(model)}
        options = {"delete": delete, "delete_missing": delete_missing}
        request = {**paths, **options, "moment": moment, "number": number, "seconds": seconds}
        assert self._server.stdin
        assert self._server.stdout
        self._server.stdin.write(json.dumps(request) + "\n")
        self._server.stdin.flush()
        status, moments = json.loads(self._server.stdout.readline())
        return status, moments

    def close(self) -> None:
        self._server.communicate()


def write_notes(folder: Path, count: int, seed: int) -> Path:
    """Write notes: sentences of their own, and sentences that many of them share."""
    rng = random.Random(seed)
    shared = [" ".join(rng.sample(WORDS[:45], 5)).capitalize() + "." for _ in range(20)]
    folder.mkdir(parents=True)
    for i in range(count):
        own = [" ".join(rng.sample(WORDS[:45], 4)).capitalize() + f" {seed} {i}." for _ in range(2)]
        lines = rng.sample([*own, *rng.sample(shared, 3)], 5)
        text = f"HISTORY OF PRESENT ILLNESS:\n{' '.join(lines[:3])}\nPLAN:\n{' '.join(lines[3:])}\n"
        (folder / f"n{i:03}.txt").write_text(text, encoding="utf-8")
    return folder


def change_notes(folder: Path) -> None:
    """Change every third note, delete every seventh, and add some."""
    former = sorted(folder.iterdir())
    changed = write_notes(folder.with_name("changed"), len(former), seed=2)
    added = write_notes(folder.with_name("added"), len(former) // 3, seed=3)
    for number, path in enumerate(former):
        if number % 7 == 0:
            path.unlink()
        elif number % 3 == 0:
            shutil.copy(changed / path.name, path)
    for path in added.iterdir():
        path.rename(folder / f"new {path.name}")


class Scene:
    """A collection of some notes, these notes as they have changed since, and what the collection is to become."""

    def __init__(self, folder: Path, model: Path, *, count: int) -> None:
        self.model = model
        self.notes = write_notes(folder / "notes", count, seed=1)
        self.texts = self._texts()
        self.former = folder / "former"
        index(self.notes, self.former, model=str(model))
        change_notes(self.notes)
        self.texts |= self._texts()
        self.latter = Path(shutil.copytree(self.former, folder / "latter"))
        index(self.notes, self.latter, delete_missing=True)
        self.contents = contents_of(self.latter)
        self.found = found(self.latter)
        self.words = stored_words(self.latter)

    def _texts(self) -> set[tuple[str, str]]:
        return {(path.stem, path.read_text(encoding="utf-8")) for path in self.notes.rglob("*.txt")}

    def assert_whole_notes(self, collection: Path) -> None:
        """Check that the notes in a collection are versions of ours, each with all of its sentences, and found."""
        with Reader(collection).snapshot() as snapshot:
            there = contents(snapshot)
            for note_id, sentences in there.notes.items():
                _, note = snapshot.catalog.note(note_id)
                assert (note_id, note.text) in self.texts
                read = read_note(note, note_digest(note))
                assert sentences == tuple(sentence.text for sentence in read.sentences)
                assert tuple(snapshot.catalog.note_sections(there.keys[note_id])) == read.segmentation.sections
        assert {hit.sentence for hit in Collection(collection).search("fever", k=EVERYTHING)} == set(there.sentences)
        assert_whole(collection, may_hold_stray_files=True)

    def assert_completes(self, collection: Path) -> None:
        """Check that one more run makes the collection what an uninterrupted one made it."""
        index(self.notes, collection, model=str(self.model), delete_missing=True)
        assert_whole(collection)
        assert_alike(collection, self.contents)
        assert_same_words(stored_words(collection), self.words)
        assert found(collection) == self.found


def found(collection: Path) -> dict[str, list[tuple[object, ...]]]:
    """Return all that searches find; scores are near, so that the order is left to other tests."""
    opened = Collection(collection)
    sentences = {
        query: sorted(
            (hit.sentence, hit.note_id, hit.start, hit.end, hit.section, hit.occurrences, near(hit.score))
            for hit in opened.search(query, k=EVERYTHING)
        )
        for query in ("fever", "no history of cough")
    }
    words = sorted(
        (hit.word, hit.note_id, hit.start, hit.end, hit.section, hit.occurrences, near(hit.score))
        for hit in opened.search_tokens("no history of [cough]", k=EVERYTHING)
    )
    return {**sentences, "words": words}


def near(score: float) -> object:
    return pytest.approx(score, abs=1e-5)


def killed(scene: Scene, indexers: Indexers, collection: Path, moment: str, number: int) -> None:
    status, passed = indexers.run(scene.notes, collection, scene.model, moment, number)
    assert status == -signal.SIGKILL
    assert passed[-1] == moment


@pytest.fixture(scope="module")
def often() -> Iterator[None]:
    """Commit and compact often here, too."""
    with pytest.MonkeyPatch.context() as patch, a_single_thread():
        commit_very_often(patch.setattr)
        yield


@pytest.fixture(scope="module")
def scene(often: None, tiny_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Scene:
    made = Scene(tmp_path_factory.mktemp("scene"), tiny_model, count=15)
    assert [is_coded(collection) for collection in (made.former, made.latter)] == [False, True]
    return made


@pytest.fixture(scope="module")
def indexers(scene: Scene, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Indexers]:
    started = Indexers(scene.notes, tmp_path_factory.mktemp("first") / "c", scene.model)
    yield started
    started.close()


@pytest.fixture(scope="module")
def moments_of_a_change(scene: Scene, indexers: Indexers, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """All moments of a run over the changed notes, in their order."""
    collection = Path(shutil.copytree(scene.former, tmp_path_factory.mktemp("moments") / "c"))
    status, moments = indexers.run(scene.notes, collection, scene.model)
    assert status == 0
    assert_alike(collection, scene.contents)
    return moments

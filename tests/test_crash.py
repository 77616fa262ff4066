"""A collection after its writer was killed: as the last commit left it, and the next run goes on from there."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import faiss
import pytest
import torch
from sqlalchemy import Engine, event
from sqlalchemy.engine.default import DefaultDialect

from clinsearch import Collection, index
from clinsearch.encoder.encoder import Encoder
from clinsearch.errors import CollectionNotFound
from clinsearch.language import read_note
from clinsearch.records.digests import note_digest
from clinsearch.storage import folder as folders
from clinsearch.storage import writer as commits
from clinsearch.storage.catalog import changes
from clinsearch.storage.snapshots import Reader
from clinsearch.storage.spaces import compaction, word_vectors
from clinsearch.storage.spaces import vector_writer as vector_commits
from clinsearch.storage.spaces import word_writer as word_commits
from tests.conftest import PROJECT, WORDS
from tests.test_commits import (
    EVERYTHING,
    a_single_thread,
    assert_alike,
    assert_whole,
    commit_often,
    contents,
    contents_of,
    folder_in_memory,
    holders,
)
from tests.word_files import assert_same_words, is_coded, rows_by_key, stored_words

# A few more than the notes have before they change.
WORDS_THAT_TEACH = 450

# Moments of a run; another step before or after these is the same to whoever looks at the disk.
MOMENTS_OF_MAKING = [
    "before make a folder",
    "after make a folder",
    "before make the catalog",
    "before migrate",
    "before claim",
    "after claim",
    "before empty the log",
    "after empty the log",
]
MOMENTS_OF_CHANGING = [
    "before commit a batch",
    "before delete notes",
    "before insert notes",
    "before delete sentences",
    "before add words",
    "after add words",
    "before learn a code",
    "after learn a code",
    "before write codes",
    "after write codes",
    "before write a draft",
    "with half a draft",
    "before flush",
    "before rename a draft",
    "after rename a draft",
    "before name a file",
    "after name a file",
    "before commit to SQLite",
    "after commit to SQLite",
    "before compact",
    "before drop names",
    "after drop names",
    "before remove a file",
    "after remove a file",
    "after compact",
    "before write the catalog anew",
    "after write the catalog anew",
]


# In the process that is to be killed.


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
        (changes, "delete_notes", "delete notes"),
        (changes, "insert_notes", "insert notes"),
        (changes, "delete_unused_sentences", "delete sentences"),
        (word_commits.WordWriter, "add", "add words"),
        (word_commits.WordWriter, "learn_code", "learn a code"),
        (faiss, "write_index", "write a draft"),
        (faiss, "write_InvertedLists", "write codes"),
        (os, "fsync", "flush"),
        (Path, "rename", "rename a draft"),
        (changes, "insert_vector_file", "name a file"),
        (DefaultDialect, "do_commit", "commit to SQLite"),
        (commits.Writer, "compact", "compact"),
        (vector_commits, "files_to_merge", "choose files"),
        (changes, "delete_vector_files", "drop names"),
        (Path, "unlink", "remove a file"),
    ):
        around(owner, name, step)

    statements = {"VACUUM": "write the catalog anew", "PRAGMA wal_checkpoint(TRUNCATE)": "empty the log"}
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
    put(word_vectors, "CELLS", 4)
    put(word_commits, "ROWS_TO_LEARN_FROM", WORDS_THAT_TEACH)


def serve() -> None:
    """Run the indexer again and again, each time in a process of its own; requests and answers are lines of JSON.

    A request names the notes, the collection, the model and the moment, with its number, at which the process
    kills itself, or the note that it is to delete instead of indexing; the answer is how the process ended and
    all the moments that it passed. The first run, of what the command line names, is for the modules that are
    imported on the way: each process then has them.
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
        with os.fdopen(moments, encoding="utf-8") as passed:
            names = passed.read().splitlines()
        _, status = os.waitpid(child, 0)
        print(json.dumps([os.waitstatus_to_exitcode(status), names]), flush=True)


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


# In the tests.


class Indexers:
    """Processes that index, and kill themselves at a moment if told to."""

    def __init__(self, notes: Path, collection: Path, model: Path) -> None:
        self._server = subprocess.Popen(
            [sys.executable, "-c", "from tests.test_crash import serve; serve()", notes, collection, model],
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
        delete: str | None = None,
        delete_missing: bool = True,
    ) -> tuple[int, list[str]]:
        paths = {"notes": str(notes), "collection": str(collection), "model": str(model)}
        options = {"delete": delete, "delete_missing": delete_missing}
        request = {**paths, **options, "moment": moment, "number": number}
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


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    with folder_in_memory() as folder:
        yield folder


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


def killed(scene: Scene, indexers: Indexers, collection: Path, moment: str, number: int) -> None:
    status, passed = indexers.run(scene.notes, collection, scene.model, moment, number)
    assert status == -signal.SIGKILL
    assert passed[-1] == moment


@pytest.mark.parametrize("moment", MOMENTS_OF_CHANGING)
def test_a_kill_at_any_step_leaves_the_last_commit_and_the_next_run_completes_it(
    tmp_path: Path, scene: Scene, indexers: Indexers, moments_of_a_change: list[str], moment: str
) -> None:
    times = moments_of_a_change.count(moment)
    assert times, "a step that is never taken tests nothing"
    collection = Path(shutil.copytree(scene.former, tmp_path / "c"))
    killed(scene, indexers, collection, moment, times // 2 + 1)
    scene.assert_whole_notes(collection)
    scene.assert_completes(collection)


@pytest.mark.parametrize("moment", MOMENTS_OF_MAKING)
def test_a_kill_while_a_collection_is_made_or_closed_leaves_none_or_a_whole_one(
    tmp_path: Path, scene: Scene, indexers: Indexers, moment: str
) -> None:
    for number in (1, 2) if moment.endswith(("a folder", "the catalog")) else (1,):
        collection = tmp_path / str(number)
        killed(scene, indexers, collection, moment, number)
        try:
            scene.assert_whole_notes(collection)
        except CollectionNotFound as error:
            message = str(error)
            assert "clinsearch index" in message
            assert moment != "after claim"
            assert not moment.endswith("the log")
        scene.assert_completes(collection)


def test_kill_after_kill_the_work_gets_done(tmp_path: Path, scene: Scene, indexers: Indexers) -> None:
    """Each run is killed one step after its first SQLite commit of notes; none starts over from the beginning."""
    collection = Path(shutil.copytree(scene.former, tmp_path / "c"))
    runs, status = 0, -signal.SIGKILL
    while status != 0:
        status, _ = indexers.run(scene.notes, collection, scene.model, "after commit a batch", 1)
        scene.assert_whole_notes(collection)
        runs += 1
        assert runs < 100
    assert runs > 3
    scene.assert_completes(collection)


def test_a_kill_between_a_notes_new_id_and_the_end_of_its_old_one_leaves_no_note_twice(
    tmp_path: Path, scene: Scene, indexers: Indexers
) -> None:
    """Records of a table that get other ids are the same notes still, in how many runs ever that is found out."""
    table, collection = tmp_path / "notes.jsonl", tmp_path / "c"
    for ids in ("abcd", "wxyz"):
        records = [{"note_id": note_id, "text": f"Fever {number}."} for number, note_id in enumerate(ids)]
        table.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
        if ids == "abcd":
            index(table, collection, model=str(scene.model))
    uninterrupted = Path(shutil.copytree(collection, tmp_path / "uninterrupted"))
    index(table, uninterrupted)
    status, _ = indexers.run(table, collection, scene.model, "after commit a batch", delete_missing=False)
    assert status == -signal.SIGKILL
    index(table, collection)
    assert contents_of(collection).notes == contents_of(uninterrupted).notes
    assert set(contents_of(collection).notes) == set("wxyz")


@pytest.mark.parametrize("moment", ["after commit a batch", "before remove a file", "before write the catalog anew"])
def test_what_a_killed_deletion_left_on_the_disk_goes_with_the_next_run(
    tmp_path: Path, scene: Scene, indexers: Indexers, moment: str
) -> None:
    collection, notes = Path(shutil.copytree(scene.latter, tmp_path / "c")), tmp_path / "notes"
    shutil.copytree(scene.notes, notes)
    (notes / "n001.txt").unlink()
    status, _ = indexers.run(notes, collection, scene.model, moment, delete="n001")
    assert status == -signal.SIGKILL
    assert "n001" not in contents_of(collection).notes
    index(notes, collection)
    there = contents_of(collection)
    with Reader(collection).snapshot() as snapshot:
        assert sorted(snapshot.notes.keys.tolist()) == sorted(there.keys.values())
        assert sorted(snapshot.sentences.keys.tolist()) == sorted(there.sentence_keys.values())
    # What stands behind a heading in one note may be a sentence by itself in another.
    gone = scene.contents.sentences.keys() - there.sentences.keys()
    own = {sentence for sentence in gone if not any(sentence in kept for kept in there.sentences)}
    assert own
    assert {sentence: holders(collection, sentence) for sentence in own} == {sentence: [] for sentence in own}
    for kind in ("word", "piece"):
        assert len(rows_by_key(collection, kind)) == sum(
            len(getattr(s, f"{kind}s")) for s in stored_words(collection).values()
        )


def test_a_kill_in_the_middle_of_a_repair_loses_nothing(
    tmp_path: Path, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    collection = Path(shutil.copytree(scene.latter, tmp_path / "c"))
    for path in (collection / "vectors").iterdir():
        os.truncate(path, 100)
    calls = []
    encode = Encoder.encode_words

    def fail_at_the_third(self: Encoder, texts: list[str], *, bulk: bool) -> Any:
        calls.append(len(texts))
        if len(calls) == 3:
            raise KeyboardInterrupt
        return encode(self, texts, bulk=bulk)

    with monkeypatch.context() as fault:
        fault.setattr(Encoder, "encode_words", fail_at_the_third)
        with pytest.raises(KeyboardInterrupt):
            Collection(collection).repair()
    Collection(collection).repair()
    scene.assert_whole_notes(collection)
    scene.assert_completes(collection)


def test_vectors_are_on_disk_before_the_catalog_names_them(
    tmp_path: Path, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What power loss would undo: content not flushed, a name not flushed, and only then the commit."""
    order: list[tuple[str, str]] = []
    fsync, rename, do_commit = os.fsync, Path.rename, DefaultDialect.do_commit

    def flushed(descriptor: int) -> None:
        fsync(descriptor)
        order.append(("flush", Path(f"/proc/self/fd/{descriptor}").readlink().name))

    def renamed(path: Path, target: Path) -> Path:
        order.append(("rename", path.name))
        return rename(path, target)

    def committed(dialect: DefaultDialect, connection: Any) -> None:
        order.append(("commit", ""))
        do_commit(dialect, connection)

    monkeypatch.setattr(os, "fsync", flushed)
    monkeypatch.setattr(Path, "rename", renamed)
    monkeypatch.setattr(DefaultDialect, "do_commit", committed)
    index(scene.notes, Path(shutil.copytree(scene.former, tmp_path / "c")), delete_missing=True)
    drafts = [name for event, name in order if event == "rename" and name.endswith(".tmp")]
    assert len(drafts) >= 8
    for draft in drafts:
        renaming = order.index(("rename", draft))
        commit = order.index(("commit", ""), renaming)
        assert ("flush", draft) in order[:renaming]
        assert ("flush", "vectors") in order[renaming:commit]


# Minutes.


@pytest.mark.slow
def test_a_kill_at_every_single_moment_of_a_change_is_survived(
    tmp_path: Path, scene: Scene, indexers: Indexers, moments_of_a_change: list[str]
) -> None:
    passed: dict[str, int] = {}
    for moment in moments_of_a_change:
        passed[moment] = passed.get(moment, 0) + 1
        collection = Path(shutil.copytree(scene.former, tmp_path / "c"))
        killed(scene, indexers, collection, moment, passed[moment])
        scene.assert_whole_notes(collection)
        scene.assert_completes(collection)
        shutil.rmtree(collection)


INDEX = """
import sys
import torch
from clinsearch import index
from tests.test_crash import commit_very_often

commit_very_often(setattr)
torch.set_num_threads(1)
print("begun", flush=True)
index(sys.argv[1], sys.argv[2], model=sys.argv[3], delete_missing=True)
"""


@pytest.mark.slow
def test_ctrl_c_twice_is_one_line_and_loses_nothing(tmp_path: Path) -> None:
    """The second comes while the first waits for what is being encoded."""
    notes = tmp_path / "notes"
    notes.mkdir()
    for n in range(2000):
        (notes / f"n{n}.txt").write_text(" ".join(f"The {word} of day {n} was noted." for word in WORDS[:6]))
    command = [sys.executable, "-c", "from clinsearch.cli import main; main()"]
    for attempt in range(6):
        collection = tmp_path / f"c{attempt}"
        index_them = [*command, "index", str(notes), "--collection", str(collection)]
        process = subprocess.Popen(index_them, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=PROJECT)
        while (committed := notes_in(collection)) == 0:
            assert process.poll() is None
            time.sleep(0.05)
        time.sleep(0.2 * attempt)
        process.send_signal(signal.SIGINT)
        time.sleep(0.002)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=120)
        last = said.replace("\r", "\n").rstrip().rpartition("\n")[2]
        assert (process.returncode, last) == (130, "Stopped. What was committed is kept.")
        assert notes_in(collection) >= committed


def notes_in(collection: Path) -> int:
    try:
        return Collection(collection).status().notes
    except CollectionNotFound:
        return 0


@pytest.mark.slow
@pytest.mark.parametrize("start", ["from nothing", "from a former state"])
def test_kills_at_random_moments_are_survived(tmp_path: Path, often: None, tiny_model: Path, start: str) -> None:
    """Twenty times and more: start, kill -9 somewhere on the way, look, and, every third time, let a run finish."""
    scene = Scene(tmp_path / "scene", tiny_model, count=200)
    collection = tmp_path / "c"
    command = [sys.executable, "-c", INDEX, str(scene.notes), str(collection), str(scene.model)]
    rng = random.Random()
    kills, longest = 0, 0.5
    while kills < 24:
        if not collection.exists() and start == "from a former state":
            shutil.copytree(scene.former, collection)
        process = subprocess.Popen(command, stdout=subprocess.PIPE, cwd=PROJECT)
        assert process.stdout
        process.stdout.readline()
        began = time.monotonic()
        try:
            process.wait(rng.uniform(0, longest))
        except subprocess.TimeoutExpired:
            process.kill()
            kills += 1
        else:
            longest = (longest + time.monotonic() - began) / 2
        process.communicate()
        if process.returncode not in (0, -signal.SIGKILL):
            raise AssertionError(process.returncode)
        try:
            scene.assert_whole_notes(collection)
        except CollectionNotFound:
            assert start == "from nothing"
        if process.returncode == 0 or kills % 3 == 0:
            scene.assert_completes(collection)
            shutil.rmtree(collection)

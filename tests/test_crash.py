"""A collection after its writer was killed: as the last commit left it, and the next run goes on from there."""

from __future__ import annotations

import json
import os
import shutil
import signal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.engine.default import DefaultDialect

from clinsearch import Collection, index
from clinsearch.encoder.encoder import Encoder
from clinsearch.errors import CollectionNotFound
from clinsearch.storage.folder.snapshots import Reader
from tests.support import kills
from tests.support.collections import contents_of, holders, path_in_memory
from tests.support.kills import Indexers, Scene, killed
from tests.support.word_files import rows_by_key, stored_words

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


tmp_path = path_in_memory
often, scene, indexers = kills.often, kills.scene, kills.indexers
moments_of_a_change = kills.moments_of_a_change


# Every third with the fast tests, beside those that slow ones draw from all moments.
SOME_MOMENTS = [
    pytest.param(moment, marks=[] if number % 3 == 1 else pytest.mark.exhaustive)
    for number, moment in enumerate(MOMENTS_OF_CHANGING)
]


@pytest.mark.parametrize("moment", SOME_MOMENTS)
def test_a_kill_at_any_step_leaves_the_last_commit_and_the_next_run_completes_it(
    tmp_path: Path, scene: Scene, indexers: Indexers, moments_of_a_change: list[str], moment: str
) -> None:
    times = moments_of_a_change.count(moment)
    assert times, "a step that is never taken tests nothing"
    collection = Path(shutil.copytree(scene.former, tmp_path / "c"))
    killed(scene, indexers, collection, moment, times // 2 + 1)
    scene.assert_whole_notes(collection)
    scene.assert_completes(collection)


@pytest.mark.parametrize(
    "moment",
    [pytest.param(m, marks=[] if m.startswith("after") else pytest.mark.exhaustive) for m in MOMENTS_OF_MAKING],
)
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

"""The counts of a large collection, its dead rows, and when these leave the disk."""

from __future__ import annotations

import random
from itertools import count
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clinsearch import Collection
from clinsearch.records import Filter
from clinsearch.retrieval import Likeness, similar_notes
from clinsearch.storage.folder import writer as commits
from clinsearch.storage.folder.snapshots import Reader
from clinsearch.storage.folder.spaces import writer as spaces
from clinsearch.storage.folder.spaces.codecs import eight_bits
from clinsearch.storage.folder.writer import Writer
from clinsearch.storage.snapshot import Snapshot
from tests.support.collections import (
    a_note,
    collection_of,
    commit,
    contents,
    contents_of,
    files_of,
    folder_in_memory,
    found,
    holders,
    notes_by_sentence,
    path_in_memory,
    teach_early,
    vector_of,
    vector_paths,
)
from tests.support.command_line import as_json, run
from tests.support.large_collections import MANY, assert_found, change, heal, is_large, large_collection, new_collection
from tests.support.stored_vectors import (
    WORD_KINDS,
    assert_vectors,
    assert_whole,
    centres_of,
    codes_of,
    dead_keys,
    live_keys,
    stored,
)

pytestmark = pytest.mark.usefixtures("few_are_many")

tmp_path = path_in_memory


OPERATIONS = ("change", "change", "change", "compact", "optimize", "scrub", "lose a file")


@pytest.mark.parametrize("has_words", [False, True])
@settings(max_examples=3, deadline=None)
@given(data=st.data())
def test_whatever_happens_counts_and_dead_rows_are_right(data: st.DataObject, has_words: bool) -> None:
    with folder_in_memory() as memory, pytest.MonkeyPatch.context() as patch:
        patch.setattr(eight_bits, "LEAST_ROWS", 16)
        patch.setattr(spaces, "GROWTH", 2)
        patch.setattr(spaces, "QUERIES", 5)
        teach_early(patch, rows=40)
        change_at_will(random.Random(data.draw(st.integers(0, 2**32 - 1), label="seed")), memory / "c", has_words)


def change_at_will(dice: random.Random, folder: Path, has_words: bool) -> None:
    """Make changes at random; after each, compare with a dictionary and check the counts."""
    new_collection(folder, has_words=has_words)
    model: dict[str, tuple[str, ...]] = {}
    texts = [f"Text {number}." for number in range(60)]
    reader = Reader(folder)
    for _ in range(7):
        with Writer(folder) as writer:
            for operation in dice.choices(OPERATIONS, k=dice.randint(1, 2)):
                if operation == "change":
                    given = {f"n{number}" for number in dice.choices(range(30), k=dice.randint(0, 14))}
                    notes = {one: tuple(dice.choices(texts, k=dice.randint(0, 6))) for one in given}
                    gone = dice.sample(sorted(model), dice.randint(0, len(model) // 2))
                    change(writer, {**notes, **dict.fromkeys(gone)}, has_words=has_words)
                    model = {one: own for one, own in {**model, **notes}.items() if one not in gone}
                elif operation == "lose a file":
                    if paths := vector_paths(folder):
                        dice.choice(paths).unlink()
                        heal(writer, has_words=has_words)
                else:
                    getattr(writer, operation)()
        assert_whole(folder, may_hold_stray_files=True)
        assert_vectors(folder)
        with reader.snapshot() as snapshot:
            there = {text for own in model.values() for text in own}
            assert contents(snapshot).notes == model
            assert {text for text, _ in found(snapshot, "Text 0.")} == there
            assert {hit.note_id for hit in notes_by_sentence(snapshot, vector_of("Text 0."), MANY, Filter())} == {
                one for one, own in model.items() if own
            }
            if has_words:
                assert_words_found(snapshot, folder)


def assert_words_found(snapshot: Snapshot, folder: Path) -> None:
    """Check that a search of all words finds those in use and no others."""
    for kind in WORD_KINDS:
        keys, _ = snapshot.spaces[kind].search(vector_of("a word"), MANY)
        assert sorted(keys.tolist()) == live_keys(folder, kind)


@pytest.mark.usefixtures("all_cells")
def test_deleted_rows_stay_in_the_files_and_are_never_found(tmp_path: Path) -> None:
    folder = large_collection(tmp_path / "c")
    before = contents_of(folder)
    gone = ["n2", "n13", "n55", "n59"]
    with Writer(folder) as writer:
        commit(writer, removed=gone)
    own = [f"{name} {note_id[1:]}." for note_id in gone for name in ("Own", "Other")]
    assert set(dead_keys(folder, "sentence")) == {before.sentence_keys[text] for text in own}
    assert set(dead_keys(folder, "note")) == {before.keys[note_id] for note_id in gone}
    assert set(stored(folder, "sentence")) == set(before.sentence_keys.values())
    with Reader(folder).snapshot() as snapshot:
        assert snapshot.sentences.rows == len(before.sentences)
        for text in own:
            for k in (1, 10, MANY):
                assert not set(own) & {sentence for sentence, _ in found(snapshot, text, k)}
                hits = notes_by_sentence(snapshot, vector_of(text), k, Filter())
                assert not set(gone) & {hit.note_id for hit in hits}
            assert not set(gone) & {hit.note_id for hit in similar_notes(snapshot, "n1", Likeness(MANY))}
    assert_found(folder, vector_of("Own 2."), 1, 10, MANY)
    assert_whole(folder)


@pytest.mark.parametrize("how", ["optimize", "scrub"])
def test_deleted_rows_leave_the_disk_with_a_scrub_or_an_optimization(tmp_path: Path, how: str) -> None:
    notes = [a_note(f"n{i}", f"Secretword{i:02} is here.", f"Other {i}.", "Shared.") for i in range(60)]
    folder = collection_of(tmp_path / "c", notes)
    with Writer(folder) as writer:
        writer.compact()
    codes = codes_of(folder, "sentence") | codes_of(folder, "note")
    before = contents_of(folder)
    gone = ["n4", "n7", "n58"]
    assert Collection(folder).delete(gone) == 3
    assert Collection(folder).status().has_remains
    dead = [before.sentence_keys[f"Secretword{int(note_id[1:]):02} is here."] for note_id in gone]
    held = {key: codes["sentence", key] for key in dead} | {
        key: codes["note", before.keys[one]] for key, one in zip(count(-9), gone, strict=False)
    }
    assert all(any(code in path.read_bytes() for path in files_of(folder)) for code in held.values())
    with Writer(folder) as writer:
        getattr(writer, how)()
    assert not Collection(folder).status().has_remains
    for note_id in gone:
        assert holders(folder, f"Secretword{int(note_id[1:]):02}") == []
    assert holders(folder, "Secretword05") == ["catalog.db"]
    assert [key for key, code in held.items() if any(code in path.read_bytes() for path in files_of(folder))] == []
    assert (dead_keys(folder, "sentence"), dead_keys(folder, "note")) == ([], [])
    after = contents_of(folder)
    assert after.sentences == {text: row for text, row in before.sentences.items() if text in after.sentences}
    assert len(after.sentences) == len(before.sentences) - 6
    assert_whole(folder)


@pytest.mark.parametrize("left", [50, 20])
def test_after_an_optimization_no_centre_is_a_deleted_vector(tmp_path: Path, left: int) -> None:
    """A cell may hold a single vector, which is then its centre. Also where too few are left for cells."""
    folder = collection_of(tmp_path / "c", [a_note(f"n{i}", f"Own {i}.") for i in range(60)])
    with Writer(folder) as writer:
        writer.compact()
    gone = [f"n{i}" for i in range(left, 60)]
    deleted = np.array([vector_of(f"Own {note_id[1:]}.") for note_id in gone])
    assert (deleted @ centres_of(folder).T).max() > 0.9999, "or this would test nothing"
    Collection(folder).delete(gone)
    Collection(folder).optimize()
    assert len(contents_of(folder).sentences) == left
    if is_large(folder)["sentence"]:
        assert (deleted @ centres_of(folder).T).max() < 0.9999


def test_the_command_that_deletes_says_when_the_text_leaves_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = large_collection(tmp_path / "c")
    told = "Deleted 2 notes. Their text is still in the files: `clinsearch optimize` takes it off once"
    assert run("delete", "n1", "n2", "--collection", folder).stdout.startswith(told)
    assert as_json("delete", "n3", "--collection", folder) == {"deleted": 1, "has_remains": True}
    assert "clinsearch optimize" in run("status", "--collection", folder).stdout
    assert as_json("status", "--collection", folder)["has_remains"] is True
    assert run("optimize", "--collection", folder).exit_code == 0
    assert "clinsearch optimize" not in run("status", "--collection", folder).stdout
    monkeypatch.setattr(commits, "SCRUBBED_AT_ONCE_BYTES", 32 << 20)
    assert run("delete", "n4", "--collection", folder).stdout == "Deleted 1 note.\n"
    assert_whole(folder)


def test_deleting_in_a_large_collection_writes_no_vectors(tmp_path: Path) -> None:
    folder = large_collection(tmp_path / "c")
    before = [(path, path.stat().st_mtime_ns) for path in vector_paths(folder)]
    Collection(folder).delete(["n1", "n50"])
    assert [(path, path.stat().st_mtime_ns) for path in vector_paths(folder)] == before


def test_compaction_removes_dead_rows_where_there_are_many(tmp_path: Path) -> None:
    folder = large_collection(tmp_path / "c")
    with Writer(folder) as writer:
        commit(writer, removed=[f"n{number}" for number in range(5, 35)])
    before = contents_of(folder)
    assert dead_keys(folder, "sentence")
    with Writer(folder) as writer:
        writer.compact()
    assert (dead_keys(folder, "sentence"), dead_keys(folder, "note")) == ([], [])
    assert contents_of(folder) == before
    assert_whole(folder)

"""What a collection holds after each commit: what a dictionary of its notes would, and no stray files."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clinsearch.encoder.pooling import unit
from clinsearch.errors import CollectionError, NoteNotFound
from clinsearch.records import Filter
from clinsearch.retrieval import Likeness, nearest_sentences, similar_notes
from clinsearch.storage.folder.snapshots import Reader
from clinsearch.storage.folder.writer import Writer
from tests.support.collections import (
    EVERYTHING,
    a_note,
    assert_whole,
    collection_of,
    commit,
    contents,
    contents_of,
    folder_in_memory,
    found,
    notes_by_sentence,
    path_in_memory,
    vector_of,
    vector_paths,
)

pytestmark = pytest.mark.usefixtures("one_thread")

tmp_path = path_in_memory


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


def test_a_commit_that_fails_changes_nothing_and_quotes_no_text(tmp_path: Path) -> None:
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

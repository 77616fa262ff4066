"""The words of a collection after each change of it: those of the sentences that stand in it, and no others."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

from clinsearch import Collection, index
from clinsearch.encoder.encoder import Encoder
from clinsearch.errors import InputError
from clinsearch.language import terms_of
from clinsearch.storage.batches import Batch
from clinsearch.storage.folder import database, snapshots
from clinsearch.storage.folder.snapshots import Reader
from clinsearch.storage.folder.spaces import files as vector_files
from clinsearch.storage.folder.spaces import lists as inverted_lists
from clinsearch.storage.folder.writer import Writer
from clinsearch.storage.snapshot import Snapshot
from tests.conftest import WORDS
from tests.support import word_collections
from tests.support.calls import calls_of
from tests.support.collections import EVERYTHING, assert_whole, commit_often, path_in_memory, teach_early, vector_paths
from tests.support.word_collections import NOTES, QUERY, assert_words_of, words_found, write
from tests.support.word_files import KINDS, ask, is_coded, rows_by_key, stored_words

pytestmark = pytest.mark.usefixtures("one_thread")

tmp_path = path_in_memory
form, notes, indexed = word_collections.form, word_collections.notes, word_collections.indexed


# Notes come, change and go.


def test_a_collection_keeps_the_words_of_its_sentences(indexed: Path, tiny_encoder: Encoder) -> None:
    assert_words_of(indexed, tiny_encoder)


def test_a_sentence_in_many_notes_has_its_words_once(indexed: Path) -> None:
    hits = Collection(indexed).search_tokens("is [stable]", EVERYTHING, same=True)
    assert [(hit.word, hit.marked.text, hit.occurrences) for hit in hits] == [
        ("stable", "Patient is stable.", len(NOTES))
    ]
    words = sum(count for (count,) in ask(indexed, "SELECT words FROM sentence_words"))
    assert len(rows_by_key(indexed, "word")) == words == 12 * (1 + 6 + 1) + 3 + 12 * (1 + 2)


def test_a_second_run_encodes_nothing(indexed: Path, notes: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = [(path, path.stat().st_ino) for path in vector_paths(indexed)]
    batches = calls_of(monkeypatch, Encoder, "_batch")
    assert index(notes, indexed).unchanged == len(NOTES)
    assert Collection(indexed).repair() == 0
    assert batches == []
    assert [(path, path.stat().st_ino) for path in vector_paths(indexed)] == before


def test_deleted_words_are_hidden_at_once_and_leave_the_disk(indexed: Path, tiny_encoder: Encoder) -> None:
    before = words_found(indexed)
    with Writer(indexed) as writer:
        with writer.catalog() as catalog:
            keys = [catalog.note(note_id)[0] for note_id in ("n03", "n07")]
        writer.commit(Batch(removed=keys), terms_of)
        hidden = words_found(indexed)
        assert {place[1] for place in before} - {place[1] for place in hidden} == {"n03", "n07"}
        rows = rows_by_key(indexed, "word")
        writer.scrub()
    assert words_found(indexed) == hidden
    assert len(rows_by_key(indexed, "word")) == len(rows) - 2 * (1 + 7 + 1 + 2)
    assert_words_of(indexed, tiny_encoder)


def test_when_everything_is_deleted_all_words_leave_the_disk(indexed: Path, notes: Path, tiny_encoder: Encoder) -> None:
    Collection(indexed).delete(sorted(NOTES))
    assert {path.name.split("-")[0] for path in vector_paths(indexed)} <= {"code"}
    assert words_found(indexed) == {}
    index(notes, indexed)
    assert_words_of(indexed, tiny_encoder)


def test_keys_of_words_are_never_given_twice(indexed: Path, notes: Path) -> None:
    given = {kind: set(rows_by_key(indexed, kind)) for kind in KINDS}
    for _ in range(2):
        Collection(indexed).delete(sorted(NOTES))
        index(notes, indexed)
        for kind in KINDS:
            now = set(rows_by_key(indexed, kind))
            assert min(now) > max(given[kind])
            given[kind] = now


@pytest.mark.parametrize("seed", [1, 2])
def test_whatever_happens_the_words_are_those_of_the_sentences_that_stand(
    tmp_path: Path, tiny_model: Path, tiny_encoder: Encoder, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    """Notes are added, changed and deleted at random; in the middle of it words become codes."""
    commit_often(monkeypatch.setattr)
    teach_early(monkeypatch, rows=70)
    rng, folder = random.Random(seed), tmp_path / "c"
    model: dict[str, str] = {}
    forms = []
    for _ in range(7):
        for note_id in rng.sample("abcdefghij", 4):
            lines = [" ".join(rng.choices([*WORDS[:12], "xq", "12"], k=5)) for _ in range(rng.randrange(1, 5))]
            model[note_id] = "".join(f"{line.capitalize()}.\n\n" for line in [*lines, rng.choice(["No.", "Stable."])])
        gone = rng.sample(sorted(model), rng.randrange(0, 3))
        index(write(tmp_path / "notes", model), folder, model=str(tiny_model), delete_missing=True)
        assert_words_of(folder, tiny_encoder)
        Collection(folder).delete(gone)
        model = {note_id: text for note_id, text in model.items() if note_id not in gone}
        assert_words_of(folder, tiny_encoder)
        forms.append(is_coded(folder))
    assert forms == sorted(forms)
    assert set(forms) == {False, True}


# With and without.


def test_words_can_be_left_out_added_later_and_taken_out_again(
    tmp_path: Path, notes: Path, indexed: Path, tiny_model: Path, tiny_encoder: Encoder
) -> None:
    folder = tmp_path / "other"
    index(notes, folder, model=str(tiny_model), tokens=False)
    assert {path.name.split("-")[0] for path in vector_paths(folder)} == {"sentence", "note", "opening"}
    sentences = Collection(folder).search("fever", EVERYTHING)
    for tokens in (None, False):
        index(notes, folder, tokens=tokens)
        with pytest.raises(InputError, match="clinsearch index --tokens"):
            Collection(folder).search_tokens(QUERY)
    index(notes, folder, tokens=True)
    assert_words_of(folder, tiny_encoder)
    assert words_found(folder) == words_found(indexed)
    index(notes, folder)
    assert words_found(folder) == words_found(indexed)
    index(notes, folder, tokens=False)
    assert_whole(folder)
    assert {path.name.split("-")[0] for path in vector_paths(folder)} == {"sentence", "note", "opening"}
    assert Collection(folder).search("fever", EVERYTHING) == sentences


def test_words_whose_adding_was_stopped_are_added_by_the_next_run(
    tmp_path: Path, notes: Path, tiny_model: Path, tiny_encoder: Encoder, form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "c"
    index(notes, folder, model=str(tiny_model), tokens=False)
    encode, calls = Encoder.encode_words, []

    def stopped(self: Encoder, texts: list[str], *, bulk: bool) -> Any:
        calls.append(len(texts))
        if len(calls) == 3:
            raise KeyboardInterrupt
        return encode(self, texts, bulk=bulk)

    with monkeypatch.context() as fault:
        fault.setattr(Encoder, "encode_words", stopped)
        with pytest.raises(KeyboardInterrupt):
            index(notes, folder, tokens=True)
    done = len(stored_words(folder))
    assert 0 < done < len(ask(folder, "SELECT key FROM sentences"))
    batches = calls_of(monkeypatch, Encoder, "_batch")
    index(notes, folder)
    assert sum(len(windows) for _, windows, _ in batches) == len(ask(folder, "SELECT key FROM sentences")) - done
    assert_words_of(folder, tiny_encoder)


def test_words_of_another_recipe_are_not_searched_and_are_made_again(
    indexed: Path, notes: Path, tiny_encoder: Encoder
) -> None:
    before = words_found(indexed)
    (indexed / "catalog.seal").unlink()
    with database.transaction(database.open_engine(indexed, writing=True), indexed) as connection:
        connection.exec_driver_sql("UPDATE collection SET words = 'words-0'")
    with pytest.raises(InputError, match="clinsearch index --tokens"):
        Collection(indexed).search_tokens(QUERY)
    index(notes, indexed)
    assert_words_of(indexed, tiny_encoder)
    assert words_found(indexed) == before


# Codes.


def test_a_code_is_learnt_once_and_never_changes(indexed: Path, notes: Path, form: str) -> None:
    if form == "plain":
        return
    codes = ask(indexed, "SELECT name, sha256 FROM vector_files WHERE kind = 'code'")
    assert len(codes) == 1
    Collection(indexed).delete(sorted(NOTES)[:6])
    index(notes, indexed)
    assert ask(indexed, "SELECT name, sha256 FROM vector_files WHERE kind = 'code'") == codes


def test_a_search_finds_the_same_before_and_after_words_become_codes(
    tmp_path: Path, notes: Path, tiny_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index(notes, tmp_path / "c", model=str(tiny_model))
    hows: list[dict[str, Any]] = [{}, {"same": False}, {"pieces": True}, {"section": "plan"}]
    before = [words_found(tmp_path / "c", **how) for how in hows]
    assert not is_coded(tmp_path / "c")
    teach_early(monkeypatch)
    (notes / "more.txt").write_text("Wound.", encoding="utf-8")
    index(notes, tmp_path / "c")
    assert is_coded(tmp_path / "c")
    after = [words_found(tmp_path / "c", **how) for how in hows]
    for then, now in zip(before, after, strict=True):
        assert {place: value for place, value in now.items() if place[1] != "more"} == then


# Readers beside a writer.


@pytest.mark.usefixtures("no_wait_for_readers")
def test_a_snapshot_keeps_its_words_while_a_writer_deletes_and_merges(
    indexed: Path, monkeypatch: pytest.MonkeyPatch, tiny_encoder: Encoder
) -> None:
    query = tiny_encoder.embed_word("fever", 0, 5).vector
    with Reader(indexed).snapshot() as snapshot:
        before = [vectors.tolist() for vectors in snapshot.spaces["word"].search(query, 50)]
        Collection(indexed).delete(sorted(NOTES)[1:])
        assert [vectors.tolist() for vectors in snapshot.spaces["word"].search(query, 50)] == before
        owners = snapshot.catalog.words.sentences_of("word", before[0])
        assert len(snapshot.catalog.sentence_texts([key for key, _ in owners.values()])) > 3


@pytest.mark.usefixtures("no_wait_for_readers")
def test_word_files_merged_away_while_a_reader_opens_them_are_not_reported_as_damage(
    indexed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = {place for place in words_found(indexed) if place[1] != "n05"}
    require_size, calls = vector_files.require_size, []

    def deleted_meanwhile(path: Path, file: Any) -> None:
        require_size(path, file)
        if path.name.startswith("word") and not calls:
            calls.append(path)
            Collection(indexed).delete(["n05"])

    for module in (vector_files, inverted_lists):
        monkeypatch.setattr(module, "require_size", deleted_meanwhile)
    assert words_found(indexed).keys() == expected
    assert calls


@pytest.mark.usefixtures("no_wait_for_readers")
def test_a_snapshot_has_the_words_of_its_own_commit_whatever_other_threads_open_meanwhile(
    indexed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader, opened_space, calls = Reader(indexed), snapshots.Space, []

    def opened_beside_another(folder: Path, files: Any, codec: Any) -> Any:
        opened = opened_space(folder, files, codec)
        if files[0].kind not in KINDS:
            return opened
        calls.append(files)
        if len(calls) == len(KINDS):
            Collection(indexed).delete(["n05"])
            with reader.snapshot() as later:
                assert_of_one_commit(later)
        return opened

    monkeypatch.setattr(snapshots, "Space", opened_beside_another)
    with reader.snapshot() as snapshot:
        assert_of_one_commit(snapshot)
    assert len(calls) >= 2 * len(KINDS)


def assert_of_one_commit(snapshot: Snapshot) -> None:
    """Check that the open words are those in the snapshot's catalog."""
    for kind in KINDS:
        assert sorted(snapshot.spaces[kind].keys.tolist()) == snapshot.catalog.words.live(kind).tolist()

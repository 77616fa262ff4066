"""Runs that are interrupted, models and paths that cannot be used, and offsets of what is found."""

from __future__ import annotations

import gzip
import json
import shutil
from collections import Counter
from pathlib import Path

import pytest

import clinsearch
from clinsearch.collection import Collection
from clinsearch.encoder.checkpoint import DEFAULT_MODEL, PUBLISHED
from clinsearch.errors import CollectionNotFound, InputError, ModelError, ModelMismatch
from tests.conftest import PROJECT, real_notes, small_vocab, write_model
from tests.support import indexed
from tests.support.indexed import (
    ALL,
    THREE,
    Indexer,
    Notes,
    Stop,
    outcome,
    places_of_all,
    sentences_of,
    standing,
    write_jsonl,
    write_notes,
    write_text,
)

SECRET = "zyxwquartz"


collection, index = indexed.collection, indexed.index


def test_what_cannot_be_read_is_listed_without_its_text_and_the_rest_goes_on(
    index: Indexer, collection: Path, tmp_path: Path
) -> None:
    folder = write_notes(tmp_path / "notes", "txt", THREE)
    (folder / "binary.txt").write_bytes(f"{SECRET}\0".encode())
    (folder / "latin.txt").write_bytes(f"{SECRET} café".encode("latin-1"))
    (folder / "empty.txt").write_text(" \n")
    (folder / "noheader.csv").write_text(f"{SECRET} denies fever, no cough\nmore, text\n")
    (folder / "quotes.csv").write_text(f'note_id,text\n1,"{SECRET} denies" fever\n')
    (folder / "cells.csv").write_text(f"note_id,text\n1,{SECRET},denies\n")
    (folder / "broken.jsonl").write_text(f'{{"text": "{SECRET}\n["{SECRET}"]\n{{"text": ["{SECRET}"]}}\n')
    (folder / "date.jsonl").write_text(json.dumps({"text": "Mild cough.", "date": SECRET, "title": [SECRET]}))
    (folder / "cut.txt.gz").write_bytes(gzip.compress(SECRET.encode())[:-4])
    write_jsonl(folder / "twice.jsonl", [{"id": "n1", "text": f"{SECRET} coughs."}, {"id": "z", "text": "Clear."}])
    report = index(folder)
    places = [(Path(failure.source).name, failure.record) for failure in report.failures]
    assert sorted(places, key=str) == sorted(
        [
            ("binary.txt", None),
            ("latin.txt", None),
            ("empty.txt", None),
            ("noheader.csv", None),
            ("quotes.csv", 1),
            ("cells.csv", 1),
            ("broken.jsonl", 1),
            ("broken.jsonl", 2),
            ("broken.jsonl", 3),
            ("cut.txt.gz", None),
            ("twice.jsonl", None),
        ],
        key=str,
    )
    assert [(Path(doubt.source).name, doubt.kind) for doubt in report.doubts] == [
        ("date.jsonl", "field"),
        ("date.jsonl", "date"),
    ]
    assert not [one for one in report.failures + report.doubts if SECRET in one.reason.lower()]
    expected = sentences_of(THREE) | {"date#1": ["Mild cough."], "z": ["Clear."]}
    assert standing(collection) == expected


def many_notes(count: int, sentences: int, *, version: str = "first") -> Notes:
    """Make notes of sentences that all differ."""
    return {
        f"{note:04}": ("progress note", [f"Patient {version} {note} fever {n} at home." for n in range(sentences)])
        for note in range(count)
    }


@pytest.mark.parametrize("calls", [1, 2, 4])
def test_an_interrupted_run_leaves_whole_commits_and_the_next_encodes_only_the_rest(
    index: Indexer, collection: Path, tmp_path: Path, calls: int
) -> None:
    notes = many_notes(300, 9)
    folder = write_notes(tmp_path / "notes", "jsonl", notes)
    with pytest.raises(KeyboardInterrupt):
        index(folder, progress=Stop(calls))
    kept = standing(collection)
    assert kept == dict(list(sentences_of(notes).items())[: len(kept)])
    assert len(kept) < 300
    assert kept or calls < 4
    report = index(folder)
    assert (report.unchanged, report.new) == (len(kept), 300 - len(kept))
    assert report.sentences_encoded == 9 * (300 - len(kept))
    assert standing(collection) == sentences_of(notes)


def test_a_run_interrupted_among_changes_leaves_every_note_in_its_old_or_its_new_version(
    index: Indexer, collection: Path, tmp_path: Path
) -> None:
    old, new = many_notes(150, 17), many_notes(150, 17, version="second")
    folder = tmp_path / "notes"
    index(write_notes(folder, "jsonl", old))
    write_notes(folder, "jsonl", new)
    with pytest.raises(KeyboardInterrupt):
        index(folder, progress=Stop(2))
    kept = standing(collection)
    changed = [note_id for note_id in kept if kept[note_id] == new[note_id][1]]
    assert 0 < len(changed) < 150
    assert kept == sentences_of(old | {note_id: new[note_id] for note_id in changed})
    assert outcome(index(folder)) == {
        "unchanged": len(changed),
        "changed": 150 - len(changed),
        "sentences_encoded": 17 * (150 - len(changed)),
    }
    assert standing(collection) == sentences_of(new)


def test_progress_counts_the_notes_up_to_all_of_them(index: Indexer, tmp_path: Path) -> None:
    seen: list[int] = []
    index(write_notes(tmp_path / "notes", "csv", many_notes(150, 2)), progress=seen.append)
    assert seen == sorted(seen)
    assert seen[-1] == 150


def test_white_space_does_not_make_another_sentence(index: Indexer, collection: Path, tmp_path: Path) -> None:
    plain = "The wound was irrigated with saline at night and then closed in layers without drainage."
    path = write_text(tmp_path / "notes" / "a.txt", [plain])
    path.with_name("b.txt").write_text(plain.replace(" at night ", "\t  at\u00a0night ") + "\n")
    path.with_name("c.txt").write_text(plain.replace("then closed", "then\nclosed") + "\n")
    assert index(path.parent).sentences_encoded == 1
    (hit,) = Collection(collection).search("wound", ALL)
    assert (hit.note_id, hit.sentence, hit.occurrences) == ("a", plain, 3)
    places = Collection(collection).places(hit)
    assert [(place.note_id, place.sentence, place.occurrences) for place in places] == [
        ("a", plain, 3),
        ("b", plain, 3),
        ("c", plain, 3),
    ]


def folded(text: str) -> str:
    return " ".join(text.split())


def assert_offsets_lead_to_the_sentences(collection: Path) -> None:
    notes = Collection(collection)
    texts: dict[str, str] = {}
    hits = notes.search("fever", ALL) + places_of_all(notes)
    assert hits
    for hit in hits:
        if hit.note_id not in texts:
            view = notes.note(hit.note_id)
            texts[hit.note_id] = view.note.text
            for place in view.sentences:
                assert folded(view.note.text[place.start : place.end]) == place.sentence
        assert folded(texts[hit.note_id][hit.start : hit.end]) == hit.sentence


def test_offsets_of_hits_lead_to_their_sentences(index: Indexer, collection: Path, tmp_path: Path) -> None:
    odd = "HPI:\r\n\r\n  Naïve patient \U0001f642 denies\tfever.\r\nPLAN:\r\n- Home\u00a0with  a\u2003walker.\r\n"
    path = tmp_path / "notes" / "odd.txt"
    path.parent.mkdir()
    path.write_bytes(odd.encode())
    index(path.parent, PROJECT / "sample_notes")
    assert_offsets_lead_to_the_sentences(collection)


def test_offsets_of_hits_in_real_notes_lead_to_their_sentences(
    index: Indexer, collection: Path, tmp_path: Path
) -> None:
    rows = [{"id": note["id"], "text": note["text"]} for note in real_notes()[::50]]
    index(write_jsonl(tmp_path / "real.jsonl", rows))
    assert_offsets_lead_to_the_sentences(collection)
    for row in rows:
        assert Collection(collection).note(row["id"]).note.text == row["text"]


@pytest.mark.parametrize("other", ["weights", "pooling"])
def test_another_model_is_refused_with_the_remedy_and_changes_nothing(
    index: Indexer, collection: Path, tmp_path: Path, tiny_model: Path, other: str
) -> None:
    folder = write_notes(tmp_path / "notes", "txt", THREE)
    index(folder)
    before = Collection(collection).status()
    files = {path.name: path.read_bytes() for path in (collection / "vectors").iterdir()}
    write_text(folder / "n4.txt", ["Patient needs three pillows."])
    options = (
        {"pooling": "cls"}
        if other == "pooling"
        else {"model": str(write_model(tmp_path / "other", small_vocab(), seed=8))}
    )
    with pytest.raises(ModelMismatch) as error:
        index(folder, **options)
    message = str(error.value)
    assert str(tiny_model) in message
    assert "Leave --model and --pooling out" in message
    assert "--collection" in message
    after = Collection(collection).status()
    assert (after.notes, after.model, after.fingerprint) == (3, before.model, before.fingerprint)
    assert {path.name: path.read_bytes() for path in (collection / "vectors").iterdir()} == files
    assert standing(collection) == sentences_of(THREE)


def test_a_collection_keeps_its_model_when_none_is_named(index: Indexer, collection: Path, tmp_path: Path) -> None:
    folder = write_notes(tmp_path / "notes", "txt", THREE)
    index(folder, pooling="max")
    before = Collection(collection).status()
    write_text(folder / "n4.txt", ["Patient needs three pillows."])
    assert outcome(clinsearch.index(folder, collection)) == {"new": 1, "unchanged": 3, "sentences_encoded": 1}
    after = Collection(collection).status()
    assert (after.model, after.pooling) == (before.model, "max")


@pytest.mark.parametrize("model", ["nobody/no-such-model", "./no-such-folder", "no such name"])
def test_a_model_that_cannot_be_found_leaves_no_folder_behind(
    index: Indexer, collection: Path, tmp_path: Path, no_network: list[object], model: str
) -> None:
    folder = write_notes(tmp_path / "notes", "txt", THREE)
    with pytest.raises(ModelError):
        index(folder, model=model)
    assert not collection.exists()


def test_a_model_that_cannot_be_loaded_leaves_no_folder_behind(
    index: Indexer, collection: Path, tmp_path: Path, tiny_model: Path
) -> None:
    folder = write_notes(tmp_path / "notes", "txt", THREE)
    model = Path(shutil.copytree(tiny_model, tmp_path / "model"))
    (model / "model.safetensors").write_bytes(b"not weights at all")
    with pytest.raises(ModelError):
        index(folder, model=str(model))
    assert not collection.exists()


def test_a_default_model_that_is_not_as_published_leaves_no_folder_behind(
    index: Indexer, collection: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write_notes(tmp_path / "notes", "txt", THREE)
    monkeypatch.setitem(PUBLISHED, DEFAULT_MODEL, ("0" * 64, "Install it again."))
    with pytest.raises(ModelError):
        index(folder, model=None)
    assert not collection.exists()


def test_a_pooling_that_does_not_exist_is_refused(index: Indexer, collection: Path, tmp_path: Path) -> None:
    folder = write_notes(tmp_path / "notes", "txt", THREE)
    with pytest.raises(ModelError, match="median"):
        index(folder, pooling="median")
    assert not collection.exists()


def test_a_path_without_notes_leaves_no_folder_behind(index: Indexer, collection: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError):
        index(tmp_path / "nowhere")
    assert not collection.exists()
    with pytest.raises(CollectionNotFound):
        Collection(collection)


def test_a_note_without_a_sentence_is_kept_and_counted(index: Indexer, collection: Path, tmp_path: Path) -> None:
    path = tmp_path / "notes" / "rules.txt"
    path.parent.mkdir()
    path.write_text("-----\n\n=====\n")
    assert outcome(index(path.parent)) == {"new": 1}
    write_text(path.with_name("a.txt"), ["Patient denies fever."])
    assert outcome(index(path.parent)) == {"new": 1, "unchanged": 1, "sentences_encoded": 1}
    status = Collection(collection).status()
    assert (status.notes, status.sentences, status.occurrences) == (2, 1, 1)
    assert standing(collection) == {"a": ["Patient denies fever."]}


def test_many_small_runs_come_to_the_same_as_one(index: Indexer, collection: Path, tmp_path: Path) -> None:
    folder = tmp_path / "notes"
    notes: Notes = {}
    for note_id, note in many_notes(20, 3).items():
        notes[note_id] = note
        index(write_text(folder / f"{note_id}.txt", note[1]))
    assert standing(collection) == sentences_of(notes)
    files = Counter(path.name.partition("-")[0] for path in (collection / "vectors").iterdir())
    assert files.keys() == {"sentence", "note", "opening", "word", "piece"}
    assert max(files.values()) < 10

"""Whatever happens to files between runs, the collection holds what is in them."""

from __future__ import annotations

import csv
import random
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from clinsearch.encoder.encoder import load_encoder
from clinsearch.indexing import run, work
from clinsearch.indexing.upkeep import identity_of
from clinsearch.readers import NoteFiles
from clinsearch.storage.folder.writer import Writer
from tests.support import indexed
from tests.support.indexed import Indexer, Stop, outcome, standing, write_jsonl, write_text

collection, index = indexed.collection, indexed.index


class Shelf:
    """A folder of text files that is moved about in at random, and what should be found of it."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.folder = folder
        self.dice = random.Random(seed)
        self.made = 0
        # By file name: the id in its header if it has one, and its text.
        self.files: dict[str, tuple[str | None, str]] = {}
        for _ in range(6):
            self.add()

    def fresh(self, stem: str) -> str:
        self.made += 1
        return f"{stem}{self.made}"

    def some(self) -> str:
        return self.dice.choice(sorted(self.files))

    def add(self) -> None:
        note_id = self.dice.choice([None, self.fresh("K")])
        self.files[self.fresh("f")] = (note_id, f"Patient denies fever {self.fresh('')}.")

    def edit(self) -> None:
        name = self.some()
        self.files[name] = (self.files[name][0], f"Patient denies chills {self.fresh('')}.")

    def copy(self) -> None:
        self.files[self.fresh("f")] = (None, self.files[self.some()][1])

    def remove(self) -> None:
        del self.files[self.some()]

    def rename(self) -> None:
        self.files[self.fresh("f")] = self.files.pop(self.some())

    def replace(self) -> None:
        name = self.some()
        self.files[self.some()] = self.files[name]
        del self.files[name]

    def turn_names(self) -> None:
        names = self.dice.sample(sorted(self.files), min(3, len(self.files)))
        notes = [self.files[name] for name in names]
        self.files |= dict(zip(names[1:] + names[:1], notes, strict=True))

    def turn_ids(self) -> None:
        names = self.dice.sample(sorted(self.files), min(3, len(self.files)))
        ids = [self.files[name][0] for name in names]
        for name, note_id in zip(names[1:] + names[:1], ids, strict=True):
            self.files[name] = (note_id, self.files[name][1])

    def give_id(self) -> None:
        name = self.some()
        note_id = self.dice.choice([None, self.fresh("K"), self.files[self.some()][0], self.some()])
        self.files[name] = (note_id, self.files[name][1])

    def change(self) -> None:
        """Do one to four things to the files, and write them."""
        ways = [self.add, self.edit, self.copy, self.remove, self.rename, self.replace]
        ways += [self.turn_names, self.turn_ids, self.give_id]
        for way in self.dice.choices(ways, k=self.dice.randint(1, 4)):
            if len(self.files) > 3:
                way()
            else:
                self.add()

    def write(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)
        for name, (note_id, text) in self.files.items():
            write_text(self.folder / f"{name}.txt", [text], **({"note_id": note_id} if note_id else {}))

    def claims(self) -> dict[str, list[str]]:
        """Return for each id the texts of the files that claim it."""
        texts: dict[str, list[str]] = {}
        for name, (note_id, text) in sorted(self.files.items()):
            texts.setdefault(note_id or name, []).append(text)
        return texts


@pytest.mark.drawn(2)
@pytest.mark.parametrize("seed", [1, 2, 3, 49])
def test_whatever_happens_to_files_each_id_stands_once_with_a_text_that_claims_it(
    index: Indexer, collection: Path, tmp_path: Path, seed: int
) -> None:
    shelf = Shelf(tmp_path / "notes", seed)
    for _ in range(7):
        shelf.write()
        claims = shelf.claims()
        delete = shelf.dice.random() < 0.6
        report = index(shelf.folder, delete_missing=delete)
        found = standing(collection)
        if delete:
            assert found.keys() == claims.keys()
        assert found.keys() >= claims.keys()
        assert len(found) == len(claims) + report.missing
        for note_id, texts in claims.items():
            assert found[note_id][0] in texts
        assert report.new + report.changed + report.renamed + report.unchanged >= len(claims)
        again = index(shelf.folder)
        assert (again.unchanged, again.sentences_encoded, again.missing) == (len(claims), 0, report.missing)
        shelf.change()


def test_one_id_of_two_patients_is_two_notes(index: Indexer, collection: Path, tmp_path: Path) -> None:
    first = write_jsonl(tmp_path / "a.jsonl", [{"id": "1", "patient_id": "P1", "text": "Patient denies fever."}])
    second = write_jsonl(tmp_path / "b.jsonl", [{"id": "1", "patient_id": "P2", "text": "Mild cough at night."}])
    index(first)
    report = index(second)
    assert outcome(report) == {"failures": 1}
    assert str(first) in report.failures[0].reason
    assert standing(collection) == {"1": ["Patient denies fever."]}


def test_a_record_that_cannot_be_read_this_time_stays(index: Indexer, collection: Path, tmp_path: Path) -> None:
    rows = [{"id": "A", "text": "Patient denies fever."}, {"id": "B", "text": "Mild cough at night."}]
    path = write_jsonl(tmp_path / "notes.jsonl", rows)
    index(path)
    path.write_text(path.read_text()[:-4] + "\n")
    report = index(path, delete_missing=True)
    assert outcome(report) == {"unchanged": 1, "failures": 1}
    assert set(standing(collection)) == {"A", "B"}


SENTENCES = ("Patient denies fever.", "Mild cough at night.", "The wound was stable.")
PLACES = ("a.jsonl", "b.csv", "by name", "by header")


State = list[tuple[str, str, str]]


def states() -> st.SearchStrategy[list[State]]:
    """Make states of some files: notes, each with its id, its place and its text, in the order of their records."""
    note = st.tuples(st.sampled_from([f"K{n}" for n in range(6)]), st.sampled_from(PLACES), st.sampled_from(SENTENCES))
    return st.lists(st.lists(note, min_size=1, max_size=6, unique_by=lambda note: note[0]), min_size=1, max_size=3)


def write_state(folder: Path, state: State) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    rows = {place: [{"note_id": i, "text": t} for i, p, t in state if p == place] for place in PLACES}
    if rows["a.jsonl"]:
        write_jsonl(folder / "a.jsonl", rows["a.jsonl"])
    if rows["b.csv"]:
        with (folder / "b.csv").open("w", newline="") as file:
            table = csv.DictWriter(file, ["note_id", "text"])
            table.writeheader()
            table.writerows(rows["b.csv"])
    for row in rows["by name"]:
        write_text(folder / f"{row['note_id']}.txt", [row["text"]])
    for number, row in enumerate(rows["by header"]):
        write_text(folder / f"f{number}.txt", [row["text"]], note_id=row["note_id"])


def ids_and_texts(writer: Writer) -> dict[str, str]:
    with writer.catalog() as catalog:
        stored = list(catalog.notes_with_source())
        return {note.note_id: catalog.note(note.note_id)[1].text.strip() for note in stored}


def assert_each_state_is_what_the_collection_holds(
    tiny_model: Path, folder: Path, history: list[State], *, group: int, batch: int, stop: int = 0
) -> None:
    encoder = load_encoder(str(tiny_model))
    with pytest.MonkeyPatch.context() as patch, Writer(folder / "collection", create=True) as writer:
        patch.setattr(run, "NOTES_PER_GROUP", group)
        patch.setattr(work, "NOTES_PER_COMMIT", batch)
        writer.claim(identity_of(encoder), "a test")
        known: set[str] = set()
        for state in history:
            write_state(folder / "notes", state)
            if stop:
                with suppress(KeyboardInterrupt):
                    run.index_files(writer, encoder, NoteFiles([folder / "notes"]), progress=Stop(stop))
            report = run.index_files(writer, encoder, NoteFiles([folder / "notes"]), delete_missing=True)
            texts = {note_id: text for note_id, _, text in state}
            assert ids_and_texts(writer) == texts
            assert report.failures == ()
            # A sentence that leaves with the old version of a note, and comes back in a later batch, is anew.
            assert stop or report.changed or report.sentences_encoded == len(set(texts.values()) - known)
            assert report.new + report.changed + report.renamed + report.unchanged >= len(state)
            again = run.index_files(writer, encoder, NoteFiles([folder / "notes"]))
            assert outcome(again) == {"unchanged": len(state)}
            assert ids_and_texts(writer) == texts
            known = set(texts.values())


A, B, C = SENTENCES


TWIN_COMES_LATER = [("K0", "a.jsonl", A), ("K1", "a.jsonl", B), ("K2", "a.jsonl", A)]
TWIN_COMES_FIRST = [("K3", "a.jsonl", A), *TWIN_COMES_LATER]
TWIN_OF_A_CHANGED_ONE = [("K2", "a.jsonl", A), ("K4", "b.csv", A), ("K0", "a.jsonl", C)]
MOVED = [("K5", "b.csv", A), ("K1", "by name", B), ("K0", "by header", A)]
PASSED_ON = [("K0", "by name", C), ("K1", "by header", B)]


@pytest.mark.parametrize(("group", "batch"), [(1, 1), (2, 3), (64, 1024)])
def test_twins_in_any_order_are_each_kept(tiny_model: Path, tmp_path: Path, group: int, batch: int) -> None:
    history = [TWIN_COMES_LATER, TWIN_COMES_FIRST, TWIN_OF_A_CHANGED_ONE, MOVED, PASSED_ON, TWIN_COMES_FIRST]
    assert_each_state_is_what_the_collection_holds(tiny_model, tmp_path, history, group=group, batch=batch)


def assert_any_history_is_followed(tiny_model: Path, tmp_path: Path, examples: int) -> None:
    # Without shrinking, which takes minutes here: the histories are short.
    phases = (Phase.explicit, Phase.reuse, Phase.generate)

    @settings(max_examples=examples, phases=phases, deadline=None, suppress_health_check=list(HealthCheck))
    @given(history=states(), sizes=st.tuples(st.integers(1, 4), st.integers(1, 4)), stop=st.integers(0, 3))
    def follow(history: list[State], sizes: tuple[int, int], stop: int) -> None:
        group, batch = sizes
        with tempfile.TemporaryDirectory(dir=tmp_path) as folder:
            assert_each_state_is_what_the_collection_holds(
                tiny_model, Path(folder), history, group=group, batch=batch, stop=stop
            )

    follow()


def test_after_every_run_the_ids_in_the_collection_are_those_in_the_files(tiny_model: Path, tmp_path: Path) -> None:
    assert_any_history_is_followed(tiny_model, tmp_path, examples=10)


@pytest.mark.exhaustive
def test_after_every_run_of_many_the_ids_in_the_collection_are_those_in_the_files(
    tiny_model: Path, tmp_path: Path
) -> None:
    assert_any_history_is_followed(tiny_model, tmp_path, examples=100)

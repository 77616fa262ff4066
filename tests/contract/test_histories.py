"""Both storages hold the same after any history of commits: what a dictionary of the notes would."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest

from clinsearch.encoder.pooling import unit
from clinsearch.language import read_note, read_sentences, terms_of
from clinsearch.records import Filter, FloatArray, Note
from clinsearch.records.digests import note_digest, text_digest
from clinsearch.records.locations import Location, database_at
from clinsearch.storage import open_reader, open_writer
from clinsearch.storage.batches import Batch
from clinsearch.storage.port import Writer
from clinsearch.storage.values import EncoderIdentity
from tests.support.alike import NEARLY, assert_alike
from tests.support.kept_twice import LONG, vectors_of_halves
from tests.support.whole_port import everything

WIDTH = 16
OWNER = EncoderIdentity("a model", "mean", "its fingerprint", WIDTH)
SENTENCES = [
    "Fever and chills.",
    "Patient denies chest pain.",
    "No edema \U0001f637 at night.",
    "E\u0301dema of the left leg.",
    "A1c was 9.4%.",
    "A1c 6.1% last year, now 7.2%.",
    "K 3.1, potassium 5.9 mmol/L.",
    "Father had \ufdd0 cough \ufdd01 at \ufdd0\ufdd0.",
    "Nothing\0 here\0 but chest pain.",
    "HÖHE und ß: Fieber \x01 \x01\x02 \x02.",
    "fever and CHILLS today.",
    "Fever and chills, on the right.",
    "Mild cough; wound clear.",
    f"A word of many letters, {LONG[:3500]}, stands here.",
    "Wound 3x4 cm, drainage purulent.",
]
HEADINGS = ["", "HISTORY OF PRESENT ILLNESS:\n", "MEDICATIONS:\n", "Medications:\n", f"{LONG[:90].upper()}:\n"]
MOMENTS = [
    None,
    datetime(1, 1, 1),
    datetime(9999, 12, 31, 23, 59, 59, 999999),
    datetime(2024, 3, 1, 8),
    datetime(2024, 3, 1),
]
IDS = [
    "a",
    "A",
    "ä",
    "Ä",
    "z",
    "n 1",
    "n\0",
    "n\x01",
    "n\x01\x02",
    "n\x02",
    "\ufdd0",
    "\U0001f637",
    "e\u0301",
    "é",
    LONG,
    LONG + "2",
    "b",
    "c",
    "d",
]
PATIENTS = [None, "P1", "p1", "Ä", "\0", "\x01", "\ufdd0", LONG]
TYPES = [None, "consult", "CONSULT", "ärztebrief", "Ärztebrief", "", LONG, "\U0001f637"]


def vector_of(text: str) -> FloatArray:
    """Make a vector of a text, of numbers in half precision."""
    rng = np.random.default_rng(int.from_bytes(text_digest(text), "big"))
    vector: FloatArray = unit(rng.normal(size=WIDTH)).astype(np.float16).astype(np.float32)
    return vector


def a_note(dice: random.Random, note_id: str) -> Note:
    """Make up a note of any fields; some have no sentence."""
    parts = [
        dice.choice(HEADINGS) + "\n\n".join(dice.choices(SENTENCES, k=dice.randint(1, 4)))
        for _ in range(dice.choice([0, 1, 1, 2, 3]))
    ]
    return Note(
        note_id,
        "\n\n".join(parts) or dice.choice(["...", " ", "\0"]),
        patient_id=dice.choice(PATIENTS),
        encounter_id=dice.choice([None, "E1", "e1", LONG]),
        note_type=dice.choice(TYPES),
        note_datetime=dice.choice(MOMENTS),
        title=dice.choice([None, "", "A title \0", LONG]),
        source=dice.choice([None, "/notes/a.txt", f"/{LONG}"]),
    )


@dataclass
class History:
    """Two writers, which do the same, and the notes as a dictionary would hold them."""

    locations: tuple[Location, Location]
    writers: tuple[Writer, Writer]
    dice: random.Random
    notes: dict[str, Note] = field(default_factory=dict)

    def put(self, *notes: Note, without: tuple[str, ...] = ()) -> None:
        """Add notes, or put them in the place of those of their ids."""
        gone = list(dict.fromkeys([*without, *(note.note_id for note in notes if note.note_id in self.notes)]))
        for writer in self.writers:
            read = [read_note(note, note_digest(note)) for note in notes]
            new = read_sentences(sentence for item in read for sentence in item.sentences)
            keys = self._keys(writer, gone)
            with writer.catalog() as catalog:
                known = catalog.sentence_keys_of(list(new))
            new = {digest: sentence for digest, sentence in new.items() if digest not in known}
            vectors = {digest: vector_of(sentence.text) for digest, sentence in new.items()}
            openings = {item.note.note_id: vector_of(item.note.text) for item in read if item.sentences}
            writer.commit(Batch(read, new, keys, vectors=vectors, openings=openings), terms_of)
        for note_id in gone:
            del self.notes[note_id]
        self.notes |= {note.note_id: note for note in notes}

    def change(self, note: Note) -> None:
        """Give a note other fields; its text stays."""
        for writer in self.writers:
            (key,) = self._keys(writer, [note.note_id])
            writer.commit(Batch(relabelled=[(key, note, note_digest(note))]), terms_of)
        self.notes[note.note_id] = note

    def move(self, note_id: str, source: str) -> None:
        for writer in self.writers:
            writer.commit(Batch(moved=[(self._keys(writer, [note_id])[0], source)]), terms_of)
        self.notes[note_id] = replace(self.notes[note_id], source=source)

    def step(self) -> None:
        """Do something at random."""
        way = self.dice.choice(["put", "put", "replace", "drop", "relabel", "move", "upkeep"])
        some = self.dice.sample(sorted(self.notes), min(2, len(self.notes)))
        if way == "put" or not some:
            self.put(*(a_note(self.dice, note_id) for note_id in self.dice.sample(IDS, 4)))
        elif way == "replace":
            ids = dict.fromkeys((some[0], "anew"))
            self.put(*(a_note(self.dice, note_id) for note_id in ids), without=tuple(some[1:]))
        elif way == "drop":
            self.put(without=tuple(some))
        elif way == "relabel":
            text = self.notes[some[0]].text
            self.change(replace(a_note(self.dice, some[0]), text=text))
        elif way == "move":
            self.move(some[0], f"/{LONG}/{self.dice.random()}")
        else:
            for writer in self.writers:
                self.dice.choice([writer.compact, writer.compact, writer.optimize])()

    def assert_the_same(self) -> None:
        """Assert that both hold what the dictionary does, and tell the same of it."""
        told = []
        for location in self.locations:
            with open_reader(location).snapshot() as snapshot:
                whole = snapshot.catalog.lists.notes(snapshot.catalog.lists.ordered(Filter(), "id").tolist())
                assert {note.note_id: note for note in whole} == self.notes
                assert [note.note_id for note in whole] == sorted(self.notes, key=lambda one: one.encode())
                told.append(everything(snapshot))
        assert_alike(*told, NEARLY)

    @staticmethod
    def _keys(writer: Writer, note_ids: list[str]) -> list[int]:
        with writer.catalog() as catalog:
            return [catalog.note(note_id)[0] for note_id in note_ids]


@pytest.fixture
def history(postgres_database: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[History]:
    locations: tuple[Location, Location] = (tmp_path / "collection", database_at(postgres_database))
    with ExitStack() as stack:
        stack.enter_context(vectors_of_halves())
        writers = tuple(stack.enter_context(open_writer(location, create=True)) for location in locations)
        for writer in writers:
            writer.claim(OWNER, "a test")
        yield History(locations, writers, random.Random(getattr(request, "param", 0)))  # type: ignore[arg-type]


def test_nothing_is_told_alike(history: History) -> None:
    history.assert_the_same()


@pytest.mark.drawn(1)
@pytest.mark.parametrize("history", [1, 2], indirect=True)
def test_after_any_history_both_hold_what_a_dictionary_would(history: History) -> None:
    history.put(*(a_note(history.dice, note_id) for note_id in IDS))
    history.assert_the_same()
    for _ in range(12):
        history.step()
    history.assert_the_same()


@pytest.mark.parametrize(
    ("history", "looks"),
    [
        pytest.param(3, 4, marks=pytest.mark.slow),
        *(pytest.param(n, 12, marks=pytest.mark.exhaustive) for n in range(3, 15)),
    ],
    indirect=["history"],
)
def test_after_any_long_history_both_hold_what_a_dictionary_would(history: History, looks: int) -> None:
    for _ in range(looks):
        for _ in range(5):
            history.step()
        history.assert_the_same()

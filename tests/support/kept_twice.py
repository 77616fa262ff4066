"""The same notes in a folder and in a database, and notes of many kinds to keep there."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pytest

import clinsearch
from clinsearch.collection import Collection
from clinsearch.encoder import correction, pooling, words
from clinsearch.encoder.pooling import unit
from clinsearch.records import FloatArray, IndexReport
from clinsearch.storage import text_vectors
from tests.support.alike import NEARLY, assert_alike
from tests.support.made_up_notes import random_sentence, written_note

SAMPLE_NOTES = Path(__file__).resolve().parents[2] / "sample_notes"
SAMPLED = ("P001-2024", "P003", "P012")
# Longer than what a B-tree of PostgreSQL takes, and of letters that do not compress well.
LONG = "".join(random.Random(7).choices("abcdefghijklmnopqrstuvwxyz0123456789äöü", k=4000))
ODD: list[dict[str, Any]] = [
    {"note_id": "odd-bare", "text": "Lonely note without anything. Chest pain at night."},
    {"note_id": "odd-Ä", "note_type": "Ärztebrief", "patient_id": "Ä1", "text": "Fever and chills. A1c was 9.4%."},
    {"note_id": "odd-ä", "note_type": "ärztebrief", "patient_id": "ä1", "text": "No fever. A1c was 6.1%."},
    {"note_id": "Odd-Z", "note_type": "zebra", "text": "Potassium 6.2. Cough \U0001f637 with e\u0301dema."},
    {"note_id": "odd-\ufdd0", "title": "\ufdd00 \ufdd0", "text": "Wound \ufdd0 drainage \ufdd01 stable. K 3.1 today."},
    {"note_id": "odd-first", "note_datetime": "0001-01-01T00:00", "patient_id": "P-old", "text": "Heart clear."},
    {"note_id": "odd-last", "note_datetime": "9999-12-31T23:59:59", "patient_id": "P-old", "text": "Heart stable."},
    {"note_id": "odd-" + LONG, "patient_id": LONG, "note_type": LONG, "encounter_id": LONG, "title": LONG,
     "text": f"{LONG.upper()[:60]}:\nChest pain and {LONG} fever.\n\nMEDICATIONS:\nAspirin 81 mg."},
    {"note_id": "odd-es", "patient_id": "P-es", "note_type": "consult", "text":
     "El paciente refiere dolor en el pecho desde hace tres días. Niega fiebre y tos. La radiografía de tórax es "
     "normal y el electrocardiograma no muestra cambios. Se le recomienda reposo y volver a la consulta."},
    {"note_id": "odd-twice", "text": "Fever and chills. Fever and chills. Fever and chills."},
    {"note_id": "odd-dots", "note_type": "", "patient_id": " ", "text": "...\n\n***\n\n---"},
    {"note_id": "odd-spaces", "text": "  A\u00a0wound\u2003was   clear.\r\nNo edema.\x0b\x0cDone.\x1b[0m  "},
]  # fmt: skip

T = TypeVar("T")


@contextmanager
def vectors_of_halves() -> Iterator[None]:
    """Have all vectors made of numbers in half precision, so that no storage rounds them."""

    def rounded(vectors: FloatArray) -> FloatArray:
        return unit(vectors).astype(np.float16).astype(np.float32)

    with pytest.MonkeyPatch.context() as patch:
        for module in (pooling, words, correction, text_vectors):
            patch.setattr(module, "unit", rounded)
        yield


@dataclass(frozen=True)
class Pair:
    """A collection in a folder, and one of the same notes in a database."""

    folder: Path
    dsn: str
    model: str

    @property
    def collections(self) -> tuple[Collection, Collection]:
        """Both, opened anew."""
        return clinsearch.open(self.folder), clinsearch.open(self.dsn)

    def index(self, notes: Path, **options: Any) -> IndexReport:
        """Index notes in both; assert that they report the same."""
        reports = [clinsearch.index([notes], at, **{"model": self.model, **options}) for at in (self.folder, self.dsn)]
        assert_alike(*(replace(report, seconds=0.0) for report in reports))
        return reports[0]


def both(pair: tuple[Collection, Collection], ask: Callable[[Collection], T], within: float = NEARLY) -> T:
    """Ask both collections; assert that they answer, or refuse, alike, and return the folder's answer."""
    one, other = (answer(collection, ask) for collection in pair)
    assert_alike(one, other, within)
    return one


def answer(collection: Collection, ask: Callable[[Collection], T]) -> T:
    """Return what a collection answers, or the kind of the error and its line, without the collection's location."""
    try:
        return ask(collection)
    except clinsearch.ClinsearchError as error:
        return (type(error).__name__, str(error).replace(str(collection.location), "HERE"))  # type: ignore[return-value]


def write_many_kinds(folder: Path) -> Path:
    """Write some sample notes, notes made up at random that share sentences, and odd ones."""
    folder.mkdir(parents=True)
    for path in sorted(SAMPLE_NOTES.iterdir()):
        if path.name.startswith(SAMPLED):
            (folder / path.name).write_bytes(path.read_bytes())
    dice = random.Random(3)
    pool = [random_sentence(dice) for _ in range(12)]
    rows = [written_note(dice, number, pool)[0] for number in range(30)]
    for row in rows:
        row["encounter_id"] = dice.choice([None, "E1", "e1", "E2"])
    (folder / "many.jsonl").write_text("".join(json.dumps(row) + "\n" for row in [*rows, *ODD]))
    return folder

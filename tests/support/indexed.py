"""Notes written in every form, and what a collection made of them holds."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

import clinsearch
from clinsearch.collection import Collection
from clinsearch.records import Hit, IndexReport

ALL = 100_000


Indexer = Callable[..., IndexReport]


# Notes by id: the type and the sentences of each.
Notes = dict[str, tuple[str, list[str]]]


THREE: Notes = {
    "n1": ("progress note", ["Patient denies fever and chills.", "The wound was stable at night."]),
    "n2": ("progress note", ["Mild edema on the left was stable.", "Patient denies fever and chills."]),
    "n3": ("consult", ["The heart was clear on the right."]),
}


def write_text(path: Path, sentences: list[str], **header: str) -> Path:
    """Write a note, each sentence a paragraph of its own, beneath a header if there are fields for one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fields = "".join(f"{name}: {value}\n" for name, value in header.items())
    path.write_text((f"---\n{fields}---\n" if fields else "") + "\n\n".join(sentences) + "\n")
    return path


def write_notes(folder: Path, form: str, notes: Notes) -> Path:
    """Write just these notes into a folder: a text file each, or all as records of one table."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    rows = [
        {"note_id": note_id, "note_type": note_type, "text": "\n\n".join(sentences)}
        for note_id, (note_type, sentences) in notes.items()
    ]
    if form == "jsonl":
        write_jsonl(folder / "notes.jsonl", rows)
    elif form == "csv":
        with (folder / "notes.csv").open("w", newline="") as file:
            table = csv.DictWriter(file, ["note_id", "note_type", "text"])
            table.writeheader()
            table.writerows(rows)
    else:
        for note_id, (note_type, sentences) in notes.items():
            write_text(folder / f"{note_id}.txt", sentences, note_type=note_type)
    return folder


def write_jsonl(path: Path, rows: list[dict[str, str]]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def outcome(report: IndexReport) -> dict[str, int]:
    """Return the counts of a report that are not zero."""
    names = ("new", "changed", "renamed", "unchanged", "deleted", "missing", "sentences_encoded")
    counts = {name: getattr(report, name) for name in names} | {"failures": len(report.failures)}
    return {name: count for name, count in counts.items() if count}


def standing(collection: Path, **filters: str) -> dict[str, list[str]]:
    """Return all that search finds: the sentences of each note in their order. Looks at every vector."""
    notes = Collection(collection)
    places = places_of_all(notes, **filters)
    found: dict[str, list[str]] = {}
    for place in sorted(places, key=lambda place: (place.note_id, place.start)):
        found.setdefault(place.note_id, []).append(str(place.sentence))
    assert notes.status().occurrences == len(places) or filters
    return found


def places_of_all(notes: Collection, **filters: str) -> list[Hit]:
    """Return every place of every sentence that a search finds."""
    hits = notes.search("fever", ALL, **filters)
    return [p for h in hits for p in ([h] if h.occurrences == 1 else notes.places(h, **filters))]


def sentences_of(notes: Notes) -> dict[str, list[str]]:
    return {note_id: sentences for note_id, (_, sentences) in notes.items()}


forms = pytest.mark.parametrize("form", ["txt", "csv", "jsonl"])


class Stop:
    """A progress callback that is interrupted, as by Ctrl-C, when it is called for the n-th time."""

    def __init__(self, calls: int) -> None:
        self.calls_left = calls

    def __call__(self, notes: int) -> None:
        self.calls_left -= 1
        if not self.calls_left:
            raise KeyboardInterrupt


@pytest.fixture
def collection(tmp_path: Path) -> Path:
    return tmp_path / "collection"


@pytest.fixture
def index(tiny_model: Path, collection: Path) -> Indexer:
    """Bring the test's collection in step with some paths, with the tiny model."""

    def run(*paths: Path, **options: object) -> IndexReport:
        return clinsearch.index(list(paths), collection, **{"model": str(tiny_model), **options})

    return run


@pytest.fixture
def small(tmp_path: Path, tiny_model: Path) -> Callable[..., Collection]:
    """Return a function that makes a collection of a few notes, a file each, one run after another."""

    def make(*texts: str, **fields: str) -> Collection:
        for number, text in enumerate(texts):
            path = tmp_path / "notes" / f"{number:02}.jsonl"
            path.parent.mkdir(exist_ok=True)
            path.write_text(json.dumps({"note_id": f"{number:02}", "text": text, **fields}))
            clinsearch.index(path, tmp_path / "small", model=str(tiny_model))
        return Collection(tmp_path / "small")

    return make

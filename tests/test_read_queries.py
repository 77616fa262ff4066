"""How queries are read: which words are left as they are."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import clinsearch
from clinsearch.collection import Collection

NOTES = [
    ("A1c 9.4%.", "Takes metformin 500 mg."),
    ("A1c 6.1%.", "Metformin was stopped."),
    ("Potassium 6.2.", "On warfarin with a GI bleed."),
    ("Ambulates well.", "No fever or chills."),
]


@pytest.fixture(scope="module")
def notes(tmp_path_factory: pytest.TempPathFactory, tiny_model: Path) -> Collection:
    folder = tmp_path_factory.mktemp("read")
    rows = [{"note_id": f"n{at}", "text": "\n\n".join(sentences)} for at, sentences in enumerate(NOTES)]
    (folder / "n.jsonl").write_text("\n".join(map(json.dumps, rows)))
    clinsearch.index(folder / "n.jsonl", folder / "c", model=str(tiny_model))
    return Collection(folder / "c")


def test_misspelt_words_are_put_right_but_not_in_quotation_marks(notes: Collection) -> None:
    with notes._reader.catalog() as (catalog, _):
        reader = notes._reader_for(catalog)
        assert reader.read("metformn").text == "metformin"
        assert reader.read('"metformn"').text == '"metformn"'
        assert reader.read('metformn and "metformn" or metformn*').text == 'metformin and "metformn" or metformn*'

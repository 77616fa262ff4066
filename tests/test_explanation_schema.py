"""Every kind of explanation that the program writes as JSON is as explanation.schema.json says."""

from __future__ import annotations

import copy
import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator

import clinsearch
from clinsearch.cli import main
from tests.conftest import PROJECT

SCHEMA = json.loads(
    (PROJECT / "clinsearch" / "rendering" / "records" / "schemas" / "explanation.schema.json").read_text(
        encoding="utf-8"
    )
)
ONE, OTHER = "emergency", "discharge"
# Short, because the tiny model spells most words letter by letter, and every pair of these has a line.
NOTES = {
    ONE: "HISTORY OF PRESENT ILLNESS:\nShort of breath lying flat. Needs three pillows.\nPLAN:\nDenies fever 38.5.\n",
    OTHER: "HISTORY OF PRESENT ILLNESS:\nWas short of breath at night. Denies fever 38.5.\nPLAN:\nNo chest pain.\n",
}
TEXTS = ("--text", "Denies fever \U0001f600.", "Acute appendicitis.")
KINDS = {
    "texts": TEXTS,
    "query": ("--query", "three pillows", ONE),
    "notes": (ONE, OTHER, "--pairs", "2"),
    "notes raw": (ONE, OTHER, "--pairs", "2", "--raw"),
    "hit": ("--hit", "2"),
    "empty texts": ("--text", "", ""),
}


@pytest.fixture(scope="module")
def collection(tmp_path_factory: pytest.TempPathFactory, tiny_model: Path) -> Path:
    """Two notes, indexed with the tiny model, and searched."""
    folder = tmp_path_factory.mktemp("schema")
    (folder / "notes").mkdir()
    for name, text in NOTES.items():
        header = f"---\nnote_id: {name}\npatient_id: P1\nnote_type: {name} note\nnote_datetime: 2024-03-02\n---\n"
        (folder / "notes" / f"{name}.txt").write_text(header + text, encoding="utf-8")
    clinsearch.index(folder / "notes", folder / "collection", model=str(tiny_model))
    run(folder / "collection", "search", "short of breath")
    return folder / "collection"


def run(folder: Path, *arguments: str) -> str:
    result = CliRunner().invoke(main, [*arguments, "--collection", str(folder)], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def explained(folder: Path, *arguments: str) -> Any:
    return json.loads(run(folder, "explain", *arguments, "--format", "json"))


def errors(document: Any, part: str | None = None) -> list[str]:
    """Return what is wrong with a document, by the whole schema or by one of its parts."""
    schema = {**SCHEMA, "$ref": f"#/$defs/{part}"} if part else SCHEMA
    if part:
        del schema["oneOf"]
    return [
        f"{list(error.absolute_path)[:4]}: {error.message[:200]}"
        for error in Draft202012Validator(schema).iter_errors(document)
    ]


def test_the_schema_is_a_schema() -> None:
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("method", ["shares", "occlusion"])
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_explanation_is_as_the_schema_says(collection: Path, kind: str, method: str) -> None:
    found = explained(collection, *KINDS[kind], "--method", method)
    explains = {"hit": "query", "empty texts": "texts", "notes raw": "notes"}.get(kind, kind)
    assert (found["explains"], found["method"]) == (explains, method)
    part = explains if method == "shares" else f"{explains}_by_occlusion"
    assert errors(found, part) == []
    assert errors(found) == []


@pytest.mark.parametrize("method", ["shares", "occlusion"])
def test_a_hit_of_similar_is_as_the_schema_says(collection: Path, method: str) -> None:
    run(collection, "similar", ONE)
    found = explained(collection, "--hit", "1", "--method", method)
    run(collection, "search", "short of breath")
    assert found["explains"] == "notes"
    assert errors(found) == []


def test_a_hit_of_a_query_for_several_things_and_a_value_is_as_the_schema_says(collection: Path) -> None:
    run(collection, "search", "short of breath and fever over 38", "--level", "note")
    found = explained(collection, "--hit", "1")
    run(collection, "search", "short of breath")
    assert found["parts"]["values"]
    assert found["parts"]["evidence"]
    assert errors(found) == []


def parts(document: Any) -> Iterator[dict[str, Any]]:
    """Give every object in a document."""
    if isinstance(document, dict):
        yield document
    for part in document.values() if isinstance(document, dict) else document if isinstance(document, list) else ():
        yield from parts(part)


@pytest.mark.parametrize("kind", ["texts", "query", "notes"])
def test_the_schema_names_every_key_and_misses_none(collection: Path, kind: str) -> None:
    found = explained(collection, *KINDS[kind])
    found = json.loads(json.dumps(found), object_hook=shortened)
    assert errors(found) == []
    for at in range(len(list(parts(found)))):
        for change in (lambda part: part.update(unknown=1), lambda part: part.pop(next(iter(part)))):
            changed = copy.deepcopy(found)
            change(list(parts(changed))[at])
            assert errors(changed) != []


def shortened(part: dict[str, Any]) -> dict[str, Any]:
    """Keep the first entry of each list."""
    return {key: value[:1] if isinstance(value, list) else value for key, value in part.items()}


def test_offsets_count_characters_and_ids_are_those_of_the_vocab(collection: Path) -> None:
    found = explained(collection, *TEXTS)
    text = found["left"]["text"]
    assert [text[word["start"] : word["end"]] for word in found["left"]["words"][1:3]] == ["Denies", "fever"]
    assert text[found["left"]["words"][-2]["start"] :] == "."
    rows = json.loads(run(collection, "tokens", text, "--format", "json"))
    assert found["left"]["tokens"] == [{key: row[key] for key in found["left"]["tokens"][0]} for row in rows]


def test_shares_of_sentences_words_and_wordpieces_nest_in_json(collection: Path) -> None:
    found = explained(collection, *KINDS["notes"])
    shares = sum(row["contribution"] for row in found["contributions"])
    assert shares + sum(found["background"].values()) + found["unplaced"] == pytest.approx(found["score"], abs=1e-4)
    assert sum(found["parts"].values()) == pytest.approx(found["score"], abs=1e-6)
    for pair in found["pairs"]:
        (row,) = [
            row
            for row in found["contributions"]
            if (row["left"], row["right"]) == (pair["left_sentence"], pair["right_sentence"])
        ]
        assert pair["share"] == row["contribution"]
        for kind in ("contributions", "word_contributions"):
            assert sum(row["note_contribution"] for row in pair[kind]) == pytest.approx(pair["share"], rel=1e-4)
        assert pair["left_place"] == {
            key: value
            for key, value in found["left"]["sentences"][pair["left_sentence"]].items()
            if key != "other_notes"
        }
        assert pair["same_section"] == (pair["left_place"]["section"] == pair["right_place"]["section"])


def test_occlusion_as_csv_has_a_row_for_each_word(collection: Path) -> None:
    rows = list(
        csv.DictReader(io.StringIO(run(collection, "explain", *TEXTS, "--method", "occlusion", "--format", "csv")))
    )
    assert [(row["side"], row["text"]) for row in rows if row["side"] == "right"] == [
        ("right", "Acute"),
        ("right", "appendicitis"),
        ("right", "."),
    ]
    drops = explained(collection, *TEXTS, "--method", "occlusion")["left"]["words"]
    assert [float(row["drop"]) for row in rows if row["side"] == "left"] == [word["drop"] for word in drops]


@pytest.mark.parametrize("kind", KINDS)
def test_the_table_says_what_stands_beside_the_shares(collection: Path, kind: str) -> None:
    shown = run(collection, "explain", *KINDS[kind], "--pieces", "--all")
    assert "residual below" in shown
    assert "other pairs" not in shown
    assert "in common" in shown
    assert ("other note" in shown) == (kind not in ("texts", "empty texts"))
    assert ("Sections:" in shown) == kind.startswith("notes")
    assert "do not add up" in run(collection, "explain", *KINDS[kind], "--method", "occlusion")


def test_a_page_shows_shares_not_occlusion(collection: Path, tmp_path: Path) -> None:
    arguments = ["explain", *KINDS["hit"], "--html", str(tmp_path / "why.html"), "--collection", str(collection)]
    assert CliRunner().invoke(main, [*arguments, "--method", "occlusion"]).exit_code == 2
    assert list(tmp_path.iterdir()) == []
    run(collection, *arguments[:-2])
    assert "Why the query finds" in (tmp_path / "why.html").read_text(encoding="utf-8")

"""Why one is nearer than another: the difference of two scores adds up, by parts and by sentences."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator

import clinsearch
from clinsearch.cli import main
from clinsearch.collection import Collection
from clinsearch.records import Contrast
from tests.conftest import PROJECT

ADMISSION, PROGRESS, OTHER = "P001-2024-03-03-admission", "P001-2024-03-05-progress", "P003-2025-03-04-admission"
SCHEMA = json.loads(
    (PROJECT / "clinsearch" / "rendering" / "records" / "schemas" / "explanation.schema.json").read_text(
        encoding="utf-8"
    )
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("contrasts") / "collection"
    clinsearch.index([PROJECT / "sample_notes" / f"{name}.txt" for name in (ADMISSION, PROGRESS, OTHER)], folder)
    return folder


def run(folder: Path, *arguments: str, status: int = 0) -> str:
    result = CliRunner().invoke(main, [*arguments, "--collection", str(folder)])
    assert result.exit_code == status, result.output
    return result.stdout if status == 0 else result.output


def test_the_difference_of_two_notes_adds_up_by_parts_and_by_sentences(folder: Path) -> None:
    notes = Collection(folder)
    contrast = notes.contrast(ADMISSION, PROGRESS, OTHER)
    scores = {hit.note_id: hit.score for hit in notes.similar(ADMISSION)}
    assert contrast.difference == pytest.approx(scores[PROGRESS] - scores[OTHER], abs=3e-3)
    assert contrast.difference > 0
    assert sum(contrast.parts.values()) == pytest.approx(contrast.difference, abs=1e-6)
    assert contrast.by_sentence.sum() + contrast.elsewhere == pytest.approx(contrast.difference, abs=1e-6)
    sums = [one.contributions.sum(axis=1) for one in (contrast.nearer, contrast.other)]
    assert contrast.by_sentence == pytest.approx(sums[0] - sums[1], abs=1e-6)


def test_the_other_way_round_all_signs_change(folder: Path) -> None:
    one, other = (Collection(folder).contrast(ADMISSION, *pair) for pair in ((PROGRESS, OTHER), (OTHER, PROGRESS)))
    assert one.difference == pytest.approx(-other.difference, abs=1e-6)
    assert one.by_sentence == pytest.approx(-other.by_sentence, abs=1e-6)
    assert {name: -part for name, part in other.parts.items()} == pytest.approx(dict(one.parts), abs=1e-6)


def test_the_difference_of_two_hits_adds_up_by_vector_words_and_assertions(folder: Path) -> None:
    hits = json.loads(run(folder, "search", "no chest pain at rest", "--format", "json"))
    found = json.loads(run(folder, "explain", "--hit", "1", "--against", "4", "--format", "json"))
    assert found["difference"] == pytest.approx(hits[0]["score"] - hits[3]["score"], abs=1e-6)
    assert sum(found["parts"].values()) == pytest.approx(found["difference"], abs=1e-6)
    assert {"vector", "assertion"} <= found["parts"].keys()
    assert [found[side]["hit_score"] for side in ("nearer", "other")] == [hits[0]["score"], hits[3]["score"]]
    assert found["sentences"] == []


@pytest.mark.parametrize("before", [("search", "chest pain"), ("similar", ADMISSION)])
def test_json_is_as_the_schema_says(folder: Path, before: tuple[str, ...]) -> None:
    run(folder, *before)
    found = json.loads(run(folder, "explain", "--hit", "1", "--against", "2", "--format", "json"))
    Draft202012Validator(SCHEMA).validate(found)
    assert found["explains"] == "contrast"


def test_the_table_names_what_speaks_for_either_note(folder: Path) -> None:
    shown = run(folder, "explain", ADMISSION, PROGRESS, "--against", OTHER)
    assert f"{PROGRESS} is nearer than {OTHER}" in " ".join(shown.split())
    assert f"For {PROGRESS}:" in shown


def test_as_csv_each_sentence_has_a_row(folder: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(
        run(folder, "explain", ADMISSION, PROGRESS, "--against", OTHER, "--format", "csv")
    )))  # fmt: skip
    contrast = Collection(folder).contrast(ADMISSION, PROGRESS, OTHER)
    assert len(rows) == len(contrast.by_sentence)
    sizes = [abs(float(row["difference"])) for row in rows]
    assert sizes == sorted(sizes, reverse=True)


def test_words_add_up_to_the_cosines_of_hits_and_to_the_pairs_of_notes(folder: Path) -> None:
    notes = Collection(folder)
    hits = notes.search("no chest pain at rest")
    one, other = (notes.explain_hit("no chest pain at rest", hits[at]) for at in (0, 3))
    contrast = Contrast(one, other)
    in_common = [side.text.content.background for side in (one, other)]
    for name, side, background in zip(("nearer", "other"), (one, other), in_common, strict=True):
        words = sum(getattr(word, name) for word in contrast.by_word)
        assert words + background == pytest.approx(side.score, abs=1e-5)
    assert {word.word for word in contrast.by_word} == {"no", "chest", "pain", "rest"}
    of_notes = notes.contrast(ADMISSION, PROGRESS, OTHER, pairs=2)
    parts = [
        sum(pair.share - pair.weight * pair.text.content.background for pair in side.pairs)
        for side in (of_notes.nearer, of_notes.other)
    ]
    assert sum(word.nearer for word in of_notes.by_word) == pytest.approx(parts[0], abs=1e-5)
    assert sum(word.difference for word in of_notes.by_word) == pytest.approx(parts[0] - parts[1], abs=1e-5)


@pytest.mark.parametrize(
    "arguments",
    [
        (ADMISSION, "--against", OTHER),
        ("--hit", "1", "--against", OTHER),
        ("--query", "fever", ADMISSION, "--against", OTHER),
        (ADMISSION, PROGRESS, "--against", OTHER, "--raw"),
        (ADMISSION, PROGRESS, "--against", OTHER, "--method", "occlusion"),
        (ADMISSION, PROGRESS, "--against", OTHER, "--png", "page.png"),
    ],
)
def test_what_cannot_be_contrasted_is_said_in_a_line(folder: Path, arguments: tuple[str, ...]) -> None:
    assert "--against" in run(folder, "explain", *arguments, status=2)

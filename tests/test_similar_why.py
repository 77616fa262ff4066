"""What a score of two notes is made of, below each note that is like another."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

import clinsearch
from clinsearch.records import Hit
from tests.conftest import PROJECT
from tests.support.command_line import run

ASKED = "P001-2024-03-03-admission"


@pytest.fixture(scope="module")
def folder(tiny_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("similar") / "collection"
    clinsearch.index(sorted((PROJECT / "sample_notes").glob("P00[12]-*.txt")), place, model=str(tiny_model))
    return place


def test_json_has_the_parts_and_they_add_up_as_explain_has_them(folder: Path) -> None:
    hits = json.loads(run("similar", ASKED, "--collection", folder, "--format", "json").stdout)
    notes = clinsearch.open(folder)
    assert len(hits) > 3
    for hit in hits[:4]:
        parts = hit["parts"]
        assert parts["openings"] + parts["keyword"] + parts["sentences"] == pytest.approx(hit["score"], abs=1e-6)
        assert parts["openings"] + parts["sentences"] == pytest.approx(parts["vector"], abs=1e-6)
        explained = notes.explain(ASKED, hit["note_id"], pairs=0).parts
        assert explained is not None
        shown = parts["openings"], parts["keyword"], parts["sentences"]
        assert shown == pytest.approx((explained.openings, explained.words, explained.sentences), abs=3e-3)


def test_of_what_a_query_finds_there_are_none(folder: Path) -> None:
    (hit,) = json.loads(run("search", "fever", "-k", "1", "--collection", folder, "--format", "json").stdout)
    assert (hit["parts"]["openings"], hit["parts"]["sentences"]) == (None, None)


def test_the_table_says_below_each_note_what_its_score_is_the_sum_of(folder: Path) -> None:
    plain = run("similar", ASKED, "-k", "4", "--collection", folder).stdout
    shown = run("similar", ASKED, "-k", "4", "--collection", folder, "--why").stdout
    assert " = openings" not in plain
    sums = re.findall(r"(\d\.\d{3}) = openings (\d\.\d{3}) \+ words (\d\.\d{3}) \+ sentences (\d\.\d{3})", shown)
    assert len(sums) == 4
    for score, *parts in sums:
        assert sum(round(float(part) * 1000) for part in parts) == round(float(score) * 1000)
        assert f"  {score}  " in plain, "the score of the table"


def test_a_remembered_hit_keeps_its_parts(folder: Path) -> None:
    notes = clinsearch.open(folder)
    hits = notes.similar(ASKED, 2)
    notes.remember(ASKED, hits)
    _, hit = notes.remembered(2)
    assert isinstance(hit, Hit)
    assert hit.parts == hits[1].parts

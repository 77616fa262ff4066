"""Cohorts, evaluations and exports, which go through the whole of a collection, are the same in both storages."""

from __future__ import annotations

import csv
import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

import clinsearch
from clinsearch.collection import Collection
from clinsearch.evaluation import Ranker, evaluate_sets
from clinsearch.records import Evaluation
from clinsearch.records.locations import Location
from tests.support.alike import NEARLY, SAME, assert_alike
from tests.support.command_line import run_on
from tests.support.criteria import CRITERIA, found_of, written
from tests.support.kept_twice import Pair, both, vectors_of_halves
from tests.support.made_up_notes import random_sentence
from tests.support.postgres import PostgresServer

Collections = tuple[Collection, Collection]
FINDING_SOMEBODY = CRITERIA.keys() - {"nobody"}


@pytest.mark.parametrize("name", CRITERIA)
def test_the_same_patients_are_a_cohort_by_the_same_evidence(pair: Collections, name: str) -> None:
    found = both(pair, lambda c: found_of(c.cohort(written(name))))
    assert bool(found["members"]) == (name in FINDING_SOMEBODY)


def test_a_cohort_is_of_the_same_state_of_the_collection(pair: Collections) -> None:
    state = both(pair, lambda c: c.cohort(written("terms")).run.state)
    assert state.notes == pair[0].count()


def test_a_run_in_one_storage_is_compared_with_one_in_the_other(pair: Collections, kept: Pair, tmp_path: Path) -> None:
    criteria, record = tmp_path / "fever.toml", tmp_path / "fever.json"
    criteria.write_text('name = "fever"\n[[all]]\nterms = ["fever"]\n')
    assert run_on(kept.folder, "cohort", criteria, "--record", record, "--format", "json").exit_code == 0
    compared = pair[1].cohort(criteria, compare=record).comparison
    assert compared is not None
    assert (compared.came, compared.went, compared.differences) == ((), (), ())
    assert compared.stayed > 0


# Exports.


def read_csv(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8-sig") as file:
        return list(csv.DictReader(file))


READERS: dict[str, Callable[[Path], list[dict[str, Any]]]] = {
    "csv": read_csv,
    "jsonl": lambda path: list(map(json.loads, path.read_text(encoding="utf-8").splitlines())),
    "parquet": lambda path: pq.read_table(path).to_pylist(),
}
EXPORTED: list[dict[str, Any]] = [
    {},
    {"note_type": ["PROGRESS NOTE", "ÄRZTEBRIEF"]},
    {"section": "meds", "since": "2024-03-01"},
    {"patient_id": "nobody"},
]


@pytest.mark.parametrize("where", EXPORTED, ids=str)
def test_whole_notes_are_exported_in_the_same_order(pair: Collections, where: dict[str, Any], tmp_path: Path) -> None:
    ids = both(pair, lambda c: [note.note_id for note in c.whole_notes(**where)])
    for form, read in READERS.items():
        files = [tmp_path / f"{number}.{form}" for number in range(2)]
        for collection, file in zip(pair, files, strict=True):
            clinsearch.export_notes(collection.whole_notes(**where), file)
        one, other = map(read, files)
        assert one == other
        assert [row["note_id"] for row in one] == ids


@pytest.mark.parametrize("level", ["sentence", "note"])
@pytest.mark.parametrize("mode", ["hybrid", "vector", "keyword"])
def test_notes_are_exported_with_the_hits_that_found_them(
    pair: Collections, level: Any, mode: Any, tmp_path: Path
) -> None:
    for collection in pair:
        collection.remember("chest pain", collection.search("chest pain", 15, level=level, mode=mode))
    assert both(pair, lambda c: list(c.found_notes()), SAME if mode == "keyword" else NEARLY)
    files = [tmp_path / f"{number}.jsonl" for number in range(2)]
    for collection, file in zip(pair, files, strict=True):
        clinsearch.export_notes(collection.found_notes(), file)
    one, other = map(READERS["jsonl"], files)
    assert [row["note_id"] for row in one] == [row["note_id"] for row in other]
    for own, its in zip(one, other, strict=True):
        assert_alike(own, its, NEARLY)


# Evaluations.


@pytest.fixture
def judged(tmp_path: Path) -> Path:
    """A set in BEIR's form: texts made up at random, of which those with a word in common are relevant to a query."""
    dice = random.Random(11)
    texts = {f"d{number}": " ".join(random_sentence(dice) for _ in range(3)) for number in range(40)}
    queries = {"q1": "fever", "q2": "chest pain at night", "q3": "no cough"}
    words = {"q1": "fever", "q2": "chest", "q3": "cough"}
    folder = tmp_path / "my_set"
    folder.mkdir()
    for name, rows in (("corpus", texts), ("queries", queries)):
        lines = [json.dumps({"_id": one, "text": text}) + "\n" for one, text in rows.items()]
        (folder / f"{name}.jsonl").write_text("".join(lines))
    grades = [(q, d, int(word in text.lower())) for q, word in words.items() for d, text in texts.items()]
    assert all(any(grade for q, _, grade in grades if q == query) for query in queries)
    (folder / "qrels.tsv").write_text("".join(f"{q}\t{d}\t{grade}\n" for q, d, grade in grades))
    return folder


def evaluated(judged: Path, model: Path, place: Callable[[Path], Location]) -> tuple[Evaluation, dict[Any, Any]]:
    """Evaluate search as the command does, in a collection at a place; return what was ranked, too."""
    ranked: dict[tuple[str, str], list[str]] = {}

    def indexed(notes: Path, folder: Path, model: str, progress: Callable[[int], None]) -> Ranker:
        clinsearch.index([notes], place(folder), model=model, tokens=False, progress=progress)
        collection = Collection(place(folder))

        def rank(query: str, k: int, mode: Any) -> list[str]:
            hits = collection.search(query, k, level="note", mode=mode)
            return ranked.setdefault((query, mode), [hit.note_id for hit in hits])

        return rank

    return evaluate_sets([judged], [str(model)], ["hybrid", "vector", "keyword"], indexed), ranked


def test_an_evaluation_measures_the_same(judged: Path, tiny_model: Path, postgres_server: PostgresServer) -> None:
    with vectors_of_halves(), postgres_server.database() as dsn:
        (one, its), (other, others) = (
            evaluated(judged, tiny_model, lambda f: f),
            evaluated(judged, tiny_model, lambda _: dsn),
        )
    assert its == others
    assert len(its) == 9
    for own, same in zip(one.sets[0].modes, other.sets[0].modes, strict=True):
        assert (own.mode, own.measures) == (same.mode, same.measures)
        assert own.measures["nDCG@10"].value > 0
    assert one.sets[0].comparisons == other.sets[0].comparisons

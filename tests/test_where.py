"""Notes that have to measure a value: what is read, what passes, and that the best of it are given."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import astuple
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, create_engine, insert, select

import clinsearch
from clinsearch.collection import Collection
from clinsearch.errors import InputError
from clinsearch.language.measurements import find_conditions, find_measurements, satisfies
from clinsearch.readers.requests import make_filter
from clinsearch.records import Unmatched
from clinsearch.records.measurements import Condition, Measurement
from clinsearch.storage.catalog.conditions import is_measured
from clinsearch.storage.catalog.measurements import FIELDS
from clinsearch.storage.catalog.tables import measurements, metadata
from tests.support.command_line import run_on

PHRASES = [
    "A1c was {0}.{1}%.",
    "Hemoglobin A1c > {0}%.",
    "Potassium {0}.{1} today.",
    "K between {0} and 9.",
    "EF {0}{1}%.",
    "EF < {0}{1}%.",
    "Blood pressure 1{0}{1}/8{1}.",
    "Weight {0}{1} kg.",
    "No fever for {0} days.",
    "Ambulates well.",
]
ASKED = ["A1c > 6", "A1c <= 6.5", "potassium 4", "EF < 40", "EF between 30 and 60", "BP > 140/84", "weight about 50 kg"]


def texts() -> dict[str, list[str]]:
    """Return the sentences of each note, of which some measure the same."""
    made = {}
    for number in range(60):
        some = [PHRASES[(number * step + step) % len(PHRASES)] for step in (1, 3, 7)]
        made[f"n{number:02}"] = [one.format(number % 9 + 1, number % 7) for one in some]
    return made


@pytest.fixture(scope="module")
def notes(tmp_path_factory: pytest.TempPathFactory, tiny_model: Path) -> Collection:
    folder = tmp_path_factory.mktemp("where")
    records = [
        {"note_id": note_id, "note_type": f"type {int(note_id[1:]) % 2}", "text": "PLAN:\n\n" + "\n\n".join(sentences)}
        for note_id, sentences in texts().items()
    ]
    (folder / "n.jsonl").write_text("\n".join(map(json.dumps, records)))
    clinsearch.index(folder / "n.jsonl", folder / "c", model=str(tiny_model))
    return Collection(folder / "c")


def passing(*asked: str) -> set[str]:
    """Return the notes of which, for each condition, any sentence measures so; in plain Python."""
    conditions = [one for text in asked for one in find_conditions(text)]
    return {
        note_id
        for note_id, sentences in texts().items()
        if all(
            any(satisfies(one, condition) for text in sentences for one in find_measurements(text))
            for condition in conditions
        )
    }


def test_what_is_asked_for_is_measured_by_some_notes_and_not_by_others() -> None:
    for asked in ASKED:
        assert 0 < len(passing(asked)) < len(texts()), asked


@pytest.mark.drawn(6)
@pytest.mark.parametrize("mode", ["hybrid", "vector", "keyword"])
@pytest.mark.parametrize("asked", ASKED)
def test_the_best_of_the_notes_that_measure_so_are_given(notes: Collection, asked: str, mode: Any) -> None:
    everything = notes.search("plan ef weight potassium", 1000, level="note", mode=mode)
    expected = [(hit.note_id, hit.score) for hit in everything if hit.note_id in passing(asked)]
    for k in (3, 1000):
        found = notes.search("plan ef weight potassium", k, level="note", mode=mode, where=asked)
        assert {hit.note_id for hit in found} <= passing(asked)
        assert len(found) == min(k, len(expected))
        if mode != "hybrid":  # there keywords count beside those of the others that pass
            assert [hit.note_id for hit in found] == [note_id for note_id, _ in expected[:k]]
            assert [hit.score for hit in found] == pytest.approx([score for _, score in expected[:k]], abs=1e-5)


@pytest.mark.parametrize("asked", ASKED)
def test_sentences_words_maps_and_likenesses_are_of_these_notes_alone(notes: Collection, asked: str) -> None:
    hits = notes.search("ambulates", 1000, where=asked)
    assert {place.note_id for hit in hits for place in notes.places(hit, where=asked)} == passing(asked)
    assert {point.note_id for point in notes.map(where=asked).points} == passing(asked)
    assert {hit.note_id for hit in notes.similar("n00", 1000, where=asked)} == passing(asked) - {"n00"}
    assert {hit.note_id for hit in notes.search_tokens("[plan]", 1000, where=asked)} <= passing(asked)


def test_several_values_and_other_filters_must_all_hold(notes: Collection) -> None:
    for one, other in product(ASKED, ASKED):
        hits = notes.search("plan", 1000, level="note", where=[one, other])
        assert {hit.note_id for hit in hits} == passing(one, other)
    hits = notes.search("plan", 1000, level="note", where="EF < 40", note_type="type 1")
    assert {hit.note_id for hit in hits} == {note_id for note_id in passing("EF < 40") if int(note_id[1:]) % 2}
    assert notes.search("plan", 1000, level="note", where="EF < 40", section="hpi") == []


def test_an_answer_is_the_same_when_it_is_remembered(notes: Collection) -> None:
    with notes._reader.snapshot() as snapshot:
        catalog, where = snapshot.catalog, make_filter(where="EF < 40")
        for kind in ("sentence", "note"):
            index, keys = catalog.keywords(kind), catalog.all_keys(kind).tolist()
            before = index.passing(keys, where).tolist()
            assert index.few_passing(where, 10_000).tolist() == before  # type: ignore[union-attr]
            assert index.few_passing(where, len(before) - 1) is None
            assert index.all_passing(where).tolist() == index.passing(keys, where).tolist() == before
            assert index.passing(keys, make_filter(where="EF < 30")).tolist() != before
        assert catalog.share_of_notes(where) == len(passing("EF < 40")) / len(texts())


@pytest.mark.parametrize(
    "written",
    ["", "fever", "A1c", "> 9", "A1c >", "A1c > 9 or K > 6", "no A1c > 9", "9 < A1c < 10", "patients with EF < 40"],
)
def test_what_is_no_value_is_one_line_that_says_how_to_write_it(notes: Collection, written: str) -> None:
    with pytest.raises(InputError, match='--where takes a value: "A1c > 9", "EF < 40"'):
        make_filter(where=written)
    for command in (("search", "fever"), ("similar", "n00"), ("map",), ("words", "[plan]")):
        found = run_on(notes.location, *command, "--where", written, "--format", "json")
        assert (found.exit_code, found.stdout) == (1, "")
        assert found.stderr == 'Error: --where takes a value: "A1c > 9", "EF < 40".\n'


def test_several_values_may_be_in_one_text_or_in_several() -> None:
    together = make_filter(where="A1c > 9, EF < 40 and K > 5.").measured
    apart = make_filter(where=["A1c > 9", "EF < 40", "K > 5"]).measured
    assert [astuple(one)[:5] for one in together] == [astuple(one)[:5] for one in apart]
    assert make_filter().measured == ()


def test_what_nothing_measures_is_told_with_the_nearest(notes: Collection) -> None:
    assert notes.unmatched(where=["A1c > 9", "EF < 40"]) == []
    (unlike,) = notes.unmatched(where="mean arterial pressure > 60")
    assert (unlike.field, unlike.value) == ("where", "mean arterial pressure")
    assert unlike.nearest
    found = run_on(notes.location, "search", "fever", "--where", "ferritin > 100", "--format", "json")
    assert (found.exit_code, json.loads(found.stdout)) == (0, [])
    assert found.stderr.startswith("No note measures ferritin. The nearest there are: ")


def test_what_is_measured_in_another_unit_is_told_with_those_there_are(tmp_path: Path, tiny_model: Path) -> None:
    (tmp_path / "n.txt").write_text("Urine output 400 mL.")
    clinsearch.index(tmp_path / "n.txt", tmp_path / "c", model=str(tiny_model))
    told = Collection(tmp_path / "c").unmatched(where="urine output < 30 mL/h")
    assert told == [Unmatched("where", "urine output in mL/h", ("urine output in mL",))]


@pytest.fixture(scope="module")
def empty_catalog() -> Iterator[Connection]:
    engine = create_engine("sqlite://")
    with engine.connect() as connection:
        metadata.create_all(connection, tables=[measurements])
        yield connection
    engine.dispose()


# Few numbers, so that limits are met.
NUMBERS = st.sampled_from([-1.0, 0.0, 3.0, 3.0000001, 3.3, 4.0, 4.0000039, 5.5, 9.0, 30.0]) | st.floats(-50, 50)
COMPARATORS = st.sampled_from(["=", "<", "<=", ">", ">=", "~"])


@st.composite
def of_range(draw: st.DrawFn, *, tolerance: bool) -> tuple[Any, ...]:
    low, high = sorted([draw(NUMBERS), draw(NUMBERS)]) if draw(st.booleans()) else [draw(NUMBERS)] * 2
    return draw(COMPARATORS), low, high, *([draw(st.sampled_from([0.0, 0.05, 0.5]))] if tolerance else [])


@settings(max_examples=500, deadline=None)
@given(of_range(tolerance=False), of_range(tolerance=True))
def test_the_catalog_finds_what_satisfies(
    empty_catalog: Connection, measured: tuple[Any, ...], asked: tuple[Any, ...]
) -> None:
    (comparator, low, high), (wanted, least, most, tolerance) = measured, asked
    measurement = Measurement("ph", comparator, low, high, "", "", "", 0, 0)
    condition = Condition("ph", wanted, least, most, "", 0, 0, tolerance)
    row = dict(zip(FIELDS, astuple(measurement), strict=True))
    with empty_catalog.begin_nested() as undone:
        empty_catalog.execute(insert(measurements).values(sentence=1, position=0, **row))
        found = empty_catalog.execute(select(measurements.c.sentence).where(is_measured(condition))).all()
        undone.rollback()
    assert bool(found) == satisfies(measurement, condition)

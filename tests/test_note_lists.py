"""Lists and counts of notes, against plain Python over the same records."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import clinsearch
from clinsearch import contents
from clinsearch.collection import Collection
from clinsearch.errors import InputError
from clinsearch.rendering.records.formats import dumps, streamed
from tests.support.command_line import as_json, json_on, run_on
from tests.support.hostile import with_catalog

SPANISH = "El paciente niega fiebre y dolor de pecho. La herida está limpia y el pulmón también está claro hoy."


def made_up(number: int) -> dict[str, Any]:
    text = "HISTORY:\nHas a fever.\n" * (number % 4 + 1) + ("PLAN:\nWatch the wound. 😀\n" if number % 2 else "")
    return {
        "note_id": f"n{number:02}",
        "patient_id": (None, "P1", "P2", "P10")[number % 4],
        "encounter_id": f"E{number // 5}" if number % 3 else None,
        "note_type": ("Progress note", "Discharge summary", None)[number % 3],
        "note_datetime": f"20{22 + number % 3}-{number % 5 + 1:02}-{number % 7 + 1:02}T08:30" if number % 6 else None,
        "title": f"Title {number}" if number % 2 else None,
        "text": SPANISH if number == 7 else text,
    }


RECORDS = [made_up(number) for number in range(23)]


@pytest.fixture(scope="module")
def notes(tmp_path_factory: pytest.TempPathFactory, tiny_model: Path) -> Collection:
    folder = tmp_path_factory.mktemp("lists")
    (folder / "n.jsonl").write_text("\n".join(map(json.dumps, RECORDS)), encoding="utf-8")
    clinsearch.index(folder / "n.jsonl", folder / "c", model=str(tiny_model))
    return Collection(folder / "c")


def expected(field: str | None, reverse: bool, size: bool = False) -> list[str]:
    """Order the records by hand: by the field, then by time, then by id; what is missing comes last."""
    found = sorted(RECORDS, key=lambda one: one["note_id"], reverse=reverse)
    for key in ("note_datetime", *([field] if field else [])):
        there = [one for one in found if one[key] is not None]
        there.sort(key=lambda one: len(one[key]) if size else one[key], reverse=reverse)
        if key == "note_datetime" and size:
            there.sort(key=lambda one: one[key], reverse=reverse)
        found = there + [one for one in found if one[key] is None]
    return [one["note_id"] for one in found]


@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize(
    ("sort", "field"),
    [("date", None), ("id", "note_id"), ("patient", "patient_id"), ("type", "note_type"), ("length", "text")],
)
def test_notes_come_in_every_order(notes: Collection, sort: Any, field: str | None, reverse: bool) -> None:
    order = expected(field, reverse, size=sort == "length")
    assert [one.note_id for one in notes.notes(sort=sort, reverse=reverse)] == order
    part = notes.notes(sort=sort, reverse=reverse, limit=4, offset=5)
    assert [one.note_id for one in part] == order[5:9]


def test_a_listed_note_has_what_was_indexed_and_its_size(notes: Collection) -> None:
    by_id = {one["note_id"]: one for one in RECORDS}
    for one in notes.notes():
        record, view = by_id[one.note_id], notes.note(one.note_id)
        for field in ("patient_id", "encounter_id", "note_type", "title"):
            assert getattr(one, field) == record[field]
        when = record["note_datetime"]
        assert one.note_datetime == (datetime.fromisoformat(when) if when else None)
        assert (one.characters, one.sentences) == (len(record["text"]), len(view.sentences))
        assert (one.source, one.language) == (view.note.source, view.language)
    assert [one.note_id for one in notes.notes() if one.language] == ["n07"]


WHERE = st.fixed_dictionaries(
    {},
    optional={
        "patient_id": st.lists(st.sampled_from(["P1", "P2", "P10", "none"]), min_size=1, max_size=2),
        "note_type": st.sampled_from(["progress NOTE", "Discharge summary"]),
        "exclude_type": st.sampled_from(["progress note", "nothing"]),
        "encounter_id": st.sampled_from(["E0", "E3"]),
        "section": st.sampled_from(["plan", "history"]),
        "since": st.sampled_from(["2023", "2022-03"]),
        "until": st.sampled_from(["2023", "2024-02-03"]),
    },
)


def passes(one: dict[str, Any], where: dict[str, Any]) -> bool:
    day = (one["note_datetime"] or "")[:10]
    kind = (one["note_type"] or "").lower()
    last = {"2023": "2023-12-31"}.get(where.get("until", ""), where.get("until", ""))
    return (
        ("patient_id" not in where or one["patient_id"] in where["patient_id"])
        and ("note_type" not in where or kind == where["note_type"].lower())
        and ("exclude_type" not in where or kind != where["exclude_type"])
        and ("encounter_id" not in where or one["encounter_id"] == where["encounter_id"])
        and ("section" not in where or f"{where['section'].upper()}:" in one["text"])
        and ("since" not in where or day >= where["since"])
        and ("until" not in where or "" < day <= last)
    )


@settings(deadline=None, max_examples=60)
@given(where=WHERE, by=st.sampled_from(["type", "patient", "encounter", "year", "month", "day"]))
def test_lists_and_counts_are_those_of_the_notes_that_pass(notes: Collection, where: Any, by: Any) -> None:
    passing = [one for one in RECORDS if passes(one, where)]
    assert {one.note_id for one in notes.notes(**where)} == {one["note_id"] for one in passing}
    assert notes.count(**where) == len(passing)
    field = {"type": "note_type", "patient": "patient_id", "encounter": "encounter_id"}.get(by, "note_datetime")
    cut = {"year": 4, "month": 7, "day": 10}.get(by)
    counted = Counter(one[field][:cut] if one[field] else None for one in passing)
    found = notes.counts(by, **where)
    assert {one.value: one.notes for one in found} == counted
    assert [one.share for one in found] == [one.notes / len(passing) for one in found]
    if cut:
        assert [one.value for one in found] == sorted(counted, key=lambda value: (value is None, value))
    else:
        assert [one.notes for one in found] == sorted(counted.values(), reverse=True)


def test_notes_are_counted_by_their_sections_and_languages(notes: Collection) -> None:
    sections = {one.value: one.notes for one in notes.counts("section")}
    views = [notes.note(one["note_id"]) for one in RECORDS]
    assert sections == Counter(name for view in views for name in {section.name for section in view.sections})
    assert [one.value for one in notes.counts("section", section="plan")] == ["plan"]
    assert {one.value: one.notes for one in notes.counts("language")} == {None: 22, "es": 1}


def test_wrong_orders_and_parts_are_refused_before_anything_is_read(notes: Collection) -> None:
    for wrong in ({"sort": "size"}, {"limit": 0}, {"offset": -1}, {"since": "soon"}):
        with pytest.raises(InputError):
            notes.each_note(**wrong)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="type, patient"):
        notes.counts("colour")  # type: ignore[arg-type]


def test_a_list_is_of_one_commit_and_read_a_few_at_a_time(notes: Collection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contents, "LISTED_AT_ONCE", 3)
    monkeypatch.setattr(contents, "WHOLE_AT_ONCE", 2)
    assert [one.note_id for one in notes.each_note(sort="id")] == [one["note_id"] for one in RECORDS]
    for note, record in zip(notes.whole_notes(), RECORDS, strict=True):
        assert (note.note_id, note.text) == (record["note_id"], record["text"])
    started = notes.each_note()
    next(started)
    started.close()


@given(
    st.lists(st.fixed_dictionaries({"a": st.text(), "b": st.none() | st.integers(), "=c": st.just([1])}), max_size=4)
)
@settings(deadline=None)
@pytest.mark.parametrize("form", ["json", "jsonl", "csv"])
def test_records_one_by_one_are_written_as_all_at_once(form: str, records: list[dict[str, Any]]) -> None:
    assert "\n".join(streamed(records, form)) == (dumps(records, form) if records or form != "csv" else "")


def test_the_command_lists_by_the_page_and_in_every_form(notes: Collection) -> None:
    table = run_on(notes.location, "notes", "--sort", "id", "--limit", 2)
    assert [line.split()[0] for line in table.stdout.splitlines()] == ["n00", "n01", "1-2"]
    assert table.stdout.splitlines()[-1] == "1-2 of 23; the next with --offset 2"
    listed = json_on(notes.location, "notes", "--sort", "id")
    assert [one["note_id"] for one in listed] == [one["note_id"] for one in RECORDS]
    part = run_on(notes.location, "notes", "--sort", "id", "--offset", 21, "--format", "csv")
    assert [row["note_id"] for row in csv.DictReader(io.StringIO(part.stdout))] == ["n21", "n22"]
    assert part.stderr == "22-23 of 23\n"
    assert run_on(notes.location, "notes", "--offset", 99).stdout == "None from 100 on, of 23.\n"
    assert run_on(notes.location, "notes", "--type", "none").stdout == "Nothing found.\n"
    assert as_json("notes", "--type", "none", "--collection", notes.location) == []


def test_the_command_counts(notes: Collection) -> None:
    counted = json_on(notes.location, "notes", "--count", "type")
    assert counted[0] == {"note_type": "Discharge summary", "notes": 8, "share": pytest.approx(8 / 23)}
    shown = run_on(notes.location, "notes", "--count", "type").stdout.splitlines()
    assert [line.split(maxsplit=2) for line in shown[:3]] == [
        ["8", "34.8%", "Discharge summary"],
        ["8", "34.8%", "Progress note"],
        ["7", "30.4%", "of no type"],
    ]
    months = run_on(notes.location, "notes", "--count", "month", "--limit", 1, "--format", "json")
    assert months.stderr.startswith("1-1 of ")
    assert "Spanish" in run_on(notes.location, "notes", "--count", "language").stdout
    assert run_on(notes.location, "notes", "--count", "colour").exit_code == 2


def test_a_catalog_that_was_changed_is_one_line(tmp_path: Path, tiny_model: Path) -> None:
    (tmp_path / "n.jsonl").write_text(json.dumps({"note_id": "a", "note_type": "x", "text": "Has a fever."}))
    clinsearch.index(tmp_path / "n.jsonl", tmp_path / "c", model=str(tiny_model))
    with_catalog(tmp_path / "c", "UPDATE notes SET note_type = x'ff00'")
    for arguments in (["notes"], ["notes", "--count", "type"], ["notes", "--format", "json"]):
        found = run_on(tmp_path / "c", *arguments)
        assert found.exit_code == 1
        assert found.stderr.startswith("Error: ")
        assert "fault of the program" not in found.stderr

"""What can be filtered by, as callers write it: dates in many spellings, ids, names that nothing has."""

from __future__ import annotations

import json
from datetime import datetime, time
from pathlib import Path
from typing import Any

import pytest

import clinsearch
from clinsearch.collection import Collection
from clinsearch.errors import InputError
from clinsearch.readers.requests import MOST_RESULTS, make_filter
from clinsearch.records import Unmatched
from clinsearch.storage.catalog import filter_values
from tests.support.command_line import run_on

NOT_UTF8 = "\udcff\udcfe"


@pytest.fixture(scope="module")
def notes(tmp_path_factory: pytest.TempPathFactory, tiny_model: Path) -> Collection:
    folder = tmp_path_factory.mktemp("filters")
    records = [
        {
            "note_id": f"n{number}",
            "patient_id": f"P{number:03}",
            "encounter_id": f"E{number // 2}",
            "note_type": ("Progress note", "Discharge summary", "Évaluation")[number % 3],
            "note_datetime": f"2024-{number + 1:02}-15T{number:02}:30",
            "text": "HISTORY OF PRESENT ILLNESS:\n\nHas a fever.\n\nPLAN:\n\nWatch the fever.",
        }
        for number in range(12)
    ]
    (folder / "n.jsonl").write_text("\n".join(map(json.dumps, records)))
    clinsearch.index(folder / "n.jsonl", folder / "c", model=str(tiny_model))
    return Collection(folder / "c")


@pytest.mark.parametrize(
    ("since", "moment"),
    [
        ("2024-03-31", datetime(2024, 3, 31)),
        ("03/31/2024", datetime(2024, 3, 31)),
        ("2024-03-31T18:00", datetime(2024, 3, 31, 18)),
        ("2024-03", datetime(2024, 3, 1)),
        ("2024", datetime(2024, 1, 1)),
    ],
)
def test_since_is_the_first_moment_of_what_is_written(since: str, moment: datetime) -> None:
    assert make_filter(since=since).since == moment


@pytest.mark.parametrize(
    ("until", "moment"),
    [
        ("2024-03-31", datetime.combine(datetime(2024, 3, 31), time.max)),
        ("03/31/2024", datetime.combine(datetime(2024, 3, 31), time.max)),
        ("20240331", datetime.combine(datetime(2024, 3, 31), time.max)),
        ("2024-03-31T00:00", datetime(2024, 3, 31)),
        ("2024-03-31 18:00", datetime(2024, 3, 31, 18)),
        ("03/31/2024 18:00", datetime(2024, 3, 31, 18)),
        ("2024-02", datetime.combine(datetime(2024, 2, 29), time.max)),
        ("2023-02", datetime.combine(datetime(2023, 2, 28), time.max)),
        ("2024-12", datetime.combine(datetime(2024, 12, 31), time.max)),
        ("2024", datetime.combine(datetime(2024, 12, 31), time.max)),
    ],
)
def test_until_is_the_last_moment_of_what_is_written(until: str, moment: datetime) -> None:
    assert make_filter(until=until).until == moment


@pytest.mark.parametrize("written", ["2024-13", "2024-00", "0000", "2024-02-30", "soon", "", "2024-3-", NOT_UTF8])
@pytest.mark.parametrize("field", ["since", "until"])
def test_what_is_no_date_is_one_line_that_says_how_to_write_it(notes: Collection, field: str, written: str) -> None:
    with pytest.raises(InputError, match="2024-03-31, 03/31/2024"):
        make_filter(**{field: written})  # type: ignore[arg-type]
    found = run_on(notes.location, "search", "fever", f"--{field}", written)
    assert (found.exit_code, found.stdout, found.stderr.count("\n")) == (1, "", 1)
    found.stderr.encode()


def test_a_month_and_a_year_bound_the_notes(notes: Collection) -> None:
    for where, expected in (
        ({"since": "2024-11"}, {"n10", "n11"}),
        ({"until": "2024-02"}, {"n0", "n1"}),
        ({"since": "2024", "until": "2024"}, {f"n{number}" for number in range(12)}),
        ({"since": "2025"}, set()),
    ):
        found = notes.search("fever", 20, level="note", **where)  # type: ignore[arg-type]
        assert {hit.note_id for hit in found} == expected


@pytest.mark.parametrize("mode", ["hybrid", "vector", "keyword"])
@pytest.mark.parametrize("level", ["sentence", "note"])
def test_encounters_and_several_values(notes: Collection, mode: str, level: str) -> None:
    hits = notes.search("fever", 20, mode=mode, level=level, encounter_id="E3")
    assert {place.note_id for hit in hits for place in places(notes, hit, level, encounter_id="E3")} == {"n6", "n7"}
    both: dict[str, Any] = {"encounter_id": ["E3", "E0", "none"], "patient_id": ("P000", "P006", "P011")}
    hits = notes.search("fever", 20, mode=mode, level=level, **both)
    assert {place.note_id for hit in hits for place in places(notes, hit, level, **both)} == {"n0", "n6"}


def places(notes: Collection, hit: Any, level: str, **where: Any) -> list[Any]:
    return [hit] if level == "note" else list(notes.places(hit, **where))


def test_every_filter_can_be_repeated_in_every_command(notes: Collection) -> None:
    filters = ["--encounter", "E0", "--encounter", "E3", "--patient", "P000", "--patient", "P007"]
    filters += ["--type", "progress NOTE", "--type", "discharge summary", "--section", "plan", "--section", "hpi"]
    for command in (["search", "fever", "--level", "note"], ["similar", "n1"], ["map"]):
        found = run_on(notes.location, *command, *filters, "--format", "json")
        assert {hit["note_id"] for hit in json.loads(found.stdout)} == {"n0", "n7"}
        assert found.stderr == ""


def test_values_that_nothing_has_are_told_with_the_nearest(notes: Collection) -> None:
    assert notes.unmatched(patient_id="P01", encounter_id="E3", note_type="progres note", section="hpi") == [
        Unmatched("patient_id", "P01", ("P011", "P010", "P001")),
        Unmatched("note_type", "progres note", ("Progress note",)),
    ]
    (section,) = notes.unmatched(section="hystory of present ilness")
    assert section.nearest == ("history of present illness",)
    (unlike,) = notes.unmatched(note_type="zzz")
    assert unlike.nearest == ("Discharge summary", "Progress note", "Évaluation")
    assert notes.unmatched(patient_id="someone")[0].nearest == ()
    assert notes.unmatched(patient_id="p003")[0].nearest[0] == "P003"
    assert notes.unmatched(note_type=["ÉVALUATION", "Progress Note"]) == []


def test_of_very_many_ids_those_next_to_it_are_looked_at(notes: Collection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(filter_values, "MOST_IDS", 3)
    monkeypatch.setattr(filter_values, "NEIGHBOURS", 2)
    nearest = set(notes.unmatched(patient_id="P0055")[0].nearest)
    assert {"P005"} < nearest < {"P004", "P005", "P006", "P007"}


def test_dates_before_or_after_every_note_are_told_with_the_nearest(notes: Collection) -> None:
    assert notes.unmatched(since="2024-12", until="2024-01") == []
    assert notes.unmatched(since="2025") == [Unmatched("since", "2025-01-01", ("2024-12-15 11:30",))]
    assert notes.unmatched(until="2023-12-31") == [Unmatched("until", "2023-12-31", ("2024-01-15 00:30",))]
    found = run_on(notes.location, "search", "fever", "--since", "2025-03-01T10:00")
    assert found.stderr == "No note is of 2025-03-01 10:00 or later. The nearest there are: 2024-12-15 11:30.\n"


@pytest.mark.parametrize("mode", ["hybrid", "vector", "keyword"])
@pytest.mark.parametrize("level", ["sentence", "note"])
def test_excluded_types_are_left_out_before_ranking(notes: Collection, mode: str, level: str) -> None:
    where: dict[str, Any] = {"exclude_type": ["PROGRESS note", "évaluation"]}
    hits = notes.search("fever", 20, mode=mode, level=level, **where)  # type: ignore[arg-type]
    found = {place.note_id for hit in hits for place in places(notes, hit, level, **where)}
    assert found == {f"n{number}" for number in range(12) if number % 3 == 1}
    everything = notes.search("fever", 20, mode=mode, level="note")  # type: ignore[arg-type]
    best = notes.search("fever", 2, mode=mode, level="note", **where)  # type: ignore[arg-type]
    kept = [hit.score for hit in everything if hit.note_id in found]
    assert [hit.score for hit in best] == pytest.approx(kept[:2])


def test_an_excluded_type_goes_before_a_wanted_one_and_leaves_notes_without_a_type(
    tmp_path: Path, tiny_model: Path
) -> None:
    records = [{"note_id": f"{kind}", "note_type": kind, "text": "Has a fever."} for kind in ("a", "b", None)]
    (tmp_path / "n.jsonl").write_text("\n".join(map(json.dumps, records)))
    clinsearch.index(tmp_path / "n.jsonl", tmp_path / "c", model=str(tiny_model))
    notes = Collection(tmp_path / "c")
    found = notes.search("fever", exclude_type="a", level="note")
    assert {hit.note_type for hit in found} == {"b", None}
    assert notes.search("fever", exclude_type="a", note_type="a") == []
    assert notes.unmatched(exclude_type=["a", "B", "zz"]) == [Unmatched("exclude_type", "zz", ("a", "b"))]


@pytest.mark.parametrize("form", ["table", "json", "csv"])
@pytest.mark.parametrize("command", [("search", "fever"), ("similar", "n0"), ("search", "fever", "--mode", "keyword")])
def test_the_command_line_says_so_beside_the_result(notes: Collection, command: tuple[str, ...], form: str) -> None:
    found = run_on(notes.location, *command, "--type", "progres", "--format", form)
    assert found.exit_code == 0
    assert found.stderr == "No note is of the type progres. The nearest there are: Progress note.\n"
    if form == "table":
        assert found.stdout == "Nothing found.\n"
    kept = run_on(notes.location, *command, "--type", "progres", "--type", "discharge summary", "--format", form)
    assert "n1" in kept.stdout
    assert kept.stderr == found.stderr


@pytest.mark.parametrize("option", ["--type", "--section", "--patient", "--encounter"])
def test_a_filter_that_is_not_utf8_is_one_line(notes: Collection, option: str) -> None:
    for command in (("search", "fever"), ("similar", "n0"), ("map",)):
        found = run_on(notes.location, *command, option, NOT_UTF8, "--format", "json")
        assert (found.exit_code, found.stdout) == (1, "")
        assert found.stderr.count("\n") == 1
        assert "is not text in UTF-8" in found.stderr


@pytest.mark.parametrize("command", [("search", "fever"), ("similar", "n0"), ("search", "[fever]", "--level", "token")])
def test_more_results_than_can_be_given_are_wrong_usage(notes: Collection, command: tuple[str, ...]) -> None:
    found = run_on(notes.location, *command, "-k", "99999999999999999999")
    assert (found.exit_code, found.stdout) == (2, "")
    assert "not in the range 1<=x<=1000000" in found.stderr
    assert run_on(notes.location, *command, "-k", str(MOST_RESULTS)).exit_code == 0


def test_the_library_says_how_many_can_be_asked_for(notes: Collection) -> None:
    for ask in (notes.search, notes.similar, notes.search_tokens):
        with pytest.raises(InputError, match="1,000,000"):
            ask("n0", MOST_RESULTS + 1)


@pytest.mark.parametrize("value", [7, 1.5, b"plan", [b"plan"], [None]])
@pytest.mark.parametrize("field", ["section", "note_type", "since", "where"])
def test_a_filter_that_is_no_text_is_one_line(field: str, value: object) -> None:
    with pytest.raises(InputError) as caught:
        make_filter(**{field: value})  # type: ignore[arg-type]
    assert "\n" not in str(caught.value)

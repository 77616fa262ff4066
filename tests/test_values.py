"""The values of something over time: all of them, dated, in one unit, with what is said of them."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import clinsearch
from clinsearch.collection import Collection
from clinsearch.errors import InputError
from clinsearch.language.measurements import find_measurements
from clinsearch.language.measurements.naming import names_in
from clinsearch.readers.partial_dates import parse_beside
from tests.support.command_line import run_on

NOTES = {
    ("n1", "P2", "2024-03-01"): ["A1c was 9.1%.", "Potassium 4.1 on 2/27."],
    ("n2", "P1", "2024-05-01T10:00"): ["Hemoglobin A1c 7.0 (03/2023).", "BP 142/88.", "EF 30-35%."],
    ("n3", "P1", "2024-01-09"): ["HbA1c > 14%.", "Her mother had an A1c of 11%.", "Weight 220 lb today."],
    ("n4", "P2", "2024-02-01"): ["A1c was 9.1%.", "If A1c > 8%, start insulin.", "No fever for 3 days."],
    ("n5", "", ""): ["A1c 6.2%.", "Potassium 3.9 on 3/4."],
}


@pytest.fixture(scope="module")
def notes(tmp_path_factory: pytest.TempPathFactory, tiny_model: Path) -> Collection:
    folder = tmp_path_factory.mktemp("values")
    rows = [
        {"note_id": note_id, "patient_id": patient, "note_datetime": when, "text": "PLAN:\n\n" + "\n\n".join(sentences)}
        for (note_id, patient, when), sentences in NOTES.items()
    ]
    (folder / "n.jsonl").write_text("\n".join(map(json.dumps, rows)))
    clinsearch.index(folder / "n.jsonl", folder / "c", model=str(tiny_model))
    return Collection(folder / "c")


def measured() -> Counter[tuple[str, str, float]]:
    """Return what each note measures, in plain Python: (note, name, low)."""
    texts = ((note_id, text) for (note_id, *_), sentences in NOTES.items() for text in sentences)
    return Counter((note_id, one.name, one.low) for note_id, text in texts for one in find_measurements(text))


def test_all_values_of_each_name_are_listed(notes: Collection) -> None:
    everything = measured()
    names = {name for _, name, _ in everything}
    found = [one for name in names for one in notes.values(name)]
    assert Counter((one.note_id, one.name, one.low) for one in found) == everything
    counted = {one.name: (one.values, one.notes) for one in notes.measured()}
    assert counted == {
        name: (
            sum(times for (_, of, _), times in everything.items() if of == name),
            len({note_id for note_id, of, _ in everything if of == name}),
        )
        for name in names
    }
    assert [one.values for one in notes.measured()] == sorted((times for times, _ in counted.values()), reverse=True)


def test_values_come_by_patient_and_time_with_their_own_dates(notes: Collection) -> None:
    found = [(one.patient_id, one.date, one.value, one.comparator, one.note_id) for one in notes.values("A1c")]
    assert found == [
        ("P1", "03/2023", "7.0", "=", "n2"),
        ("P1", "2024-01-09", "14", ">", "n3"),
        ("P1", "2024-01-09", "11", "=", "n3"),
        ("P2", "2024-02-01", "9.1", "=", "n4"),
        ("P2", "2024-02-01", "8", ">", "n4"),
        ("P2", "2024-03-01", "9.1", "=", "n1"),
        (None, None, "6.2", "=", "n5"),
    ]
    assert [(one.date, one.time) for one in notes.values("potassium")] == [
        ("2/27", datetime(2024, 2, 27)),
        ("3/4", None),
    ]


def test_what_is_not_simply_the_patients_is_said(notes: Collection) -> None:
    said = {(one.note_id, one.value): (one.assertion, one.of_other) for one in notes.values("a1c")}
    assert said["n3", "11"] == (None, True)
    assert said["n4", "8"] == ("hypothetical", False)
    assert said["n1", "9.1"] == said["n4", "9.1"] == (None, False)


def test_values_are_as_written_and_in_the_usual_unit(notes: Collection) -> None:
    (weight,) = notes.values("weight")
    assert (weight.value, weight.written_unit, weight.unit) == ("220", "lb", "kg")
    assert weight.low == weight.high == pytest.approx(99.79, abs=0.01)
    (fraction,) = notes.values("EF")
    assert (fraction.value, fraction.low, fraction.high) == ("30-35", 30, 35)
    assert (fraction.sentence, fraction.section) == ("EF 30-35%.", "plan")
    text = notes.note("n2").note.text
    assert text[fraction.start : fraction.end] == "EF 30-35%."


@pytest.mark.parametrize(
    ("name", "names"),
    [
        ("A1c", {"hemoglobin a1c"}),
        ("hemoglobin a1c", {"hemoglobin a1c"}),
        ("HEMOGLOBIN  A1C", {"hemoglobin a1c"}),
        ("glycated hemoglobin", {"hemoglobin a1c"}),
        ("hemoglobn a1c", {"hemoglobin a1c"}),
        ("LVEF", {"ejection fraction"}),
        ("ejection fraction", {"ejection fraction"}),
        ("BP", {"systolic blood pressure", "diastolic blood pressure"}),
        ("K", {"potassium"}),
    ],
)
def test_a_name_is_read_like_a_query(notes: Collection, name: str, names: set[str]) -> None:
    assert {one.name for one in notes.values(name)} == names


@pytest.mark.parametrize("name", ["ferritin", "nonsense", "", "nonsense\n\x1b[31m"])
def test_a_name_that_nothing_is_measured_by_is_one_line(notes: Collection, name: str) -> None:
    with pytest.raises(
        InputError, match=r"^Nothing here is measured by this name. The nearest there are: [a-z1, ]+\.$"
    ):
        notes.values(name)
    found = run_on(notes.location, "values", name, "--format", "json")
    assert (found.exit_code, found.stdout, found.stderr.count("\n")) == (1, "", 1)


def test_the_nearest_names_come_first(notes: Collection) -> None:
    with pytest.raises(InputError, match=r"are: hemoglobin a1c\."):
        notes.values("hemoglobin")


def test_filters_hold_for_values_and_counts(notes: Collection) -> None:
    assert {one.note_id for one in notes.values("A1c", patient_id="P2")} == {"n1", "n4"}
    assert {one.note_id for one in notes.values("A1c", since="2024-02", until="2024-03")} == {"n1", "n4"}
    assert {one.note_id for one in notes.values("A1c", where="EF < 40")} == {"n2"}
    assert {one.note_id for one in notes.values("A1c", section="plan")} == {"n1", "n2", "n3", "n4", "n5"}
    assert notes.values("weight", patient_id="P2") == []
    assert {one.name: one.values for one in notes.measured(patient_id="P2")} == {"hemoglobin a1c": 3, "potassium": 1}
    assert notes.measured(section="allergies") == []


def test_the_command_line_writes_the_same_in_every_form(notes: Collection) -> None:
    table = run_on(notes.location, "values", "A1c").stdout.splitlines()
    assert table[0] == "P1"
    assert table[1].split() == ["03/2023", "7.0", "7", "%", "n2"]
    assert table[2].split() == ["2024-01-09", "14", "%", ">", "14", "%", "n3"]
    assert table[3].endswith("of someone else")
    assert table[-2] == "of no patient"
    pressures = run_on(notes.location, "values", "blood pressure").stdout
    assert "systolic blood pressure" in pressures
    expected = json.loads(json.dumps(notes.values("A1c").to_records(), default=datetime.isoformat))
    assert json.loads(run_on(notes.location, "values", "A1c", "--format", "json").stdout) == expected
    lines = run_on(notes.location, "values", "A1c", "--format", "jsonl").stdout.splitlines()
    assert list(map(json.loads, lines)) == expected
    rows = list(csv.DictReader(io.StringIO(run_on(notes.location, "values", "A1c", "--format", "csv").stdout)))
    assert [(row["note_id"], float(row["low"])) for row in rows] == [(one["note_id"], one["low"]) for one in expected]


def test_without_a_name_the_command_line_says_what_is_measured(notes: Collection) -> None:
    assert run_on(notes.location, "values").stdout.splitlines()[0].split() == [
        "7", "hemoglobin", "a1c", "%", "in", "5", "notes",
    ]  # fmt: skip
    found = json.loads(run_on(notes.location, "values", "--patient", "P2", "--format", "json").stdout)
    assert found[1] == {"name": "potassium", "unit": "mmol/L", "values": 1, "notes": 1}
    assert run_on(notes.location, "values", "--section", "allergies").stdout == "Nothing found.\n"
    told = run_on(notes.location, "values", "A1c", "--patient", "P7")
    assert (told.exit_code, told.stdout) == (0, "Nothing found.\n")
    assert told.stderr.startswith("No note is of the patient P7.")


def test_values_show_themselves_in_a_notebook(notes: Collection) -> None:
    shown = notes.values("A1c")._repr_html_()
    assert "hemoglobin a1c" in shown
    assert "of_other" in shown
    assert notes.values("A1c")[0]._repr_html_().startswith("<table>")
    assert notes.measured().to_dataframe()["name"][0] == "hemoglobin a1c"


def test_a_collection_that_measures_nothing_says_so(tmp_path: Path, tiny_model: Path) -> None:
    (tmp_path / "n.txt").write_text("Ambulates well.")
    clinsearch.index(tmp_path / "n.txt", tmp_path / "c", model=str(tiny_model))
    assert Collection(tmp_path / "c").measured() == []
    with pytest.raises(InputError, match=r"^Nothing is measured in these notes\.$"):
        Collection(tmp_path / "c").values("A1c")


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("03/06/2020", datetime(2020, 3, 6)),
        ("3/4/20", datetime(2020, 3, 4)),
        ("2020-03-04", datetime(2020, 3, 4)),
        ("03/2020", datetime(2020, 3, 1)),
        ("March 2021", datetime(2021, 3, 1)),
        ("Mar. 2021", datetime(2021, 3, 1)),
        ("2019", datetime(2019, 1, 1)),
        ("3/4", datetime(2022, 3, 4)),
        ("3-4", datetime(2022, 3, 4)),
        ("March 4", datetime(2022, 3, 4)),
        ("4 Mar", datetime(2022, 3, 4)),
        ("12/31", datetime(2021, 12, 31)),
        ("13/45", None),
        ("soon", None),
    ],
)
def test_a_date_without_a_year_is_the_last_before_its_note(written: str, moment: datetime | None) -> None:
    assert parse_beside(written, datetime(2022, 5, 1, 12)) == moment
    if "20" not in written and not written.endswith("/20"):
        assert parse_beside(written, None) is None


@given(st.text(max_size=12) | st.from_regex(r"[0-9]{1,4}([-/ ][0-9]{1,4}){0,2}", fullmatch=True))
def test_any_date_is_read_or_not_and_never_after_its_note_by_a_guess(written: str) -> None:
    noted = datetime(2022, 5, 1)
    without, found = parse_beside(written, None), parse_beside(written, noted)
    assert found == without or (without is None and found is not None and (found - noted).days <= 1)


def test_names_are_read_without_values() -> None:
    assert names_in("BP") == ["systolic blood pressure", "diastolic blood pressure"]
    assert names_in("h&h") == ["hemoglobin", "hematocrit"]
    assert names_in("Lasix") == ["dose of furosemide"]
    assert names_in("wbc and hgb") == ["white blood cell count", "hemoglobin"]
    assert names_in("nothing of that kind") == []

"""A table's row is one sentence, and its cells are read like "name: value"."""

from __future__ import annotations

import pytest

from clinsearch.language.assertions import find_assertions
from clinsearch.language.measurements import find_measurements
from clinsearch.language.segmentation import segment, sentence_texts
from tests.support.segmented import check_invariants

ROWS = [
    "Drug | Dose | Directions",
    "Lisinopril | 10 mg | Take 1 tablet daily. Call if dizzy.",
    "Metformin | 500 mg | twice a day with meals and at bedtime if needed for",
    "aspirin | 81 mg | with",
    "Name: Warfarin | Plan: stop it now | seen by Dr. Smith. Yes.",
]


def sentences(text: str) -> tuple[str, ...]:
    return sentence_texts(text, check_invariants(text))


def test_every_row_is_one_sentence() -> None:
    assert sentences("\n".join(ROWS)) == tuple(ROWS)


def test_rows_are_not_joined_with_lines_around_them() -> None:
    before, after = "He takes, among others, the following drugs, and most of them with", "which he has had for years."
    assert sentences("\n".join([before, *ROWS[1:4], after])) == (before, *ROWS[1:4], after)


def test_every_item_of_a_list_is_a_sentence() -> None:
    items = ["Aspirin, with or", "lisinopril and", "5 mg of warfarin", "Call us"]
    assert sentences("\n".join(f"- {item}" for item in items)) == tuple(items)


def test_a_row_that_is_very_long_is_divided_at_its_stops() -> None:
    row = "Course | " + "He was well. " * 40 + "| Home"
    assert len(sentences(row)) == 41


def test_a_row_may_begin_with_a_known_heading() -> None:
    result = segment("Allergies: | Penicillin | Plan: none")
    assert [(one.name, one.end) for one in result.sections] == [("allergies", 36)]
    assert len(result.sentences) == 1


@pytest.mark.parametrize(
    ("row", "found"),
    [
        ("Hgb | 9.2 | g/dL | 12.0-16.0 | L", ("hemoglobin", 9.2, "g/dL")),
        ("Hgb | 92 | g/L", ("hemoglobin", 9.2, "g/L")),
        ("Hemoglobin A1c | 7.2 | %", ("hemoglobin a1c", 7.2, "%")),
        ("Weight | 176 | [lb_av]", ("weight", 79.832257, "[lb_av]")),
        ("Sodium | 138 | L | mmol/L", ("sodium", 138.0, "")),
        ("WBC | 8.1 | 10*3/uL |", ("white blood cell count", 8.1, "10*3/uL")),
        ("Heart rate | 72 | g of nothing", ("heart rate", 72.0, "")),
    ],
)
def test_a_value_is_read_with_the_unit_in_the_next_cell(row: str, found: tuple[str, float, str]) -> None:
    (one,) = find_measurements(row)
    assert (one.name, one.low, one.written_unit) == found


def test_a_value_is_of_the_date_in_the_next_cell() -> None:
    (one,) = find_measurements("Creatinine | 1.4 mg/dL | 2024-03-01")
    assert one.date == "2024-03-01"


@pytest.mark.parametrize(
    ("row", "negated"),
    [
        ("Fever | No", ["Fever"]),
        ("Fever | no | Cough | Yes", ["Fever"]),
        ("Chest pain | Denies |", ["Chest pain"]),
        ("HIV | Non-reactive | 2020", ["HIV"]),
        ("Sodium | 138 | N", []),
        ("Cough | Yes", []),
        ("No | Fever", []),
    ],
)
def test_a_cell_that_is_an_answer_is_of_the_cell_before(row: str, negated: list[str]) -> None:
    assert [row[one.start : one.end] for one in find_assertions(row) if one.assertion == "negated"] == negated

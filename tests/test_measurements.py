"""Measurements are read out of text, and conditions out of queries, with their values in the usual units."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.measurements import score
from clinsearch.language.measurements import distance, find_conditions, find_measurements, satisfies
from clinsearch.language.measurements.analytes import analytes
from clinsearch.records.measurements import Condition, Measurement

NAMES = [
    "Na",
    "K",
    "hemoglobin",
    "BP",
    "EF",
    "Hgb",
    "creatinine",
    "temp",
    "weight",
    "age",
    "A1c",
    "metoprolol",
    "WBC",
    "GCS",
    "pain",
    "2-cm",
]
PIECES = [
    *NAMES,
    "5",
    "138",
    "1.2",
    "120/80",
    "145,000",
    "30-35%",
    "mg",
    "cm",
    "%",
    "F",
    "x",
    "to",
    "from",
    "over",
    "<",
]
PIECES += [
    "(",
    ")",
    ",",
    ".",
    "/",
    "-",
    "of",
    "was",
    "67-year-old",
    "3/4/2020",
    "\n",
    "5'4\"",
    "weeks",
    "34w2d",
    "1/2",
    "s",
]


def told(text: str) -> list[str]:
    """Write measurements down in short: name, comparator if there is one, values, unit."""
    return [_short(one) for one in find_measurements(text)]


def _short(one: Measurement | Condition) -> str:
    value = f"{one.low:.5g}" if one.low == one.high else f"{one.low:.5g}-{one.high:.5g}"
    return f"{one.name} {one.comparator.replace('=', '', one.comparator == '=')}{value} {one.unit}".strip()


def asked(query: str) -> list[str]:
    return [_short(one) for one in find_conditions(query)]


def fits(text: str, query: str) -> bool:
    (measurement,), (condition,) = find_measurements(text), find_conditions(query)
    assert satisfies(measurement, condition) == (distance(measurement, condition) == 0)
    return satisfies(measurement, condition)


@pytest.mark.parametrize("half", ["tune", "apart"])
def test_measurements_of_the_gold_set_are_found(half: str) -> None:
    found = score("measurements", half)
    assert found.precision >= 0.95
    assert found.recall >= 0.92
    assert found.clean >= 0.95 * found.empty


@pytest.mark.parametrize("half", ["tune", "apart"])
def test_conditions_of_the_gold_set_are_found(half: str) -> None:
    found = score("conditions", half)
    assert found.precision >= 0.95
    assert found.recall >= 0.95
    assert found.clean == found.empty


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("Glucose 5.6 mmol/L", ["glucose 100.89 mg/dL"]),
        ("Creatinine 177 umol/L", ["creatinine 2.0022 mg/dL"]),
        ("Hb 89 g/L", ["hemoglobin 8.9 g/dL"]),
        ("Temp 101.3 F", ["temperature 38.5 °C"]),
        ("Temp 38.5", ["temperature 38.5 °C"]),
        ("Weight 154 lb", ["weight 69.853 kg"]),
        ("Weight 7 lb 9 oz", ["weight 3.4303 kg"]),
        ("Height 5'10\"", ["height 177.8 cm"]),
        ("Height 70 inches", ["height 177.8 cm"]),
        ("A 14 mm nodule", ["size 1.4 cm"]),
        ("Bilirubin 171 umol/L", ["bilirubin 10 mg/dL"]),
        ("HbA1c 48 mmol/mol", ["hemoglobin a1c 6.542 %"]),
        ("Platelets 145,000", ["platelet count 145 10^3/uL"]),
        ("Platelets 145K", ["platelet count 145 10^3/uL"]),
        ("Platelets 145 x 10^9/L", ["platelet count 145 10^3/uL"]),
        ("WBC 12,300/mm3", ["white blood cell count 12.3 10^3/uL"]),
        ("Fentanyl 50 mcg", ["dose of fentanyl 0.05 mg"]),
        ("Ancef 2 g IV", ["dose of cefazolin 2000 mg"]),
        ("A 6-month-old", ["age 0.5 year"]),
        ("38w4d", ["gestational age 38.571 week"]),
        ("CRP 2 mg/dL", ["c-reactive protein 20 mg/L"]),
        ("Troponin T 40 ng/L", ["troponin 0.04 ng/mL"]),
        ("EBL 1.5 L", ["estimated blood loss 1500 mL"]),
    ],
)
def test_values_are_converted_into_the_usual_unit(text: str, values: list[str]) -> None:
    assert told(text) == values


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("EF 30-35%", ["ejection fraction 30-35 %"]),
        ("EF is 30 to 35 percent", ["ejection fraction 30-35 %"]),
        ("Potassium between 3 and 5", ["potassium 3-5 mmol/L"]),
        ("Hgb fell from 8.5 to 7.6", ["hemoglobin 8.5 g/dL", "hemoglobin 7.6 g/dL"]),
        (
            "BP ranging from 120-130/70-80",
            ["systolic blood pressure 120-130 mmHg", "diastolic blood pressure 70-80 mmHg"],
        ),
        ("Sats in the mid 80s", ["oxygen saturation 84-86 %"]),
        ("HR 110s-120s", ["heart rate 110-129 /min"]),
        ("A 3 x 4 cm mass", ["size 4 cm"]),
        ("Cr 1.2-->1.8", ["creatinine 1.2 mg/dL", "creatinine 1.8 mg/dL"]),
        ("Creatinine 0.9 1.0 1.1", ["creatinine 0.9 mg/dL", "creatinine 1 mg/dL", "creatinine 1.1 mg/dL"]),
        ("AST and ALT were 45 and 60", ["aspartate aminotransferase 45 U/L", "alanine aminotransferase 60 U/L"]),
        ("H&H 8.9/27", ["hemoglobin 8.9 g/dL", "hematocrit 27 %"]),
        ("pH 6.0", ["ph 6"]),
        ("Hgb 8.9L, K 5.6H", ["hemoglobin 8.9 g/dL", "potassium 5.6 mmol/L"]),
    ],
)
def test_ranges_series_and_groups_are_told_apart(text: str, values: list[str]) -> None:
    assert told(text) == values


@pytest.mark.parametrize(
    "text",
    [
        "HbA1c: to be repeated in 3 months",
        "Potassium 4 times a week",
        "Pulses 2+ in all extremities",
        "Physical therapy (PT) 3 times weekly",
        "Goal INR 2-3",
        "1% lidocaine was used",
        "Seen 03/12/2019 at 14:35, call 555-123-4567",
        "L4-5 and C5-6 with 3-0 Vicryl",
        "A&O x3, cranial nerves II-XII",
        "Type 2 diabetes, stage 3 CKD, grade 2/6 murmur",
        "",
        "No numbers at all in this sentence about creatinine and potassium.",
    ],
)
def test_other_numbers_are_no_measurements(text: str) -> None:
    assert told(text) == []


def test_values_of_urine_are_not_those_of_blood() -> None:
    assert told("Urinalysis: WBC > 50") == ["urine white blood cell count >50 /hpf"]
    assert told("Urinalysis clear. CBC: WBC 12") == ["white blood cell count 12 10^3/uL"]


def test_a_date_beside_a_value_is_kept() -> None:
    first, second = find_measurements("Hgb 8.9 on 3/4, 9.2 on 03/06/2020")
    assert (first.date, second.date) == ("3/4", "03/06/2020")


def test_what_is_written_is_kept() -> None:
    text = "Her weight is 154.0 lbs today."
    (one,) = find_measurements(text)
    assert (one.value, one.written_unit, text[one.start : one.end]) == ("154.0", "lbs", "weight is 154.0 lbs")


@pytest.mark.parametrize(
    ("query", "conditions"),
    [
        ("A1c above 9", ["hemoglobin a1c >9 %"]),
        ("creatinine from 2 to 4", ["creatinine 2-4 mg/dL"]),
        ("k of 6 or more", ["potassium >=6 mmol/L"]),
        ("BP over 180", ["systolic blood pressure >180 mmHg"]),
        ("older than 85", ["age >85 year"]),
        ("temp over 101", ["temperature >38.333 °C"]),
        ("aspirin 325", ["dose of aspirin 325 mg"]),
        ("sodium less than or equal to 120", ["sodium <=120 mmol/L"]),
        ("type 2 diabetes", []),
        ("post-op day 2", []),
    ],
)
def test_queries_ask_for_values(query: str, conditions: list[str]) -> None:
    assert asked(query) == conditions


def test_a_value_satisfies_what_is_asked() -> None:
    assert fits("Creatinine 2.10", "creatinine 2.1")
    assert not fits("Creatinine 2.3", "creatinine 2.1")
    assert fits("EF 30-35%", "EF 35%")
    assert fits("EF 35%", "EF 35%")
    assert not fits("EF 40-45%", "EF 35%")
    assert fits("EF 35-40%", "EF < 40")
    assert fits("Temp 102 F", "temp over 38.5")
    assert fits("Creatinine 177 umol/L", "creatinine 2.0")
    assert fits("EBL 500 mL", "EBL at least 500 ml")
    assert not fits("EBL 500 mL", "EBL over 500 ml")
    assert fits("INR 4", "INR between 3 and 5")
    assert not fits("INR 4", "potassium over 3")


def test_what_is_known_only_to_be_less_or_more_must_be_so_for_certain() -> None:
    assert fits("SpO2 > 94%", "o2 sat over 90")
    assert not fits("SpO2 > 90%", "o2 sat over 94")
    assert not fits("Troponin < 0.01", "troponin over 0.005")
    assert fits("Troponin < 0.01", "troponin under 0.05")


def test_a_value_is_the_farther_the_less_it_is_what_is_asked() -> None:
    (asked_for,) = find_conditions("potassium above 6")
    values = [find_measurements(f"Potassium {value}")[0] for value in (6.5, 6.0, 5.9, 5.0, 3.5, 2.0)]
    distances = [distance(value, asked_for) for value in values]
    assert distances == sorted(distances)
    assert distances[0] == 0
    assert 0 < distances[1] < 0.01
    assert distances[-1] < 1
    assert distance(find_measurements("Sodium 138")[0], asked_for) == 1


@given(st.one_of(st.text(max_size=80), st.lists(st.sampled_from(PIECES), max_size=25).map(" ".join)))
def test_any_text_can_be_read_and_offsets_are_of_the_text(text: str) -> None:
    for one in find_measurements(text):
        assert 0 <= one.start < one.end <= len(text)
        assert one.value in text[one.start : one.end]
        assert re.search(r"\d", one.value)
        assert one.low <= one.high
    for condition in find_conditions(text):
        assert 0 <= condition.start < condition.end <= len(text)
        assert condition.tolerance >= 0


@given(st.lists(st.sampled_from(PIECES), max_size=25).map(" ".join))
def test_known_values_are_possible_ones(text: str) -> None:
    for one in find_measurements(text):
        analyte = analytes().get(one.name)
        if analyte is not None and analyte.unit == one.unit:
            assert analyte.lowest - 1e-6 <= one.low <= one.high <= analyte.highest + 1e-6


@given(st.lists(st.sampled_from(PIECES), max_size=12).map(" ".join), st.sampled_from(["EF < 40", "K 4", "age over 60"]))
def test_a_distance_is_zero_where_a_condition_is_satisfied_and_at_most_one(text: str, query: str) -> None:
    (condition,) = find_conditions(query)
    for one in find_measurements(text):
        assert 0 <= distance(one, condition) <= 1
        assert (distance(one, condition) == 0) == satisfies(one, condition)


@pytest.mark.drawn(3)
@pytest.mark.parametrize(
    "piece", ["1", "1 ", "1/", "3 x ", "sodium ", "AST and ", "34 weeks 3 days ", "50% word ", "(", "5' ", "p."]
)
def test_long_texts_take_time_in_proportion(piece: str) -> None:
    def taken(times: int) -> float:
        started = time.thread_time()
        find_measurements(piece * times + " EF 30%")
        return time.thread_time() - started

    taken(10)
    # By the square it would be 256 times as much.
    few, many = (min(taken(times) for _ in range(3)) for times in (1_000, 16_000))
    assert many < 100 * max(few, 0.005)

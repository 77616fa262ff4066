"""Notes made up at random, what stands where in them, and every filter they can be asked with."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from itertools import product
from typing import Any

import numpy as np

from clinsearch.language.assertions import find_assertions
from clinsearch.language.gists import gist_of
from clinsearch.records import Hit
from tests.conftest import WORDS

ALL = 100_000
# What two sums of the same numbers in another order may differ by.
ROUNDING = 1e-5


SECTIONS = {
    None: None,
    "HISTORY OF PRESENT ILLNESS": "history of present illness",
    "MEDICATIONS": "medications",
    "ALLERGIES": "allergies",
}


@dataclass(frozen=True)
class Place:
    """Where a sentence stands, as it was written into its note or is shown by it."""

    note_id: str
    patient_id: str | None
    note_type: str | None
    note_datetime: datetime | None
    section: str | None
    sentence: str
    start: int
    end: int


Passes = Callable[[Place], bool]


def everything(place: Place) -> bool:
    return True


def assert_ranked(found: list[tuple[str, float]], expected: dict[str, float], k: int) -> None:
    """Assert that these are the k best of the expected, in their order; rounding may part only ties."""
    assert len(found) == min(k, len(expected))
    keys, scores = [key for key, _ in found], np.array([score for _, score in found])
    assert len(set(keys)) == len(keys)
    assert set(keys) <= expected.keys()
    assert (np.diff(scores) <= 0).all()
    own = np.array([expected[key] for key in keys])
    best = np.sort(np.array(list(expected.values())))[::-1][:k]
    assert np.abs(scores - own).max(initial=0) < ROUNDING
    assert np.abs(own - best).max(initial=0) < ROUNDING


@cache
def gist(text: str) -> int | str:
    """Return what is the same of sentences that are nearly the same, which are one hit."""
    return gist_of(text, find_assertions(text)) or text


def shown(hit: Hit) -> Place:
    return Place(
        hit.note_id,
        hit.patient_id,
        hit.note_type,
        hit.note_datetime,
        hit.section,
        str(hit.sentence),
        int(hit.start or 0),
        int(hit.end or 0),
    )


def random_sentence(dice: random.Random) -> str:
    return " ".join(dice.choices(WORDS[:-3], k=dice.randint(4, 9))).capitalize() + "."


def written_note(dice: random.Random, number: int, pool: list[str]) -> tuple[dict[str, Any], list[Place]]:
    """Make up a note: some sections, each sentence a paragraph, half of them copied from a common pool."""
    moments = [
        datetime(2024, 3, 10),
        datetime(2024, 3, 9, 23, 59, 59),
        datetime(2024, 3, 20, 12, 30),
        datetime(2024, 3, 25, 23, 59, 59),
        datetime(2024, 3, 26),
        datetime(2024, 4, 1, 8),
        datetime(2024, 3, 1) + timedelta(minutes=dice.randrange(60_000)),
        datetime(2024, 3, 1) + timedelta(minutes=dice.randrange(60_000)),
        None,
    ]
    note_id = f"note-{number:03}"
    labels = (
        dice.choice([*(f"P{n}" for n in range(8)), None]),
        dice.choice(["Progress Note", "Discharge Summary", "consult", None]),
        dice.choice(moments),
    )
    headings = [heading for heading in SECTIONS if dice.random() < 0.7] or ["ALLERGIES"]
    text, places = "", []
    for heading in headings:
        start, above = len(text), f"{heading}: " if heading else ""
        text += f"{heading}:\n\n" if heading else ""
        for _ in range(dice.randint(1, 4)):
            sentence = dice.choice(pool) if dice.random() < 0.5 else random_sentence(dice)
            text += f"{sentence}\n\n"
            places.append(Place(note_id, *labels, SECTIONS[heading], above + sentence, start, len(text) - 2))
            start, above = len(text), ""
    patient, note_type, moment = labels
    record = {
        "note_id": note_id,
        "patient_id": patient,
        "note_type": note_type,
        "note_datetime": moment and moment.isoformat(),
        "text": text,
    }
    return record, places


# What is asked for, and which places pass: written down apart from each other.
Choice = tuple[dict[str, Any], Passes]


PATIENTS: list[Choice] = [
    ({}, everything),
    ({"patient_id": "P3"}, lambda place: place.patient_id == "P3"),
    ({"patient_id": ["P1", "P4", "nobody"]}, lambda place: place.patient_id in ("P1", "P4")),
]


TYPES: list[Choice] = [
    ({}, everything),
    ({"note_type": "PROGRESS note"}, lambda place: place.note_type == "Progress Note"),
    (
        {"note_type": ("consult", "discharge SUMMARY")},
        lambda place: place.note_type in ("consult", "Discharge Summary"),
    ),
]


NAMED_SECTIONS: list[Choice] = [
    ({}, everything),
    ({"section": "HPI"}, lambda place: place.section == "history of present illness"),
    ({"section": ["meds", "Allergies"]}, lambda place: place.section in ("medications", "allergies")),
]


SINCE: list[Choice] = [
    ({}, everything),
    ({"since": "2024-03-10"}, lambda p: p.note_datetime is not None and p.note_datetime >= datetime(2024, 3, 10)),
    (
        {"since": datetime(2024, 3, 20, 12, 30)},
        lambda p: p.note_datetime is not None and p.note_datetime >= datetime(2024, 3, 20, 12, 30),
    ),
]


UNTIL: list[Choice] = [
    ({}, everything),
    ({"until": date(2024, 3, 25)}, lambda p: p.note_datetime is not None and p.note_datetime < datetime(2024, 3, 26)),
    (
        {"until": "2024-04-01T08:00"},
        lambda p: p.note_datetime is not None and p.note_datetime <= datetime(2024, 4, 1, 8),
    ),
]


COMBINATIONS = list(product(PATIENTS, TYPES, NAMED_SECTIONS, SINCE, UNTIL))


def combined(choices: tuple[Choice, ...]) -> Choice:
    where = {name: value for asked, _ in choices for name, value in asked.items()}
    return where, lambda place: all(passes(place) for _, passes in choices)

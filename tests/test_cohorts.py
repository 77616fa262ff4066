"""Cohorts against a brute force over all notes in plain Python, and what they say of what they could not judge."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import clinsearch
from clinsearch.collection import Collection
from clinsearch.language.assertions import find_assertions, said_at
from clinsearch.language.measurements import find_conditions, find_measurements, satisfies
from clinsearch.records import NoteView
from clinsearch.records.cohorts import WANTED
from tests.support.made_up_notes import ALL

SENTENCES = [
    "Fever today.",
    "No fever.",
    "Father had fever.",
    "Possible fever.",
    "Return if fever.",
    "No edema but chest pain.",
    "Chest pain and edema.",
    "Denies chest pain.",
    "Mother has edema and never had chest pain.",
    "Warfarin held.",
    "On Coumadin 5 mg.",
    "A1c was 9.4%.",
    "A1c was 6.1%.",
    "Heart stable.",
]
SECTIONS = ["PLAN", "PAST MEDICAL HISTORY", "FAMILY HISTORY"]
TYPES = ["progress", "nursing", "consult"]


def records() -> list[dict[str, Any]]:
    made = []
    for number in range(40):
        some = [SENTENCES[(number * step + step) % len(SENTENCES)] for step in (1, 3, 5)]
        made.append(
            {
                "note_id": f"n{number:02}",
                "patient_id": None if number % 13 == 5 else f"p{number * 7 % 11}",
                "note_type": TYPES[number % 3],
                "note_datetime": None if number % 7 == 3 else f"2024-{number % 5 + 1:02}-{number % 27 + 1:02}T10:00",
                "text": f"{SECTIONS[number % 3]}:\n{some[0]}\n\n{SECTIONS[(number + 1) % 3]}:\n{some[1]}\n{some[2]}",
            }
        )
    return made


def indexed(folder: Path, model: Path, notes: list[dict[str, Any]]) -> Collection:
    (folder / "n.jsonl").write_text("\n".join(map(json.dumps, notes)))
    clinsearch.index(folder / "n.jsonl", folder / "c", model=str(model))
    return Collection(folder / "c")


@pytest.fixture(scope="module")
def notes(tmp_path_factory: pytest.TempPathFactory, tiny_model: Path) -> Collection:
    return indexed(tmp_path_factory.mktemp("cohorts"), tiny_model, records())


Owner = tuple[str | None, str | None]


class BruteForce:
    """Goes through every sentence of every note for each criterion."""

    def __init__(self, collection: Collection) -> None:
        self.views = [collection.note(record["note_id"]) for record in records()]
        self.spans = {text: find_assertions(text) for view in self.views for text in self.texts(view)}
        self.values = {text: find_measurements(text) for text in self.spans}
        self.owners = {self.owner(view) for view in self.views}

    def texts(self, view: NoteView) -> list[str]:
        return [one.sentence for one in view.sentences]

    def owner(self, view: NoteView) -> Owner:
        note = view.note
        return (note.patient_id, None) if note.patient_id else (None, note.note_id)

    def members(self, group: Mapping[str, Any]) -> set[Owner]:
        named = {one["name"]: one for one in leaves(group)}
        return self._group(group, named)

    def _group(self, group: Mapping[str, Any], named: Mapping[str, Any]) -> set[Owner]:
        found = set(self.owners)
        for one in group.get("all", []):
            found &= self._item(one, named)
        if group.get("any"):
            found &= set().union(*(self._item(one, named) for one in group["any"]))
        for one in group.get("none", []):
            found -= self._item(one, named)
        return found

    def _item(self, one: Mapping[str, Any], named: Mapping[str, Any]) -> set[Owner]:
        if "name" not in one:
            return self._group(one, named)
        met = self.met(one, named)
        return {owner for owner in self.owners if len(met.get(owner, [])) >= one.get("at_least", 1)}

    def met(self, one: Mapping[str, Any], named: Mapping[str, Any]) -> dict[Owner, list[NoteView]]:
        found: dict[Owner, list[NoteView]] = {}
        for view in filter(lambda view: self.passes(one, view) and self.says(one, view), self.views):
            found.setdefault(self.owner(view), []).append(view)
        if "of" not in one:
            return found
        other = named[one["of"]]
        near: dict[Owner, list[NoteView]] = {}
        for owner, of_other in self.met(other, named).items():
            if len(of_other) < other.get("at_least", 1):
                continue
            days = [view.note.note_datetime.date() for view in of_other if view.note.note_datetime]
            for view in found.get(owner, []):
                when = view.note.note_datetime
                if when and any(abs(when.date() - day) <= timedelta(one["within_days"]) for day in days):
                    near.setdefault(owner, []).append(view)
        return near

    def passes(self, one: Mapping[str, Any], view: NoteView) -> bool:
        when = view.note.note_datetime
        since, until = one.get("since"), one.get("until")
        if (since or until) and when is None:
            return False
        is_in_time = (not since or when >= datetime.fromisoformat(since)) and (
            not until or when < datetime.fromisoformat(until) + timedelta(1)
        )
        return bool(is_in_time) and ("note_types" not in one or view.note.note_type in one["note_types"])

    def says(self, one: Mapping[str, Any], view: NoteView) -> bool:
        wanted = WANTED[one.get("assertion", "affirmed")]
        places = [place for place in view.sentences if "sections" not in one or place.section in one["sections"]]
        if "terms" not in one:
            return any(self.measures(place.sentence, place.section, one["where"], wanted) for place in places)
        if "where" in one and not any(self.measures(text, None, one["where"], None) for text in self.texts(view)):
            return False
        return any(
            said(self.spans[place.sentence], match.span(), place.section) in wanted
            for place in places
            for term in one["terms"]
            for match in re.finditer(rf"\b{term}\b", place.sentence, re.IGNORECASE)
        )

    def measures(self, text: str, section: str | None, asked: str, wanted: frozenset[Any] | None) -> bool:
        (condition,) = find_conditions(asked)
        met = [one for one in self.values[text] if satisfies(one, condition)]
        return any(wanted is None or said(self.spans[text], (one.start, one.end), section) in wanted for one in met)


def said(spans: Any, place: tuple[int, int], section: str | None) -> str:
    found = said_at(spans, *place, section)
    return "other" if found.of_other else found.assertion


def leaves(group: Mapping[str, Any]) -> list[dict[str, Any]]:
    found = []
    for key in ("all", "any", "none"):
        for one in group.get(key, []):
            found += [one] if "name" in one else leaves(one)
    return found


TERMS = st.lists(st.sampled_from(["fever", "edema", "chest pain", "warfarin"]), min_size=1, max_size=2, unique=True)
VALUES = st.sampled_from(["A1c > 7", "A1c < 7"])
OPTIONAL: dict[str, st.SearchStrategy[Any]] = {
    "assertion": st.sampled_from(sorted(WANTED)),
    "sections": st.lists(st.sampled_from(["plan", "past medical history", "family history"]), min_size=1, unique=True),
    "note_types": st.lists(st.sampled_from(TYPES), min_size=1, max_size=2, unique=True),
    "since": st.sampled_from(["2024-01-15", "2024-03-01"]),
    "until": st.sampled_from(["2024-03-20", "2024-05-05"]),
    "at_least": st.integers(1, 3),
}
LEAF = st.one_of(
    st.fixed_dictionaries({"terms": TERMS, "synonyms": st.just(False)}, optional=OPTIONAL | {"where": VALUES}),
    st.fixed_dictionaries({"where": VALUES}, optional=OPTIONAL),
)
FLAT = st.fixed_dictionaries(
    {}, optional={key: st.lists(LEAF, min_size=1, max_size=2) for key in ("all", "any", "none")}
).filter(bool)
GROUP = st.fixed_dictionaries(
    {}, optional={key: st.lists(LEAF | FLAT, min_size=1, max_size=2) for key in ("all", "any", "none")}
).filter(bool)


@st.composite
def criteria(draw: st.DrawFn) -> dict[str, Any]:
    """Draw criteria, name them, and have some stand near others in time."""
    group: dict[str, Any] = json.loads(json.dumps(draw(GROUP)))

    def unnamed(one: dict[str, Any]) -> list[dict[str, Any]]:
        if not {"all", "any", "none"} & one.keys():
            return [one]
        return [leaf for key in ("all", "any", "none") for each in one.get(key, []) for leaf in unnamed(each)]

    listed = unnamed(group)
    for number, one in enumerate(listed):
        one["name"] = f"c{number}"
        if number and draw(st.booleans()):
            one |= {"of": f"c{draw(st.integers(0, number - 1))}", "within_days": draw(st.sampled_from([0, 9, 40]))}
    return group


@settings(max_examples=80, deadline=None)
@given(criteria())
def test_who_is_in_a_cohort_is_who_a_brute_force_finds(notes: Collection, group: dict[str, Any]) -> None:
    brute = _brute(notes)
    found = notes.cohort(group)
    assert {(one.patient_id, one.note_id) for one in found.members} == brute.members(group)
    named = {one["name"]: one for one in leaves(group)}
    for member in found.members:
        for evidence in member.evidence:
            of_criterion = brute.met(named[evidence.criterion], named)[member.patient_id, member.note_id]
            view = next(view for view in of_criterion if view.note.note_id == evidence.note_id)
            assert " ".join(view.note.text[evidence.start : evidence.end].split()) == evidence.sentence
    for one in found.found:
        met = {
            owner: views
            for owner, views in brute.met(named[one.criterion], named).items()
            if len(views) >= named[one.criterion].get("at_least", 1)
        }
        assert (one.patients, one.notes) == (len(met), sum(map(len, met.values())))


_BRUTE: dict[Path, BruteForce] = {}


def _brute(notes: Collection) -> BruteForce:
    if notes.location not in _BRUTE:
        _BRUTE[notes.location] = BruteForce(notes)
    return _BRUTE[notes.location]


@pytest.mark.parametrize("least", [0.0, 0.3, 0.6, None])
def test_a_query_takes_every_note_with_a_sentence_that_scores_so(notes: Collection, least: float | None) -> None:
    one = {"query": "chest pain", "assertion": "any"} | ({} if least is None else {"min_score": least})
    found = notes.cohort({"all": [one]})
    expected = {
        (place.patient_id, None if place.patient_id else place.note_id)
        for hit in notes.search("chest pain", ALL, assertion="any", min_score=0.5 if least is None else least)
        for place in notes.places(hit)
    }
    assert {(member.patient_id, member.note_id) for member in found.members} == expected
    assert found.found[0].is_complete
    assert found.found[0].min_score == (0.5 if least is None else least)


def test_a_query_can_take_the_best_alone(notes: Collection) -> None:
    best = notes.search("chest pain", 2, assertion="any")
    found = notes.cohort({"all": [{"query": "chest pain", "assertion": "any", "k": 2}]})
    assert {one.sentence for member in found.members for one in member.evidence} == {hit.sentence for hit in best}


def test_a_query_that_denies_wants_what_denies(notes: Collection) -> None:
    found = notes.cohort({"all": [{"query": "no fever", "min_score": 0.4}]})
    assert found.found[0].assertion == "negated"
    assert {one.said for member in found.members for one in member.evidence} == {("negated",)}


def test_other_names_of_terms_count_unless_they_are_not_wanted(notes: Collection) -> None:
    (both,) = notes.cohort({"all": [{"terms": ["warfarin"]}]}).found
    (alone,) = notes.cohort({"all": [{"terms": ["warfarin"], "synonyms": False}]}).found
    (other,) = notes.cohort({"all": [{"terms": ["coumadin"], "synonyms": False}]}).found
    assert both.notes == alone.notes + other.notes > alone.notes > 0
    assert "Coumadin" in both.searched
    assert alone.searched == ("warfarin",)


def test_an_abbreviation_with_several_meanings_is_taken_as_written_and_told(notes: Collection) -> None:
    (found,) = notes.cohort({"none": [{"terms": ["MS"]}]}).found
    assert (found.searched, found.unclear) == (("MS",), ("MS",))


def test_a_beginning_of_a_word_finds_all_that_begins_so(notes: Collection) -> None:
    begun = notes.cohort({"all": [{"terms": ["warf*"], "synonyms": False}]})
    assert begun.members == notes.cohort({"all": [{"terms": ["warfarin"], "synonyms": False, "name": "warf*"}]}).members


def test_none_alone_is_everyone_else(notes: Collection) -> None:
    found = notes.cohort({"none": [{"where": "A1c > 9"}]})
    assert found.members
    assert all(member.evidence == () for member in found.members)


def test_those_who_lack_a_date_are_counted(notes: Collection) -> None:
    brute = _brute(notes)
    one = {"name": "fever", "terms": ["fever"], "assertion": "any", "synonyms": False}
    everyone = brute.met(one, {})
    (found,) = notes.cohort({"all": [one | {"since": "2024-02-01"}]}).found
    in_time = brute.met(one | {"since": "2024-02-01"}, {})
    undated = {owner for owner, views in everyone.items() if any(view.note.note_datetime is None for view in views)}
    assert found.undated == len(undated - in_time.keys()) > 0
    population = notes.cohort({"all": [one]}).population
    assert population.notes_without_date == sum(record["note_datetime"] is None for record in records())
    assert population.notes_without_patient == sum(record["patient_id"] is None for record in records())


def test_what_notes_in_another_language_say_is_not_guessed(tmp_path: Path, tiny_model: Path) -> None:
    german = "Der Patient ist seit gestern im Krankenhaus und hat kein Fieber. Er hat Diabetes mellitus und nimmt "
    german += "Metformin. Die Wunde ist trocken und der Patient wird morgen nach Hause entlassen, wie besprochen."
    made = [
        {"note_id": "g", "patient_id": "p", "text": german},
        {"note_id": "e", "patient_id": "q", "text": "Diabetes."},
    ]
    notes = indexed(tmp_path, tiny_model, made)
    found = notes.cohort({"all": [{"terms": ["diabetes"]}]})
    assert [member.patient_id for member in found.members] == ["q"]
    assert found.found[0].unread == 1
    anything = notes.cohort({"all": [{"terms": ["diabetes"], "assertion": "any"}]})
    assert [member.patient_id for member in anything.members] == ["p", "q"]


def test_a_section_that_nothing_has_is_told_with_the_nearest(notes: Collection) -> None:
    (found,) = notes.cohort({"none": [{"terms": ["fever"], "sections": ["plam"], "note_types": ["progress"]}]}).found
    assert [(one.field, one.value) for one in found.unmatched] == [("section", "plam")]
    assert "plan" in found.unmatched[0].nearest

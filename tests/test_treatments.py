"""What a text does with a treatment, and queries that ask for it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import clinsearch
from clinsearch import Collection
from clinsearch.language.terminology import Terminology
from clinsearch.language.treatments import FORMS, treatments_in
from clinsearch.records import Hit
from clinsearch.retrieval import QueryReader
from tests.support.command_line import run_on

READER = QueryReader(Terminology.carried())
WARFARIN = (("warfarin",), ("coumadin",))

# What is done with warfarin.
SAID = {
    "Stop warfarin.": ["stopped"],
    "Coumadin was held on admission.": ["stopped"],
    "Coumadin has been on hold since Monday.": ["stopped"],
    "He has been off warfarin for a week.": ["stopped"],
    "She was taken off of her Coumadin.": ["stopped"],
    "The Coumadin, which was discontinued in May, is not needed.": ["stopped"],
    "Aspirin and warfarin were discontinued.": ["stopped"],
    "Warfarin and aspirin were discontinued.": ["stopped"],
    "Stop aspirin and start warfarin 5 mg.": ["started"],
    "He was started on Coumadin 5 mg daily.": ["started"],
    "Warfarin recently started for atrial fibrillation.": ["started"],
    "Restart warfarin after the procedure.": ["restarted"],
    "We will continue her current dose of Coumadin.": ["continued"],
    "She remains on warfarin.": ["continued"],
    "He discontinued Plavix but continues Coumadin.": ["continued"],
    "Warfarin was increased to 7.5 mg.": ["increased"],
    "Decrease the dose of warfarin to 2 mg.": ["decreased"],
    "We consider whether to continue her warfarin, which we held on Friday.": ["continued", "stopped"],
    "Hold Coumadin for three days; then resume warfarin.": ["stopped", "restarted"],
    "She was on warfarin, but she stopped it because of bruises.": ["stopped"],
    "He was put on Coumadin and bled, so that was stopped.": ["started", "stopped"],
    "Continue warfarin, would be better a little higher, we will increase it to 5 mg.": ["continued", "increased"],
    "He is not on warfarin.": ["not taken"],
    "Not currently taking Coumadin.": ["not taken"],
    "There is no immediate indication for warfarin.": ["not taken"],
    "She refused to take warfarin.": ["not taken"],
    "A non-warfarin anticoagulant.": ["not taken"],
    "Allergic to penicillin and Coumadin.": ["allergy"],
    "Warfarin allergy.": ["allergy"],
    "He cannot be taken off Coumadin for six months.": [],
    "Do not stop warfarin.": [],
    "Coumadin 5 mg daily.": [],
    "MEDICATIONS: Coumadin and lisinopril.": [],
    "She has been off and on warfarin.": [],
    "Stop all blood draws by noon after warfarin is given.": [],
    "Stop anti-inflammatories and use warfarin.": [],
    "Stop lisinopril. Coumadin 5 mg daily.": [],
    "Heart rate was reduced.": [],
}


@pytest.mark.parametrize(("text", "said"), SAID.items())
def test_what_is_done_with_a_treatment_is_read(text: str, said: list[str]) -> None:
    found = list(treatments_in(text, WARFARIN))
    assert [one.status for one in found] == said
    for one in found:
        assert text[one.start : one.end].lower() in FORMS[one.status] or one.status == "continued"
        named = text[slice(*one.place)].lower()
        assert "warfarin" in named or "coumadin" in named


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.sampled_from(["stop", "warfarin", "and", "was", "held", "off", ".", ";", "but", "which", "\n", "x"]))
)
def test_any_text_is_read(words: list[str]) -> None:
    text = " ".join(words)
    for one in treatments_in(text, WARFARIN):
        assert 0 <= one.place[0] <= one.start < one.end <= one.place[1] <= len(text)


@pytest.mark.parametrize(
    ("query", "status", "parts"),
    [
        ("stopped warfarin", "stopped", ("stopped warfarin",)),
        ("started on insulin", "started", ("started on insulin",)),
        ("held metformin because of contrast", "stopped", ("held metformin", "contrast")),
        ("increased lasix", "increased", ("increased lasix",)),
        ("weaned off oxygen", "stopped", ("weaned off oxygen",)),
        ("tapered prednisone", "decreased", ("tapered prednisone",)),
        ("restarted Coumadin", "restarted", ("restarted Coumadin",)),
        ("warfarin with GI bleed", "taken", ("warfarin", "GI bleed")),
        ("heart failure not on beta blocker", "not taken", ("heart failure", "not on beta blocker")),
        ("penicillin allergy", "allergy", ("penicillin allergy",)),
        ("cannot tolerate statins", "allergy", ("cannot tolerate statins",)),
        ("HIV with low CD4 off antiretrovirals", "stopped", ("HIV", "low CD4", "off antiretrovirals")),
        ("lung cancer refused chemotherapy", "not taken", ("lung cancer", "refused chemotherapy")),
        ("renal failure on NSAID", "taken", ("renal failure", "NSAID")),
        ("no steroids", None, ()),
        ("started feeling dizzy", None, ()),
        ("fever stopped", None, ()),
    ],
)
def test_a_query_asks_for_what_is_said_of_a_treatment(query: str, status: str | None, parts: tuple[str, ...]) -> None:
    read = READER.read(query)
    assert (read.treatment and read.treatment.status) == status
    assert tuple(part.text for part in read.parts) == parts


NOTES = {
    "held": "HOSPITAL COURSE: Coumadin was held on admission. CHIEF COMPLAINT: GI bleed.",
    "continued": "PLAN: We will continue warfarin. He denies melena.",
    "listed": "MEDICATIONS: Warfarin 5 mg daily. Skin is dry.",
    "both": "Warfarin was discontinued because of a GI bleed. He walks a mile.",
    "bleed": "CHIEF COMPLAINT: GI bleed. He takes aspirin.",
    "neither": "The knee is swollen. She sleeps well.",
}


@pytest.fixture(scope="module")
def notes(tmp_path_factory: pytest.TempPathFactory) -> Collection:
    folder = tmp_path_factory.mktemp("changes")
    (folder / "notes").mkdir()
    for name, text in NOTES.items():
        (folder / "notes" / f"{name}.txt").write_text(text)
    clinsearch.index(folder / "notes", folder / "c", tokens=False)
    return Collection(folder / "c")


def by_note(hits: Sequence[Hit]) -> dict[str, Hit]:
    found: dict[str, Hit] = {}
    for hit in hits:
        found.setdefault(hit.note_id.removesuffix(".txt"), hit)
    return found


def test_the_opposite_is_told_and_stands_behind(notes: Collection) -> None:
    hits = by_note(notes.search("stopped warfarin", k=6))
    names = list(hits)
    assert set(names[:2]) == {"held", "both"}
    parts = {name: hit.parts for name, hit in hits.items()}
    assert parts["continued"]
    assert parts["continued"].treatment == "continued"
    assert parts["continued"].assertion < 0
    assert parts["held"]
    assert (parts["held"].treatment, parts["held"].assertion) == (None, 0)
    for hit in hits.values():
        assert hit.parts
        part = hit.parts
        assert hit.score == pytest.approx(part.vector + part.keyword + part.required + part.assertion, abs=1e-6)
    shown = run_on(notes.location, "search", "stopped warfarin", "-k", "6")
    assert "continued here" in shown.stdout


def test_assertions_that_count_for_nothing_leave_changes_out_too(notes: Collection) -> None:
    hits = by_note(notes.search("stopped warfarin", k=6, assertion="any"))
    assert all(hit.parts and hit.parts.treatment is None and hit.parts.assertion == 0 for hit in hits.values())


def test_a_sentence_that_has_all_stands_before_those_that_have_half(notes: Collection) -> None:
    hits = notes.search("stopped warfarin because of GI bleed", k=20)
    assert hits[0].note_id.startswith("both")
    assert hits[0].parts
    assert hits[0].parts.lacking == ()
    lacking = {name: hit.parts.lacking for name, hit in by_note(hits).items() if hit.parts}
    assert lacking["bleed"] == ("stopped warfarin",)
    assert lacking["neither"] == ("stopped warfarin", "GI bleed")
    assert {hit.parts.lacking for hit in hits if hit.parts and hit.note_id.startswith("held")} <= {
        ("GI bleed",),
        ("stopped warfarin",),
    }


def test_notes_tell_what_is_not_found_and_what_is_said_otherwise(notes: Collection) -> None:
    hits = by_note(notes.search("stopped warfarin because of GI bleed", level="note", k=6))
    assert list(hits)[:2] in (["both", "held"], ["held", "both"])
    found = {
        name: [(one.is_met, one.treatment) for one in hit.parts.evidence] for name, hit in hits.items() if hit.parts
    }
    assert found["both"] == found["held"] == [(True, None)] * 2
    assert found["continued"][0] == (False, "continued")
    assert found["bleed"] == [(False, None), (True, None)]
    shown = run_on(notes.location, "search", "stopped warfarin because of GI bleed", "--level", "note")
    assert "stopped warfarin, continued 0." in shown.stdout
    assert "stopped warfarin, not found" in shown.stdout
    assert "No note here has all" not in shown.stdout


def test_where_nothing_has_all_that_is_said_first(notes: Collection) -> None:
    of_notes = run_on(notes.location, "search", "stopped aspirin because of a swollen knee", "--level", "note")
    assert of_notes.stdout.startswith("No note here has all of it.")
    of_sentences = run_on(notes.location, "search", "swollen knee and GI bleed")
    assert of_sentences.stdout.startswith("No sentence here says all of that")
    assert "not here: swollen knee" in of_sentences.stdout


def test_a_kind_of_drugs_finds_its_members_and_not_the_other_way_round(notes: Collection) -> None:
    hits = by_note(notes.search("blood thinner", k=3))
    assert set(hits) <= {"held", "continued", "listed", "both"}
    named = {(term.term.lower(), term.stands_for) for hit in hits.values() if hit.parts for term in hit.parts.terms}
    assert named & {("warfarin", "blood thinner"), ("coumadin", "blood thinner")}
    members = {one.text for part in READER.read("warfarin").expansions for one in part.alternatives}
    assert not members & {"heparin", "apixaban", "anticoagulant"}
    plain = by_note(notes.search("blood thinner", k=3, synonyms=False))
    assert all(not term.stands_for for hit in plain.values() if hit.parts for term in hit.parts.terms)


@pytest.mark.parametrize(
    ("asked", "text", "section", "status", "apart"),
    [
        ("warfarin", "Warfarin 5 mg daily.", None, None, 0.0),
        ("warfarin", "Warfarin was stopped.", None, None, 0.0),
        ("warfarin", "He is not on Coumadin.", None, "not taken", 1.0),
        ("warfarin", "1. Coumadin.", "allergies", "allergy", 1.0),
        ("warfarin", "ALLERGIES: TO SULFA, COUMADIN.", None, "allergy", 1.0),
        ("cannot tolerate warfarin", "ALLERGIES: TO SULFA, COUMADIN.", None, None, 0.0),
        ("warfarin", "Heart rate 80.", "allergies", None, 0.0),
        ("warfarin allergy", "1. Coumadin.", "allergies", None, 0.0),
        ("warfarin allergy", "Coumadin 5 mg.", "medications", None, 0.7),
        ("not on warfarin", "Coumadin 5 mg.", "medications", None, 1.0),
        ("not on warfarin", "Warfarin was stopped.", None, "stopped", 0.3),
        ("stopped warfarin", "Continue Coumadin.", None, "continued", 1.0),
        ("stopped warfarin", "Aspirin was stopped.", None, None, 0.5),
        ("restarted warfarin", "Coumadin was started.", None, "started", 0.3),
    ],
)
def test_how_far_a_text_is_from_what_is_asked_of_a_treatment(
    asked: str, text: str, section: str | None, status: str | None, apart: float
) -> None:
    treatment = READER.read(asked).treatment
    assert treatment
    assert treatment.apart(text, section) == (apart, status)


def test_letters_count_for_a_thing_only_where_they_can_mean_it(tmp_path: Path) -> None:
    texts = {
        "back": "There is bilateral SI joint tenderness and low back pain with sacroiliac pain.",
        "mind": "He denies SI or HI, mood depressed, no suicidal plan.",
        "asked": "She has suicidal ideation.",
    }
    (tmp_path / "notes").mkdir()
    for name, text in texts.items():
        (tmp_path / "notes" / f"{name}.txt").write_text(text)
    clinsearch.index(tmp_path / "notes", tmp_path / "c", tokens=False)
    hits = by_note(Collection(tmp_path / "c").search("suicidal ideation", k=3, assertion="any"))
    named = {name: {term.term for term in hit.parts.terms} for name, hit in hits.items() if hit.parts}
    assert "SI" in named["mind"]
    assert "SI" not in named["back"]

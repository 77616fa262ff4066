"""How a query is read: what it was meant to say, in which other words, and what each answer must have."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clinsearch.language.spelling import Speller
from clinsearch.language.terminology import Terminology
from clinsearch.language.terms import terms_of
from clinsearch.retrieval import QueryReader
from clinsearch.retrieval.keywords import STOP_TERMS
from clinsearch.retrieval.reading import OtherWording

TERMINOLOGY = Terminology.carried()
SPELLER = Speller({"fever": 90, "cough": 90}, TERMINOLOGY)
READER = QueryReader(TERMINOLOGY, SPELLER)


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("pnuemonia", "pneumonia"),
        ("diabtes  melitus, fever", "diabetes  mellitus, fever"),
        ("no pnuemonia (right)", "no pneumonia (right)"),
        ('"pnuemonia"', '"pnuemonia"'),
        ('"pnuemonia" pnuemonia', '"pnuemonia" pneumonia'),
        ("\u201cpnuemonia\u201d pnuemonia", "\u201cpnuemonia\u201d pneumonia"),
        ('"pnuemonia of the lung"', '"pnuemonia of the lung"'),
        ("pnuemon* diabtes", "pnuemon* diabetes"),
        ("fever and cough", "fever and cough"),
        ("", ""),
    ],
)
def test_misspelt_words_are_put_right_but_in_quotation_marks(written: str, text: str) -> None:
    read = READER.read(written)
    assert read.text == text
    for one in read.corrections:
        assert one.written in written
        assert one.corrected in text
    assert bool(read.corrections) == (written != text)
    assert QueryReader(TERMINOLOGY).read(written).text == written


def test_a_text_to_find_similar_ones_for_is_left_as_it_is() -> None:
    text = "SOB with pnuemonia. Fever. Cough. No edema."
    read = READER.read(text)
    assert (read.text, read.meant) == (text, text)
    assert (read.others, read.expansions, read.conditions, read.parts, read.corrections) == ((),) * 5
    assert READER.read("SOB with pnuemonia. Fever. Cough.").corrections


def test_words_of_a_long_query_are_not_looked_up() -> None:
    short = "pnuemonia " + "fever " * 15
    assert READER.read(short).corrections
    assert READER.read(short + "fever").text == short + "fever"


def test_without_a_terminology_words_mean_what_they_say() -> None:
    read = QueryReader(None, SPELLER).read("SOB and pnuemonia, INR over 3")
    assert read.text == read.meant == "SOB and pneumonia, INR over 3"
    assert (read.others, read.expansions, read.parts) == ((), (), ())
    assert [(one.name, one.low) for one in read.conditions] == [("inr", 3.0)]


def test_abbreviations_are_written_out() -> None:
    read = READER.read("r/o PE s/p CABG")
    assert read.meant == "rule out pulmonary embolism status post coronary artery bypass graft"
    assert [one.written for one in read.expansions] == ["r/o", "PE", "s/p", "CABG"]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("creatinine over 2", ["creatinine"]),
        ("creatinne over 2", ["creatinine"]),
        ("s/p CABG, creatinine over 2", ["creatinine"]),
        ("creatinine 2.1 and sepsis", ["creatinine"]),
        ("acute kidney injury after surgery, creatinine 2.1", []),
        ("elderly man who was found down at home with sepsis, creatinine over 2", []),
        ("sepsis", []),
    ],
)
def test_values_are_asked_for_where_little_stands_beside_them(query: str, names: list[str]) -> None:
    assert [one.name for one in READER.read(query).conditions] == names


QUERIES = ["SOB", "kidney stones", "chest pain and SOB", "htn, dm", "heart attack with fever", "no known names", "PE"]


def swapped(meant: str) -> set[str]:
    """Return a query with any one of its names replaced by any other."""
    return {
        meant[: one.start] + other.text + meant[one.end :]
        for one in TERMINOLOGY.expansions(meant)
        for other in one.alternatives
        if one.kind in ("abbreviation", "synonym")
    }


@given(st.lists(st.sampled_from(QUERIES), min_size=1, max_size=3).map(", ".join))
@settings(max_examples=60, deadline=None)
def test_other_wordings_have_one_name_replaced_by_one_in_other_words(query: str) -> None:
    read = READER.read(query)
    others = [one.text for one in read.others if not one.having]
    assert len(others) <= 3
    assert len(set(others)) == len(others)
    assert set(others) <= swapped(read.meant)
    for other in others:
        new, old = set(terms_of(other)) - STOP_TERMS, set(terms_of(read.meant)) - STOP_TERMS
        assert new - old, other


def test_each_name_of_a_query_is_replaced_before_any_is_again() -> None:
    read = READER.read("chest pain, kidney stones")
    assert "kidney stones" in read.others[0].text
    assert "chest pain" in read.others[1].text


@pytest.mark.parametrize(
    ("query", "text", "having"),
    [
        ("jugular venous distention", "JVD", ("jvd",)),
        ("mild jugular venous distention", "mild JVD", ("jvd",)),
        ("TIA", "TIA", ("tia",)),
        ("hx of TIA", "hx of TIA", ("tia",)),
    ],
)
def test_a_query_is_also_read_with_an_abbreviation_for_texts_that_have_it(
    query: str, text: str, having: tuple[str, ...]
) -> None:
    assert OtherWording(text, having) in READER.read(query).others


@given(st.lists(st.sampled_from(QUERIES), min_size=1, max_size=3).map(", ".join))
@settings(max_examples=60, deadline=None)
def test_what_a_wording_wants_texts_to_have_stands_in_it(query: str) -> None:
    abbreviated = [one for one in READER.read(query).others if one.having]
    assert len(abbreviated) <= 1
    assert all(set(one.having) <= set(terms_of(one.text)) for one in abbreviated)


@pytest.mark.parametrize(
    ("query", "parts"),
    [
        ("warfarin with GI bleed", ["warfarin", "GI bleed"]),
        ("diabetes and hypertension on metoprolol", ["diabetes", "hypertension", "metoprolol"]),
        ("murmur on exam", []),
        ("patients with cirrhosis who have ascites", ["cirrhosis", "ascites"]),
        ("chest pain without fever", ["chest pain", "without fever"]),
        ("fever over 38 and cough", ["fever over 38", "cough"]),
        ("all patients with sepsis", []),
        ("shortness of breath", []),
        ("what is the dose of warfarin and heparin?", []),
        ('"fever and cough"', []),
        ("he was seen for fever and cough and he then went home with his wife and child", []),
        ("", []),
    ],
)
def test_a_query_asks_for_these_things(query: str, parts: list[str]) -> None:
    assert [part.text for part in READER.read(query).parts] == parts


def test_a_name_is_one_thing_whatever_joins_its_words() -> None:
    (one,) = TERMINOLOGY.expansions("shortness of breath on exertion")
    assert one.written == "shortness of breath on exertion"
    assert READER.read(one.written).parts == ()


def test_each_part_is_read_as_a_query() -> None:
    alone, both = READER.read("SOB"), READER.read("pnuemonia with SOB")
    assert both.text == "pneumonia with SOB"
    assert [part.text for part in both.parts] == ["pneumonia", "SOB"]
    assert both.parts[1] == alone

"""What the carried terminology reads in a query."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.terminology import HALVES, judgements, rows, scores
from benchmarks.terminology import QUERIES as GOLD
from clinsearch.language.terminology import Terminology
from clinsearch.language.terminology.carried import FOLDER, CarriedTerms
from clinsearch.language.terms import terms_of
from clinsearch.records.expansions import Expansion

TERMINOLOGY = Terminology.carried()
# A query of whatever people may type: abbreviations, marks, names, blanks, letters of other scripts.
PIECES = st.sampled_from(
    [
        "PE",
        "r/o ",
        "s/p",
        "SOB",
        "w/",
        "US",
        "it",
        " ",
        "  ",
        '"',
        ".",
        ":",
        "\n",
        "/",
        "2/2",
        "kidney stones",
        "65",
        "y/o",
    ]
)
QUERY = st.lists(st.one_of(PIECES, st.text(max_size=6)), max_size=12).map("".join)


def read(query: str) -> dict[str, Expansion]:
    return {one.written: one for one in TERMINOLOGY.expansions(query)}


def texts(expansion: Expansion) -> list[str]:
    return [one.text for one in expansion.alternatives]


@pytest.mark.parametrize("half", HALVES)
def test_the_gold_queries_are_read_as_they_should_be(half: str) -> None:
    least = {"long_forms": 0.95, "synonyms": 0.9, "untouched": 0.85, "long_form": 1.0}
    for measure, (right, of) in scores(half, TERMINOLOGY).items():
        assert right / of >= least[measure], measure


def test_every_gold_query_asks_for_something() -> None:
    assert len(rows(GOLD)) >= 120
    for row in rows(GOLD):
        assert list(judgements(row, TERMINOLOGY)), row["query"]


@given(QUERY)
@settings(max_examples=300, deadline=None)
def test_spans_are_of_the_query_in_order_and_never_too_many(query: str) -> None:
    done = 0
    for one in TERMINOLOGY.expansions(query):
        assert done <= one.start < one.end <= len(query)
        assert one.written == query[one.start : one.end]
        assert 1 <= len(one.alternatives) <= 6
        assert all(0 < other.weight <= 1 and other.text for other in one.alternatives)
        assert len({other.sense for other in one.alternatives}) <= 2
        done = one.end
    TERMINOLOGY.long_form(query)


@given(QUERY)
@settings(max_examples=200, deadline=None)
def test_nothing_is_read_in_quotation_marks(query: str) -> None:
    quoted = [match.span() for match in re.finditer(r'"[^"]*"', query)]
    for one in TERMINOLOGY.expansions(query):
        assert not any(start < one.end and one.start < end for start, end in quoted)


def test_both_senses_are_kept_with_their_weights_where_nothing_tells_them_apart() -> None:
    expansion = read("PND")["PND"]
    assert expansion.sense == ""
    assert {one.sense for one in expansion.alternatives} == {"paroxysmal nocturnal dyspnea", "postnasal drip"}
    assert TERMINOLOGY.long_form("PND") == "PND"


def test_what_heads_a_section_is_seldom_asked_for() -> None:
    assert read("PE")["PE"].sense == "pulmonary embolism"
    assert read("PE after hip fracture surgery")["PE"].sense == "pulmonary embolism"
    assert read("PE: lungs clear")["PE"].sense == "physical examination"


def test_other_words_of_the_query_tell_the_sense() -> None:
    assert read("PE and DVT")["PE"].sense == "pulmonary embolism"
    assert read("PE: lungs clear")["PE"].sense == "physical examination"
    assert read("RA on methotrexate")["RA"].sense == "rheumatoid arthritis"
    assert read("satting 97% on RA")["RA"].sense == "room air"
    assert read("10 cc of saline")["cc"].sense == "cubic centimeters"


def test_function_words_say_what_they_mean() -> None:
    found = read("r/o PE s/p CABG w/o SOB")
    assert [(one.kind, one.sense) for one in found.values()][:3] == [
        ("function", "possible"),
        ("abbreviation", "pulmonary embolism"),
        ("function", "past"),
    ]
    assert found["w/o"].sense == "without"


@pytest.mark.parametrize(
    ("query", "long"),
    [
        ("r/o PE", "rule out pulmonary embolism"),
        ("s/p CABG", "status post coronary artery bypass graft"),
        ("hx of MI", "history of myocardial infarction"),
        ("SOB", "shortness of breath"),
        ("w/SOB", "with shortness of breath"),
        ('"SOB" and HTN', '"SOB" and hypertension'),
        ("it hurts", "it hurts"),
        ("", ""),
    ],
)
def test_a_query_is_written_out(query: str, long: str) -> None:
    assert TERMINOLOGY.long_form(query) == long


@pytest.mark.parametrize(
    "query",
    [
        "US citizen",
        "tell us",
        "it hurts",
        "as is",
        "I'm well",
        "she met him",
        "i.e. so",
        "the U.S. army",
        "on the 2nd",
        "card*",
    ],
)
def test_words_are_no_abbreviations(query: str) -> None:
    assert [one for one in TERMINOLOGY.expansions(query) if one.kind in ("abbreviation", "function")] == []


def test_capitals_say_nothing_where_all_is_in_capitals() -> None:
    assert "US" in read("US of the liver")
    assert "IT" not in read("PATIENT SAYS IT HURTS")
    assert read("FEVER AND SOB")["SOB"].sense == "shortness of breath"


def test_parts_that_stand_apart_are_no_abbreviation() -> None:
    assert "s/p" in read("s/p fall")
    assert read("s p") == {}
    assert "2/2" not in read("seen on 2/2/2021")
    assert "a fib" in read("a fib with rvr")


def test_the_longest_entry_is_read() -> None:
    assert list(read("chronic kidney disease")) == ["chronic kidney disease"]
    assert "CKD" in texts(read("chronic kidney disease")["chronic kidney disease"])


def test_names_of_one_thing_are_given_for_each_other() -> None:
    for one, other in (
        ("myocardial infarction", "heart attack"),
        ("melena", "black tarry stools"),
        ("Coumadin", "warfarin"),
        ("cholecystectomy", "gallbladder removal"),
    ):
        assert other.lower() in [text.lower() for text in texts(read(one)[one])]
        assert one.lower() in [text.lower() for text in texts(read(other)[other])]


def test_british_spellings_are_known_by_what_american_ones_are() -> None:
    assert texts(read("haemorrhage")["haemorrhage"])[0] == "hemorrhage"
    assert read("haemorrhage")["haemorrhage"].kind == "spelling variant"
    assert "esophageal varices" in texts(read("oesophageal varices")["oesophageal varices"])


def test_forms_of_a_word_weigh_less_than_names() -> None:
    (form,) = [one for one in read("anemic")["anemic"].alternatives if one.text == "anemia"]
    (name,) = [one for one in read("anemia")["anemia"].alternatives if one.text == "low hemoglobin"]
    assert 0 < form.weight <= name.weight
    assert read("infarct")["infarct"].kind == "spelling variant"


def test_a_text_is_no_query() -> None:
    assert TERMINOLOGY.expansions("SOB and fever. " * 300) == []


def test_the_carried_lines_are_in_order_and_found() -> None:
    lines = (FOLDER / "terms.txt").read_bytes().splitlines()
    assert lines == sorted(lines)
    carried = CarriedTerms()
    for line in lines[::97]:
        key = line.decode().split("\t")[0]
        assert carried.find(key), key
        assert " ".join(terms_of(key)) == key or "\tV\t" in line.decode()


def test_carried_words_are_found_and_others_are_not() -> None:
    words = TERMINOLOGY.words
    for word in ("pneumonia", "metoprolol", "abdomen", "haemorrhage", "nguyen"):
        assert word in words
    for word in ("pnuemonia", "", "zzzz", "naïve", "a" * 40):
        assert word not in words
    assert words.is_drug("metoprolol")
    assert not words.is_drug("abdomen")
    assert words.rank("pain") > words.rank("koilonychia")

"""The queries that are judged on real notes, and how they are scored: against figures worked out by hand."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace

import pytest

from benchmarks.queries import (
    HALVES,
    KINDS,
    Judgements,
    Place,
    Query,
    grade,
    known_grades,
    measure,
    read_judgements,
    read_queries,
    score,
)

FEVER = Query("q", "plain", "tune", "sentence", "fever", pattern=r"\bfever", except_pattern=r"\bno fever")
NOTHING: Judgements = {}


def placed(text: str, note_id: str = "n", start: int = 0) -> Place:
    return Place(note_id, start, start + len(text), text)


def test_a_sentence_that_is_not_judged_is_graded_by_the_pattern() -> None:
    texts = ("FEVER to 102.", "No fever.", "Cough.")
    assert [grade(FEVER, NOTHING, placed(text)) for text in texts] == [2, 0, 0]
    assert grade(replace(FEVER, level="note"), NOTHING, Place("n")) == 0


@pytest.mark.parametrize(("start", "found"), [(0, 1), (5, 1), (6, 0), (-5, 1)])
def test_a_sentence_is_judged_that_shares_half_with_a_judged_one(start: int, found: int) -> None:
    judged: Judgements = {("q", "n"): [(Place("n", 0, 10), 1)]}
    assert grade(FEVER, judged, Place("n", start, start + 10, "No fever.")) == found
    assert grade(FEVER, judged, Place("other", start, start + 10, "No fever.")) == 0


def test_of_judged_ones_that_one_counts_that_shares_most() -> None:
    judged: Judgements = {("q", "n"): [(Place("n", 0, 6), 2), (Place("n", 6, 20), 1)]}
    assert grade(FEVER, judged, Place("n", 2, 16)) == 1


def test_the_best_ranking_has_each_text_once_and_ten_at_most() -> None:
    places = [placed("Fever.", "n"), placed("Fever.", "m"), placed("No fever."), placed("Cough.", start=50), Place("n")]
    judged: Judgements = {("q", "n"): [(Place("n", 50, 56), 1)]}
    assert known_grades(FEVER, judged, places) == [2, 1]
    assert known_grades(FEVER, NOTHING, [placed(f"Fever {n}.") for n in range(12)]) == [2] * 10


def test_the_measures_are_those_worked_out_by_hand() -> None:
    found = score([0, 2, 1], [2, 2, 1])
    assert (found.relevant, found.best) == (1, 2)
    assert found.ndcg == pytest.approx((2 / 1.58496 + 1 / 2) / (2 + 2 / 1.58496 + 1 / 2), abs=1e-5)
    assert score([0, 0], []).ndcg is None


def test_a_misspelt_query_is_asked_in_both_spellings() -> None:
    query = replace(FEVER, kind="spelling", text="feaver", spelt="fever")
    fever, cough = placed("Fever."), placed("Cough.", start=10)
    found = measure([query], NOTHING, [fever, cough], lambda text, _: [fever if text == "fever" else cough])
    assert {name: one.relevant for name, one in found.items()} == {"q": 0, "q right": 1}


def test_the_gold_queries_are_whole() -> None:
    queries, judged = read_queries(), read_judgements()
    ids = {query.id for query in queries}
    assert len(ids) == len(queries) >= 160
    assert {query_id for query_id, _ in judged} == ids
    assert {value for of in judged.values() for _, value in of} == {0, 1, 2}
    for query in queries:
        assert all(re.compile(one or "") for one in (query.pattern, query.except_pattern))
        assert (query.level == "note") == (query.pattern is None) == (query.kind == "several")
        assert (query.spelt is not None) == (query.kind == "spelling")


def test_each_half_has_as_many_gold_queries_of_a_kind() -> None:
    counts = Counter((query.kind, query.half) for query in read_queries())
    assert counts.keys() == {(kind, half) for kind in KINDS for half in HALVES}
    assert all(abs(counts[kind, "tune"] - counts[kind, "apart"]) <= 1 for kind in KINDS)

"""Misspelt words are put right, and right ones left alone."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.spelling import HALVES, corrected, rows, score
from clinsearch.language import edits
from clinsearch.language.edits import A, distances, places_of
from clinsearch.language.spelling import Speller
from clinsearch.language.terminology import Terminology

SPELLER = Speller({}, Terminology.carried())
WORD = st.text(alphabet="abceinosz", min_size=1, max_size=8)


def gap(word: str, at: int) -> float:
    """What a letter costs to be too many, or missing, by the rules."""
    before = word[at - 1] if at else ""
    if word[at] == before:
        return edits.DOUBLING
    if before == "s" and word[at] == "c":
        return edits.SOUND
    return edits.SILENT if word[at] in "aeiouhp" else 1.0


def plain_distance(one: str, other: str) -> float:
    """Optimal string alignment as the textbook has it, cell by cell."""
    table = np.zeros((len(one) + 1, len(other) + 1))
    for i in range(len(one)):
        table[i + 1, 0] = table[i, 0] + gap(one, i)
    for j in range(len(other)):
        table[0, j + 1] = table[0, j] + gap(other, j)
    for i in range(1, len(one) + 1):
        for j in range(1, len(other) + 1):
            replaced = table[i - 1, j - 1] + edits.SUBSTITUTIONS[ord(one[i - 1]) - A, ord(other[j - 1]) - A]
            best = min(replaced, table[i - 1, j] + gap(one, i - 1), table[i, j - 1] + gap(other, j - 1))
            if i > 1 and j > 1 and one[i - 1] == other[j - 2] and one[i - 2] == other[j - 1]:
                best = min(best, table[i - 2, j - 2] + edits.SWAP)
            table[i, j] = best
    return float(table[-1, -1]) + edits.FIRST * (one[0] != other[0])


@given(WORD, st.lists(WORD, min_size=1, max_size=5))
@settings(max_examples=200, deadline=None)
def test_distances_are_those_of_the_textbook(word: str, others: list[str]) -> None:
    letters = np.full((len(others), 9), edits.PAD, dtype=np.intp)
    for row, other in enumerate(others):
        letters[row, : len(other)] = places_of(other)
    found = distances(word, letters, np.array([len(other) for other in others]))
    assert found == pytest.approx([plain_distance(word, other) for other in others], abs=1e-5)


@pytest.mark.parametrize("half", HALVES)
def test_the_gold_misspellings_are_put_right(half: str) -> None:
    found = score(SPELLER, half)
    assert found.misspelt >= 75
    assert found.right / found.misspelt >= 0.93
    assert found.wrong / found.misspelt <= 0.04
    assert found.kept >= 30
    assert found.changed <= 1


def test_known_drugs_are_never_put_for_each_other() -> None:
    drugs = [row["written"] for half in HALVES for row in rows("right_words.jsonl", half)]
    for drug in filter(Terminology.carried().is_drug, drugs):
        assert SPELLER.correct(drug) is None


def test_between_two_drugs_that_are_as_near_none_is_chosen() -> None:
    for word in ("prednisolne", "tramadone", "clonipin"):  # -sone or -solone, trazodone or tramadol, ...
        assert SPELLER.correct(word) is None, word
    for word, drug in (("lamictil", "lamictal"), ("lamisal", "lamisil"), ("hydralizine", "hydralazine")):
        assert corrected(SPELLER, word) == drug


@pytest.mark.parametrize(
    "word", ["abc", "hb1ac", "T2DM", "x-rya", "", "naïvté", "BRBPR", "XQZV", "Kowalczyk", "a" * 60]
)
def test_what_may_be_right_is_left_alone(word: str) -> None:
    assert SPELLER.correct(word) is None


def test_a_word_of_the_notes_is_right_and_may_be_meant() -> None:
    speller = Speller({"zylkene": 40, "pnuemonia": 1}, Terminology.carried())
    assert speller.correct("pnuemonia") is None
    assert corrected(speller, "zylkenne") == "zylkene"
    assert SPELLER.correct("zylkenne") is None


def test_frequencies_may_be_looked_up_by_a_function() -> None:
    counted = {"diabete": 900}
    speller = Speller(lambda term: counted.get(term, 0), Terminology.carried())
    found = speller.correct("diabtes")
    assert found is not None
    assert (found.written, found.corrected) == ("diabtes", "diabetes")
    assert 0 < found.distance <= 1


def test_what_notes_have_more_often_is_meant() -> None:
    for often in ("lesion", "legion"):
        assert corrected(Speller({often: 5000}, Terminology.carried()), "lexion") == often


def test_a_rare_word_is_meant_only_where_notes_have_it() -> None:
    assert corrected(Speller({"fender": 50}, Terminology.carried()), "fendder") == "fender"
    assert corrected(SPELLER, "fendder") != "fender"


def test_two_words_of_a_query_are_each_put_right() -> None:
    assert [corrected(SPELLER, word) for word in ["diabtes", "melitus"]] == ["diabetes", "mellitus"]


def test_a_word_near_one_with_an_apostrophe_or_as_long_as_none_is_answered() -> None:
    speller = Speller({}, Terminology.carried())
    for word in ("oundis", "strokeokeo" + "ke" * 12, "strokeokeoke"):
        found = speller.correct(word)
        assert found is None or found.corrected.isalpha()

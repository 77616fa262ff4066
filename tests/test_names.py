"""Other names of a query's words: of each thing the name counts that a text has the most of, as plain Python has it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clinsearch.language.assertions import find_assertions
from clinsearch.language.terms import terms_of
from clinsearch.records import Said
from clinsearch.records.expansions import Alternative, Expansion, ExpansionKind
from clinsearch.retrieval.agreement import by_other_names, said_of
from clinsearch.retrieval.keywords import STOP_TERMS, Keywords
from clinsearch.retrieval.names import NameColumns, read_names
from clinsearch.storage.folder.database import open_engine, transaction
from clinsearch.storage.folder.keywords import KeywordIndex, add_terms
from clinsearch.storage.folder.writer import Writer

TEXTS = [
    "SOB at rest, with some edema.",
    "Shortness of breath and leg swelling.",
    "SOB: shortness of breath, dyspnea, dyspnea again.",
    "Short of breath? The breath is of shortness.",
    "Dyspnea with edema and swelling of both legs, worse at night.",
    "Angina, not chest pain.",
    "Chest pain at rest; chest pain at night, pain in the back.",
    "Angina pectoris, angina at rest.",
    "Knee replaced.",
]


@dataclass(frozen=True)
class Thing:
    """Words of a query that name one thing, and its other names with their weights."""

    own: str
    kind: ExpansionKind
    others: dict[str, float]


BREATH = Thing("SOB", "abbreviation", {"shortness of breath": 1.0, "dyspnea": 0.9, "orthopnea": 0.9})
SWELLING = Thing("swelling", "synonym", {"edema": 0.9})
PAIN = Thing("chest pain", "synonym", {"angina": 0.9, "angina pectoris": 0.8})


def expansion(query: str, thing: Thing) -> Expansion:
    start = query.index(thing.own)
    others = tuple(Alternative(text, weight) for text, weight in thing.others.items())
    return Expansion(start, start + len(thing.own), thing.own, thing.kind, others)


def times(phrase: Sequence[str], terms: Sequence[str]) -> int:
    return sum(list(phrase) == terms[at : at + len(phrase)] for at in range(len(terms)))


def times_beside(pair: tuple[str, str], terms: Sequence[str]) -> int:
    """Count where two terms have only stop words between them."""
    return list(pairwise(term for term in terms if term not in STOP_TERMS)).count(pair)


class Plain:
    """BM25 of a query, of each thing by the best of its names."""

    def __init__(self, query: str, things: Sequence[Thing]) -> None:
        self.listed = [terms_of(text) for text in TEXTS]
        self.asked = [term for term in terms_of(query) if term not in STOP_TERMS]
        self.things = things
        self.rarity = {term: self.idf(self.having(term)) for term in self.asked}
        for thing in things:
            if thing.kind == "abbreviation":
                (own,) = terms_of(thing.own)
                by_any_name = sum(min(map(self.having, terms_of(name))) for name in thing.others)
                self.rarity[own] = self.idf(self.having(own) + by_any_name)

    def having(self, term: str) -> int:
        return sum(term in terms for terms in self.listed)

    def idf(self, having: int) -> float:
        return math.log(1 + (max(len(TEXTS), having) - having + 0.5) / (having + 0.5))

    def weight(self, pair: tuple[str, str]) -> float:
        return 0.65 * ((self.rarity[pair[0]] + self.rarity[pair[1]]) / 2) ** 2

    def score(self, terms: Sequence[str]) -> float:
        mean = sum(map(len, self.listed)) / len(self.listed)

        def bm25(count: int) -> float:
            return count * 2.2 / (count + 1.2 * (0.25 + 0.75 * len(terms) / mean))

        pairs = list(pairwise(self.asked))
        singles = {term: bm25(times([term], terms)) * self.rarity[term] ** 2 for term in self.asked}
        paired = {pair: bm25(times_beside(pair, terms)) * self.weight(pair) for pair in pairs}
        total = sum(singles.values()) + sum(paired.values())
        for thing in self.things:
            own = terms_of(thing.own)
            of_own = sum(singles[term] for term in own) + sum(paired.get(pair, 0.0) for pair in pairwise(own))
            weight = sum(self.rarity[term] ** 2 for term in own) + sum(map(self.weight, pairwise(own)))
            of_others = [bm25(times(terms_of(name), terms)) * part * weight for name, part in thing.others.items()]
            total += max(of_own, *of_others) - of_own
        return total


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory):
    folder: Path = tmp_path_factory.mktemp("names") / "c"
    with Writer(folder, create=True):
        pass
    listed = {key: terms_of(text) for key, text in enumerate(TEXTS, start=1)}
    with transaction(open_engine(folder, writing=True), folder) as connection:
        add_terms(connection, "sentence", listed)
        for name, rows in (("sentences", len(listed)), ("sentence_terms", sum(map(len, listed.values())))):
            connection.exec_driver_sql("UPDATE counts SET rows = ? WHERE name = ?", (rows, name))
        yield KeywordIndex(connection, "sentence")


@pytest.mark.parametrize(
    ("query", "things"),
    [
        ("SOB", [BREATH]),
        ("swelling at night", [SWELLING]),
        ("SOB with swelling", [BREATH, SWELLING]),
        ("chest pain", [PAIN]),
        ("chest pain and SOB at rest", [PAIN, BREATH]),
        ("knee pain", []),
    ],
)
def test_of_each_thing_only_the_best_name_counts(index: KeywordIndex, query: str, things: list[Thing]) -> None:
    keywords = Keywords(index, query, [expansion(query, thing) for thing in things])
    scores = keywords.scores(TEXTS).sum(axis=1)
    plain = Plain(query, things)
    assert scores == pytest.approx(np.array([plain.score(terms) for terms in plain.listed]), rel=1e-5, abs=1e-6)
    assert scores.max() > 0
    assert scores.max() <= keywords.most
    assert keywords.has_names == bool(things)


def test_a_name_that_stands_nowhere_is_not_looked_for(index: KeywordIndex) -> None:
    keywords = Keywords(index, "SOB", [expansion("SOB", BREATH)])
    assert [phrase.written for phrase in keywords.phrases] == ["sob", "shortness of breath", "dyspnea"]
    assert [phrase.stands_for for phrase in keywords.phrases] == ["", "SOB", "SOB"]
    assert keywords.weight_of_terms.keys() == {"sob"}


@st.composite
def scored(draw: st.DrawFn) -> tuple[list[list[float]], list[int], list[int]]:
    """Draw scores, and which columns are of one thing by its own words and by other names."""
    columns = draw(st.permutations(range(6)))
    own, others = draw(st.integers(1, 2)), draw(st.integers(1, 3))
    row = st.lists(st.integers(0, 3).map(float), min_size=6, max_size=6)
    return draw(st.lists(row, min_size=0, max_size=5)), columns[:own], columns[own : own + others]


@given(scored())
@settings(deadline=None)
def test_all_but_the_best_name_are_set_to_zero(drawn: tuple[list[list[float]], list[int], list[int]]) -> None:
    rows, own, others = drawn
    scores = np.array(rows, dtype=np.float32).reshape(len(rows), 6)
    NameColumns(np.array(own), np.array(others)).only_best(scores)
    for before, after in zip(rows, scores.tolist(), strict=True):
        best = max(others, key=lambda column: before[column])
        kept = own if sum(before[column] for column in own) >= before[best] else [best]
        for column, score in enumerate(before):
            is_lost = column in {*own, *others} and column not in kept
            assert after[column] == (0 if is_lost else score)


def test_words_that_only_say_how_are_not_looked_for() -> None:
    said = Expansion(0, 3, "s/p", "function", (Alternative("status post", 1.0),))
    bypass = Expansion(4, 8, "CABG", "abbreviation", (Alternative("CABG", 1.0), Alternative("bypass surgery", 0.9)))
    phrases, (names,) = read_names("s/p CABG", [said, bypass])
    assert [phrase.written for phrase in phrases] == ["cabg"]
    assert [phrase.written for phrase in names.own] == ["cabg"]
    assert {phrase.written: weight for phrase, weight in names.others.items()} == {"bypass surgery": 0.9}
    assert names.is_abbreviation
    assert [phrase.written for phrase in read_names("s/p", [said])[0]] == ["s", "p"]


def test_what_is_denied_under_another_name_is_denied() -> None:
    names = read_names("SOB", [expansion("SOB", BREATH)])[1]
    for text, denied in (("Denies shortness of breath.", True), ("Has dyspnea.", False)):
        assert by_other_names(said_of(text, find_assertions(text)), names)["sob"] == {
            Said("negated" if denied else "affirmed")
        }
    both = "No dyspnea, but SOB."
    assert by_other_names(said_of(both, find_assertions(both)), names)["sob"] == {Said()}
    assert "sob" not in by_other_names(said_of("Cough.", ()), names)

"""Keyword search: what terms a text has, and BM25 against a brute force over all texts."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection

from clinsearch.language.terms import ASCII_TERM, TERM, phrases_of, placed_terms, terms_of
from clinsearch.records import Filter
from clinsearch.records.keys import KeyArray
from clinsearch.records.phrases import Phrase
from clinsearch.retrieval.keyword_search import KeywordSearch
from clinsearch.retrieval.keywords import Keywords
from clinsearch.storage.folder.database import open_engine, transaction
from clinsearch.storage.folder.keywords import KeywordIndex, add_terms, merge_terms, remove_terms
from clinsearch.storage.folder.writer import Writer
from clinsearch.storage.values import TextKind

TEXTS = {
    1: "No chest pain. Chest X-ray clear.",
    2: "Chest pain on exertion, pain at rest as well; metoprolol 12.5 mg b.i.d.",
    3: "HbA1c 5.5 %, was 8.1. Glucose 1,200 on arrival.",
    4: "The patient's mother had pneumonia.",
    5: "Painful swelling of the knee.",
}


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("Aspirin 81mg b.i.d., p.o.", ["aspirin", "81", "mg", "bid", "po"]),
        ("HbA1c 5.5%; BP 120/80", ["hba1c", "5.5", "bp", "120", "80"]),
        ("chest X-ray, T-cell", ["chest", "x", "ray", "t", "cell"]),
        ("the patient's wife didn't", ["the", "patient", "wife", "didnt"]),
        ("Glucose 1,200 and 12,345,678 but 5,5", ["glucose", "1200", "and", "12345678", "but", "5.5"]),
        ("end.Next line", ["end", "next", "line"]),
        ("na\u00efve S\u00e9zary \uff21\uff22", ["naive", "sezary", "ab"]),
        ("T2DM 2nd q.6.h", ["t2dm", "2", "nd", "q", "6", "h"]),
        ("--- ... ,,,", []),
        ("pneu\u00admonia em\u200bbolism \u2060rash\u200e", ["pneumonia", "embolism", "rash"]),
        ("\ufb01brillation o\ufb03ce e\u0301pi chest\u00a0pain", ["fibrillation", "office", "epi", "chest", "pain"]),
    ],
)
def test_a_text_has_these_terms(text: str, terms: list[str]) -> None:
    assert terms_of(text) == terms


@given(st.text())
def test_terms_are_what_the_index_takes_for_one_term_each(text: str) -> None:
    for term in terms_of(text):
        assert term
        assert all(character.isalnum() or character == "." for character in term)
        assert terms_of(term) == [term] or not term.isascii()


@given(st.text(st.characters(max_codepoint=127)))
def test_ascii_has_the_same_terms_as_any_text(text: str) -> None:
    assert ASCII_TERM.findall(text.lower()) == TERM.findall(text.lower())


@given(st.text())
def test_terms_stand_where_they_are_said_to(text: str) -> None:
    placed = placed_terms(text)
    assert [term for term, _, _ in placed] == terms_of(text)
    assert all(0 <= start < end <= len(text) for _, start, end in placed)
    assert [terms_of(text[start:end])[:1] for term, start, end in placed if text.isascii()] == [
        [term] for term, _, _ in placed if text.isascii()
    ]


@pytest.mark.parametrize(
    ("query", "phrases"),
    [
        ('pain "chest pain" rest', ["pain", "chest pain", "rest"]),
        ("pneumo* x", ["pneumo*", "x"]),
        ('"chest pneumo*"', ["chest pneumo*"]),
        ('an "unfinished quotation', ["an", "unfinished", "quotation"]),
        ("p* -pain AND (OR) NEAR/2 col:x ^y", ["p", "pain", "and", "or", "near", "2", "col", "x", "y"]),
        ('"" * "', []),
    ],
)
def test_a_query_is_read_as_phrases(query: str, phrases: list[str]) -> None:
    assert [" ".join(one.terms) + "*" * one.is_prefix for one in phrases_of(query)] == phrases


def test_a_phrase_is_counted_where_it_stands() -> None:
    terms = ["chest", "pain", "no", "chest", "painful", "pain"]
    counted = {phrase.written: phrase.count_in(terms) for phrase in phrases_of('pain pain* "chest pain" "chest pain*"')}
    assert counted == {"pain": 2, "pain*": 3, "chest pain": 1, "chest pain*": 2}


@pytest.fixture
def connection(tmp_path: Path):
    with Writer(tmp_path / "c", create=True):
        pass
    with transaction(open_engine(tmp_path / "c", writing=True), tmp_path) as connection:
        add_terms(connection, "sentence", {key: terms_of(text) for key, text in TEXTS.items()})
        total = sum(len(terms_of(text)) for text in TEXTS.values())
        connection.exec_driver_sql("UPDATE counts SET rows = ? WHERE name = 'sentences'", (len(TEXTS),))
        connection.exec_driver_sql("UPDATE counts SET rows = ? WHERE name = 'sentence_terms'", (total,))
        yield connection


def found(connection: Connection, query: str) -> list[int]:
    return search(connection, "sentence", query).best(10).tolist()


def search(connection: Connection, kind: TextKind, query: str, where: Filter | None = None) -> KeywordSearch:
    index = KeywordIndex(connection, kind)

    def read(keys: KeyArray) -> dict[int, str]:
        return {key: TEXTS[key] for key in keys.tolist()}

    return KeywordSearch(index, Keywords(index, query), where or Filter(), read, is_exact=True)


@pytest.mark.parametrize(
    ("query", "keys"),
    [
        ('"chest pain"', {1, 2}),
        ("x-ray", {1}),
        ("bid", {2}),
        ("B.I.D.", {2}),
        ("5.5", {3}),
        ("hba1c", {3}),
        ("1200", {3}),
        ("pneumo*", {4}),
        ("pain*", {1, 2, 5}),
        ("pains", {1, 2}),
        ("pain", {1, 2}),
        ("patient", {4}),
        ('"pain chest"', {1}),
        ("nothing of this", set()),
        ('"; DROP TABLE notes; --', set()),
        ("the", {4, 5}),
    ],
)
def test_these_texts_are_found(connection: Connection, query: str, keys: set[int]) -> None:
    assert set(found(connection, query)) == keys


@given(query=st.text())
def test_no_query_is_a_syntax_error(query: str) -> None:
    engine = open_engine(COLLECTION, writing=False)
    with transaction(engine, COLLECTION) as connection:
        search(connection, "note", query).best(5)


@pytest.fixture(scope="module", autouse=True)
def _collection(tmp_path_factory: pytest.TempPathFactory) -> None:
    global COLLECTION
    COLLECTION = tmp_path_factory.mktemp("keywords")
    with Writer(COLLECTION, create=True):
        pass
    with transaction(open_engine(COLLECTION, writing=True), COLLECTION) as connection:
        add_terms(connection, "note", {key: terms_of(text) for key, text in TEXTS.items()})


COLLECTION = Path()


def idf(term: str) -> float:
    having = sum(term in terms_of(text) for text in TEXTS.values())
    return math.log(1 + (len(TEXTS) - having + 0.5) / (having + 0.5))


def test_scores_are_bm25_by_term_and_by_pair(connection: Connection) -> None:
    keywords = Keywords(KeywordIndex(connection, "sentence"), "chest pain and pain")
    assert [phrase.written for phrase in keywords.phrases] == ["chest", "pain", "chest pain", "pain pain"]
    repeated = 9 * 2 / 10
    rarity = [idf("chest"), idf("pain"), (idf("chest") + idf("pain")) / 2, idf("pain")]
    weights = [rarity[0] ** 2, repeated * rarity[1] ** 2, 0.65 * rarity[2] ** 2, 0.65 * rarity[3] ** 2]
    lengths = {key: len(terms_of(text)) for key, text in TEXTS.items()}
    mean = sum(lengths.values()) / len(lengths)
    counts = {1: (2, 1, 1, 0), 2: (1, 2, 1, 0), 3: (0, 0, 0, 0), 4: (0, 0, 0, 0), 5: (0, 0, 0, 0)}
    expected = [
        [
            w * n * 2.2 / (n + 1.2 * (0.25 + 0.75 * lengths[key] / mean))
            for w, n in zip(weights, counts[key], strict=True)
        ]
        for key in TEXTS
    ]
    assert keywords.scores(TEXTS.values()) == pytest.approx(np.array(expected), abs=1e-5)


def test_what_was_removed_is_not_found_and_its_terms_leave_the_disk(connection: Connection) -> None:
    remove_terms(connection, "sentence", {4: terms_of(TEXTS[4])})
    assert found(connection, "pneumonia") == []
    assert KeywordIndex(connection, "sentence").frequency(Phrase(("mother",))) == 0
    merge_terms(connection)
    blocks = connection.exec_driver_sql("SELECT block FROM sentence_terms_data").scalars()
    assert not any(b"pneumonia" in block for block in blocks)
    connection.exec_driver_sql("INSERT INTO sentence_terms(sentence_terms) VALUES ('integrity-check')")

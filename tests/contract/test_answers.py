"""Both storages give the same answers to everything that a collection can be asked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, get_args

import numpy as np
import pytest

from clinsearch.collection import Collection
from clinsearch.records.listings import CountBy, Order
from tests.support.alike import NEARLY, SAME, assert_alike
from tests.support.kept_twice import LONG, both

Collections = tuple[Collection, Collection]
Ask = Callable[[Collection], Any]

QUERIES = ["short of breath lying flat", "no chest pain", '"chest pain" a1c over 7', "warfarin with GI bleed", "fevr"]
LEVELS = ["sentence", "note", "patient"]
NOTES = ["P001-2024-03-03-admission", "odd-bare", "odd-twice", "odd-dots", "odd-es", "no such note"]
WORDS: list[dict[str, bool]] = [
    {},
    {"same": True},
    {"same": False},
    {"pieces": True},
    {"pieces": True, "same": False},
]
OPTIONS: list[dict[str, Any]] = [
    {"assertion": "negated"},
    {"assertion": "affirmed"},
    {"assertion": "any"},
    {"diverse": True},
    {"synonyms": False},
    {"exact": True},
    {"min_score": 0.6},
]
FILTERS: list[dict[str, Any]] = [
    {},
    {"patient_id": "P003"},
    {"patient_id": ["P1", "P3", "ä1", "nobody"]},
    {"patient_id": LONG},
    {"encounter_id": ["E1", LONG]},
    {"note_type": ["PROGRESS NOTE", "ÄRZTEBRIEF"]},
    {"note_type": LONG},
    {"exclude_type": ["consult", "zebra"]},
    {"section": ["HPI", "meds"]},
    {"section": "history of present illness", "note_type": "consult"},
    {"since": "2024-03-10"},
    {"until": "2024-03-25"},
    {"since": "0001-01-01", "until": "9999-12-31"},
    {"where": "A1c > 7"},
    {"where": ["A1c > 6", "A1c < 9"], "exclude_type": "consult"},
    {"after": 20},
    {"note_type": "there is none"},
]


def named(value: Any) -> str:
    return str(value)[:60]


@pytest.mark.drawn(15)
@pytest.mark.parametrize("query", QUERIES)
@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("mode", ["hybrid", "vector", "keyword"])
def test_search_finds_the_same(pair: Collections, query: str, level: Any, mode: Any) -> None:
    found = both(pair, lambda c: c.search(query, 15, level=level, mode=mode), SAME if mode == "keyword" else NEARLY)
    assert found


@pytest.mark.drawn(15)
@pytest.mark.parametrize("where", FILTERS, ids=named)
@pytest.mark.parametrize("level", LEVELS)
def test_every_filter_lets_the_same_pass(pair: Collections, where: dict[str, Any], level: Any) -> None:
    both(pair, lambda c: c.search("fever", 500, level=level, mode="keyword", **where), SAME)
    if level != "patient":
        both(pair, lambda c: c.search("fever and chest pain", 12, level=level, **where))


@pytest.mark.drawn(5)
@pytest.mark.parametrize("where", FILTERS, ids=named)
def test_every_filter_lets_the_same_words_notes_and_values_pass(pair: Collections, where: dict[str, Any]) -> None:
    both(pair, lambda c: c.search_tokens("chest [pain] at night", 12, **where))
    both(pair, lambda c: c.similar("P003-2025-03-04-admission", 12, **where))
    both(pair, lambda c: list(c.each_note(**where)))
    both(pair, lambda c: c.count(**where))
    both(pair, lambda c: [c.counts(by, **where) for by in get_args(CountBy)])
    both(pair, lambda c: c.measured(**where))
    both(pair, lambda c: c.values("A1c", **where))
    both(pair, lambda c: c.unmatched(**where))


@pytest.mark.drawn(8)
@pytest.mark.parametrize("options", OPTIONS, ids=named)
@pytest.mark.parametrize("k", [1, 7, 100_000])
def test_every_option_does_the_same(pair: Collections, options: dict[str, Any], k: int) -> None:
    both(pair, lambda c: c.search("chest pain", k, **options))
    both(pair, lambda c: c.search("fevre or cugh", min(k, 100), **options))


def test_all_places_of_all_hits_are_the_same(pair: Collections) -> None:
    for hit in pair[0].search("patient denies fever", 15):
        both(pair, lambda c, hit=hit: c.places(hit, query="patient denies fever"))
        both(pair, lambda c, hit=hit: c.places(hit, section="medications"))
    both(pair, lambda c: c.passages(pair[0].search("patient denies fever", 15), sentences=2))


@pytest.mark.parametrize(
    "note_id", ["P001-2024-03-03-admission", "odd-bare", "odd-twice", "odd-dots", "odd-es", "no such note"]
)
@pytest.mark.parametrize("options", [{}, {"copies": False}, {"diverse": True}], ids=named)
def test_notes_like_a_note_are_the_same(pair: Collections, note_id: str, options: dict[str, bool]) -> None:
    both(pair, lambda c: c.similar(note_id, 15, **options))


@pytest.mark.parametrize(
    "options", [{}, {"same": True}, {"same": False}, {"pieces": True}, {"pieces": True, "same": False}], ids=named
)
def test_words_in_context_are_the_same(pair: Collections, options: dict[str, bool]) -> None:
    for query in ("chest [pain] at night", "[fever]", "purulent [drainage] on the sock", "[\ufdd0]"):
        both(pair, lambda c, query=query: c.search_tokens(query, 20, **options))
    marked = both(pair, lambda c: c.token("pain", "P001-2024-03-03-admission"))
    both(pair, lambda c: c.search_tokens(marked, 20, **options))


def test_explanations_are_the_same_and_add_up(pair: Collections) -> None:
    ids = "P001-2024-03-03-admission", "P003-2025-03-04-admission"
    raw = both(pair, lambda c: c.explain(*ids, raw=True))
    explained = [c.explain_query("short of breath lying flat", ids[0]) for c in pair]
    assert_alike(*explained, NEARLY)
    for collection in pair:
        for hit in collection.search("short of breath lying flat", 5):
            why = collection.explain_hit("short of breath lying flat", hit)
            assert abs(why.text.residual) < 1e-4
        assert abs(float(np.sum(collection.explain(*ids, raw=True).contributions)) - raw.score) < 2e-3
    both(pair, lambda c: c.explain(*ids))
    both(pair, lambda c: c.contrast(*ids, "P012-2024-08-24-emergency"))
    both(pair, lambda c: c.occlude("chest pain", "no chest pain at night"))
    found = pair[0].search_tokens("chest [pain] at night", 3)
    both(pair, lambda c: [c.explain_hit("chest [pain] at night", hit) for hit in found])


@pytest.mark.parametrize("sort", get_args(Order))
@pytest.mark.parametrize("reverse", [False, True])
def test_lists_of_notes_are_in_the_same_order(pair: Collections, sort: Any, reverse: bool) -> None:
    listed = both(pair, lambda c: c.notes(sort=sort, reverse=reverse))
    assert len(listed) == pair[0].count()
    both(pair, lambda c: c.notes(sort=sort, reverse=reverse, limit=7, offset=5))


def test_the_notes_themselves_are_the_same(pair: Collections) -> None:
    whole = both(pair, lambda c: list(c.whole_notes()))
    for note in whole:
        both(pair, lambda c, note=note: c.note(note.note_id))
    both(pair, lambda c: c.passage("P001-2024-03-03-admission", 753, 825, sentences=2))


@pytest.mark.parametrize("level", ["note", "sentence"])
def test_maps_are_the_same(pair: Collections, level: Any) -> None:
    maps = [c.map(level, most=50) for c in pair]
    points = [[(p.note_id, p.sentence) for p in one.points] for one in maps]
    assert points[0] == points[1]
    assert_alike(maps[0].variance, maps[1].variance, NEARLY)
    both(pair, lambda c: c.map(level, note_type="there is none"))


def test_what_is_told_of_the_vocab_and_its_tokens_is_the_same(pair: Collections) -> None:
    both(pair, lambda c: c.coverage(top=50), SAME)
    ids = {token.id for text in pair[0].tokens("odd-twice") for token in text.tokens}
    for token_id in sorted(ids)[:12]:
        both(pair, lambda c, token_id=token_id: c.occurrences(token_id, limit=20, offset=1), SAME)
    both(pair, lambda c: c.tokens("odd-Ä"))
    both(pair, lambda c: c.layers("Denies chest pain.", "pain", sentences=30))


def test_status_is_the_same(pair: Collections) -> None:
    one, other = (c.status() for c in pair)
    for name in ("notes", "sentences", "occurrences", "note_types", "languages", "model", "pooling", "fingerprint",
                 "hidden_size", "has_remains", "corrected_on"):  # fmt: skip
        assert_alike(getattr(one, name), getattr(other, name), at=name)
    assert [(q.vectors, q.rows) for q in one.search] == [(q.vectors, q.rows) for q in other.search]
    assert other.bytes > 0

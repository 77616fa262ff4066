"""Three databases rank notes as one folder does: the same hits in the same order, by words, vectors and both."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any, Literal

import psycopg
import pytest

from clinsearch.collection import Collection
from clinsearch.language.terms import terms_of
from clinsearch.records.phrases import Phrase
from clinsearch.storage import open_reader
from clinsearch.storage.port import KeywordIndex
from tests.support.alike import NEARLY, assert_alike
from tests.support.criteria import CRITERIA, found_of, written
from tests.support.kept_twice import Pair, answer, both, vectors_of_halves, write_many_kinds
from tests.support.made_up_notes import random_sentence, written_note
from tests.support.postgres import PostgresServer
from tests.support.shards import empty_shards

Collections = tuple[Collection, Collection]
LEVELS = ["sentence", "note", "patient"]
MODES = ["hybrid", "vector", "keyword"]
QUERIES = ["short of breath lying flat", "no chest pain", '"chest pain" at night', "fever or cough at night", "fevr"]
FILTERS: list[dict[str, Any]] = [
    {"patient_id": ["P1", "P3", "nobody"]},
    {"note_type": "PROGRESS NOTE"},
    {"exclude_type": "consult"},
    {"section": "meds"},
    {"since": "2024-03-10", "until": "2024-03-25"},
]
OPTIONS: list[dict[str, Any]] = [
    {"assertion": "negated"},
    {"assertion": "any"},
    {"diverse": True},
    {"synonyms": False},
    {"exact": True},
    {"min_score": 0.3},
]
SHORT, DENIED, PHRASE, EITHER, MISSPELT = QUERIES
# By how much scores may differ where sentences of several shards count more than once.
COUNTED_TWICE = 0.05


def mostly_exhaustive(cases: Iterable[tuple[Any, ...]], *quick: tuple[Any, ...]) -> Any:
    """Return the cases of a test, of which all but the quick ones are exhaustive."""
    listed = list(cases)
    assert all(case in listed for case in quick)
    return [pytest.param(*case, marks=() if case in quick else pytest.mark.exhaustive) for case in listed]


def write_distinct(folder: Path) -> Path:
    """Write notes made up at random, no two of whose sentences are the same."""
    dice = random.Random(5)
    rows = [written_note(dice, number, [random_sentence(dice)])[0] for number in range(60)]
    for number, row in enumerate(rows):
        parts = [part.removesuffix(".") for part in row["text"].split("\n\n")]
        row["text"] = "\n\n".join(
            part if not part or part.endswith(":") else f"{part} {number} {place}." for place, part in enumerate(parts)
        )
    folder.mkdir(parents=True)
    (folder / "notes.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return folder


@pytest.fixture(scope="module")
def kept(
    postgres_server: PostgresServer, tiny_model: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[str], Pair]]:
    """Notes without a sentence in common, and notes that share half of theirs, each in a folder and over shards."""
    folder, pairs = tmp_path_factory.mktemp("sharded"), dict[str, Pair]()
    notes = {"distinct": write_distinct, "shared": write_many_kinds}
    with ExitStack() as stack:
        stack.enter_context(vectors_of_halves())

        def of_kind(kind: str) -> Pair:
            if kind not in pairs:
                addresses = stack.enter_context(empty_shards(postgres_server))
                pairs[kind] = Pair(folder / kind / "collection", addresses[0], str(tiny_model))
                pairs[kind].index(notes[kind](folder / kind / "notes"), tokens=False)
            return pairs[kind]

        yield of_kind


@pytest.fixture(scope="module")
def distinct(kept: Callable[[str], Pair]) -> Collections:
    return kept("distinct").collections


@pytest.fixture(scope="module")
def shared(kept: Callable[[str], Pair]) -> Collections:
    return kept("shared").collections


def places(hits: Sequence[Any]) -> list[tuple[Any, ...]]:
    """Return what was found, in its order: patients, notes, and the places of their sentences."""
    return [(hit.patient_id, getattr(hit, "note_id", None), getattr(hit, "start", None)) for hit in hits]


def assert_same_order(pair: Collections, ask: Callable[[Collection], Sequence[Any]]) -> Sequence[Any]:
    """Assert that both find the same in the same order, equal scores included; return it."""
    one, other = (answer(collection, ask) for collection in pair)
    assert_alike(one, other, NEARLY)
    assert places(one) == places(other)
    return one


@pytest.mark.parametrize(
    ("mode", "level", "query"),
    mostly_exhaustive(
        product(MODES, LEVELS, QUERIES),
        ("hybrid", "sentence", SHORT),
        ("vector", "sentence", EITHER),
        ("vector", "note", DENIED),
        ("keyword", "patient", PHRASE),
        ("hybrid", "note", MISSPELT),
    ),
)
def test_hits_are_in_the_same_order(distinct: Collections, mode: Any, level: Any, query: str) -> None:
    assert assert_same_order(distinct, lambda c: c.search(query, 25, level=level, mode=mode))


@pytest.mark.parametrize(
    ("where", "level", "mode"),
    mostly_exhaustive(
        product(FILTERS, LEVELS, MODES),
        (FILTERS[0], "note", "keyword"),
        (FILTERS[3], "sentence", "hybrid"),
        (FILTERS[4], "note", "vector"),
    ),
    ids=str,
)
def test_hits_that_pass_a_filter_are_in_the_same_order(
    distinct: Collections, where: dict[str, Any], level: Any, mode: Any
) -> None:
    assert assert_same_order(distinct, lambda c: c.search("fever and chest pain", 25, level=level, mode=mode, **where))


@pytest.mark.parametrize(
    ("options", "level"),
    mostly_exhaustive(product(OPTIONS, ("sentence", "note")), (OPTIONS[0], "sentence"), (OPTIONS[2], "note")),
    ids=str,
)
def test_hits_are_in_the_same_order_whatever_is_asked(
    distinct: Collections, options: dict[str, Any], level: Any
) -> None:
    assert_same_order(distinct, lambda c: c.search("chest pain", 25, level=level, **options))


@pytest.mark.parametrize("name", mostly_exhaustive(((name,) for name in CRITERIA), ("a query",), ("near in time",)))
def test_the_same_patients_are_a_cohort_by_the_same_evidence(distinct: Collections, name: str) -> None:
    both(distinct, lambda c: found_of(c.cohort(written(name))))


# What sentences of several shards change.


@pytest.mark.parametrize(
    ("level", "query"), mostly_exhaustive(product(LEVELS, QUERIES), ("sentence", PHRASE), ("note", EITHER))
)
def test_equal_scores_are_in_the_same_order_where_sentences_are_shared(
    shared: Collections, level: Any, query: str
) -> None:
    assert assert_same_order(shared, lambda c: c.search(query, 25, level=level, mode="vector"))


@pytest.mark.parametrize("query", mostly_exhaustive(((query,) for query in QUERIES), (PHRASE,)))
def test_words_of_notes_are_weighed_alike_where_sentences_are_shared(shared: Collections, query: str) -> None:
    assert assert_same_order(shared, lambda c: c.search(query, 25, level="note", mode="keyword"))


@pytest.mark.parametrize(
    ("mode", "query"), mostly_exhaustive(product(["hybrid", "keyword"], QUERIES), ("hybrid", EITHER))
)
def test_what_is_counted_twice_moves_scores_by_little(shared: Collections, mode: Any, query: str) -> None:
    both(shared, lambda c: c.search(query, 10, mode=mode), within=COUNTED_TWICE)


@pytest.mark.parametrize("name", mostly_exhaustive(((name,) for name in CRITERIA if "query" not in name), ("values",)))
def test_who_is_in_a_cohort_does_not_depend_on_what_is_shared(shared: Collections, name: str) -> None:
    # Names are suggested by how frequent they are in each shard.
    both(shared, lambda c: [replace(one, unmatched=()) for one in c.cohort(written(name)).found])
    both(shared, lambda c: c.cohort(written(name)).members)


# What words are weighed by.


Counted = dict[Literal["size", "length", "frequencies"], Any]


def counted(index: KeywordIndex, phrases: Sequence[Phrase]) -> Counted:
    return {"size": index.size(), "length": index.mean_length(), "frequencies": index.frequencies(phrases)}


def test_terms_are_counted_over_all_shards_together(kept: Callable[[str], Pair]) -> None:
    phrases = [Phrase((term,)) for term in terms_of("fever chest pain night cough denies aspirin nothing")]
    for kind in ("distinct", "shared"):
        pair = kept(kind)
        with (
            open_reader(pair.folder).catalog() as (one, _),
            open_reader(pair.collections[1].location).catalog() as (
                other,
                _,
            ),
        ):
            assert_alike(
                counted(one.keywords("note"), phrases), counted(other.keywords("note"), phrases), within=NEARLY
            )
            own, its = (counted(catalog.keywords("sentence"), phrases) for catalog in (one, other))
            if kind == "distinct":
                assert_alike(own, its, NEARLY)
            else:
                assert its["size"] == sum(map(sentences_in, pair.collections[1].status().shards))
                assert own["size"] < its["size"]
                assert all(own["frequencies"][one] <= its["frequencies"][one] for one in phrases)


def sentences_in(address: str) -> int:
    """Count the sentences of one shard."""
    with psycopg.connect(address) as connection:
        ((count,),) = connection.execute("SELECT count(*) FROM clinsearch.sentences").fetchall()
        return int(count)

"""BM25 from the catalog's blocks of lengths against FTS5's own, to the last bit; and what else search may leave out."""

from __future__ import annotations

import json
import random
import sqlite3
import unicodedata
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, literal, select

import clinsearch
from clinsearch.errors import CollectionDamaged
from clinsearch.language.terms import NOT_ASCII, Phrase, terms_of
from clinsearch.records import Filter
from clinsearch.retrieval.candidates import Candidates
from clinsearch.retrieval.judging import Judge, agreed
from clinsearch.retrieval.keywords import Keywords
from clinsearch.retrieval.question import Question
from clinsearch.storage.catalog import bm25
from clinsearch.storage.catalog.rows import read_keys
from clinsearch.storage.catalog.soundness import UnsoundValue
from clinsearch.storage.folder.keywords import KeywordIndex
from clinsearch.storage.folder.lengths import lengths_by_key, set_lengths
from clinsearch.storage.folder.snapshots import Reader
from clinsearch.storage.folder.tables import KEYS_PER_BLOCK
from clinsearch.storage.folder.writer import Writer
from clinsearch.storage.values import TextKind
from tests.conftest import WORDS
from tests.support.older_schemas import take_back
from tests.test_keyword_search import written_note

KINDS: tuple[TextKind, ...] = ("sentence", "note")


@pytest.fixture
def folder(tmp_path: Path, tiny_model: Path) -> Path:
    """A collection of which some notes were deleted again."""
    dice = random.Random(4)
    lines = [json.dumps(written_note(dice, number)) for number in range(60)]
    (tmp_path / "notes.jsonl").write_text("\n".join(lines))
    clinsearch.index(tmp_path / "notes.jsonl", tmp_path / "c", tokens=False, model=str(tiny_model))
    clinsearch.open(tmp_path / "c").delete([f"n{number:03}" for number in range(0, 60, 7)])
    return tmp_path / "c"


def by_fts5(connection: Connection, kind: TextKind, term: str) -> list[tuple[int, float]]:
    query = f"SELECT rowid, -rank FROM {kind}_terms WHERE {kind}_terms MATCH ? ORDER BY rowid"
    return [tuple(row) for row in connection.exec_driver_sql(query, (term,))]


@pytest.mark.parametrize("kind", KINDS)
def test_what_a_term_adds_is_what_fts5_reckons(folder: Path, kind: TextKind) -> None:
    with Reader(folder).snapshot() as snapshot:
        index = KeywordIndex(snapshot.catalog.connection, kind)
        for term in [*WORDS[:40], "unheard"]:
            phrase = Phrase((term,))
            found = index.postings(phrase, index.frequency(phrase))
            expected = by_fts5(snapshot.catalog.connection, kind, term)
            assert found.keys.tolist() == [key for key, _ in expected]
            idf = bm25.idf(index.size(), index.frequency(phrase))
            assert (found.parts == np.array([score for _, score in expected]) / idf).all()


@pytest.mark.parametrize("kind", KINDS)
def test_lengths_are_those_of_the_texts_and_none_of_what_was_deleted(folder: Path, kind: TextKind) -> None:
    with closing(sqlite3.connect(folder / "catalog.db")) as catalog:
        texts = dict(catalog.execute(f"SELECT key, text FROM {kind}s"))
    with Reader(folder).snapshot() as snapshot:
        lengths = lengths_by_key(snapshot.catalog.connection, kind)
    keys = np.array(sorted(texts), dtype=np.int64)
    assert lengths.of(keys).tolist() == [len(terms_of(texts[key])) for key in keys.tolist()]
    assert int(lengths.blocks.astype(np.int64).sum()) == sum(len(terms_of(text)) for text in texts.values())


def test_a_reader_sees_lengths_of_the_commit_that_it_reads(folder: Path) -> None:
    reader = Reader(folder)
    with reader.snapshot() as snapshot:
        before = lengths_by_key(snapshot.catalog.connection, "note").blocks.sum()
    clinsearch.open(folder).delete(["n001"])
    with reader.snapshot() as snapshot:
        assert lengths_by_key(snapshot.catalog.connection, "note").blocks.sum() < before


def test_lengths_of_keys_far_apart_lie_in_blocks_of_their_own(folder: Path) -> None:
    far = {KEYS_PER_BLOCK - 1: 3, KEYS_PER_BLOCK: 70_000, 1000 * KEYS_PER_BLOCK + 5: 1}
    with Writer(folder) as writer, writer._transaction() as connection:
        set_lengths(connection, "note", far)
        connection.exec_driver_sql("UPDATE collection SET commits = commits + 1")
        lengths = lengths_by_key(connection, "note")
        assert lengths.of(np.array(list(far))).tolist() == list(far.values())
        assert len(lengths.numbers) == 3


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE text_lengths SET lengths = x'00'",
        "UPDATE text_lengths SET lengths = zeroblob(4 * 4096)",
        "UPDATE text_lengths SET block = 'x' WHERE kind = 'sentence'",
        "UPDATE text_lengths SET block = block + 1000000000000",
        "DELETE FROM text_lengths",
    ],
)
def test_lengths_that_are_not_as_they_were_written_are_damage(folder: Path, change: str) -> None:
    (folder / "catalog.seal").unlink(missing_ok=True)
    with closing(sqlite3.connect(folder / "catalog.db")) as catalog, catalog:
        catalog.execute(change)
    with pytest.raises(CollectionDamaged):
        clinsearch.open(folder).search("patient pain", mode="keyword")


def test_a_key_that_is_none_is_damage(folder: Path) -> None:
    with Reader(folder).catalog() as (catalog, _), pytest.raises(UnsoundValue):
        read_keys(catalog.connection, select(literal("no key")).union_all(select(literal(3))))


def test_a_migration_takes_the_lengths_from_fts5(folder: Path) -> None:
    (folder / "catalog.seal").unlink(missing_ok=True)
    with closing(sqlite3.connect(folder / "catalog.db")) as catalog, catalog:
        blocks = catalog.execute("SELECT * FROM text_lengths ORDER BY 1, 2").fetchall()
        take_back(catalog, "0006")
    with Writer(folder):
        pass
    with closing(sqlite3.connect(folder / "catalog.db")) as catalog:
        assert catalog.execute("SELECT * FROM text_lengths ORDER BY 1, 2").fetchall() == blocks


@given(st.text())
def test_terms_leave_out_accents_and_what_is_not_seen(text: str) -> None:
    decomposed = unicodedata.normalize("NFKD", text)
    seen = [c for c in decomposed if not unicodedata.combining(c) and unicodedata.category(c) != "Cf"]
    if not text.isascii():
        assert terms_of(text) == terms_of("".join(seen) + " \u00f8")[:-1]
    assert NOT_ASCII.sub("", text).isascii()


@pytest.mark.drawn(3)
@pytest.mark.parametrize("query", ["no fever and chills", "wound drainage", "history of weakness and edema at night"])
@pytest.mark.parametrize("k", [1, 5, 20])
def test_judging_only_what_can_be_among_the_best_finds_the_same(folder: Path, query: str, k: int) -> None:
    with Reader(folder).snapshot() as snapshot:
        asked = Question(query, k, Filter(), assertion="match")
        keywords = Keywords(KeywordIndex(snapshot.catalog.connection, "sentence"), query)
        keys = snapshot.catalog.sentence_keys(Filter())
        texts = snapshot.catalog.sentence_texts(keys.tolist())
        terms = keywords.scores(texts[key] for key in keys.tolist())
        nothing = np.zeros(len(keys), dtype=np.float32)
        candidates = Candidates(keys, keys, nothing, nothing, terms, keywords.phrases, keywords.weights)
        judge = Judge(snapshot.catalog, asked, keywords.weight_of_terms)
        every = agreed(candidates, len(keys), judge)
        assert agreed(candidates, len(keys), judge, wanted=k) == every[:k]
        assert any(one.parts and one.parts.assertion < 0 for one in every)

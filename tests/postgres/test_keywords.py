"""The keyword index in PostgreSQL: its answers are those of FTS5, to the last bit, and of a look at every text."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, create_engine, insert, text, update
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ProgrammingError

from clinsearch.language.terms import terms_of
from clinsearch.records.phrases import Phrase
from clinsearch.storage.catalog.soundness import UnsoundValue
from clinsearch.storage.catalog.tables import counts
from clinsearch.storage.folder import keywords as fts5
from clinsearch.storage.folder.database import open_engine, transaction
from clinsearch.storage.folder.writer import Writer
from clinsearch.storage.postgres import keyword_changes
from clinsearch.storage.postgres.keywords import KeywordIndex
from clinsearch.storage.postgres.postings import _read
from clinsearch.storage.values import TextKind

KINDS: tuple[TextKind, ...] = ("sentence", "note")
WORDS = ["pain", "painful", "chest", "no", "3.5", "3", "35", "a", "aa", "h\u00f6he", "\u03b2", "\u03b2lactam", "120"]
LONG = "x" * 3000


@dataclass
class Both:
    """One collection in both storages, and all of its texts."""

    folder: Connection
    server: Connection
    kind: TextKind
    texts: dict[int, Sequence[str]] = field(default_factory=dict)

    def add(self, texts: Mapping[int, Sequence[str]]) -> None:
        assert fts5.add_terms(self.folder, self.kind, texts) == sum(map(len, texts.values()))
        assert keyword_changes.add_terms(self.server, self.kind, texts) == sum(map(len, texts.values()))
        self.texts |= texts
        self._count()

    def remove(self, keys: Sequence[int]) -> dict[int, Sequence[str]]:
        texts = {key: self.texts.pop(key) for key in keys}
        assert fts5.remove_terms(self.folder, self.kind, texts) == sum(map(len, texts.values()))
        assert keyword_changes.remove_terms(self.server, self.kind, texts) == sum(map(len, texts.values()))
        self._count()
        return texts

    def _count(self) -> None:
        of_terms = sum(map(len, self.texts.values()))
        for connection in (self.folder, self.server):
            for name, rows in ((f"{self.kind}s", len(self.texts)), (f"{self.kind}_terms", of_terms)):
                connection.execute(update(counts).where(counts.c.name == name).values(rows=rows))

    def keys_with(self, phrase: Phrase) -> list[int]:
        return [key for key, terms in sorted(self.texts.items()) if phrase.count_in(terms)]

    def compare(self, phrases: Sequence[Phrase]) -> None:
        """Ask both for these phrases, and look at every text."""
        known, found = fts5.KeywordIndex(self.folder, self.kind), KeywordIndex(self.server, self.kind)
        assert (found.size(), found.mean_length()) == (known.size(), known.mean_length())
        frequencies = found.frequencies(phrases)
        assert frequencies == known.frequencies(phrases)
        for phrase in phrases:
            expected, postings = (one.postings(phrase, frequencies[phrase]) for one in (known, found))
            order = np.argsort(expected.keys)
            assert postings.keys.tolist() == expected.keys[order].tolist() == self.keys_with(phrase)
            assert (postings.parts == expected.parts[order]).all()
            assert frequencies[phrase] == len(postings.keys)
        others = phrases[: len(phrases) // 2]
        for phrase in phrases:
            assert found.having(phrase, others).tolist() == known.having(phrase, others).tolist()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("keywords")
    with Writer(folder, create=True):
        pass
    return folder


@pytest.fixture(scope="module")
def server(postgres_server) -> Iterator[str]:
    with postgres_server.database() as dsn:
        yield dsn


@pytest.fixture(scope="module")
def connections(folder: Path, server: str) -> Iterator[tuple[Connection, Connection]]:
    engine = create_engine(make_url(server).set(drivername="postgresql+psycopg"))
    with transaction(open_engine(folder, writing=True), folder) as of_folder, engine.connect() as of_server:
        keyword_changes.create_keyword_index(of_server)
        counts.create(of_server)
        names = [name for kind in KINDS for name in (f"{kind}s", f"{kind}_terms")]
        of_server.execute(insert(counts), [{"name": name, "rows": 0} for name in names])
        of_server.commit()
        yield of_folder, of_server
    engine.dispose()


@pytest.fixture(params=KINDS)
def both(request: pytest.FixtureRequest, connections: tuple[Connection, Connection]) -> Iterator[Both]:
    found = Both(*connections, request.param)
    found.server.rollback()  # of what another test left
    yield found
    found.server.rollback()
    fts5.forget_all_terms(found.folder)


def phrases(dice: random.Random) -> list[Phrase]:
    single = [Phrase((word,)) for word in (*WORDS, "unheard")]
    begun = [Phrase((start,), True) for start in ("pa", "pai", "3", "a", "\u03b2", "unheard")]
    pairs = [Phrase((dice.choice(WORDS), dice.choice(WORDS))) for _ in range(12)]
    lines = [Phrase((dice.choice(WORDS), dice.choice(WORDS), start), True) for start in ("p", "3", "a", "no")]
    return [*single, *begun, *pairs, *lines, Phrase(("a", "a")), Phrase(("a", "a", "a")), Phrase(("no", "a"), True)]


def texts(dice: random.Random, first: int, most: int) -> dict[int, list[str]]:
    keys = range(first, first + dice.randrange(most))
    return {key: dice.choices(WORDS, k=dice.choice([0, 1, 3, 12, 200])) for key in keys}


def test_answers_are_those_of_fts5_whatever_is_added_and_removed(both: Both) -> None:
    dice = random.Random(5)
    newest = 1
    for step in range(3 * keyword_changes.CHANGES):
        both.add(texts(dice, newest, 12))
        newest += 12 if step % 7 else 100_000
        gone = both.remove(dice.sample(sorted(both.texts), min(len(both.texts), dice.randrange(5))))
        if step % 9 == 0:  # the same texts again, or others that have their keys
            both.add({key: dice.choice([terms, [*terms, "no"], []]) for key, terms in gone.items()})
        if step % 14 == 13:
            both.compare(phrases(dice))
        if step % 20 == 19:
            keyword_changes.merge_terms(both.server)
            both.compare(phrases(dice))


def test_texts_added_in_one_great_change_are_folded_at_once(both: Both, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keyword_changes, "TERMS_AT_ONCE", 500)
    monkeypatch.setattr(keyword_changes, "PART_BYTES", 200)
    monkeypatch.setattr(keyword_changes, "BYTES_REWRITTEN_AT_ONCE", 50)
    dice = random.Random(6)
    both.add(texts(dice, 1, 200))
    both.add(texts(dice, 1000, 200))
    assert both.server.scalar(text(f"SELECT count(*) FROM {both.kind}_recent WHERE change = 1")) == 0
    assert both.server.scalar(text(f"SELECT max(part) FROM {both.kind}_postings WHERE term = 'pain'")) > 1
    both.compare(phrases(dice))
    both.remove(dice.sample(sorted(both.texts), 60))
    both.compare(phrases(dice))
    keyword_changes.merge_terms(both.server)
    both.compare(phrases(dice))


def test_a_frequent_term_is_read_from_few_rows_once_the_index_is_merged(
    both: Both, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keyword_changes, "CHANGES", 1)
    monkeypatch.setattr(keyword_changes, "PART_BYTES", 1)
    monkeypatch.setattr(keyword_changes, "FEW_PARTS", 2)
    monkeypatch.setattr(keyword_changes, "JOINED_BYTES", 30)
    rows = text(f"SELECT count(*) FROM {both.kind}_postings WHERE term = 'pain'")
    for key in range(1, 60):
        both.add({100_000 * key: ["pain"] if key % 2 else ["pain", "chest", "pain"]})
        if key % 20 == 5:  # a change that makes a large row
            both.add({100_000 * key + more: ["pain"] for more in range(1, 40)})
        if key % 10 == 0:
            before = both.server.scalar(rows)
            keyword_changes.join_parts(both.server)
            joined = both.server.scalar(rows)
            assert joined < before - 5
            keyword_changes.join_parts(both.server)
            assert both.server.scalar(rows) == joined
    keys, _ = KeywordIndex(both.server, both.kind)._runs("pain", False, ("keys", "lengths"))
    assert _read(keys).is_plain  # so it is read without sorting
    both.remove([300_000, 400_000])
    both.compare([Phrase(("pain",)), Phrase(("chest", "pain")), Phrase(("chest",))])
    keyword_changes.merge_terms(both.server)
    keys, _ = KeywordIndex(both.server, both.kind)._runs("pain", False, ("keys", "lengths"))
    assert _read(keys).is_plain
    both.compare([Phrase(("pain",)), Phrase(("chest", "pain")), Phrase(("chest",))])


def test_what_was_removed_has_left_the_index_once_it_is_merged(both: Both) -> None:
    both.add({1: ["mother", "pneumonia"], 2: ["mother", "pain"]})
    both.remove([1])
    assert KeywordIndex(both.server, both.kind).frequency(Phrase(("pneumonia",))) == 0
    keyword_changes.merge_terms(both.server)
    left = both.server.execute(text(f"SELECT term, frequency, removes FROM {both.kind}_postings ORDER BY 1")).all()
    assert left == [("mother", 1, False), ("pain", 1, False)]
    assert both.server.scalar(text(f"SELECT count(*) FROM {both.kind}_recent")) == 0


def test_the_index_is_merged_after_many_changes(both: Both, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keyword_changes, "CHANGES_MERGED", 3)
    rows = text(f"SELECT count(*) FROM {both.kind}_recent")
    keyword_changes.merge_terms(both.server)
    for key, left in ((1, 1), (2, 2), (3, 0), (4, 1)):
        both.add({key: ["pain"]})
        keyword_changes.merge_terms_if_due(both.server)
        assert both.server.scalar(rows) == left


def test_a_reader_sees_the_terms_of_the_commit_that_it_reads(folder: Path, server: str) -> None:
    engine = create_engine(make_url(server).set(drivername="postgresql+psycopg"), isolation_level="REPEATABLE READ")
    pain = Phrase(("pain",))
    with engine.connect() as writer, engine.connect() as reader:
        writer.execute(text("CREATE SCHEMA apart"))
        for connection in (writer, reader):
            connection.execute(text("SET search_path = apart"))
        keyword_changes.create_keyword_index(writer)
        keyword_changes.add_terms(writer, "note", {1: ["pain"], 2: ["pain"]})
        writer.commit()
        reader.commit()
        assert KeywordIndex(reader, "note").frequency(pain) == 2
        keyword_changes.remove_terms(writer, "note", {1: ["pain"]})
        keyword_changes.merge_terms(writer)
        keyword_changes.forget_all_terms(writer)
        writer.commit()
        assert KeywordIndex(reader, "note").frequencies([pain]) == {pain: 2}
        assert KeywordIndex(reader, "note").having(pain, [pain]).tolist() == [1, 2]
        reader.commit()
        assert KeywordIndex(reader, "note").frequency(pain) == 0
    engine.dispose()


def test_a_term_too_long_for_an_index_is_found_as_any_other(both: Both) -> None:
    both.add({1: [LONG], 2: [LONG + "y", "pain"], 3: ["x" * 150], 4: ["pain", LONG]})
    both.compare([Phrase((LONG,)), Phrase((LONG + "y",)), Phrase(("x" * 140,), True), Phrase(("pain", LONG))])
    assert KeywordIndex(both.server, both.kind).frequency(Phrase((LONG[:-1],))) == 0


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    written=st.dictionaries(st.integers(1, 1 << 40), st.lists(st.text(), max_size=6).map(" ".join), max_size=8),
    gone=st.sets(st.integers(0, 7)),
    length=st.integers(1, 3),
)
def test_any_texts_are_found_by_what_stands_in_them(
    connections: tuple[Connection, Connection], written: dict[int, str], gone: set[int], length: int
) -> None:
    _, server = connections
    keyword_changes.forget_all_terms(server)
    found = {key: terms_of(written[key]) for key in written}
    keyword_changes.add_terms(server, "note", found)
    removed = [key for number, key in enumerate(sorted(found)) if number in gone]
    keyword_changes.remove_terms(server, "note", {key: found[key] for key in removed})
    index = KeywordIndex(server, "note")
    runs = {tuple(terms[at : at + length]) for terms in found.values() for at in range(len(terms))}
    asked = [Phrase(run, is_prefix) for run in runs for is_prefix in (False, True)]
    asked += [Phrase((*run[:-1], run[-1][: len(run[-1]) // 2 + 1]), True) for run in runs]
    frequencies = index.frequencies(asked)
    for phrase in asked:
        counted = {key: phrase.count_in(found[key]) for key in sorted(found.keys() - set(removed))}
        expected = {key: count for key, count in counted.items() if count}
        texts = index._texts(phrase)
        assert dict(zip(texts.keys.tolist(), texts.counts.tolist(), strict=True)) == {
            k: n for k, n in expected.items() if n
        }
        assert texts.lengths.tolist() == [len(found[key]) for key in texts.keys.tolist()]
        assert frequencies[phrase] == len(texts.keys)


@pytest.mark.parametrize(
    "change",
    ["keys = ''", "keys = '\\x80'", "keys = keys || '\\x00'", "keys = '\\x01'", "keys = '\\xffffffffffffffffffff'",
     "lengths = ''", "lengths = lengths || '\\x01'", "positions = ''", "positions = '\\xff'"],
)  # fmt: skip
def test_postings_that_are_not_as_they_were_written_are_damage(both: Both, change: str) -> None:
    both.add({1: ["chest", "pain"]})
    keyword_changes.merge_terms(both.server)
    both.server.execute(text(f"UPDATE {both.kind}_postings SET {change}"))
    with pytest.raises(UnsoundValue):
        KeywordIndex(both.server, both.kind).frequency(Phrase(("chest", "pain")))


def test_a_query_that_fails_fails_as_any_other_of_the_connection_does(both: Both) -> None:
    both.server.execute(text(f"DROP TABLE {both.kind}_recent"))
    with pytest.raises(ProgrammingError) as failed:
        KeywordIndex(both.server, both.kind).frequency(Phrase(("pain",)))
    assert failed.value.orig.sqlstate == "42P01"

"""One of three databases is cut off, or its disk is full: one line names it, and the next run completes what is due."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import psycopg
import pytest

import clinsearch
from clinsearch import outages
from clinsearch.errors import CollectionAway
from clinsearch.storage.postgres import committing
from tests.support.command_line import run_on
from tests.support.cut_connections import Way, after, in_turn, way_to
from tests.support.postgres import PostgresServer
from tests.support.shards import empty_shards, notes_in
from tests.support.small_disks import fill, small_disk, tablespace

CUT_OFF = 1
BEFORE = [
    {"note_id": f"n{number}", "patient_id": f"P{number % 7}", "text": f"Fever and chills. Seen {number} times."}
    for number in range(15)
]
# All are changed, two thirds have another patient, some of whom are of another database; some are new.
AFTER = [
    {**note, "text": f"{note['text']} Edema today.", "patient_id": f"R{number}" if number % 3 else note["patient_id"]}
    for number, note in enumerate(BEFORE)
] + [{"note_id": f"m{number}", "text": f"Edema of {number} days. Denies cough at night."} for number in range(15)]
THE_REST = "Other databases have stored their part; the next run adds the rest."
# Sent when the notes are stored, and before their transaction is committed.
STORING = b"Edema today."

# What a database holds but for keys, each row once; and how many rows of what may not be left behind.
CONTENT = """
SELECT note_id, patient_id, n.text, s.text, o.start, o.end, s.digest, (SELECT count(*) FROM clinsearch.sentence_vectors
    WHERE key = s.key), (SELECT count(*) FROM clinsearch.note_vectors WHERE key = n.key),
    (SELECT count(*) FROM clinsearch.opening_vectors WHERE key = n.key)
FROM clinsearch.notes AS n LEFT JOIN clinsearch.occurrences AS o ON o.note = n.key
LEFT JOIN clinsearch.sentences AS s ON s.key = o.sentence
UNION ALL SELECT 'rows', NULL, NULL, NULL, count(*), (SELECT count(*) FROM clinsearch.sentence_vectors), NULL,
    (SELECT count(*) FROM clinsearch.note_vectors), (SELECT count(*) FROM clinsearch.opening_vectors),
    NULL FROM clinsearch.sentences
"""
Content = list[tuple[Any, ...]]


def content(address: str) -> Content:
    with psycopg.connect(address) as connection:
        return sorted(connection.execute(CONTENT).fetchall(), key=repr)


def by_note(rows: Content) -> dict[str, Content]:
    """Return the rows of each note."""
    notes: dict[str, Content] = {}
    for row in rows:
        notes.setdefault(row[0], []).append(row)
    del notes["rows"]
    return notes


def assert_others_have_their_part(now: list[Content], before: list[Content], after_all: list[Content]) -> None:
    """Assert that of one shard nothing was changed, and that the notes of the others are whole; those move last."""
    assert now[CUT_OFF] == before[CUT_OFF]
    notes = [list(map(by_note, each)) for each in (now, before, after_all)]
    for number in {0, 1, 2} - {CUT_OFF}:
        there, formerly, finally_there = (each[number] for each in notes)
        stay = formerly.keys() & finally_there.keys()
        new = {note_id for note_id in finally_there if not any(note_id in each for each in notes[1])}
        assert there == {note_id: finally_there[note_id] for note_id in stay | new}
        assert new


def found(address: str) -> dict[str, Any]:
    """Return what is found, with its scores; of equal ones the order and the place shown depend on keys."""
    collection = clinsearch.Collection(address)
    answers: dict[str, Any] = {}
    for level, name in (("sentence", "sentence"), ("note", "note_id")):
        for mode in ("vector", "keyword"):
            hits = collection.search("edema of days and cough", 90, level=level, mode=mode)
            answers[f"{level}, {mode}"] = {getattr(hit, name): pytest.approx(hit.score, abs=2e-3) for hit in hits}
    return answers


def write(path: Path, notes: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(note) + "\n" for note in notes))
    return path


@dataclass(frozen=True)
class Kept:
    """The shards of a collection, the way to one, or its disk, and its notes, not all of which are indexed."""

    addresses: list[str]
    notes: Path
    way: Way | None = None
    disk: Path | None = None

    def index(self) -> str | None:
        """Index the notes; return the only line of the error, if there is one."""
        result = run_on(self.addresses[0], "index", self.notes)
        if result.exit_code == 0:
            return None
        errors = [line for line in result.stderr.splitlines() if line.startswith("Error: ")]
        assert result.stderr.endswith("\n".join(errors) + "\n")
        assert len(errors) == 1
        assert "s3cret" not in result.output
        return errors[0]

    def contents(self) -> list[Content]:
        return list(map(content, self.addresses))


def keep(server: PostgresServer, folder: Path, model: Path, stack: ExitStack, way: Way | None = None) -> Kept:
    addresses = stack.enter_context(empty_shards(server, ports={CUT_OFF: way.port} if way else None))
    path = write(folder / "notes.jsonl", BEFORE)
    clinsearch.index(path, addresses[0], model=str(model), tokens=False)
    write(path, AFTER)
    return Kept(addresses, path, way)


@pytest.fixture(scope="module")
def undisturbed(
    postgres_server: PostgresServer, tiny_model: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[list[Content], dict[str, Any]]:
    """What the databases hold after an undisturbed run, and what is found then."""
    with ExitStack() as stack:
        kept = keep(postgres_server, tmp_path_factory.mktemp("undisturbed"), tiny_model, stack)
        before = kept.contents()
        assert kept.index() is None
        assert all(one != other for one, other in zip(before, kept.contents(), strict=True))
        return kept.contents(), found(kept.addresses[0])


@pytest.fixture
def kept(postgres_server: PostgresServer, tiny_model: Path, tmp_path: Path) -> Iterator[Kept]:
    """A collection one of whose databases may be cut off."""
    with way_to(postgres_server.port) as way, ExitStack() as stack:
        yield keep(postgres_server, tmp_path, tiny_model, stack, way)


def assert_as_undisturbed(kept: Kept, undisturbed: tuple[list[Content], dict[str, Any]]) -> None:
    assert kept.contents() == undisturbed[0]
    assert found(kept.addresses[0]) == undisturbed[1]


@pytest.mark.parametrize("is_sent", [pytest.param(False, marks=pytest.mark.slow), True])
def test_a_shard_that_is_cut_off_for_a_moment_is_not_noticed(
    kept: Kept, undisturbed: tuple[list[Content], dict[str, Any]], is_sent: bool
) -> None:
    assert kept.way
    kept.way.cut(in_turn(STORING, b"COMMIT"), is_sent=is_sent)
    assert kept.index() is None
    assert kept.way.cuts == 1
    assert_as_undisturbed(kept, undisturbed)


@pytest.mark.parametrize("at", [pytest.param((STORING,), marks=pytest.mark.slow), (STORING, b"COMMIT")])
def test_a_shard_that_is_cut_off_is_named_and_the_next_run_completes_it(
    kept: Kept,
    undisturbed: tuple[list[Content], dict[str, Any]],
    at: tuple[bytes, ...],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert kept.way
    monkeypatch.setattr(committing, "WITHIN_S", 0.3)
    monkeypatch.setattr(outages, "WITHIN_S", 0.3)
    opened, before = clinsearch.Collection(kept.addresses[0]), kept.contents()
    kept.way.cut(in_turn(*at), for_good=True)
    line = kept.index()
    assert line == (
        f"Error: The database {kept.addresses[CUT_OFF]} cannot be reached: the connection was cut. {THE_REST}"
    )
    for reopened in (lambda: opened, lambda: clinsearch.Collection(kept.addresses[0])):
        with pytest.raises(CollectionAway, match=r"^The database .* cannot be reached: the connection was cut\.$"):
            ask(reopened())
    kept.way.mend()
    assert_others_have_their_part(kept.contents(), before, undisturbed[0])
    assert kept.index() is None
    assert_as_undisturbed(kept, undisturbed)


@pytest.mark.slow
def test_a_deletion_that_is_cut_short_leaves_notes_whole_and_can_be_ended(
    kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert kept.way
    monkeypatch.setattr(committing, "WITHIN_S", 0.3)
    collection, ids = clinsearch.Collection(kept.addresses[0]), [str(note["note_id"]) for note in BEFORE]
    of_cut_off = notes_in(kept.addresses[CUT_OFF])
    kept.way.cut(in_turn(b"DELETE FROM", b"COMMIT"), for_good=True)
    with pytest.raises(CollectionAway, match="name those that are left again") as caught:
        collection.delete(ids)
    assert kept.addresses[CUT_OFF] in str(caught.value)
    kept.way.mend()
    assert [note.note_id for note in collection.whole_notes()] == of_cut_off
    assert collection.delete(of_cut_off) == len(of_cut_off)
    assert sum(map(len, kept.contents())) == len(kept.addresses)  # but for the number of rows, which is none


def ask(collection: clinsearch.Collection) -> list[Any]:
    return list(collection.search("edema of days and cough", 20, level="note"))


def ask_or_line(collection: clinsearch.Collection) -> list[Any] | str:
    try:
        return ask(collection)
    except CollectionAway as error:
        return str(error)


def sent_by_a_search(kept: Kept, collection: clinsearch.Collection) -> int:
    """Count the pieces that a search sends one of the databases."""
    assert kept.way
    ask(collection)
    kept.way.cut(lambda _: False)
    ask(collection)
    return kept.way.pieces


@pytest.mark.parametrize("is_sent", [pytest.param(False, marks=pytest.mark.slow), True])
def test_a_search_goes_on_when_a_shard_is_cut_off_for_a_moment(kept: Kept, is_sent: bool) -> None:
    assert kept.way
    collection = clinsearch.Collection(kept.addresses[0])
    before, pieces = ask(collection), sent_by_a_search(kept, collection)
    kept.way.cut(after(pieces // 2), is_sent=is_sent)
    assert ask(collection) == before
    assert kept.way.cuts == 1


@pytest.mark.exhaustive
@pytest.mark.parametrize("is_sent", [False, True])
def test_a_search_goes_on_or_names_the_database_wherever_it_is_cut_off(kept: Kept, is_sent: bool) -> None:
    assert kept.way
    collection = clinsearch.Collection(kept.addresses[0])
    before, cuts, told = ask(collection), 0, 0
    pieces = sent_by_a_search(kept, collection)
    for at in range(pieces):
        kept.way.cut(after(at), is_sent=is_sent)
        answer = ask_or_line(collection)
        if isinstance(answer, str):  # a first connection is not tried again: see below
            assert kept.addresses[CUT_OFF] in answer
            told += 1
            answer = ask(collection)
        assert answer == before
        cuts += kept.way.cuts
    assert cuts > pieces // 2
    assert told < pieces // 4


@pytest.mark.exhaustive
@pytest.mark.parametrize("part", range(1, 9))
def test_a_run_goes_on_or_can_be_repeated_wherever_a_shard_is_cut_off(
    kept: Kept,
    postgres_server: PostgresServer,
    tiny_model: Path,
    tmp_path: Path,
    undisturbed: tuple[list[Content], dict[str, Any]],
    part: int,
) -> None:
    assert kept.way
    kept.way.cut(lambda _: False)
    assert kept.index() is None
    pieces = kept.way.pieces
    with ExitStack() as stack:
        again = keep(postgres_server, tmp_path, tiny_model, stack, kept.way)
        kept.way.cut(after(part * pieces // 10), is_sent=bool(part % 2))
        line = again.index()
        assert kept.way.cuts == 1
        # A first connection is not tried again: a wrong password looks as a server does that is away.
        assert line is None or (again.addresses[CUT_OFF] in line and again.index() is None)
        assert_as_undisturbed(again, undisturbed)


@pytest.fixture
def on_small_disk(postgres_server: PostgresServer, tiny_model: Path, tmp_path: Path) -> Iterator[Kept]:
    """A collection one of whose databases lies on a small disk."""
    with (
        small_disk(64) as disk,
        tablespace(postgres_server, "small_shard", disk),
        ExitStack() as stack,
    ):
        kept = keep(postgres_server, tmp_path, tiny_model, stack)
        name = kept.addresses[CUT_OFF].rpartition("/")[2]
        postgres_server.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")
        postgres_server.execute(f"ALTER DATABASE {name} SET TABLESPACE small_shard")
        yield replace(kept, disk=disk)


@pytest.mark.slow
def test_a_shard_whose_disk_is_full_is_named_and_the_next_run_completes_it(
    on_small_disk: Kept, undisturbed: tuple[list[Content], dict[str, Any]]
) -> None:
    kept, before = on_small_disk, on_small_disk.contents()
    assert kept.disk
    found_before = found(kept.addresses[0])
    filling = fill(kept.disk, spare_kib=0)
    assert kept.index() == (
        f"Error: The disk of the database {kept.addresses[CUT_OFF]} is full. Nothing was lost; make room and run "
        f"again. {THE_REST}"
    )
    assert_others_have_their_part(kept.contents(), before, undisturbed[0])
    assert found(kept.addresses[0]).keys() == found_before.keys()
    filling.unlink()
    assert kept.index() is None
    assert_as_undisturbed(kept, undisturbed)

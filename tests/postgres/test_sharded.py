"""A collection over several databases answers as one folder does, whatever is added, deleted, moved or cut short."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import psycopg
import pytest

import clinsearch
from clinsearch import outages
from clinsearch.collection import Collection
from clinsearch.errors import CollectionError, HitNotFound
from clinsearch.records.listings import CountBy, Order
from clinsearch.records.saved_searches import SearchRequest
from clinsearch.storage.postgres.committing import COMMIT_LOCK
from tests.conftest import PROJECT
from tests.support.command_line import json_on, refused, run, run_on
from tests.support.kept_twice import Pair, both, vectors_of_halves, write_many_kinds
from tests.support.postgres import PostgresServer
from tests.support.shards import empty_shards, notes_in

Collections = tuple[Collection, Collection]
FILTERS: list[dict[str, Any]] = [
    {},
    {"patient_id": ["P1", "P3", "ä1", "nobody"]},
    {"encounter_id": "E1"},
    {"note_type": ["PROGRESS NOTE", "ÄRZTEBRIEF"]},
    {"exclude_type": ["consult", "zebra"]},
    {"section": ["HPI", "meds"]},
    {"since": "2024-03-10", "until": "2024-03-25"},
    {"where": ["A1c > 6", "A1c < 9"]},
]
ADMISSION = "P001-2024-03-03-admission"


@pytest.fixture(scope="module")
def kept(postgres_server, tiny_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """Notes of many kinds, most of whose sentences stand in all shards; no test changes them."""
    folder = tmp_path_factory.mktemp("sharded")
    with empty_shards(postgres_server) as addresses, vectors_of_halves():
        pair = Pair(folder / "collection", addresses[0], str(tiny_model))
        pair.index(write_many_kinds(folder / "notes"))
        yield pair


@pytest.fixture(scope="module")
def pair(kept: Pair) -> Collections:
    return kept.collections


@pytest.mark.drawn(3)
@pytest.mark.parametrize("where", FILTERS, ids=str)
def test_the_same_sentences_notes_and_patients_are_nearest(pair: Collections, where: dict[str, Any]) -> None:
    for level in ("sentence", "note", "patient"):
        assert both(pair, lambda c, level=level: c.search("no chest pain", 12, level=level, mode="vector", **where))
    both(pair, lambda c: c.similar(ADMISSION, 12, **where))


@pytest.mark.drawn(3)
@pytest.mark.parametrize("where", FILTERS, ids=str)
def test_the_same_words_in_context_are_nearest(pair: Collections, where: dict[str, Any]) -> None:
    both(pair, lambda c: c.search_tokens("chest [pain] at night", 12, **where))
    both(pair, lambda c: c.search_tokens("chest [pain] at night", 12, same=True, **where))
    both(pair, lambda c: c.search_tokens("chest [pain] at night", 12, pieces=True, **where))


@pytest.mark.parametrize("where", FILTERS, ids=str)
def test_lists_counts_and_values_are_the_same(pair: Collections, where: dict[str, Any]) -> None:
    both(pair, lambda c: list(c.each_note(**where)))
    both(pair, lambda c: c.count(**where))
    both(pair, lambda c: [c.counts(by, **where) for by in get_args(CountBy)])
    both(pair, lambda c: c.measured(**where))
    both(pair, lambda c: c.values("A1c", **where))
    for sort in get_args(Order):
        both(pair, lambda c, sort=sort: c.notes(sort=sort, limit=7, offset=5, **where))
        both(pair, lambda c, sort=sort: c.notes(sort=sort, reverse=True, **where))


def test_a_sentence_of_several_shards_is_one_with_all_its_places(pair: Collections) -> None:
    hits = pair[0].search("fever and chills", 30, mode="vector")
    assert any(hit.occurrences > 5 for hit in hits)
    for hit in hits:
        both(pair, lambda c, hit=hit: c.places(hit))
        both(pair, lambda c, hit=hit: c.places(hit, section="medications"))


def test_notes_and_tokens_are_the_same(pair: Collections) -> None:
    for note in both(pair, lambda c: list(c.whole_notes())):
        both(pair, lambda c, note=note: c.note(note.note_id))
    both(pair, lambda c: c.note("no such note"))
    both(pair, lambda c: c.coverage(top=50))
    both(pair, lambda c: c.occurrences(pair[0].tokens("odd-twice")[0].tokens[1].id, limit=20, offset=1))


def test_explanations_add_up(pair: Collections) -> None:
    # The background is the mean of a sample, in which what stands in several shards counts more.
    both(pair, lambda c: c.explain_query("short of breath lying flat", ADMISSION), within=0.02)
    for hit in pair[1].search("short of breath lying flat", 5):
        assert abs(pair[1].explain_hit("short of breath lying flat", hit).text.residual) < 1e-4


def test_status_sums_and_names_the_shards(pair: Collections) -> None:
    one, other = (c.status() for c in pair)
    assert (one.notes, one.occurrences, one.note_types) == (other.notes, other.occurrences, other.note_types)
    assert one.languages == other.languages
    assert sum(other.shards.values()) == other.notes
    assert len([notes for notes in other.shards.values() if notes]) == 3
    assert list(other.servers) == list(other.shards)
    assert {(server.is_replica, server.graphs) for server in other.servers.values()} == {(False, 0)}
    said = json_on(pair[1].location, "status")
    assert [(one["collection"], one["notes"]) for one in said["shards"]] == list(other.shards.items())
    assert all(one["server"]["version"] and one["server"]["replicas"] == [] for one in said["shards"])
    assert run_on(pair[1].location, "status").stdout.count("PostgreSQL") == 3


# What changes.


@pytest.fixture
def changing(postgres_server, tiny_model: Path, tmp_path: Path) -> Iterator[tuple[Pair, list[str]]]:
    """Notes in a folder and over shards, and the addresses of these."""
    with empty_shards(postgres_server) as addresses, vectors_of_halves():
        pair = Pair(tmp_path / "collection", addresses[0], str(tiny_model))
        write(tmp_path, NOTES)
        pair.index(tmp_path / "notes.jsonl")
        yield pair, addresses


NOTES = [
    {"note_id": f"n{number}", "patient_id": f"P{number % 5}" if number % 7 else None, "note_type": "progress",
     "text": f"Fever and chills. Was seen {number} times. Denies cough at night."}
    for number in range(20)
]  # fmt: skip


def write(folder: Path, notes: list[dict[str, Any]]) -> Path:
    path = folder / "notes.jsonl"
    path.write_text("".join(json.dumps(note) + "\n" for note in notes))
    return path


def index_both(pair: Pair, path: Path) -> tuple[int, int, int]:
    """Index in both; return how many notes were new, changed and unchanged. What moves is encoded again in one."""
    reports = [clinsearch.index(path, at) for at in (pair.folder, pair.dsn)]
    one, other = ((report.new, report.changed, report.unchanged) for report in reports)
    assert one == other
    return one


def assert_same(pair: Pair) -> None:
    opened = pair.collections
    both(opened, lambda c: list(c.whole_notes()))
    for level in ("sentence", "note", "patient"):
        both(opened, lambda c, level=level: c.search("cough at night", 10, level=level, mode="vector"))
    both(opened, lambda c: c.search_tokens("has a [fever]", 10))
    both(opened, lambda c: c.counts("patient"))


def test_what_is_deleted_is_gone_from_all_shards_and_may_come_again(changing: tuple[Pair, list[str]]) -> None:
    pair, addresses = changing
    for collection in pair.collections:
        collection.remember("fever", collection.search("fever", mode="vector"))
        assert collection.delete([f"n{number}" for number in range(0, 20, 3)]) == 7
        with pytest.raises(HitNotFound):
            collection.remembered(1)
    assert_same(pair)
    assert index_both(pair, pair.folder.parent / "notes.jsonl") == (7, 0, 13)
    assert_same(pair)
    stored = [note_id for one in addresses for note_id in notes_in(one)]
    assert sorted(stored) == sorted(str(note["note_id"]) for note in NOTES)


def test_a_note_whose_patient_changes_moves_to_another_shard(changing: tuple[Pair, list[str]]) -> None:
    pair, addresses = changing
    before = {note_id: number for number, one in enumerate(addresses) for note_id in notes_in(one)}
    path = write(pair.folder.parent, [{**note, "patient_id": "P-new"} for note in NOTES])
    assert index_both(pair, path) == (0, len(NOTES), 0)
    homes = [len(notes_in(one)) for one in addresses]
    assert sorted(homes) == [0, 0, len(NOTES)]
    assert len(set(before.values())) == 3
    one, other = (sorted(map(repr, c.whole_notes())) for c in pair.collections)
    assert one == other
    write(pair.folder.parent, [{**note, "text": f"{note['text']} No edema."} for note in NOTES])
    assert index_both(pair, path) == (0, len(NOTES), 0)
    assert_same(pair)


def test_a_change_that_keeps_the_patient_stays(changing: tuple[Pair, list[str]]) -> None:
    pair, addresses = changing
    before = list(map(notes_in, addresses))
    pair.index(write(pair.folder.parent, [{**note, "note_type": "consult"} for note in NOTES]))
    assert list(map(notes_in, addresses)) == before
    assert_same(pair)
    for collection in pair.collections:
        collection.optimize()
        assert collection.repair() == 0
    assert_same(pair)


def test_saved_searches_find_what_came_since_in_any_shard(changing: tuple[Pair, list[str]]) -> None:
    pair, _ = changing
    for at in (pair.folder, pair.dsn):
        searches = clinsearch.SavedSearches(clinsearch.open(at))
        searches.keep(searches.begin("x", SearchRequest("edema today", k=9, options={"mode": "vector"})))
    more = [{"note_id": f"m{number}", "patient_id": f"Q{number}", "text": f"Edema of {number}."} for number in range(9)]
    pair.index(write(pair.folder.parent, [*NOTES, *more]))
    runs = [clinsearch.SavedSearches(clinsearch.open(at)).run("x", new=True) for at in (pair.folder, pair.dsn)]
    assert [hit.note_id for hit in runs[0].results] == [hit.note_id for hit in runs[1].results]
    assert {hit.note_id[0] for hit in runs[1].results} == {"m"}
    assert len(runs[1].results) == 9


def test_vectors_are_corrected_alike_in_all_shards(postgres_server, tiny_model: Path, tmp_path: Path) -> None:
    with empty_shards(postgres_server) as addresses, vectors_of_halves():
        pair = Pair(tmp_path / "collection", addresses[0], str(tiny_model))
        path = write(tmp_path, NOTES)
        pair.index(path, correction=True)
        assert len(corrections(addresses)) == 1
        fitted = corrections(addresses)
        pair.index(path, correction=False)
        assert corrections(addresses) == {()}
        assert_same(pair)
        clinsearch.index(path, addresses[0], correction=True)
        assert len(corrections(addresses)) == 1
        assert corrections(addresses) != fitted | {()}
        assert Collection(addresses[0]).search("cough at night", 3, mode="vector")


def corrections(addresses: list[str]) -> set[tuple[Any, ...]]:
    """Return the corrections of the shards, the same ones once."""
    query = "SELECT kind, fitted_on, mean, linear_map FROM clinsearch.corrections ORDER BY kind"
    found = set()
    for address in addresses:
        with psycopg.connect(address) as connection:
            found.add(tuple(connection.execute(query).fetchall()))
    return found


# What is cut short.


def test_a_run_that_is_killed_between_two_shards_is_completed_by_the_next(changing: tuple[Pair, list[str]]) -> None:
    pair, addresses = changing
    changed = [{**note, "text": f"{note['text']} No edema.", "patient_id": f"R{n % 6}"} for n, note in enumerate(NOTES)]
    path = write(pair.folder.parent, changed + [{"note_id": f"m{n}", "text": f"New {n}."} for n in range(30)])
    with psycopg.connect(addresses[1]) as connection:
        connection.execute("SELECT pg_advisory_xact_lock(%s)", (COMMIT_LOCK,))
        process = subprocess.Popen(
            [sys.executable, "-m", "clinsearch", "index", str(path), "--collection", addresses[0]],
            cwd=PROJECT, env={**os.environ, "PYTHONPATH": str(PROJECT)}, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        try:
            # It waits for the lock when it begins, and again when it commits: let it through the first time.
            until = time.monotonic() + 60
            while not waiting(connection) and time.monotonic() < until:
                time.sleep(0.05)
            connection.rollback()
            while time.monotonic() < until:
                connection.execute("SELECT pg_advisory_xact_lock(%s)", (COMMIT_LOCK,))
                if any(note_id.startswith("m") for note_id in notes_in(addresses[0]) + notes_in(addresses[2])):
                    break
                connection.rollback()
        finally:
            os.kill(process.pid, signal.SIGKILL)
            process.communicate()
    assert any(note_id.startswith("m") for one in addresses for note_id in notes_in(one))
    for note in Collection(addresses[0]).whole_notes():
        assert {"text": note.text, "patient_id": note.patient_id} in [
            {"text": one["text"], "patient_id": one.get("patient_id")} for one in [*changed, *NOTES, *json_lines(path)]
        ]
    clinsearch.index(path, addresses[0])
    clinsearch.index(path, pair.folder)
    ids = sorted(note.note_id for note in Collection(addresses[0]).whole_notes())
    assert ids == sorted(note["note_id"] for note in json_lines(path))
    one, other = (sorted(map(repr, c.whole_notes())) for c in pair.collections)
    assert one == other


def waiting(connection: psycopg.Connection[Any]) -> bool:
    query = (
        "SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND database = "
        "(SELECT oid FROM pg_database WHERE datname = current_database())"
    )
    return connection.execute(query).fetchone() is not None


def json_lines(path: Path) -> list[dict[str, Any]]:
    return list(map(json.loads, path.read_text().splitlines()))


# What is not as it should be.


def spoil(address: str, statement: str, *values: Any) -> None:
    with psycopg.connect(address) as connection:
        connection.execute(statement, values)


def test_a_shard_that_does_not_answer_is_named_in_one_line(
    changing: tuple[Pair, list[str]], postgres_server: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    pair, addresses = changing
    monkeypatch.setattr(outages, "WITHIN_S", 0.3)
    opened = Collection(addresses[0])
    name = addresses[2].rpartition("/")[2]
    postgres_server.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
    postgres_server.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")
    try:
        for ask in (
            lambda: opened.search("fever", mode="vector"),
            lambda: Collection(addresses[0]).search("fever", mode="vector"),
            lambda: clinsearch.index(pair.folder.parent / "notes.jsonl", addresses[0]),
        ):
            with pytest.raises(CollectionError) as caught:
                ask()
            assert addresses[2] in str(caught.value)
            assert "\n" not in str(caught.value)
    finally:
        postgres_server.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")


@pytest.mark.drawn(3)
@pytest.mark.parametrize(
    ("shard", "statement"),
    [
        (0, "UPDATE clinsearch.shard_addresses SET address = 'postgresql://u:s3cret@h.example/x' WHERE number = 1"),
        (0, "UPDATE clinsearch.shard_addresses SET address = address || '?sslmode=disable' WHERE number = 1"),
        (0, "UPDATE clinsearch.shard_addresses SET address = 'no s3cret address' WHERE number = 2"),
        (0, "DELETE FROM clinsearch.shard_addresses WHERE number = 2"),
        (0, "UPDATE clinsearch.shard SET count = 4"),
        (0, "UPDATE clinsearch.shard SET count = 2000000000"),
        (1, "UPDATE clinsearch.shard SET number = 2"),
        (2, "UPDATE clinsearch.shard SET collection = 'another'"),
        (2, "DELETE FROM clinsearch.shard"),
    ],
)
def test_databases_that_are_not_the_shards_are_refused(
    changing: tuple[Pair, list[str]], shard: int, statement: str
) -> None:
    pair, addresses = changing
    spoil(addresses[shard], statement)
    for ask in (
        lambda: Collection(addresses[0]),
        lambda: clinsearch.index(pair.folder.parent / "notes.jsonl", addresses[0]),
    ):
        with pytest.raises(CollectionError) as caught:
            ask()
        assert addresses[0] in str(caught.value)
        assert "s3cret" not in str(caught.value)
        assert "\n" not in str(caught.value)


def test_addresses_that_are_exchanged_are_refused(changing: tuple[Pair, list[str]]) -> None:
    _, addresses = changing
    for number, other in ((1, 2), (2, 1)):
        change = "UPDATE clinsearch.shard_addresses SET address = %s WHERE number = %s"
        spoil(addresses[0], change, addresses[other], number)
    with pytest.raises(CollectionError, match=f"{addresses[2]} is not number 2 of the 3 databases of the collection"):
        Collection(addresses[0])


def test_only_the_first_shard_stands_for_the_collection(changing: tuple[Pair, list[str]]) -> None:
    _, addresses = changing
    for ask in (Collection, lambda address: clinsearch.index("sample_notes", address)):
        with pytest.raises(CollectionError, match=r"is number 3 of the 3 databases of a collection\. Name the first"):
            ask(addresses[2])


def test_the_command_makes_a_collection_of_empty_databases_alone(
    changing: tuple[Pair, list[str]], postgres_server: PostgresServer
) -> None:
    _, addresses = changing
    names = [postgres_server.make_database().rpartition("/")[2] for _ in range(2)]
    empty = [postgres_server.dsn(name, with_password=False) for name in names]
    assert f"There is a collection at {addresses[0]} already" in refused("shards", addresses[0], empty[0])
    assert f"There is a collection at {addresses[1]} already" in refused("shards", empty[0], addresses[1])
    assert "two databases or more" in refused("shards", empty[0])
    assert "two databases or more" in refused("shards", empty[0], empty[0])
    assert "host and name" in refused("shards", empty[0], "postgresql:///x?service=y")
    assert "Only databases" in refused("shards", empty[0], "folder")
    for _ in range(2):
        result = run("shards", *empty)
        assert result.exit_code == 0, result.stderr
        assert result.stdout.startswith("2 databases are one collection.")
    for name in names:
        postgres_server.drop_database(name)

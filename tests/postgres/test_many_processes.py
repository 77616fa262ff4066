"""Writers in processes of their own, some of them killed, and a server that is: nothing is lost, nothing doubled."""

from __future__ import annotations

import random
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import clinsearch
from tests.conftest import SEED_OF_THE_DAY
from tests.support import shared_collections
from tests.support.kills import write_notes
from tests.support.postgres import PostgresServer
from tests.support.shared_collections import (
    LEASE_S,
    Writers,
    Writing,
    assert_whole,
    ending,
    forget_the_gone,
    rows_of,
    texts_of,
)

pytestmark = pytest.mark.slow
template = shared_collections.template
WRITERS = 8
COUNT = 160
KILLS = 50
# Of these the server is killed in the middle.
OUTAGES = 3
WITHIN_S = 300


@pytest.fixture(scope="module")
def notes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_notes(tmp_path_factory.mktemp("notes") / "notes", COUNT, seed=1)


@pytest.fixture(scope="module")
def expected(notes: Path, tiny_model: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[str, ...]]:
    """The sentences of every note, as one run makes them in a folder."""
    folder = tmp_path_factory.mktemp("folder") / "c"
    clinsearch.index(notes, folder, model=str(tiny_model))
    collection = clinsearch.Collection(folder)
    views = {path.stem: collection.note(path.stem) for path in notes.iterdir()}
    return {
        note_id: tuple(" ".join(view.note.text[one.start : one.end].split()) for one in view.sentences)
        for note_id, view in views.items()
    }


@pytest.fixture(scope="module")
def writers(
    postgres_server, template: str, tiny_model: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Writers]:
    folder = tmp_path_factory.mktemp("writers")
    with postgres_server.database(template=template) as dsn:
        started = Writers(write_notes(folder / "notes", 2, seed=5), dsn, tiny_model, folder)
        yield started
        started.close()


@pytest.fixture
def dsn(postgres_server, template: str) -> Iterator[str]:
    with postgres_server.database(template=template) as dsn:
        yield dsn


def assert_each_once(dsn: str, expected: dict[str, tuple[str, ...]]) -> None:
    assert_whole(dsn)
    assert {note_id: sentences for note_id, (_, sentences) in texts_of(dsn).items()} == expected


@pytest.mark.parametrize("is_same", [True, False], ids=["the same folder", "folders that share sentences"])
def test_eight_writers_lose_and_double_nothing(
    dsn: str, notes: Path, expected: dict[str, tuple[str, ...]], writers: Writers, tmp_path: Path, is_same: bool
) -> None:
    folders = [notes] * WRITERS
    if not is_same:
        folders = [tmp_path / str(part) for part in range(WRITERS)]
        for part, folder in enumerate(folders):
            folder.mkdir()
            for path in sorted(notes.iterdir())[part::WRITERS]:
                shutil.copy(path, folder)
    writings = [writers.index(folder, dsn) for folder in folders]
    with ending(*writings):
        reports = [one.report() for one in writings]
    assert_each_once(dsn, expected)
    assert sum(report["new"] for report in reports) == COUNT
    ((sentences,),) = rows_of(dsn, "SELECT count(*) FROM sentences")
    assert sum(report["sentences_encoded"] for report in reports) == sentences


def test_workers_that_are_killed_at_random_moments_lose_and_double_nothing(
    dsn: str, notes: Path, expected: dict[str, tuple[str, ...]], writers: Writers
) -> None:
    """Two workers at a time, of which one is killed and replaced, over and over; what was committed once stays."""
    rng = random.Random(SEED_OF_THE_DAY)
    stored: set[str] = set()
    kills = rounds = 0
    while kills < KILLS:
        rounds += 1
        clinsearch.index(notes, dsn, enqueue=True)
        stays, goes = (writers.work(dsn, until_empty=True) for _ in range(2))
        with ending(stays, goes):
            while rows_of(dsn, "SELECT count(*) FROM queue") != [(0,)] and kills < KILLS:
                time.sleep(rng.uniform(0, 0.3))
                there = {note_id for (note_id,) in rows_of(dsn, "SELECT note_id FROM notes")}
                assert stored <= there
                stored = there
                goes.kill()
                kills += 1
                goes = writers.work(dsn, until_empty=True)
            stays.report()
            goes.report()
        assert_each_once(dsn, expected)
        clinsearch.Collection(dsn).delete(sorted(expected))
        stored = set()
    print(f"{kills} kills in {rounds} rounds")


@pytest.mark.parametrize("what", ["index", "work"])
def test_a_server_that_is_killed_during_work_loses_and_doubles_nothing(
    postgres_server: PostgresServer,
    notes: Path,
    expected: dict[str, tuple[str, ...]],
    tiny_model: Path,
    writers: Writers,
    tmp_path: Path,
    what: str,
) -> None:
    rng = random.Random(SEED_OF_THE_DAY)
    with PostgresServer.make(durable=True) as server:
        dsn = server.make_database()
        clinsearch.index(notes, dsn, enqueue=True, model=str(tiny_model))

        def start() -> Writing:
            return writers.work(dsn, until_empty=True) if what == "work" else writers.index(notes, dsn)

        writings = [start() for _ in range(3)]
        with ending(*writings):
            for _ in range(OUTAGES):
                time.sleep(rng.uniform(0.3, 1.5))
                there = {note_id for (note_id,) in rows_of(dsn, "SELECT note_id FROM notes")}
                server.kill()
                time.sleep(rng.uniform(0, 1))
                server.start()
                assert there <= {note_id for (note_id,) in rows_of(dsn, "SELECT note_id FROM notes")}
            finished = [one.has_finished() for one in writings]
        if not any(finished):  # a run that was just reading says so, and is to be run again
            start().report()
        time.sleep(LEASE_S)
        forget_the_gone(dsn)
        assert_each_once(dsn, expected)


def test_a_worker_that_is_told_to_end_ends_and_loses_nothing(
    dsn: str, notes: Path, expected: dict[str, tuple[str, ...]], writers: Writers
) -> None:
    clinsearch.index(notes, dsn, enqueue=True)
    stored = 0
    while rows_of(dsn, "SELECT count(*) FROM queue") != [(0,)]:
        one = writers.work(dsn)
        with ending(one):
            time.sleep(0.5)
            one.stop()
            stored += one.report()["notes"]
        assert rows_of(dsn, "SELECT count(*) FROM notes") == [(stored,)]
        assert rows_of(dsn, "SELECT count(*) FROM queue WHERE worker IS NOT NULL OR attempts > 0") == [(0,)]
        assert rows_of(dsn, "SELECT count(*) FROM workers") == [(0,)]
    assert_each_once(dsn, expected)

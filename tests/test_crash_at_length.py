"""Kills at some moments of many, and at all of them; and Ctrl-C."""

from __future__ import annotations

import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pytest

from clinsearch import Collection
from clinsearch.errors import CollectionNotFound
from tests.conftest import PROJECT, SEED_OF_THE_DAY, WORDS
from tests.support import kills
from tests.support.collections import path_in_memory
from tests.support.kills import Indexers, Scene, killed

tmp_path = path_in_memory
often, scene, indexers = kills.often, kills.scene, kills.indexers
moments_of_a_change = kills.moments_of_a_change


FEW = 12
PARTS = 8  # so that processes can share the work


SOME, ALL = pytest.mark.slow, pytest.mark.exhaustive


def numbered(moments: list[str]) -> list[tuple[str, int]]:
    """Give each moment the number of times that it has come by then."""
    passed, found = Counter[str](), []
    for moment in moments:
        passed[moment] += 1
        found.append((moment, passed[moment]))
    return found


def assert_survived(scene: Scene, indexers: Indexers, folder: Path, moments: Iterable[tuple[str, int]]) -> None:
    for moment, number in moments:
        collection = Path(shutil.copytree(scene.former, folder / "c"))
        killed(scene, indexers, collection, moment, number)
        scene.assert_whole_notes(collection)
        scene.assert_completes(collection)
        shutil.rmtree(collection)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [None, SEED_OF_THE_DAY])
def test_a_kill_at_some_moments_of_a_change_is_survived(
    tmp_path: Path, scene: Scene, indexers: Indexers, moments_of_a_change: list[str], seed: int | None
) -> None:
    """Without a seed, moments that are spread evenly; with one, as many that it draws."""
    moments = numbered(moments_of_a_change)
    sample = random.Random(seed).sample(moments, FEW) if seed else moments[:: len(moments) // FEW]
    assert_survived(scene, indexers, tmp_path, sample)


@pytest.mark.exhaustive
@pytest.mark.parametrize("part", range(PARTS))
def test_a_kill_at_every_single_moment_of_a_change_is_survived(
    tmp_path: Path, scene: Scene, indexers: Indexers, moments_of_a_change: list[str], part: int
) -> None:
    assert_survived(scene, indexers, tmp_path, numbered(moments_of_a_change)[part::PARTS])


WAITS = 6
# What is begun in the background of a shell ignores it.
HEARS_CTRL_C = """
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)
from clinsearch.cli import main
main()
"""


@pytest.mark.parametrize(
    "wait_seconds",
    [pytest.param(0.2 * n, marks=SOME if n == SEED_OF_THE_DAY % WAITS else ALL) for n in range(WAITS)],
)
def test_ctrl_c_twice_is_one_line_and_loses_nothing(tmp_path: Path, wait_seconds: float) -> None:
    """The second comes while the first waits for what is being encoded."""
    notes = tmp_path / "notes"
    notes.mkdir()
    for n in range(8000):
        (notes / f"n{n}.txt").write_text(" ".join(f"The {word} of day {n} was noted." for word in WORDS[:6]))
    command = [sys.executable, "-c", HEARS_CTRL_C]
    collection = tmp_path / "c"
    index_them = [*command, "index", str(notes), "--collection", str(collection)]
    process = subprocess.Popen(index_them, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=PROJECT)
    while (committed := notes_in(collection)) == 0:
        assert process.poll() is None
        time.sleep(0.05)
    time.sleep(wait_seconds)
    process.send_signal(signal.SIGINT)
    time.sleep(0.002)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=120)
    last = said.replace("\r", "\n").rstrip().rpartition("\n")[2]
    assert (process.returncode, last) == (130, "Stopped. What was committed is kept.")
    assert notes_in(collection) >= committed


def notes_in(collection: Path) -> int:
    try:
        return Collection(collection).status().notes
    except CollectionNotFound:
        return 0


@pytest.fixture(scope="module")
def many_notes(often: None, tiny_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Scene:
    return Scene(tmp_path_factory.mktemp("many"), tiny_model, count=200)


@pytest.mark.parametrize("most", [pytest.param(3, marks=SOME), pytest.param(24, marks=ALL)])
@pytest.mark.parametrize("start", ["from nothing", "from a former state"])
def test_kills_at_random_moments_are_survived(
    tmp_path: Path, many_notes: Scene, indexers: Indexers, start: str, most: int
) -> None:
    """Again and again: start, kill -9 somewhere on the way, look, and, every third time, let a run finish."""
    scene, collection = many_notes, tmp_path / "c"
    rng = random.Random(SEED_OF_THE_DAY)
    kills, longest = 0, None
    while kills < most:
        if not collection.exists() and start == "from a former state":
            shutil.copytree(scene.former, collection)
        began, seconds = time.monotonic(), None if longest is None else rng.uniform(0, longest)
        status, _ = indexers.run(scene.notes, collection, scene.model, seconds=seconds)
        assert status in ((0,) if seconds is None else (0, -signal.SIGKILL))
        longest = longest or time.monotonic() - began  # the first is not killed: so long one takes
        kills += status != 0
        try:
            scene.assert_whole_notes(collection)
        except CollectionNotFound:
            assert start == "from nothing"
        if status == 0 or kills % 3 == 0:
            scene.assert_completes(collection)
            shutil.rmtree(collection)

"""A command that goes wrong at one call, and what must hold of the collection afterwards."""

from __future__ import annotations

import mmap
import os
import random
import shutil
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy.engine.default import DefaultDialect

from benchmarks.faults import calls
from benchmarks.faults.calls import COUNT, Ending, Fault
from benchmarks.faults.disk import Call, Disk, read_calls
from benchmarks.faults.scenes import Command, Scene, is_damage, write_next_note
from benchmarks.faults.states import NOTHING, Found, are_alike, contents, searched
from clinsearch import Collection
from clinsearch.errors import ClinsearchError

OWN_NAMES = {"catalog.db", "catalog.seal", "writer.lock", "vectors", "saved_searches", "last_search.json"}


@dataclass(frozen=True)
class State:
    """A committed state: the number of calls that were done by then, the notes, and what searches find."""

    calls: int
    notes: str
    found: Found | None


@dataclass
class Recorded:
    """A command that nothing disturbed."""

    states: list[State]
    final: State
    calls: dict[bool, int]
    kinds: bytes
    seconds: float = 0.0
    log: tuple[Call, ...] = ()


@dataclass
class Outcome:
    """What came of a point. wrong: the checks that did not hold, with what was there instead."""

    command: str
    fault: str
    number: int
    error: str = ""
    wrong: list[str] = field(default_factory=list)

    @property
    def kind(self) -> str:
        return "wrong" if self.wrong else "error" if self.error else "right"


def record(scene: Scene, command: Command) -> Recorded:
    """Run a command undisturbed; note every state that it commits."""
    scene.put(command.notes)
    folder, copies = scene.fresh(command), scene.folder / "copies"
    shutil.rmtree(copies, ignore_errors=True)
    copies.mkdir()
    ended = calls.run(lambda: _watched(command, folder, copies), below=scene.place)
    _require(ended)
    places = [(0, scene.fresh(command))]
    places += [(at, copies / f"{number:04}" / "c") for number, at in enumerate(ended.result)]
    states = _states(places)
    counts, log = {}, scene.folder / "log"
    for reads in (False, True) if command.reads else (False,):
        folder = scene.fresh(command)
        began = time.monotonic()
        counted = calls.run(
            lambda folder=folder: command.work(folder), scene.place, Fault("", COUNT, reads=reads), log=log
        )  # type: ignore[misc]
        _require(counted)
        seconds = time.monotonic() - began
        counts[reads] = counted.calls
        kinds = counted.kinds
    (own,) = _states([(counts[False], folder)])
    (final,) = _states([(counts[False], command.made(folder))]) if command.result else (own,)
    return Recorded([*states, own], final, counts, kinds, seconds, tuple(read_calls(log)))


def _states(places: list[tuple[int, Path]]) -> list[State]:
    """Look at what was committed, by the number of calls until then; search the same notes once, as they last were."""
    notes = [contents(folder) for _, folder in places]
    found = {
        those: _searched(folder) for those, folder in dict(zip(notes, (at for _, at in places), strict=True)).items()
    }
    return [State(calls_done, those, found[those]) for (calls_done, _), those in zip(places, notes, strict=True)]


def _watched(command: Command, folder: Path, copies: Path) -> list[int]:
    """Do the command's work; return how many calls there were at each commit, and copy what lay there then."""
    import ctypes

    library = ctypes.CDLL(os.environ[calls.LOADED])
    library.faults_count.restype = ctypes.c_long
    counts: list[int] = []
    commit = DefaultDialect.do_commit

    def committed(self: DefaultDialect, connection: Any) -> None:
        commit(self, connection)
        counts.append(library.faults_count())
        # In another process: to close a file that SQLite has open gives up its locks.
        child = os.fork()
        if not child:
            shutil.copytree(folder.parent, copies / f"{len(counts) - 1:04}")
            os._exit(0)
        os.waitpid(child, 0)

    DefaultDialect.do_commit = committed  # type: ignore[method-assign]
    command.work(folder)
    return counts


def _require(ended: Ending) -> None:
    if ended.status:
        raise AssertionError(ended.unforeseen or ended.error or f"ended with {ended.status}")


def _searched(folder: Path) -> Found | None:
    """Return what searches of a collection find, None if they are refused; in another process."""

    def look() -> Found | None:
        try:
            return searched(folder)
        except ClinsearchError:
            return None

    ended = calls.run(look)
    _require(ended)
    found: Found | None = ended.result
    return found


def disturb(scene: Scene, command: Command, recorded: Recorded, fault: Fault, number: int) -> Outcome:
    """Let the n-th call of a command go wrong, and look at what is left."""
    folder = scene.fresh(command)
    if fault.cut:
        return _cut_power(scene, command, recorded, fault, number, folder)
    share = random.Random(number).random()
    ended = calls.run(lambda: command.work(folder), scene.place, fault, number, share=share)
    outcome = Outcome(command.name, fault.name, number, ended.error)
    if ended.unforeseen:
        outcome.wrong.append(f"a fault of the program: {ended.unforeseen}")
    elif fault.kills and ended.status not in (0, -9):
        outcome.wrong.append(f"ended with {ended.status} {ended.error}")
    elif not fault.kills and ended.status < 0:
        outcome.wrong.append(f"ended by signal {-ended.status}")
    if command.reads:
        return _answered(outcome, ended, recorded)
    acknowledged = number - (fault.mode != calls.KILL_AFTER)
    return look_at(scene, command, recorded, folder, outcome, acknowledged, done=ended.status == 0)


def _cut_power(scene: Scene, command: Command, recorded: Recorded, fault: Fault, number: int, folder: Path) -> Outcome:
    """Let the power fail after the n-th call, and look at what is left on the disk."""
    disk, outcome = Disk(scene.place), Outcome(command.name, fault.name, number)
    for call in recorded.log:
        if call.number <= number:
            disk.do(call)
    shutil.rmtree(scene.place)
    disk.write(scene.place, fault.cut, random.Random(number))
    is_done = number >= recorded.calls[False]
    return look_at(scene, command, recorded, folder, outcome, number, done=is_done)


def kill_in_time(scene: Scene, command: Command, recorded: Recorded, rng: random.Random) -> Outcome:
    """Kill a command at a moment that is drawn by chance, and look at what is left."""
    folder, commits = scene.fresh(command), mmap.mmap(-1, 8)  # shared with the process that is killed

    def work() -> None:
        commit = DefaultDialect.do_commit

        def committed(self: DefaultDialect, connection: Any) -> None:
            commit(self, connection)
            commits[:] = (int.from_bytes(commits[:], "little") + 1).to_bytes(8, "little")

        DefaultDialect.do_commit = committed  # type: ignore[method-assign]
        command.work(folder)

    seconds = rng.uniform(0, recorded.seconds)
    ended = calls.run(work, kill_after_seconds=seconds)
    outcome = Outcome(command.name, "killed at some moment", 0, ended.error)
    if ended.status not in (0, -9):
        outcome.wrong.append(f"ended with {ended.status} {ended.error} {ended.unforeseen}")
    done = min(int.from_bytes(commits[:], "little"), len(recorded.states) - 1)
    return look_at(scene, command, recorded, folder, outcome, recorded.states[done].calls, done=ended.status == 0)


def _answered(outcome: Outcome, ended: Ending, recorded: Recorded) -> Outcome:
    if ended.status == 0 and not are_alike(ended.result, recorded.final.found or {}):
        outcome.wrong.append("another answer")
    return outcome


def look_at(
    scene: Scene, command: Command, recorded: Recorded, folder: Path, outcome: Outcome, calls_done: int, *, done: bool
) -> Outcome:
    """Make the six checks. done: whether the command said that all is done."""

    def check() -> list[str]:
        wrong = _is_committed(command, recorded, folder, calls_done, done=done)
        return [
            said for said in (wrong, _ends_alike(command, recorded, folder), _is_clean(scene, command, folder)) if said
        ]

    checked = calls.run(check)
    outcome.wrong += checked.result or []
    if checked.status:
        outcome.wrong.append(checked.unforeseen or checked.error or f"the checks ended with {checked.status}")
    return outcome


def _is_committed(command: Command, recorded: Recorded, folder: Path, calls_done: int, *, done: bool) -> str:
    """Say what is wrong with what the command left: opens, is a committed state, is sound, is found as it was."""
    error, found = "", None
    try:
        found = searched(folder)
    except ClinsearchError as raised:
        error = f"{type(raised).__name__}: {raised}"
    notes = contents(folder)
    least = max(place for place, state in enumerate(recorded.states) if state.calls <= calls_done)
    allowed = recorded.states[-1:] if done else recorded.states[least:]
    matching = [state for state in allowed if state.notes == notes]
    if not matching:
        return f"not a state that was committed: {notes} {error}, of {[state.notes for state in recorded.states]}"
    if found is None:
        nothing = notes == NOTHING and error.startswith("CollectionNotFound")
        return "" if nothing or (command.refused_before and is_damage(error)) else error
    if not any(state.found is not None and are_alike(found, state.found) for state in matching):
        return "searches find something else"
    if not command.refused_before and (damages := Collection(folder).verify(full=True).damages):
        return f"verify: {damages}"
    return ""


def _ends_alike(command: Command, recorded: Recorded, folder: Path) -> str:
    """Run the command again; say what is not as it is where nothing disturbed it."""
    command.again(folder)
    made = command.made(folder)
    if contents(made) != recorded.final.notes:
        return "the command run again ends elsewhere"
    if not are_alike(searched(made), recorded.final.found or {}):
        return "after the command is run again searches find something else"
    return f"verify at the end: {damages}" if (damages := Collection(made).verify(full=True).damages) else ""


def _is_clean(scene: Scene, command: Command, folder: Path) -> str:
    """Write once more; say what lies about that no collection has."""
    from tests.support.collections import assert_whole

    write_next_note(scene.live, folder)
    strays = [path.name for path in folder.iterdir() if path.name not in OWN_NAMES]
    strays += [path.name for path in scene.place.iterdir() if path.name not in {"c", f"c{command.result}"}]
    assert_whole(folder)
    return f"strays: {strays}" if strays else ""


def numbers(recorded: Recorded, fault: Fault) -> list[int]:
    """Return the numbers of the calls at which a fault can come."""
    count = recorded.calls[fault.reads]
    of_writes = [n for n in range(1, count + 1) if recorded.kinds[n : n + 1] == b"w"]
    return of_writes if fault.writes_alone else list(range(1, count + 1))

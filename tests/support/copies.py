"""Collections to be copied, what they answer, and copies that are killed on the way."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

import clinsearch
from clinsearch.records.locations import locate
from clinsearch.storage import copied, open_reader
from tests.conftest import PROJECT

ALL = 1000
# What half precision makes of a cosine, and of a score that is made of two.
HALF = 2e-3
QUERIES = ("no fever at night", '"lying flat" wound')
NOTES: list[dict[str, Any]] = [
    {
        "note_id": f"n{number}",
        "patient_id": f"p{number % 3}" if number % 4 else None,
        "note_type": ("progress note", "consult", None)[number % 3],
        "note_datetime": f"2024-0{number % 9 + 1}-11T08:30:00",
        "title": f"Day {number}",
        "text": text,
    }
    for number, text in enumerate(
        [
            "HISTORY:\nPatient denies fever and chills. Mild cough at night, A1c 8.2%.\nPLAN:\nWatch the wound.",
            "Needs three pillows to sleep. No fever. Short of breath lying flat.",
            "The wound was stable. Has drainage. Potassium 4.1 mmol/L.",
            "What PostgreSQL escapes: \ufdd0, \ufdd00 and \ufdd01. Wound drainage at night.",
            "Patient denies fever and chills. The wound was stable.",
            "FAMILY HISTORY: Mother had chest pain. No chest pain on the left.",
            "Le patient est stable et n'a pas de fièvre. La plaie est propre et sèche depuis trois jours.",
            "Mild edema of the left lung \U0001f600. EF 35 %. A1c 9.4% in March.",
            "!!!",
            "Patient denies fever and chills! Heart clear on the right.",
        ]
    )
]


def write_records(path: Path, notes: list[dict[str, Any]] = NOTES) -> Path:
    path.write_text("".join(json.dumps(note) + "\n" for note in notes), encoding="utf-8")
    return path


def make_source(folder: Path, model: Path, **options: Any) -> Path:
    """Make a collection, from which notes were deleted, in `folder/c`."""
    collection = folder / "c"
    more = [{**NOTES[1], "note_id": f"gone{number}", "text": f"Gone {number}. Fever {number}."} for number in range(3)]
    notes = [more[0], *NOTES[:4], more[1], *NOTES[4:], more[2]]
    clinsearch.index(write_records(folder / "notes.jsonl", notes), collection, model=str(model), **options)
    clinsearch.open(collection).delete([note["note_id"] for note in more])
    return collection


def answers(place: Path | str) -> dict[str, Any]:
    """Return what a collection says of itself and of queries, as it would be shown."""
    collection = clinsearch.open(place)
    status = asdict(collection.status())
    for name in ("collection", "bytes", "search", "server", "queue", "has_remains"):
        del status[name]
    found = {
        f"{level} {mode} {query}": [hit_of(hit) for hit in collection.search(query, ALL, level=level, mode=mode)]
        for query in QUERIES
        for level in ("sentence", "note")
        for mode in ("hybrid", "vector", "keyword")
    }
    found |= {
        f"patient {query}": [hit_of(hit) for hit in collection.search(query, ALL, level="patient")] for query in QUERIES
    }
    found["similar"] = [hit_of(hit) for hit in collection.similar("n1", ALL)]
    if status["notes"] and keeps_words(place):
        found["words"] = [hit_of(hit) for hit in collection.search_tokens("wound [drainage]", ALL)]
    return {
        "status": status,
        "state": state_of(place),
        "notes": [asdict(collection.note(note["note_id"])) for note in NOTES],
        "values": [asdict(value) for value in collection.values("A1c")],
        "found": found,
        "shares": explained(collection),
    }


def hit_of(hit: Any) -> tuple[Any, ...]:
    return (getattr(hit, "note_id", None), getattr(hit, "patient_id", None), getattr(hit, "start", None), hit.score)


def keeps_words(place: Path | str) -> bool:
    with open_reader(locate(place)).catalog() as (catalog, _):
        return catalog.word_recipe() is not None


def state_of(place: Path | str) -> Any:
    with open_reader(locate(place)).catalog() as (catalog, _):
        return catalog.patients.state()


def explained(collection: clinsearch.Collection) -> list[float]:
    why = collection.explain("n0", "n4")
    return [why.score, *(reason.share for reason in why.reasons)]


def assert_same(mine: dict[str, Any], its: dict[str, Any], within: float = 0.0) -> None:
    """Check that answers are the same: found in the same order, with scores that differ by no more than `within`."""
    for name in ("status", "state", "notes", "values"):
        assert its[name] == mine[name], name
    assert its["shares"] == pytest.approx(mine["shares"], abs=within)
    assert its["found"].keys() == mine["found"].keys()
    for asked, hits in mine["found"].items():
        others = its["found"][asked]
        if within == 0 or " keyword " in asked:
            assert [hit[:-1] for hit in others] == [hit[:-1] for hit in hits], asked
        scores = {hit[:-1]: hit[-1] for hit in hits}
        assert {hit[:-1]: hit[-1] for hit in others} == pytest.approx(scores, abs=within or 1e-9), asked


def small_pieces(patch: pytest.MonkeyPatch) -> None:
    """Have a copy take three sentences, or notes, at a time."""
    patch.setattr(copied, "TEXTS_AT_ONCE", 3)


# Run as a process of its own: copies, and kills itself when it comes to a moment for the nth time.
KILLED = """
import os, signal, sys
from tests.support import copies
import clinsearch
source, target, moment, times = sys.argv[1], os.environ["COPY_TARGET"], sys.argv[2], int(sys.argv[3])
source = os.environ.get("COPY_SOURCE", source)
copies.die_at(moment, times, target)
clinsearch.copy(source, target)
"""


def die_at(moment: str, times: int, target: str) -> None:
    """Have this process kill itself before or after the nth call of a function that a copy goes through."""
    from clinsearch.storage import copying
    from clinsearch.storage.same import Comparison

    copied.TEXTS_AT_ONCE = 3
    copying.COMMITS_PER_MERGE = 2
    when, name = moment.split(" ", 1)
    if target.startswith("postgresql:"):
        from clinsearch.storage.postgres.copying import Target
    else:
        from clinsearch.storage.folder.copying import Target  # type: ignore[assignment]
    owner: Any = {"add_piece": copying, "begin_copy": copying, "finish_copy": copying, "all": Comparison}.get(
        name, Target
    )
    work, count = getattr(owner, name), 0

    def counted(*arguments: Any, **options: Any) -> Any:
        nonlocal count
        count += 1
        if count == times and when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        result = work(*arguments, **options)
        if count == times and when == "after":
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    setattr(owner, name, counted)


def kill_copy(source: Path | str, target: Path | str, moment: str, times: int) -> None:
    """Copy in a process that is killed at a moment."""
    environment = {**os.environ, "COPY_TARGET": str(target), "COPY_SOURCE": str(source), "PYTHONPATH": str(PROJECT)}
    done = subprocess.run(
        [sys.executable, "-c", KILLED, "", moment, str(times)], env=environment, capture_output=True, text=True
    )
    assert done.returncode == -signal.SIGKILL, done.stderr


class Interrupted(Exception):
    """Raised where a copy is to stop."""


def interrupt_copy(source: Path | str, target: Path | str, at: str = "Comparing rows") -> None:
    """Stop a copy when it says that it has come to something."""

    def stop(what: str, done: int, total: int) -> None:
        if what == at:
            raise Interrupted

    with pytest.raises(Interrupted):
        clinsearch.copy(source, target, progress=stop)

"""Indexes notes into PostgreSQL beside a folder, and by many writers at once; see `benchmarks.cluster`."""

from __future__ import annotations

import os
import re
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import psycopg

from benchmarks.indexing import NOTES as NOTES
from benchmarks.indexing import write_notes
from benchmarks.servers import Cluster, Stopwatch

PLACES = ("folder", "database")
COUNTED = ("notes", "sentences", "occurrences", "sentence_vectors", "note_vectors", "opening_vectors", "sentence_words")
# Of the notes of each writer, this part is of others, too.
SHARED = 4


def indexing(cluster: Cluster, folder: Path, notes: int, rounds: int) -> dict[str, Any]:
    """Index notes into a new folder and a new database, in turn: by processes of their own, imports and all."""
    runs: dict[str, list[dict[str, float]]] = {at: [] for at in PLACES}
    with tempfile.TemporaryDirectory() as made:
        sentences = write_notes(Path(made), notes)
        for _ in range(rounds):
            with cluster.database() as dsn, tempfile.TemporaryDirectory() as kept:
                for at, place in {"folder": f"{kept}/collection", "database": dsn}.items():
                    runs[at].append(run([Path(made) / "notes"], place, cluster.process()))
    return {"notes": notes, "sentences": sentences, "runs": runs}


def run(notes: list[Path], place: str, server: int | None) -> dict[str, float]:
    """Index notes; return seconds of wall and CPU time, the server's too."""
    watch = Stopwatch(server)
    subprocess.run(**indexer(notes, place), check=True)
    wall, own, its = watch.lap()
    return {"wall": wall, "CPU": own + its, "of the server": its}


def indexer(notes: list[Path], place: str) -> dict[str, Any]:
    """Return the options of `subprocess` that index notes; a password is passed on where nobody sees it."""
    secret = re.search(r"(?<=//)(\w+):(\w+)(?=@)", place)
    environment = {**os.environ, **({"PGPASSWORD": secret[2]} if secret else {})}
    place = place.replace(secret[0], secret[1]) if secret else place
    command = [sys.executable, "-m", "clinsearch", "index", *map(str, notes), "--collection", place]
    return {"args": command, "env": environment, "stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE}


def writers(cluster: Cluster, folder: Path, notes: int, count: int) -> dict[str, Any]:
    """Index notes by many processes at once, of which each has some that others have, too; compare with one process."""
    with tempfile.TemporaryDirectory() as made, cluster.database() as dsn, cluster.database() as alone:
        write_notes(Path(made), notes)
        files = sorted((Path(made) / "notes").iterdir())
        count = min(count, len(files))
        parts = [Path(made) / f"part{number}" for number in range(count)]
        for number, part in enumerate(parts):
            part.mkdir()
            for at, file in enumerate(files):
                if at % count == number or (at % SHARED == 0 and (at // SHARED) % count == (number + 1) % count):
                    (part / file.name).hardlink_to(file)
        one = run([Path(made) / "notes"], alone, cluster.process())
        process = cluster.process()
        watch = Stopwatch(process)
        started = [subprocess.Popen(**indexer([part], dsn), text=True) for part in parts]
        said = [str(each.communicate()[1]) for each in started]
        wall, own, its = watch.lap()
        failed = [text[-500:] for each, text in zip(started, said, strict=True) if each.returncode]
        check = checked(dsn, alone, {file.stem: file.read_text(encoding="utf-8") for file in files})
    return {
        "notes": notes,
        "writers": count,
        "one": one,
        "many": {"wall": wall, "CPU": own + its, "of the server": its},
        "failed": failed,
        **check,
    }


def checked(dsn: str, alone: str, written: dict[str, str]) -> dict[str, int]:
    """Count what is wrong: notes that are lost, there twice or changed, and tables that another count belongs to."""
    found, expected = counted(dsn), counted(alone)
    notes: list[tuple[Any, ...]] = asked(dsn, "SELECT note_id, text FROM notes")
    texts = dict(notes)
    return {
        "lost": len(written.keys() - texts.keys()),
        "doubled": len(notes) - len(texts),
        "changed": sum(texts[name] != text for name, text in written.items() if name in texts),
        "other counts": sum(found[table] != expected[table] for table in expected),
    }


def counted(dsn: str) -> dict[str, int]:
    """Count the rows of what is made of notes."""
    return {table: int(asked(dsn, f"SELECT count(*) FROM {table}")[0][0]) for table in COUNTED}


def asked(dsn: str, query: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(dsn, options="-c search_path=clinsearch,public") as connection:
        rows: list[tuple[Any, ...]] = connection.execute(query).fetchall()
        return rows


def print_indexing(found: dict[str, Any]) -> None:
    print(f"{found['notes']} notes, {found['sentences']:,} sentences; medians")
    middle = {
        at: {what: statistics.median(one[what] for one in runs) for what in runs[0]}
        for at, runs in found["runs"].items()
    }
    for at, taken in middle.items():
        rates = f"{middle['folder']['wall'] / taken['wall']:.2f} and {middle['folder']['CPU'] / taken['CPU']:.2f}"
        times = "  ".join(f"{what} {seconds:6.1f} s" for what, seconds in taken.items())
        print(f"  {at:10} {times}  {rates} of the folder's rate, by wall and CPU time")


def print_writers(found: dict[str, Any]) -> None:
    print(f"{found['notes']} notes by {found['writers']} writers at once, of which others have some, too")
    for name in ("one", "many"):
        print(f"  {name:10} " + "  ".join(f"{what} {seconds:6.1f} s" for what, seconds in found[name].items()))
    for text in found["failed"]:
        print(f"  failed: {text}")
    print("  " + ", ".join(f"{found[what]} {what}" for what in ("lost", "doubled", "changed", "other counts")))

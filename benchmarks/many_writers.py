"""How fast notes come into a database, from one run or from workers on its queue, beside a run into a folder.

Starts a server of its own, with the means of the tests, from the checkout:

    python benchmarks/many_writers.py [--notes 150] [--rounds 1] [--workers 1 2]

Each run or worker is a process of its own; what is counted begins after imports. CPU is that of all these processes,
and that of the server beside it: on a machine that has other work it says more than the seconds do.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parents[1]
NOTES = PROJECT.parent / "shared" / "data" / "clinical_notes.jsonl.gz"
TICKS = os.sysconf("SC_CLK_TCK")
WRITE = """
import json, sys, time
from clinsearch.encoder.encoder import load_encoder
from clinsearch.indexing.index import index
from clinsearch.indexing.worker import work
from clinsearch.records.locations import locate

what, collection, notes = sys.argv[1:]
load_encoder()
print("ready", flush=True)
sys.stdin.readline()
began = time.process_time()
if what == "worker":
    report = work(locate(collection), until_empty=True)
    stored = report.notes
else:
    report = index(notes, collection, enqueue=what == "enqueue")
    stored = report.new
print(json.dumps([stored, report.sentences_encoded, time.process_time() - began]), flush=True)
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--notes", type=int, default=150)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    asked = parser.parse_args()
    if not NOTES.exists():
        sys.exit(f"Skipped: no notes at {NOTES.name} beside the project.")
    sys.path.insert(0, str(PROJECT))
    from tests.support.postgres import PostgresServer

    with tempfile.TemporaryDirectory() as folder, PostgresServer.make(durable=True) as server:
        notes = Path(folder) / "notes.jsonl"
        with gzip.open(NOTES, "rt", encoding="utf-8") as lines:
            notes.write_text("".join(line for _, line in zip(range(asked.notes), lines, strict=False)))
        for number in range(asked.rounds):
            show("a folder", *write("index", f"{folder}/{number}", notes, 1, server.pid))
            with server.database() as dsn:
                show("a database", *write("index", dsn, notes, 1, server.pid))
            for workers in asked.workers:
                with server.database() as dsn:
                    show("into its queue", *write("enqueue", dsn, notes, 1, server.pid))
                    show(f"{workers} workers", *write("worker", dsn, notes, workers, server.pid))


def write(what: str, collection: str, notes: Path, processes: int, server: int) -> tuple[list[Any], float, float]:
    """Return what each process reported, the seconds, and the server's seconds of CPU."""
    command = [sys.executable, "-c", WRITE, what, collection, str(notes)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True, "cwd": PROJECT}
    started = [subprocess.Popen(command, **pipes) for _ in range(processes)]  # type: ignore[call-overload]
    for each in started:
        each.stdout.readline()
    cpu, began = cpu_seconds(server), time.monotonic()
    for each in started:
        each.stdin.write("\n")
        each.stdin.flush()
    reports = [json.loads(each.stdout.readline()) for each in started]
    seconds = time.monotonic() - began
    for each in started:
        each.wait()
    return reports, seconds, cpu_seconds(server) - cpu


def cpu_seconds(server: int) -> float:
    """Return the seconds of CPU of a server and of all that it has started; those that have ended count for it."""
    total = 0
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(path.parent.name) == server:
            total += sum(map(int, fields[11:15]))
        elif int(fields[1]) == server:
            total += sum(map(int, fields[11:13]))
    return total / TICKS


def show(what: str, reports: list[Any], seconds: float, of_server: float) -> None:
    notes, sentences, cpu = map(sum, zip(*reports, strict=True))
    print(
        f"{what:15} {notes:5,} notes {sentences:6,} sentences {notes / seconds:6.1f} notes/s in {seconds:6.1f} s; "
        f"CPU {cpu:6.1f} s, of the server {of_server:5.1f} s",
        flush=True,
    )


if __name__ == "__main__":
    main()

"""Whether the memory that indexing takes grows with the notes.

    python -m benchmarks.memory [--notes 5000 100000]

Notes of ten sentences each, drawn from 20,000 real ones, as notes that are copied forward are: so that a hundred
thousand of them can be indexed in minutes, for each distinct sentence is encoded once. Each number of notes is indexed,
words included, in a process of its own; its highest memory is given, and its ratio to that of the first.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import clinsearch
from benchmarks.large_collection import SENTENCES, draw_texts
from benchmarks.machine import describe_machine, write_results

POOL = 20_000
SENTENCES_IN_EACH = 10
SEED = 2


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--notes", type=int, nargs="*", default=[5_000, 100_000])
    parser.add_argument("--json", type=Path, help="where to write what was measured")
    parser.add_argument("--index", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.index:
        print(json.dumps(measure(asked.index)))
        return
    if not SENTENCES.exists():
        sys.exit(f"Skipped: no sentences at {SENTENCES.name} beside the project.")
    results = {"machine": describe_machine("openvino", "faiss-cpu"), "measured": [run(count) for count in asked.notes]}
    first = results["measured"][0]["memory MB"]
    for found in results["measured"]:
        print(
            f"{found['notes']:9,} notes in {found['seconds']:6.0f} s: {found['memory MB']:6.0f} MB, "
            f"{found['memory MB'] / first:.2f} x"
        )
    if asked.json:
        write_results(asked.json, results)


def run(count: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        write_notes(Path(folder) / "notes.jsonl", count)
        command = [sys.executable, "-m", "benchmarks.memory", "--index", folder]
        printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    measured: dict[str, Any] = json.loads(printed.splitlines()[-1])
    return measured


def write_notes(path: Path, count: int) -> None:
    texts = draw_texts()[0][:POOL]
    rng = random.Random(SEED)
    with path.open("w", encoding="utf-8") as file:
        for number in range(count):
            text = "\n\n".join(rng.sample(texts, SENTENCES_IN_EACH))
            file.write(json.dumps({"note_id": f"n{number}", "text": text}) + "\n")


def measure(folder: Path) -> dict[str, Any]:
    report = clinsearch.index(folder / "notes.jsonl", folder / "collection")
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"notes": report.new, "seconds": report.seconds, "memory MB": memory}


if __name__ == "__main__":
    main()

"""How long a user waits for the first answer: whole processes, from the command to its end.

    python -m benchmarks.first_answer [--notes 150] [--rounds 5]

A collection of real notes is made, and the same sentences for a peer. Then commands are run in turn; medians of wall
and of CPU time are given. `--notes 3000` takes documents of all kinds, about 100,000 sentences.
"""

from __future__ import annotations

import argparse
import gzip
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

import clinsearch
from benchmarks.indexing import peer_folder
from benchmarks.machine import describe_machine, write_results

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
FEW = 1_501
QUERY = "short of breath lying flat"
SCRIPT = """
import sys
import faiss, json
from sentence_transformers import SentenceTransformer
model = SentenceTransformer({model!r}, device="cpu")
index = faiss.read_index({index!r})
sentences = json.load(open({sentences!r}))
scores, keys = index.search(model.encode([{query!r}], normalize_embeddings=True), 10)
print([sentences[key] for key in keys[0]])
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--notes", type=int, default=150)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", type=Path, help="where to write what was measured")
    asked = parser.parse_args()
    if not DATA.exists():
        sys.exit("Skipped: no notes beside the project.")
    with tempfile.TemporaryDirectory() as folder:
        results = compare(Path(folder), asked.notes, asked.rounds)
    print_table(results)
    if asked.json:
        write_results(asked.json, results)


def compare(folder: Path, notes: int, rounds: int) -> dict[str, Any]:
    note_id = make_collection(folder, notes)
    sentences = make_peer(folder)
    program = [sys.executable, "-m", "clinsearch"]
    of_collection = ["--collection", str(folder / "collection")]
    commands = {
        "script of sentence-transformers + faiss": [sys.executable, str(folder / "script.py")],
        "clinsearch search": [*program, "search", QUERY, *of_collection],
        "clinsearch tokens": [*program, "tokens", QUERY],
        "clinsearch vocab": [*program, "vocab", "--prefix", "cardio"],
        "clinsearch status": [*program, "status", *of_collection],
        "clinsearch show": [*program, "show", note_id, *of_collection],
        "clinsearch --help": [*program, "--help"],
        "python, that does nothing": [sys.executable, "-c", "pass"],
    }
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in commands}
    warming = rounds > 1  # the first of several is for the disk
    for number in range(rounds + warming):
        for name, command in commands.items():
            seconds = timed(command)
            if number >= warming:
                taken[name].append(seconds)
    return {
        "machine": describe_machine("openvino", "torch", "sentence-transformers"),
        "sentences": sentences,
        "seconds": taken,
    }


def make_collection(folder: Path, count: int) -> str:
    """Index real notes, of all kinds if many are wanted; return the id of one."""
    name = "clinical_notes" if count <= FEW else "mixed_notes"
    with gzip.open(DATA / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
        notes = [json.loads(line) for line, _ in zip(lines, range(count), strict=False)]
    written = "\n".join(json.dumps({"note_id": f"n{at}", "text": note["text"]}) for at, note in enumerate(notes))
    (folder / "notes.jsonl").write_text(written, encoding="utf-8")
    clinsearch.index(folder / "notes.jsonl", folder / "collection", tokens=False)
    return "n0"


def make_peer(folder: Path) -> int:
    """Write the same distinct sentences, with the same vectors, as a script would read them; return their number."""
    import faiss

    from clinsearch.storage.folder.snapshots import Reader

    with Reader(folder / "collection").snapshot() as snapshot:
        keys = np.sort(snapshot.sentences.keys)
        vectors, texts = snapshot.sentences.of(keys), snapshot.catalog.sentence_texts(keys.tolist())
    index = faiss.IndexFlatIP(vectors.shape[1])
    index.add(vectors)
    paths = {"index": str(folder / "script.faiss"), "sentences": str(folder / "script.json")}
    faiss.write_index(index, paths["index"])
    Path(paths["sentences"]).write_text(json.dumps([texts[key] for key in keys.tolist()]))
    (folder / "script.py").write_text(SCRIPT.format(model=peer_folder(), query=QUERY, **paths))
    return len(keys)


def timed(command: list[str]) -> tuple[float, float]:
    """Run a command; return its wall and its CPU time in seconds."""
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    wall, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def print_table(results: dict[str, Any]) -> None:
    print(results["machine"])
    print(f"{results['sentences']:,} sentences")
    for name, taken in results["seconds"].items():
        wall, cpu = (statistics.median(column) for column in zip(*taken, strict=True))
        print(f"{name:42} {wall:5.2f} s, of CPU {cpu:5.2f} s")


if __name__ == "__main__":
    main()

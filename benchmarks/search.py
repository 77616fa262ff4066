"""How long a search takes as a collection grows, and how much it finds; and what else must not grow with it.

    python -m benchmarks.search [--sizes 100000 1000000] [--folder KEPT]

For each size a collection is made (see `large_collection`) and optimized. Then 200 real sentences that are in no note
are searched for, one after another, encoding and all, without a filter and with ones that a tenth, a hundredth and a
thousandth of the notes pass; what is truly nearest is known from float32 vectors. A script of sentence-transformers
and a flat FAISS index does the same without a filter, up to a million. Then: queries a second from several threads;
how long it takes to open the collection, to add a thousand notes (beside adding them to one of 10,000 sentences), and
to delete one. Memory is the highest of the process that searches, with the parts of files that it has in memory.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

import clinsearch
from benchmarks.indexing import peer_folder
from benchmarks.large_collection import NEAREST, TYPES, Truth, draw_texts, make_collection
from benchmarks.machine import describe_machine, write_results
from clinsearch.encoder.encoder import load_encoder
from clinsearch.encoder.threads import processors
from clinsearch.records import Filter, FloatArray
from clinsearch.retrieval.nearest import Nearest
from clinsearch.storage.folder.snapshots import Reader

LARGEST_FOR_THE_SCRIPT = 1_000_000
CALLERS = (1, 8, 64)
SENTENCES_IN_EACH = 10
SEED = 5


@dataclass(frozen=True, slots=True)
class Effort:
    """How much is done: the size that others are compared with, notes added and deleted, time of calls, queries."""

    small: int = 10_000
    added: int = 1000
    deleted: int = 20
    seconds: float = 5.0
    queries: int = 200


QUICK = Effort(small=100, added=2, deleted=2, seconds=0.2, queries=3)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="*", default=[100_000, 1_000_000])
    parser.add_argument("--folder", type=Path, help="where to keep the collections; by default they are removed")
    parser.add_argument("--json", type=Path, help="where to write what was measured")
    parser.add_argument("--quick", action="store_true", help="little of all, to see that it runs; no figures to go by")
    parser.add_argument("--ask", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--script", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    effort = QUICK if asked.quick else Effort()
    if asked.ask:
        print(json.dumps(measure_search(asked.ask, effort)))
    elif asked.script:
        print(json.dumps(measure_script(asked.script, effort)))
    else:
        with tempfile.TemporaryDirectory() as temporary:
            results = compare(asked.folder or Path(temporary), asked.sizes, effort)
        print_table(results, effort.small)
        if asked.json:
            write_results(asked.json, results)


def compare(folder: Path, sizes: Sequence[int], effort: Effort) -> dict[str, Any]:
    folder.mkdir(exist_ok=True, parents=True)
    notes = write_notes(folder / "notes", effort.added)
    how = ["--quick"] if effort == QUICK else []
    measured = {}
    for size in sorted({effort.small, *sizes}):
        place = folder / str(size)
        made = make(place, size, folder / "real.npy") if not place.exists() else {}
        if size == effort.small:
            measured[size] = {"seconds to add": seconds_to_add(place, notes)}
            continue
        measured[size] = {
            **made,
            **in_a_process("--ask", place, *how),
            **(in_a_process("--script", place, *how) if size <= LARGEST_FOR_THE_SCRIPT else {}),
            "seconds to add": seconds_to_add(place, notes),
            "milliseconds to delete": milliseconds_to_delete(place, effort.deleted),
        }
    return {
        "machine": describe_machine("openvino", "faiss-cpu", "sentence-transformers", "sqlalchemy"),
        "measured": measured,
    }


WAYS = {
    "hybrid": {},
    "keyword": {"mode": "keyword"},
    "hybrid, notes": {"level": "note"},
}


def make(place: Path, size: int, kept: Path) -> dict[str, Any]:
    truth = make_collection(place, size, load_encoder(), kept)
    keep_truth(place, truth)
    started = time.perf_counter()
    search = clinsearch.open(place).optimize()
    taken = time.perf_counter() - started
    rows = sum(path.stat().st_size for path in (place / "vectors").iterdir())
    return {
        "seconds to optimize": taken,
        "bytes a sentence": rows / size,
        "search": [asdict(quality) for quality in search],
    }


def keep_truth(place: Path, truth: Truth) -> None:
    nearest = {name or "": keys for name, keys in truth.nearest.items()}
    (place.parent / f"{place.name}.truth.json").write_text(json.dumps({"queries": truth.queries, "nearest": nearest}))


def read_truth(place: Path, queries: int) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((place.parent / f"{place.name}.truth.json").read_text())
    nearest = {name: keys[:queries] for name, keys in read["nearest"].items()}
    return {"queries": read["queries"][:queries], "nearest": nearest}


def in_a_process(way: str, place: Path, *how: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.search", way, str(place), *how]
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    measured: dict[str, Any] = json.loads(printed.splitlines()[-1])
    return measured


def measure_search(place: Path, effort: Effort) -> dict[str, Any]:
    started = time.perf_counter()
    with Reader(place).snapshot():
        seconds_to_open = time.perf_counter() - started
    truth = read_truth(place, effort.queries)
    notes = clinsearch.open(place)
    notes.search("Warm.")
    encoder = load_encoder()
    vectors = encoder.encode(truth["queries"])
    with Reader(place).snapshot() as snapshot:
        recall = {name or "none": recall_of(snapshot, truth, vectors, name) for name in ("", *TYPES)}
    milliseconds = {}
    for name in ("", *TYPES):
        options = {"note_type": name} if name else {}
        milliseconds[name or "none"] = percentiles(truth["queries"], partial(notes.search, mode="vector", **options))  # type: ignore[arg-type]
    by_way = {name: percentiles(truth["queries"], partial(notes.search, **way)) for name, way in WAYS.items()}  # type: ignore[arg-type]
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    encoder.encode_query("Warm.")
    return {
        "seconds to open": seconds_to_open,
        "milliseconds": milliseconds,
        "milliseconds by way": by_way,
        "recall": recall,
        "milliseconds to encode": percentiles(truth["queries"], encoder.encode_query),
        "memory MB": memory,
        "queries a second": {str(n): queries_a_second(notes, truth["queries"], n, effort.seconds) for n in CALLERS},
    }


def recall_of(snapshot: Any, truth: dict[str, Any], vectors: FloatArray, name: str) -> float:
    """Return which part of what is truly nearest the queries, whose vectors these are, and passes a filter is found."""
    nearest = Nearest(snapshot, "sentence", Filter(note_type=(name,)) if name else Filter())
    found = [set(nearest.search(vector, NEAREST)[0].tolist()) for vector in vectors]
    best = [set(keys) for keys in truth["nearest"][name]]
    shares = [len(some & all_) / len(all_) if all_ else 1.0 for some, all_ in zip(found, best, strict=True)]
    return float(np.mean(shares))


def percentiles(queries: Sequence[str], ask: Callable[[str], Any]) -> list[float]:
    """Ask one query after another; return the median and the 95th percentile in milliseconds."""
    taken = []
    for query in queries:
        started = time.perf_counter()
        ask(query)
        taken.append((time.perf_counter() - started) * 1e3)
    return [statistics.median(taken), float(np.percentile(taken, 95))]


def queries_a_second(notes: clinsearch.Collection, queries: Sequence[str], callers: int, seconds: float) -> float:
    end = time.perf_counter() + seconds
    answered = [0] * callers

    def call(caller: int) -> None:
        while time.perf_counter() < end:
            notes.search(queries[(caller + 7 * answered[caller]) % len(queries)], mode="vector")
            answered[caller] += 1

    threads = [threading.Thread(target=call, args=(caller,)) for caller in range(callers)]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(answered) / (time.perf_counter() - started)


def measure_script(place: Path, effort: Effort) -> dict[str, Any]:
    """Do what a script does that keeps its vectors in a flat index: encode the query, search, look the texts up."""
    import faiss
    from sentence_transformers import SentenceTransformer

    with Reader(place).snapshot() as snapshot:
        keys = np.sort(snapshot.sentences.keys)
        index = faiss.IndexFlatIP(snapshot.sentences.of(keys[:1]).shape[1])
        for start in range(0, len(keys), 100_000):
            index.add(snapshot.sentences.of(keys[start : start + 100_000]))
    faiss.omp_set_num_threads(processors())
    model = SentenceTransformer(peer_folder(), device="cpu")

    def ask(query: str) -> Any:
        return index.search(model.encode([query], normalize_embeddings=True), NEAREST)

    ask("Warm.")
    return {"milliseconds of the script": percentiles(read_truth(place, effort.queries)["queries"], ask)}


def write_notes(folder: Path, count: int) -> Path:
    """Write notes of real sentences, each sentence made distinct, as files."""
    folder.mkdir(exist_ok=True)
    texts, _ = draw_texts()
    rng = random.Random(SEED)
    for number in range(count):
        lines = [f"{number}.{at}: {rng.choice(texts)}" for at in range(SENTENCES_IN_EACH)]
        (folder / f"added{number}.txt").write_text("\n\n".join(lines), encoding="utf-8")
    return folder


def seconds_to_add(place: Path, notes: Path) -> float:
    """Index notes that are new to a collection, and take them out again."""
    report = clinsearch.index(notes, place)
    clinsearch.open(place).delete([f"added{number}" for number in range(report.new)])
    return report.seconds


def milliseconds_to_delete(place: Path, count: int) -> float:
    taken = []
    for number in range(count):
        started = time.perf_counter()
        clinsearch.open(place).delete([f"n{number + 1}"])
        taken.append((time.perf_counter() - started) * 1e3)
    return statistics.median(taken)


def print_table(results: dict[str, Any], small: int) -> None:
    print(results["machine"])
    to_small = results["measured"][small]["seconds to add"]
    for size, found in results["measured"].items():
        if size == small:
            continue
        print(f"\n{size:,} sentences")
        for name, (middle, high) in found["milliseconds"].items():
            times = f"p50 {middle:6.1f} ms  p95 {high:6.1f} ms"
            print(f"  filter that passes {name:14} {times}  recall@10 {found['recall'][name]:.3f}")
        for name, (middle, high) in found["milliseconds by way"].items():
            print(f"  {name:31} p50 {middle:6.1f} ms  p95 {high:6.1f} ms")
        print(f"  of which encoding, p50          {found['milliseconds to encode'][0]:6.1f} ms")
        if script := found.get("milliseconds of the script"):
            print(f"  sentence-transformers + faiss   p50 {script[0]:6.1f} ms  p95 {script[1]:6.1f} ms")
        rates = "  ".join(f"{callers}: {rate:.0f}" for callers, rate in found["queries a second"].items())
        print(f"  queries a second, by callers    {rates}")
        print(f"  opened in {found['seconds to open'] * 1e3:.0f} ms; {found['memory MB']:,.0f} MB of memory")
        if "bytes a sentence" in found:
            print(
                f"  {found['bytes a sentence']:.0f} bytes a sentence; optimized in {found['seconds to optimize']:.1f} s"
            )
        print(
            f"  1,000 notes added in {found['seconds to add']:.1f} s, "
            f"{found['seconds to add'] / to_small:.2f} x as long as to {small:,}; "
            f"one deleted in {found['milliseconds to delete']:.0f} ms"
        )


if __name__ == "__main__":
    main()

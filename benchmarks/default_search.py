"""How long the default search takes, by vectors and words, as a collection grows: by level, filter and kind of query.

    python -m benchmarks.default_search [--sizes 100000 1000000] [--folder KEPT]

The collections are those of `benchmarks.search`: real notes, and notes made of their parts. They are asked for real
sentences that stand in no note of theirs, for two or three neighbouring words of these, and for whole notes that were
kept apart, one after another, encoding and the places of the hits included; without a filter, and with ones that a
tenth, a hundredth and a thousandth of the notes pass. Beside them stands a script: plain FTS5, its BM25 over all words
but those that say nothing, and a flat FAISS index, fifty of each, fused by rank (RRF), without a filter, up to a
million. Times are wall and CPU time of a process, p50 and p95; the machine's load is noted before and after.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

import clinsearch
from benchmarks.large_collection import TYPES
from benchmarks.machine import describe_machine, write_results
from benchmarks.recombined import NOTES, read_notes
from benchmarks.search import LARGEST_FOR_THE_SCRIPT, make, read_truth
from clinsearch.encoder.encoder import Encoder, load_encoder
from clinsearch.encoder.threads import processors
from clinsearch.language.terms import terms_of
from clinsearch.retrieval.keywords import STOP_TERMS
from clinsearch.storage.folder.snapshots import Reader

SEED = 3
LEVELS = ("sentence", "note")
FILTERS = ("", *TYPES)
KEYWORDS_IN_EACH = (2, 3)
# A whole note takes ten times as long as a sentence, and most of that is its encoding.
QUERIES_PER_NOTE = 4
SHORTEST_NOTE, LONGEST_NOTE = 300, 6000
WARM = 5
K, DEPTH, RRF = 10, 50, 60


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="*", default=[100_000, 1_000_000])
    parser.add_argument("--folder", type=Path, help="where to keep the collections; by default they are removed")
    parser.add_argument("--queries", type=int, default=100, help="how many sentences to ask for, and how many words")
    parser.add_argument("--json", type=Path, help="where to write what was measured")
    parser.add_argument("--ask", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--peer", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if not NOTES.exists():
        sys.exit(f"Skipped: no notes at {NOTES.name} beside the project.")
    if asked.ask:
        print(json.dumps(measure(asked.ask, asked.queries)))
    elif asked.peer:
        print(json.dumps(measure_peer(asked.peer, asked.queries)))
    else:
        with tempfile.TemporaryDirectory() as temporary:
            results = compare(asked.folder or Path(temporary), asked.sizes, asked.queries)
        print_table(results)
        if asked.json:
            write_results(asked.json, results)


def compare(folder: Path, sizes: Sequence[int], queries: int) -> dict[str, Any]:
    folder.mkdir(exist_ok=True, parents=True)
    measured = {}
    for size in sizes:
        place = folder / str(size)
        if not place.exists():
            make(place, size, folder / "real.npy")
        load = [os.getloadavg()[0]]
        found = {**shape_of(place), **in_a_process("--ask", place, queries)}
        if size <= LARGEST_FOR_THE_SCRIPT:
            found |= in_a_process("--peer", place, queries)
        measured[size] = {**found, "load": [*load, os.getloadavg()[0]]}
    return {"machine": describe_machine("openvino", "faiss-cpu", "sqlalchemy"), "measured": measured}


def in_a_process(way: str, place: Path, queries: int) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.default_search", way, str(place), "--queries", str(queries)]
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    measured: dict[str, Any] = json.loads(printed.splitlines()[-1])
    return measured


def queries_of(place: Path, count: int) -> dict[str, list[str]]:
    """Return what is asked: sentences, words that are neighbours in them, and whole notes."""
    rng = random.Random(SEED)
    sentences: list[str] = read_truth(place, count)["queries"]
    words = []
    for sentence in sentences:
        terms = [term for term in terms_of(sentence) if term not in STOP_TERMS]
        many = rng.choice(KEYWORDS_IN_EACH)
        if len(terms) >= many:
            at = rng.randrange(len(terms) - many + 1)
            words.append(" ".join(terms[at : at + many]))
    apart = [note for note in read_notes()[1] if SHORTEST_NOTE <= len(note) <= LONGEST_NOTE]
    return {"sentences": sentences, "words": words, "notes": apart[: max(1, count // QUERIES_PER_NOTE)]}


def measure(place: Path, count: int) -> dict[str, Any]:
    notes = clinsearch.open(place)
    taken = {}
    for kind, queries in queries_of(place, count).items():
        for level, name in product(LEVELS, FILTERS):
            options: Any = {"level": level, **({"note_type": name} if name else {})}
            taken[f"{kind}, {level}, {name or 'none'}"] = timed(queries, partial(notes.search, k=K, **options))
    encoder = load_encoder()
    by_kind = {kind: timed(queries, partial(encode, encoder)) for kind, queries in queries_of(place, count).items()}
    return {"milliseconds": taken, "milliseconds to encode": by_kind}


def encode(encoder: Encoder, query: str) -> None:
    encoder.encode_query(encoder.opening(query))


def timed(queries: Sequence[str], ask: Callable[[str], Any]) -> dict[str, float]:
    """Ask one query after another; return the median and the 95th percentile, wall and CPU, in milliseconds."""
    wall, cpu = [], []
    for query in queries[:WARM]:
        ask(query)
    for query in queries:
        started, cpu_started = time.perf_counter(), time.process_time()
        ask(query)
        wall.append((time.perf_counter() - started) * 1e3)
        cpu.append((time.process_time() - cpu_started) * 1e3)
    high = [float(np.percentile(some, 95)) for some in (wall, cpu)]
    return {"p50": statistics.median(wall), "p95": high[0], "CPU p50": statistics.median(cpu), "CPU p95": high[1]}


def measure_peer(place: Path, count: int) -> dict[str, Any]:
    """Do what a script does that has its texts in FTS5 and its vectors in a flat index."""
    import faiss

    with Reader(place).snapshot() as snapshot, tempfile.TemporaryDirectory() as folder:
        keys = np.sort(snapshot.sentences.keys)
        index = faiss.IndexIDMap(faiss.IndexFlatIP(snapshot.encoder.hidden_size))
        texts = sqlite3.connect(Path(folder) / "texts.db")
        texts.execute("CREATE VIRTUAL TABLE texts USING fts5(text)")
        for start in range(0, len(keys), 100_000):
            some = keys[start : start + 100_000]
            index.add_with_ids(snapshot.sentences.of(some), some)
            texts.executemany(
                "INSERT INTO texts(rowid, text) VALUES (?, ?)", snapshot.catalog.sentence_texts(some.tolist()).items()
            )
        texts.commit()
        faiss.omp_set_num_threads(processors())
        ask = partial(ask_peer, load_encoder(), texts, index)
        return {
            "milliseconds of the script": {kind: timed(some, ask) for kind, some in queries_of(place, count).items()}
        }


def ask_peer(encoder: Encoder, texts: sqlite3.Connection, index: Any, query: str) -> list[tuple[int, str]]:
    wanted = " OR ".join(f'"{term}"' for term in dict.fromkeys(terms_of(query)) if term not in STOP_TERMS)
    ranked = "SELECT rowid FROM texts WHERE texts MATCH ? ORDER BY rank LIMIT ?"
    by_words = [row[0] for row in texts.execute(ranked, (wanted, DEPTH))] if wanted else []
    by_vectors = index.search(encoder.encode_query(encoder.opening(query))[None], DEPTH)[1][0].tolist()
    scores: defaultdict[int, float] = defaultdict(float)
    for found in (by_words, by_vectors):
        for rank, key in enumerate(found):
            scores[key] += 1 / (RRF + rank)
    best = sorted(scores, key=lambda key: -scores[key])[:K]
    return [(key, texts.execute("SELECT text FROM texts WHERE rowid = ?", (key,)).fetchone()[0]) for key in best]


def shape_of(place: Path) -> dict[str, Any]:
    """Say what the texts are like, real ones and all: lengths of sentences and notes, and how frequent terms are."""
    with Reader(place).snapshot() as snapshot:
        connection = snapshot.catalog.connection
        ask = lambda query: connection.exec_driver_sql(query).fetchall()  # noqa: E731
        ((words,),) = ask("SELECT rows FROM counts WHERE name = 'sentence_terms'")
        counts = snapshot.catalog.counts()
        ranks = (1, 10, 100, 1000, 10_000)
        docs = [row[0] for row in ask("SELECT doc FROM sentence_vocab ORDER BY doc DESC LIMIT 10000")]
        return {
            "counts": counts,
            "terms a sentence": words / counts["sentences"],
            "sentences a note": counts["occurrences"] / counts["notes"],
            "share of sentences that have the term of rank": {
                rank: docs[rank - 1] / counts["sentences"] for rank in ranks if rank <= len(docs)
            },
        }


def print_table(results: dict[str, Any]) -> None:
    print(results["machine"])
    for size, found in results["measured"].items():
        load = " and ".join(f"{one:.1f}" for one in found["load"])
        print(f"\n{size:,} sentences; load {load}")
        print(f"  {found['terms a sentence']:.1f} terms a sentence, {found['sentences a note']:.1f} sentences a note")
        frequent = found["share of sentences that have the term of rank"]
        print("  terms by rank: " + ", ".join(f"{rank}: {share:.3%}" for rank, share in frequent.items()))
        peer = found.get("milliseconds of the script", {})
        rows = [
            *found["milliseconds"].items(),
            *((f"{kind}: encoding alone", taken) for kind, taken in found["milliseconds to encode"].items()),
            *((f"{kind}: FTS5 and flat FAISS", taken) for kind, taken in peer.items()),
        ]
        for name, taken in rows:
            print(f"  {name:32} " + "  ".join(f"{what} {value:7.1f}" for what, value in taken.items()))


if __name__ == "__main__":
    main()

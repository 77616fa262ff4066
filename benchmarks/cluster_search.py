"""Searches a million sentences in PostgreSQL beside the same in a folder; see `benchmarks.cluster`."""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

import clinsearch
from benchmarks.large_collection import NEAREST, TYPES, make_collection
from benchmarks.search import keep_truth, read_truth, recall_of
from benchmarks.servers import Cluster, Stopwatch
from clinsearch.encoder.encoder import Encoder, load_encoder
from clinsearch.records import FloatArray
from clinsearch.records.locations import Location, database_at
from clinsearch.storage import is_made, open_reader

FILTERS = ("", *TYPES)
# Mode and level; by words alone and by notes only without a filter.
WAYS = [
    *product(("vector", "hybrid"), ("sentence",), FILTERS),
    *product(("hybrid",), ("note",), FILTERS),
    ("keyword", "sentence", ""),
]
PLACES = ("folder", "database")
WARM = 3
# An exact scan of a million rows takes a second.
SCANNED = 20


def measure(cluster: Cluster, folder: Path, size: int, queries: int) -> dict[str, Any]:
    """Make the collections, unless they are there, and ask both the same, query by query in turn."""
    folder.mkdir(parents=True, exist_ok=True)
    truths = folder / str(size)
    places: dict[str, Location] = {"folder": folder / str(size), "database": database_at(cluster.dsn)}
    made = {name: make(place, truths, size, folder / "real.npy", name) for name, place in places.items()}
    truth = read_truth(truths, queries)
    encoder = load_encoder()
    kept = folder / f"measured-{size}-{queries}.json"
    ways: dict[str, Any] = json.loads(kept.read_text()) if kept.exists() else {}
    opened = {at: clinsearch.open(place) for at, place in places.items()}  # type: ignore[arg-type]
    for way in WAYS:
        name = " ".join(filter(None, way))
        if name not in ways:
            ways[name] = compared(cluster, opened, way, truth["queries"])
            kept.write_text(json.dumps(ways))
            print(f"  {name}: {ways[name]}", flush=True)
    return {
        "size": size,
        "made": made,
        "ways": ways,
        "recall": {name: recall(place, truth, encoder) for name, place in places.items()},
        "exact scan": exact_scan(cluster, encoder, truth),
        "milliseconds to encode": summary(timed(encoder.encode_query, truth["queries"])),
        "bytes a sentence": bytes_a_sentence(cluster, size),
    }


def make(place: Location, truths: Path, size: int, kept: Path, name: str) -> dict[str, Any]:
    """Make and optimize a collection, or what is missing of that; say how long it took."""
    stage = truths.parent / f"{name}-{size}.stage"
    reached = stage.read_text() if stage.exists() else "optimized"
    if is_made(place) and reached == "filling":
        raise SystemExit(f"The {name} was filled in part: remove it, and begin again.")
    if is_made(place) and reached == "optimized":
        return {}
    started = time.perf_counter()
    if not is_made(place):
        stage.write_text("filling")
        keep_truth(truths, make_collection(place, size, load_encoder(), kept))
        stage.write_text("filled")
    filled = time.perf_counter()
    quality = clinsearch.open(place).optimize()  # type: ignore[arg-type]
    stage.write_text("optimized")
    optimized = time.perf_counter()
    return {
        "seconds to fill": filled - started,
        "seconds to optimize": optimized - filled,
        "search": [asdict(one) for one in quality],
    }


def compared(
    cluster: Cluster, opened: dict[str, clinsearch.Collection], way: tuple[str, str, str], queries: Sequence[str]
) -> dict[str, Any]:
    """Ask both collections one query after the other: wall and CPU time, and how many of the hits are the same."""
    mode, level, name = way
    options: Any = {"mode": mode, "level": level, "k": NEAREST, **({"note_type": name} if name else {})}
    for query in queries[:WARM]:
        for notes in opened.values():
            notes.search(query, **options)
    watch = Stopwatch(cluster.process())
    taken: dict[str, list[tuple[float, float]]] = {at: [] for at in PLACES}
    same = []
    for query in queries:
        hits = {}
        for at in PLACES:
            watch.lap()
            hits[at] = opened[at].search(query, **options)
            wall, own, its = watch.lap()
            taken[at].append((wall * 1e3, (own + its) * 1e3))
        found = [{(hit.note_id, getattr(hit, "start", 0)) for hit in hits[at]} for at in PLACES]
        same.append(len(found[0] & found[1]) / max(len(found[0]), 1))
    measured: dict[str, Any] = {}
    for at, times in taken.items():
        # The server's clock ticks in hundredths of a second: only its mean says something.
        cpu = statistics.fmean(cpu for _, cpu in times)
        measured[at] = {**summary([wall for wall, _ in times]), "mean CPU": cpu}
    return {**measured, "hits in common": statistics.fmean(same)}


def recall(place: Location, truth: dict[str, Any], encoder: Encoder) -> dict[str, float]:
    """Return which part of the truly nearest is found, by filter."""
    vectors = encoder.encode(truth["queries"])
    with open_reader(place).snapshot() as snapshot:
        return {name or "none": recall_of(snapshot, truth, vectors, name) for name in FILTERS}


def exact_scan(cluster: Cluster, encoder: Encoder, truth: dict[str, Any]) -> dict[str, float]:
    """Ask pgvector alone for the nearest, without an index."""
    query = "SELECT key FROM sentence_vectors ORDER BY vector <#> %s::text::vector::halfvec LIMIT %s"
    vectors = {text: written(encoder.encode_query(text)) for text in truth["queries"][:SCANNED]}
    with cluster.connect() as connection:
        connection.execute("SET jit = off")
        connection.execute("SET enable_indexscan = off")

        def ask(text: str) -> object:
            return connection.execute(query, (vectors[text], NEAREST)).fetchall()

        return summary(timed(ask, list(vectors)))


def written(vector: FloatArray) -> str:
    return json.dumps(vector.astype(float).tolist())


def timed(ask: Callable[[str], object], queries: Sequence[str]) -> list[float]:
    for query in queries[:WARM]:
        ask(query)
    taken = []
    for query in queries:
        started = time.perf_counter()
        ask(query)
        taken.append((time.perf_counter() - started) * 1e3)
    return taken


def summary(milliseconds: Sequence[float]) -> dict[str, float]:
    return {"p50": statistics.median(milliseconds), "p95": float(np.percentile(milliseconds, 95))}


def bytes_a_sentence(cluster: Cluster, size: int) -> dict[str, dict[str, float]]:
    """Return the bytes on the disk of each table, its indexes and its long values, by sentence of the collection."""
    query = """SELECT relname, pg_relation_size(c.oid), pg_indexes_size(c.oid),
            pg_total_relation_size(c.oid) - pg_relation_size(c.oid) - pg_indexes_size(c.oid)
        FROM pg_class AS c WHERE relnamespace = 'clinsearch'::regnamespace AND relkind = 'r'
        ORDER BY pg_total_relation_size(c.oid) DESC"""
    with cluster.connect() as connection:
        rows: list[tuple[Any, ...]] = connection.execute(query).fetchall()
    parts = ("rows", "indexes", "long values")
    return {
        name: {part: int(size_of) / size for part, size_of in zip(parts, sizes, strict=True)} for name, *sizes in rows
    }


def print_table(found: dict[str, Any]) -> None:
    print(f"{found['size']:,} sentences; milliseconds: p50, p95, CPU")
    for at, made in found["made"].items():
        if made:
            print(
                f"  {at}: filled in {made['seconds to fill']:.0f} s, optimized in {made['seconds to optimize']:.0f} s"
            )
    for name, way in found["ways"].items():
        times = "  ".join(
            f"{at} {way[at]['p50']:6.1f} {way[at]['p95']:6.1f} CPU {way[at]['mean CPU']:6.1f}" for at in PLACES
        )
        ratio = way["database"]["p50"] / way["folder"]["p50"]
        print(f"  {name:30} {times}  {ratio:5.2f} x  {way['hits in common']:.3f} in common")
    for at, shares in found["recall"].items():
        print(f"  recall@10, {at}: " + ", ".join(f"{name} {share:.3f}" for name, share in shares.items()))
    print(f"  exact scan by pgvector alone p50 {found['exact scan']['p50']:.1f}")
    print(f"  of which encoding, p50 {found['milliseconds to encode']['p50']:.1f}")
    total = sum(sum(parts.values()) for parts in found["bytes a sentence"].values())
    print(f"  {total:,.0f} bytes a sentence in the database:")
    for name, parts in found["bytes a sentence"].items():
        if sum(parts.values()) >= total / 200:
            print(f"    {name:20} " + "  ".join(f"{part} {size:6.1f}" for part, size in parts.items()))

"""How well search answers what clinicians type: abbreviations, misspelt words, numbers, several conditions.

    python -m benchmarks.queries [--folder FOLDER] [--mode vector] [--show number]

Asks the queries of tests/gold/queries of the real notes beside the project, in ../shared/data, which are indexed into
`--folder` and stay there. Of each kind and half: P@5, how many of the first five are relevant in all and how many could
be, nDCG@10. Misspelt queries are asked in the right spelling, too. Choose by the half `tune`; only run `apart`.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import json
import re
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TypeAlias

import numpy as np

import clinsearch
from clinsearch.language.segmentation import segment
from clinsearch.records import Hit
from clinsearch.retrieval import Level

ROOT = Path(__file__).resolve().parents[1]
NOTES = ROOT.parent / "shared" / "data" / "clinical_notes.jsonl.gz"
GOLD = ROOT / "tests" / "gold" / "queries"
KINDS = ("abbreviation", "spelling", "number", "several", "assertion", "plain")
HALVES = ("tune", "apart")
RELEVANT = 2
FIRST, RANKED = 5, 10
CUT = 100


@dataclass(frozen=True, slots=True)
class Query:
    """What was typed. `spelt` is its right spelling; `pattern` and not `except_pattern` is what a relevant text has."""

    id: str
    kind: str
    half: str
    level: Level
    text: str
    spelt: str | None = None
    pattern: str | None = None
    except_pattern: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """A sentence of a note, in plain spaces, or a whole note: then it has no start and no end."""

    note_id: str
    start: int | None = None
    end: int | None = None
    text: str = ""


# By query and note, the judged places and their grades.
Judgements: TypeAlias = dict[tuple[str, str], list[tuple[Place, int]]]
Search: TypeAlias = Callable[[str, Level], Sequence[Place]]


@dataclass(frozen=True, slots=True)
class Score:
    """Of one query: relevant ones of the first five, how many there could be, and nDCG@10, None if none is known."""

    relevant: int
    best: int
    ndcg: float | None


def read_queries(folder: Path = GOLD) -> list[Query]:
    return [Query(**json.loads(line)) for line in (folder / "queries.jsonl").read_text(encoding="utf-8").splitlines()]


def read_judgements(folder: Path = GOLD) -> Judgements:
    found: Judgements = defaultdict(list)
    with (folder / "judged.tsv").open(encoding="utf-8", newline="") as rows:
        for row in csv.DictReader(rows, delimiter="\t"):
            start, end = (int(row[name]) if row[name] else None for name in ("start", "end"))
            found[row["query_id"], row["note_id"]].append((Place(row["note_id"], start, end), int(row["grade"])))
    return found


def read_places(path: Path = NOTES) -> list[Place]:
    """Read the notes' sentences, and then the notes, without their text."""
    sentences, notes = [], []
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for note in map(json.loads, lines):
            notes.append(Place(note["id"]))
            for one in segment(note["text"]).sentences:
                text = " ".join(note["text"][one.start : one.end].split())
                sentences.append(Place(note["id"], one.start, one.end, text))
    return sentences + notes


def grade(query: Query, judgements: Judgements, place: Place) -> int:
    """Return the judged grade of a place, or of the judged one that shares most with it; else what the pattern says."""
    judged = judgements.get((query.id, place.note_id), [])
    shares = [(_share(place, of), value) for of, value in judged]
    share, value = max(shares, key=lambda one: one[0], default=(0.0, 0))
    if share >= 0.5:
        return value
    return RELEVANT if _has(query.pattern, place.text) and not _has(query.except_pattern, place.text) else 0


def _share(one: Place, other: Place) -> float:
    """Return which part of the shorter of two places of a note lies in the other."""
    if one.start is None or one.end is None or other.start is None or other.end is None:
        return float(one.start == other.start)
    shared = min(one.end, other.end) - max(one.start, other.start)
    return shared / max(1, min(one.end - one.start, other.end - other.start))


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


def _has(pattern: str | None, text: str) -> bool:
    return bool(pattern and text and _compiled(pattern).search(text))


def known_grades(query: Query, judgements: Judgements, places: Iterable[Place]) -> list[int]:
    """Return the best grades, ten at most, of different texts, or of notes: those of the best ranking there can be."""
    best: dict[str, int] = {}
    relevant = 0
    for place in places:
        if (place.start is None) != (query.level == "note"):
            continue
        value = grade(query, judgements, place)
        name = place.note_id if query.level == "note" else place.text
        if value > best.get(name, 0):
            best[name] = value
            relevant += value == RELEVANT
        if relevant == RANKED:
            break
    return sorted(best.values(), reverse=True)[:RANKED]


def score(grades: Sequence[int], known: Sequence[int]) -> Score:
    """Score the grades of a ranking; nDCG has linear gain (Järvelin and Kekäläinen 2002)."""
    discounts = 1 / np.log2(np.arange(2, RANKED + 2))
    ideal = float(np.dot(known, discounts[: len(known)]))
    gained = float(np.dot(grades[:RANKED], discounts[: len(grades[:RANKED])]))
    relevant = sum(value == RELEVANT for value in grades[:FIRST])
    return Score(relevant, min(FIRST, sum(value == RELEVANT for value in known)), gained / ideal if ideal else None)


def measure(
    queries: Sequence[Query], judgements: Judgements, places: Sequence[Place], search: Search
) -> dict[str, Score]:
    """Score what a search finds for each query, by its id; a misspelt one's right spelling by its id and "right"."""
    found = {}
    for query in queries:
        known = known_grades(query, judgements, places)
        for name, text in ((query.id, query.text), (f"{query.id} right", query.spelt)):
            if text:
                grades = [grade(query, judgements, place) for place in search(text, query.level)]
                found[name] = score(grades, known)
    return found


def print_table(queries: Sequence[Query], scores: dict[str, Score]) -> None:
    print("| kind | half | queries | P@5 | relevant of the first 5 | there could be | nDCG@10 |")
    print("|---|---|---|---|---|---|---|")
    for kind in KINDS:
        for half in HALVES:
            ids = [query.id for query in queries if (query.kind, query.half) == (kind, half)]
            print_row(kind, half, [scores[one] for one in ids])
            if kind == "spelling":
                print_row("spelt right", half, [scores[f"{one} right"] for one in ids])
                print(f"| ratio | {half} | | | {_ratio(ids, scores)} |")


def _ratio(ids: Sequence[str], scores: dict[str, Score]) -> str:
    """Return what is left of what the right spelling finds: of the first five, and of nDCG@10."""
    asked, right = ids, [f"{one} right" for one in ids]
    few, all_ = (sum(scores[one].relevant for one in of) for of in (asked, right))
    low, high = (sum(scores[one].ndcg or 0 for one in of) for of in (asked, right))
    return f"{few / max(1, all_):.3f} | | {low / (high or 1):.3f}"


def print_row(kind: str, half: str, scores: Sequence[Score]) -> None:
    relevant = sum(one.relevant for one in scores)
    ndcg = [one.ndcg for one in scores if one.ndcg is not None]
    print(
        f"| {kind} | {half} | {len(scores)} | {relevant / (FIRST * max(1, len(scores))):.3f} | {relevant} | "
        f"{sum(one.best for one in scores)} | {np.mean(ndcg) if ndcg else 0:.3f} |"
    )


def print_first(queries: Iterable[Query], judgements: Judgements, search: Search) -> None:
    """Print the first five of each query: + relevant, ~ in part, - not."""
    for query in queries:
        print(f"{query.id} {query.half} {query.text}")
        for place in search(query.text, query.level)[:FIRST]:
            mark = "-~+"[grade(query, judgements, place)]
            print(f"  {mark} {place.note_id}  {place.text[:CUT]}")


def place_of(hit: Hit, level: Level) -> Place:
    text = " ".join((hit.sentence or "").split())
    return Place(hit.note_id, text=text) if level == "note" else Place(hit.note_id, hit.start, hit.end, text)


def open_notes(folder: Path) -> clinsearch.Collection:
    """Bring the folder's collection in step with the notes, and open it."""
    if (folder / "catalog.db").exists():
        clinsearch.index([NOTES], folder)
    else:
        clinsearch.index([NOTES], folder, tokens=False)
    return clinsearch.open(folder)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--folder", type=Path, help="where the collection is kept; by default a temporary folder")
    parser.add_argument("--mode", choices=["hybrid", "vector", "keyword"], default="hybrid")
    parser.add_argument("--show", choices=KINDS, help="print the first five of each query of a kind instead")
    asked = parser.parse_args()
    if not NOTES.exists():
        sys.exit(f"Skipped: no notes at {NOTES.name} beside the project.")
    queries, judgements = read_queries(), read_judgements()
    with tempfile.TemporaryDirectory() as place:
        notes = open_notes(asked.folder or Path(place) / "collection")

        def search(text: str, level: Level) -> list[Place]:
            return [place_of(hit, level) for hit in notes.search(text, RANKED, level=level, mode=asked.mode)]

        if asked.show:
            print_first([query for query in queries if query.kind == asked.show], judgements, search)
            return
        print_table(queries, measure(queries, judgements, read_places(), search))


if __name__ == "__main__":
    main()

"""How well queries are read by the terminology, and how long it takes.

    python -m benchmarks.terminology [--half apart]

On the gold set of queries: how many abbreviations come with the right long form first, how many synonyms are among the
alternatives, how many words that mean themselves stay untouched, how many queries are written out as they should be.
On occurrences of ambiguous abbreviations, where those are: how often two of one sense are read alike, and two of
different senses are not.
"""

from __future__ import annotations

import argparse
import csv
import json
import statistics
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from clinsearch.language.terminology import Terminology
from clinsearch.language.terms import terms_of
from clinsearch.records.expansions import Expansion

PROJECT = Path(__file__).resolve().parents[1]
QUERIES = PROJECT / "tests" / "gold" / "terminology" / "queries.jsonl"
SENSES = PROJECT.parent / "shared" / "eval" / "abbr_sense_dev"
HALVES = ("tune", "apart")
MEASURES = ("long_forms", "synonyms", "untouched", "long_form")


def rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def judgements(row: dict[str, Any], terminology: Terminology) -> Iterator[tuple[str, str, bool]]:
    """Yield what is asked of a query: the measure, the words, and whether it is met."""
    query = row["query"]
    found = terminology.expansions(query)
    for written, long in row.get("long_forms", {}).items():
        expansion = _of(found, written)
        first = expansion.alternatives[0].text if expansion else ""
        yield "long_forms", written, _says(first, long)
    for written, names in row.get("synonyms", {}).items():
        expansion = _of(found, written)
        given = [one.text for one in expansion.alternatives] if expansion else []
        for name in names:
            yield "synonyms", f"{written}: {name}", any(_says(text, name) for text in given)
    for word in row.get("untouched", ()):
        yield "untouched", word, not any(word in one.written.split() for one in found)
    if "long_form" in row:
        yield "long_form", query, terminology.long_form(query) == row["long_form"]


def _of(found: list[Expansion], written: str) -> Expansion | None:
    """Return the expansion of some words, or the one of a longer entry that begins with them."""
    wanted = written.rstrip(".")
    return next((one for one in found if one.written.startswith(wanted)), None)


def _says(text: str, name: str) -> bool:
    return terms_of(text)[: len(terms_of(name))] == terms_of(name)


def scores(half: str, terminology: Terminology) -> dict[str, tuple[int, int]]:
    """Return for each measure how many are right, of how many."""
    counted = dict.fromkeys(MEASURES, (0, 0))
    for row in rows(QUERIES):
        if row["half"] == half:
            for measure, _, is_right in judgements(row, terminology):
                right, of = counted[measure]
                counted[measure] = (right + is_right, of + 1)
    return counted


def milliseconds(terminology: Terminology) -> tuple[float, float]:
    """Return the median and the longest time that a query takes, of the gold set's queries, each once."""
    taken = []
    for row in rows(QUERIES):
        started = time.perf_counter()
        terminology.expansions(row["query"])
        taken.append(1000 * (time.perf_counter() - started))
    return statistics.median(taken), max(taken)


def sense_pairs(terminology: Terminology) -> tuple[float, float, int]:
    """Return how often two occurrences of one sense are read alike, of different senses differently; and how many."""
    read = {row["id"]: _sense(row, terminology) for row in rows(SENSES / "corpus.jsonl")}
    of_query = {f"q{name}": sense for name, sense in read.items()}
    alike: list[bool] = []
    apart: list[bool] = []
    with (SENSES / "qrels.tsv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            one, other = of_query.get(row["query_id"], ""), read[row["doc_id"]]
            if one and other:
                (alike if int(row["grade"]) else apart).append((one == other) == bool(int(row["grade"])))
    return statistics.fmean(alike), statistics.fmean(apart), len(alike) + len(apart)


def _sense(row: dict[str, Any], terminology: Terminology) -> str:
    found = [one for one in terminology.expansions(row["text"]) if one.start == row["start"]]
    return found[0].alternatives[0].sense if found else ""


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--half", choices=HALVES, help="with what is missed")
    half = parser.parse_args().half
    started = time.perf_counter()
    terminology = Terminology.carried()
    terminology.expansions("SOB")
    print(f"first query after {1000 * (time.perf_counter() - started):.1f} ms")
    print("a query, each once: median {:.2f} ms, at most {:.2f} ms".format(*milliseconds(terminology)))
    for name in HALVES:
        told = ", ".join(f"{measure} {right} of {of}" for measure, (right, of) in scores(name, terminology).items())
        print(f"{name:6} {told}")
    for row in rows(QUERIES) if half else ():
        for measure, words, is_right in judgements(row, terminology):
            if row["half"] == half and not is_right:
                print(f"  missed {measure}: {words} in {row['query']}")
    if SENSES.exists():
        alike, apart, of = sense_pairs(terminology)
        print(
            f"pairs of one sense read alike {alike:.3f}, of different senses differently {apart:.3f}, of {of:,} pairs"
        )
    else:
        print("Senses skipped: not beside the project.")


if __name__ == "__main__":
    main()

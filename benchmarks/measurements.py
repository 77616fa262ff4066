"""How well and how fast measurements are read out of text, and conditions out of queries.

    python -m benchmarks.measurements

Precision and recall on each half of the gold set; the rules were made without a look at what they miss of `apart`. A
mention counts if name, comparator, unit and values are right and it overlaps the words that are marked. Speed on one
core, on sentences with digits and without.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from clinsearch.language.measurements import find_conditions, find_measurements
from clinsearch.records.measurements import Condition, Measurement

PROJECT = Path(__file__).resolve().parents[1]
GOLD = PROJECT / "tests" / "gold" / "measurements"
SENTENCES = PROJECT.parent / "shared" / "data" / "sentences.jsonl.gz"
HALVES = ("tune", "apart")
NEAR = 0.005


class Score(NamedTuple):
    texts: int
    mentions: int
    right: int
    found: int
    empty: int
    clean: int

    @property
    def precision(self) -> float:
        return self.right / max(1, self.found)

    @property
    def recall(self) -> float:
        return self.right / max(1, self.mentions)


def rows(path: Path) -> Iterator[dict[str, Any]]:
    return (json.loads(line) for line in path.read_text(encoding="utf-8").splitlines())


def near(one: float, other: float) -> bool:
    return abs(one - other) <= NEAR * max(abs(one), abs(other))


def agrees(found: Measurement | Condition, wanted: dict[str, Any], text: str) -> bool:
    """Tell whether what was found is what was marked."""
    same = (found.name, found.comparator, found.unit) == (wanted["name"], wanted["comparator"], wanted["unit"])
    if not (same and near(found.low, wanted["low"]) and near(found.high, wanted["high"])):
        return False
    mention = wanted.get("mention", text)
    starts = (match.start() for match in re.finditer(re.escape(mention), text))
    return any(start < found.end and found.start < start + len(mention) for start in starts)


def compared(row: dict[str, Any], kind: str) -> tuple[list[Measurement | Condition], list[dict[str, Any]], int]:
    """Return what was found wrongly in a text, what was missed, and how many were right."""
    finder: Callable[[str], Any] = find_measurements if kind == "measurements" else find_conditions
    wrong, missed = list(finder(row["text"])), list(row[kind])
    right = 0
    for wanted in row[kind]:
        for found in wrong:
            if agrees(found, wanted, row["text"]):
                wrong.remove(found)
                missed.remove(wanted)
                right += 1
                break
    return wrong, missed, right


def score(kind: str, half: str) -> Score:
    """Return the score of "measurements" or "conditions" on a half of the gold set."""
    path = GOLD / ("mentions.jsonl" if kind == "measurements" else "conditions.jsonl")
    counted = [0] * 6
    for row in rows(path):
        if row["half"] == half:
            wrong, _, right = compared(row, kind)
            empty = not row[kind]
            of_row = (1, len(row[kind]), right, right + len(wrong), empty, empty and not wrong)
            counted = [one + other for one, other in zip(counted, of_row, strict=True)]
    return Score(*counted)


def tell_errors(kind: str, half: str) -> None:
    """Print what is found wrongly and what is missed."""
    for row in rows(GOLD / ("mentions.jsonl" if kind == "measurements" else "conditions.jsonl")):
        if row["half"] == half:
            wrong, missed, _ = compared(row, kind)
            if wrong or missed:
                print(row["text"])
                for found in wrong:
                    print("   wrong ", found)
                for wanted in missed:
                    print("   missed", wanted)


def speed(digits: bool, every: int = 16) -> tuple[int, float]:
    """Return how many sentences with or without digits were read, and the microseconds that one takes."""
    with gzip.open(SENTENCES, "rt", encoding="utf-8") as lines:
        texts = [json.loads(line)["text"] for at, line in enumerate(lines) if at % every == 0]
    texts = [text for text in texts if bool(re.search(r"\d", text)) == digits]
    find_measurements("INR 2")  # the tables are read at the first call
    started = time.process_time()
    for text in texts:
        find_measurements(text)
    return len(texts), (time.process_time() - started) / max(1, len(texts)) * 1e6


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--errors", action="store_true", help="print what is wrong of the half that rules are made by")
    asked = parser.parse_args()
    print(f"{'':20} texts  mentions  precision  recall  without any, and nothing found")
    for kind in ("measurements", "conditions"):
        for half in HALVES:
            if asked.errors and half == "tune":
                tell_errors(kind, half)
            one = score(kind, half)
            print(
                f"{kind + ' ' + half:20} {one.texts:5} {one.mentions:9} {one.precision:10.3f} {one.recall:7.3f}  "
                f"{one.clean} of {one.empty}"
            )
    if SENTENCES.exists():
        for digits in (False, True):
            count, taken = speed(digits)
            print(f"{count:,} sentences {'with' if digits else 'without'} digits: {taken:.1f} microseconds each")
    else:
        print("Speed skipped: no sentences beside the project.")


if __name__ == "__main__":
    main()

"""How many misspelt words are put right, and how many right ones are left alone.

    python -m benchmarks.spelling [--half apart]

On the gold sets, without a collection, and with the frequencies of the words of real notes, where those are: there a
misspelling that stands in a note is a word of it, and none of the speller's. Time of a word on one core.
"""

from __future__ import annotations

import argparse
import gzip
import json
import statistics
import time
from collections import Counter
from pathlib import Path
from typing import NamedTuple

from clinsearch.language.spelling import Speller
from clinsearch.language.terminology import Terminology
from clinsearch.language.terms import terms_of

PROJECT = Path(__file__).resolve().parents[1]
GOLD = PROJECT / "tests" / "gold" / "spelling"
NOTES = PROJECT.parent / "shared" / "data" / "clinical_notes.jsonl.gz"
HALVES = ("tune", "apart")


class Score(NamedTuple):
    """What was done with misspelt words, and how many right ones were changed."""

    misspelt: int
    right: int
    wrong: int
    left: int
    kept: int
    changed: int


def rows(name: str, half: str) -> list[dict[str, str]]:
    lines = (GOLD / name).read_text(encoding="utf-8").splitlines()
    return [row for row in map(json.loads, lines) if row["half"] == half]


def corrected(speller: Speller, word: str) -> str:
    found = speller.correct(word)
    return found.corrected if found else word


def score(speller: Speller, half: str) -> Score:
    misspelt = rows("misspellings.jsonl", half)
    given = [corrected(speller, row["written"]) for row in misspelt]
    right = sum(one == row["right"] for one, row in zip(given, misspelt, strict=True))
    left = sum(one == row["written"] for one, row in zip(given, misspelt, strict=True))
    words = [row["written"] for row in rows("right_words.jsonl", half)]
    changed = sum(corrected(speller, word) != word for word in words)
    return Score(len(misspelt), right, len(misspelt) - right - left, left, len(words), changed)


def milliseconds(speller: Speller) -> tuple[float, float, float]:
    """Return the time of the first word, the median of all and the longest of those after the first."""
    taken = []
    for row in [row for half in HALVES for row in rows("misspellings.jsonl", half)]:
        started = time.perf_counter()
        speller.correct(row["written"])
        taken.append(1000 * (time.perf_counter() - started))
    return taken[0], statistics.median(taken), max(taken[1:])


def frequencies() -> Counter[str]:
    with gzip.open(NOTES, "rt", encoding="utf-8") as lines:
        return Counter(term for line in lines for term in terms_of(json.loads(line)["text"]))


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--half", choices=HALVES, help="with what goes wrong")
    half = parser.parse_args().half
    spellers = {"no notes": Speller({}, Terminology.carried())}
    print("first word {:.1f} ms, then median {:.2f}, at most {:.2f} ms".format(*milliseconds(spellers["no notes"])))
    if NOTES.exists():
        spellers["real notes"] = Speller(frequencies(), Terminology.carried())
    else:
        print("Real notes skipped: not beside the project.")
    print(f"{'':18} misspelt  right  to another  left  right words  changed")
    for name, speller in spellers.items():
        for part in HALVES:
            one = score(speller, part)
            print(f"{name:11} {part:6} {one.misspelt:8} {one.right:6} {one.wrong:11} {one.left:5}", end="")
            print(f" {one.kept:12} {one.changed:8}")
    if half:
        tell(spellers["no notes"], half)


def tell(speller: Speller, half: str) -> None:
    for row in rows("misspellings.jsonl", half):
        if (given := corrected(speller, row["written"])) != row["right"]:
            print(f"  {row['written']}: {given}, not {row['right']}")
    for row in rows("right_words.jsonl", half):
        if (given := corrected(speller, row["written"])) != row["written"]:
            print(f"  {row['written']}: {given}, but was right")


if __name__ == "__main__":
    main()

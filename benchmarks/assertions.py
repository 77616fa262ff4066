"""How well and how fast the assertions of sentences are told.

    python -m benchmarks.assertions

Precision and recall of each class on both halves of the gold set: the rules were made looking at `dev`, never at the
mistakes on `held`. Speed on one core. Polarity of the mentions in the review-of-systems queries, where those are.
"""

from __future__ import annotations

import gzip
import json
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from clinsearch.assertions import assertion_at, find_assertions

PROJECT = Path(__file__).resolve().parents[1]
GOLD = PROJECT / "tests" / "gold" / "assertions" / "mentions.jsonl"
SHARED = PROJECT.parent / "shared"
SENTENCES = SHARED / "data" / "sentences.jsonl.gz"
REVIEWS = ("aci_ros_template_dev", "aci_ros_example_dev")
CLASSES = ("affirmed", "negated", "possible", "historical", "hypothetical", "other")


class Score(NamedTuple):
    mentions: int
    precision: float
    recall: float

    @property
    def f1(self) -> float:
        return 2 * self.precision * self.recall / (self.precision + self.recall or 1)


def rows(path: Path) -> Iterator[dict[str, Any]]:
    return (json.loads(line) for line in path.read_text(encoding="utf-8").splitlines())


def told(text: str, start: int, end: int) -> str:
    span = assertion_at(find_assertions(text), start, end)
    return span.assertion if span else "affirmed"


def scores(half: str) -> dict[str, Score]:
    """Return the scores of each class on a half of the gold set."""
    mentions = [row for row in rows(GOLD) if row["split"] == half]
    guesses = [told(row["text"], row["start"], row["end"]) for row in mentions]
    truths = [row["assertion"] for row in mentions]
    right = Counter(truth for truth, guess in zip(truths, guesses, strict=True) if truth == guess)
    in_gold, guessed = Counter(truths), Counter(guesses)
    return {
        name: Score(in_gold[name], right[name] / max(1, guessed[name]), right[name] / max(1, in_gold[name]))
        for name in CLASSES
    }


def speed(every: int = 8) -> tuple[float, float]:
    """Return the megabytes of sentences read, and how many of them a second on one core."""
    with gzip.open(SENTENCES, "rt", encoding="utf-8") as lines:
        texts = [json.loads(line)["text"] for at, line in enumerate(lines) if at % every == 0]
    size = sum(len(text.encode()) for text in texts) / 1e6
    find_assertions("no fever")  # the cues are laid out at the first call
    started = time.process_time()
    for text in texts:
        find_assertions(text)
    return size, size / (time.process_time() - started)


def mentions_of(query: dict[str, Any]) -> Iterator[tuple[str, bool]]:
    """Yield the findings of a query, and whether they are negated."""
    if "concept" in query:
        yield query["concept"], query["polarity"] == "neg"
    for mention in query.get("mentions", ()):
        name, polarity = mention.rsplit("=", 1)
        yield name, polarity == "Negated"


def polarity(name: str) -> tuple[int, int, int]:
    """Return how many mentions of a set's queries have their polarity told, of how many, and how many are not found."""
    right = of = missing = 0
    for query in rows(SHARED / "eval" / name / "queries.jsonl"):
        for finding, negated in mentions_of(query):
            start = query["text"].lower().find(finding.lower())
            if start < 0:
                missing += 1
                continue
            of += 1
            right += (told(query["text"], start, start + len(finding)) == "negated") == negated
    return right, of, missing


def main() -> None:
    for half in ("dev", "held"):
        print(f"{half:14} mentions  precision  recall     F1")
        for name, score in scores(half).items():
            print(f"{name:14} {score.mentions:8} {score.precision:10.3f} {score.recall:7.3f} {score.f1:6.3f}")
    if SENTENCES.exists():
        print("{:.1f} MB of sentences, {:.1f} MB a second".format(*speed()))
    else:
        print("Speed skipped: no sentences beside the project.")
    for name in REVIEWS:
        if (SHARED / "eval" / name).exists():
            print("{}: polarity of {} of {} mentions, {} not found".format(name, *polarity(name)))
        else:
            print(f"{name} skipped: not beside the project.")


if __name__ == "__main__":
    main()

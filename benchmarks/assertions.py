"""How well and how fast the assertions of sentences are told.

    python -m benchmarks.assertions

Precision and recall of each class on the parts of the gold sets. `mentions` is in part the rules' author's own; `kinds`
is by others, `dev` and `held` by one, `check` by another: the rules were made without a look at the last. Speed on one
core. Polarity of the mentions in the review-of-systems queries, where those are.
"""

from __future__ import annotations

import gzip
import json
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from clinsearch.language.assertions import assertion_at, find_assertions, said_at, section_assertion
from clinsearch.language.segmentation import segment

PROJECT = Path(__file__).resolve().parents[1]
GOLD = PROJECT / "tests" / "gold" / "assertions"
MENTIONS, KINDS = GOLD / "mentions.jsonl", GOLD / "kinds.jsonl"
SHARED = PROJECT.parent / "shared"
SENTENCES = SHARED / "data" / "sentences.jsonl.gz"
PARTS = ((MENTIONS, "dev"), (MENTIONS, "held"), (KINDS, "dev"), (KINDS, "held"), (KINDS, "check"))
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
    return span.assertion if span else section_assertion(_section(text, start)) or "affirmed"


def told_apart(text: str, start: int, end: int) -> tuple[str, bool]:
    """Return whether it is so, and whether it is of someone else."""
    said = said_at(find_assertions(text), start, end, _section(text, start))
    return said.assertion, said.of_other


def _section(text: str, start: int) -> str | None:
    """Return the name of the section in which a character of a text stands."""
    return next(one.name for one in segment(text).sections if one.start <= start < one.end)


def scores(half: str, gold: Path = MENTIONS) -> dict[str, Score]:
    """Return the scores of each class on a part of a gold set.

    Whose it is and whether it is so are told apart; of what is someone else's a row says whether only where it is
    denied.
    """
    counted: dict[str, Counter[tuple[bool, bool]]] = {name: Counter() for name in CLASSES}
    for row in rows(gold):
        if row["split"] != half:
            continue
        so, of_other = told_apart(row["text"], row["start"], row["end"])
        truly_other = row["assertion"] == "other" or row.get("of_other", False)
        counted["other"][truly_other, of_other] += 1
        if row["assertion"] != "other":
            for name in CLASSES[:-1]:
                counted[name][row["assertion"] == name, so == name] += 1
    return {name: _score(count) for name, count in counted.items()}


def _score(counted: Counter[tuple[bool, bool]]) -> Score:
    right, missed, wrong = counted[True, True], counted[True, False], counted[False, True]
    return Score(right + missed, right / max(1, right + wrong), right / max(1, right + missed))


def speed(every: int = 8) -> tuple[float, float, float]:
    """Return the megabytes of sentences read, and how many of them, and of the sentences, a second on one core."""
    with gzip.open(SENTENCES, "rt", encoding="utf-8") as lines:
        texts = [json.loads(line)["text"] for at, line in enumerate(lines) if at % every == 0]
    size = sum(len(text.encode()) for text in texts) / 1e6
    find_assertions("no fever")  # the cues are laid out at the first call
    started = time.process_time()
    for text in texts:
        find_assertions(text)
    taken = time.process_time() - started
    return size, size / taken, len(texts) / taken


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
    for gold, half in PARTS:
        print(f"{gold.stem + ' ' + half:14} mentions  precision  recall     F1")
        for name, score in scores(half, gold).items():
            print(f"{name:14} {score.mentions:8} {score.precision:10.3f} {score.recall:7.3f} {score.f1:6.3f}")
    if SENTENCES.exists():
        print("{:.1f} MB of sentences, {:.1f} MB or {:,.0f} sentences a second".format(*speed()))
    else:
        print("Speed skipped: no sentences beside the project.")
    for name in REVIEWS:
        if (SHARED / "eval" / name).exists():
            print("{}: polarity of {} of {} mentions, {} not found".format(name, *polarity(name)))
        else:
            print(f"{name} skipped: not beside the project.")


if __name__ == "__main__":
    main()

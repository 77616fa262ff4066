"""How well search tells what is so from what is denied, supposed, over or someone else's, of one finding in sentences.

    python -m benchmarks.asserted [--set chest] [--show "pneumothorax"]

The sentences of tests/gold/asserted are indexed, each as a note. Asked are findings as they are ("pneumothorax": of
those who have it), in templates ("no pneumothorax", "family history of stroke"), and by example: a sentence of one
finding, for others that say the same of it. nDCG@10, how many of the first ten are relevant in all and could be, and
pairs: how often a relevant one stands above one of the same finding that says otherwise. Findings belong to two halves:
choose by `tune`; only run `apart`.
"""

from __future__ import annotations

import argparse
import csv
import json
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

import clinsearch

GOLD = Path(__file__).resolve().parents[1] / "tests" / "gold" / "asserted"
SETS = ("chest", "ward")
HALVES = ("tune", "apart")
RANKED, CUT = 10, 110
# What is asked of a finding, and the assertions that answer it, with their grades.
TEMPLATES: Mapping[str, tuple[str, Mapping[str, int]]] = {
    "finding": ("{}", {"affirmed": 2, "possible": 1}),
    "finding, not denied": ("{}", {"affirmed": 2, "possible": 2, "historical": 2, "hypothetical": 2}),
    "no": ("no {}", {"negated": 2}),
    "no evidence of": ("no evidence of {}", {"negated": 2}),
    "possible": ("possible {}", {"possible": 2, "hypothetical": 1}),
    "rule out": ("rule out {}", {"hypothetical": 2, "possible": 2, "negated": 1}),
    "history of": ("history of {}", {"historical": 2}),
    "family history of": ("family history of {}", {"family": 2}),
    "no family history of": ("no family history of {}", {"family-negated": 2}),
}
LEAST_RELEVANT = 2

# By text, what it says of each finding; of two mentions of one both.
Sentences = Mapping[str, Mapping[str, frozenset[str]]]


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked, and the grades of the sentences of its finding, by text; others have 0 and make no pairs."""

    kind: str
    half: str
    text: str
    grades: Mapping[str, int]


def read_sentences(name: str) -> Sentences:
    found: dict[str, dict[str, frozenset[str]]] = defaultdict(dict)
    with (GOLD / f"{name}.tsv").open(encoding="utf-8", newline="") as rows:
        for row in csv.DictReader(rows, delimiter="\t", quoting=csv.QUOTE_NONE):
            said = found[row["text"]].get(row["finding"], frozenset())
            found[row["text"]][row["finding"]] = said | {row["assertion"]}
    return found


def queries(sentences: Sentences) -> Iterator[Query]:
    findings = sorted({finding for of_text in sentences.values() for finding in of_text})
    for number, finding in enumerate(findings):
        half = HALVES[number % len(HALVES)]
        said = {text: of_text[finding] for text, of_text in sentences.items() if finding in of_text}
        for kind, (template, answers) in TEMPLATES.items():
            grades = {text: max(answers.get(one, 0) for one in all_said) for text, all_said in said.items()}
            if sum(grade == 2 for grade in grades.values()) >= LEAST_RELEVANT:
                yield Query(kind, half, template.format(finding), grades)
        for text in said:
            if len(sentences[text]) == 1 and len(said[text]) == 1:
                same = {other: 2 * (said[other] == said[text]) for other in said if other != text}
                if sum(same.values()) >= 2 * LEAST_RELEVANT:
                    yield Query("example", half, text, same)


def ndcg(grades: Sequence[int], known: Sequence[int]) -> float:
    discounts = 1 / np.log2(np.arange(2, RANKED + 2))
    ideal = sorted(known, reverse=True)[:RANKED]
    return float(np.dot(grades[:RANKED], discounts[: len(grades[:RANKED])]) / np.dot(ideal, discounts[: len(ideal)]))


def pairs(query: Query, ranking: Sequence[str]) -> float:
    """Return how often a relevant sentence stands above one of the finding that says otherwise; NaN without any."""
    rank = {text: place for place, text in enumerate(ranking)}
    last = len(ranking)
    above = [
        (rank.get(one, last) < rank.get(other, last)) + (rank.get(one, last) == rank.get(other, last)) / 2
        for one, grade in query.grades.items()
        for other, other_grade in query.grades.items()
        if grade == 2 and other_grade == 0
    ]
    return float(np.mean(above)) if above else float("nan")


def rankings(name: str, asked: Sequence[Query], mode: str) -> list[list[str]]:
    """Return what search finds for each query, best first, without the query itself."""
    texts = list(read_sentences(name))
    with tempfile.TemporaryDirectory() as place:
        notes = Path(place) / "notes.jsonl"
        notes.write_text("".join(json.dumps({"id": str(n), "text": text}) + "\n" for n, text in enumerate(texts)))
        folder = Path(place) / "collection"
        clinsearch.index([notes], folder, tokens=False)
        collection, found = clinsearch.open(folder), []
        for query in asked:
            hits = collection.search(query.text, len(texts), level="note", mode=mode)
            ranked = [texts[int(hit.note_id)] for hit in hits]
            found.append([text for text in ranked if query.kind != "example" or text != query.text])
        return found


def print_table(name: str, asked: Sequence[Query], found: Sequence[Sequence[str]]) -> None:
    print(f"| {name} | half | queries | nDCG@10 | relevant of the first 10 | there could be | pairs |")
    print("|---|---|---|---|---|---|---|")
    for kind in [*TEMPLATES, "example"]:
        for half in HALVES:
            of_kind = [(q, r) for q, r in zip(asked, found, strict=True) if (q.kind, q.half) == (kind, half)]
            if not of_kind:
                continue
            grades = [[query.grades.get(text, 0) for text in ranking[:RANKED]] for query, ranking in of_kind]
            gains = [ndcg(one, list(query.grades.values())) for one, (query, _) in zip(grades, of_kind, strict=True)]
            relevant = sum(grade == 2 for of_query in grades for grade in of_query)
            most = sum(min(RANKED, sum(grade == 2 for grade in query.grades.values())) for query, _ in of_kind)
            in_order = np.nanmean([pairs(query, ranking) for query, ranking in of_kind])
            print(f"| {kind} | {half} | {len(of_kind)} | {np.mean(gains):.3f} | {relevant} | {most} | {in_order:.3f} |")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--set", choices=SETS, help="only this one")
    parser.add_argument("--mode", choices=["hybrid", "vector", "keyword"], default="hybrid")
    parser.add_argument("--show", help="print the first ten of this query instead")
    asked = parser.parse_args()
    for name in [asked.set] if asked.set else SETS:
        wanted = [one for one in queries(read_sentences(name)) if asked.show in (None, one.text)]
        found = rankings(name, wanted, asked.mode)
        if asked.show is None:
            print_table(name, wanted, found)
        for query, ranking in zip(wanted, found, strict=True) if asked.show else ():
            print(query.kind, query.half, query.text)
            for text in ranking[:RANKED]:
                print("  ", "-~+"[query.grades.get(text, 0)], text[:CUT])


if __name__ == "__main__":
    main()

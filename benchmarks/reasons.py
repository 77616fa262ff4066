"""How well the reasons why two notes match answer: planted pairs that must come first, templates that must not.

    python -m benchmarks.reasons [--half tune|apart] [--worlds 3]

Into pairs of unrelated real notes a sentence and its paraphrase are planted (tests/gold/planted_pairs.jsonl), among 200
other notes; the planted pair is the one real reason. Told is how often it is the first, among the first three and the
first ten reasons, before and with a template in both notes besides, and how often that is among the first three.
Of pairs of reports of the same procedure it is told which part of the score above the background the five reasons
that are shown carry.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import statistics
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import clinsearch
from benchmarks.machine import write_results
from clinsearch.evaluation.sets import read_set
from clinsearch.language.segmentation import segment
from clinsearch.records import NoteExplanation

ROOT = Path(__file__).resolve().parents[1]
NOTES = ROOT.parent / "shared" / "data" / "clinical_notes.jsonl.gz"
PROCEDURES = ROOT.parent / "shared" / "eval" / "mtsamples_same_dev"
GOLD = ROOT / "tests" / "gold"
OTHERS = 200
LEAST_SENTENCES, MOST_SENTENCES = 15, 90
# A template stands in so many of the other notes.
COPIES = 12
SHOWN, PAIRS_OF_PROCEDURES = 5, 200
RANKS = {"first": 1, "first three": 3, "first ten": 10}


@dataclass(frozen=True, slots=True)
class Planted:
    """Two notes, by id, and the two sentences that were planted in them."""

    left_id: str
    right_id: str
    left: str
    right: str


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--half", choices=["tune", "apart"], default="apart", help="which half of the planted pairs")
    parser.add_argument("--worlds", type=int, default=3, help="how many times each pair is planted, in other notes")
    parser.add_argument("--pairs", type=int, default=PAIRS_OF_PROCEDURES, help="pairs of reports of one procedure")
    parser.add_argument("--most", type=int, help="plant only so many pairs")
    parser.add_argument("--others", type=int, default=OTHERS, help="how many notes there are besides")
    parser.add_argument("--json", type=Path, help="where to write what was measured")
    asked = parser.parse_args()
    if not NOTES.exists():
        sys.exit(f"Skipped: no notes at {NOTES.name} beside the project.")
    results = {
        "half": asked.half,
        "planted": measure_planted(asked, with_template=False),
        "planted, with a template": measure_planted(asked, with_template=True),
        "same procedure": measure_procedures(asked.pairs),
    }
    print(json.dumps(results, indent=1))
    if asked.json:
        write_results(asked.json, results)


def measure_planted(asked: argparse.Namespace, *, with_template: bool) -> dict[str, float]:
    """Return in which part of the explanations the planted pair is how far in front, and a template likewise."""
    ranks, of_templates = [], []
    for seed in range(asked.worlds):
        with tempfile.TemporaryDirectory() as folder:
            notes, planted, template = plant(asked, random.Random(seed), with_template=with_template)
            collection = indexed(notes, Path(folder))
            for one in planted:
                explained = collection.explain(one.left_id, one.right_id, pairs=0)
                ranks.append(rank_of(explained, one.left, one.right))
                of_templates.append(rank_of(explained, template, template) if with_template else len(explained.reasons))
    found = {name: statistics.mean(rank < most for rank in ranks) for name, most in RANKS.items()}
    if with_template:
        found["template among the first three"] = statistics.mean(rank < RANKS["first three"] for rank in of_templates)
    return {"explanations": len(ranks), **found}


def plant(
    asked: argparse.Namespace, rng: random.Random, *, with_template: bool
) -> tuple[dict[str, str], list[Planted], str]:
    """Choose real notes, and plant pairs of sentences in some of them; return the notes by id, and what was planted."""
    pairs = [pair for pair in read_lines(GOLD / "planted_pairs.jsonl") if pair["half"] == asked.half][: asked.most]
    templates = [one["text"] for one in read_lines(GOLD / "planted_templates.jsonl") if one["half"] == asked.half]
    with gzip.open(NOTES, "rt", encoding="utf-8") as lines:
        texts = [json.loads(line)["text"] for line in lines]
    fit = [text for text in texts if LEAST_SENTENCES <= len(segment(text).sentences) <= MOST_SENTENCES]
    chosen = rng.sample(fit, asked.others + 2 * len(pairs))
    template = rng.choice(templates)
    copies = COPIES if with_template else 0
    notes = {
        f"other{n}": planted_in(text, [template] * (n < copies), rng) for n, text in enumerate(chosen[: asked.others])
    }
    planted = []
    for n, pair in enumerate(pairs):
        for side, text in zip("ab", chosen[asked.others + 2 * n :][:2], strict=True):
            notes[f"{pair['id']}{side}"] = planted_in(text, [pair[side], *[template] * bool(copies)], rng)
        planted.append(Planted(f"{pair['id']}a", f"{pair['id']}b", pair["a"], pair["b"]))
    return notes, planted, template


def planted_in(text: str, sentences: Sequence[str], rng: random.Random) -> str:
    """Put each sentence behind one of the text's."""
    for sentence in sentences:
        at = rng.choice([place.end for place in segment(text).sentences])
        text = f"{text[:at]} {sentence} {text[at:]}"
    return text


def indexed(notes: dict[str, str], folder: Path) -> clinsearch.Collection:
    file = folder / "notes.jsonl"
    lines = (json.dumps({"note_id": note_id, "text": text}) for note_id, text in notes.items())
    file.write_text("\n".join(lines), encoding="utf-8")
    clinsearch.index([file], folder / "collection", tokens=False)
    return clinsearch.open(folder / "collection")


def rank_of(explained: NoteExplanation, left: str, right: str) -> int:
    """Return how many reasons stand before the one of these two sentences; all, if there is none."""
    for rank, reason in enumerate(explained.reasons):
        i, j = reason.pairs[0]
        if left in explained.left[i].sentence and right in explained.right[j].sentence:
            return rank
    return max(len(explained.reasons), max(RANKS.values()))


def measure_procedures(most: int) -> dict[str, float]:
    """Return which part of the score above the background the reasons carry that are shown, on the median of pairs."""
    judged = read_set(PROCEDURES)
    ids = {text: note_id for note_id, text in judged.documents.items()}
    with tempfile.TemporaryDirectory() as folder:
        collection = indexed(judged.documents, Path(folder))
        carried = []
        for left_id, right_id in list(same_procedure(judged.judgements, judged.queries, ids))[:most]:
            explained = collection.explain(left_id, right_id, pairs=0)
            shown = sum(reason.share for reason in explained.reasons[:SHOWN])
            carried.append(shown / max(explained.score - explained.in_common, 1e-9))
    return {"pairs": len(carried), "carried by five reasons, median": statistics.median(carried)}


def same_procedure(
    judgements: dict[str, dict[str, int]], queries: dict[str, str], ids: dict[str, str]
) -> Iterator[tuple[str, str]]:
    """Give pairs of reports of the same procedure, then of the same group of them."""
    graded = [
        (-grade, ids[queries[query]], document)
        for query, of_query in judgements.items()
        if queries.get(query) in ids
        for document, grade in of_query.items()
        if grade > 0
    ]
    for _, left_id, right_id in sorted(graded):
        if left_id != right_id:
            yield left_id, right_id


def read_lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


if __name__ == "__main__":
    main()

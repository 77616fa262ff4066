"""How far the words that explain a hit tell it: which part of what is specific the strongest of them carry.

    python -m benchmarks.word_reasons

Ten queries, the first three sentences of each on real notes: of the cosine beyond what any two sentences have in
common, the part of the five strongest pairs of words, and of the five strongest words of the hit; of content words, to
which what others hold is handed on, and of all words as they are.
"""

from __future__ import annotations

import argparse
import gzip
import json
import statistics
import sys
import tempfile
from pathlib import Path

import numpy as np

from benchmarks.machine import write_results
from benchmarks.reasons import NOTES, indexed
from clinsearch.records import FloatArray

QUERIES = (
    "short of breath climbing stairs",
    "denies chest pain",
    "mother had breast cancer",
    "allergic to penicillin",
    "wound infection after surgery",
    "possible pulmonary embolism",
    "black tarry stools",
    "numbness in both feet",
    "fell and hit her head",
    "quit smoking two years ago",
)
HITS, STRONGEST = 3, 5


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--notes", type=int, help="only so many notes")
    parser.add_argument("--json", type=Path, help="where to write what was measured")
    asked = parser.parse_args()
    if not NOTES.exists():
        sys.exit(f"Skipped: no notes at {NOTES.name} beside the project.")
    results = measure(asked.notes)
    print(json.dumps(results, indent=1))
    if asked.json:
        write_results(asked.json, results)


def measure(most: int | None) -> dict[str, dict[str, float]]:
    with gzip.open(NOTES, "rt", encoding="utf-8") as lines:
        notes = {f"n{number}": json.loads(line)["text"] for number, line in enumerate(lines)}
    carried: dict[str, dict[str, list[float]]] = {}
    with tempfile.TemporaryDirectory() as folder:
        collection = indexed(dict(list(notes.items())[:most]), Path(folder))
        for query in QUERIES:
            for hit in collection.search(query, HITS):
                text = collection.explain_hit(query, hit).text  # type: ignore[union-attr]
                specific = text.score - text.content.background
                for name, shares in (("content words", text.content.shares), ("all words", text.word_contributions)):
                    whole = specific if name == "content words" else text.score
                    of_name = carried.setdefault(name, {"pairs": [], "words of the hit": []})
                    of_name["pairs"].append(strongest(shares) / whole)
                    of_name["words of the hit"].append(strongest(shares.sum(axis=0)) / whole)
    return {name: {what: statistics.mean(parts) for what, parts in some.items()} for name, some in carried.items()}


def strongest(shares: FloatArray) -> float:
    """Return the sum of the largest shares."""
    return float(np.sort(shares, axis=None)[-STRONGEST:].sum())


if __name__ == "__main__":
    main()

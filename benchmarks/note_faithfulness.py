"""Do the reasons carry the score of two notes? Their sentences are taken out, and the score is made anew.

    python -m benchmarks.note_faithfulness [--pairs 500]

A real report and one of the five most like it: out of both are taken the sentences of the first three reasons, as many
at random, and as many of those that lower the score the most if each is left out alone (which encodes once for every
sentence). Told is how far the score falls each time, and how many places the other report loses among the hits of the
first.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from benchmarks.machine import write_results
from benchmarks.reasons import PROCEDURES, indexed
from clinsearch.collection import Collection
from clinsearch.encoder.encoder import Encoder, load_encoder
from clinsearch.evaluation.sets import read_set
from clinsearch.records import FloatArray
from clinsearch.records.keys import KeyArray
from clinsearch.retrieval.keywords import Keywords
from clinsearch.retrieval.likeness import SENTENCES, WHOLE, WORDS, alignment, rarity
from clinsearch.storage import open_reader
from clinsearch.storage.port import Snapshot
from clinsearch.storage.values import Occurrence

SEED = 5
REASONS, AMONG_HITS, COMPARED_WITH = 3, 5, 30
REASONED, AT_RANDOM, LEFT_OUT = "first three reasons", "at random", "leave-one-sentence-out"

Chosen = tuple[list[int], list[int]]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--pairs", type=int, default=500)
    parser.add_argument("--json", type=Path, help="where to write what was measured")
    asked = parser.parse_args()
    if not PROCEDURES.exists():
        sys.exit(f"Skipped: no reports at {PROCEDURES.name} beside the project.")
    with tempfile.TemporaryDirectory() as folder:
        results = measure(indexed(read_set(PROCEDURES).documents, Path(folder)), asked.pairs)
    print(json.dumps(results, indent=1))
    if asked.json:
        write_results(asked.json, results)


@dataclass(frozen=True, eq=False)
class Edited:
    """A note of a collection without some of its sentences."""

    snapshot: Snapshot
    encoder: Encoder
    text: str
    sentences: Sequence[Occurrence]
    left_out: frozenset[int] = frozenset()

    def without(self, positions: Sequence[int]) -> Edited:
        return Edited(self.snapshot, self.encoder, self.text, self.sentences, self.left_out | frozenset(positions))

    @cached_property
    def kept(self) -> KeyArray:
        """The keys of its sentences."""
        return np.array([one.sentence_key for at, one in enumerate(self.sentences) if at not in self.left_out])

    @cached_property
    def written(self) -> str:
        """Its text."""
        text, end = "", 0
        for at, one in enumerate(self.sentences):
            if at in self.left_out:
                text, end = text + self.text[end : one.start], one.end
        return text + self.text[end:]

    @cached_property
    def opening(self) -> FloatArray:
        return self.encoder.encode([self.encoder.opening(self.written)], bulk=True)[0]

    @cached_property
    def keywords(self) -> Keywords:
        return Keywords(self.snapshot.catalog.keywords("note"), self.written)

    @cached_property
    def vectors(self) -> FloatArray:
        unique, rows = np.unique(self.kept, return_inverse=True)
        vectors: FloatArray = self.snapshot.vectors_of("sentence", unique)[rows]
        return vectors

    @cached_property
    def rarity(self) -> FloatArray:
        return rarity(self.snapshot, self.kept)


def score(left: Edited, right: Edited) -> float:
    """Score two notes as `similar` does, from their texts as they are."""
    own, other = left.keywords.scores([left.written, right.written]).sum(axis=1).tolist()
    words = min(other / max(own, 1e-9), 1.0) ** 0.5
    cosines = left.vectors @ right.vectors.T
    sentences = float((alignment(cosines, left.rarity, right.rarity) * cosines).sum())
    return (max(float(left.opening @ right.opening), 0.0) + WORDS * words + SENTENCES * sentences) / WHOLE


def measure(collection: Collection, pairs: int) -> dict[str, dict[str, float]]:
    rng, encoder = random.Random(SEED), load_encoder()
    drops: dict[str, list[float]] = {name: [] for name in (REASONED, AT_RANDOM, LEFT_OUT)}
    places: dict[str, list[int]] = {name: [] for name in drops}
    with open_reader(collection.location).snapshot() as snapshot:
        labels = snapshot.catalog.note_labels(snapshot.catalog.all_keys("note").tolist())
        note_ids = sorted(label.note_id for label in labels.values())
        for note_id in (note_ids * (pairs // len(note_ids) + 1))[:pairs]:
            hits = [hit.note_id for hit in collection.similar(note_id, COMPARED_WITH)]
            other = rng.choice(hits[:AMONG_HITS])
            read = {one: edited(snapshot, encoder, one) for one in (note_id, *hits)}
            left, right = read[note_id], read[other]
            if min(len(left.sentences), len(right.sentences)) <= 2 * REASONS:
                continue
            before = score(left, right)
            for name, chosen in choices(collection, left, right, rng).items():
                left_after, right_after = left.without(chosen[0]), right.without(chosen[1])
                after = score(left_after, right_after)
                drops[name].append(before - after)
                others = [score(left_after, read[hit]) for hit in hits if hit != other]
                places[name].append(sum(one > after for one in others) - hits.index(other))
    return {
        "pairs": {"count": len(drops[REASONED])},
        "mean drop of the score": {name: statistics.mean(some) for name, some in drops.items()},
        "mean loss of places": {name: statistics.mean(some) for name, some in places.items()},
        "reasons beside leave-one-out": {"drop": statistics.mean(drops[REASONED]) / statistics.mean(drops[LEFT_OUT])},
    }


def edited(snapshot: Snapshot, encoder: Encoder, note_id: str) -> Edited:
    key, note = snapshot.catalog.note(note_id)
    return Edited(snapshot, encoder, note.text, snapshot.catalog.note_sentences(key))


def choices(collection: Collection, left: Edited, right: Edited, rng: random.Random) -> dict[str, Chosen]:
    """Choose which sentences to take out of both notes, by their positions: as many each time."""
    ids = (side.sentences[0].note.note_id for side in (left, right))
    reasons = collection.explain(*ids, pairs=0).reasons[:REASONS]
    reasoned = [sorted({reason.pairs[0][side] for reason in reasons}) for side in (0, 1)]
    counts = [len(positions) for positions in reasoned]
    by_drop = [
        most_lowering(left, lambda edited: score(edited, right), counts[0]),
        most_lowering(right, lambda edited: score(left, edited), counts[1]),
    ]
    by_chance = [rng.sample(range(len(side.sentences)), n) for side, n in zip((left, right), counts, strict=True)]
    return {
        name: (chosen[0], chosen[1])
        for name, chosen in ((REASONED, reasoned), (AT_RANDOM, by_chance), (LEFT_OUT, by_drop))
    }


def most_lowering(side: Edited, scored: Callable[[Edited], float], count: int) -> list[int]:
    """Leave each sentence out alone; return those whose absence lowers the score the most."""
    after = [scored(side.without([at])) for at in range(len(side.sentences))]
    return sorted(range(len(after)), key=after.__getitem__)[:count]


if __name__ == "__main__":
    main()

"""Runs every way of ranking on every set, each set in a collection that is gone afterwards."""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np

from clinsearch.evaluation.measures import PerQuery, estimate, measure, p_value, require_measures
from clinsearch.evaluation.sets import JudgedSet, read_set
from clinsearch.records import Comparison, Evaluation, ModeEvaluation, SetEvaluation

DEPTH = 100
COMPARED = "nDCG@10"


class Ranker(Protocol):
    """What ranks the documents of a set."""

    def __call__(self, query: str, k: int, mode: str, /) -> Sequence[str]:
        """Return the ids of the k best documents, best first."""


@dataclass(frozen=True, slots=True)
class _Measured:
    model: str
    mode: str
    measures: dict[str, PerQuery]
    ms: list[float]

    def summed_up(self) -> ModeEvaluation:
        measures = {name: estimate(values) for name, values in self.measures.items()}
        return ModeEvaluation(self.model, self.mode, measures, float(np.median(self.ms)))


def evaluate_sets(
    folders: Sequence[Path],
    models: Sequence[str],
    modes: Sequence[str],
    indexed: Callable[[Path, Path, str], Ranker],
) -> Evaluation:
    """Measure each model and mode on each set; the first of each is compared with the rest. Raises InputError.

    `indexed` makes a collection of a file of notes in a folder by a model, and returns what ranks them.
    """
    require_measures()
    sets = [read_set(folder) for folder in folders]
    return Evaluation(tuple(_evaluated(judged, models, modes, indexed) for judged in sets))


def _evaluated(
    judged: JudgedSet, models: Sequence[str], modes: Sequence[str], indexed: Callable[[Path, Path, str], Ranker]
) -> SetEvaluation:
    measured = []
    for model in models:
        with _corpus_file(judged) as file:
            ranker = indexed(file, file.parent / "collection", model)
            measured += [_measured(judged, ranker, model, mode) for mode in modes]
    first, *others = measured
    return SetEvaluation(
        name=judged.name,
        documents=len(judged.documents),
        queries=len(judged.queries),
        modes=tuple(one.summed_up() for one in measured),
        comparisons=tuple(_compared(first, other) for other in others),
    )


@contextmanager
def _corpus_file(judged: JudgedSet) -> Iterator[Path]:
    """Write the documents to a file of notes, in a folder for its owner alone."""
    with tempfile.TemporaryDirectory(prefix="clinsearch-") as folder:
        file = Path(folder) / "corpus.jsonl"
        with file.open("w", encoding="utf-8") as lines:
            for note_id, text in judged.documents.items():
                print(json.dumps({"note_id": note_id, "text": text}), file=lines)
        yield file


def _measured(judged: JudgedSet, ranker: Ranker, model: str, mode: str) -> _Measured:
    rankings, ms = {}, []
    for query, text in judged.queries.items():
        excluded = judged.excluded.get(query, frozenset())
        started = time.perf_counter()
        found = ranker(text, DEPTH + len(excluded), mode)
        ms.append(1e3 * (time.perf_counter() - started))
        rankings[query] = [document for document in found if document not in excluded][:DEPTH]
    return _Measured(model, mode, measure(judged, rankings), ms)


def _compared(first: _Measured, other: _Measured) -> Comparison:
    one, two = first.measures[COMPARED], other.measures[COMPARED]
    return Comparison(other.model, other.mode, float((one - two).mean()), p_value(one, two))

"""Runs every way of ranking on every set, each set in a collection that is gone afterwards."""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeAlias

import numpy as np

from clinsearch.evaluation.measures import PerQuery, estimate, measure, p_value, require_measures
from clinsearch.evaluation.sets import JudgedSet, read_set
from clinsearch.records import Comparison, Evaluation, ModeEvaluation, SetEvaluation

DEPTH = 100
COMPARED = "nDCG@10"
# What is told of a run as it goes: what is being done, how many are done, and of how many.
StageProgress: TypeAlias = Callable[[str, int, int], None]


class Ranker(Protocol):
    """What ranks the documents of a set."""

    def __call__(self, query: str, k: int, mode: str, /) -> Sequence[str]:
        """Return the ids of the k best documents, best first."""


class Indexer(Protocol):
    """What makes a collection of a file of notes."""

    def __call__(self, notes: Path, folder: Path, model: str, progress: Callable[[int], None], /) -> Ranker:
        """Index the notes in the folder by the model, telling how many are done; return what ranks them."""


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
    indexed: Indexer,
    progress: StageProgress = lambda what, done, total: None,
) -> Evaluation:
    """Measure each model and mode on each set; the first of each is compared with the rest. Raises InputError."""
    require_measures()
    sets = [read_set(folder) for folder in folders]
    names = [f"{judged.name} ({number} of {len(sets)})" for number, judged in enumerate(sets, 1)]
    told = [lambda what, done, total, name=name: progress(f"{name}: {what}", done, total) for name in names]
    return Evaluation(tuple(_evaluated(one, models, modes, indexed, to) for one, to in zip(sets, told, strict=True)))


def _evaluated(
    judged: JudgedSet, models: Sequence[str], modes: Sequence[str], indexed: Indexer, progress: StageProgress
) -> SetEvaluation:
    measured = []
    for model in models:
        with _corpus_file(judged) as file:
            indexing = _counted(f"indexing by {model}", len(judged.documents), progress)
            ranker = indexed(file, file.parent / "collection", model, indexing)
            for mode in modes:
                asking = _counted(f"asking by {model}, {mode}", len(judged.queries), progress)
                measured.append(_measured(judged, ranker, model, mode, asking))
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


def _counted(what: str, total: int, progress: StageProgress) -> Callable[[int], None]:
    """Return what to call with how many are done, which is told at once of none."""
    progress(what, 0, total)
    return lambda done: progress(what, done, total)


def _measured(judged: JudgedSet, ranker: Ranker, model: str, mode: str, asked: Callable[[int], None]) -> _Measured:
    rankings, ms = {}, []
    for query, text in judged.queries.items():
        excluded = judged.excluded.get(query, frozenset())
        started = time.perf_counter()
        found = ranker(text, DEPTH + len(excluded), mode)
        ms.append(1e3 * (time.perf_counter() - started))
        rankings[query] = [document for document in found if document not in excluded][:DEPTH]
        asked(len(rankings))
    return _Measured(model, mode, measure(judged, rankings), ms)


def _compared(first: _Measured, other: _Measured) -> Comparison:
    one, two = first.measures[COMPARED], other.measures[COMPARED]
    return Comparison(other.model, other.mode, float((one - two).mean()), p_value(one, two))

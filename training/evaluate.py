"""Measures encoders by their vectors alone: on the development sets beside the project, and on probes of our own.

    python -m training.evaluate [CHECKPOINT ...]

Without a checkpoint, the default model. Texts go in by their first 256 tokens, as a whole; ranking is by exact cosine.
A checkpoint's words are measured with the map beside it. The sets are not trained on.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np

from clinsearch.encoder.checkpoint import DEFAULT_MODEL
from clinsearch.encoder.encoder import Encoder, load_encoder
from clinsearch.encoder.pooling import unit
from clinsearch.encoder.words import word_map
from clinsearch.evaluation.measures import measure
from clinsearch.evaluation.sets import read_set
from clinsearch.records import FloatArray
from training.agreement import auc, spearman
from training.batches import read_rows
from training.build_data import MATERIAL
from training.command import run
from training.examples import Example
from training.probes import probe
from training.sources import DEVELOPMENT_SETS
from training.word_map import unmapped_vectors

RETRIEVAL = (
    "mtsamples_desc_dev",
    "mtsamples_same_dev",
    "mts_dialog_dev",
    "aci_hpi_plan_dev",
    "mqp_dev",
    "mediqa_qa_dev",
    "liveqa_medquad",
)
OTHERS = ("aci_dialog_note_dev", "aci_ros_template_dev", "aci_ros_example_dev", "doid_synonym_dev")
DEPTH = 100
MEAN = "mean of seven"
Scores = dict[str, float]


def main() -> None:
    """Print a table of every measure, a column for each checkpoint, and the same as JSON."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("checkpoints", nargs="*", default=[DEFAULT_MODEL])
    parser.add_argument("--only", nargs="*", default=[], metavar="SET", help="measure these sets alone, and the probes")
    parser.add_argument("--json", type=Path, help="also write the scores here")
    arguments = parser.parse_args()
    found = {checkpoint: evaluate(checkpoint, arguments.only) for checkpoint in arguments.checkpoints}
    print(table(found))
    if arguments.json:
        arguments.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


def evaluate(checkpoint: str, only: Sequence[str] = ()) -> Scores:
    """Return every measure by its name; a set that is not there is left out, and said so."""
    encoder, started = load_encoder(checkpoint), time.monotonic()
    vectors = Vectors(encoder)
    measures: dict[str, Callable[[Path], Scores]] = {
        **dict.fromkeys((*RETRIEVAL, *OTHERS), lambda folder: ranked(folder, vectors)),
        "biosses": lambda folder: likeness(folder, vectors),
        "biowic_dev": lambda folder: words_alike(folder, encoder),
        "abbr_sense_dev": lambda folder: senses(folder, encoder),
    }
    scores: Scores = {}
    for name, measured in measures.items():
        if not only or name in only:
            scores |= _where_there(name, measured)
    if all(f"{name} nDCG@10" in scores for name in RETRIEVAL):
        scores[MEAN] = float(np.mean([scores[f"{name} nDCG@10"] for name in RETRIEVAL]))
    scores |= probed(MATERIAL / "probes.jsonl", vectors)
    print(f"measured in {time.monotonic() - started:.0f} s", file=sys.stderr)
    return {name: round(value, 4) for name, value in scores.items()}


class Vectors:
    """An encoder of texts by their first tokens, which encodes no text twice."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self._known: dict[str, FloatArray] = {}

    def of(self, texts: Sequence[str]) -> FloatArray:
        """Return vectors of unit length, (n, hidden_size)."""
        openings = [self._encoder.opening(text) for text in texts]
        new = [text for text in dict.fromkeys(openings) if text not in self._known]
        self._known |= zip(new, self._encoder.encode(new, bulk=True), strict=True)
        return np.stack([self._known[text] for text in openings])


def ranked(folder: Path, vectors: Vectors) -> Scores:
    """Rank each query's documents by cosine, equal ones in the corpus' order, and measure."""
    judged = read_set(folder)
    documents = list(judged.documents)
    cosines = vectors.of(list(judged.queries.values())) @ vectors.of(list(judged.documents.values())).T
    rankings = {}
    for query, row in zip(judged.queries, cosines, strict=True):
        excluded = judged.excluded.get(query, frozenset())
        found = [documents[at] for at in np.argsort(-row, kind="stable")]
        rankings[query] = [document for document in found if document not in excluded]
    measures = measure(judged, rankings)
    named = {"nDCG@10": measures["nDCG@10"]} | ({"pairs": measures["pairs"]} if "pairs" in measures else {})
    return {f"{folder.name} {name}": float(np.nanmean(values)) for name, values in named.items()}


def likeness(folder: Path, vectors: Vectors) -> Scores:
    """Compare cosines of sentences with how alike people found them."""
    rows = read_rows(folder / "pairs.jsonl")
    one, other = (vectors.of([row[field] for row in rows]) for field in ("text1", "text2"))
    return {"biosses Spearman": spearman((one * other).sum(axis=1), np.array([row["score"] for row in rows]))}


def words_alike(folder: Path, encoder: Encoder) -> Scores:
    """Tell pairs of words in context that mean one thing from others."""
    rows = read_rows(folder / "pairs.jsonl")
    sides = [[Example(row[f"text{n}"], row[f"start{n}"], row[f"end{n}"], "", "", 0) for row in rows] for n in (1, 2)]
    one, other = np.split(mapped(encoder, [*sides[0], *sides[1]]), 2)
    return {"biowic_dev AUC": auc((one * other).sum(axis=1), np.array([bool(row["label"]) for row in rows]))}


def senses(folder: Path, encoder: Encoder) -> Scores:
    """Rank each occurrence of an abbreviation against all others."""
    judged, rows = read_set(folder), read_rows(folder / "corpus.jsonl")
    places = {row["id"]: at for at, row in enumerate(rows)}
    vectors = mapped(encoder, [Example(row["text"], row["start"], row["end"], "", "", 0) for row in rows])
    rankings = {}
    for query in judged.queries:
        (own,) = judged.excluded[query]
        found = np.argsort(-(vectors @ vectors[places[own]]), kind="stable")
        rankings[query] = [rows[at]["id"] for at in found if rows[at]["id"] != own]
    measures = measure(judged, rankings)
    return {f"abbr_sense_dev {name}": float(np.nanmean(measures[name])) for name in ("nDCG@10", "pairs")}


def mapped(encoder: Encoder, examples: Sequence[Example]) -> FloatArray:
    """Return the vectors of words in context by the product's recipe, brought down by the model's map if it has one."""
    vectors, own = unmapped_vectors(encoder, examples), word_map(encoder.checkpoint)
    return vectors if own is None else unit(vectors @ own)


def probed(path: Path, vectors: Vectors) -> Scores:
    """Ask the probes, if they have been made."""
    if not path.exists():
        print("probes left out: made by `python -m training.build_data`", file=sys.stderr)
        return {}
    rows = read_rows(path)
    columns = ([row[field] for row in rows] for field in ("concept", "assertion", "others"))
    return {
        f"probes {name}": value for name, value in probe(vectors.of([row["text"] for row in rows]), *columns).items()
    }


def table(found: Mapping[str, Scores]) -> str:
    """Lay the scores out, a row for each measure."""
    names = list(dict.fromkeys(name for scores in found.values() for name in scores))
    widest = max(map(len, names), default=0)
    labels = [Path(checkpoint).name[:14] for checkpoint in found]
    lines = [" " * widest + "".join(f"{label:>16}" for label in labels)]
    for name in names:
        values = (scores.get(name, float("nan")) for scores in found.values())
        lines.append(name.ljust(widest) + "".join(f"{value:16.3f}" for value in values))
    return "\n".join(lines)


def _where_there(name: str, measured: Callable[[Path], Scores]) -> Scores:
    folder = DEVELOPMENT_SETS / name
    if not folder.exists():
        print(f"{name} left out: no such set beside the project", file=sys.stderr)
        return {}
    return measured(folder)


if __name__ == "__main__":
    run(main)

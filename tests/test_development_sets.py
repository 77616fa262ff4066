"""Encoder and search together against published figures: nDCG@10 of all-MiniLM-L6-v2 on development sets."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest

from clinsearch.encoder.encoder import Encoder
from clinsearch.storage.folder.spaces.codecs.plain import FLAT
from clinsearch.storage.folder.spaces.space import Space
from tests.conftest import shared

# Sets whose texts are short enough that the figures, which were made of the first 256 tokens, speak of all of them.
PUBLISHED = {
    "mqp_dev": 0.953,
    "aci_ros_template_dev": 0.728,
    "aci_ros_example_dev": 0.614,
    "doid_synonym_dev": 0.067,
}

pytestmark = pytest.mark.slow


def read_lines(path: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def read_table(path: Path) -> list[list[str]]:
    return [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines()[1:]]


def ndcg_at_10(grades: list[float], ideal: list[float]) -> float:
    """nDCG@10 with linear gain (Järvelin and Kekäläinen 2002)."""
    discounts = 1 / np.log2(np.arange(2, 12))
    best = sorted(ideal, reverse=True)[:10]
    return float(np.dot(grades, discounts[: len(grades)]) / np.dot(best, discounts[: len(best)]))


def measured(folder: Path, encoder: Encoder, place: Path) -> float:
    corpus, queries = read_lines(folder / "corpus.jsonl"), read_lines(folder / "queries.jsonl")
    relevance: dict[str, dict[str, float]] = defaultdict(dict)
    for query_id, document_id, grade in read_table(folder / "qrels.tsv"):
        relevance[query_id][document_id] = float(grade)
    excluded: dict[str, set[str]] = defaultdict(set)
    if (folder / "exclude.tsv").exists():
        for query_id, document_id in read_table(folder / "exclude.tsv"):
            excluded[query_id].add(document_id)
    vectors = encoder.encode([document["text"] for document in corpus])
    keys = np.arange(len(corpus), dtype=np.int64)
    index = Space(place, [FLAT.write(place, "sentence", keys, vectors)], FLAT)
    scores = []
    for query, vector in zip(queries, encoder.encode([query["text"] for query in queries]), strict=True):
        judged = relevance[query["id"]]
        found, _ = index.search(vector, 10 + len(excluded[query["id"]]))
        ranked = [corpus[key]["id"] for key in found.tolist()]
        kept = [document for document in ranked if document not in excluded[query["id"]]][:10]
        if any(judged.values()):
            scores.append(ndcg_at_10([judged.get(document, 0.0) for document in kept], list(judged.values())))
    return float(np.mean(scores))


@pytest.mark.parametrize("name", PUBLISHED)
def test_the_published_figures_are_reproduced(name: str, minilm: Encoder, tmp_path: Path) -> None:
    score = measured(shared(f"eval/{name}"), minilm, tmp_path)
    print(f"{name}: nDCG@10 {score:.4f}, published {PUBLISHED[name]}")
    assert score == pytest.approx(PUBLISHED[name], abs=0.005)

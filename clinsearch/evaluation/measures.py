"""From rankings and judgements to measures, how sure these are, and whether two rankings differ.

The measures are ir-measures'; what is sampled is sampled the same each time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from clinsearch.errors import InputError
from clinsearch.evaluation.sets import JudgedSet
from clinsearch.records import Estimate

# By query, the documents that were found, best first.
Rankings: TypeAlias = Mapping[str, Sequence[str]]
PerQuery: TypeAlias = NDArray[np.float64]

SAMPLES = 10_000
SAMPLES_AT_ONCE = 500
SEED = 0
CONFIDENCE = (2.5, 97.5)


def measure(judged: JudgedSet, rankings: Rankings) -> dict[str, PerQuery]:
    """Return each measure's value for each query, (queries,), in the set's order; NaN where it has none.

    nDCG has linear gain (Järvelin and Kekäläinen 2002). `pairs`, where grades of 0 were given, is how often a
    relevant document stands above one of these (0.5 is chance).
    """
    found: dict[str, PerQuery] = {}
    # Unique scores: trec_eval would order ties by the documents' names.
    run = {query: {document: -float(rank) for rank, document in enumerate(of)} for query, of in rankings.items()}
    for name, one in _measures(judged.relevant_from).items():
        values = {value.query_id: value.value for value in one.iter_calc(judged.judgements, run)}
        found[name] = np.array([values.get(query, 0.0) for query in judged.queries])
    has_relevant = [max(judged.judgements[query].values()) >= judged.relevant_from for query in judged.queries]
    for name in found.keys() - {"nDCG@10"}:
        found[name][~np.array(has_relevant)] = np.nan
    pairs = np.array([_pairs(judged.judgements[query], rankings.get(query, ())) for query in judged.queries])
    return found if np.isnan(pairs).all() else {**found, "pairs": pairs}


def require_measures() -> Any:
    """Import ir-measures. Raises InputError where it is not installed."""
    try:
        import ir_measures
    except ImportError:
        raise InputError('`evaluate` needs ir-measures. Install it: pip install "clinsearch[evaluate]"') from None
    return ir_measures


def _measures(relevant_from: int) -> dict[str, Any]:
    ir_measures = require_measures()
    return {
        "nDCG@10": ir_measures.nDCG @ 10,
        "MRR@10": ir_measures.RR(rel=relevant_from) @ 10,
        "recall@10": ir_measures.R(rel=relevant_from) @ 10,
        "recall@100": ir_measures.R(rel=relevant_from) @ 100,
    }


def _pairs(grades: Mapping[str, int], ranking: Sequence[str]) -> float:
    """Return how often a relevant document stands above one of grade 0; two that were not found are even."""
    rank = {document: float(place) for place, document in enumerate(ranking)}
    relevant = np.array([rank.get(document, np.inf) for document, grade in grades.items() if grade > 0])
    others = np.array([rank.get(document, np.inf) for document, grade in grades.items() if grade == 0])
    if not len(relevant) or not len(others):
        return float("nan")
    above = relevant[:, None] < others[None, :]
    even = relevant[:, None] == others[None, :]
    return float((above + even / 2).mean())


def estimate(values: PerQuery) -> Estimate:
    """Return the mean of the queries' values, and its 95 % interval by bootstrap over the queries."""
    known = values[~np.isnan(values)]
    generator = np.random.default_rng(SEED)
    means = np.concatenate(
        [
            known[generator.integers(len(known), size=(SAMPLES_AT_ONCE, len(known)))].mean(axis=1)
            for _ in range(SAMPLES // SAMPLES_AT_ONCE)
        ]
    )
    low, high = np.percentile(means, CONFIDENCE)
    return Estimate(float(known.mean()), float(low), float(high))


def p_value(one: PerQuery, other: PerQuery) -> float:
    """Return how often two equal rankings would differ by as much: a paired randomization test, two-sided.

    Smucker, Allan and Carterette 2007: each query's two values change places at random.
    """
    differences = one - other
    generator = np.random.default_rng(SEED)
    at_least = 0
    for _ in range(SAMPLES // SAMPLES_AT_ONCE):
        signs = generator.choice([-1.0, 1.0], size=(SAMPLES_AT_ONCE, len(differences)))
        at_least += int((np.abs((signs * differences).mean(axis=1)) >= abs(differences.mean()) - 1e-12).sum())
    return (at_least + 1) / (SAMPLES + 1)

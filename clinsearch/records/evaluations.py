"""How well a ranking finds what was judged relevant."""

from __future__ import annotations

from dataclasses import dataclass

from clinsearch.display import Shown


@dataclass(frozen=True, slots=True)
class Estimate:
    """The mean over the queries, and the ends of its 95 % bootstrap interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """How much better, by nDCG@10, the first way of ranking is than this one.

    p: how often as large a difference, either way, would come of two equal rankings (paired randomization test).
    """

    model: str
    mode: str
    difference: float
    p: float


@dataclass(frozen=True, slots=True)
class ModeEvaluation:
    """One way of ranking on one set. `measures` are in the order in which they are shown."""

    model: str
    mode: str
    measures: dict[str, Estimate]
    ms_per_query: float


@dataclass(frozen=True, slots=True)
class SetEvaluation:
    """All ways of ranking on one set; `comparisons` are of the first with each other one."""

    name: str
    documents: int
    queries: int
    modes: tuple[ModeEvaluation, ...]
    comparisons: tuple[Comparison, ...]


@dataclass(frozen=True, slots=True)
class Evaluation(Shown):
    """All sets."""

    sets: tuple[SetEvaluation, ...]

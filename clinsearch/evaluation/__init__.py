"""Measures search on sets of queries with known answers."""

from clinsearch.evaluation.run import Progress, Ranker, evaluate_sets

__all__ = ["Progress", "Ranker", "evaluate_sets"]

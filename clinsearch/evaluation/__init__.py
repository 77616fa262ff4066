"""Measures search on sets of queries with known answers."""

from clinsearch.evaluation.run import Ranker, evaluate_sets

__all__ = ["Ranker", "evaluate_sets"]

"""Finds where terms stand one after another."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

import numpy as np

from clinsearch.records.keys import KeyArray
from clinsearch.storage.postgres.postings import MOST_TERMS, Places, Texts
from clinsearch.storage.postgres.varints import Numbers


def texts_with(terms: Sequence[Places]) -> Texts:
    """Return the texts where these terms stand one after another, and how often they do, from where each stands."""
    keys = reduce(_in_both, (_distinct(places.keys) for places in terms))
    starts = reduce(_in_both, (_starts(places, keys, before) for before, places in enumerate(terms)))
    rows, counts = np.unique(starts // MOST_TERMS, return_counts=True)
    found = keys[rows]
    return Texts(found, counts, terms[0].lengths[np.searchsorted(terms[0].keys, found)])


def _starts(places: Places, keys: KeyArray, before: int) -> Numbers:
    """Return where a phrase would start that has a term behind so many others, in texts of these keys, in order.

    A place is the number of the text among the keys, times MOST_TERMS, and its position.
    """
    rows = np.minimum(np.searchsorted(keys, places.keys), max(len(keys) - 1, 0))
    fits = (keys[rows] == places.keys) & (places.positions >= before) if len(keys) else np.zeros(len(rows), dtype=bool)
    starts: Numbers = rows[fits] * MOST_TERMS + places.positions[fits] - before
    return starts


def _distinct(ordered: KeyArray) -> KeyArray:
    return ordered[np.diff(ordered, prepend=-1) > 0]


def _in_both(some: Numbers, others: Numbers) -> Numbers:
    """Return the distinct numbers in both, in order; each list is in order, without repetition."""
    few, many = (some, others) if len(some) <= len(others) else (others, some)
    return few[many.take(np.searchsorted(many, few), mode="clip") == few] if len(many) else many

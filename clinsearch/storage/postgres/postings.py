"""The postings of terms as bytes: which texts have a term, how often, where, and how many terms they have.

What one change of the collection says of one term is a run: of texts that were added, or that were removed. A term's
runs, joined in any order and however they are split among rows, are its postings: every text that was added and not
removed. So a change only ever adds bytes, and SQL joins what many changes added without reading it.

A run is three lists of varints (see `varints`).
keys: 0; one more than twice the first text's key, and one more if the run removes; then for each further place where
the term stands one more than by how much the key grows, so 1 for another place in the same text.
lengths: for each text how many terms it has. positions: for each place how many terms stand before it in the text.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np

from clinsearch.storage.catalog.soundness import require_sound
from clinsearch.storage.postgres.varints import Numbers, from_varints, to_varints

# A place of a text of up to so many terms is one number with the text's.
MOST_TERMS = 1 << 31


@dataclass(frozen=True, slots=True)
class Runs:
    """One run for each of some terms, which are in order; frequencies: of how many texts, below zero if removed."""

    terms: list[str]
    frequencies: list[int]
    keys: list[bytes]
    lengths: list[bytes]
    positions: list[bytes]


@dataclass(frozen=True, slots=True, eq=False)
class Texts:
    """The texts that have a term: keys (n,), in order, how often each has it and how many terms it has, (n,)."""

    keys: Numbers
    counts: Numbers
    lengths: Numbers


@dataclass(frozen=True, slots=True, eq=False)
class Places:
    """Where a term stands, by text and place: keys (n,), positions (n,); lengths of the texts, (n,)."""

    keys: Numbers
    positions: Numbers
    lengths: Numbers


@dataclass(frozen=True, slots=True, eq=False)
class _Read:
    """What runs say of each place, (n,); starts: the first place of each text in each run, (texts,).

    signs: 1 if the text was added, -1 if it was removed, (texts,). is_plain: whether all keys grow, and none is removed.
    """

    keys: Numbers
    starts: Numbers
    signs: Numbers
    is_plain: bool


def runs_of(terms: Mapping[int, Sequence[str]], *, are_removed: bool = False) -> Runs:
    """Return the runs that say that these texts, by key, with all their terms were added, or removed."""
    keys = np.array(sorted(terms), dtype=np.int64)
    of_texts = [terms[key] for key in keys.tolist()]
    lengths = np.fromiter(map(len, of_texts), dtype=np.int64, count=len(of_texts))
    numbers: dict[str, int] = {}
    listed = np.array([numbers.setdefault(term, len(numbers)) for term in chain.from_iterable(of_texts)], np.int64)
    names = np.array([*numbers, ""], dtype=object)[:-1]
    order_of_names = np.argsort(names, kind="stable")
    rank = np.empty(len(names), dtype=np.int64)
    rank[order_of_names] = np.arange(len(names))
    ranks = rank[listed]
    order = np.argsort(ranks, kind="stable")
    text = np.repeat(np.arange(len(keys)), lengths)
    position = np.arange(len(listed)) - np.repeat(lengths.cumsum() - lengths, lengths)
    return _written(
        names[order_of_names].tolist(), ranks[order], keys[text[order]], lengths[text[order]], position[order], are_removed
    )


def _written(
    names: list[str], ranks: Numbers, keys: Numbers, lengths: Numbers, positions: Numbers, are_removed: bool
) -> Runs:
    """Write what is said of places, ordered by the rank of their terms, then by text and place."""
    is_head = np.diff(ranks, prepend=-1) > 0
    heads = np.flatnonzero(is_head)
    is_first = is_head | (np.diff(keys, prepend=-1) != 0)
    tokens = np.zeros(len(keys) + len(heads), dtype=np.int64)
    at = np.arange(len(keys)) + is_head.cumsum()
    tokens[at] = np.where(is_head, 2 * keys + are_removed, np.diff(keys, prepend=0)) + 1
    ends = np.append(heads[1:], len(keys))
    of_texts = np.add.reduceat(is_first, heads, dtype=np.int64) if len(heads) else heads
    return Runs(
        names,
        (of_texts * (-1 if are_removed else 1)).tolist(),
        _split(tokens, ends + np.arange(1, len(heads) + 1)),
        _split(lengths[is_first], of_texts.cumsum()),
        _split(positions, ends),
    )


def _split(numbers: Numbers, ends: Numbers) -> list[bytes]:
    """Write numbers as varints in parts, of which each ends where the next begins."""
    written, places = to_varints(numbers)
    cuts = [0, *places[ends - 1].tolist()]
    return [written[start:end] for start, end in zip(cuts, cuts[1:], strict=False)]


def texts_in(keys: bytes, lengths: bytes) -> Texts:
    """Return the texts of runs. Raises UnsoundValue if they are none."""
    read = _read(keys)
    of_texts = from_varints(lengths)
    require_sound(len(of_texts) == len(read.starts))
    counts = np.diff(read.starts, append=len(read.keys))
    if read.is_plain:
        return Texts(read.keys[read.starts], counts, of_texts)
    rows, counts = _left((of_texts, read.keys[read.starts]), counts * read.signs)
    return Texts(read.keys[read.starts][rows], counts, of_texts[rows])


def places_in(keys: bytes, lengths: bytes, positions: bytes) -> Places:
    """Return the places of runs. Raises UnsoundValue if they are none."""
    read = _read(keys)
    of_texts, at = from_varints(lengths), from_varints(positions)
    require_sound(len(of_texts) == len(read.starts) and len(at) == len(read.keys))
    require_sound(int(at.max(initial=0)) < MOST_TERMS)
    counts = np.diff(read.starts, append=len(read.keys))
    of_texts = np.repeat(of_texts, counts)
    if read.is_plain:
        return Places(read.keys, at, of_texts)
    rows, _ = _left((at, of_texts, read.keys), np.repeat(read.signs, counts))
    rows = rows[np.lexsort((at[rows], read.keys[rows]))]
    return Places(read.keys[rows], at[rows], of_texts[rows])


def _read(written: bytes) -> _Read:
    tokens = from_varints(written)
    marks = np.flatnonzero(tokens == 0)
    if not len(tokens):
        return _Read(tokens, marks, marks, True)
    heads = marks + 1
    require_sound(len(marks) > 0 and marks[0] == 0 and heads[-1] < len(tokens) and bool(tokens[heads].all()))
    firsts, are_removed = np.divmod(tokens[heads] - 1, 2)
    steps = tokens - 1
    steps[marks] = steps[heads] = 0
    lasts = firsts + np.add.reduceat(steps, marks)
    steps[heads] = firsts - np.concatenate([[0], lasts[:-1]])
    is_start = tokens > 1
    is_start[heads] = True
    keys = np.delete(steps.cumsum(), marks)
    require_sound(int(keys.min()) >= 0)
    starts = np.flatnonzero(np.delete(is_start, marks))
    texts_before = np.searchsorted(starts, heads - np.arange(1, len(heads) + 1))
    signs = np.repeat(1 - 2 * are_removed, np.diff(texts_before, append=len(starts)))
    is_plain = not are_removed.any() and bool((firsts[1:] > lasts[:-1]).all())
    return _Read(keys, starts, signs, is_plain)


def _left(columns: tuple[Numbers, ...], counts: Numbers) -> tuple[Numbers, Numbers]:
    """Add up the counts of equal rows; return of those above zero one row each and the sum, by the last column."""
    order = np.lexsort(columns)
    is_new = np.zeros(len(order), dtype=bool)
    is_new[:1] = True
    for column in columns:
        is_new[1:] |= np.diff(column[order]) != 0
    starts = np.flatnonzero(is_new)
    sums = np.add.reduceat(counts[order], starts) if len(starts) else counts
    return order[starts[sums > 0]], sums[sums > 0]

"""The postings of terms as bytes: which texts have a term, how often, where, and how many terms they have.

What one change of the collection says of one term is a run: of texts that were added, or that were removed. A term's
runs, joined in any order and however they are split among rows, are its postings: every text that was added and not
removed. So a change only ever adds bytes, and SQL joins what many changes added without reading it.

A run is three lists of varints (see `varints`).
keys: 0; one more than twice the first text's key, and one more if the run removes; then for each further place where
the term stands one more than by how much the key grows, so 1 for another place in the same text.
lengths: for each text how many terms it has. positions: for each text how many terms stand before the first place, and
for each further place how many terms after the one before it is.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise

import numpy as np

from clinsearch.records.keys import KeyArray, is_among
from clinsearch.storage.catalog.soundness import require_sound
from clinsearch.storage.postgres.varints import Numbers, from_varints, to_varints

# A place of a text of up to so many terms is one number with the text's.
MOST_TERMS = 1 << 31


@dataclass(frozen=True, slots=True)
class Runs:
    """One run for each of some terms; frequencies: of how many texts, below zero if removed."""

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

    signs: 1 if the text was added, -1 if it was removed, (texts,). is_plain: whether all keys grow and all were added.
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
    numbers: defaultdict[str, int] = defaultdict()
    numbers.default_factory = numbers.__len__
    of_places = np.fromiter(map(numbers.__getitem__, chain.from_iterable(of_texts)), np.int64, int(lengths.sum()))
    order = np.argsort(of_places, kind="stable")
    text = np.repeat(np.arange(len(keys)), lengths)[order]
    position = np.arange(len(of_places)) - np.repeat(lengths.cumsum() - lengths, lengths)
    return _written(list(numbers), of_places[order], keys[text], lengths[text], position[order], are_removed)


def _written(
    terms: list[str], numbers: Numbers, keys: Numbers, lengths: Numbers, positions: Numbers, are_removed: bool
) -> Runs:
    """Write what is said of places, ordered by the number of their term, then by text and place."""
    is_head = np.diff(numbers, prepend=-1) > 0
    heads = np.flatnonzero(is_head)
    is_first = is_head | (np.diff(keys, prepend=-1) != 0)
    tokens = np.zeros(len(keys) + len(heads), dtype=np.int64)
    at = np.arange(len(keys)) + is_head.cumsum()
    tokens[at] = np.where(is_head, 2 * keys + are_removed, np.diff(keys, prepend=0)) + 1
    ends = np.append(heads[1:], len(keys))
    of_texts = np.add.reduceat(is_first, heads, dtype=np.int64) if len(heads) else heads
    return Runs(
        terms,
        (of_texts * (-1 if are_removed else 1)).tolist(),
        _split(tokens, ends + np.arange(1, len(heads) + 1)),
        _split(lengths[is_first], of_texts.cumsum()),
        _split(np.where(is_first, positions, np.diff(positions, prepend=0)), ends),
    )


def _split(numbers: Numbers, ends: Numbers) -> list[bytes]:
    """Write numbers as varints in parts, of which each ends where the next begins."""
    written, places = to_varints(numbers)
    return [written[start:end] for start, end in pairwise([0, *places[ends - 1].tolist()])]


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


def places_in(keys: bytes, lengths: bytes, positions: bytes, among: KeyArray | None = None) -> Places:
    """Return the places of runs, or of those of them that are in some texts, whose keys are in order.

    Raises UnsoundValue if they are none.
    """
    found, signs, is_plain = _said(keys, lengths, positions, among)
    if is_plain:
        return found
    left, _ = _left((found.lengths, found.positions, found.keys), signs)
    left = left[np.lexsort((found.positions[left], found.keys[left]))]
    return Places(found.keys[left], found.positions[left], found.lengths[left])


def _said(keys: bytes, lengths: bytes, positions: bytes, among: KeyArray | None) -> tuple[Places, Numbers, bool]:
    """Return what runs say: places, the sign of each, (n,), and whether these are in order and all were added."""
    read = _read(keys)
    of_texts, steps = from_varints(lengths), from_varints(positions)
    require_sound(len(of_texts) == len(read.starts) and len(steps) == len(read.keys))
    at = steps.cumsum()
    before = at[read.starts] - steps[read.starts]
    if among is None:
        rows = np.arange(len(at))
        texts = np.repeat(np.arange(len(read.starts)), np.diff(read.starts, append=len(at)))
    else:
        rows = _rows_among(read, among)
        texts = np.searchsorted(read.starts, rows, side="right") - 1
    found = Places(read.keys[rows], at[rows] - before[texts], of_texts[texts])
    require_sound(int(found.positions.min(initial=0)) >= 0 and int(found.positions.max(initial=0)) < MOST_TERMS)
    return found, read.signs[texts], read.is_plain


def removed_in(keys: bytes) -> KeyArray:
    """Return the keys of the texts that runs remove, in order."""
    read = _read(keys)
    return np.unique(read.keys[read.starts[read.signs < 0]])


def has_any(keys: bytes, texts: KeyArray) -> bool:
    """Tell whether runs say anything of some texts, whose keys are in order."""
    return bool(is_among(_read(keys).keys, texts).any())


def without_removed(parts: Sequence[tuple[bytes, bytes, bytes]]) -> list[tuple[int, bytes, bytes, bytes]]:
    """Write anew what a term's rows say, each without what any of them removes.

    Returns for each row how many texts are left in it, keys, lengths and positions.
    """
    numbers, places, signs = _placed(parts)
    order = np.lexsort((numbers, places.lengths, places.positions, places.keys))
    same = np.zeros(len(order), dtype=np.int64)
    for column in (places.keys, places.positions, places.lengths):
        same[1:] |= np.diff(column[order]) != 0
    same = same.cumsum()
    left = np.bincount(same, weights=signs[order])
    # Of what was added more than once, and removed in between, the last is left.
    order, same = order[signs[order] > 0], same[signs[order] > 0]
    after = np.searchsorted(same, same, side="right") - 1 - np.arange(len(same))
    order = order[after < left[same]]
    order = order[np.argsort(numbers[order], kind="stable")]
    of_rows = np.split(order, np.searchsorted(numbers[order], np.arange(1, len(parts))))
    return [_of_one_term(places, of_row) for of_row in of_rows]


def _placed(parts: Sequence[tuple[bytes, bytes, bytes]]) -> tuple[Numbers, Places, Numbers]:
    """Return all that rows say: of each place the number of its row, (n,), the place, and the sign, (n,)."""
    said = [_said(*part, among=None) for part in parts]
    numbers = np.repeat(np.arange(len(parts)), [len(signs) for _, signs, _ in said])
    columns = ([getattr(places, name) for places, _, _ in said] for name in Places.__dataclass_fields__)
    return numbers, Places(*map(np.concatenate, columns)), np.concatenate([signs for _, signs, _ in said])


def _of_one_term(places: Places, rows: Numbers) -> tuple[int, bytes, bytes, bytes]:
    """Write some places of one term, which are in order."""
    if not len(rows):
        return 0, b"", b"", b""
    columns = places.keys[rows], places.lengths[rows], places.positions[rows]
    runs = _written([""], np.zeros(len(rows), dtype=np.int64), *columns, are_removed=False)
    return runs.frequencies[0], runs.keys[0], runs.lengths[0], runs.positions[0]


def _rows_among(read: _Read, among: KeyArray) -> Numbers:
    """Return which places are in texts of these keys."""
    if not read.is_plain:
        return np.flatnonzero(is_among(read.keys, among))
    starts = np.searchsorted(read.keys, among)
    counts = np.searchsorted(read.keys, among, side="right") - starts
    rows: Numbers = np.repeat(starts - counts.cumsum() + counts, counts) + np.arange(counts.sum())
    return rows


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

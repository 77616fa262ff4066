"""Bytes in a database that clinsearch did not write: they are read as something small, or refused, and no more."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clinsearch.errors import CollectionDamaged
from clinsearch.storage.catalog.soundness import UnsoundValue
from clinsearch.storage.postgres import postings, word_blocks
from clinsearch.storage.postgres.halfvec import vectors_from
from clinsearch.storage.postgres.varints import from_varints, to_varints

REFUSED = (UnsoundValue, CollectionDamaged)
# Bytes as they come, and varints of numbers that are small, or as large as can be.
numbers = st.lists(st.one_of(st.integers(0, 5), st.integers(0, 1 << 62)), max_size=30)
written = st.one_of(st.binary(max_size=80), numbers.map(lambda given: to_varints(np.array(given, dtype=np.int64))[0]))


def read(function, *given):
    """Return what a function makes of values, None if it refuses them; anything else it may raise fails the test."""
    try:
        return function(*given)
    except REFUSED:
        return None


@given(written)
@settings(deadline=None)
def test_varints_are_no_more_than_their_bytes(content: bytes) -> None:
    found = read(from_varints, content)
    if found is not None:
        assert len(found) <= len(content)
        assert int(found.min(initial=0)) >= 0


@given(written, written, written)
@settings(deadline=None, max_examples=400)
def test_postings_are_texts_in_order_or_refused(keys: bytes, lengths: bytes, positions: bytes) -> None:
    texts = read(postings.texts_in, keys, lengths)
    if texts is not None:
        assert len(texts.keys) == len(texts.counts) == len(texts.lengths) <= len(keys)
        assert (np.diff(texts.keys) > 0).all()
        assert int(texts.keys.min(initial=0)) >= 0
    for among in (None, np.array([0, 3, 1 << 61], dtype=np.int64)):
        places = read(postings.places_in, keys, lengths, positions, among)
        if places is not None:
            assert len(places.keys) == len(places.positions) == len(places.lengths) <= len(keys)
    read(postings.removed_in, keys)
    read(postings.has_any, keys, np.array([0, 3], dtype=np.int64))
    read(postings.without_removed, [(keys, lengths, positions)])


@given(st.lists(st.binary(max_size=40), max_size=4), st.integers(1, 9))
@settings(deadline=None)
def test_vectors_are_of_the_width_of_their_table_and_finite(values: list[bytes], width: int) -> None:
    found = read(vectors_from, values, width)
    if found is not None:
        assert found.shape == (len(values), width)
        assert np.isfinite(found).all()


@pytest.mark.parametrize(
    ("first", "count", "vectors"),
    [
        (0, 1 << 31, b"\0" * 8),
        (-1, 2, b"\0" * 8),
        (0, 0, b""),
        (0, -2, b"\0" * 8),
        (0, 3, b"\0" * 8),
        ((1 << 63) - 2, 4, b"\0" * 8),
    ],
)
def test_a_block_of_words_that_cannot_be_is_refused(first: int, count: int, vectors: bytes) -> None:
    with pytest.raises(REFUSED):
        word_blocks._block(first, count, vectors)

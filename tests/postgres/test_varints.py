"""Numbers as bytes, as many as they need."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinsearch.storage.catalog.soundness import UnsoundValue
from clinsearch.storage.postgres.varints import from_varints, to_varints

NUMBERS = st.lists(st.integers(0, 63).flatmap(lambda bits: st.integers(0, (1 << bits) - 1)))


def by_hand(number: int) -> bytes:
    low, rest = number & 127, number >> 7
    return bytes([low | 128]) + by_hand(rest) if rest else bytes([low])


@given(NUMBERS)
def test_numbers_are_read_as_they_were_written(numbers: list[int]) -> None:
    written, ends = to_varints(np.array(numbers, dtype=np.int64))
    assert written == b"".join(map(by_hand, numbers))
    assert ends.tolist() == np.cumsum([len(by_hand(number)) for number in numbers], dtype=int).tolist()
    assert from_varints(written).tolist() == numbers


@given(NUMBERS, NUMBERS)
def test_written_numbers_may_be_joined(some: list[int], more: list[int]) -> None:
    joined = b"".join(to_varints(np.array(numbers, dtype=np.int64))[0] for numbers in (some, more))
    assert from_varints(joined).tolist() == some + more


@pytest.mark.parametrize("written", [b"\x80", b"\x01\xff", b"\xff" * 9 + b"\x01"])
def test_what_is_cut_off_or_too_great_is_damage(written: bytes) -> None:
    with pytest.raises(UnsoundValue):
        from_varints(written)

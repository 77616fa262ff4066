"""Compares what two collections of the same notes answer, one of which keeps its vectors in half precision."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np

# What the inner product of two unit vectors changes by when both are rounded to half precision.
HALF = 1e-3
# What is computed of the same numbers in another order.
NEARLY = 1e-5
# What is computed of the same numbers in the same order.
SAME = 1e-9


def assert_alike(one: Any, other: Any, within: float = HALF, at: str = "") -> None:
    """Assert that two answers are the same but for numbers, which may differ by so much, and the order by these.

    Ranked results, which have scores, may change places only where their scores are as near to each other.
    """
    if isinstance(one, float) and not isinstance(other, bool) and isinstance(other, float | int):
        assert math.isclose(one, other, rel_tol=within, abs_tol=within), f"{at}: {one} and {other}"
        return
    assert type(one) is type(other), f"{at}: {one!r} and {other!r}"
    if isinstance(one, np.ndarray):
        assert one.shape == other.shape, at
        assert np.allclose(one, other, rtol=0, atol=within), at
    elif is_dataclass(one):
        for field in fields(one):
            assert_alike(getattr(one, field.name), getattr(other, field.name), within, f"{at}.{field.name}")
    elif isinstance(one, Mapping):
        assert list(one) == list(other), f"{at}: {list(one)} and {list(other)}"
        for key in one:
            assert_alike(one[key], other[key], within, f"{at}[{key!r}]")
    elif isinstance(one, Sequence) and not isinstance(one, str | bytes):
        _assert_all_alike(one, other, within, at)
    else:
        assert one == other, f"{at}: {one!r} and {other!r}"


def _assert_all_alike(some: Sequence[Any], others: Sequence[Any], within: float, at: str) -> None:
    assert len(some) == len(others), f"{at}: {len(some)} and {len(others)}"
    if not some or any(_score(one) is None for one in some):
        for number, (one, other) in enumerate(zip(some, others, strict=True)):
            assert_alike(one, other, within, f"{at}[{number}]")
        return
    assert_ranked_alike(some, others, within, at)


def assert_ranked_alike(some: Sequence[Any], others: Sequence[Any], within: float, at: str = "") -> None:
    """Assert that two rankings have the same results; those next to the last may be others of nearly its score."""
    scores = [(_score(one), _score(other)) for one, other in zip(some, others, strict=True)]
    assert_alike([one for one, _ in scores], [other for _, other in scores], within, f"{at} scores")
    there = {_name(other): (rank, other) for rank, other in enumerate(others)}
    last = float(scores[-1][0])
    for rank, one in enumerate(some):
        if _name(one) not in there:
            assert _score(one) - last <= 2 * within, f"{at}[{rank}]: {_name(one)} is not there"
            continue
        its_rank, other = there[_name(one)]
        moved = scores[min(rank, its_rank)][0] - scores[max(rank, its_rank)][0]
        assert abs(moved) <= 2 * within, f"{at}: {_name(one)} is {rank} and {its_rank}"
        assert_alike_in_all(one, other, within, f"{at}[{rank}]")


def assert_alike_in_all(one: Any, other: Any, within: float, at: str) -> None:
    """Assert that two results are alike, field by field."""
    if isinstance(one, Mapping):
        assert one.keys() == other.keys(), at
        for key in one:
            assert_alike(one[key], other[key], within, f"{at}[{key!r}]")
    else:
        assert_alike(one, other, within, at)


def _score(result: Any) -> Any:
    return result.get("score") if isinstance(result, Mapping) else getattr(result, "score", None)


def _name(result: Any) -> tuple[Any, ...]:
    """Return what a result is known by, whatever its rank and score are."""
    names = ("note_id", "patient_id", "start", "end", "term", "asked", "value", "left", "right")
    read = result.get if isinstance(result, Mapping) else lambda name: getattr(result, name, None)
    return tuple(repr(read(name)) for name in names)

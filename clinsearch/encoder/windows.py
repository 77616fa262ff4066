"""Which tokens go through the model together: long texts in overlapping windows, windows in batches."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise


@dataclass(frozen=True, slots=True)
class Window:
    """A run of a text's tokens that the model sees at once (special tokens not counted).

    It sees tokens `start` to `end` and owns `own_start` to `own_end`: of two windows that see a token, the one that
    sees more of its context owns it.
    """

    text: int
    start: int
    end: int
    own_start: int
    own_end: int
    is_first: bool
    is_last: bool


def windows_of(text: int, tokens: int, limit: int) -> list[Window]:
    """Cover `tokens` tokens with windows of at most `limit`, a quarter of each shared with its neighbour.

    Every token is owned by exactly one window, so nothing is cut off and nothing counted twice.
    """
    if tokens <= limit:
        return [Window(text, 0, tokens, 0, tokens, True, True)]
    stride = max(1, limit - limit // 4)
    starts = [*range(0, tokens - limit, stride), tokens - limit]
    seams = [(left + limit + right) // 2 for left, right in pairwise(starts)]
    owned = zip([0, *seams], [*seams, tokens], strict=True)
    return [
        Window(text, start, start + limit, own_start, own_end, start == 0, own_end == tokens)
        for start, (own_start, own_end) in zip(starts, owned, strict=True)
    ]


def batches(lengths: Sequence[int], token_budget: int) -> Iterator[list[int]]:
    """Group positions of `lengths`, longest first, so that each group padded is within the budget.

    An entry longer than the budget makes a group of its own.
    """
    group: list[int] = []
    width = 0
    for position in sorted(range(len(lengths)), key=lambda i: -lengths[i]):
        if group and (len(group) + 1) * width > token_budget:
            yield group
            group = []
        if not group:
            width = lengths[position]
        group.append(position)
    if group:
        yield group

"""Whole numbers as bytes: seven bits a byte, the lowest first, the eighth set on all but a number's last (LEB128).

Written numbers may be joined as bytes: the numbers of two values side by side are those of both, in order.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from clinsearch.storage.catalog.soundness import require_sound

Numbers = NDArray[np.int64]

BITS = 7
MORE = 1 << BITS
# An int64 without its sign takes as many bytes.
MOST_BYTES = 9


def to_varints(numbers: Numbers) -> tuple[bytes, Numbers]:
    """Write numbers (n,), none below zero; return them with the offset where each ends, (n,)."""
    widths = np.ones(len(numbers), dtype=np.int64)
    for more in range(1, MOST_BYTES):
        longer = numbers >= 1 << (BITS * more)
        if not longer.any():
            break
        widths += longer
    ends = widths.cumsum()
    written = np.zeros(int(ends[-1]) if len(ends) else 0, dtype=np.uint8)
    starts = ends - widths
    for place in range(int(widths.max(initial=0))):
        rows = slice(None) if place == 0 else np.flatnonzero(widths > place)
        part = (numbers[rows] >> (BITS * place)) & (MORE - 1)
        written[starts[rows] + place] = part | (MORE * (widths[rows] > place + 1))
    return written.tobytes(), ends


def from_varints(written: bytes) -> Numbers:
    """Read numbers, (n,). Raises UnsoundValue if the bytes are none."""
    data = np.frombuffer(written, dtype=np.uint8)
    numbers = data.astype(np.int64)
    before_last = np.flatnonzero(data >= MORE)
    if not len(before_last):
        return numbers
    # Most numbers are one byte long, so only the others are looked at one byte after another.
    firsts, lasts = before_last, before_last + 1
    require_sound(int(lasts[-1]) < len(data))
    if (steps := np.diff(before_last) == 1).any():
        firsts, lasts = before_last[np.append(True, ~steps)], lasts[np.append(~steps, True)]
    rest = lasts - firsts
    require_sound(int(rest.max()) < MOST_BYTES)
    numbers[lasts] = (numbers[firsts] & (MORE - 1)) | (numbers[firsts + 1] & (MORE - 1)) << BITS
    for place in range(2, int(rest.max()) + 1):
        longer = rest >= place
        firsts, lasts, rest = firsts[longer], lasts[longer], rest[longer]
        numbers[lasts] |= (data[firsts + place] & (MORE - 1)).astype(np.int64) << (BITS * place)
    return numbers[data < MORE]

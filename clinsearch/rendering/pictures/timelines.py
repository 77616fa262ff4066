"""Where marks stand on a line of time, and values on a chart: numbers for a picture, no markup."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from math import ceil

WIDTH, CELL, EDGE, LEAST_ROWS = 720, 18, 12, 4
# What has no date stands at the end, behind so much space.
UNDATED = 3 * CELL
CHART_WIDTH, CHART_HEIGHT, CHART_EDGE = 300, 96, 10


@dataclass(frozen=True, slots=True)
class Places:
    """Where marks stand, in the order given, and the dates written below: x and text. undated: where these begin."""

    width: int
    height: int
    places: tuple[tuple[int, int], ...]
    ticks: tuple[tuple[int, str], ...]
    undated: int | None


@dataclass(frozen=True, slots=True)
class Chart:
    """Where values stand by time, in the order given; low and high: the numbers at its bottom and top."""

    places: tuple[tuple[float, float], ...]
    low: float
    high: float


def placed_in_time(times: Sequence[datetime | None]) -> Places:
    """Place marks by their time from left to right; those of about the same time stand above each other.

    A stack that is full goes on at its right. Those without a time stand at the end.
    """
    dated = sorted(time for time in times if time is not None)
    columns = (WIDTH - 2 * EDGE) // CELL
    undated = len(times) - len(dated)
    own = max(1, columns - (ceil(undated / LEAST_ROWS) + UNDATED // CELL if undated else 0))
    most = max(LEAST_ROWS, ceil(len(dated) / own) + 1)
    heights: Counter[int] = Counter()
    places: dict[int, tuple[int, int]] = {}
    order = sorted(range(len(times)), key=lambda at: (times[at] is None, times[at] or datetime.min))
    last = -1
    for at in order:
        time = times[at]
        column = own + UNDATED // CELL if time is None else round(_share(time, dated) * (own - 1))
        column = max(column, last) if time is not None else column
        while heights[column] >= most:
            column += 1
        last = column if time is not None else last
        places[at] = (column, heights[column])
        heights[column] += 1
    rows = max(heights.values(), default=1)
    width = max(WIDTH, 2 * EDGE + CELL * (max(heights, default=0) + 1))
    return Places(
        width=width,
        height=height_of(rows),
        places=tuple(_centre(*places[at], rows) for at in range(len(times))),
        ticks=_ticks(dated, own),
        undated=EDGE + CELL * (own + UNDATED // CELL) if undated else None,
    )


def row_height(row: int, rows: int) -> int:
    """Return where the middle of a row is, counted from the undermost, 0."""
    return CELL * (rows - row) - CELL // 2 + 1


def height_of(rows: int) -> int:
    """Return how high so many rows are."""
    return rows * CELL + 2


def placed_values(times: Sequence[datetime], values: Sequence[float]) -> Chart:
    """Place values by time and size, one scale for all."""
    low, high = min(values), max(values)
    span = high - low or abs(high) or 1.0
    base = low if high > low else low - span / 2
    wide, tall = CHART_WIDTH - 2 * CHART_EDGE, CHART_HEIGHT - 2 * CHART_EDGE
    dated = sorted(times)
    places = tuple(
        (
            round(CHART_EDGE + _share(time, dated) * wide, 1),
            round(CHART_HEIGHT - CHART_EDGE - (value - base) / span * tall, 1),
        )
        for time, value in zip(times, values, strict=True)
    )
    return Chart(places, low, high)


def _share(time: datetime, dated: Sequence[datetime]) -> float:
    whole = (dated[-1] - dated[0]).total_seconds()
    return (time - dated[0]).total_seconds() / whole if whole else 0.0


def _centre(column: int, row: int, rows: int) -> tuple[int, int]:
    return EDGE + CELL * column + CELL // 2, row_height(row, rows)


def _ticks(dated: Sequence[datetime], columns: int) -> tuple[tuple[int, str], ...]:
    """Return the first and the last day, and, where they are far apart, one in between."""
    if not dated:
        return ()
    right = EDGE + CELL * (columns - 1) + CELL // 2
    left = EDGE + CELL // 2
    first, last = dated[0].date().isoformat(), dated[-1].date().isoformat()
    return ((left, first),) if first == last else ((left, first), (right, last))

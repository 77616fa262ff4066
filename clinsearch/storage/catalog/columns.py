"""The types of columns that are more than text and numbers; a damaged value never stops a query."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import datetime
from itertools import chain
from operator import le
from typing import Any

from sqlalchemy import String, TypeDecorator
from sqlalchemy.dialects import sqlite
from sqlalchemy.engine import Dialect

from clinsearch.records.notes import Span


class Moment(sqlite.DATETIME):
    """A date and time; a damaged one is read as None, and the digest of its note shows the damage."""

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], datetime | None]:
        """Return the function that reads a value."""
        read: Any = super().result_processor(dialect, coltype)

        def read_if_sound(value: Any) -> datetime | None:
            try:
                found: datetime | None = read(value)
            except (TypeError, ValueError):
                return None
            return found

        return read_if_sound


class Spans(TypeDecorator[tuple[Span, ...]]):
    """Spans in order and apart, NULL if there are none; damaged ones are read as none, as a Moment is."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: Sequence[Span] | None, dialect: Dialect) -> str | None:
        """Write spans as JSON."""
        return json.dumps(value, separators=(",", ":")) if value else None

    def process_result_value(self, value: Any, dialect: Dialect) -> tuple[Span, ...]:
        """Read spans."""
        if value is None:
            return ()
        try:
            spans = tuple((int(start), int(end)) for start, end in json.loads(value))
        except (OverflowError, RecursionError, TypeError, ValueError):
            return ()
        edges = [0, *chain.from_iterable(spans)]
        return spans if all(map(le, edges, edges[1:])) else ()

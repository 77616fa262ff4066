"""The types of columns that are more than text and numbers; a damaged value never stops a query."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from datetime import datetime
from itertools import chain
from operator import le
from typing import Any

from sqlalchemy import TIMESTAMP, String, Text, TypeDecorator
from sqlalchemy.dialects import sqlite
from sqlalchemy.engine import Dialect

from clinsearch.records.notes import Span


class _SoundDatetime(sqlite.DATETIME):
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


Moment = _SoundDatetime().with_variant(TIMESTAMP(), "postgresql")  # type: ignore[no-untyped-call]


class _Characters(TypeDecorator[str]):
    """Text. PostgreSQL takes no U+0000: there it is written as U+0001 U+0001, and U+0001 as U+0001 U+0002.

    So texts are in the same order as they are without.
    """

    impl = String
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Callable[[str | None], str | None] | None:
        """Return the function that writes a value."""
        return _escaped if dialect.name == "postgresql" else self.impl_instance.bind_processor(dialect)

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[str | None], str | None] | None:
        """Return the function that reads a value."""
        return _unescaped if dialect.name == "postgresql" else self.impl_instance.result_processor(dialect, coltype)


class _LongCharacters(_Characters):
    impl = Text
    cache_ok = True


Characters, LongCharacters = _Characters(), _LongCharacters()
_ESCAPE = "\x01"
_OF_ESCAPED = {"\x01": "\0", "\x02": _ESCAPE}
_ESCAPES = re.compile(f"{_ESCAPE}([\x01\x02])")


def _escaped(text: str | None) -> str | None:
    if text is None or ("\0" not in text and _ESCAPE not in text):
        return text
    return text.replace(_ESCAPE, f"{_ESCAPE}\x02").replace("\0", f"{_ESCAPE}\x01")


def _unescaped(text: str | None) -> str | None:
    if text is None or _ESCAPE not in text:
        return text
    return _ESCAPES.sub(lambda found: _OF_ESCAPED[found[1]], text)


# What PostgreSQL's indexes hold of texts that may be long.
INDEXED_CHARACTERS = 256


def start_of(text: str) -> str:
    """Return what PostgreSQL's indexes hold of a text."""
    return (_escaped(text) or "")[:INDEXED_CHARACTERS]


class Spans(TypeDecorator[tuple[Span, ...]]):
    """Spans in order and apart, NULL if there are none; damaged ones are read as none, as a Moment is."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: Sequence[Span] | None, dialect: Dialect) -> str | None:
        """Write spans as JSON."""
        return json.dumps(value, separators=(",", ":")) if value else None

    def process_result_value(self, value: Any, dialect: Dialect) -> tuple[Span, ...]:
        """Read spans."""
        return read_spans(value)


def read_spans(value: Any) -> tuple[Span, ...]:
    """Read spans from JSON."""
    if value is None:
        return ()
    try:
        spans = tuple((int(start), int(end)) for start, end in json.loads(value))
    except (OverflowError, RecursionError, TypeError, ValueError):
        return ()
    edges = [0, *chain.from_iterable(spans)]
    return spans if all(map(le, edges, edges[1:])) else ()

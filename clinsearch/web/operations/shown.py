"""Which notes an answer shows, found in the answer itself, so that no operation can forget to say so."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from itertools import chain
from typing import Any


def note_ids(answer: Any) -> tuple[str, ...]:
    """Return the ids of all notes that stand in an answer, each once: every field, or key, that ends in `note_id`."""
    return tuple(dict.fromkeys(_ids(answer)))


def _ids(value: Any) -> Iterator[str]:
    match value:
        case str() | bytes() | None:
            return
        case Mapping():
            yield from _named(value.items())
        case list() | tuple() | set() | frozenset():
            yield from chain.from_iterable(map(_ids, value))
        case _ if is_dataclass(value):
            yield from _named((field.name, getattr(value, field.name)) for field in fields(value))


def _named(pairs: Any) -> Iterator[str]:
    for name, value in pairs:
        if isinstance(value, str) and str(name).endswith("note_id"):
            yield value
        else:
            yield from _ids(value)

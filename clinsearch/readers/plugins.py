"""Readers that a site brings for formats of its own, by entry points; loaded when a file needs one, and not before."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path

from clinsearch.readers.document import Document
from clinsearch.readers.outcomes import CannotRead

GROUP = "clinsearch.readers"


@lru_cache(maxsize=1)
def plugged_in() -> Mapping[str, EntryPoint]:
    """Return the readers that are installed, by the endings that they are for."""
    return {f".{point.name.lower().lstrip('.')}": point for point in entry_points(group=GROUP)}


def read_plugged_in(point: EntryPoint, path: Path) -> Iterator[Document | CannotRead]:
    """Yield what a site's reader makes of a file; raise CannotRead, which names it, for whatever goes wrong in it."""
    try:
        for document in point.load()(path):
            yield _checked(document)
    except CannotRead:
        raise
    except Exception as error:  # whatever it is; its message may hold text of a note
        raise CannotRead(f"{_named(point)} failed: {type(error).__name__}", kind="reader") from None


def _checked(document: object) -> Document | CannotRead:
    if isinstance(document, CannotRead):
        return document
    if not isinstance(document, Document) or not isinstance(document.text, str):
        raise TypeError
    fields = {name: value if value is None else str(value) for name, value in document.fields.items()}
    return replace(document, fields=fields)


def _named(point: EntryPoint) -> str:
    package = f" of {point.dist.name}" if point.dist else ""
    return f"the reader for .{point.name}{package} ({point.value})"

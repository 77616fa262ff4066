"""A document or a message as its reader hands it on: text, what is known of it, and the structure of its format."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from clinsearch.readers.outcomes import CannotRead
from clinsearch.records.notes import Span as Span


@dataclass(frozen=True, slots=True)
class Document:
    """The text of one note to be, in the form in which it will be indexed.

    headings: the spans of `text` that the format itself marks as headings, in order and apart, each on one line.
    fields: what is known of the note, by the normalised names that tables have (`noteid`, `patientid`, `encounterid`,
    `notetype`, `notedatetime`, `title`), as written. doubts: what was left out of the text or could not be used, and
    why; never any of the text. record: its number among the records of the file, from 1, None if it is the file's only.
    """

    text: str
    headings: tuple[Span, ...] = ()
    fields: Mapping[str, object] = field(default_factory=dict)
    doubts: tuple[str, ...] = ()
    record: int | None = None

    def __post_init__(self) -> None:
        """Raise CannotRead unless the headings are as they must be."""
        in_order = all(end <= start for (_, end), (start, _) in pairwise([(0, 0), *self.headings]))
        if not (in_order and all(_is_on_one_line(self.text, span) for span in self.headings)):
            raise CannotRead("a heading in it is not on one line of its text", self.record)


def read_spans(value: object) -> tuple[Span, ...]:
    """Read spans of a text, pairs of numbers in a list or in JSON. Raises CannotRead."""
    try:
        listed: Any = json.loads(value) if isinstance(value, str) else value or []
        return tuple((int(start), int(end)) for start, end in listed)
    except (OverflowError, RecursionError, TypeError, ValueError):
        raise CannotRead("the places of its headings are no pairs of numbers") from None


def _is_on_one_line(text: str, span: Span) -> bool:
    start, end = span
    written = text[start:end]
    return len(written) == end - start and not written.isspace() and written.splitlines() == [written]

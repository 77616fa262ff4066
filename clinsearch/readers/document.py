"""A document or a message as its reader hands it on: text, what is known of it, and the structure of its format."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

# Characters of a text, start inclusive and end exclusive.
Span: TypeAlias = tuple[int, int]


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

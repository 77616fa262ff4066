"""What callers write, read: which notes to look at, which word of a text is meant, how much to give."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Literal, TypeAlias, TypedDict, Unpack, get_args

from clinsearch.errors import InputError
from clinsearch.records import Filter, MarkedText
from clinsearch.segmentation.heading_names import heading_name

When: TypeAlias = str | date
# By what sentences and notes are ranked: by vectors and keywords, or by one of them alone.
Mode: TypeAlias = Literal["hybrid", "vector", "keyword"]
# What hits must say of what the query asks for: prefer what the query says of it, take all, or only such hits.
AssertionChoice: TypeAlias = Literal["match", "any", "affirmed", "negated"]

MARK = re.compile(r"\[([^\[\]]*)\]")


class FilterOptions(TypedDict, total=False):
    """The fields of a Filter as callers write them: one value or several, dates as ISO text if they like.

    `until` with a date alone takes in the whole of that day.
    """

    patient_id: str | Sequence[str]
    note_type: str | Sequence[str]
    section: str | Sequence[str]
    since: When | None
    until: When | None


def make_filter(**options: Unpack[FilterOptions]) -> Filter:
    """Read a filter as callers write it. Raises InputError for a date that is none, and for an unknown field."""
    if unknown := options.keys() - FilterOptions.__annotations__.keys():
        fields = ", ".join(FilterOptions.__annotations__)
        raise InputError(f"Notes cannot be filtered by {', '.join(sorted(unknown))}, but by {fields}.")
    return Filter(
        patient_id=_several(options.get("patient_id")),
        note_type=_several(options.get("note_type")),
        section=tuple(heading_name(name) or name for name in _several(options.get("section"))),
        since=_moment(options.get("since"), time.min),
        until=_moment(options.get("until"), time.max),
    )


def read_mark(text: str) -> MarkedText:
    """Read a text in which square brackets mark the word, or words, that are meant; a lone word needs none.

    Raises InputError.
    """
    marks = list(MARK.finditer(text))
    if not marks and len(text.split()) == 1:
        return MarkedText(text.strip(), 0, len(text.strip()))
    if len(marks) != 1 or not marks[0][1].strip():
        raise InputError('Mark the word that is meant with square brackets: "purulent [discharge] from the wound".')
    (mark,) = marks
    before, meant, after = text[: mark.start()].lstrip(), mark[1], text[mark.end() :].rstrip()
    return MarkedText(before + meant + after, len(before), len(before) + len(meant))


def wanted(query: str, k: int) -> str:
    """Return a query without white space at its ends. Raises InputError if nothing is asked for."""
    if not query.strip():
        raise InputError("The query is empty. Say what to look for.")
    if k < 1:
        raise InputError(f"{k} results cannot be given; ask for 1 or more.")
    return query.strip()


def require_choice(name: str, value: str | None, choices: object) -> None:
    """Raise InputError if a value, where there is one, is none of a Literal's."""
    if value is not None and value not in get_args(choices):
        raise InputError(f"There is no {name} {value}. There are: {', '.join(get_args(choices))}.")


def _several(values: str | Sequence[str] | None) -> tuple[str, ...]:
    if values is None:
        return ()
    return (values,) if isinstance(values, str) else tuple(values)


def _moment(value: When | None, time_of_day: time) -> datetime | None:
    """Read a moment; a date alone gets this time of day."""
    if value is None or isinstance(value, datetime):
        return value
    try:
        day = value if isinstance(value, date) else date.fromisoformat(value)
        return datetime.combine(day, time_of_day)
    except ValueError:
        pass
    try:
        return datetime.fromisoformat(str(value)).replace(tzinfo=None)
    except ValueError:
        raise InputError(f"{value} is not a date. Write it as 2024-03-31 or 2024-03-31T18:00.") from None

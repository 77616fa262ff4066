"""Reads what callers write: filters, values to be measured, the mark on a word, and how many results to give."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterable, Sequence
from datetime import MAXYEAR, MINYEAR, date, datetime, time
from typing import Any, Literal, TypeAlias, TypedDict, TypeGuard, Unpack, get_args

from clinsearch.errors import InputError
from clinsearch.records import Filter, MarkedText
from clinsearch.records.measurements import Condition

When: TypeAlias = str | date
# What ranks sentences and notes: vectors and keywords, or only one of them.
Mode: TypeAlias = Literal["hybrid", "vector", "keyword"]
# What hits must assert of the query's terms: the same as the query, preferably; anything; or only this.
AssertionChoice: TypeAlias = Literal["match", "any", "affirmed", "negated"]

# As many notes as the largest collection ever searched has.
MOST_RESULTS = 1_000_000
# As many sentences before and after a place as are ever shown.
MOST_AROUND = 100
MARK = re.compile(r"\[([^\[\]]*)\]")
HOW_TO_MARK = 'Mark the one that is meant with square brackets: "purulent [discharge] from the wound".'

NOT_A_DATE = "Write dates as 2024-03-31, 03/31/2024 or 2024-03-31T18:00, or a month or a year: 2024-03, 2024."
HOW_TO_WRITE_VALUES = '--where takes a value: "A1c > 9", "EF < 40".'
# What may stand beside and between values that a note has to measure, all of them.
_BETWEEN_VALUES = re.compile(r"(?:[\s,;.&]|\band\b)*", re.IGNORECASE)

# A month or a year alone, and the sign of a time of day, without which a date means the whole day.
_PERIOD = re.compile(r"(?P<year>[0-9]{4})(?:[-/](?P<month>[0-9]{1,2}))?")
_TIME = re.compile(r":|[0-9][Tt ]+[0-9]{2}|[0-9]{12}")


class FilterOptions(TypedDict, total=False):
    """The fields of a Filter as callers write them: one value or several, dates as text if they like.

    Dates are read like those of notes, and may be a month (2024-03) or a year: `since` is then its first moment,
    `until` its last. `until` with a date alone includes the whole day. where: values that a note has to measure, each
    as "A1c > 9" or "EF < 40". exclude_type: types that a note must not be of. after: only notes
    that came into the collection after the one of this number; see records.Milestone.
    """

    patient_id: str | Sequence[str]
    encounter_id: str | Sequence[str]
    note_type: str | Sequence[str]
    section: str | Sequence[str]
    since: When | None
    until: When | None
    where: str | Sequence[str]
    exclude_type: str | Sequence[str]
    after: int | tuple[int, ...]


class SearchOptions(FilterOptions, total=False):
    """How a search ranks, and what it looks at; see Collection.search."""

    mode: Mode
    assertion: AssertionChoice | None
    diverse: bool
    synonyms: bool
    exact: bool
    min_score: float | None


def make_filter(**options: Unpack[FilterOptions]) -> Filter:
    """Read a filter as callers write it. Raises InputError for an invalid date or value and an unknown field."""
    if unknown := options.keys() - FilterOptions.__annotations__.keys():
        fields = ", ".join(FilterOptions.__annotations__)
        raise InputError(f"Notes cannot be filtered by {', '.join(sorted(unknown))}, but by {fields}.")
    return Filter(
        patient_id=_several("patient_id", options.get("patient_id")),
        encounter_id=_several("encounter_id", options.get("encounter_id")),
        note_type=_several("note_type", options.get("note_type")),
        section=tuple(map(_section, _several("section", options.get("section")))),
        since=_moment(options.get("since"), is_end=False),
        until=_moment(options.get("until"), is_end=True),
        measured=tuple(one for text in _several("where", options.get("where")) for one in _values(text)),
        exclude_type=_several("exclude_type", options.get("exclude_type")),
        after=options.get("after", 0),
    )


def read_mark(text: str) -> MarkedText:
    """Read a text in which square brackets mark the word, or words, to search for; a single word needs none.

    Raises InputError.
    """
    marks = list(MARK.finditer(text))
    if len(text.split()) == 1 and not set(text) & set("[]"):
        return MarkedText(text.strip(), 0, len(text.strip()))
    if len(marks) != 1 or not marks[0][1].strip():
        wrong = f"{len(marks)} words are marked." if len(marks) > 1 else "No word is marked."
        raise InputError(f"{wrong} {HOW_TO_MARK}")
    (mark,) = marks
    before, meant, after = text[: mark.start()].lstrip(), mark[1], text[mark.end() :].rstrip()
    return MarkedText(before + meant + after, len(before), len(before) + len(meant))


def wanted(query: str, k: int) -> str:
    """Return a query without white space at its ends. Raises InputError for an empty query or a `k` out of range."""
    if not query.strip():
        raise InputError("The query is empty. Say what to look for.")
    if k < 1:
        raise InputError(f"{k} results cannot be given; ask for 1 or more.")
    if k > MOST_RESULTS:
        raise InputError(f"So many results cannot be given; ask for {MOST_RESULTS:,} at most.")
    return query.strip()


def require_around(sentences: int) -> None:
    """Raise InputError for a number of sentences around a place that is out of range."""
    if not 0 <= sentences <= MOST_AROUND:
        raise InputError(f"{sentences} sentences cannot be shown around a place; ask for 0 to {MOST_AROUND}.")


def require_choice(name: str, value: str | None, choices: object) -> None:
    """Raise InputError if a value is neither None nor one of a Literal's."""
    if value is not None and value not in get_args(choices):
        raise InputError(f"There is no {name} {value}. There are: {', '.join(get_args(choices))}.")


def chosen_assertion(mode: Mode, assertion: AssertionChoice | None) -> AssertionChoice:
    """Return the assertion choice, by default `match` for hybrid search and `any` for the other modes."""
    return assertion or ("match" if mode == "hybrid" else "any")


def _several(field: str, values: str | Sequence[str] | None) -> tuple[str, ...]:
    """Return one value or several as a tuple. Raises InputError for what is not text, such as bytes not in UTF-8."""
    given: Any = values
    is_several = isinstance(given, Iterable) and not isinstance(given, str | bytes)
    several: tuple[str, ...] = () if given is None else tuple(given) if is_several else (given,)
    if not all(map(_is_text, several)):
        raise InputError(f"The {field} to filter by is not text in UTF-8.")
    return several


def _section(name: str) -> str:
    # Here and below: how notes are read is imported for a request that needs it, as most do not.
    from clinsearch.language.segmentation.heading_names import heading_name

    return heading_name(name) or name


def _values(written: str) -> list[Condition]:
    """Read the values that a note has to measure. Raises InputError if a text says anything else besides."""
    from clinsearch.language.measurements import find_conditions

    conditions, beside, done = find_conditions(written), "", 0
    for one in conditions:
        beside, done = f"{beside} {written[done : one.start]}", max(done, one.end)
    if not conditions or not _BETWEEN_VALUES.fullmatch(f"{beside} {written[done:]}"):
        raise InputError(HOW_TO_WRITE_VALUES)
    return conditions


def _is_text(value: object) -> TypeGuard[str]:
    """Tell whether a value is text that can be written in UTF-8."""
    return isinstance(value, str) and value.encode("utf-8", "ignore").decode() == value


def _moment(value: When | None, *, is_end: bool) -> datetime | None:
    """Read a moment; a day, month or year alone is its first moment or, with `is_end`, its last."""
    if value is None or isinstance(value, datetime):
        return value
    if isinstance(value, date):
        return datetime.combine(value, time.max if is_end else time.min)
    if not isinstance(value, str):
        raise InputError(NOT_A_DATE)
    from clinsearch.readers.dates import parse_datetime

    written = value.strip()
    period = _PERIOD.fullmatch(written)
    found = _of_period(period, is_end=is_end) if period else parse_datetime(written)
    if found is None:
        raise InputError(NOT_A_DATE if not _is_text(value) else f"{value} is not a date. {NOT_A_DATE}")
    is_day = period is None and found.time() == time.min and not _TIME.search(written)
    return datetime.combine(found, time.max) if is_day and is_end else found


def _of_period(period: re.Match[str], *, is_end: bool) -> datetime | None:
    """Return the first or last moment of a month or year, None if there is no such month or year."""
    year, month = int(period["year"]), int(period["month"] or (12 if is_end else 1))
    if not (MINYEAR <= year <= MAXYEAR and 1 <= month <= 12):
        return None
    day = monthrange(year, month)[1] if is_end else 1
    return datetime.combine(date(year, month, day), time.max if is_end else time.min)

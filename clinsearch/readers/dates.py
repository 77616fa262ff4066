"""Dates as exports, databases and people write them."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = (
    r"(?P<name>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_YEAR = r"(?P<year>\d{4}|\d\d)"
_CLOCK = (
    r"(?P<hour>\d{1,2})(?:[:.](?P<minute>\d\d)(?:[:.](?P<second>\d\d)(?:[.,:](?P<fraction>\d{1,9}))?)?)?"
    r"(?: ?(?P<half>[ap])\.?m\.?)?(?: ?(?:h|hrs?|hours|uhr))?"
)
_ZONE = (
    r"(?: ?(?:z|utc|gmt|[ecmp][sd]t|ak[sd]t|hst|ces?t|ees?t|bst|ist))?(?: ?[+-]\d\d(?::?\d\d)?)?"
    r"(?: ?(?:utc|gmt|z))?(?: ?\([^()]*\))?"
)
_TIME = rf"(?:(?:t|, ?| at |, at | ?- ?|:| ){_CLOCK}{_ZONE})?"
_DIGITS = r"(?P<hour>\d\d)(?:(?P<minute>\d\d)(?:(?P<second>\d\d)(?:\.(?P<fraction>\d{1,9}))?)?)?"
_FORMS = tuple(
    re.compile(r"(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]{0,6}\.?,? )?" + form, re.ASCII | re.IGNORECASE)
    for form in (
        rf"(?P<year>\d{{4}})([-/.])(?P<month>\d{{1,2}})\2(?P<day>\d{{1,2}}){_TIME}",
        rf"(?P<year>\d{{4}})(?P<month>\d\d)(?P<day>\d\d)(?:[t ]?{_DIGITS}{_ZONE})?",
        rf"(?P<year>\d{{4}})(?P<month>\d\d)(?P<day>\d\d)[t ]{_CLOCK}{_ZONE}",
        rf"(?P<first>\d{{1,2}})([-/])(?P<second_part>\d{{1,2}})\2{_YEAR}{_TIME}",
        rf"(?P<day>\d{{1,2}})\.(?P<month>\d{{1,2}})\.{_YEAR}{_TIME}",
        rf"{_DAY}[-/. ]?(?: ?of )?{_MONTH}(?:[-/, ]| ?, ?)?{_YEAR}{_TIME}",
        rf"{_MONTH}[- ]?{_DAY}(?:[-/ ]| ?, ?){_YEAR}{_TIME}",
        rf"(?P<year>\d{{4}})[-/ ]?{_MONTH}[-/ ]?{_DAY}{_TIME}",
        rf"{_MONTH} {_DAY} {_CLOCK}{_ZONE} {_YEAR}",
    )
)
# fromisoformat takes any character for the T, and reads 21.40 as 21.4 hours.
_ISO = re.compile(r"(\d{4}-\d\d-\d\d|\d{8})([Tt ]\d\d(?!\.).*)?", re.ASCII)
_ORDERED = re.compile(r"(\d{1,2})[-/](\d{1,2})[-/](?:\d{4}|\d\d)\b", re.ASCII)
_SECONDS = range(600_000_000, 1_900_000_000)  # 1989 to 2030; larger numbers of 10 digits are a date and an hour


def parse_datetime(written: str, *, day_first: bool | None = None) -> datetime | None:
    """Read a date; a zone is dropped and the local wall time kept.

    `day_first` says how to read 3/2/2024; None reads the month first, unless that gives no date.
    """
    written = " ".join(written.split())
    try:
        if _ISO.fullmatch(written):
            return datetime.fromisoformat(written).replace(tzinfo=None)
    except ValueError:
        pass
    written = re.sub(r"(?<=^\d{8})\.0$|(?<=^\d{10})\.0$|(?<=^\d{13})\.0$", "", written)
    if since_1970 := _since_1970(written):
        return since_1970
    for form in _FORMS:
        if match := form.fullmatch(written):
            return _read(match.groupdict(), day_first)
    return None


def depends_on_order(written: str) -> bool:
    """Tell whether a date can only be read if it is known whether the day or the month comes first."""
    return _ORDERED.match(written.strip()) is not None


def order_of(written: str) -> bool | None:
    """Tell whether a date has the day first; None if it can be read both ways, or not at all."""
    match = _ORDERED.match(written.strip())
    if match is None:
        return None
    first, second = int(match[1]), int(match[2])
    if 12 < first <= 31 and 1 <= second <= 12:
        return True
    return False if 1 <= first <= 12 < second <= 31 else None


def _since_1970(written: str) -> datetime | None:
    if not (written.isascii() and written.isdigit() and len(written) in (9, 10, 12, 13)):
        return None
    seconds, thousandths = (int(written), 0) if len(written) < 12 else divmod(int(written), 1000)
    if seconds not in _SECONDS:
        return None
    moment = datetime.fromtimestamp(seconds, UTC) + timedelta(milliseconds=thousandths)
    return moment.replace(tzinfo=None)


def _read(parts: dict[str, str | None], day_first: bool | None) -> datetime | None:
    year = _year(str(parts["year"]))
    if parts.get("name"):
        return _moment(year, _MONTHS.index(str(parts["name"])[:3].lower()) + 1, int(str(parts["day"])), parts)
    if not parts.get("first"):
        return _moment(year, int(str(parts["month"])), int(str(parts["day"])), parts)
    first, second = int(str(parts["first"])), int(str(parts["second_part"]))
    american = None if day_first else _moment(year, first, second, parts)
    return american or (None if day_first is False else _moment(year, second, first, parts))


def _year(written: str) -> int:
    """Return a year; one of two digits is not in the future."""
    if len(written) == 4:
        return int(written)
    return int(written) + (2000 if int(written) <= date.today().year + 1 - 2000 else 1900)


def _moment(year: int, month: int, day: int, parts: dict[str, str | None]) -> datetime | None:
    hour, minute, second = (int(parts.get(name) or 0) for name in ("hour", "minute", "second"))
    half = (parts.get("half") or "").lower()
    if parts.get("hour") and not parts.get("minute") and not half and not parts.get("month"):
        return None
    if half:
        if not hour or (hour > 12 and half == "a"):
            return None
        hour = hour if hour > 12 else hour % 12 + (12 if half == "p" else 0)
    microsecond = int((parts.get("fraction") or "0").ljust(6, "0")[:6])
    try:
        return datetime(year, month, day, hour, minute, second, microsecond)
    except ValueError:
        return None

"""Dates as they stand beside a value in a note: often without a year, or without a day."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from clinsearch.readers.dates import parse_datetime

_YEAR = re.compile(r"(?:19|20|21)\d\d", re.ASCII)
_MONTH_AND_YEAR = re.compile(r"(\d{1,2})[-/](\d{4})", re.ASCII)
_NAMED_MONTH_AND_YEAR = re.compile(r"([a-z]+)\.?,? (\d{4})", re.ASCII | re.IGNORECASE)
# A lab report of tomorrow's date is one of today's; one without a year that would be later is of the year before.
_AHEAD = timedelta(days=1)


def parse_beside(written: str, noted: datetime | None) -> datetime | None:
    """Read a date in a note written at a time: a month or year alone is its first moment; None if it is none.

    Without a year it is the last such day before the note, and nothing if the note has no time.
    """
    if whole := parse_datetime(_completed(written)):
        return whole
    if noted is None:
        return None
    mark = "/" if written[-1:].isdigit() and "/" in written else "-" if "-" in written else " "
    of_years = (parse_datetime(f"{written}{mark}{year}") for year in (noted.year, noted.year - 1))
    return next((moment for moment in of_years if moment and moment <= noted + _AHEAD), None)


def _completed(written: str) -> str:
    """Add the first day to a month, and the first month to a year."""
    if _YEAR.fullmatch(written):
        return f"{written}-01-01"
    if found := _MONTH_AND_YEAR.fullmatch(written):
        return f"{found[2]}-{found[1]:0>2}-01"
    if found := _NAMED_MONTH_AND_YEAR.fullmatch(written):
        return f"{found[1]} 1, {found[2]}"
    return written

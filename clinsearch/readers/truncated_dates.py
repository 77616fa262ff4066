"""Dates of messages that end with the year or the month, as FHIR and HL7 allow."""

from __future__ import annotations

import re

_YEAR = re.compile(r"\d{4}", re.ASCII)
_MONTH = re.compile(r"(\d{4})-?(\d\d)", re.ASCII)


def completed(written: str) -> str:
    """Return a date with the first month and day where it has none; any other as it is."""
    if _YEAR.fullmatch(written):
        return f"{written}-01-01"
    month = _MONTH.fullmatch(written)
    return f"{month[1]}-{month[2]}-01" if month else written

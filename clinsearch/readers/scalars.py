"""What databases and columnar files hold, as a table written as text would have it."""

from __future__ import annotations

import math
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from uuid import UUID

MOST_DIGITS = 40


def as_cell(value: object) -> object:
    """Return a value as a string, None for nothing; as it is if no string stands for it: a truth value, a list.

    A fraction that is whole ends in `.0`, as programs write ids of columns with gaps. A date keeps its local time.
    """
    if value is None or isinstance(value, str | bool):
        return value
    if isinstance(value, int):
        return str(int(value))
    if isinstance(value, float):
        return _of_float(value)
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, bytes | bytearray | memoryview):
        return _of_bytes(bytes(value))
    if isinstance(value, Decimal):
        return _of_decimal(value)
    return str(value) if isinstance(value, UUID | time | timedelta) else value


def _of_float(value: float) -> str | None:
    if math.isnan(value):
        return None
    return f"{value:.0f}.0" if value.is_integer() else repr(value)


def _of_bytes(value: bytes) -> str | bytes:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value


def _of_decimal(value: Decimal) -> str | None:
    if value.is_nan():
        return None
    if not value.is_finite() or value.adjusted() > MOST_DIGITS:
        return str(value)
    return str(int(value)) if value == value.to_integral_value() else format(value, "f")

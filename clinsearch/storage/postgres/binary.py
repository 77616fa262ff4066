"""Talks to PostgreSQL in its own binary form, numbers by whole arrays: psycopg would take a microsecond for each."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import psycopg
from numpy.typing import NDArray
from psycopg.adapt import Dumper
from psycopg.pq import Format
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

# As PostgreSQL numbers its own types: integer and integer[].
INTEGER, INTEGERS = 23, 1007
INTEGER_BYTES = 4


@dataclass(frozen=True, slots=True, eq=False)
class Integers:
    """Numbers (n,) to be sent as an integer[]."""

    numbers: NDArray[np.int64]


class _IntegersDumper(Dumper):
    """Writes numbers: of the array the dimensions, whether it has NULLs, the type, the size and the first index; of
    each number how many bytes it has, and these."""

    format = Format.BINARY
    oid = INTEGERS

    def dump(self, obj: Any) -> bytes:
        """Write an `Integers`."""
        rows = np.full((len(obj.numbers), 2), INTEGER_BYTES, dtype=">i4")
        rows[:, 1] = obj.numbers
        return struct.pack(">5i", 1, 0, INTEGER, len(rows), 1) + rows.tobytes()


@contextmanager
def binary_cursor(connection: Connection) -> Iterator[Any]:
    """Yield a cursor of psycopg's, in the connection's transaction; it fails as the connection does."""
    if not connection.in_transaction():  # SQLAlchemy does not see what the cursor does
        connection.begin()
    try:
        opened: Any = connection.connection.cursor(binary=True)
        with opened as cursor:
            cursor.adapters.register_dumper(Integers, _IntegersDumper)
            yield cursor
    except psycopg.Error as error:
        raise DBAPIError.instance(None, None, error, psycopg.Error, dialect=connection.dialect) from error

"""The wire format of vectors and keys: numpy's arrays to PostgreSQL's binary form and back, without a value in text.

A `halfvec` is its dimensions, a zero (both int16), and its values, float16; all in the order of the network. Rows are
sent, and read in bulk, by COPY in its binary format, in which all rows of one table have the same length.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from psycopg import Connection, Cursor
from psycopg.adapt import Buffer, Dumper
from psycopg.pq import Format
from psycopg.sql import SQL, Composable

from clinsearch.records import FloatArray
from clinsearch.records.keys import KeyArray
from clinsearch.storage.postgres.staging import copied_into
from clinsearch.storage.values import damaged_vectors

PgConnection: TypeAlias = Connection[Any]

# The exponent of infinities and NaN in half precision.
NO_NUMBER = np.uint16(0x7C00)
LARGEST = float(np.finfo(np.float16).max)
ROWS_PER_MESSAGE = 4096
SIGNATURE = b"PGCOPY\n\xff\r\n\0" + bytes(8)
END = b"\xff\xff"
# The identifiers that PostgreSQL gives to its own types, in every database.
INT8, FLOAT4 = 20, 700
ARRAYS = {np.dtype(np.int64): (INT8, 1016, ">i8"), np.dtype(np.float32): (FLOAT4, 1021, ">f4")}


class _ArrayDumper(Dumper):
    """Sends an array (n,) of int64 or float32 as `bigint[]` or `real[]`."""

    format = Format.BINARY

    def upgrade(self, obj: NDArray[Any], format: Any) -> Dumper:
        dumper = _ArrayDumper(type(obj))
        dumper.oid = ARRAYS[obj.dtype][1]
        return dumper

    def get_key(self, obj: NDArray[Any], format: Any) -> Any:
        return (type(obj), obj.dtype)

    def dump(self, obj: NDArray[Any]) -> Buffer:
        element, _, order = ARRAYS[obj.dtype]
        head = np.array([1, 0, element, len(obj), 1], dtype=">i4").tobytes()
        values = np.empty(len(obj), dtype=[("bytes", ">i4"), ("value", order)])
        values["bytes"], values["value"] = obj.dtype.itemsize, obj
        return head + values.tobytes() if len(obj) else np.array([0, 0, element], dtype=">i4").tobytes()


def open_cursor(connection: PgConnection) -> Cursor[Any]:
    """Return a cursor that takes arrays, and results in binary."""
    cursor = connection.cursor(binary=True)
    cursor.adapters.register_dumper(np.ndarray, _ArrayDumper)
    return cursor


def row_type(width: int) -> np.dtype[Any]:
    """Return the layout of a row (key bigint, vector halfvec) in COPY's binary format."""
    counts = [("fields", ">i2"), ("key_bytes", ">i4"), ("key", ">i8"), ("vector_bytes", ">i4")]
    return np.dtype([*counts, ("width", ">i2"), ("unused", ">i2"), ("vector", ">f2", (width,))])


def copy_in(cursor: Cursor[Any], table: str, keys: KeyArray, rows: FloatArray) -> None:
    """Append rows (n, width) with their keys (n,) to a table (key, vector)."""
    layout = row_type(rows.shape[1])
    with (
        copied_into(cursor, table, ("key", "vector")) as into,
        cursor.copy(SQL("COPY {} FROM STDIN (FORMAT binary)").format(into)) as copy,
    ):
        copy.write(SIGNATURE)
        for start in range(0, len(keys), ROWS_PER_MESSAGE):
            some = slice(start, start + ROWS_PER_MESSAGE)
            message = np.zeros(len(keys[some]), dtype=layout)
            message["fields"], message["key_bytes"], message["key"] = 2, 8, keys[some]
            message["vector_bytes"], message["width"] = 4 + 2 * rows.shape[1], rows.shape[1]
            message["vector"] = rows[some]
            copy.write(message.tobytes())
        copy.write(END)


def copy_out(cursor: Cursor[Any], query: Composable, width: int) -> Iterator[tuple[KeyArray, FloatArray]]:
    """Yield the rows (key, vector) of a query, some at a time: keys (n,), vectors (n, width).

    Raises CollectionDamaged if a row is no vector of this width.
    """
    layout = row_type(width)
    with cursor.copy(SQL("COPY ({}) TO STDOUT (FORMAT binary)").format(query)) as copy:
        for content in _whole_rows(copy, layout.itemsize):
            if len(content) % layout.itemsize:
                raise damaged_vectors()
            rows = np.frombuffer(content, dtype=layout)
            is_sound = (rows["fields"] == 2) & (rows["vector_bytes"] == 4 + 2 * width) & (rows["width"] == width)
            if not is_sound.all():
                raise damaged_vectors()
            yield rows["key"].astype(np.int64), _numbers(rows["vector"])


def _whole_rows(messages: Iterable[Buffer], row_bytes: int) -> Iterator[bytes]:
    """Yield the content of COPY without its head and its end, a few thousand rows at a time."""
    pending, size, is_first = [], 0, True
    for message in messages:
        content = bytes(message)
        if is_first:
            content, is_first = content[len(SIGNATURE) :], False
        pending.append(content)
        size += len(content)
        if size >= row_bytes * ROWS_PER_MESSAGE:
            joined = b"".join(pending)
            whole = size - size % row_bytes
            # What is left may be the end, which is shorter than a row.
            yield joined[:whole]
            pending, size = [joined[whole:]], size - whole
    yield b"".join(pending).removesuffix(END)


def vectors_from(values: Sequence[bytes], width: int) -> FloatArray:
    """Return the vectors, (n, width), of as many values in binary. Raises CollectionDamaged if one is none."""
    if any(len(value) != 4 + 2 * width for value in values):
        raise damaged_vectors()
    rows = np.frombuffer(b"".join(values), dtype=np.dtype([("head", ">i2", (2,)), ("vector", ">f2", (width,))]))
    if not (rows["head"] == (width, 0)).all():
        raise damaged_vectors()
    return _numbers(rows["vector"])


def _numbers(values: NDArray[Any]) -> FloatArray:
    halves = values.astype(np.float16)
    if ((halves.view(np.uint16) & NO_NUMBER) == NO_NUMBER).any():
        raise damaged_vectors()
    return halves.astype(np.float32)

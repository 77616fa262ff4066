"""Notes as Parquet. The only module that writes with pyarrow, which need not be there."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any, BinaryIO

from clinsearch.errors import InputError
from clinsearch.readers.extras import PARQUET
from clinsearch.rendering.records.formats import Record

if TYPE_CHECKING:
    import pyarrow

ROWS_PER_GROUP = 1000
CHARACTERS_PER_GROUP = 16_000_000
# Lists are text in it, as JSON: not every program reads nested columns.
LISTS = ("headings", "hits")


def write_parquet(records: Iterable[Record], file: BinaryIO, fields: Sequence[str]) -> None:
    """Write records of notes, a group of rows at a time. Raises InputError where pyarrow is not installed.

    fields: the columns where there is no record.
    """
    try:
        import pyarrow
        from pyarrow.parquet import ParquetWriter
    except ImportError:
        raise InputError(f"Parquet needs pyarrow. Install it: {PARQUET.command}") from None
    groups = _groups(iter(records))
    first = next(groups, [])
    schema = _schema(first[0] if first else fields)
    with ParquetWriter(file, schema, compression="zstd", write_page_checksum=True) as writer:
        for group in chain([first] if first else [], groups):
            writer.write_batch(pyarrow.RecordBatch.from_pylist(group, schema))


def _schema(names: Iterable[str]) -> pyarrow.Schema:
    import pyarrow

    kinds = {"note_datetime": pyarrow.timestamp("us")}
    return pyarrow.schema([(name, kinds.get(name, pyarrow.string())) for name in names])


def _groups(records: Iterator[Record]) -> Iterator[list[Record]]:
    """Yield the records in groups, each small enough to be held."""
    group: list[dict[str, Any]] = []
    characters = 0
    for record in records:
        group.append({name: json.dumps(value) if name in LISTS else value for name, value in record.items()})
        characters += len(record["text"])
        if len(group) == ROWS_PER_GROUP or characters >= CHARACTERS_PER_GROUP:
            yield group
            group, characters = [], 0
    if group:
        yield group

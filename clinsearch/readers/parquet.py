"""The records of Parquet, Arrow and Feather files. The only module that knows pyarrow, which need not be there."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from itertools import count
from typing import TYPE_CHECKING, Any, BinaryIO, TypeAlias

from clinsearch.readers.columns import Columns, by_name, listed, normalised
from clinsearch.readers.extras import PARQUET
from clinsearch.readers.outcomes import CannotRead, FileFacts, no_text
from clinsearch.readers.records import Record, note_names
from clinsearch.readers.scalars import as_cell

if TYPE_CHECKING:
    import pyarrow as pa

# A cell may hold the longest note, and a dictionary gives it to every row: few rows at a time bound what is held.
ROWS_AT_ONCE = 16
READ_BYTES = 1 << 16
PARQUET_MAGIC, ENCRYPTED_MAGIC, ARROW_MAGIC, OLD_FEATHER_MAGIC = b"PAR1", b"PARE", b"ARROW1", b"FEA1"
STREAM_MAGIC = b"\xff\xff\xff\xff"
STREAM_END = STREAM_MAGIC + b"\0\0\0\0"
NEEDED = f"Parquet and Arrow files need pyarrow. Install it: {PARQUET.command}"
ENCRYPTED = "an encrypted Parquet file; decrypt it"
OLD_FEATHER = "a Feather file of version 1, which is not read; write it again as version 2 or as Parquet"
NOT_BUILT = "compressed or laid out in a way that is not read; write it again as Parquet with zstd or snappy"
NESTED_TEXT = "the column of its text holds lists or records, not text"
NEITHER = "no Parquet or Arrow file, whatever its name says"
BREAKS_OFF = "an Arrow stream without its end; what it has so far was read"
DAMAGED = "damaged Parquet or Arrow file"
# What stands for a moment outside the years 1 to 9999: no date, and it is told.
NO_SUCH_MOMENT = "out of range"
Batches: TypeAlias = Iterator["pa.RecordBatch"]
# Told which share of a file was read.
Share: TypeAlias = Callable[[float], None]


def _untold(share: float) -> None:
    """Ignore how far a first look at a file is."""


def columnar_records(
    file: BinaryIO, columns: Columns, facts: FileFacts, *, progress: Share = _untold
) -> Iterator[Record]:
    """Yield each row of an open file; add the names of columns that a Note doesn't have to `facts`.

    Only the columns that a Note has are read, a few rows at a time; an Arrow file by the batches it was written in.
    Raises CannotRead for a file that is damaged, encrypted or without a text, and where pyarrow is not installed.
    """
    try:
        import pyarrow
    except ImportError:
        raise CannotRead(NEEDED, kind="extra") from None
    number = count(1)
    try:
        for batch in _batches(file, columns, facts, progress):
            for start in range(0, batch.num_rows, ROWS_AT_ONCE):
                yield from _rows(batch.slice(start, ROWS_AT_ONCE), number)
    except (pyarrow.ArrowException, OSError, MemoryError, UnicodeDecodeError) as error:
        raise CannotRead(_fault(error), kind="file") from None


def _fault(error: Exception) -> str:
    """Say what is wrong with a file; the library's own words may quote what it holds."""
    import pyarrow

    if "crypt" in str(error).lower():
        return ENCRYPTED
    return NOT_BUILT if isinstance(error, pyarrow.ArrowNotImplementedError) else DAMAGED


def _batches(file: BinaryIO, columns: Columns, facts: FileFacts, progress: Share) -> Batches:
    file.seek(0)
    magic = file.read(len(ARROW_MAGIC))
    file.seek(0)
    if magic.startswith(ENCRYPTED_MAGIC):
        raise CannotRead(ENCRYPTED, kind="file")
    if magic.startswith(OLD_FEATHER_MAGIC):
        raise CannotRead(OLD_FEATHER, kind="file")
    if not magic:
        raise no_text()
    for start, read in ((PARQUET_MAGIC, _of_parquet), (ARROW_MAGIC, _of_arrow), (STREAM_MAGIC, _of_stream)):
        if magic.startswith(start):
            return read(file, columns, facts, progress)
    raise CannotRead(NEITHER, kind="file")


def _of_parquet(file: BinaryIO, columns: Columns, facts: FileFacts, progress: Share) -> Batches:
    from pyarrow.parquet import ParquetFile

    parquet = ParquetFile(file, buffer_size=READ_BYTES, pre_buffer=False, page_checksum_verification=True)
    schema = parquet.schema_arrow
    wanted = [schema.names[index] for index in _wanted(schema, columns, facts)]
    rows, done = parquet.metadata.num_rows, 0
    for batch in parquet.iter_batches(ROWS_AT_ONCE, columns=wanted, use_threads=False):
        yield batch
        done += batch.num_rows
        progress(min(done / max(rows, 1), 1))
    if done != rows:
        raise CannotRead(DAMAGED, kind="file")


def _of_arrow(file: BinaryIO, columns: Columns, facts: FileFacts, progress: Share) -> Batches:
    from pyarrow import ipc

    schema = ipc.open_file(file).schema
    options = ipc.IpcReadOptions(included_fields=_wanted(schema, columns, facts), use_threads=False)
    file.seek(0)
    reader = ipc.open_file(file, options=options)
    for index in range(reader.num_record_batches):
        yield _sound(reader.get_batch(index))
        progress((index + 1) / reader.num_record_batches)


def _of_stream(file: BinaryIO, columns: Columns, facts: FileFacts, progress: Share) -> Batches:
    from pyarrow import ipc

    schema = ipc.open_stream(file).schema
    options = ipc.IpcReadOptions(included_fields=_wanted(schema, columns, facts), use_threads=False)
    size = max(file.seek(0, 2), 1)
    file.seek(0)
    for batch in ipc.open_stream(file, options=options):
        yield _sound(batch)
        progress(file.tell() / size)
    file.seek(max(size - len(STREAM_END), 0))
    if file.read() != STREAM_END:
        raise CannotRead(BREAKS_OFF, kind="file")


def _sound(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Return a batch whose offsets were checked; Arrow takes them as they stand in a file, and dies of wrong ones."""
    batch.validate(full=True)
    return batch


def _wanted(schema: pa.Schema, columns: Columns, facts: FileFacts) -> list[int]:
    """Return the places of the columns that say anything of a Note; raise CannotRead if the text's is not there."""
    from pyarrow import types

    nested = {normalised(one.name) for one in schema if types.is_nested(one.type)}
    columns = columns.fitted({normalised(name) for name in schema.names} - nested)
    note_names(_named(schema.names), columns, facts)
    flat = [name for name in schema.names if normalised(name) not in nested]
    if fault := columns.check(flat, listed(flat)):
        raise CannotRead(NESTED_TEXT if columns.has_text(nested) else fault, kind="columns")
    wanted = set(columns.wanted(schema.names))
    return [index for index, one in enumerate(schema) if one.name in wanted and normalised(one.name) not in nested]


def _named(names: Sequence[str]) -> Collection[str]:
    """Return the columns without those that pandas adds for its own use."""
    return [name for name in names if not (name.startswith("__index_level_") and name.endswith("__"))]


def _rows(batch: pa.RecordBatch, number: Iterator[int]) -> Iterator[Record]:
    names = batch.schema.names
    for row in zip(*map(_cells, batch.columns), strict=True):
        fault = next((cell for cell in row if isinstance(cell, CannotRead)), None)
        yield Record(next(number), fault or by_name(zip(names, row, strict=True)))


def _cells(column: pa.Array[Any]) -> list[object]:
    column = _in_microseconds(column)
    try:
        return [as_cell(value) for value in column.to_pylist()]
    except (ValueError, OverflowError):
        return [_cell(scalar) for scalar in column]


def _cell(scalar: pa.Scalar[Any]) -> object:
    try:
        return as_cell(scalar.as_py())
    except UnicodeDecodeError:
        return CannotRead("text in it is not UTF-8")
    except (ValueError, OverflowError):
        return NO_SUCH_MOMENT


def _in_microseconds(column: pa.Array[Any]) -> pa.Array[Any]:
    """Return moments as Python has them, at the wall time of their zone, or of UTC if that is not known."""
    import pyarrow
    from pyarrow import types

    if not types.is_timestamp(column.type):
        return column
    try:
        zone = column.type.tz if column.type.tz and pyarrow.lib.string_to_tzinfo(column.type.tz) else None
    except (KeyError, ValueError):
        zone = None
    unit = "us" if column.type.unit == "ns" else column.type.unit
    return column.cast(pyarrow.timestamp(unit, zone), safe=False)

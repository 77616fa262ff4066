"""Parquet, Arrow and Feather files."""

from __future__ import annotations

import io
import random
import subprocess
import sys
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet as pq
import pytest
from pyarrow import ipc

from clinsearch.readers import NoteFiles, Unreadable
from clinsearch.readers import parquet as reader
from clinsearch.records import Note
from tests.support.note_files import SECRET, notes, outcomes, written

Write = Callable[[pa.Table, Path], Path]


def as_parquet(table: pa.Table, path: Path) -> Path:
    pq.write_table(table, path.with_suffix(".parquet"), row_group_size=7)
    return path.with_suffix(".parquet")


def as_feather(table: pa.Table, path: Path) -> Path:
    pyarrow.feather.write_feather(table, path.with_suffix(".feather"), chunksize=7)
    return path.with_suffix(".feather")


def as_stream(table: pa.Table, path: Path) -> Path:
    with ipc.new_stream(path.with_suffix(".arrow"), table.schema) as out:
        out.write_table(table, max_chunksize=7)
    return path.with_suffix(".arrow")


ways = pytest.mark.parametrize("write", [as_parquet, as_feather, as_stream])


def table(**columns: Any) -> pa.Table:
    return pa.table(
        {name: column if isinstance(column, pa.Array) else pa.array(column) for name, column in columns.items()}
    )


@ways
def test_a_row_is_a_note_whatever_types_its_columns_have(tmp_path: Path, write: Write) -> None:
    count = 20
    night = datetime(2024, 3, 3, 2, 40)  # in UTC; in New York it is the evening before
    made = table(
        note_id=pa.array([9_007_199_254_740_993 + n for n in range(count)], pa.int64()),
        patient_id=pa.array(["007"] * count).dictionary_encode(),
        encounter_id=pa.array([None if n % 2 else 12345.0 + n for n in range(count)]),
        note_type=pa.array(["DS"] * count, pa.large_string()).dictionary_encode(),
        note_datetime=pa.array([night] * count, pa.timestamp("ns", "America/New_York")),
        note_text=pa.array([f"Note {n}: \u00e9 cough." for n in range(count)], pa.large_string()),
        codes=[[1, 2]] * count,
        extra=[{"a": 1}] * count,
        provider_id=[1] * count,
    )
    found = notes(write(made, tmp_path / "a"))
    assert [note.note_id for note in found] == [str(9_007_199_254_740_993 + n) for n in range(count)]
    assert [note.encounter_id for note in found] == [None if n % 2 else str(12345 + n) for n in range(count)]
    assert {(note.patient_id, note.note_type, note.note_datetime) for note in found} == {
        ("007", "DS", datetime(2024, 3, 2, 21, 40))
    }
    assert [note.text for note in found] == [f"Note {n}: \u00e9 cough." for n in range(count)]
    files = NoteFiles([write(made, tmp_path / "a")])
    list(files)
    assert set(files.ignored_fields) == {"codes", "extra", "provider_id"}
    assert (len(files.finished), files.bytes_read) == (1, files.total_bytes)


@ways
def test_days_and_times_without_a_zone_are_what_they_say(tmp_path: Path, write: Write) -> None:
    made = table(
        note_id=pa.array([Decimal("1.00"), Decimal("20.00")]),
        date=pa.array([date(2024, 3, 2), None], pa.date32()),
        text=["a cough", "a rash"],
    )
    assert [(note.note_id, note.note_datetime) for note in notes(write(made, tmp_path / "a"))] == [
        ("1", datetime(2024, 3, 2)),
        ("20", None),
    ]
    made = table(charttime=pa.array([datetime(2150, 3, 2, 1, 2, 3)], pa.timestamp("s")), text=pa.array([b"a cough"]))
    (note,) = notes(write(made, tmp_path / "b"))
    assert (note.note_datetime, note.text, note.note_id) == (datetime(2150, 3, 2, 1, 2, 3), "a cough", "b#1")


@ways
def test_what_is_no_date_or_no_text_is_told_by_its_row_alone(tmp_path: Path, write: Write) -> None:
    made = table(
        date=pa.array([2**50, 0], pa.int64()).cast(pa.timestamp("s")),
        text=pa.array([b"a cough", b"\xff\xfe" + SECRET.encode()], pa.binary()),
    )
    found = outcomes(write(made, tmp_path / "a"))
    assert [one.kind for one in found if isinstance(one, Unreadable)] == ["date", "malformed"]
    assert [one.text for one in found if isinstance(one, Note)] == ["a cough"]
    assert SECRET not in str(found)


@ways
def test_rows_of_one_note_are_joined_and_empty_texts_counted(tmp_path: Path, write: Write) -> None:
    made = table(note_id=[1, 1, 2], line=[2, 1, 1], note_text=["there.", "Cough ", None])
    found = outcomes(write(made, tmp_path / "a"))
    assert [(one.note_id, one.text) for one in found if isinstance(one, Note)] == [("1", "Cough there.")]
    assert [one.kind for one in found if isinstance(one, Unreadable)] == ["no_text"]


@ways
def test_a_table_without_a_text_is_refused_by_its_columns(tmp_path: Path, write: Write) -> None:
    (fault,) = outcomes(write(table(key=[1], story=["x"]), tmp_path / "a"))
    assert isinstance(fault, Unreadable)
    assert "it has key, story; if one of them is the text, say so: --text-column NAME" in fault.reason
    (fault,) = outcomes(write(table(note_id=[1], text=[["a", "b"]]), tmp_path / "b"))
    assert isinstance(fault, Unreadable)
    assert (fault.reason, fault.kind) == (reader.NESTED_TEXT, "columns")


def test_a_known_table_is_known_in_parquet_too(tmp_path: Path) -> None:
    names = ["note_id", "subject_id", "hadm_id", "note_type", "note_seq", "charttime", "text"]
    made = table(
        **dict(zip(names, [["a-DS-1"], [7], [8], ["DS"], [1], [datetime(2180, 5, 7)], ["Cough."]], strict=True))
    )
    files = NoteFiles([as_parquet(made, tmp_path / "discharge")])
    (note,) = list(files)
    assert isinstance(note, Note)
    assert (note.note_type, note.note_datetime) == ("Discharge summary", datetime(2180, 5, 7))
    assert list(files.presets.values()) == ["mimic-iv-note"]


def test_a_parquet_file_is_known_by_its_content_and_unpacked_if_need_be(tmp_path: Path) -> None:
    path = as_parquet(table(text=["a cough"]), tmp_path / "a")
    as_text = tmp_path / "b.csv"
    as_text.write_bytes(path.read_bytes())
    packed = written(tmp_path / "c.parquet.gz", path.read_bytes())
    assert [note.text for note in notes(path, as_text, packed)] == ["a cough"] * 3


def content(write: Write, folder: Path, count: int = 60) -> bytes:
    return write(
        table(note_id=range(count), text=[f"{SECRET} {n} " * 9 for n in range(count)]), folder / "x"
    ).read_bytes()


@ways
def test_a_damaged_file_is_one_line_and_never_a_crash(tmp_path: Path, write: Write) -> None:
    whole, rng = content(write, tmp_path), random.Random(5)
    for trial in range(150):
        damaged = bytearray(whole)
        if trial % 3:
            for _ in range(rng.choice([1, 3])):
                damaged[rng.randrange(len(damaged))] = rng.randrange(256)
        else:
            del damaged[rng.randrange(len(damaged)) :]
        path = tmp_path / f"damaged{write(table(text=['x']), tmp_path / 'y').suffix}"
        path.write_bytes(damaged)
        found = outcomes(path)
        assert found
        assert all(SECRET not in one.reason for one in found if isinstance(one, Unreadable))


def test_a_stream_that_breaks_off_between_two_batches_is_not_taken_for_whole(tmp_path: Path) -> None:
    path = as_stream(table(text=["a cough"]), tmp_path / "a")
    path.write_bytes(path.read_bytes()[:-8])
    files = NoteFiles([path])
    assert [one.reason if isinstance(one, Unreadable) else one.text for one in files] == ["a cough", reader.BREAKS_OFF]
    assert files.finished == set()


@pytest.mark.parametrize(
    ("start", "said"),
    [
        (b"PARE\0\1", reader.ENCRYPTED),
        (b"FEA1\0\0", reader.OLD_FEATHER),
        (b"\xff\xff", reader.NEITHER),
        (b"\xff" * 4, reader.DAMAGED),
    ],
)
def test_what_cannot_be_read_is_said(tmp_path: Path, start: bytes, said: str) -> None:
    (tmp_path / "a.parquet").write_bytes(start + b"\0" * 100)
    (fault,) = outcomes(tmp_path / "a.parquet")
    assert isinstance(fault, Unreadable)
    assert (fault.reason, fault.kind) == (said, "file")


def test_a_dictionary_of_one_long_text_is_not_multiplied_in_memory(tmp_path: Path) -> None:
    rows, text = 3000, "cough " * 500_000
    codes = pa.DictionaryArray.from_arrays(pa.array([0] * rows, pa.int32()), pa.array([text]))
    pq.write_table(pa.table({"text": codes}), tmp_path / "a.parquet", compression="zstd", store_schema=False)
    assert (tmp_path / "a.parquet").stat().st_size < 100_000
    program = """if True:
        import sys
        from clinsearch.readers.columns import USUAL
        from clinsearch.readers.outcomes import FileFacts
        from clinsearch.readers.parquet import columnar_records
        with open(sys.argv[1], "rb") as file:
            count = sum(1 for _, _ in zip(range(200), columnar_records(file, USUAL, FileFacts())))
        assert count == 200
        status = open("/proc/self/status").read()
        print(int(status.partition("VmHWM:")[2].split()[0]) // 1024)
    """
    found = subprocess.run(
        [sys.executable, "-c", program, tmp_path / "a.parquet"], capture_output=True, text=True, check=True
    )
    assert int(found.stdout) < 400


def test_where_pyarrow_is_missing_it_is_said_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = as_parquet(table(text=["a cough"]), tmp_path / "a")
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    (fault,) = outcomes(path)
    assert isinstance(fault, Unreadable)
    assert (fault.kind, 'pip install "clinsearch[parquet]"' in fault.reason) == ("extra", True)


def test_only_the_columns_of_notes_are_read(tmp_path: Path) -> None:
    made = table(text=["a cough"], blob=[b"x" * 1000])
    out = io.BytesIO()
    pq.write_table(made, out, compression="none", use_dictionary=False, write_statistics=False)
    damaged = bytearray(out.getvalue())
    at = damaged.index(b"x" * 1000)
    damaged[at - 4 : at + 1000] = b"\xff" * 1004
    (tmp_path / "a.parquet").write_bytes(damaged)
    assert [note.text for note in notes(tmp_path / "a.parquet")] == ["a cough"]


def test_a_length_of_time_is_no_date_but_no_fault_of_the_note(tmp_path: Path) -> None:
    path = as_parquet(table(date=[timedelta(days=3)], text=["a cough"]), tmp_path / "a")
    found = outcomes(path)
    assert [type(one).__name__ for one in found] == ["Note", "Unreadable"]

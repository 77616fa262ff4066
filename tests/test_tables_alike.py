"""The same table in every form that is read comes to the same notes."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet
from hypothesis import given
from hypothesis import strategies as st

from clinsearch.readers import NoteFiles, Unreadable
from clinsearch.readers.sql import QueryNotes
from clinsearch.records import Note
from tests.support.tables import QUICK

NAMES = ("note_id", "subject_id", "note_type", "note_seq", "charttime", "hadm_id", "line", "text")
Row = tuple[int, str | None, str | None, int, str | None, float | None, int | None, str | None]

texts = st.one_of(
    st.none(),
    st.sampled_from(
        ["NULL", " ", "Cough.", 'No "cough",\r\nno rash.\n\nPlan: rest', "a\tb", "\u00e9\u4e2d\U0001f600", "nan"]
    ),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=40),
)
rows = st.tuples(
    st.integers(-(2**63), 2**63 - 1) | st.integers(1, 4),
    st.sampled_from([None, "", "007", "P 1", "12345.0"]),
    st.sampled_from([None, "DS", "RR ", "other"]),
    st.integers(0, 5),
    st.sampled_from([None, "2180-05-07 00:00:00", "3/2/2024", "13/2/2024", "some day"]),
    st.sampled_from([None, 22595853.0, 3.0]),
    st.none() | st.integers(1, 3),
    texts,
)


def files_of(folder: Path, table: Sequence[Row]) -> list[Path]:
    out = io.StringIO(newline="")
    csv.writer(out).writerows([NAMES, *(["" if cell is None else cell for cell in row] for row in table)])
    (folder / "csv.csv").write_bytes(out.getvalue().encode())
    lines = [json.dumps(dict(zip(NAMES, row, strict=True))) for row in table]
    (folder / "jsonl.jsonl").write_text("".join(f"{line}\n" for line in lines))
    (folder / "json.json").write_text(f"[{','.join(lines)}]")
    columns = zip(*table, strict=True)
    types = (pa.int64(), pa.string(), pa.string(), pa.int32(), pa.string(), pa.float64(), pa.int64(), pa.large_string())
    arrow = pa.table({name: pa.array(column, kind) for name, column, kind in zip(NAMES, columns, types, strict=True)})
    pyarrow.parquet.write_table(arrow, folder / "parquet.parquet", row_group_size=2)
    pyarrow.feather.write_feather(arrow, folder / "feather.feather", chunksize=2)
    return sorted(folder.glob("*.*"))


def said(source: NoteFiles | QueryNotes) -> tuple[list[object], list[object], set[str], list[str]]:
    found = list(source)
    kept = [
        (one.note_id, one.text, one.patient_id, one.encounter_id, one.note_type, one.note_datetime)
        for one in found
        if isinstance(one, Note)
    ]
    faults = [(one.record, one.reason, one.kind) for one in found if isinstance(one, Unreadable)]
    return list(kept), list(faults), set(source.ignored_fields), list(source.presets.values())


@QUICK
@given(table=st.lists(rows, min_size=1, max_size=8))
def test_a_table_comes_to_the_same_notes_and_faults_in_every_form(table: list[Row]) -> None:
    with TemporaryDirectory() as made:
        folder = Path(made)
        results = {path.name: said(NoteFiles([path])) for path in files_of(folder, table)}
        with closing(sqlite3.connect(folder / "a.db")) as connection:
            connection.execute(f"CREATE TABLE note ({', '.join(NAMES)})")
            connection.executemany(f"INSERT INTO note VALUES ({', '.join('?' * len(NAMES))})", table)
            connection.commit()
        results["sql"] = said(QueryNotes(f"sqlite:///{folder}/a.db", "SELECT * FROM note ORDER BY rowid"))
    assert results["csv.csv"][3] == ["mimic-iv-note"]
    for name, result in results.items():
        assert result == results["csv.csv"], name

"""Notes of a long table, of whose ids only hashes are held, are those that come of holding every id."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing, nullcontext
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeAlias

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinsearch.readers import NoteFiles, repeats, survey
from clinsearch.readers.columns import USUAL
from clinsearch.readers.records import Record
from clinsearch.readers.repeats import IdHashes, shared
from clinsearch.readers.sql import QueryNotes
from clinsearch.readers.survey import Opened
from tests.support.note_files import csv_of
from tests.support.tables import QUICK, read, table
from tests.test_bounded_memory import peak_bytes

Row: TypeAlias = tuple[str, str, str, str]

HEADER = ("note_id", "patient_id", "line", "text")
LONG = "x" * 200
ids = st.integers(1, 12).map(str) | st.sampled_from(["", " 3 ", "4.0", "N 5"])
rows = st.tuples(
    ids,
    st.sampled_from(["p", "p", "p", "q", ""]),
    st.sampled_from(["", "1", "2", "3", "0"]),
    st.sampled_from(["Cough.", "Cough.", "Rash.", "", LONG, LONG + "y"]),
)
lined = st.lists(st.tuples(ids, st.integers(1, 4)), max_size=12, unique_by=lambda note: note[0]).map(
    lambda notes: [(of, "p", str(line), f"line {line}") for of, lines in notes for line in range(1, lines + 1)]
)
tables = st.lists(rows, max_size=30) | lined | lined.flatmap(st.permutations)


def outcomes(*paths: Path) -> list[object]:
    notes, faults = read(*paths)
    # Of a fault also what it is not compared by.
    told = [(one.path.name, one.reason, one.record, one.kind, one.note_id, one.pieces) for one in faults]
    return [*notes, *told]


@QUICK
@given(table_rows=tables, held=st.integers(0, 5), broken=st.booleans(), widths=st.sets(st.integers(0, 29)))
@pytest.mark.parametrize("hashed", [hash, len, lambda _: 0])
def test_the_notes_and_faults_are_those_of_holding_every_id(
    monkeypatch: pytest.MonkeyPatch,
    table_rows: list[Row],
    held: int,
    broken: bool,
    widths: set[int],
    hashed: Callable[[str], int],
) -> None:
    monkeypatch.setattr(repeats, "hash", hashed, raising=False)
    cells = [[*row, "more"] if number in widths else [*row] for number, row in enumerate(table_rows)]
    with TemporaryDirectory() as folder:
        path = Path(folder) / "a.csv"
        path.write_text(csv_of([*HEADER], *cells) + ('7,p,1,"cut' if broken else ""), newline="")
        monkeypatch.setattr(survey, "MOST_IDS_HELD", 1_000_000)
        expected = outcomes(path)
        monkeypatch.setattr(survey, "MOST_IDS_HELD", held)
        assert outcomes(path) == expected


@pytest.mark.parametrize("twice", [0, 4, 40])
def test_an_id_with_two_texts_is_refused_wherever_it_repeats(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, twice: int
) -> None:
    monkeypatch.setattr(survey, "MOST_IDS_HELD", 20)
    listed = [[f"n{number}", "p", "", "Cough."] for number in range(50)]
    path = table(
        tmp_path / "a.csv", HEADER, *listed[: twice + 1], [f"n{twice}", "p", "", "Rash."], *listed[twice + 1 :]
    )
    found, (fault,) = read(path)
    assert (len(found), fault.note_id) == (49, f"n{twice}")


@QUICK
@given(parts=st.lists(lined, min_size=2, max_size=3))
@pytest.mark.parametrize("hashed", [hash, len])
def test_notes_torn_between_tables_are_those_that_continue_in_another(
    monkeypatch: pytest.MonkeyPatch, parts: list[list[Row]], hashed: Callable[[str], int]
) -> None:
    monkeypatch.setattr(repeats, "hash", hashed, raising=False)
    seen: dict[str, set[tuple[int, int]]] = {}
    with TemporaryDirectory() as folder:
        paths = []
        for number, part in enumerate(parts):
            moved = [(of, who, str(int(line) + 4 * number), text) for of, who, line, text in part]
            paths.append(table(Path(folder) / f"{number}.csv", HEADER, *moved))
            for of in {row[0].strip() for row in moved if row[0].strip()}:
                lines = [int(row[2]) for row in moved if row[0].strip() == of]
                seen.setdefault(of, set()).add((min(lines), max(lines)))
        torn = {of for of, spans in seen.items() if any(last + 1 == first for _, last in spans for first, _ in spans)}
        files = NoteFiles(paths)
        list(files)
        assert files._overview.torn_notes() == torn


@QUICK
@given(st.lists(st.lists(st.text(max_size=2))))
def test_repeats_are_the_ids_that_were_added_twice(added: list[list[str]]) -> None:
    everything = [note_id for one in added for note_id in one]
    hashed = [IdHashes() for _ in added]
    for one, note_ids in zip(hashed, added, strict=True):
        for note_id in note_ids:
            one.add(note_id)
    found = shared(hashed)
    assert {of for of in everything if of in found} == {of for of in everything if sum(of in one for one in added) > 1}
    for one, note_ids in zip(hashed, added, strict=True):
        repeated = one.repeats()
        assert {of for of in note_ids if of in repeated} == {of for of in note_ids if note_ids.count(of) > 1}
        assert len(repeated) == len({of for of in note_ids if note_ids.count(of) > 1})


@pytest.mark.parametrize(("last", "runs"), [("n50", 2), ("n0", 3)])
def test_a_query_is_run_again_only_where_ids_repeat(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    last: str,
    runs: int,
) -> None:
    monkeypatch.setattr(survey, "MOST_IDS_HELD", 10)
    with closing(sqlite3.connect(tmp_path / "notes.db")) as connection, connection:
        connection.execute("CREATE TABLE notes (note_id TEXT, text TEXT)")
        listed = [*(f"n{number}" for number in range(50)), last]
        connection.executemany("INSERT INTO notes VALUES (?, 'Cough.')", [(of,) for of in listed])
    notes = QueryNotes(f"sqlite:///{tmp_path / 'notes.db'}", "SELECT note_id, text FROM notes")
    run, rows_of = [], notes._database.rows
    monkeypatch.setattr(notes._database, "rows", lambda query: (run.append(query), rows_of(query))[1])
    assert len(list(notes)) == 51
    assert len(run) == runs


def test_the_survey_of_a_long_table_takes_little_more_than_eight_bytes_a_note() -> None:
    def opened(count: int) -> Opened:
        return lambda: nullcontext(Record(n, {"noteid": f"note-{n}", "text": "Cough."}) for n in range(count))

    few, many = (peak_bytes(lambda at=count: survey.survey(opened(at), USUAL)) for count in (25_000, 75_000))
    assert max(0, many - few) < 12 * 50_000
    assert many < 200 * survey.MOST_IDS_HELD

"""A record that is too long to hold is named by its number, and those after it are read."""

from __future__ import annotations

import csv
import random
import tracemalloc
from pathlib import Path

import pytest

from clinsearch.readers import Unreadable, csv_rows, decoding, long_rows, records
from tests.support.note_files import csv_of, jsonl_of, outcomes, reasons, written

LIMIT = 1000
REST = "; the rest of the file was not read"


@pytest.fixture
def low_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (csv_rows, decoding, records):
        monkeypatch.setattr(module, "MAX_RECORD_CHARACTERS", LIMIT)


def too_long(characters: int) -> str:
    return f"{characters:,} characters in one record, more than 1,000; split it"


LONG = [
    "pain " * 9000,
    "pain\nand fever\r\n" * 3000,
    'He said "ouch", and: ' * 3000,
    '"' * 9000,
    "\\" * 9001,
    "a,b;c\t" * 3000,
]


@pytest.mark.usefixtures("low_limit")
@pytest.mark.parametrize("text", LONG)
@pytest.mark.parametrize("place", [1, 2, 3])
def test_a_row_that_is_too_long_leaves_those_around_it(tmp_path: Path, text: str, place: int) -> None:
    rows = [["1", "One."], ["2", "Two, of\ntwo lines."]]
    long = ["9", text]
    content = csv_of(["note_id", "text"], *rows[: place - 1], long, *rows[place - 1 :])
    path = written(tmp_path / "a.csv", content)
    there = outcomes(path)
    assert [one.text for one in there if not isinstance(one, Unreadable)] == ["One.", "Two, of\ntwo lines."]
    (fault,) = (one for one in there if isinstance(one, Unreadable))
    assert fault == Unreadable(path, too_long(len(csv_of(long))), place)


@pytest.mark.usefixtures("low_limit")
def test_a_line_that_is_too_long_leaves_those_around_it(tmp_path: Path) -> None:
    long = {"note_id": "9", "text": "pain " * 9000}
    first, last = {"note_id": "1", "text": "One."}, {"note_id": "2", "text": "Two."}
    path = written(tmp_path / "a.jsonl", jsonl_of(first, long, last))
    assert reasons(path) == [(too_long(len(jsonl_of(long))), 2)]
    assert [one.note_id for one in outcomes(path) if not isinstance(one, Unreadable)] == ["1", "2"]


@pytest.mark.usefixtures("low_limit")
@pytest.mark.parametrize(
    "row", ['2,"' + "x" * 5000 + '" y\n', '2,"a",' + "x" * 5000 + "\n", '2,"' + "x" * 5000, "2" * 5000]
)
def test_what_may_be_a_quote_that_was_never_closed_is_given_up(tmp_path: Path, row: str) -> None:
    path = written(tmp_path / "a.csv", f"note_id,text\n1,One.\n{row.format('x' * 5000)}\n3,Three.\n")
    assert [one.note_id for one in outcomes(path) if not isinstance(one, Unreadable)] == ["1"]
    assert reasons(path) == [(f"a row of more than 1,000 characters{REST}", 2)]


@pytest.mark.usefixtures("low_limit")
def test_a_header_that_is_too_long_is_told(tmp_path: Path) -> None:
    path = written(tmp_path / "a.csv", f"note_id,text{'x' * 5000}\n1,One.\n")
    assert reasons(path) == [(f"a row of more than 1,000 characters{REST}", None)]


@pytest.mark.usefixtures("low_limit")
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("end", ["", ","])
def test_the_ends_of_lines_are_those_of_any_program(tmp_path: Path, ending: str, end: str) -> None:
    rows = ["note_id,text", f"1,One.{end}", f'2,"{"x" * 5000}"{end}', f"3,{'x' * 5000}{end}", f"4,Four.{end}", ""]
    path = written(tmp_path / "a.csv", ending.join(rows))
    assert [number for _, number in reasons(path)] == [2, 3]
    assert [one.note_id for one in outcomes(path) if not isinstance(one, Unreadable)] == ["1", "4"]


@pytest.mark.usefixtures("low_limit")
def test_quotes_behind_backslashes_end_no_long_cell(tmp_path: Path) -> None:
    long = '\\"ouch\\", he said; ' * 3000
    path = written(tmp_path / "a.csv", f'note_id,text\n1,"an \\"escaped\\" word"\n2,"{long}"\n3,"Three."\n')
    assert [number for _, number in reasons(path)] == [2]
    assert [one.note_id for one in outcomes(path) if not isinstance(one, Unreadable)] == ["1", "3"]


@pytest.mark.parametrize("seed", range(4))
def test_a_long_row_ends_where_the_csv_of_python_says(seed: int) -> None:
    """Rows of any signs, in pieces of any length: as many lines and cells, or a fault, as csv.reader finds."""
    rng = random.Random(seed)
    right = 0
    for _ in range(3000):
        lines = ["".join(rng.choices('aa",, ', k=rng.randrange(7))) + "\n" for _ in range(5)]
        blanks = rng.random() < 0.5
        reader = csv.reader(lines, skipinitialspace=blanks, strict=True)
        try:
            row = next(reader)
        except csv.Error:
            row = []
        if row == [] and lines[0] == "\n":
            continue
        width = len(row) or rng.randrange(1, 4)
        found = long_rows.LongRow(",", width, has_blanks=blanks)
        end = long_rows.Ends.LATER
        used = 0
        for line in lines:
            used += 1
            cut = rng.randrange(len(line))
            end = found.read(line[:cut], is_line_end=False)
            if end is not long_rows.Ends.WRONG:
                end = found.read(line[cut:], is_line_end=True)
            if end is not long_rows.Ends.LATER:
                break
        if row:
            assert (end, used) == (long_rows.Ends.HERE, reader.line_num), lines
        else:
            assert end is not long_rows.Ends.HERE, lines
        right += bool(row)
    assert right > 1000


def test_fifty_megabytes_in_a_row_are_not_held(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    with path.open("w", encoding="utf-8") as file:
        file.write('note_id,text\n1,One.\n2,"')
        for _ in range(50):
            file.write("pain, " * 170_000)
        file.write('"\n3,Three.\n')
    tracemalloc.start()
    try:
        found = outcomes(path)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert [getattr(one, "note_id", None) for one in found if not isinstance(one, Unreadable)] == ["1", "3"]
    assert peak < 60_000_000

"""Tables in CSV as Excel, SQL Server, MySQL and Spark write them."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinsearch.readers.csv_rows import csv_rows
from tests.support.note_files import SECRET, notes, reasons, written

ROWS = [["note_id", "text"], ["1", "Heart, lungs; abdomen"], ["2", "No fever."]]


def rows(content: str, usual: str | None = None) -> list[list[str]]:
    return [row for _, row in csv_rows([content], usual)]


@pytest.mark.parametrize(
    "content",
    [
        'sep=;\r\nnote_id;text\r\n1;"Heart, lungs; abdomen"\r\n2;No fever.\r\n',
        'note_id,text\n-------,----\n1,"Heart, lungs; abdomen"\n2,No fever.\n\n(2 rows affected)\n',
        "note_id\ttext\n-------\t----\n1\tHeart, lungs; abdomen\n2\tNo fever.\n\nCompletion time: 2024-01-02T10:00\n",
        "note_id|text\n1|Heart, lungs; abdomen\n2|No fever.\n(1 row)\n",
        'note_id,text\n1,"Heart, lungs; abdomen",\n2,No fever.,,\n',
        'note_id, text\n1, "Heart, lungs; abdomen"\n2, No fever.\n',
        'note_id,text\n1,"Heart, lungs; abdomen"\n2,No fever.\n\x1a',
    ],
)
def test_what_programs_write_around_rows_is_no_row(content: str) -> None:
    assert rows(content) == ROWS


def test_a_line_about_delimiters_may_stand_above_a_table_of_any_name(tmp_path: Path) -> None:
    (note,) = notes(written(tmp_path / "a.tsv", "sep=,\nnote_id,text\n7,No fever.\n"))
    assert (note.note_id, note.text) == ("7", "No fever.")


@pytest.mark.parametrize("text", ['He said "ouch".', '"Ouch", he said', 'a "b', "C:\\temp", "5\\"])
def test_quotes_may_be_escaped_with_backslashes(text: str) -> None:
    written = text.replace('"', '\\"')
    closing = "\\" if text.endswith("\\") else ""
    content = f'note_id,text\n1,"{written}{closing}"\n2,"an \\"escaped\\" word"\n'
    assert rows(content)[1:] == [["1", text + closing], ["2", 'an "escaped" word']]


def test_a_backslash_at_the_end_of_a_cell_is_one() -> None:
    assert rows('note_id,text\n"C:\\","say \\""hello"""\n3,"d:\\"\n')[1:] == [["C:\\", 'say \\"hello"'], ["3", "d:\\"]]


def test_dashes_in_a_row_that_is_not_the_first_and_cells_beyond_the_header_are_told(tmp_path: Path) -> None:
    path = written(tmp_path / "a.csv", f"note_id,text\n1,a\n--,--\n2,{SECRET},{SECRET}\n3,b,,\n")
    assert reasons(path) == [("cells in the row: 3, in the header: 2", 3)]


@given(st.lists(st.lists(st.text('ab,;"\\ \n-', max_size=6), min_size=2, max_size=2), max_size=4))
def test_whatever_is_quoted_as_usual_comes_back(cells: list[list[str]]) -> None:
    quoted = ["note_id,text", "x,y", *(",".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in cells)]
    assert rows("\n".join(quoted) + "\n")[2:] == cells

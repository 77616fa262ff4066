"""Records of tables and of JSON lines, and what is said of those that are no notes."""

from __future__ import annotations

import csv
import io
from collections import Counter
from datetime import datetime
from pathlib import Path

import pytest

from clinsearch.readers import MAX_NOTE_CHARACTERS, NoteFiles, Unreadable
from clinsearch.records import Note
from tests.support.note_files import SECRET, csv_of, jsonl_of, notes, only_note, outcomes, reasons, written

NOT_A_DATE = "note_datetime is not a date: use 2024-03-02 or 2024-03-02T21:40"


WHICH = "; if one of them is the text, say so: --text-column NAME"


REST = "; the rest of the file was not read"


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_csv_is_read_whatever_its_delimiter_and_line_ends(tmp_path: Path, delimiter: str, end: str) -> None:
    rows = [["ROW_ID", "Subject ID", 'a,;"b', "TEXT"], ["1", "p", "x", "one, two; \n\rthree\t"]]
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter, lineterminator=end).writerows(rows)
    path = written(tmp_path / "a.csv", end + out.getvalue() + end)
    assert only_note(path) == Note("1", "one, two; \n\rthree\t", "p", source=str(path))


def test_the_first_alias_that_is_not_empty_wins(tmp_path: Path) -> None:
    header = ["report", "TEXT", "id", "note_id", "chartdate", "CHARTTIME", "mrn", "Patient-ID", "category"]
    path = written(
        tmp_path / "a.csv",
        csv_of(
            header,
            ["r1", "t1", "i1", "n1", "2024-03-01", "2024-03-02 21:40:00", "m1", "p1", "c1"],
            ["r2", " ", "i2", "", "2024-03-01", "", "m2", "", ""],
        ),
    )
    assert notes(path) == [
        Note("n1", "t1", "p1", None, "c1", datetime(2024, 3, 2, 21, 40), None, str(path)),
        Note("i2", "r2", "m2", None, None, datetime(2024, 3, 1), None, str(path)),
    ]


def test_records_without_an_id_are_numbered_and_blank_lines_are_not_counted(tmp_path: Path) -> None:
    written(tmp_path / "w" / "a.csv.gz", "text,id\n\none,\n\n\ntwo,x\nthree,\n")
    written(tmp_path / "w" / "b.jsonl", '\n{"text": "one"}\n \n{"text": "two", "id": 7}\r\n{"text": "three"}')
    assert [n.note_id for n in notes(tmp_path)] == ["w/a#1", "x", "w/a#3", "w/b#1", "7", "w/b#3"]


def test_json_values_become_strings_as_they_are_written(tmp_path: Path) -> None:
    path = written(
        tmp_path / "a.jsonl",
        '{"text": "one", "id": 12345678901234567890, "mrn": 1.10, "hadm_id": null, "title": "", "type": NaN}'
        "\n"
        '{"text": 5, "visit_id": -0, "id": ' + "9" * 5000 + "}\n",
    )
    assert notes(path) == [
        Note("12345678901234567890", "one", "1.10", source=str(path)),
        Note("9" * 5000, "5", encounter_id="-0", source=str(path)),
    ]


def test_columns_and_keys_that_no_note_has_are_counted_by_file(tmp_path: Path) -> None:
    written(tmp_path / "a.csv", "text,Ward,,x y\none,A,,\ntwo,B,,\n")
    written(tmp_path / "b.jsonl", jsonl_of({"text": "1", "Ward": 1}, {"text": "2", "bed": []}))
    written(tmp_path / "c.jsonl", jsonl_of({"text": "1", f"the patient has {SECRET}": 1}))
    files = NoteFiles([tmp_path])
    assert len(list(files)) == 5
    assert files.ignored_fields == Counter({"Ward": 2, "x y": 1, "bed": 1, "(no usual name)": 1})


def test_the_names_of_ignored_keys_do_not_pile_up_without_end(tmp_path: Path) -> None:
    path = written(tmp_path / "a.jsonl", jsonl_of(*[{"text": "x", f"k{n}": 1} for n in range(1500)]))
    files = NoteFiles([path])
    assert len(list(files)) == 1500
    assert len(files.ignored_fields) == 1000


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        ('{"text": "zyxwarfarin', "not JSON: Invalid control character at (column 22)"),
        ('{"text": "zyxwarfarin \\q"}', "not JSON: Invalid \\escape (column 23)"),
        ('{"text": "a"} zyxwarfarin', "not JSON: Extra data (column 15)"),
        ("zyxwarfarin", "not JSON: Expecting value (column 1)"),
        ('["zyxwarfarin"]', "not a JSON object"),
        ("[" * 100_000, "JSON nested too deep"),
        ('{"text": {"zyxwarfarin": 1}}', "text is an object, not a string; write one record for each note"),
        ('{"text": ["zyxwarfarin"]}', "text is an array, not a string; write one record for each note"),
        ('{"text": true}', "text is true or false, not a string; write one record for each note"),
        ('{"text": "", "id": 1}', "no text in it"),
        ('{"text": null, "id": 1}', "no text in it"),
        ('{"bulk": "zyxwarfarin"}', "no text in it"),
        ('{"bulk_text": "zyxwarfarin", "id": 1}', "no text in it; it has bulk_text, id" + WHICH),
        ('{"text": "zyxwarfarin \\ud800"}', "text holds an unpaired surrogate"),
        ('{"text": "zyxwarfarin", "mrn": "\\udc00"}', "patient_id holds an unpaired surrogate"),
        ('{"text": "zyxwarfarin \\u0000."}', "text holds a NUL character"),
    ],
)
def test_an_unusable_json_record_is_told_without_its_text_and_the_rest_is_read(
    tmp_path: Path, record: str, reason: str
) -> None:
    path = written(tmp_path / "a.jsonl", f'{{"text": "one"}}\n{record}\n{{"text": "\\ud834\\udd1e"}}\n')
    source = str(path)
    assert outcomes(path) == [
        Note("a#1", "one", source=source),
        Unreadable(path, reason, 2),
        Note("a#3", "𝄞", source=source),
    ]


def test_a_nested_value_in_another_field_is_told_and_the_note_is_kept(tmp_path: Path) -> None:
    path = written(tmp_path / "a.jsonl", jsonl_of({"text": "one", "patient": {"name": SECRET}}))
    assert outcomes(path) == [
        Note("a#1", "one", source=str(path)),
        Unreadable(path, "patient_id is an object, not a string or number", 1),
    ]


def test_a_csv_row_with_other_cells_than_the_header_is_told_and_the_rest_is_read(tmp_path: Path) -> None:
    path = written(tmp_path / "a.csv", f"id,text\n1,one\n2,{SECRET},x\n{SECRET}\n4,four\n")
    assert outcomes(path) == [
        Note("1", "one", source=str(path)),
        Unreadable(path, "cells in the row: 3, in the header: 2", 2),
        Unreadable(path, "cells in the row: 1, in the header: 2", 3),
        Note("4", "four", source=str(path)),
    ]


def test_a_csv_is_given_up_at_a_malformed_quote(tmp_path: Path) -> None:
    reason = f"a quote out of place or never closed{REST}"
    head = "id,text\n1,one\n"
    for row in (f'2,"he said "{SECRET}"\n3,{SECRET}', f'2,"{SECRET}\n3,three'):
        path = written(tmp_path / "a.csv", f"{head}{row}\n")
        assert outcomes(path) == [Note("1", "one", source=str(path)), Unreadable(path, reason, 2)]
    assert reasons(written(tmp_path / "a.csv", f'id,"text\n1,{SECRET}\n')) == [(reason, None)]


def test_a_row_that_never_ends_is_given_up(tmp_path: Path) -> None:
    reason = f"a row of more than 21,000,000 characters{REST}"
    for endless in ('"' + ("x" * 99 + "\n") * 220_000, ('"' + "x" * 99 + '\n",') * 220_000, '"' + "x" * 22_000_000):
        path = written(tmp_path / "a.csv", f"text\none\n{endless}")
        assert outcomes(path) == [Note("a#1", "one", source=str(path)), Unreadable(path, reason, 2)]


def test_a_csv_without_a_column_for_the_text_is_told_with_the_columns_it_has(tmp_path: Path) -> None:
    path = written(tmp_path / "a.csv", f"Subject ID,,storetime\n1,,{SECRET}\n")
    start = "no column for the text (text, note_text, note, report, …); "
    assert reasons(path) == [(f"{start}it has Subject ID, storetime{WHICH}", None)]


@pytest.mark.parametrize(
    "line",
    [
        f"17,{SECRET}",
        f"a,the patient takes {SECRET}",
        SECRET,
        f"Aspirin, {SECRET}",
        f"Aspirin,{SECRET}",
        f"id,{SECRET}, 7 mg",
        f"a,{SECRET * 9}",
    ],
)
def test_the_first_line_of_a_csv_without_a_header_is_not_shown(tmp_path: Path, line: str) -> None:
    ((reason, _),) = reasons(written(tmp_path / "a.csv", f"{line}\n2,x\n"))
    assert reason.endswith("its first line does not look like a header")


def test_the_limit_for_csv_fields_is_never_lowered(tmp_path: Path) -> None:
    path = written(tmp_path / "a.csv", "text\none\n")
    before = csv.field_size_limit()
    try:
        for limit in (1000, 10**9):
            csv.field_size_limit(limit)
            assert len(notes(path)) == 1
            assert csv.field_size_limit() >= max(limit, MAX_NOTE_CHARACTERS)
    finally:
        csv.field_size_limit(before)


@pytest.mark.parametrize(
    ("value", "when"),
    [
        ("2024-03-02", datetime(2024, 3, 2)),
        ("20240302", datetime(2024, 3, 2)),
        ("2024-03-02T21:40", datetime(2024, 3, 2, 21, 40)),
        (" 2024-03-02 21:40:00 ", datetime(2024, 3, 2, 21, 40)),
        ("2024-03-02 21:40:00.5", datetime(2024, 3, 2, 21, 40, 0, 500_000)),
        ("2024-03-02T21:40:00Z", datetime(2024, 3, 2, 21, 40)),
        ("2024-03-02T21:40:00-05:00", datetime(2024, 3, 2, 21, 40)),
        ("03/02/2024", datetime(2024, 3, 2)),
        ("3/2/2024 21:40", datetime(2024, 3, 2, 21, 40)),
        ("03/02/2024 21:40:07", datetime(2024, 3, 2, 21, 40, 7)),
    ],
)
def test_a_date_is_read(tmp_path: Path, value: str, when: datetime) -> None:
    assert only_note(written(tmp_path / "a.csv", f"text,date\none,{value}\n")).note_datetime == when
    assert only_note(written(tmp_path / "a.jsonl", jsonl_of({"text": "x", "date": value}))).note_datetime == when
    assert only_note(written(tmp_path / "a.txt", f"---\ndate: {value}\n---\none")).note_datetime == when


@pytest.mark.parametrize(
    "value",
    [
        "yesterday",
        "2024",
        "2024-13-01",
        "2024-03-02 25:00",
        "13/13/2024",
        "202403022560",
        "2024030221400",
        "1e5",
    ],
)
def test_what_is_not_a_date_is_told_after_its_note_without_the_value(tmp_path: Path, value: str) -> None:
    path = written(tmp_path / "a.csv", f"text,date\none,{value}\n")
    assert outcomes(path) == [Note("a#1", "one", source=str(path)), Unreadable(path, NOT_A_DATE, 1)]
    path = written(tmp_path / "a.txt", f"---\ndate: {value}\n---\none")
    assert outcomes(path) == [Note("a", "one", source=str(path)), Unreadable(path, NOT_A_DATE)]

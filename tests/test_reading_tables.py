"""What tables, headers and cells of exports come to: rows of a note, words for nothing, dates, foreign formats."""

from __future__ import annotations

import base64
import csv
import io
import json
import random
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from clinsearch.readers import NoteFiles, Unreadable, parse_datetime
from clinsearch.readers import joining as joining_module
from clinsearch.readers.markup import kind_of_markup
from clinsearch.records import Note
from tests.conftest import real_notes

SECRET = "zyxwarfarin"
QUICK = settings(
    max_examples=40,
    deadline=None,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=list(HealthCheck),
)


def table(path: Path, *rows: Sequence[str], delimiter: str = ",") -> Path:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter).writerows(rows)
    path.write_bytes(out.getvalue().encode())
    return path


def read(*paths: Path, **options: str) -> tuple[list[Note], list[Unreadable]]:
    found = list(NoteFiles(list(paths), **options))
    notes = [one for one in found if isinstance(one, Note)]
    return notes, [one for one in found if isinstance(one, Unreadable)]


def texts(*paths: Path) -> dict[str, str]:
    notes, faults = read(*paths)
    assert not faults
    return {note.note_id: note.text for note in notes}


# Notes of several rows

HNO = ["NOTE_ID", "LINE", "PAT_ID", "NOTE_TEXT"]
ROWS = [
    ["9001", "2", "Z1", "no fever. PLAN: rest and"],
    ["9001", "1", "Z1", "HPI: Cough for three days and "],
    ["9001", "3", "Z1", "fluids."],
    ["9002", "1", "Z2", "HPI: Ankle sprain."],
]
VERSIONS = "; if it has versions, name their id: --id-column NAME"
COUGH = "HPI: Cough for three days and no fever. PLAN: rest and\nfluids."


@pytest.mark.parametrize("name", ["LINE", "Line_Num", "note line", "line_number"])
def test_a_note_of_several_rows_is_joined_in_the_order_of_its_lines(tmp_path: Path, name: str) -> None:
    for seed in range(5):
        rows = random.Random(seed).sample(ROWS, len(ROWS))
        path = table(tmp_path / "hno.csv", ["NOTE_ID", name, "PAT_ID", "NOTE_TEXT"], *rows)
        files = NoteFiles([path])
        notes = [one for one in files if isinstance(one, Note)]
        assert not files.ignored_fields
        assert sorted((n.note_id, n.patient_id, n.text) for n in notes) == [
            ("9001", "Z1", COUGH),
            ("9002", "Z2", "HPI: Ankle sprain."),
        ]


def test_lines_are_numbers_and_ten_comes_after_nine(tmp_path: Path) -> None:
    rows = [["1", str(line), "P", f"word{line} "] for line in random.Random(1).sample(range(1, 13), 12)]
    assert texts(table(tmp_path / "a.csv", HNO, *rows)) == {"1": "".join(f"word{line} " for line in range(1, 13))}


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        (["1", "3"], "note 9 lacks line 2 (records 2, 3)"),
        (["2", "3"], "note 9 lacks line 1 (records 2, 3)"),
        (
            ["1", "2", "2"],
            "note 9 has line 2 twice (records 3, 4); if it has versions, name their id: --id-column NAME",
        ),
        (["2"], "note 9 lacks line 1 (record 2)"),
    ],
)
def test_a_note_that_lacks_a_line_or_has_one_twice_is_refused_by_name_and_the_rest_is_read(
    tmp_path: Path, lines: list[str], reason: str
) -> None:
    other = [["8", "1", "P", "Cough "], ["8", "2", "P", "at night."]]
    rows = [["9", line, "P", f"{SECRET} {number}"] for number, line in enumerate(lines)]
    path = table(tmp_path / "a.csv", HNO, other[0], *rows, other[1])
    notes, faults = read(path)
    assert [(note.note_id, note.text) for note in notes] == [("8", "Cough at night.")]
    assert [fault.reason for fault in faults] == [reason]


def test_a_row_that_stands_twice_word_for_word_is_one_row(tmp_path: Path) -> None:
    path = table(tmp_path / "a.csv", HNO, ["9", "1", "P", "Cough "], ["9", "1", "P", "Cough "], ["9", "2", "P", "now."])
    assert texts(path) == {"9": "Cough now."}


def test_fields_of_a_note_come_from_its_first_rows_and_what_differs_is_told(tmp_path: Path) -> None:
    header = ["note_id", "line", "patient_id", "note_type", "date", "text"]
    rows = [
        ["9", "1", "P1", "", "2024-03-02", "Cough "],
        ["9", "2", "", "letter", "2024-03-03", "at night."],
        ["7", "1", "P1", "", "", "Rash "],
        ["7", "2", "P2", "", "", "at night."],
    ]
    (note,), faults = read(table(tmp_path / "a.csv", header, *rows))
    assert (note.patient_id, note.note_type, note.note_datetime) == ("P1", "letter", datetime(2024, 3, 2))
    assert [(fault.reason, fault.kind) for fault in faults] == [
        ("note_datetime differs among the records of note 9; the first is kept", "field"),
        ("note 7 is of two patients (records 3, 4)", "parts"),
    ]


def test_pieces_that_were_cut_for_their_length_are_joined_without_a_break(tmp_path: Path) -> None:
    text = "".join(f"word{n} " for n in range(400)).replace(" ", "x", 30)
    cut = [text[start : start + 500] for start in range(0, len(text), 500)]
    rows = [["9", str(line), "P", piece] for line, piece in enumerate(cut, start=1)]
    assert texts(table(tmp_path / "a.csv", HNO, *rows)) == {"9": text}


def test_an_empty_row_of_a_note_is_no_gap_and_none_may_be_said(tmp_path: Path) -> None:
    rows = [["9", "1", "P", "ALLERGIES:"], ["9", "2", "P", "None"], ["9", "3", "P", "NULL"], ["9", "4", "P", ""]]
    assert texts(table(tmp_path / "a.csv", HNO, *rows, ["9", "5", "P", "PLAN: rest"])) == {
        "9": "ALLERGIES:\nNone\nPLAN: rest"
    }


def test_a_column_line_that_does_not_number_the_rows_of_notes_is_another_field(tmp_path: Path) -> None:
    numbered = table(tmp_path / "a.csv", HNO, ["1", "1", "P", "one"], ["2", "2", "P", "two"], ["3", "3", "P", "three"])
    assert texts(numbered) == {"1": "one", "2": "two", "3": "three"}
    named = table(tmp_path / "b.csv", HNO, ["4", "oncology", "P", "one"], ["5", "surgery", "P", "two"])
    assert texts(named) == {"4": "one", "5": "two"}


def test_an_id_of_several_texts_gives_no_note_and_its_other_records_are_one(tmp_path: Path) -> None:
    rows = [["1", "one"], ["2", SECRET], ["1", "one"], *[[str(n), "x"] for n in range(10, 99)], ["2", f"{SECRET} 2"]]
    notes, faults = read(table(tmp_path / "a.csv", ["note_id", "text"], *rows))
    assert [note.note_id for note in notes] == ["1", "1", *map(str, range(10, 99))]
    remedy = "give each its own id, or number the rows of a note in a column LINE"
    assert [fault.reason for fault in faults] == [f"note id 2 has several texts or patients (records 2, 93); {remedy}"]
    assert faults[0].kind == "parts"


def test_a_table_that_gives_each_note_twice_is_read_without_holding_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(joining_module, "MAX_HELD_CHARACTERS", 2_000)
    rows = [[str(n), f"{n} " + "x" * 90] for n in range(50)]
    notes, faults = read(table(tmp_path / "a.csv", ["note_id", "text"], *rows, *rows))
    assert ([note.note_id for note in notes], faults) == ([row[0] for row in rows] * 2, [])


def test_one_text_under_one_id_for_two_patients_is_no_note(tmp_path: Path) -> None:
    rows = [["1", "P1", "Cough"], ["1", "P2", "Cough"], ["2", "P1", "Rash"]]
    notes, faults = read(table(tmp_path / "a.csv", ["note_id", "patient_id", "text"], *rows))
    assert ([note.note_id for note in notes], [fault.kind for fault in faults]) == (["2"], ["parts"])


def test_rows_that_may_be_lost_with_a_malformed_one_or_the_rest_of_a_file_make_no_note(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    whole = "8,1,Cough \n8,2,at night.\n"
    path.write_text(f"note_id,line,text\n{whole}9,1,Rash\n9,2,two,cells\n7,1,Wheeze\n6,1,Clear\n")
    assert [note.note_id for note in read(path)[0]] == ["8", "6"]
    path.write_text(f'note_id,line,text\n{whole}9,1,Rash\n9,2,"never ends\n')
    assert [note.note_id for note in read(path)[0]] == ["8"]


def test_a_note_whose_rows_are_parted_among_tables_is_refused_in_each(tmp_path: Path) -> None:
    table(tmp_path / "1.csv", HNO, ["8", "1", "P", "Cough"], ["9", "1", "P", SECRET], ["9", "2", "P", SECRET])
    table(tmp_path / "2.csv", HNO, ["9", "3", "P", SECRET], ["7", "1", "P", "Rash"])
    notes, faults = read(tmp_path)
    assert [note.note_id for note in notes] == ["8", "7"]
    assert [(fault.path.name, fault.reason) for fault in faults] == [
        ("1.csv", "note 9 has rows in another table, too (records 2, 3); put them into one"),
        ("2.csv", "note 9 has rows in another table, too (record 1); put them into one"),
    ]


def test_a_note_that_is_whole_in_two_tables_is_read_from_each(tmp_path: Path) -> None:
    for name in ("1.csv", "2.csv"):
        table(tmp_path / name, HNO, ["9", "1", "P", "Cough "], ["9", "2", "P", "now."])
    notes, faults = read(tmp_path)
    assert ([note.text for note in notes], faults) == (["Cough now."] * 2, [])


def test_a_table_whose_rows_are_too_far_apart_to_be_held_is_refused_with_the_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(joining_module, "MAX_HELD_CHARACTERS", 2_000)
    rows = [[str(n), str(line), "P", "x" * 90 + " "] for line in (1, 2) for n in range(50)]
    path = table(tmp_path / "a.csv", HNO, *rows)
    notes, faults = read(path)
    assert not notes
    assert "sort it by note id" in faults[-1].reason
    assert len(read(table(path, HNO, *sorted(rows)))[0]) == 50


PIECES = st.lists(st.text("ab \n", min_size=1, max_size=5), min_size=1, max_size=4)


@QUICK
@given(notes=st.lists(PIECES, min_size=2, max_size=4), seed=st.integers(0, 9), form=st.sampled_from(["csv", "jsonl"]))
def test_rows_in_any_order_come_to_the_same_notes(tmp_path: Path, notes: list[list[str]], seed: int, form: str) -> None:
    notes = [*notes, ["Cough ", "at night."]]
    rows = [
        [str(number), str(line), "P", piece]
        for number, pieces in enumerate(notes)
        for line, piece in enumerate(pieces, start=1)
    ]
    random.Random(seed).shuffle(rows)
    path = tmp_path / f"a.{form}"
    if form == "csv":
        table(path, HNO, *rows)
    else:
        path.write_text("".join(json.dumps(dict(zip(HNO, row, strict=True))) + "\n" for row in rows))
    found, faults = read(path)
    expected = {str(n): "".join(pieces).split() for n, pieces in enumerate(notes) if "".join(pieces).strip()}
    assert {note.note_id: "".join(note.text.split()) for note in found} == {
        note_id: "".join(words) for note_id, words in expected.items()
    }
    assert len(faults) == len(notes) - len(expected)


# Words for nothing, and numbers that a program made fractions of

NOTHING = ["", " ", "NULL", "null", "nan", "NaN", "\\N", "None", "<NA>", "NaT", "N/A", "#N/A", "(null)"]


@pytest.mark.parametrize("word", NOTHING)
def test_a_word_for_nothing_is_nothing_wherever_it_stands(tmp_path: Path, word: str) -> None:
    header = ["note_id", "patient_id", "encounter_id", "note_type", "date", "title", "text"]
    path = table(tmp_path / "a.csv", header, [word] * 6 + ["Cough"], ["n2", *["x"] * 3, "", "x", word])
    (note,), faults = read(path)
    assert note == Note("a#1", "Cough", source=str(path))
    assert [(fault.reason, fault.record, fault.kind) for fault in faults] == [("no text in it", 2, "no_text")]


def test_a_word_for_nothing_within_a_text_is_text(tmp_path: Path) -> None:
    path = table(tmp_path / "a.csv", ["id", "text"], ["1", "None."], ["2", "Allergies: none"], ["3", "NULL and void"])
    assert texts(path) == {"1": "None.", "2": "Allergies: none", "3": "NULL and void"}


def test_a_date_beside_a_word_for_nothing_is_taken(tmp_path: Path) -> None:
    header = ["note_id", "note_date", "note_datetime", "note_text"]
    notes, faults = read(table(tmp_path / "a.tsv", header, ["1", "2024-03-02", "\\N", "x"], delimiter="\t"))
    assert [note.note_datetime for note in notes] == [datetime(2024, 3, 2)]
    assert not faults


@pytest.mark.parametrize(
    ("written", "ids"),
    [
        (["12345.0", "7.0", "nan"], ["12345", "7", None]),
        (["12345.0", "7"], ["12345", "7"]),
        (["1.10", "2.0"], ["1.10", "2.0"]),
        (["v2.0", "3.0"], ["v2.0", "3.0"]),
        (["1.00", "2.00"], ["1.00", "2.00"]),
    ],
)
@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_ids_that_a_program_made_fractions_of_are_whole_again(
    tmp_path: Path, written: list[str], ids: list[str | None], form: str
) -> None:
    path = tmp_path / f"a.{form}"
    if form == "csv":
        table(path, ["patient_id", "text"], *([one, "Cough"] for one in written))
    else:
        path.write_text("".join(f'{{"patient_id": "{one}", "text": "Cough"}}\n' for one in written))
    assert [note.patient_id for note in read(path)[0]] == ids


# Dates

EVENING = datetime(2024, 3, 2, 21, 40)


@pytest.mark.parametrize(
    "written",
    [
        "2-Mar-2024", "02MAR2024", "02-MAR-24", "March 2, 2024", "Mar 2 2024", "2 March 2024", "2nd of March 2024",
        "Saturday, March 2, 2024", "3/2/24", "3/2/2024", "03-02-2024", "2024/03/02", "2024-3-2", "02.03.2024",
        "2.3.24", "20240302", "20240302.0", "2024-Mar-02", "Sat 2 Mar 2024", "Mar. 2, 2024", "2024.03.02",
    ],
)  # fmt: skip
def test_a_day_is_read_in_many_spellings(written: str) -> None:
    assert parse_datetime(written) == datetime(2024, 3, 2)


@pytest.mark.parametrize(
    "written",
    [
        "3/2/2024 9:40 PM",
        "3/2/24 9:40pm", "Mar 2 2024  9:40PM", "March 2, 2024 at 9:40 p.m.", "2 March 2024 at 21:40",
        "2024-03-02 21:40:00 UTC", "2024-03-02T21:40:00+00:00", "2024-03-02T21:40:00.000Z", "2024-03-02 21.40",
        "2024-03-02 21:40:00.000000000", "2024-03-02 21:40:00 -0500", "2024-03-02 21:40:00 EST", "202403022140",
        "20240302214000", "20240302214000-0500", "20240302214000.000-0500", "20240302T214000Z", "20240302 21:40",
        "Sat Mar  2 21:40:00 2024", "Sat Mar 2 21:40:00 UTC 2024", "Sat, 02 Mar 2024 21:40:00 +0000",
        "02-MAR-24 09.40.00.000000 PM", "02MAR2024:21:40:00", "2024/03/02 21:40", "02.03.2024 21:40",
        "02.03.2024, 21:40 Uhr", "2024-03-02 21:40:00.000 +0000 UTC",
        "3/2/2024, 9:40:00 PM", "3/2/2024 21:40 PM", "1709415600", "1709415600000",
        "Sat Mar 02 2024 21:40:00 GMT-0500 (Eastern Standard Time)", "2024-03-02-21.40.00.000000",
    ],
)  # fmt: skip
def test_a_day_and_a_time_are_read_in_many_spellings(written: str) -> None:
    assert parse_datetime(written) == EVENING


@pytest.mark.parametrize(
    "written",
    [
        "", "yesterday", "2024", "March 2024", "2024-03", "31/04/2024", "2024-02-30", "3/2", "12", "1e5",
        "2024-03-02 25:00", "3/2/2024 21:40 AM", "0:10 PM", "3/2/2024 0:40 PM", "99999999999",
        "9934567890123", "20241301", "Marble 2, 2024", "2/3/4", "120/80", "3-2",
    ],
)  # fmt: skip
def test_what_is_no_date_is_not_read_as_one(written: str) -> None:
    assert parse_datetime(written) is None


def test_midnight_and_noon_are_told_apart() -> None:
    assert parse_datetime("3/2/2024 12:05 AM") == datetime(2024, 3, 2, 0, 5)
    assert parse_datetime("3/2/2024 12:05 PM") == datetime(2024, 3, 2, 12, 5)


def test_a_year_of_two_digits_is_not_in_the_future() -> None:
    assert parse_datetime("3/2/98") == datetime(1998, 3, 2)
    assert parse_datetime("3/2/45") == datetime(1945, 3, 2)


@pytest.mark.parametrize(
    ("written", "days"),
    [
        (["03/02/2024", "04/02/2024", "25/02/2024"], [datetime(2024, 2, day) for day in (3, 4, 25)]),
        (["02/03/2024", "02/04/2024", "02/25/2024"], [datetime(2024, 2, day) for day in (3, 4, 25)]),
        (["02/03/2024", "02/04/2024"], [datetime(2024, 2, day) for day in (3, 4)]),
        (["25/02/2024", "02/26/2024", "03/02/2024"], [datetime(2024, 2, 25), None, datetime(2024, 2, 3)]),
    ],
)
@pytest.mark.parametrize("form", ["csv", "txt"])
def test_the_dates_of_one_origin_are_all_read_with_the_day_first_or_all_with_the_month(
    tmp_path: Path, written: list[str], days: list[datetime | None], form: str
) -> None:
    if form == "csv":
        table(tmp_path / "a.csv", ["date", "text"], *([one, "Cough"] for one in written))
    else:
        for number, one in enumerate(written):
            (tmp_path / f"{number}.txt").write_text(f"---\ndate: {one}\n---\nCough")
    notes, faults = read(tmp_path)
    assert [note.note_datetime for note in notes] == days
    assert [fault.kind for fault in faults] == ["date"] * days.count(None)


@QUICK
@given(when=st.datetimes(datetime(1950, 1, 1), datetime(2049, 12, 31)))
def test_a_date_that_was_written_is_read_back(when: datetime) -> None:
    when = when.replace(second=0, microsecond=0)
    for form in ("%d-%b-%Y %H:%M", "%B %d, %Y %I:%M %p", "%m/%d/%Y %I:%M%p", "%d.%m.%Y %H:%M", "%Y%m%d%H%M", "%c"):
        assert parse_datetime(when.strftime(form)) == when
    assert parse_datetime(when.strftime("%d/%m/%Y"), day_first=True) == datetime(when.year, when.month, when.day)


# Other formats under the wrong name

RTF = r"{\rtf1\ansi\deff0{\fonttbl{\f0 Calibri;}}\f0\fs22 \b HPI:\b0  Dry cough.\par}"
HTML = "<html><head><style>.x{color:red}</style></head><body><p>Dry cough.</p></body></html>"
FRAGMENT = "<div class='n'><p>Dry cough.</p></div>"
BREAKS = "Dry cough.<br>No fever.<br/>PLAN: rest.<br>"
CCDA = '<?xml version="1.0"?>\n<ClinicalDocument xmlns="urn:hl7-org:v3"><title>Note</title></ClinicalDocument>'
BARE_XML = "<note><id>7</id><body>Dry cough.</body></note>"
HL7 = "MSH|^~\\&|LAB|H|EHR|H|202403022140||MDM^T02|77|P|2.5\rOBX|1|TX|||Dry cough."
JSON = '{"resourceType": "DocumentReference", "id": "d1"}'
PRETTY = json.dumps([{"note_id": "n1", "text": "Dry cough."}], indent=1)
ENCODED = base64.b64encode(b"HPI: Dry cough for three days, worse at night. No fever.\n" * 4).decode()
MIME = base64.encodebytes(b"%PDF-1.4 of nothing at all, and yet it is long enough to be seen, 123" * 3).decode()
FOREIGN = [
    (RTF, "rtf"), (HTML, "html"), (FRAGMENT, "html"), (BREAKS, "html"), (CCDA, "xml"), (BARE_XML, "xml"), (HL7, "hl7"),
    ("\x0b" + HL7, "hl7"), (JSON, "json"), (PRETTY, "json"), (ENCODED, "encoded"), (MIME, "pdf"),
    ("data:text/plain;base64," + ENCODED, "encoded"), ("\ufeff  " + CCDA, "xml"), ("%PDF-1.4 1 0 obj", "pdf"),
]  # fmt: skip


@pytest.mark.parametrize(("content", "kind"), FOREIGN)
def test_another_format_in_a_text_file_or_a_cell_is_refused_as_what_it_is(
    tmp_path: Path, content: str, kind: str
) -> None:
    (tmp_path / "a.txt").write_text(content)
    (tmp_path / "b.md").write_text("---\ntitle: T\n---\n" + content)
    table(tmp_path / "c.csv", ["id", "text"], ["1", content], ["2", "Cough"])
    (tmp_path / "d.jsonl").write_text(json.dumps({"text": content}) + "\n")
    (tmp_path / "e.txt").write_text("Rash")
    notes, faults = read(tmp_path)
    assert [note.text for note in notes] == ["Cough", "Rash"]
    assert [(fault.kind, fault.path.name) for fault in faults] == [
        (kind, name) for name in ("a.txt", "b.md", "c.csv", "d.jsonl")
    ]
    assert not any("cough" in fault.reason.lower() for fault in faults)


@pytest.mark.parametrize(
    ("content", "kind"),
    [(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n", "pdf"), (b"PK\x03\x04\x14\0\0", "office"), (RTF.encode(), "rtf")],
)
@pytest.mark.parametrize("name", ["a.txt", "a.csv", "a.jsonl"])
def test_a_document_under_the_name_of_a_text_is_not_taken_for_another_encoding(
    tmp_path: Path, name: str, content: bytes, kind: str
) -> None:
    (tmp_path / name).write_bytes(content)
    (fault,) = read(tmp_path)[1]
    assert (fault.kind, "--encoding" in fault.reason) == (kind, False)


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl", "a.tsv"])
@pytest.mark.parametrize(("content", "kind"), [(RTF, "rtf"), (HTML, "html"), (CCDA, "xml"), (HL7, "hl7")])
def test_another_format_under_the_name_of_a_table_is_refused_as_what_it_is(
    tmp_path: Path, name: str, content: str, kind: str
) -> None:
    (tmp_path / name).write_text(content)
    assert [fault.kind for fault in read(tmp_path)[1]] == [kind]


def test_a_table_under_the_name_of_a_text_is_refused_as_a_table(tmp_path: Path) -> None:
    table(tmp_path / "a.txt", ["note_id", "person_id", "note_text"], ["1", "2", "Cough"], delimiter="\t")
    assert [(fault.kind, fault.reason) for fault in read(tmp_path)[1]] == [
        ("table", "a table, not plain text; name it .csv or .tsv")
    ]


@pytest.mark.parametrize(
    "text",
    [
        "<NAME> is a 60 year old man seen on <DATE>.",
        "<10 RBC per field, WBC <5, lactate < 2",
        "[**2024-03-02**] Admission",
        "{see scanned document}",
        "[1] Cough\n[2] Fever",
        "MSH 2 deficient on staining",
        "PDF of the outside study was reviewed.",
        "Temp <38 and HR >100; pt <b>very</b> ill",
        "x" * 500,
        "1234567890" * 50,
        "ACGT" * 100,
        "JSON",
        "note, text and report were reviewed",
    ],
)
def test_a_note_that_only_looks_a_little_like_another_format_is_read(tmp_path: Path, text: str) -> None:
    assert kind_of_markup(text) is None
    (tmp_path / "a.txt").write_text(text)
    assert texts(tmp_path) == {"a": text}


def test_no_real_note_is_taken_for_another_format() -> None:
    assert not [note["id"] for note in real_notes() if kind_of_markup(note["text"])]


# JSON, and names of columns


def test_an_array_in_a_json_file_is_read_record_by_record(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(
        '[\n {"note_id": "n1",\n "note": "Cough"},\n 7, {"noteId": "n2", "content": "Rash"}]'
    )
    (tmp_path / "b.json").write_text('{"note_id": "n3", "text": "Clear"}')
    (tmp_path / "c.json").write_text('{"text": "no end"')
    notes, faults = read(tmp_path)
    assert [(note.note_id, note.text) for note in notes] == [("n1", "Cough"), ("n2", "Rash"), ("n3", "Clear")]
    assert [(fault.path.name, fault.record) for fault in faults] == [("a.json", 2), ("c.json", None)]


def test_an_array_that_is_too_long_to_be_held_is_refused_with_the_remedy(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('[{"text": "' + "x" * 21_000_001 + '"}]')
    (fault,) = read(tmp_path)[1]
    assert (fault.kind, ".jsonl" in fault.reason) == ("too_long", True)


def test_a_fhir_resource_is_refused_as_what_it_is(tmp_path: Path) -> None:
    resource = {"resourceType": "DocumentReference", "id": "d1", "content": [{"attachment": {"data": ENCODED}}]}
    (tmp_path / "a.ndjson").write_text(json.dumps(resource) + "\n" + json.dumps({"id": 1, "text": "Cough"}) + "\n")
    notes, (fault,) = read(tmp_path)
    assert [note.text for note in notes] == ["Cough"]
    assert fault.kind == "fhir"
    assert "a FHIR DocumentReference" in fault.reason


@pytest.mark.parametrize(
    "name", ["transcription", "Clinical_Note", "notes", "Note Text", "noteText", "REPORT-TEXT", "content"]
)
def test_a_text_is_known_under_its_usual_names(tmp_path: Path, name: str) -> None:
    path = table(
        tmp_path / "a.csv", ["Patient_ID", "Visit_Date", "description", name], ["P1", "3/2/2024", "A", "Cough"]
    )
    (note,), faults = read(path)
    assert (note.text, note.patient_id, note.title, faults) == ("Cough", "P1", "A", [])
    assert note.note_datetime == datetime(2024, 3, 2)


def test_a_remark_beside_the_text_is_never_taken_for_it(tmp_path: Path) -> None:
    path = table(tmp_path / "a.csv", ["notes", "id", "note_text"], ["called twice", "1", "Cough"], ["called", "2", ""])
    files = NoteFiles([path])
    assert [one.text if isinstance(one, Note) else one.reason for one in files] == ["Cough", "no text in it"]
    assert files.ignored_fields == {"notes": 1}


def test_the_columns_of_the_text_and_of_the_id_can_be_named(tmp_path: Path) -> None:
    header = ["text", "Narrative", "note_id", "CSN"]
    path = table(tmp_path / "a.csv", header, ["x", "Cough", "1", "c1"], ["y", "Rash", "1", "c2"])
    notes, faults = read(path, text_column="narrative", id_column="csn")
    assert [(note.note_id, note.text) for note in notes] == [("c1", "Cough"), ("c2", "Rash")]
    assert not faults
    _, (fault,) = read(path, text_column="story")
    remedy = "if one of them is the text, say so: --text-column NAME"
    assert fault.reason == f"no column called story; it has text, Narrative, note_id, CSN; {remedy}"
    _, (fault,) = read(path, id_column="key")
    assert fault.reason == "no column called key; it has text, Narrative, note_id, CSN"


# Headers


def test_lists_and_what_lies_further_in_do_not_keep_a_header_from_being_read(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_text(
        "---\n# from the ward\npatient_id: 'P1'\nproblems:\n  - asthma\n- gout\ncare:\n  team: A\n\n"
        'title: >\n  Progress\n  note\ntags: [a, b]\nnote_type: ~\ndate: "2024-03-02"\n---\nWheeze.'
    )
    files = NoteFiles([path])
    (note,) = files
    assert note == Note("a", "Wheeze.", "P1", None, None, datetime(2024, 3, 2), "Progress note", str(path))
    assert sorted(files.ignored_fields) == ["care", "problems", "tags"]


@pytest.mark.parametrize("value", ["\n  - P1\n  - P2", " [P1, P2]", " {id: P1}", "\n  id: P1"])
def test_a_field_of_several_values_is_told_and_the_note_is_kept(tmp_path: Path, value: str) -> None:
    (tmp_path / "a.txt").write_text(f"---\npatient_id:{value}\n---\nWheeze.")
    (note,), (fault,) = read(tmp_path)
    assert (note.text, note.patient_id, fault.kind) == ("Wheeze.", None, "field")
    assert fault.reason.startswith("patient_id is an ")


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("---\ntitle: T\nno end", "its line 3 is not of the form `name: value`"),
        ("---\ntitle: T\n" + "ward: A\n" * 300 + "---\nx", "it has no second --- within 200 lines"),
    ],
)
def test_a_header_that_cannot_be_read_is_told_and_stays_in_the_text(tmp_path: Path, text: str, fault: str) -> None:
    (tmp_path / "a.txt").write_text(text)
    (note,), (told,) = read(tmp_path)
    assert note.text == text
    assert (told.kind, told.reason) == ("header", f"its header was not read: {fault}")

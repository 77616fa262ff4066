"""Tables from hospital systems: notes of several rows, words for nothing, ids that became fractions."""

from __future__ import annotations

import json
import random
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinsearch.readers import NoteFiles
from clinsearch.readers import joining as joining_module
from clinsearch.records import Note
from tests.support.tables import QUICK, read, table, texts

SECRET = "zyxwarfarin"


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


@pytest.mark.parametrize("lines", ["1 2 1 2 3", "1 1 2", "0 1 0", "2 1 1"])
def test_rows_of_notes_without_ids_are_not_taken_for_notes(tmp_path: Path, lines: str) -> None:
    rows = [["KEY", "LINE", "NOTE_TEXT"], *(["9", line, f"{SECRET} {line}"] for line in lines.split())]
    found, problems = read(table(tmp_path / "a.csv", *rows))
    assert found == []
    assert [(one.kind, one.record) for one in problems] == [("columns", None)]
    assert "name it: --id-column NAME" in problems[0].reason


@pytest.mark.parametrize("lines", ["1 2 3", "7 7 8", "1 1 1", "a a b"])
def test_numbers_that_are_no_rows_of_notes_do_not_keep_notes_out(tmp_path: Path, lines: str) -> None:
    rows = [["LINE", "NOTE_TEXT"], *([line, f"Cough {line}"] for line in lines.split())]
    found, problems = read(table(tmp_path / "a.csv", *rows))
    assert (len(found), problems) == (len(lines.split()), [])


def test_a_note_is_known_by_its_serial_number_where_it_has_no_other_id(tmp_path: Path) -> None:
    rows = [["NOTE_CSN_ID", "LINE", "NOTE_TEXT"], ["5", "2", "fever."], ["5", "1", "No"], ["6", "1", "Rash."]]
    assert texts(table(tmp_path / "a.csv", *rows)) == {"5": "No\nfever.", "6": "Rash."}

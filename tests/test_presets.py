"""Tables of notes that are known by name, and columns that the caller names."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import pytest

from clinsearch import index
from clinsearch.errors import InputError
from clinsearch.readers import NoteFiles, Unreadable
from clinsearch.readers.presets import PRESETS, preset_of
from clinsearch.records import Note
from tests.support.command_line import run
from tests.support.note_files import SECRET, csv_of, jsonl_of, written

MIMIC_IV = ["note_id", "subject_id", "hadm_id", "note_type", "note_seq", "charttime", "storetime", "text"]
MIMIC_III = [
    *("ROW_ID", "SUBJECT_ID", "HADM_ID", "CHARTDATE", "CHARTTIME", "STORETIME", "CATEGORY", "DESCRIPTION"),
    *("CGID", "ISERROR", "TEXT"),
]
OMOP = [
    *("note_id", "person_id", "note_date", "note_datetime", "note_type_concept_id", "note_class_concept_id"),
    *("note_title", "note_text", "encoding_concept_id", "language_concept_id", "provider_id", "visit_occurrence_id"),
    *("visit_detail_id", "note_source_value"),
]


def read(path: Path, **options: object) -> tuple[list[Note], list[Unreadable], NoteFiles]:
    files = NoteFiles([path], **options)  # type: ignore[arg-type]
    found = list(files)
    kept = [one for one in found if isinstance(one, Note)]
    return kept, [one for one in found if isinstance(one, Unreadable)], files


def fields(note: Note) -> tuple[object, ...]:
    return (note.note_id, note.patient_id, note.encounter_id, note.note_type, note.note_datetime, note.title)


def test_notes_of_mimic_iv_have_names_for_their_types(tmp_path: Path) -> None:
    text = 'Name:  ___                 Unit No:   ___\n \nChief Complaint:\n"dyspnea"\n'
    rows = [
        ["10000032-DS-21", "10000032", "22595853", "DS", "21", "2180-05-07 00:00:00", "2180-05-09 15:26:00", text],
        ["10000032-AD-22", "10000032", "22595853", "AD", "22", "2180-05-08 00:00:00", "", "Addendum."],
        ["10000032-RR-14", "10000032", "", "RR", "14", "2180-05-06 21:19:00", "2180-05-06 23:32:00", "CHEST."],
        ["10000032-AR-15", "10000032", "", "AR", "15", "2180-05-06 21:19:00", "", "Addendum to it."],
        ["10000032-XX-16", "10000032", "", "XX", "16", "2180-05-06 21:19:00", "", "Of another type."],
    ]
    path = written(tmp_path / "discharge.csv", csv_of(MIMIC_IV, *rows))
    kept, faults, files = read(path)
    assert faults == []
    assert fields(kept[0]) == (
        *("10000032-DS-21", "10000032", "22595853", "Discharge summary"),
        *(datetime(2180, 5, 7), None),
    )
    assert kept[0].text == text
    names = ["Discharge summary", "Discharge summary addendum", "Radiology report", "Radiology report addendum", "XX"]
    assert [note.note_type for note in kept] == names
    assert files.presets == {path: "mimic-iv-note"}
    assert set(files.ignored_fields) == {"note_seq", "storetime"}


def test_notes_that_mimic_iii_marks_as_errors_are_left_out_and_counted(tmp_path: Path) -> None:
    rows = [
        *(["174", "22532", "167853", "2151-08-04", "", "", "Discharge summary", "Report", "", "", "Admission Date."],),
        *(["175", "22532", "167853.0", "2151-08-05", "2151-08-05 09:30:00", "", "Nursing ", "Note", "9", "1", "No."],),
        *(["176", "", "", "2151-08-05", "2151-08-05 09:30:00", "", "Physician ", "Progress", "9", "", "Seen."],),
    ]
    path = written(tmp_path / "NOTEEVENTS.csv.gz", csv_of(MIMIC_III, *rows))
    kept, faults, files = read(path)
    assert [(one.path, one.reason, one.kind) for one in faults] == [
        (path, "notes marked as errors: 1 passed over", "passed_over")
    ]
    assert files.finished == {path}
    assert [fields(note) for note in kept] == [
        ("174", "22532", "167853", "Discharge summary", datetime(2151, 8, 4), "Report"),
        ("176", None, None, "Physician", datetime(2151, 8, 5, 9, 30), "Progress"),
    ]


def test_of_a_row_of_omop_the_type_is_a_name_where_it_is_known(tmp_path: Path) -> None:
    rows = [
        *(["1", "77", "2024-03-02", "NULL", "44814637", "0", "ED note", "He left.", "0", "0", "0", "5", "", ""],),
        *(["2", "78", "2024-03-02", "2024-03-02 21:40:00", "0", "0", "NULL", "No.", "0", "0", "0", "0", "", "Ward"],),
        *(["3", "78", "2024-03-02", "\\N", "32831", "0", "", "Yes.", "0", "0", "", "", "", ""],),
        *(["4", "78", "2024-03-02", "\\N", "32817.0", "0", "", "So.", "0", "0", "", "", "", ""],),
    ]
    kept, faults, _ = read(written(tmp_path / "NOTE.csv", csv_of(OMOP, *rows)))
    assert faults == []
    assert [fields(note) for note in kept] == [
        ("1", "77", "5", "Discharge summary", datetime(2024, 3, 2), "ED note"),
        ("2", "78", None, "Ward", datetime(2024, 3, 2, 21, 40), None),
        ("3", "78", None, "32831", datetime(2024, 3, 2), None),
        ("4", "78", None, None, datetime(2024, 3, 2), None),
    ]


def test_what_a_query_joins_to_a_row_of_omop_goes_before_its_codes(tmp_path: Path) -> None:
    row = ["1", "77", "2024-03-02", "", "44814637", "0", "", "He left.", "0", "0", "0", "5", "", "Ward", "ED note"]
    kept, _, files = read(written(tmp_path / "NOTE.csv", csv_of([*OMOP, "note_type"], row)))
    assert (kept[0].note_type, list(files.presets.values())) == ("ED note", ["omop-note"])


def test_a_count_of_rows_is_no_id_in_mtsamples(tmp_path: Path) -> None:
    header = ["", "description", "medical_specialty", "sample_name", "transcription", "keywords"]
    row = ["0", " A cough.", " Pulmonary", " Cough - 1 ", "SUBJECTIVE:,  Dry cough.", "cough"]
    kept, faults, files = read(written(tmp_path / "mtsamples.csv", csv_of(header, row, [*row[:4], "", ""])))
    assert fields(kept[0]) == ("mtsamples#1", None, None, "Pulmonary", None, "Cough - 1")
    assert [(one.record, one.kind) for one in faults] == [(2, "no_text")]
    assert list(files.presets.values()) == ["mtsamples"]


def test_the_keys_of_records_are_recognised_as_columns_are(tmp_path: Path) -> None:
    record = dict(zip(MIMIC_IV, ["a-DS-1", "7", None, "DS", 1, "2180-05-07", None, "Cough."], strict=True))
    for name, content in (("a.jsonl", jsonl_of(record)), ("a.json", json.dumps([record]))):
        kept, _, files = read(written(tmp_path / name, content))
        assert (kept[0].note_type, list(files.presets.values())) == ("Discharge summary", ["mimic-iv-note"])


def test_keys_that_json_leaves_out_where_they_are_empty_are_not_missed(tmp_path: Path) -> None:
    record = {"ROW_ID": 5, "SUBJECT_ID": 7, "CHARTDATE": "2151-08-04", "CATEGORY": "ECG", "TEXT": "Sinus rhythm."}
    path = written(tmp_path / "a.jsonl", jsonl_of(record, {**record, "ROW_ID": 6, "ISERROR": "1"}))
    for options in ({}, {"preset": "mimic-iii"}):
        kept, (fault,), _ = read(path, **options)
        assert ([note.note_id for note in kept], fault.kind) == (["5"], "passed_over")


def test_a_table_that_only_looks_a_little_like_a_known_one_is_read_by_the_usual_names(tmp_path: Path) -> None:
    path = written(tmp_path / "a.csv", csv_of(["note_id", "subject_id", "note_type", "text"], ["1", "2", "DS", "Ow."]))
    kept, _, files = read(path)
    assert (kept[0].note_type, files.presets) == ("DS", {})


def test_a_preset_that_does_not_fit_is_refused_with_what_is_missing(tmp_path: Path) -> None:
    header, row = ["note_id", "patient_id", "text"], ["1", "2", SECRET]
    path = written(tmp_path / "a.csv", csv_of(header, row))
    _, (fault,), _ = read(path, preset="omop-note")
    lacking = "it has no person_id, note_date, note_type_concept_id, note_text; it has note_id, patient_id, text"
    assert (fault.reason, fault.kind, fault.record) == (f"not omop-note: {lacking}", "columns", None)
    _, (fault,), _ = read(
        written(tmp_path / "b.jsonl", jsonl_of(dict(zip(header, row, strict=True)))), preset="mimic-iii"
    )
    assert fault.reason.startswith("not mimic-iii: it has no row_id, subject_id, chartdate")
    assert (SECRET in fault.reason, fault.record) == (False, None)


def test_an_unknown_preset_is_refused_with_those_that_there_are(tmp_path: Path) -> None:
    path = written(tmp_path / "a.csv", "text\nCough.\n")
    with pytest.raises(
        InputError, match=r"no preset mimic\. There are: mimic-iv-note, mimic-iii, omop-note, mtsamples, clinsearch"
    ):
        NoteFiles([path], preset="mimic")


def test_every_preset_names_a_column_or_none_for_every_field_and_is_known_by_its_own_columns() -> None:
    for preset in PRESETS:
        assert preset.columns.keys() == {
            *("text", "note_id", "patient_id", "encounter_id", "note_type", "note_datetime", "title")
        }
        assert preset_of({sign.replace("_", "") for sign in preset.signs}) is preset
        assert not {sign for sign in preset.signs if sign != sign.lower()}


def test_any_field_can_be_mapped_and_what_is_mapped_goes_before_the_usual_names(tmp_path: Path) -> None:
    header = ["key", "MRN No.", "patient_id", "csn", "kind", "seen at", "head", "story"]
    rows = [
        ["K1", "007", "x", "12", "DS", "3/2/2024", "Title", "Cough\nat night."],
        ["K2", "", "x", "", "", "", "", "No."],
    ]
    named = dict(
        *[zip(("note_id", "patient_id", "encounter_id", "note_type", "note_datetime", "title", "text"),
              ("key", "mrn_no", "CSN", "kind", "Seen At", "head", "story"), strict=True)]
    )  # fmt: skip
    kept, faults, files = read(written(tmp_path / "a.csv", csv_of(header, *rows)), columns=named)
    assert faults == []
    assert fields(kept[0]) == ("K1", "007", "12", "DS", datetime(2024, 3, 2), "Title")
    assert (kept[0].text, kept[1].patient_id) == ("Cough\nat night.", None)
    assert set(files.ignored_fields) == set()


def test_a_mapped_column_that_one_table_has_and_another_has_not_is_no_fault(tmp_path: Path) -> None:
    written(tmp_path / "a.csv", "note_id,chart,text\n1,P1,Cough.\n")
    written(tmp_path / "b.csv", "note_id,mrn,text\n2,P2,Rash.\n")
    written(tmp_path / "c.jsonl", jsonl_of({"id": 3, "text": "Ow."}, {"id": 4, "text": "Itch.", "chart": "P4"}))
    kept, faults, _ = read(tmp_path, columns={"patient_id": "chart"})
    assert faults == []
    assert [note.patient_id for note in kept] == ["P1", "P2", None, "P4"]


@pytest.mark.parametrize(
    ("named", "said"),
    [
        ({"patient_id": "chart"}, r"^No table has a column called chart\. Check the name\.$"),
        ({"patient": "mrn"}, r"^Notes have no field patient\. A column can be named for text, note_id, patient_id,"),
        ({"title": "--"}, r"^The column for title has no name\."),
    ],
)
def test_a_column_or_field_that_is_not_there_is_an_input_error(
    tmp_path: Path, named: dict[str, str], said: str
) -> None:
    path = written(tmp_path / "a.csv", "note_id,mrn,text\n2,P2,Rash.\n")
    with pytest.raises(InputError, match=said):
        NoteFiles([path], columns=named)


def test_a_mapped_code_is_not_taken_for_a_preset_s(tmp_path: Path) -> None:
    row = ["a-DS-1", "7", "8", "DS", "1", "2180-05-07", "", "Cough."]
    path = written(tmp_path / "a.csv", csv_of(MIMIC_IV, row))
    assert read(path, columns={"note_type": "note_type"})[0][0].note_type == "DS"


def test_leading_zeros_stay_and_texts_that_are_nothing_are_counted(tmp_path: Path) -> None:
    path = written(tmp_path / "a.csv", 'note_id,patient_id,text\n0012,007,Cough.\n0013,007,NULL\n0014,010.0,"a\n\nb"\n')
    kept, faults, _ = read(path)
    assert [(note.note_id, note.patient_id, note.text) for note in kept] == [
        ("0012", "007", "Cough."),
        ("0014", "010", "a\n\nb"),
    ]
    assert [(one.record, one.kind) for one in faults] == [(2, "no_text")]


def test_the_command_takes_presets_and_columns_and_says_what_it_took_a_table_for(
    tmp_path: Path, tiny_model: Path
) -> None:
    rows = [["1", "2", "3", "2151-08-04", "", "", "Nursing ", "Report", "", mark, "Seen."] for mark in ("", "1")]
    rows[1][0] = "2"
    path = written(tmp_path / "NOTEEVENTS.csv", csv_of(MIMIC_III, *rows))
    to = ("--collection", tmp_path / "c", "--model", tiny_model, "--no-tokens")
    result = run("index", path, *to)
    assert (result.exit_code, "Notes: 1 new." in result.stdout) == (0, True)
    assert f"{path}: read as mimic-iii.\n" in result.stderr
    assert "notes marked as errors: 1 passed over" in " ".join(result.stdout.split())
    other = written(tmp_path / "b.csv", "note_id,chart,text\n9,P1,Cough.\n")
    result = run("index", other, *to, "--map", "patient_id=chart", "--map", "title = chart")
    assert (result.exit_code, result.stderr) == (0, "")
    for wrong, code in ((("--map", "patient_id"), 2), (("--map", "who=chart"), 1), (("--preset", "omop"), 1)):
        result = run("index", other, *to, *wrong)
        assert (result.exit_code, len(result.stderr.strip().splitlines()[-1:])) == (code, 1)


def test_the_library_takes_them_too(tmp_path: Path, tiny_model: Path) -> None:
    path = written(tmp_path / "a.csv", "key,chart,story\nK1,P1,Cough.\n")
    named = {"note_id": "key", "patient_id": "chart"}
    report = index(path, tmp_path / "c", model=str(tiny_model), tokens=False, text_column="story", columns=named)
    assert (report.new, report.failures) == (1, ())

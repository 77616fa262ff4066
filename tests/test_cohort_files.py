"""The criteria of a cohort as a file, read strictly; the command; and what a run leaves to compare with."""

from __future__ import annotations

import csv
import json
import stat
from pathlib import Path
from typing import Any

import pytest

import clinsearch
from clinsearch.collection import Collection
from clinsearch.errors import InputError
from clinsearch.readers.cohort_records import read_record
from clinsearch.readers.cohorts import MOST_DEPTH, read_cohort
from clinsearch.retrieval import canonical
from tests.support.command_line import json_on, refused, run_on

NOTES = {
    "a1": ("a", "2024-01-05", "Atrial fibrillation. On warfarin."),
    "a2": ("a", "2024-02-05", "INR 3.4. Warfarin held."),
    "b1": ("b", "2024-01-05", "Atrial fibrillation."),
    "b2": ("b", None, "No bleeding. = 1+1 stays in range."),
    "c1": ("c", "2024-03-05", "No atrial fibrillation."),
    "lone": (None, "2024-03-05", "Atrial fibrillation, rate controlled."),
}
AF = """
name = "AF"
description = "With <b>atrial</b> fibrillation."

[[all]]
name = "atrial fibrillation"
terms = ["atrial fibrillation"]

[[any]]
name = "warfarin"
terms = ["warfarin"]
since = 2024-01-01

[[any]]
where = "INR > 9"

[[any]]
all = [{ query = "rate controlled", min_score = 0.0, assertion = "any" }]
"""


def write_notes(folder: Path, notes: dict[str, tuple[Any, ...]]) -> Path:
    rows = [
        {"note_id": key, "patient_id": patient, "note_datetime": day, "text": text}
        for key, (patient, day, text) in notes.items()
    ]
    (folder / "n.jsonl").write_text("\n".join(map(json.dumps, rows)))
    return folder / "n.jsonl"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, tiny_model: Path) -> Path:
    folder = tmp_path_factory.mktemp("files")
    clinsearch.index(write_notes(folder, NOTES), folder / "c", model=str(tiny_model))
    (folder / "af.toml").write_text(AF)
    return folder


@pytest.mark.parametrize(
    ("written", "named"),
    [
        ("", "The file has no criterion"),
        ("all = 3", "all has to be a list"),
        ("[[all]]\nterms = ['x']\nassertion = 'maybe'", "all[1].assertion has to be one of affirmed"),
        ("[[all]]\nterm = ['x']", "all[1].term is not known"),
        ("[[all]]\n'has chest pain at night' = 1", "A key of all[1] is not known"),
        ("[[every]]\nterms = ['x']", "every is not known"),
        ("[[all]]\nterms = 'x'", "all[1].terms has to be a list"),
        ("[[all]]\nterms = []", "all[1].terms is empty"),
        ("[[all]]\nterms = ['--']", "all[1].terms[1] has no word"),
        ("[[all]]\nsections = ['plan']", "all[1] needs one of"),
        ("[[all]]\nterms = ['x']\nquery = 'y'", "all[1] needs one of"),
        ("[[all]]\nterms = ['x']\nk = 3", "all[1].k goes with `query`"),
        ("[[all]]\nquery = 'x'\nk = 3\nmin_score = 0.5", "give one of them"),
        ("[[all]]\nquery = 'x'\nmin_score = 2", "all[1].min_score has to be a number from 0 to 1"),
        ("[[all]]\nquery = 'x'\nmin_score = true", "all[1].min_score has to be a number from 0 to 1"),
        ("[[all]]\nquery = 'x'\nat_least = 0", "all[1].at_least has to be from 1"),
        ("[[all]]\nquery = 'x'\nat_least = 1.5", "all[1].at_least has to be a whole number"),
        ("[[all]]\nquery = 'x'\nsynonyms = 'no'", "all[1].synonyms has to be true or false"),
        ("[[all]]\nquery = 'x'\nsince = 'soon'", "all[1].since is not a date"),
        ("[[all]]\nquery = 'x'\nuntil = 2024", "all[1].until has to be a date"),
        ("[[all]]\nquery = 'x'\nuntil = 2024-01-01T00:00:00Z", "all[1].until has a time zone"),
        ("[[all]]\nquery = 'x'\nsince = 2024-02-01\nuntil = '2023'", "all[1].since is later than all[1].until"),
        ("[[all]]\nwhere = 'much'", "all[1].where cannot be read"),
        ("[[all]]\nquery = 'x'\nwithin_days = 3", "all[1].within_days and all[1].of go together"),
        ("[[all]]\nquery = 'x'\nwithin_days = 3\nof = 'y'", "all[1].of names no criterion"),
        ("[[all]]\nquery = 'x'\nname = 'x'\nwithin_days = 3\nof = 'x'", "all[1].of leads back to itself"),
        ("[[all]]\nquery = 'x'\n[[none]]\nterms = ['x']", "none[1].name: another criterion has this name"),
        ("[[all]]\nall = [{ terms = ['x'] }]\nname = 'y'", "all[1].name is not known"),
        ("[[any]]\nnone = [{ terms = ['x'], k = 0 }]", "any[1].none[1].k has to be from 1"),
        ("[[all", "is not TOML at"),
        ("all = " + "[" * 100_000, "is nested too deeply"),
    ],
)
def test_what_is_wrong_is_one_line_with_its_key_and_no_text_of_a_query(
    folder: Path, tmp_path: Path, written: str, named: str
) -> None:
    (tmp_path / "wrong.toml").write_text(written)
    message = refused("cohort", tmp_path / "wrong.toml", "--collection", folder / "c")
    assert named in message
    assert "chest pain" not in message


def test_a_file_that_is_no_text_or_not_there_is_told(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "latin.toml").write_bytes(b"name = '\xe9'")
    (tmp_path / "long.toml").write_bytes(b"#" * (1 << 21))
    for name, reason in {"latin.toml": "UTF-8", "long.toml": "bytes", "none.toml": "not a file"}.items():
        assert reason in refused("cohort", tmp_path / name, "--collection", folder / "c")
    deep: dict[str, Any] = {"terms": ["x"]}
    for _ in range(MOST_DEPTH + 2):
        deep = {"all": [deep]}
    with pytest.raises(InputError, match="nested"):
        read_cohort(deep)


def test_criteria_are_read_again_as_they_are_written_down(folder: Path) -> None:
    definition = read_cohort(folder / "af.toml")
    assert read_cohort(canonical(definition.criteria)).criteria == definition.criteria


def test_the_command_gives_what_the_library_gives(folder: Path) -> None:
    found = Collection(folder / "c").cohort(folder / "af.toml")
    assert [(one.patient_id, one.note_id) for one in found.members] == [("a", None), ("b", None), (None, "lone")]
    written = json_on(folder / "c", "cohort", folder / "af.toml")
    assert [one["patient_id"] for one in written["patients"]] == ["a", "b", None]
    assert written["criteria"]["any"][0]["since"] == "2024-01-01T00:00:00"
    assert written["run"]["state"]["digest"] == found.run.state.digest
    shown = run_on(folder / "c", "cohort", folder / "af.toml").stdout
    assert "AF  2 of 3 patients, and 1 of 1 note without a patient id" in shown
    assert "no patient id · lone" in shown
    assert found.to_records()[0]["name"] == "AF"


def test_rows_are_safe_in_a_spreadsheet_and_files_are_their_owners_alone(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "one.toml").write_text("[[all]]\nname = '=cmd'\nterms = ['stays in range']\n")
    for form in ("csv", "json", "html"):
        output = tmp_path / f"out.{form}"
        done = run_on(folder / "c", "cohort", tmp_path / "one.toml", "--format", form, "--output", output)
        assert (done.exit_code, done.stdout) == (0, "")
        assert stat.S_IMODE(output.stat().st_mode) == 0o600
    (row,) = csv.DictReader((tmp_path / "out.csv").read_text().splitlines())
    assert (row["patient_id"], row["criterion"], row["sentence"]) == ("b", "'=cmd", "'= 1+1 stays in range.")


def test_the_page_shows_all_without_a_script_and_takes_text_as_text(folder: Path, tmp_path: Path) -> None:
    run_on(folder / "c", "cohort", folder / "af.toml", "--format", "html", "--output", tmp_path / "af.html")
    page = (tmp_path / "af.html").read_text()
    body = page.partition("<main>")[2].partition("</main>")[0]
    assert "<script" not in body
    assert "With &lt;b&gt;atrial&lt;/b&gt; fibrillation." in body
    for text in ("Atrial fibrillation, rate controlled.", "2 of 3 patients", "searched for atrial fibrillation, AF"):
        assert text in body


def test_criteria_are_not_written_over(folder: Path, tmp_path: Path) -> None:
    for arguments in (
        ["--record", folder / "af.toml"],
        ["--format", "csv", *[f"--{one}=x" for one in ("output", "record")]],
    ):
        done = run_on(folder / "c", "cohort", folder / "af.toml", *arguments)
        assert done.exit_code == 2
        assert "different files" in done.stderr
    with pytest.raises(InputError, match=r"all\[1\]\.terms is not text"):
        read_cohort({"all": [{"terms": ["a\ud800"]}]})


@pytest.mark.parametrize("arguments", [["--format", "html"], ["--output", "x"]])
def test_a_page_needs_a_file_and_a_table_none(folder: Path, arguments: list[str]) -> None:
    done = run_on(folder / "c", "cohort", folder / "af.toml", *arguments)
    assert done.exit_code == 2
    assert "--output" in done.stderr


def test_a_later_run_says_who_came_and_went_and_what_is_otherwise(tmp_path: Path, tiny_model: Path) -> None:
    notes, file, record = tmp_path / "c", tmp_path / "af.toml", tmp_path / "r.json"
    source = write_notes(tmp_path, NOTES)
    clinsearch.index(source, notes, model=str(tiny_model))
    file.write_text(AF)
    run_on(notes, "cohort", file, "--record", record)
    assert stat.S_IMODE(record.stat().st_mode) == 0o600
    same = json_on(notes, "cohort", file, "--compare", record)["comparison"]
    assert (same["came"], same["went"], same["stayed"], same["differences"]) == ([], [], 3, [])
    changed = NOTES | {"c1": ("c", "2024-03-05", "Atrial fibrillation."), "a1": ("a", "2024-01-05", "On warfarin.")}
    del changed["lone"]
    clinsearch.index(write_notes(tmp_path, changed), notes, delete_missing=True)
    file.write_text(AF.replace("min_score = 0.0", "min_score = 0.1"))
    compared = json_on(notes, "cohort", file, "--compare", record)["comparison"]
    assert compared["came"] == [{"patient_id": "c", "note_id": None, "criteria": []}]
    assert compared["went"] == [
        {"patient_id": None, "note_id": "lone", "criteria": []},
        {"patient_id": "a", "note_id": None, "criteria": ["atrial fibrillation"]},
    ]
    assert [one["what"] for one in compared["differences"]] == ["notes", "criterion rate controlled"]
    shown = run_on(notes, "cohort", file, "--compare", record).stdout
    assert "1 came, 2 went, 1 stayed." in shown
    assert "went: a, by atrial fibrillation" in shown
    assert "went: no patient id · lone, not in the notes now" in shown


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b'{"patients": 3}', b"\xff", b"[" * 100_000])
def test_what_is_no_record_is_refused(folder: Path, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "r.json").write_bytes(content)
    message = refused("cohort", folder / "af.toml", "--compare", tmp_path / "r.json", "--collection", folder / "c")
    assert "r.json" in message


def test_a_record_cut_or_changed_anywhere_is_read_or_refused(folder: Path, tmp_path: Path) -> None:
    run_on(folder / "c", "cohort", folder / "af.toml", "--record", tmp_path / "r.json")
    whole = json.loads((tmp_path / "r.json").read_text())
    for key in ("run", "criteria", "patients"):
        for wrong in (None, 3, "x", [], {}, [3], {"all": 3}):
            (tmp_path / "x.json").write_text(json.dumps(whole | {key: wrong}))
            if (key, wrong) != ("patients", []):
                try:
                    read_record(tmp_path / "x.json")
                except InputError:
                    continue
                assert (key, wrong) == ("patients", {})

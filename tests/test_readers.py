from __future__ import annotations

import csv
import gzip
import io
import json
import os
import time
import tracemalloc
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from clinsearch import readers
from clinsearch.errors import InputError
from clinsearch.readers import MAX_NOTE_CHARACTERS, SUFFIXES, NoteFiles, Unreadable
from clinsearch.readers.markup import kind_of_markup
from clinsearch.readers.values import is_empty
from clinsearch.records import Note

FIFTY_MB = 52_428_800
SECRET = "zyxwarfarin"
NOT_A_DATE = "note_datetime is not a date: use 2024-03-02 or 2024-03-02T21:40"
WHICH = "; if one of them is the text, say so: --text-column NAME"
REST = "; the rest of the file was not read"


def written(path: Path, content: str | bytes, *, encoding: str = "utf-8") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    data = content.encode(encoding) if isinstance(content, str) else content
    path.write_bytes(gzip.compress(data, 1) if path.suffix.lower() == ".gz" else data)
    return path


def outcomes(*paths: Path, encoding: str = "utf-8") -> list[Note | Unreadable]:
    return list(NoteFiles(paths, encoding=encoding))


def notes(*paths: Path, encoding: str = "utf-8") -> list[Note]:
    found = outcomes(*paths, encoding=encoding)
    assert all(isinstance(one, Note) for one in found), found
    return [one for one in found if isinstance(one, Note)]


def only_note(path: Path, *, encoding: str = "utf-8") -> Note:
    (note,) = notes(path, encoding=encoding)
    return note


def reasons(*paths: Path, encoding: str = "utf-8") -> list[tuple[str, int | None]]:
    found = outcomes(*paths, encoding=encoding)
    return [(one.reason, one.record) for one in found if isinstance(one, Unreadable)]


def csv_of(*rows: list[str], delimiter: str = ",") -> str:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter).writerows(rows)
    return out.getvalue()


def jsonl_of(*records: object) -> str:
    return "".join(json.dumps(record) + "\n" for record in records)


def test_the_public_names_are_exactly_these() -> None:
    assert sorted(readers.__all__) == [
        "KEPT_KINDS",
        "MAX_NOTE_CHARACTERS",
        "NoteFiles",
        "SUFFIXES",
        "Unreadable",
        "holds_one_note",
        "is_on_disk",
        "parse_datetime",
        "piece_digest",
        "suffix_of",
    ]
    formats = (".txt", ".md", ".csv", ".tsv", ".jsonl", ".ndjson", ".json")
    assert set(SUFFIXES) == {name + end for name in formats for end in ("", ".gz")}
    assert MAX_NOTE_CHARACTERS == 10_000_000


# Folders and files


def test_a_folder_is_walked_in_order_and_what_is_not_for_reading_is_passed_over(tmp_path: Path) -> None:
    for name in ("b.txt", "a/z.md", "a/y.TXT.GZ", "c.jsonl.gz", ".hidden.txt", ".git/x.txt", "old/n.txt"):
        written(tmp_path / name, '{"text": "one"}' if "jsonl" in name else "one")
    for name in ("scan.PDF", "x.tar.gz", "README", "Smith, J. discharge", "old/catalog.db", "old/deep/n.txt"):
        written(tmp_path / name, b"x")
    files = NoteFiles([tmp_path])
    assert files.files == tuple(tmp_path / name for name in ("a/y.TXT.GZ", "a/z.md", "b.txt", "c.jsonl.gz"))
    assert files.unknown == Counter({".pdf": 1, ".tar.gz": 1, "": 2})
    assert files.total_bytes == sum(path.stat().st_size for path in files.files)
    assert [note.note_id for note in files if isinstance(note, Note)] == ["a/y", "a/z", "b", "c#1"]


def test_ids_and_sources_come_from_where_a_file_was_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path / "ward" / "a.b.txt.gz", "one")
    monkeypatch.chdir(tmp_path)
    assert only_note(Path()) == Note("ward/a.b", "one", source=str(path))
    assert only_note(Path("ward")) == Note("a.b", "one", source=str(path))
    assert only_note(Path("ward/../ward/a.b.txt.gz")) == Note("a.b", "one", source=str(path))


def test_a_file_reached_twice_is_read_once_with_the_id_from_the_outermost_folder(tmp_path: Path) -> None:
    path = written(tmp_path / "ward" / "a.txt", "one")
    for paths in ([tmp_path, tmp_path / "ward", path, path], [path, tmp_path / "ward", tmp_path]):
        files = NoteFiles(paths)
        assert files.files == (path,)
        assert [note.note_id for note in files if isinstance(note, Note)] == ["ward/a"]


def test_symlinked_files_are_read_and_symlinked_folders_are_not_followed(tmp_path: Path) -> None:
    outside = written(tmp_path / "outside" / "a.txt", "one")
    root = tmp_path / "root"
    root.mkdir()
    (root / "link.txt").symlink_to(outside)
    (root / "folder").symlink_to(outside.parent)
    (root / "broken.txt").symlink_to(tmp_path / "nowhere")
    assert outcomes(root) == [
        Unreadable(root / "broken.txt", "no such file or directory"),
        Note("link", "one", source=str(root / "link.txt")),
    ]
    (tmp_path / "alias").symlink_to(root)
    assert NoteFiles([tmp_path / "alias"]).files == (tmp_path / "alias" / "link.txt",)


def test_a_hidden_file_given_by_name_is_read(tmp_path: Path) -> None:
    assert only_note(written(tmp_path / ".a.txt", "one")).note_id == ".a"


def test_a_fifo_is_never_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.txt")
    written(tmp_path / "a.txt", "one")
    assert reasons(tmp_path) == [("not a regular file", None)]
    with pytest.raises(InputError, match=r"pipe\.txt is neither a file nor a folder\."):
        NoteFiles([tmp_path / "pipe.txt"])


def test_a_file_whose_name_cannot_be_stored_is_told(tmp_path: Path) -> None:
    written(tmp_path / "a.txt", "one")
    written(Path(os.fsdecode(bytes(tmp_path) + b"/\xff.txt")), "two")
    assert reasons(tmp_path) == [("its path is not valid UTF-8; rename it", None)]


def test_a_path_that_cannot_be_used_is_an_input_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"No file or folder at .*nowhere\. Check the path\."):
        NoteFiles([tmp_path / "nowhere"])
    with pytest.raises(InputError, match="No file or folder at "):
        NoteFiles([Path("a\0b")])
    pdf = written(tmp_path / "a.pdf", "x")
    with pytest.raises(InputError, match=r"a\.pdf is of no known format\. Formats read: \.txt, \.md, .*gz"):
        NoteFiles([pdf])
    with pytest.raises(InputError, match="No notes: no file or folder was given"):
        NoteFiles([])


def test_folders_without_notes_are_an_input_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    written(tmp_path / "x" / "a.pdf", "x")
    written(tmp_path / "c" / "catalog.db", "x")
    with pytest.raises(InputError) as caught:
        NoteFiles([Path("x")])
    formats = ".txt, .md, .csv, .tsv, .jsonl, .ndjson or .json"
    assert str(caught.value) == f"No notes in x: it has no {formats} file (also .gz). Of other formats it has .pdf."
    with pytest.raises(InputError, match="No notes in x, x: they have no"):
        NoteFiles([Path("x"), Path("x")])
    with pytest.raises(InputError, match="c is a clinsearch collection"):
        NoteFiles([Path("c")])
    written(tmp_path / "x" / "a.txt", "one")
    assert [note.note_id for note in notes(Path("c"), Path("x"))] == ["a"]


@contextmanager
def forbidden(path: Path) -> Iterator[None]:
    if os.geteuid() == 0:
        pytest.skip("root may read everything")
    mode = path.stat().st_mode
    path.chmod(0)
    try:
        yield
    finally:
        path.chmod(mode)


def test_what_may_not_be_read_inside_a_folder_is_told_and_the_rest_is_read(tmp_path: Path) -> None:
    file = written(tmp_path / "a.txt", "one")
    folder = written(tmp_path / "sub" / "b.txt", "two").parent
    written(tmp_path / "c.txt", "three")
    with forbidden(file), forbidden(folder):
        denied, denied_too, note = outcomes(tmp_path)
    assert denied == Unreadable(folder, "permission denied")
    assert denied_too == Unreadable(file, "permission denied")
    assert isinstance(note, Note)


@pytest.mark.parametrize("name", ["", "a.txt"])
def test_a_given_path_that_may_not_be_read_is_an_input_error(tmp_path: Path, name: str) -> None:
    written(tmp_path / "given" / "a.txt", "one")
    path = tmp_path / "given" / name
    with forbidden(path), pytest.raises(InputError, match="may not be read: permission denied"):
        NoteFiles([path])


@pytest.mark.parametrize("name", ["no-such", "base64", "rot13", "undefined", "a\0b", "\ud800"])
def test_an_unknown_encoding_is_an_input_error(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match="No encoding is called"):
        NoteFiles([written(tmp_path / "a.txt", "one")], encoding=name)


# Progress


def test_progress_grows_to_the_total_and_a_second_run_starts_over(tmp_path: Path) -> None:
    written(tmp_path / "a.jsonl", jsonl_of(*[{"text": "x" * 1000, "ward": "A"}] * 2000))
    written(tmp_path / "b.jsonl.gz", jsonl_of(*[{"text": f"{n}" * 1000} for n in range(2000)]))
    written(tmp_path / "c.txt", b"\xff")
    files = NoteFiles([tmp_path])
    for _ in range(2):
        positions = [files.bytes_read for _ in files]
        assert positions == sorted(positions)
        assert len(set(positions)) > 5
        assert files.bytes_read == files.total_bytes
        assert files.finished == {tmp_path / "a.jsonl", tmp_path / "b.jsonl.gz"}
        assert files.ignored_fields == Counter({"ward": 1})


def test_a_file_that_grew_after_it_was_listed_does_not_push_progress_past_the_total(tmp_path: Path) -> None:
    path = written(tmp_path / "a.jsonl", jsonl_of({"text": "one"}))
    files = NoteFiles([path])
    written(path, jsonl_of({"text": "one"}, {"text": "two"}))
    assert [files.bytes_read for _ in files] == [files.total_bytes] * 2


def test_finished_holds_files_of_which_all_was_read(tmp_path: Path) -> None:
    written(tmp_path / "a.jsonl", '{"text": "one"}\n{\n')
    written(tmp_path / "b.csv", 'text,title\none,x\n"two"x,y\n')
    written(tmp_path / "c.txt", " ")
    dated = written(tmp_path / "d.txt", "---\ndate: yesterday\n---\none")
    files = NoteFiles([tmp_path])
    assert sum(isinstance(one, Unreadable) for one in files) == 4
    assert files.finished == {dated}


def test_an_abandoned_run_closes_its_file(tmp_path: Path) -> None:
    path = written(tmp_path / "a.jsonl", jsonl_of(*[{"text": "one"}] * 100_000))
    open_files = Path("/proc/self/fd")
    if not open_files.exists():
        pytest.skip("no /proc to list open files in")

    def is_open() -> bool:
        return any(os.path.realpath(link) == str(path) for link in open_files.iterdir())

    run = iter(NoteFiles([path]))
    next(run)
    assert is_open()
    with closing(run):  # type: ignore[type-var]
        pass
    assert not is_open()


def test_a_file_that_vanished_meanwhile_is_told_and_the_rest_is_read(tmp_path: Path) -> None:
    for name in "abc":
        written(tmp_path / f"{name}.txt", name)
    files = NoteFiles([tmp_path])
    run = iter(files)
    first = next(run)
    (tmp_path / "b.txt").unlink()
    gone, last = run
    assert gone == Unreadable(tmp_path / "b.txt", "no such file or directory")
    assert [first, last] == [Note(n, n, source=str(tmp_path / f"{n}.txt")) for n in "ac"]
    assert files.finished == {tmp_path / "a.txt", tmp_path / "c.txt"}


# Text files


def test_a_header_gives_the_fields_and_the_text_is_untouched(tmp_path: Path) -> None:
    header = (
        "---\r\nNote-ID: n 1\r\nMRN: 7\nhadm_id:\nNote Type: Discharge: final\nDate: 03/02/2024 21:40\n"
        "title: T\nward: A\nnote: no text from here\n---\r\n\r\n"
    )
    path = written(tmp_path / "a.md", header + "\n  one\r\ntwo\n---\n ")
    files = NoteFiles([path])
    when = datetime(2024, 3, 2, 21, 40)
    assert list(files) == [Note("n 1", "\n  one\r\ntwo\n---\n ", "7", None, "Discharge: final", when, "T", str(path))]
    assert files.ignored_fields == Counter({"ward": 1, "note": 1})


@pytest.mark.parametrize(
    "text",
    [
        "\n---\ntitle: T\n---\none",
        "----\ntitle: T\n----\none",
        "---\nReviewed: by phone\n---\none",
        "---",
        "\u2028\x85one\x0c\r",
    ],
)
def test_without_a_well_formed_header_the_whole_file_is_text(tmp_path: Path, text: str) -> None:
    assert only_note(written(tmp_path / "a.txt", text)) == Note("a", text, source=str(tmp_path / "a.txt"))


def test_line_separators_other_than_newlines_in_a_header_value_are_part_of_it(tmp_path: Path) -> None:
    note = only_note(written(tmp_path / "a.txt", "---\ntitle: a\u2028b\x85c\x0bd\n---\none"))
    assert (note.title, note.text) == ("a\u2028b\x85c\x0bd", "one")


@pytest.mark.parametrize("content", ["", " \n\t\r\n", "---\ntitle: T\n---\n\n \n"])
@pytest.mark.parametrize("suffix", [".txt", ".md.gz"])
def test_a_file_without_text_is_told(tmp_path: Path, content: str, suffix: str) -> None:
    assert reasons(written(tmp_path / f"a{suffix}", content)) == [("no text in it", None)]


@pytest.mark.parametrize("suffix", [".csv", ".jsonl", ".jsonl.gz"])
@pytest.mark.parametrize("content", ["", "\n \n"])
def test_a_table_without_anything_in_it_is_told(tmp_path: Path, content: str, suffix: str) -> None:
    assert reasons(written(tmp_path / f"a{suffix}", content)) == [("no text in it", None)]


# Decoding


@pytest.mark.parametrize("codec", ["utf-8-sig", "utf-16", "utf-32"])
@pytest.mark.parametrize("option", ["utf-8", "cp1252"])
def test_a_byte_order_mark_says_the_encoding_and_is_dropped(tmp_path: Path, codec: str, option: str) -> None:
    text = "Überweisung 𝄞\r\n"
    assert only_note(written(tmp_path / "a.txt", text, encoding=codec), encoding=option).text == text
    assert only_note(written(tmp_path / "a.csv", f'text\n"{text}"\n', encoding=codec)).text == text


def test_another_encoding_is_read_when_it_is_named(tmp_path: Path) -> None:
    path = written(tmp_path / "a.txt", "Fieber 39 °C", encoding="cp1252")
    assert only_note(path, encoding="cp1252").text == "Fieber 39 °C"
    remedy = "if it is in another encoding, say so: --encoding cp1252"
    assert reasons(path) == [(f"not utf-8 (first bad byte at offset 10); {remedy}", None)]


@pytest.mark.parametrize("lead", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("before", [0, 5, (1 << 18) - 2, (1 << 18) - 1, 1 << 18, 700_001])
@pytest.mark.parametrize("bad", [b"\xff", b"\xf0\x9d\x84", b"\xe2\x82x"])
def test_the_offset_of_a_bad_byte_is_exact(tmp_path: Path, lead: bytes, before: int, bad: bytes) -> None:
    content = lead + b"x" * before + bad
    for name in ("a.txt", "a.txt.gz"):
        ((reason, _),) = reasons(written(tmp_path / name, content))
        assert f"first bad byte at offset {len(lead) + before})" in reason


def test_other_decoding_faults_are_told(tmp_path: Path) -> None:
    ((marked, _),) = reasons(written(tmp_path / "a.txt", b"\xff\xfex\0y"))
    assert marked == "binary file, not text"
    ((marked, _),) = reasons(written(tmp_path / "a.txt", b"\xff\xfe\x78\x79\x7a"))
    assert marked == "not utf-16 as its byte order mark says (first bad byte at offset 4)"
    plain = written(tmp_path / "a.txt", "one")
    ((unmarked, _),) = reasons(plain, encoding="utf-16")
    assert unmarked.startswith("not utf-16 (first bad byte at offset ")
    ((other, _),) = reasons(written(tmp_path / "a.txt", "\u00e9"), encoding="ascii")
    assert other.endswith("--encoding utf-8")


@pytest.mark.parametrize("name", ["a.txt", "a.csv", "a.jsonl", "a.md.gz"])
@pytest.mark.parametrize("content", [b"text\0", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", b"x" * 600_000 + b"\0"])
def test_a_binary_file_is_not_text(tmp_path: Path, name: str, content: bytes) -> None:
    assert reasons(written(tmp_path / name, content)) == [("binary file, not text", None)]


def test_a_damaged_gzip_file_is_told_and_what_came_before_the_damage_is_kept(tmp_path: Path) -> None:
    lines = jsonl_of(*[{"text": os.urandom(500).hex()} for _ in range(2000)])
    path = written(tmp_path / "a.jsonl.gz", lines)
    whole = path.read_bytes()
    for damaged in (whole[: len(whole) // 2], whole[:-6], whole[:-8] + bytes(8), whole + b"tail"):
        path.write_bytes(damaged)
        files = NoteFiles([path])
        *found, last = files
        assert last == Unreadable(path, "damaged gzip file")
        assert len(found) > 500
        assert all(isinstance(one, Note) for one in found)
        assert not files.finished
    path.write_bytes(lines.encode())
    assert reasons(path) == [("damaged gzip file", None)]


# Tables


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
        ('{"text": {"zyxwarfarin": 1}}', "text is an object, not a string"),
        ('{"text": ["zyxwarfarin"]}', "text is an array, not a string"),
        ('{"text": true}', "text is true or false, not a string"),
        ('{"text": "", "id": 1}', "no text in it"),
        ('{"text": null, "id": 1}', "no text in it"),
        ('{"bulk": "zyxwarfarin"}', "no text in it"),
        ('{"bulk_text": "zyxwarfarin", "id": 1}', "no text in it; it has bulk_text, id" + WHICH),
        ('{"text": "zyxwarfarin \\ud800"}', "text holds an unpaired surrogate"),
        ('{"text": "zyxwarfarin", "mrn": "\\udc00"}', "patient_id holds an unpaired surrogate"),
        ('{"text": "zyxwarfarin \\u0000"}', "text holds a NUL character"),
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
    path = written(tmp_path / "a.jsonl", jsonl_of({"text": "one", "patient": {"id": SECRET}}))
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
    for endless in ('"' + ("x" * 99 + "\n") * 220_000, ('"' + "x" * 99 + '\n",') * 220_000, "x" * 22_000_000):
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


# Dates


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


# Sizes


@contextmanager
def memory_below(limit: int) -> Iterator[None]:
    tracemalloc.start()
    try:
        yield
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < limit


@pytest.mark.parametrize("suffix", [".txt", ".txt.gz"])
def test_a_text_of_50_mb_is_counted_but_not_held(tmp_path: Path, suffix: str) -> None:
    path = written(tmp_path / f"a{suffix}", b"x" * FIFTY_MB)
    with memory_below(50_000_000):
        found = reasons(path)
    assert found == [("52,428,800 characters in one note, more than 10,000,000; split it", None)]


@pytest.mark.parametrize("suffix", [".jsonl", ".jsonl.gz"])
def test_a_line_of_50_mb_is_counted_but_not_held_and_the_next_is_read(tmp_path: Path, suffix: str) -> None:
    line = b'{"text": "' + b"x" * (FIFTY_MB - 13) + b'"}\n'
    path = written(tmp_path / f"a{suffix}", line + b'{"text": "two"}\n')
    with memory_below(50_000_000):
        too_long, note = outcomes(path)
    reason = "52,428,800 characters in one record, more than 21,000,000; split it"
    assert too_long == Unreadable(path, reason, 1)
    assert note == Note("a#2", "two", source=str(path))


def test_a_decompression_bomb_is_left_in_time(tmp_path: Path) -> None:
    bomb = gzip.compress(b"x" * 100_000_000) * 100
    started = time.process_time()
    for suffix, what in ((".txt.gz", "note"), (".jsonl.gz", "record")):
        (path := tmp_path / f"a{suffix}").write_bytes(bomb)
        assert reasons(path) == [(f"more than 250,000,000 characters in one {what}; split it", None)]
    assert time.process_time() - started < 10


def test_a_note_may_be_as_long_as_the_limit_and_not_longer(tmp_path: Path) -> None:
    header = "---\ntitle: T\n---\n"
    for extra in (0, 1):
        text = "x" * 9_000_000 + "\U0001f600\\\"'\n" * 200_000 + "x" * extra  # of more bytes than characters
        written(tmp_path / "a.csv", csv_of(["text"], [text], ["two"]))
        written(tmp_path / "b.jsonl", jsonl_of({"text": text}, {"text": "two"}))
        written(tmp_path / "c.txt", header + text)
        found = outcomes(tmp_path)
        long, short = found[::2], found[1::2]
        assert [one.text for one in short if isinstance(one, Note)] == ["two", "two"]
        if not extra:
            assert all(isinstance(one, Note) and one.text == text for one in long)
        else:
            reason = "10,000,001 characters in one note, more than 10,000,000; split it"
            assert [one.reason for one in long if isinstance(one, Unreadable)] == [reason] * 3


def test_a_large_table_is_streamed(tmp_path: Path) -> None:
    rows = [["text", "id"], *([f"{n} " * 1000, str(n)] for n in range(6000))]
    paths = [
        written(tmp_path / "a.csv", csv_of(*rows)),
        written(tmp_path / "b.jsonl", jsonl_of(*({"text": row[0]} for row in rows[1:]))),
    ]
    assert all(path.stat().st_size > 25_000_000 for path in paths)
    files = NoteFiles(paths)
    with memory_below(8_000_000):
        assert sum(1 for _ in files) == 12_000


# Round trips

LETTERS = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
TEXTS = st.text(LETTERS).filter(lambda text: not is_empty(text) and not kind_of_markup(text))
WORDS = st.text(LETTERS, min_size=1).map(str.strip).filter(lambda word: not is_empty(word))
VALUES = st.none() | WORDS
NOTES = st.builds(
    Note,
    note_id=WORDS,
    text=TEXTS,
    patient_id=VALUES,
    encounter_id=VALUES,
    note_type=VALUES,
    note_datetime=st.none() | st.datetimes(),
    title=VALUES,
)
LISTS = st.lists(NOTES, min_size=1, max_size=4, unique_by=lambda note: note.note_id)
ROUND_TRIP = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
FIELDS = ["note_id", "text", "patient_id", "encounter_id", "note_type", "note_datetime", "title"]


def strings(note: Note) -> dict[str, str | None]:
    values = {field: getattr(note, field) for field in FIELDS}
    return values | {"note_datetime": note.note_datetime and note.note_datetime.isoformat()}


def read_back(path: Path, content: str, expected: list[Note]) -> None:
    for target in (path, path.with_name(path.name + ".gz")):
        assert notes(written(target, content)) == [replace(note, source=str(target)) for note in expected]


@ROUND_TRIP
@given(expected=LISTS, escaped=st.booleans())
def test_notes_written_as_jsonl_are_read_back(tmp_path: Path, expected: list[Note], escaped: bool) -> None:
    lines = [json.dumps(strings(note), ensure_ascii=escaped) for note in expected]
    read_back(tmp_path / "a.jsonl", "\n".join(lines), expected)


@ROUND_TRIP
@given(
    expected=LISTS,
    delimiter=st.sampled_from(",;\t"),
    unix=st.booleans(),
)
def test_notes_written_as_csv_are_read_back(tmp_path: Path, expected: list[Note], delimiter: str, unix: bool) -> None:
    out = io.StringIO(newline="")
    # Python's writer leaves a lone \r unquoted where lines end in \n.
    dialect = csv.unix_dialect if unix else csv.excel
    writer = csv.DictWriter(out, FIELDS, delimiter=delimiter, dialect=dialect)
    writer.writeheader()
    writer.writerows(strings(note) for note in expected)
    read_back(tmp_path / "a.csv", out.getvalue(), expected)


@ROUND_TRIP
@given(note=NOTES, end=st.sampled_from(["\n", "\r\n"]))
def test_a_note_written_as_text_is_read_back(tmp_path: Path, note: Note, end: str) -> None:
    values = {k: v.replace("\n", "") for k, v in strings(note).items() if v and k != "text"}
    assume(not any(value.strip()[:1] in ("", *"\"'[{>|~") or is_empty(value) for value in values.values()))
    header = "".join(f"{name}: {value}{end}" for name, value in values.items())
    cleaned = {k: v.strip() or None for k, v in values.items() if k not in ("note_datetime", "note_id")}
    expected = replace(note, note_id=values["note_id"].strip() or "a", **cleaned)  # type: ignore[arg-type]
    read_back(tmp_path / "a.txt", f"---{end}{header}---{end}{end}{note.text}", [expected])


@ROUND_TRIP
@given(text=TEXTS, gap=st.integers(-3, 3))
def test_text_is_the_same_wherever_the_pieces_of_a_file_part(tmp_path: Path, text: str, gap: int) -> None:
    long = "x" * ((1 << 18) + gap) + text + "\r\n"
    for codec in ("utf-8", "utf-16"):
        assert only_note(written(tmp_path / "a.txt", long, encoding=codec)).text == long
        assert only_note(written(tmp_path / "a.csv", csv_of(["text"], [long]), encoding=codec)).text == long


@ROUND_TRIP
@given(content=st.binary(max_size=200), name=st.sampled_from(["a.txt", "a.csv", "a.jsonl"]))
def test_whatever_a_file_holds_reading_it_ends_without_an_exception(tmp_path: Path, content: bytes, name: str) -> None:
    for data in (content, b"text,id\n" + content, b'{"text": ' + content, b"---\n" + content):
        assert all(isinstance(one, Note | Unreadable) for one in outcomes(written(tmp_path / name, data)))
    (tmp_path / f"{name}.gz").write_bytes(gzip.compress(b"x")[: len(content)] + content)
    assert all(isinstance(one, Note | Unreadable) for one in outcomes(tmp_path / f"{name}.gz"))


@ROUND_TRIP
@given(
    text=st.text(st.sampled_from('",;\t\r\n{}[]:\\ -a'), max_size=40),
    name=st.sampled_from(["a.txt", "a.csv", "a.jsonl"]),
)
def test_no_reason_ever_holds_text_of_the_file(tmp_path: Path, text: str, name: str) -> None:
    for content in (text + SECRET, f"text,id\n{text}{SECRET}{text}", f'{{"text": "{text}{SECRET}{text}"}}'):
        path = written(tmp_path / name, content)
        assert not [reason for reason, _ in reasons(path) if SECRET in reason]

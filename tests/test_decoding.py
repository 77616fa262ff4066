"""Bytes become text: encodings, faults and compressed files."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from clinsearch.readers import NoteFiles, Unreadable
from clinsearch.records import Note
from tests.support.note_files import jsonl_of, only_note, reasons, written


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


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.txt", "Übelkeit ≥ 3 Tage"),
        ("a.csv", "note_id;text\r\na;Übelkeit ≥ 3 Tage\r\n"),
        ("a.tsv.gz", "note_id\ttext\r\na\tÜbelkeit ≥ 3 Tage\r\n"),
        ("a.json", '[{"note_id": "a", "text": "Übelkeit ≥ 3 Tage"}]'),
        ("a.html", "<html><body><p>Übelkeit ≥ 3 Tage</p></body></html>"),
        ("a.xml", '<?xml version="1.0" encoding="UTF-16"?><note><text>Übelkeit ≥ 3 Tage</text></note>'),
        ("a.hl7", "MSH|^~\\&|A||||20240101||ORU^R01|M|P|2.3\rOBR|1||F\rOBX|1|TX|R||Übelkeit ≥ 3 Tage\r"),
    ],
)
def test_utf_16_is_known_without_a_mark(tmp_path: Path, codec: str, name: str, content: str) -> None:
    assert only_note(written(tmp_path / name, content.encode(codec))).text.endswith("Übelkeit ≥ 3 Tage")


def test_a_nul_in_a_row_costs_no_other_row(tmp_path: Path) -> None:
    rows = b"note_id,text\n1,a\0b\n2,fine\n3\0,id\n" + b"4,long\n" * 1 + b"5,padded\0\0\n"
    found = list(NoteFiles([written(tmp_path / "a.csv", rows)]))
    assert [one.text for one in found if isinstance(one, Note)] == ["fine", "long", "padded"]
    assert [(one.reason, one.record) for one in found if isinstance(one, Unreadable)] == [
        ("text holds a NUL character", 1),
        ("note_id holds a NUL character", 3),
    ]


@pytest.mark.parametrize("end", ["ocf_blob", "ocf_blob\0", "\0ocf_blob\0\0", "\0"])
def test_the_mark_at_the_end_of_cerners_texts_is_no_text(tmp_path: Path, end: str) -> None:
    content = f'note_id,text\n1,"No fever.\r\nRest.{end}"\n2,"{{\\rtf1\\ansi Cough.}}{end}"\n3,{end}\n'
    found = list(NoteFiles([written(tmp_path / "a.csv", content)]))
    assert [one.text for one in found if isinstance(one, Note)] == ["No fever.\r\nRest.", "Cough."]
    assert [one.kind for one in found if isinstance(one, Unreadable)] == ["no_text"]


@pytest.mark.parametrize(
    ("name", "content", "text"),
    [
        ("a.tsv", "note_id,text\n1,no tab\n", "no tab"),
        ("a.tsv", "text\nHeart, lungs, abdomen\n", "Heart, lungs, abdomen"),
        ("a.tsv", "note_id\ttext\n1\tHeart, lungs\n", "Heart, lungs"),
        ("a.csv", "note_id\ttext\n1\tHeart, lungs\n", "Heart, lungs"),
    ],
)
def test_the_header_shows_what_parts_the_cells(tmp_path: Path, name: str, content: str, text: str) -> None:
    assert only_note(written(tmp_path / name, content)).text == text

"""Files of any size and content: in bounds, in time, and read back as they were written."""

from __future__ import annotations

import csv
import gzip
import io
import json
import time
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from clinsearch.readers import NoteFiles, Unreadable
from clinsearch.readers.contents import BOMB
from clinsearch.readers.markup import kind_of_markup
from clinsearch.readers.values import is_empty
from clinsearch.records import Note
from tests.support.note_files import SECRET, csv_of, jsonl_of, notes, only_note, outcomes, reasons, written

FIFTY_MB = 52_428_800


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
    (path := tmp_path / "a.txt.gz").write_bytes(bomb)
    assert reasons(path) == [("more than 250,000,000 characters in one note; split it", None)]
    (path := tmp_path / "a.jsonl.gz").write_bytes(bomb[: len(bomb) // 4])
    assert reasons(path) == [(BOMB, None)]
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

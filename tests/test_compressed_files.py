"""Compressed files: known by what they hold, read as what is in them, and told if they are damaged or bombs."""

from __future__ import annotations

import bz2
import gzip
import lzma
import os
import sys
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clinsearch.readers import NoteFiles, Unreadable
from clinsearch.readers import contents as contents_module
from clinsearch.records import Note
from tests.support.note_files import jsonl_of, only_note, outcomes, reasons

COMPRESS: dict[str, Callable[[bytes], bytes]] = {
    ".gz": gzip.compress,
    ".bz2": bz2.compress,
    ".xz": lzma.compress,
    ".zst": zstandard.compress,
}
NAMES = {".gz": "gzip", ".bz2": "bzip2", ".xz": "xz", ".zst": "Zstandard"}
ANY = pytest.mark.parametrize("ending", COMPRESS)
LINES = jsonl_of(*[{"text": os.urandom(500).hex()} for _ in range(1200)]).encode()


@ANY
def test_what_is_in_a_compressed_file_is_read(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"a.txt{ending}"
    path.write_bytes(COMPRESS[ending](b"Dry cough.\n"))
    assert only_note(path) == Note("a", "Dry cough.\n", source=str(path))


@ANY
def test_a_compressed_file_is_known_whatever_it_is_called(tmp_path: Path, ending: str) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(COMPRESS[ending](LINES))
    assert len(outcomes(path)) == 1200


@ANY
def test_streams_one_behind_another_are_one_file(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"a.txt{ending}"
    between = bytes(8) if ending == ".xz" else b""
    path.write_bytes(COMPRESS[ending](b"Dry ") + between + COMPRESS[ending](b"cough."))
    assert only_note(path).text == "Dry cough."


@ANY
def test_a_damaged_file_is_one_line_and_what_came_before_is_kept(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"a.jsonl{ending}"
    whole = COMPRESS[ending](LINES)
    for damaged in (whole[: len(whole) // 2], whole[:-3], whole + b"tail"):
        path.write_bytes(damaged)
        files = NoteFiles([path])
        *found, last = files
        assert last == Unreadable(path, f"damaged {NAMES[ending]} file")
        assert all(isinstance(one, Note) for one in found)
        assert not files.finished


@ANY
def test_what_is_only_called_compressed_is_told(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"a.txt{ending}"
    path.write_bytes(b"Dry cough.")
    assert reasons(path) == [(f"damaged {NAMES[ending]} file", None)]


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(at=st.integers(0, 200), junk=st.binary(max_size=9), ending=st.sampled_from(list(COMPRESS)))
def test_whatever_is_damaged_reading_ends_without_an_exception(
    tmp_path: Path, at: int, junk: bytes, ending: str
) -> None:
    data = COMPRESS[ending](b"text,note_id\nCough,1\nRash,2\n" * 9)
    (path := tmp_path / f"a.csv{ending}").write_bytes(data[:at] + junk + data[at + len(junk) :])
    assert all(isinstance(one, Note | Unreadable) for one in outcomes(path))


@pytest.mark.parametrize("ending", [".bz2", ".xz", ".zst"])
def test_a_bomb_is_left_when_it_unpacks_to_more_than_notes_do(
    tmp_path: Path, ending: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(contents_module, "ALWAYS_UNPACKED_BYTES", 300_000)
    path = tmp_path / f"a.csv{ending}"
    path.write_bytes(COMPRESS[ending](b"text\n" + b"a\n" * 1_000_000))
    *_, last = outcomes(path)
    assert isinstance(last, Unreadable)
    assert last.reason == contents_module.BOMB


def test_without_zstandard_its_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "zstandard", None)
    path = tmp_path / "a.txt.zst"
    path.write_bytes(COMPRESS[".zst"](b"Dry cough."))
    ((reason, _),) = reasons(path)
    assert 'pip install "clinsearch[zstd]"' in reason


def test_an_xz_file_cannot_ask_for_much_memory(tmp_path: Path) -> None:
    data = bytearray(lzma.compress(b"Dry cough."))
    data[16] = 40  # of the first block's header: a dictionary of 4 GiB
    end = 12 + (data[12] + 1) * 4 - 4
    data[end : end + 4] = zlib.crc32(data[12:end]).to_bytes(4, "little")
    (path := tmp_path / "a.txt.xz").write_bytes(data)
    assert reasons(path) == [("damaged xz file", None)]

"""Archives: what is in them is read as files are, and never more than that."""

from __future__ import annotations

import gzip
import io
import stat
import struct
import tarfile
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clinsearch.readers import NoteFiles, Unreadable
from clinsearch.readers import archives as archives_module
from clinsearch.readers import contents as contents_module
from clinsearch.records import Note
from tests.support.note_files import csv_of, jsonl_of, outcomes, reasons

Files = Mapping[str, bytes]
FILES: Files = {
    "ward/a.txt": b"Dry cough.",
    "ward/b.csv": csv_of(["note_id", "text"], ["n1", "No fever."], ["n2", "Rash."]).encode(),
    "c.jsonl.gz": gzip.compress(jsonl_of({"text": "Wheeze."}).encode()),
    "d.html": b"<html><body><p>Leg pain.</p></body></html>",
}


def zipped(files: Files) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


def tarred(files: Files, how: str = "w") -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=how) as archive:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


KINDS: dict[str, Callable[[Files], bytes]] = {
    "x.zip": zipped,
    "x.tar": tarred,
    "x.tar.gz": lambda files: tarred(files, "w:gz"),
    "x.tgz": lambda files: tarred(files, "w:gz"),
    "x.tar.bz2": lambda files: tarred(files, "w:bz2"),
    "x.tar.xz": lambda files: tarred(files, "w:xz"),
}
ANY = pytest.mark.parametrize("name", KINDS)


def archive(folder: Path, name: str, files: Files) -> Path:
    (path := folder / name).write_bytes(KINDS[name](files))
    return path


@ANY
def test_the_files_in_an_archive_are_read_as_files_are(tmp_path: Path, name: str) -> None:
    path = archive(tmp_path, name, FILES)
    files = NoteFiles([tmp_path])
    assert list(files) == [
        Note(f"{name}/ward/a", "Dry cough.", source=f"{path}/ward/a.txt"),
        Note("n1", "No fever.", source=f"{path}/ward/b.csv"),
        Note("n2", "Rash.", source=f"{path}/ward/b.csv"),
        Note(f"{name}/c#1", "Wheeze.", source=f"{path}/c.jsonl.gz"),
        Note(f"{name}/d", "Leg pain.", source=f"{path}/d.html"),
    ]
    assert path in files.finished
    assert files.bytes_read == files.total_bytes


@ANY
def test_an_archive_is_known_whatever_it_is_called(tmp_path: Path, name: str) -> None:
    (tmp_path / "a.txt").write_bytes(KINDS[name](FILES))
    assert "Dry cough." in [one.text for one in outcomes(tmp_path) if isinstance(one, Note)]


@ANY
def test_what_is_not_read_in_an_archive_is_counted(tmp_path: Path, name: str) -> None:
    path = archive(tmp_path, name, {"scan.png": b"x", ".hidden.txt": b"x", "__MACOSX/a.txt": b"x", "a.txt": b"Cough"})
    files = NoteFiles([path])
    assert [one.text for one in files if isinstance(one, Note)] == ["Cough"]
    assert files.passed_over == (path / "scan.png",)


@ANY
@pytest.mark.parametrize("bad", ["/etc/a.txt", "../a.txt", "b/../../a.txt", "C:/a.txt", "a\nb.txt"])
def test_a_name_that_leads_elsewhere_is_left_out_and_named(tmp_path: Path, name: str, bad: str) -> None:
    path = archive(tmp_path, name, {bad: b"Cough", "good.txt": b"Rash"})
    files = NoteFiles([path])
    assert [one.text for one in files if isinstance(one, Note)] == ["Rash"]
    (left,) = files.left_out
    assert left.kind == "member"
    assert "\n" not in str(left.path)


def test_links_and_devices_in_a_tar_archive_are_left_out(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "x.tar", "w") as out:
        for name, kind in (("l.txt", tarfile.SYMTYPE), ("h.txt", tarfile.LNKTYPE), ("d.txt", tarfile.CHRTYPE)):
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, "/etc/passwd"
            out.addfile(info)
    files = NoteFiles([tmp_path])
    assert list(files) == []
    assert [(left.path.name, left.kind) for left in files.left_out] == [
        (n, "member") for n in ("l.txt", "h.txt", "d.txt")
    ]


def test_links_and_encrypted_files_in_a_zip_archive_are_left_out(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("l.txt")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as out:
        out.writestr(link, "/etc/passwd")
        out.writestr("locked.txt", "Cough")
    data = bytearray((tmp_path / "x.zip").read_bytes())
    at = data.rfind(b"PK\1\2")
    data[at + 8] |= 1
    (tmp_path / "x.zip").write_bytes(data)
    files = NoteFiles([tmp_path])
    assert list(files) == []
    assert [left.reason for left in files.left_out] == ["a link or a device, not a file", "encrypted; decrypt it"]


def test_an_archive_in_an_archive_is_read_and_none_in_that(tmp_path: Path) -> None:
    inner = zipped({"deep.txt": b"Cough"})
    middle = tarred({"in.zip": inner, "middle.txt": b"Rash"}, "w:gz")
    path = archive(tmp_path, "x.zip", {"mid.tar.gz": middle, "outer.txt": b"Pain"})
    found = outcomes(path)
    assert [one.text for one in found if isinstance(one, Note)] == ["Rash", "Pain"]
    (fault,) = [one for one in found if isinstance(one, Unreadable)]
    assert fault.path == path / "mid.tar.gz" / "in.zip"
    assert "an archive in an archive in an archive" in fault.reason


@ANY
def test_rows_of_a_note_that_is_torn_between_tables_of_an_archive_are_not_taken_for_it(
    tmp_path: Path, name: str
) -> None:
    header = ["note_id", "line", "text"]
    first, second = [["1", str(n), f"line {n}"] for n in (1, 2)], [["1", str(n), f"line {n}"] for n in (3, 4)]
    tables = {f"{n}.csv": csv_of(header, *rows).encode() for n, rows in (("a", first), ("b", second))}
    found = outcomes(archive(tmp_path, name, tables))
    assert [one.kind for one in found if isinstance(one, Unreadable)] == ["parts", "parts"]


@ANY
def test_what_is_gone_from_a_whole_archive_is_gone_and_what_could_not_be_read_is_kept(
    tmp_path: Path, name: str
) -> None:
    path = archive(tmp_path, name, {"a.txt": b"Cough", "b.txt": b"\xff\xfe\xff", "c.csv": b"text\nRash\n"})
    files = NoteFiles([tmp_path])
    assert len(list(files)) == 3
    assert files.is_gone(path / "once.txt")
    assert files.is_gone(path / "a.txt")
    assert not files.is_gone(path / "b.txt")
    assert files.covers(str(path / "once.txt"))
    path.write_bytes(path.read_bytes()[:-70] if name == "x.zip" else path.read_bytes()[:200])
    assert any(isinstance(one, Unreadable) for one in files)
    assert not files.is_gone(path / "once.txt")
    path.unlink()
    (tmp_path / "other.txt").write_bytes(b"Pain")
    files = NoteFiles([tmp_path])
    list(files)
    assert files.is_gone(path / "once.txt")


def test_a_file_that_is_encrypted_or_a_link_now_is_not_gone(tmp_path: Path) -> None:
    data = bytearray(zipped({"a.txt": b"Dry cough.", "b.txt": b"Wheeze."}))
    for header, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.find(header) + flags] |= 1  # says that a.txt is encrypted
    path = tmp_path / "x.zip"
    path.write_bytes(data)
    files = NoteFiles([tmp_path])
    assert [one.text for one in files if isinstance(one, Note)] == ["Wheeze."]
    assert not files.is_gone(path / "a.txt")
    assert files.is_gone(path / "c.txt")


@ANY
def test_an_archive_that_unpacks_to_more_than_notes_do_is_left(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(contents_module, "ALWAYS_UNPACKED_BYTES", 100_000)
    monkeypatch.setattr(contents_module, "MAX_RATIO", 1)
    path = archive(tmp_path, name, {f"{n}.csv": b"text\n" + b"a\n" * 30_000 for n in range(20)})
    if path.stat().st_size > 500_000:
        pytest.skip("it is not packed")
    *_, last = outcomes(path)
    assert isinstance(last, Unreadable)
    assert (last.path, last.kind) == (path, "too_long")


def test_an_archive_with_too_many_files_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives_module, "MAX_MEMBERS", 2)
    path = archive(tmp_path, "x.zip", {f"{n}.txt": b"Cough" for n in range(3)})
    *_, last = outcomes(path)
    assert last == Unreadable(path, "more than 2 files in one archive; unpack it")


@pytest.mark.parametrize("length", [0xFFFF_FFFE, 100_000_000])
def test_a_zip_archive_whose_directory_cannot_be_held_is_not_opened(tmp_path: Path, length: int) -> None:
    data = bytearray(zipped(FILES))
    struct.pack_into("<L", data, data.rfind(b"PK\5\6") + 12, length)
    (tmp_path / "x.zip").write_bytes(data)
    assert reasons(tmp_path / "x.zip") == [("too many files in one archive; unpack it", None)]


def test_a_header_of_a_tar_archive_cannot_ask_for_much_memory(tmp_path: Path) -> None:
    info = tarfile.TarInfo("././@PaxHeader")
    info.type, info.size = tarfile.XHDTYPE, 3_000_000
    data = info.tobuf() + b"x" * 3_000_000
    (tmp_path / "x.tar").write_bytes(data)
    assert reasons(tmp_path / "x.tar") == [("damaged or cut archive", None)]


WHOLE = {name: make(FILES) for name, make in KINDS.items()}


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    name=st.sampled_from(list(KINDS)),
    at=st.floats(0, 1),
    junk=st.binary(max_size=12),
    is_cut=st.booleans(),
)
def test_whatever_is_damaged_reading_ends_without_an_exception(
    tmp_path: Path, name: str, at: float, junk: bytes, is_cut: bool
) -> None:
    data = WHOLE[name]
    place = int(at * len(data))
    (path := tmp_path / name).write_bytes(data[:place] + junk + (b"" if is_cut else data[place + len(junk) :]))
    files = NoteFiles([path])
    found = list(files)
    assert all(isinstance(one, Note | Unreadable) for one in found)
    if is_cut and not junk and place < len(data.rstrip(b"\0")) // 2:
        assert not files.is_gone(path / "once.txt")


def test_nothing_of_an_archive_is_left_on_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "tmp"))
    monkeypatch.setattr(contents_module, "MAX_COPY_IN_MEMORY", 10)
    path = archive(tmp_path, "x.tar.gz", FILES)
    assert len(outcomes(path)) == 5
    assert list((tmp_path / "tmp").iterdir()) == []

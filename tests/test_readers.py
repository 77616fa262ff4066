"""Folders and files of notes, and what is said of those that cannot be read."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path

import pytest

from clinsearch import readers
from clinsearch.errors import InputError
from clinsearch.readers import MAX_NOTE_CHARACTERS, NoteFiles, Unreadable
from clinsearch.records import Note
from tests.support.note_files import jsonl_of, notes, only_note, outcomes, reasons, written


def test_the_public_names_are_exactly_these() -> None:
    assert sorted(readers.__all__) == [
        "CannotRead",
        "Document",
        "KEPT_KINDS",
        "MAX_NOTE_CHARACTERS",
        "NoteFiles",
        "NoteSource",
        "ReadingOptions",
        "Unreadable",
        "is_on_disk",
        "parse_datetime",
        "piece_digest",
        "suffix_of",
    ]
    assert MAX_NOTE_CHARACTERS == 10_000_000


def test_a_folder_is_walked_in_order_and_what_is_not_for_reading_is_passed_over(tmp_path: Path) -> None:
    for name in ("b.txt", "a/z.md", "a/y.TXT.GZ", "c.jsonl.gz", ".hidden.txt", ".git/x.txt", "old/n.txt"):
        written(tmp_path / name, '{"text": "one"}' if "jsonl" in name else "one")
    for name in (
        "scan.PNG",
        "x.7z",
        "README",
        "Smith, J. discharge",
        "old/catalog.db",
        "old/writer.lock",
        "old/deep/n.txt",
    ):
        written(tmp_path / name, b"x")
    files = NoteFiles([tmp_path])
    assert files.files == tuple(tmp_path / name for name in ("a/y.TXT.GZ", "a/z.md", "b.txt", "c.jsonl.gz"))
    assert files.unknown == Counter({".png": 1, ".7z": 1, "": 2})
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
    picture = written(tmp_path / "a.png", "x")
    with pytest.raises(InputError, match=r"a\.png is of no known format\. Formats read: \.txt, \.md, .*gz"):
        NoteFiles([picture])
    with pytest.raises(InputError, match="No notes: no file or folder was given"):
        NoteFiles([])


def test_folders_without_notes_are_an_input_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    written(tmp_path / "x" / "a.png", "x")
    for name in ("catalog.db", "writer.lock"):
        written(tmp_path / "c" / name, "x")
    with pytest.raises(InputError) as caught:
        NoteFiles([Path("x")])
    said = str(caught.value)
    assert said.startswith("No notes in x: it has no .txt, .md, .csv, ")
    assert said.endswith(" file (also .gz). Of other formats it has .png.")
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

"""Readers that a site brings for its own formats."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from clinsearch.errors import InputError
from clinsearch.readers import NoteFiles, Unreadable, plugins
from clinsearch.records import Note
from tests.support.note_files import SECRET, outcomes

Install = Callable[[str], None]
READER = """
from clinsearch.readers import CannotRead, Document

def read(path):
    for number, line in enumerate(path.read_text().splitlines(), start=1):
        patient, _, text = line.partition("~")
        yield Document(text, fields={"patient_id": int(patient), "ward": "A"}, record=number)
    yield CannotRead("a line of no known kind", number + 1)
"""


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    place = tmp_path / "site-packages"
    about = place / "wardnotes-1.0.dist-info"
    about.mkdir(parents=True)
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: wardnotes\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text("[clinsearch.readers]\nward = wardnotes:read\ntxt = wardnotes:read\n")
    monkeypatch.syspath_prepend(str(place))

    def write(code: str) -> None:
        (place / "wardnotes.py").write_text(code)
        monkeypatch.delitem(sys.modules, "wardnotes", raising=False)
        plugins.plugged_in.cache_clear()

    yield write
    monkeypatch.delitem(sys.modules, "wardnotes", raising=False)
    plugins.plugged_in.cache_clear()


def test_a_sites_own_format_is_read_by_its_reader(tmp_path: Path, install: Install) -> None:
    install(READER)
    (path := tmp_path / "notes" / "a.WARD").parent.mkdir()
    path.write_text("7~Dry cough.\n8~<html><p>No fever.")
    files = NoteFiles([tmp_path / "notes"])
    assert list(files) == [
        Note("a#1", "Dry cough.", patient_id="7", source=str(path)),
        Note("a#2", "<html><p>No fever.", patient_id="8", source=str(path)),
        Unreadable(path, "a line of no known kind", 3),
    ]
    assert files.ignored_fields == {"ward": 1}


def test_a_reader_is_loaded_only_for_a_file_of_its_ending(tmp_path: Path, install: Install) -> None:
    install("raise SystemError")
    (path := tmp_path / "a.txt").write_text("Dry cough.")
    assert outcomes(path) == [Note("a", "Dry cough.", source=str(path))]
    assert "wardnotes" not in sys.modules


@pytest.mark.parametrize(
    ("code", "what"),
    [
        (f"raise ValueError('{SECRET}')", "ValueError"),
        (f"def read(path):\n    raise KeyError('{SECRET}')\n    yield", "KeyError"),
        ("def read(path):\n    yield 'Dry cough.'", "TypeError"),
        ("def read(path):\n    return 7", "TypeError"),
        ("", "AttributeError"),
    ],
)
def test_a_reader_that_fails_is_one_line_that_names_it(tmp_path: Path, install: Install, code: str, what: str) -> None:
    install(code)
    (path := tmp_path / "a.ward").write_text("7~Dry cough.")
    (fault,) = outcomes(path)
    assert isinstance(fault, Unreadable)
    assert fault.reason == f"the reader for .ward of wardnotes (wardnotes:read) failed: {what}"
    assert fault.kind == "reader"


def test_without_the_reader_its_files_are_of_no_known_format(tmp_path: Path) -> None:
    (path := tmp_path / "a.ward").write_text("7~Dry cough.")
    with pytest.raises(InputError, match="of no known format"):
        NoteFiles([path])

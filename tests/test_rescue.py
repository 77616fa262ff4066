"""`clinsearch rescue`: of a damaged collection all that is as it was written is saved, and the rest is named."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from clinsearch import Collection
from clinsearch.errors import CollectionNotFound
from clinsearch.indexing.rescue import rescue
from clinsearch.storage.folder.rescuing import read_remains
from tests.support.hostile import contents, run, with_catalog
from tests.support.sound import NOTES, flip, killed_after, own, sound

__all__ = ["own", "sound"]

# Ctrl-C when the notes are there, and the saved searches not yet.
INTERRUPTED = """
import os, signal
from clinsearch.cli import main
from clinsearch.indexing import rescue
rescue._save_searches = lambda *_: os.kill(os.getpid(), signal.SIGINT)
main()
"""


def rescued(folder: Path, *options: str) -> tuple[int, dict]:
    """Save what can be saved beside a folder, which stays as it is; return the exit code and the report."""
    before = contents(folder)
    result = run(folder, "rescue", str(folder), str(folder.with_name("saved")), "--format", "json", *options)
    assert contents(folder) == before
    return result.exit_code, json.loads(result.stdout)


def all_texts(folder: Path) -> dict[str, str]:
    return {note.note_id: note.text for note in Collection(folder).whole_notes()}


def test_of_a_sound_collection_all_is_saved(own: Path) -> None:
    assert run(own, "search", "cough", "--save", "coughs").exit_code == 0
    code, report = rescued(own)
    assert code == 0
    assert (report["notes"], report["lost"], report["not_found"], report["saved_searches"]) == (43, [], 0, 1)
    saved = own.with_name("saved")
    assert {name: text.strip() for name, text in all_texts(saved).items()} == {n: t.strip() for n, t in NOTES.items()}
    assert run(saved, "verify", "--full").exit_code == 0
    same = ("search", "no fever", "--format", "json")
    assert run(saved, *same).stdout == run(own, *same).stdout
    assert run(saved, "run", "coughs").exit_code == 0
    report_of_index = run(saved, "index", "NOTES", "--format", "json")
    assert json.loads(report_of_index.stdout)["unchanged"] == 43


def test_a_note_that_changed_is_named_and_not_saved(own: Path) -> None:
    flip(own / "catalog.db", b"Note 17 has", b"Note 71 has")
    code, report = rescued(own)
    assert code == 1
    assert report["lost"] == ["m17"]
    assert report["notes"] == 42
    assert "m17" not in all_texts(own.with_name("saved"))
    assert run(own.with_name("saved"), "index", "NOTES").exit_code == 0
    assert all_texts(own.with_name("saved"))["m17"] == Collection(own.with_name("saved")).note("m17").note.text
    assert run(own.with_name("saved"), "verify", "--full").exit_code == 0


@pytest.mark.parametrize("seed", range(4))
def test_of_a_catalog_full_of_holes_only_what_is_as_it_was_is_saved(own: Path, seed: int) -> None:
    chance, catalog = random.Random(seed), own / "catalog.db"
    content = bytearray(catalog.read_bytes())
    for _ in range(len(content) // 20_000):
        at = chance.randrange(len(content))
        content[at : at + 4096] = chance.randbytes(len(content[at : at + 4096]))
    catalog.write_bytes(content)
    left = read_remains(own)
    assert left.notes
    for note in left.notes.values():
        assert note.text.strip() == NOTES[note.note_id].strip()


def test_a_catalog_without_its_beginning_is_read_all_the_same(own: Path, tiny_model: Path) -> None:
    content = (own / "catalog.db").read_bytes()
    (own / "catalog.db").write_bytes(bytes(4096) + content[4096:])
    assert "clinsearch rescue" in run(own, "search", "cough").stderr
    code, report = rescued(own, "--model", str(tiny_model))
    assert (code, report["notes"]) == (0, 43)


def test_what_was_deleted_does_not_come_back_and_what_lies_in_the_log_does(own: Path) -> None:
    killed = killed_after(own, "n1", "m03")
    assert len(read_remains(killed).notes) == 41
    assert len(read_remains(own).notes) == 41
    log = killed / "catalog.db-wal"
    at = log.stat().st_size - 100
    content = bytearray(log.read_bytes())
    content[at] ^= 0x10
    log.write_bytes(content)
    assert len(read_remains(killed).notes) in (41, 42)


def test_nothing_is_saved_to_a_place_that_is_taken_or_from_one_where_nothing_is_left(own: Path) -> None:
    for target in (own, own / "inside", own.parent / "notes"):
        result = run(own, "rescue", str(own), str(target))
        assert result.exit_code == 1
        assert "Name another place" in result.stderr
    os.truncate(own / "catalog.db", 0)
    result = run(own, "rescue", str(own), str(own.with_name("saved")))
    assert "No note can be read" in result.stderr
    assert not own.with_name("saved").exists()


def test_a_model_that_a_catalog_names_is_not_fetched(own: Path, no_network: list[object]) -> None:
    with_catalog(own, "UPDATE collection SET model = 'someone/tracking-model'")
    result = run(own, "rescue", str(own), str(own.with_name("saved")))
    assert result.exit_code == 1
    assert no_network == []


def test_a_catalog_that_says_what_is_not_so_is_read_in_bounds(own: Path) -> None:
    """Every length and place in it is drawn by chance."""
    chance = random.Random(1)
    content = bytearray((own / "catalog.db").read_bytes())
    for page in range(4096, len(content), 4096):
        content[page] = 0x0D
        content[page + 3 : page + 60] = chance.randbytes(57)
    (own / "catalog.db").write_bytes(content)
    assert all(note.text.strip() == NOTES[note.note_id].strip() for note in read_remains(own).notes.values())


def test_a_folder_that_is_not_there_is_told_as_that(tmp_path: Path) -> None:
    with pytest.raises(CollectionNotFound, match="No collection at"):
        rescue(tmp_path / "nowhere", tmp_path / "to")
    assert not (tmp_path / "to").exists()


def test_ctrl_c_leaves_nothing_that_looks_whole_and_says_so(own: Path) -> None:
    saved = own.with_name("saved")
    process = subprocess.Popen(
        [sys.executable, "-c", INTERRUPTED, "rescue", str(own), str(saved)], stderr=subprocess.PIPE, text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )  # fmt: skip
    said = process.communicate(timeout=60)[1].splitlines()
    assert (process.returncode, said[-1]) == (130, f"Stopped. {saved} was not made; begin again.")
    assert [path.name for path in own.parent.iterdir() if "saved" in path.name] == []

"""Collections that an older program made: said to be older, and brought up to date by `index`."""

from __future__ import annotations

import shutil
import sqlite3
import tarfile
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from clinsearch import Collection, index
from clinsearch.errors import CollectionVersion
from clinsearch.indexing.upkeep import delete_notes, optimize
from clinsearch.language import LANGUAGE_VERSION, read_note, read_sentences
from clinsearch.storage.folder.snapshots import Reader
from tests.support.collections import assert_whole

KEPT = Path(__file__).resolve().parent / "collections"
OLDER = "made by an older clinsearch. Bring it up to date with `clinsearch index` on its notes."

# All that follows from the texts, in words and not in keys, which differ.
CONTENTS = {
    "sections": "SELECT note_id, name, heading, start, end FROM sections JOIN notes ON notes.key = note ORDER BY 1, 4",
    "places": "SELECT note_id, o.start, o.end, s.text, s.heading FROM occurrences o JOIN notes n ON n.key = o.note"
    " JOIN sentences s ON s.key = o.sentence ORDER BY 1, 2",
    "sentences": "SELECT text, heading, gist, digest FROM sentences ORDER BY 1",
    "assertions": "SELECT s.text, start, end, assertion, cue_start, cue_end FROM assertions"
    " JOIN sentences s ON s.key = sentence ORDER BY 1, position",
    "sentence vocab": "SELECT * FROM sentence_vocab ORDER BY 1",
    "note vocab": "SELECT * FROM note_vocab ORDER BY 1",
    "counts": "SELECT name, rows FROM counts ORDER BY 1",
}


@pytest.fixture
def old(tmp_path: Path) -> Path:
    with tarfile.open(KEPT / "revision-0005.tar.gz") as packed:
        packed.extractall(tmp_path, filter="data")
    return tmp_path / "collection"


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    return Path(shutil.copytree(KEPT / "notes", tmp_path / "notes"))


def contents(folder: Path) -> dict[str, list[tuple[object, ...]]]:
    with closing(sqlite3.connect(folder / "catalog.db")) as catalog:
        return {name: catalog.execute(query).fetchall() for name, query in CONTENTS.items()}


def vectors(folder: Path) -> dict[str, np.ndarray]:
    """Return the vectors of notes by id, and of sentences by text."""
    with Reader(folder).snapshot() as snapshot, closing(sqlite3.connect(folder / "catalog.db")) as catalog:
        names = dict(catalog.execute("SELECT key, note_id FROM notes"))
        texts = dict(catalog.execute("SELECT key, text FROM sentences"))
        of_notes = snapshot.vectors_of("note", np.array(list(names), dtype=np.int64))
        of_texts = snapshot.vectors_of("sentence", np.array(list(texts), dtype=np.int64))
        return dict(zip([*names.values(), *texts.values()], np.concatenate([of_notes, of_texts]), strict=True))


def test_an_older_collection_says_what_brings_it_up_to_date(old: Path) -> None:
    for ask in (
        lambda: Collection(old).search("cough"),
        lambda: Collection(old).note("a"),
        lambda: delete_notes(old, ["a"]),
        lambda: optimize(old),
    ):
        with pytest.raises(CollectionVersion, match=OLDER):
            ask()


def test_index_reads_an_older_collection_anew(old: Path, notes: Path, tmp_path: Path) -> None:
    report = index([notes], old)
    fresh = index([notes], tmp_path / "fresh")
    assert (report.unchanged, report.new, report.changed, report.renamed) == (4, 0, 0, 0)
    assert 0 < report.sentences_encoded < fresh.sentences_encoded
    assert contents(old) == contents(tmp_path / "fresh")
    ours, theirs = vectors(old), vectors(tmp_path / "fresh")
    assert ours.keys() == theirs.keys()
    for name, vector in ours.items():
        assert vector @ theirs[name] > 0.999, name
    assert_whole(old)
    assert [hit.sentence for hit in Collection(old).search("HIV", mode="keyword")] == ["HIV: positive"]


def test_once_read_anew_nothing_is_done_again(old: Path, notes: Path) -> None:
    index([notes], old)
    before = contents(old)
    again = index([notes], old)
    assert (again.unchanged, again.sentences_encoded) == (4, 0)
    assert contents(old) == before


def test_a_collection_read_by_other_rules_is_read_anew(notes: Path, tmp_path: Path) -> None:
    folder = tmp_path / "collection"
    index([notes], folder)
    whole = contents(folder)
    (folder / "catalog.seal").unlink(missing_ok=True)
    with closing(sqlite3.connect(folder / "catalog.db")) as catalog, catalog:
        catalog.execute("UPDATE collection SET language = ?", (f"not {LANGUAGE_VERSION}",))
        catalog.execute("UPDATE sections SET name = 'plan'")
        catalog.execute("DELETE FROM assertions")
    with pytest.raises(CollectionVersion, match=OLDER):
        Collection(folder).search("cough")
    index([notes], folder)
    assert contents(folder) == whole


def test_a_run_that_is_stopped_between_reading_anew_and_encoding_is_made_up_for(old: Path, notes: Path) -> None:
    from clinsearch.storage.folder.writer import Writer

    with Writer(old, create=True) as writer:
        writer.read_anew(read_note, read_sentences)
    report = index([notes], old)
    assert report.sentences_encoded > 0
    assert next(iter(Collection(old).search("HIV positive"))).sentence == "HIV: positive"
    assert_whole(old)

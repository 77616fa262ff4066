"""Collections of schema 0002, without counts or dead rows: the next run of the indexer brings them up to date."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from clinsearch import Collection, index
from clinsearch.errors import CollectionVersion
from clinsearch.language import read_note, read_sentences, terms_of
from clinsearch.storage.batches import Batch
from clinsearch.storage.catalog.texts import TextCatalog
from clinsearch.storage.folder.snapshots import Reader
from clinsearch.storage.folder.spaces.codecs import eight_bits
from clinsearch.storage.folder.writer import Writer
from tests.support.collections import (
    a_note,
    collection_of,
    commit,
    contents_of,
    folder_in_memory,
    keys_of,
    path_in_memory,
)
from tests.support.large_collections import MANY, complete_openings, is_large, some_notes, write_notes_and_half
from tests.support.older_schemas import take_back
from tests.support.stored_vectors import assert_vectors, assert_whole, dead_keys, live_keys, stored

pytestmark = pytest.mark.usefixtures("few_are_many")

tmp_path = path_in_memory


def as_of_0002(folder: Path) -> None:
    """Turn a collection into one of schema 0002, which has no counts and knows of no dead rows."""
    (folder / "catalog.seal").unlink(missing_ok=True)
    with closing(sqlite3.connect(folder / "catalog.db")) as catalog, catalog:
        take_back(catalog, "0006")
        later = ("assertions", "corrections", "counts", "dead_rows", "probes")
        for table in ("sentence_terms", "note_terms", "sentence_vocab", "note_vocab", *later):
            catalog.execute(f"DROP TABLE {table}")
        for column in ("correction", "language"):
            catalog.execute(f"ALTER TABLE collection DROP COLUMN {column}")
        catalog.execute("DROP INDEX ix_sentences_gist")
        for column in ("gist", "heading"):
            catalog.execute(f"ALTER TABLE sentences DROP COLUMN {column}")
        catalog.execute("DELETE FROM vector_files WHERE kind LIKE 'opening%'")
        catalog.execute("UPDATE alembic_version SET version_num = '0002'")


@pytest.fixture(scope="module")
def older_once(few_are_many: None, tiny_model: Path) -> Iterator[Path]:
    """Notes, and a small collection of the first of them."""
    with folder_in_memory() as memory:
        write_notes_and_half(memory)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(eight_bits, "LEAST_ROWS", 10**9)
            index(memory / "half", memory / "older", model=str(tiny_model))
        yield memory


@pytest.fixture
def older(tmp_path: Path, older_once: Path) -> Path:
    """A small collection with words, which `as_of_0002` turns into an older one."""
    return Path(shutil.copytree(older_once / "older", tmp_path / "older"))


DELETED = ["n05", "n11", "n40"]


def delete_some(folder: Path, *, is_stopped: bool) -> None:
    """Delete notes as older versions did: off the disk at once, unless the process was stopped in between."""
    with Writer(folder) as writer:
        writer.commit(Batch(removed=keys_of(writer, DELETED)), terms_of)
        if not is_stopped:
            writer.scrub()


@pytest.mark.parametrize("deletion", ["none", "whole", "stopped"])
def test_an_older_collection_is_brought_up_to_date_by_index_and_refused_by_all_else(
    older: Path, older_once: Path, tmp_path: Path, deletion: str
) -> None:
    if deletion != "none":
        delete_some(older, is_stopped=deletion == "stopped")
    before = contents_of(older)
    as_of_0002(older)
    opened = Collection(older)
    for command in (lambda: opened.search("fever"), lambda: opened.delete(["n20"]), opened.optimize, opened.repair):
        with pytest.raises(CollectionVersion, match="clinsearch index"):
            command()
    notes = Path(shutil.copytree(older_once / "notes", tmp_path / "notes"))
    for note_id in DELETED if deletion != "none" else []:
        (notes / f"{note_id}.txt").unlink()
    index(notes, older)
    there = contents_of(older)
    assert there.notes.keys() == before.notes.keys() | {f"n{number}" for number in (42, 43, 44)}
    assert_whole(older)
    hits = Collection(older).search("fever", MANY, mode="vector")
    assert {hit.sentence for hit in hits} == set(there.sentences)
    assert {hit.sentence for hit in Collection(older).search("fever", MANY, mode="keyword")} == {
        text for text in there.sentences if "fever" in terms_of(text)
    }
    assert Collection(older).search("fever", 3, level="note")
    with Reader(older).snapshot() as snapshot:
        keys = snapshot.catalog.all_keys("sentence").tolist()
        assert all(TextCatalog(snapshot.catalog.connection).gists(keys).values())
    assert not any(hit.note_id in DELETED for hit in hits if deletion != "none")
    assert {hit.note_id for hit in Collection(older).search_tokens("a [fever]", MANY)} <= there.notes.keys()
    assert is_large(older)["sentence"]
    Collection(older).optimize()
    assert not Collection(older).status().has_remains
    assert (dead_keys(older, "sentence"), dead_keys(older, "word")) == ([], [])
    assert sorted(stored(older, "sentence")) == live_keys(older, "sentence")


def test_an_older_collection_without_words_or_notes_is_brought_up_to_date(tmp_path: Path) -> None:
    for number, commits_of_it in enumerate(([], [some_notes(3)], [[a_note("bare"), a_note("b", "Two.", "Two.")]])):
        folder = collection_of(tmp_path / str(number), *commits_of_it)
        before = contents_of(folder)
        as_of_0002(folder)
        with Writer(folder, create=True) as writer:
            writer.read_anew(read_note, read_sentences)
            assert not len(writer.incomplete_sentences())
            writer.restore_note_vectors()
            complete_openings(writer)
        there = contents_of(folder)
        assert (there.notes, there.sentences) == (before.notes, before.sentences)
        assert_whole(folder)
        with Writer(folder) as writer:
            commit(writer, *some_notes(50, first=100))
            writer.compact()
        assert is_large(folder)["sentence"]
        assert_whole(folder)
        assert_vectors(folder)

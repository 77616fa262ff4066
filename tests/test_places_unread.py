"""Of the places where a sentence or a token stands only those are read that are shown; the rest is counted."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import tracemalloc
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import clinsearch
from clinsearch.collection import Collection
from clinsearch.records import Filter
from clinsearch.records.digests import text_digest
from clinsearch.storage.catalog import words as word_questions
from clinsearch.storage.catalog.notes import Catalog
from clinsearch.storage.catalog.places import PlaceCatalog
from clinsearch.storage.catalog.words import WordCatalog
from clinsearch.storage.folder.database import open_engine, transaction
from clinsearch.storage.folder.writer import Writer
from clinsearch.storage.values import EncoderIdentity, SentenceTokens
from tests.conftest import small_vocab

MEGABYTE = 1 << 20
OWNER = EncoderIdentity("a model", "mean", "f" * 64, 4)
VOCAB = {token: number for number, token in enumerate(small_vocab())}
SECTIONS = [None, "plan", "exam"]
ASK = """
import sys
from pathlib import Path
from clinsearch.records import Filter
from clinsearch.storage.folder.database import open_engine, transaction
from clinsearch.storage.catalog.notes import Catalog
from clinsearch.storage.catalog.places import PlaceCatalog

def height():
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) * 1024

folder = Path(sys.argv[1])
with transaction(open_engine(folder, writing=False), folder) as connection:
    Catalog(connection).first_occurrences([2], Filter()), PlaceCatalog(connection).standings([2], Filter())
    before = height()
    (_, count), = Catalog(connection).first_occurrences([1], Filter()).values()
    (standings,) = PlaceCatalog(connection).standings([1], Filter()).values()
    print(count, sum(standing.places for standing in standings), height() - before)
"""


def copied(folder: Path, *, notes: int, length: int) -> Path:
    """Make a catalog of notes that all hold the first of two sentences, twice; the second stands in one alone."""
    with Writer(folder, create=True) as writer:
        writer.claim(OWNER, "a test")
    text = "x" * length
    (folder / "catalog.seal").unlink(missing_ok=True)
    with closing(sqlite3.connect(folder / "catalog.db")) as catalog, catalog:
        for sentence in (text, "y"):
            catalog.execute("INSERT INTO sentences (text, digest) VALUES (?, ?)", (sentence, text_digest(sentence)))
        for number in range(1, notes + 1):
            name, kind = f"n{number}", ("a", "b")[number % 2]
            row = (name, kind, "", name.encode())
            catalog.execute("INSERT INTO notes (note_id, note_type, text, digest) VALUES (?, ?, ?, ?)", row)
            section = (number, 0, SECTIONS[number % 3], 0, 1)
            catalog.execute('INSERT INTO sections (note, position, name, start, "end") VALUES (?, ?, ?, ?, ?)', section)
            starts = [(number, 7 + number % 5, 1), (number, 3 + number % 2, 1)]
            places = [*starts, (number, 100, 2)] if number == notes else starts
            insert = 'INSERT INTO occurrences (note, start, "end", section, sentence) VALUES (?, ?, ?, 0, ?)'
            catalog.executemany(insert, [(note, start, start + 1, of) for note, start, of in places])
    return folder


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="only Linux says how much memory was taken")
def test_a_sentence_in_very_many_notes_is_not_read_once_for_each(tmp_path: Path) -> None:
    folder = copied(tmp_path / "c", notes=20_000, length=2000)
    asked = subprocess.run([sys.executable, "-c", ASK, folder], capture_output=True, text=True)
    assert asked.returncode == 0, asked.stderr
    count, places, taken = map(int, asked.stdout.split())
    assert (count, places) == (40_000, 40_000)
    assert taken < 10 * MEGABYTE


@pytest.mark.parametrize("where", [Filter(), Filter(note_type=("b",)), Filter(section=("exam", "plan"))], ids=str)
def test_the_first_place_and_the_number_of_places_are_those_of_all_places(tmp_path: Path, where: Filter) -> None:
    folder = copied(tmp_path / "c", notes=30, length=5)
    with transaction(open_engine(folder, writing=False), folder) as connection:
        catalog, places = Catalog(connection), PlaceCatalog(connection)
        all_places = catalog.occurrences([1, 2], where)
        first = catalog.first_occurrences([1, 2], where)
        standings = places.standings([1, 2], where)
        pairs = [(place.note.note_key, place.sentence_key) for place in all_places]
        in_notes = places.standings_in_notes(pairs, where)
    of_sentence = {key: [one for one in all_places if one.sentence_key == key] for key in first}
    assert first == {key: (of_key[0], len(of_key)) for key, of_key in of_sentence.items()}
    for key, found in standings.items():
        sections = dict.fromkeys(one.section for one in of_sentence[key])
        expected = [[one for one in of_sentence[key] if one.section == name] for name in sections]
        assert [(standing.first, standing.places) for standing in found] == [(of[0], len(of)) for of in expected]
    for (note, key), (standing,) in in_notes.items():
        here = [one for one in of_sentence[key] if one.note.note_key == note]
        assert (standing.first, standing.places) == (here[0], len(here))
    assert set(in_notes) == set(pairs)


@pytest.fixture(scope="module")
def forwarded(tmp_path_factory: pytest.TempPathFactory, tiny_model: Path) -> Collection:
    """Notes that all hold the same long sentence."""
    folder = tmp_path_factory.mktemp("forwarded")
    (folder / "notes").mkdir()
    long = "Patient denies " + "fever and chills and cough " * 60 + "at night."
    for number in range(1200):
        (folder / "notes" / f"n{number:04}.txt").write_text(f"{long}\n\nMild edema, {number}.")
    clinsearch.index(folder / "notes", folder / "c", model=str(tiny_model))
    return Collection(folder / "c")


def test_of_a_token_that_stands_everywhere_only_what_is_shown_is_read(forwarded: Collection) -> None:
    forwarded.occurrences(VOCAB["edema"], limit=1)
    tracemalloc.start()
    try:
        found = forwarded.occurrences(VOCAB["fever"], limit=5, offset=1000)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert (found.occurrences, found.sentences, found.notes, found.words) == (72_000, 1, 1200, (("fever", 72_000),))
    assert [place.note_id for place in found.places] == ["n0016"] * 5  # 60 in each note
    assert peak < 1.5 * MEGABYTE


def test_the_places_of_a_token_in_several_steps_are_those_of_one(
    forwarded: Collection, monkeypatch: pytest.MonkeyPatch
) -> None:
    from clinsearch.inspection import occurrences

    expected = forwarded.occurrences(VOCAB["edema"], limit=30, offset=500)
    monkeypatch.setattr(occurrences, "SENTENCES_AT_ONCE", 7)
    assert forwarded.occurrences(VOCAB["edema"], limit=30, offset=500) == expected
    assert expected.occurrences == expected.sentences == expected.notes == 1200


# The search for other words than the one that is asked for.


def test_which_words_are_the_same_is_asked_of_the_sentences_that_have_them_alone(
    forwarded: Collection, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[int] = []

    class Counted(SentenceTokens):
        def __init__(self, sentence_key: int, *rest: Any) -> None:
            super().__init__(sentence_key, *rest)
            read.append(sentence_key)

    monkeypatch.setattr(word_questions, "SentenceTokens", Counted)
    hits = forwarded.search_tokens("Patient has [chills] and fever", 5, same=False)
    assert len(hits) == 5
    assert "chills" not in {hit.word for hit in hits}
    assert len(read) == 1 < forwarded.status().sentences


def test_bytes_that_only_look_like_a_token_are_none(tmp_path: Path) -> None:
    folder = copied(tmp_path / "c", notes=1, length=5)
    ids = {1: [256, 0, 7], 2: [1, 7, 1]}
    (folder / "catalog.seal").unlink(missing_ok=True)
    with closing(sqlite3.connect(folder / "catalog.db")) as catalog, catalog:
        for sentence, of_sentence in ids.items():
            tokens = np.array(of_sentence, dtype="<u4").tobytes()
            row = (sentence, 10 * sentence, 3, 0, 0, tokens, np.ones(3, dtype="<i4").tobytes())
            catalog.execute("INSERT INTO sentence_words VALUES (?, ?, ?, ?, ?, ?, ?)", row)
    with transaction(open_engine(folder, writing=False), folder) as connection:
        words = WordCatalog(connection)
        assert words.keys_with_tokens("word", [1]).tolist() == [20, 22]
        assert words.keys_with_tokens("word", [256]).tolist() == [10]
        assert words.keys_with_tokens("word", [1, 7]).tolist() == []
        assert [one.sentence_key for one in words.tokens(like=[1])] == [1, 2]

"""Texts are read before they are stored: once, outside of any transaction, and only those that are new."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinsearch import index
from clinsearch.language import LANGUAGE_VERSION, read_note, read_sentences, reading, terms_of
from clinsearch.language.assertions import find_assertions
from clinsearch.language.gists import gist_of
from clinsearch.language.segmentation import segment, sentence_texts
from clinsearch.records import AssertedSpan, Note
from clinsearch.records.digests import note_digest
from clinsearch.records.readings import SentenceText
from tests.test_upgrade import contents

NOTES = {
    "a.txt": "HPI: No fever. Has a cough.\nPLAN: Rest.",
    "b.txt": "Has a cough. Denies pain.\nPLAN: Rest.",
}


def written(folder: Path, notes: dict[str, str]) -> Path:
    folder.mkdir(exist_ok=True)
    for name, text in notes.items():
        (folder / name).write_text(text)
    return folder


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The sentences that assertions were looked for in."""
    texts: list[str] = []

    def noted(text: str) -> Sequence[AssertedSpan]:
        texts.append(text)
        return find_assertions(text)

    monkeypatch.setattr(reading, "find_assertions", noted)
    return texts


def test_each_distinct_sentence_is_read_once_and_never_again(tmp_path: Path, tiny_model: Path, read: list[str]) -> None:
    notes = written(tmp_path / "notes", NOTES)
    index([notes], tmp_path / "c", model=str(tiny_model))
    assert sorted(read) == ["Denies pain.", "HPI:\nNo fever.", "Has a cough.", "PLAN:\nRest."]
    read.clear()
    written(notes, {"a.txt": "HPI: No fever. Has a rash.\nPLAN: Rest.", "c.txt": "Has a cough. Has a rash."})
    index([notes], tmp_path / "c")
    assert read == ["Has a rash."]


def test_nothing_is_read_while_the_catalog_is_locked(
    tmp_path: Path, tiny_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    notes = written(tmp_path / "notes", NOTES)
    index([notes], tmp_path / "c", model=str(tiny_model))
    tried: list[str] = []

    def unlocked(text: str) -> None:
        with closing(sqlite3.connect(tmp_path / "c" / "catalog.db", timeout=0)) as catalog:
            catalog.execute("BEGIN IMMEDIATE")  # fails where a transaction that writes is open
            catalog.execute("ROLLBACK")
        tried.append(text)

    for name in ("segment", "find_assertions", "gist_of", "terms_of"):
        rule = getattr(reading, name)
        monkeypatch.setattr(reading, name, lambda text, *more, rule=rule: (unlocked(text), rule(text, *more))[1])
    written(notes, {"c.txt": "Has a rash.\nPLAN: Rest.", "a.txt": "Gone home."})
    index([notes], tmp_path / "c")
    assert {"Has a rash.", "Gone home."} < set(tried)


@given(text=st.text(st.sampled_from("No fever. PLAN:\n\t:aé'5"), max_size=60))
def test_what_is_read_is_what_each_rule_says(text: str) -> None:
    note = Note("a", text, title="t")
    read = read_note(note, note_digest(note))
    parted = sentence_texts(text, segment(text))
    assert read.segmentation == segment(text)
    assert list(read.terms) == terms_of(text)
    assert tuple(one.parted for one in read.sentences) == parted
    of = read_sentences(read.sentences)
    assert of.keys() == {one.digest for one in read.sentences}
    assert len({one.text for one in of.values()}) == len(of)
    for one in of.values():
        assert one.parted in parted
        assert one.assertions == find_assertions(one.parted)
        assert one.gist == gist_of(one.parted, one.assertions)
        assert list(one.terms) == terms_of(one.text) == terms_of(one.parted)


def test_a_sentence_with_a_heading_in_one_place_and_none_in_another_has_none() -> None:
    with_heading, without = SentenceText.of("No pain:\nfever."), SentenceText.of("No pain: fever.")
    assert (with_heading.text, with_heading.digest) == (without.text, without.digest)
    assert (with_heading.heading, without.heading) == (9, 0)
    for order in ([with_heading, without], [without, with_heading]):
        (read,) = read_sentences(order).values()
        assert (read.heading, read.assertions) == (0, find_assertions("No pain: fever."))


def test_read_anew_such_a_sentence_is_what_it_is_at_first(tmp_path: Path, tiny_model: Path) -> None:
    listed = "DISCHARGE INSTRUCTIONS:\n1. DIET: Soft.\n2. ACTIVITY: As tolerated.\n3. DISPOSITION: Home."
    notes = {"a.txt": listed, "b.txt": "ACTIVITY: As tolerated."}
    index([written(tmp_path / "notes", notes)], tmp_path / "c", model=str(tiny_model))
    before = contents(tmp_path / "c")
    assert ("b", 0, 23, "ACTIVITY: As tolerated.", 0) in before["places"]
    (tmp_path / "c" / "catalog.seal").unlink(missing_ok=True)
    with closing(sqlite3.connect(tmp_path / "c" / "catalog.db")) as catalog, catalog:
        catalog.execute("UPDATE collection SET language = ?", (f"not {LANGUAGE_VERSION}",))
        catalog.execute("UPDATE sentences SET heading = 3, gist = NULL")
    index([tmp_path / "notes"], tmp_path / "c")
    assert contents(tmp_path / "c") == before

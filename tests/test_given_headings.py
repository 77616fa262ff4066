"""Headings that the format of a note marks are headings, whatever they look like."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clinsearch import Collection
from clinsearch.errors import CollectionDamaged
from clinsearch.indexing.run import _must_be_read
from clinsearch.language import read_note, read_sentences, terms_of
from clinsearch.language.segmentation import segment, sentence_texts
from clinsearch.readers.document import Document
from clinsearch.readers.outcomes import CannotRead
from clinsearch.records import Note, Section
from clinsearch.records.digests import note_digest
from clinsearch.storage.folder.snapshots import Reader
from clinsearch.storage.folder.writer import Writer
from tests.support.collections import collection_of, commit, path_in_memory
from tests.support.older_schemas import take_back
from tests.support.segmented import check_invariants

tmp_path = path_in_memory

TEXT = "Allergies and adverse reactions 2019\nNone known.\nto be seen again\nIn a month.\nImpression: Well."
HEADINGS = ((0, 36), (49, 65))
SPANS = st.lists(st.integers(0, 60), max_size=12).map(lambda edges: list(zip(*[iter(sorted(edges))] * 2, strict=False)))


def test_what_a_format_marks_is_a_heading_whatever_it_looks_like() -> None:
    result = segment(TEXT, HEADINGS)
    assert result.sections == (
        Section("allergies and adverse reactions 2019", TEXT[:36], 0, 49),
        Section("to be seen again", "to be seen again", 49, 78),
        Section("impression", "Impression", 78, len(TEXT)),
    )
    assert sentence_texts(TEXT, result) == (
        "Allergies and adverse reactions 2019\nNone known.",
        "to be seen again\nIn a month.",
        "Impression:\nWell.",
    )


def test_a_heading_with_nothing_after_it_is_a_sentence_of_its_own() -> None:
    text = "Letter\nto whom it may concern\nSeen.\nend"
    assert sentence_texts(text, segment(text, [(0, 6), (7, 29), (36, 39)])) == (
        "Letter",
        "to whom it may concern\nSeen.",
        "end",
    )


@pytest.mark.parametrize(
    ("text", "span", "heading", "name"),
    [
        ("1. Known drug allergies:\nnone", (0, 24), "Known drug allergies", "known drug allergies"),
        ("PMH:\nGout.", (0, 4), "PMH", "past medical history"),
        ("- plan\n- Rest.", (0, 6), "plan", "plan"),
        ("Seen. in brief : all is well.", (6, 16), "in brief", "in brief"),
        ("Examination\nCT of the head", (0, 11), "Examination", "imaging"),
        ("  Note  \nSeen.", (0, 8), "Note", "note"),
        ("Results,Labs:,Sodium,Potassium.,All well", (0, 12), "Results,Labs", "results,labs"),
    ],
)
def test_bullets_numbers_and_colons_are_no_part_of_a_heading(
    text: str, span: tuple[int, int], heading: str, name: str
) -> None:
    sections = check_invariants(text, [span]).sections
    assert [(one.heading, one.name) for one in sections if one.heading] == [(heading, name)]


@pytest.mark.parametrize("words", ["***", "----", ": :", "long " * 50])
def test_what_has_no_words_or_very_many_is_no_heading(words: str) -> None:
    text = f"{words}\nSeen."
    assert [one.heading for one in check_invariants(text, [(0, len(words))]).sections] == [None]


def test_headings_in_blocks_of_encoded_data_are_passed_over() -> None:
    block = "iVBORw0KGgoAAAANSUhEUgAA" * 10
    text = f"Picture\n{block}\nSeen."
    result = check_invariants(text, [(0, 7), (10, 30)])
    assert result.blocks == ((8, 248),)
    assert [one.heading for one in result.sections] == ["Picture"]


@settings(deadline=None, max_examples=300)
@given(st.text(st.sampled_from("aB1 .:-|\n\t\u2028•é"), max_size=60), SPANS)
def test_no_word_is_lost_whatever_spans_are_marked(text: str, spans: list[tuple[int, int]]) -> None:
    check_invariants(text, spans)


LINES = st.text(st.sampled_from("aeiou ABC12"), min_size=1, max_size=20).map(lambda line: f"x{line.strip()}x")


@settings(deadline=None)
@given(st.lists(st.tuples(LINES, st.booleans()), min_size=1, max_size=8))
def test_every_line_that_is_marked_heads_a_section(lines: list[tuple[str, bool]]) -> None:
    text, spans = "", []
    for line, is_heading in lines:
        if is_heading:
            spans.append((len(text), len(text) + len(line)))
        text += line + "\n"
    found = {(one.start, one.start + len(one.heading)) for one in check_invariants(text, spans).sections if one.heading}
    assert set(spans) <= found


def test_time_is_linear_in_the_number_of_headings() -> None:
    def measure(times: int) -> float:
        text = "Heading\nText.\n" * times
        started = time.thread_time()
        segment(text, [(at, at + 7) for at in range(0, len(text), 14)])
        return time.thread_time() - started

    long, short = (min(measure(times) for _ in range(3)) for times in (4000, 1000))
    assert long < 10 * short + 0.05


@pytest.mark.parametrize(
    "spans",
    [((0, 6),), ((0, 3), (2, 5)), ((3, 5), (0, 2)), ((0, 0),), ((2, 3),), ((0, 99),), ((-1, 2),), ((6, 6),)],
)
def test_a_document_with_headings_that_cannot_be_is_refused(spans: tuple[tuple[int, int], ...]) -> None:
    with pytest.raises(CannotRead, match="heading") as refused:
        Document("ab \ncd\n", spans, record=3)
    assert refused.value.record == 3


def test_a_document_keeps_headings_that_can_be() -> None:
    assert Document("ab\ncd", ((0, 2), (3, 5))).headings == ((0, 2), (3, 5))
    assert Document("").headings == ()


NOTE = Note("a", TEXT, headings=HEADINGS)


def test_headings_are_kept_with_the_note(tmp_path: Path) -> None:
    folder = collection_of(tmp_path / "c")
    with Writer(folder) as writer:
        commit(writer, read_note(NOTE, note_digest(NOTE)), read_note(Note("b", TEXT), b"b"))
    with Reader(folder).catalog() as (catalog, _):
        assert catalog.note("a")[1] == NOTE
        assert catalog.note("b", is_checked=False)[1] == Note("b", TEXT)
    view = Collection(folder).note("a")
    assert view.note.headings == HEADINGS
    assert view.sections[0].name == "allergies and adverse reactions 2019"


def test_read_anew_a_note_keeps_the_sections_of_its_format(tmp_path: Path) -> None:
    folder = collection_of(tmp_path / "c")
    with Writer(folder) as writer:
        commit(writer, read_note(NOTE, note_digest(NOTE)))
    before = Collection(folder).note("a")
    (folder / "catalog.seal").unlink(missing_ok=True)
    with closing(sqlite3.connect(folder / "catalog.db")) as catalog, catalog:
        catalog.execute("UPDATE collection SET language = 'other'")
    with Writer(folder, create=True) as writer:
        writer.read_anew(read_note, read_sentences)
    assert Collection(folder).note("a") == before


def test_in_a_collection_of_before_no_note_has_headings(tmp_path: Path) -> None:
    folder = collection_of(tmp_path / "c")
    with Writer(folder) as writer:
        commit(writer, read_note(Note("a", TEXT), note_digest(Note("a", TEXT))))
    before = Collection(folder).note("a")
    (folder / "catalog.seal").unlink(missing_ok=True)
    with closing(sqlite3.connect(folder / "catalog.db")) as catalog, catalog:
        take_back(catalog, "0008")
    with Writer(folder):
        pass
    assert Collection(folder).note("a") == before
    assert before.note.headings == ()


def test_the_digest_of_a_note_has_its_headings_only_if_there_are_any() -> None:
    plain = Note("a", "Seen.\nHome.", patient_id="P")
    assert note_digest(plain).hex() == "1fa644f3f28e8ba3e5193f5fbde6e7c2"
    marked = replace(plain, headings=((0, 5),))
    assert note_digest(marked) != note_digest(plain) != note_digest(replace(plain, headings=((0, 4),)))
    assert _must_be_read(marked, plain)
    assert not _must_be_read(replace(plain, title="t"), plain)


@pytest.mark.parametrize(
    "stored", ["[", "{}", "[[0]]", "[[5,1]]", "[[0,9],[3,4]]", "[[-1,2]]", '[["a",1]]', "7", "[[0,1e999]]", "[" * 99999]
)
def test_damaged_headings_are_noticed_and_nothing_fails(tmp_path: Path, stored: str) -> None:
    folder = collection_of(tmp_path / "c")
    with Writer(folder) as writer:
        commit(writer, read_note(NOTE, note_digest(NOTE)))
    (folder / "catalog.seal").unlink(missing_ok=True)
    with closing(sqlite3.connect(folder / "catalog.db")) as catalog, catalog:
        catalog.execute("UPDATE notes SET headings = ?", (stored,))
    with pytest.raises(CollectionDamaged, match="a is not as it was written"):
        Collection(folder).note("a")
    with Writer(folder) as writer:
        assert writer.mend_texts(terms_of) == ["a"]

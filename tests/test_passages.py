"""Places of notes among the sentences around them, against a search through the notes by hand."""

from __future__ import annotations

import csv
import io
import json
import random
from itertools import pairwise
from pathlib import Path

import pytest

import clinsearch
from clinsearch.collection import Collection
from clinsearch.errors import InputError
from clinsearch.records import Hit, NoteView
from clinsearch.records.passages import Passage
from tests.support.command_line import json_on, run_on

SENTENCES = ["Has a fever.", "Denies cough.", "The wound was stable.", "Needs three pillows.", "Lungs clear."]


def made_up(number: int) -> str:
    drawn = random.Random(number)
    sections = ("HISTORY OF PRESENT ILLNESS", "EXAM", "PLAN")
    return "\n\n".join(
        f"{heading}:\n" + " ".join(drawn.choices(SENTENCES, k=drawn.randint(1, 6))) for heading in sections
    )


@pytest.fixture(scope="module")
def notes(tmp_path_factory: pytest.TempPathFactory, tiny_model: Path) -> Collection:
    folder = tmp_path_factory.mktemp("passages")
    for number in range(12):
        (folder / f"n{number:02}.txt").write_text(made_up(number), encoding="utf-8")
    clinsearch.index(folder, folder / "c", model=str(tiny_model))
    return Collection(folder / "c")


def around(view: NoteView, start: int, end: int, sentences: int) -> set[int]:
    """Return the positions of the sentences of a place and of so many on either side."""
    inside = [n for n, one in enumerate(view.sentences) if one.start < end and one.end > start]
    return set(range(max(min(inside) - sentences, 0), min(max(inside) + sentences + 1, len(view.sentences))))


def covered(view: NoteView, passage: Passage) -> set[int]:
    assert passage.text == view.note.text[passage.start : passage.end]
    return {n for n, one in enumerate(view.sentences) if passage.start <= one.start and one.end <= passage.end}


@pytest.mark.parametrize("sentences", [0, 1, 2, 100])
def test_a_place_stands_among_so_many_sentences(notes: Collection, sentences: int) -> None:
    for one in notes.notes():
        view = notes.note(one.note_id)
        for sentence in view.sentences:
            passage = notes.passage(one.note_id, sentence.start + 1, sentence.end, sentences=sentences)
            assert covered(view, passage) >= around(view, sentence.start + 1, sentence.end, sentences) - {None}
            assert len(covered(view, passage)) == len(around(view, sentence.start, sentence.end, sentences))
            assert passage.marks == ((sentence.start + 1, sentence.end),)
            assert passage.section == sentence.section
            assert passage.heading
            assert f"{passage.heading}:" in view.note.text


@pytest.mark.parametrize("sentences", [0, 1, 3])
def test_hits_have_each_a_passage_of_its_own_if_wanted(notes: Collection, sentences: int) -> None:
    places = [place for hit in notes.search("wound fever", 6) for place in notes.places(hit)]
    together, apart = (notes.passages(places, sentences=sentences, apart=apart) for apart in (False, True))
    assert apart == [notes.passages([one], sentences=sentences)[0] for one in places]
    assert apart != together


@pytest.mark.parametrize("sentences", [0, 1, 3])
def test_hits_whose_passages_overlap_share_one(notes: Collection, sentences: int) -> None:
    hits = list(notes.search("wound fever", 6))
    places = [place for hit in hits for place in notes.places(hit)]
    passages = notes.passages(places, sentences=sentences)
    by_note: dict[str, list[tuple[int, int]]] = {}
    for hit, passage in zip(places, passages, strict=True):
        assert passage is not None
        assert hit.start is not None
        assert hit.end is not None
        view = notes.note(hit.note_id)
        assert around(view, hit.start, hit.end, sentences) <= covered(view, passage)
        assert (hit.start, hit.end) in passage.marks
        wanted = {n for start, end in passage.marks for n in around(view, start, end, sentences)}
        assert covered(view, passage) == wanted
        by_note.setdefault(hit.note_id, []).append((passage.start, passage.end))
    for spans in by_note.values():
        apart = sorted(set(spans))
        assert all(before[1] < after[0] for before, after in pairwise(apart))


def test_a_place_between_sentences_has_those_around_it(notes: Collection) -> None:
    view = notes.note("n00")
    first, second = view.sentences[:2]
    passage = notes.passage("n00", first.end, first.end + 1, sentences=1)
    assert (passage.start, passage.end) == (first.start, second.end)
    assert notes.passage("n00", first.end, first.end + 1, sentences=0).text == view.note.text[first.end]


@pytest.mark.parametrize("place", [(0, 0), (5, 2), (-1, 4), (0, 99_999), (99_998, 99_999)])
def test_a_place_that_is_not_there_is_refused(notes: Collection, place: tuple[int, int]) -> None:
    with pytest.raises(InputError, match="n00 has"):
        notes.passage("n00", *place)
    with pytest.raises(InputError, match="0 to 100"):
        notes.passages([], sentences=101)


def test_hits_without_a_place_or_a_note_have_no_passage(notes: Collection) -> None:
    blank = {"title": None, "patient_id": None, "note_type": None, "note_datetime": None}
    whole, gone = Hit(1.0, "n00", **blank), Hit(1.0, "gone", start=0, end=4, **blank)  # type: ignore[arg-type]
    beyond = Hit(1.0, "n00", start=0, end=99_999, **blank)  # type: ignore[arg-type]
    assert notes.passages([whole, gone, beyond]) == [None, None, None]


def test_show_marks_a_place_under_its_heading(notes: Collection) -> None:
    view = notes.note("n03")
    place = next(one for one in view.sentences if one.section == "plan")
    found = run_on(notes.location, "show", "n03", "--at", f"{place.start}-{place.end}", "--context", 0)
    assert found.stdout.splitlines()[0].startswith("n03")
    assert f"[{view.note.text[place.start : place.end]}]" in found.stdout
    last = view.sentences[-1]
    inside = run_on(notes.location, "show", "n03", "--at", last.end - 2, "--context", 0).stdout
    assert f"[{view.note.text[last.end - 2]}]" in inside
    record = json_on(notes.location, "show", "n03", "--at", f"{place.start}-{place.end}")
    assert record["marks"] == [[place.start, place.end]]
    assert record["text"] == view.note.text[record["start"] : record["end"]]


@pytest.mark.parametrize("wrong", ["x", "1-", "-", "1--2", "2-1-3", "1-2 ", "9" * 20])
def test_what_is_no_place_is_wrong_usage(notes: Collection, wrong: str) -> None:
    found = run_on(notes.location, "show", "n03", "--at", wrong)
    assert found.exit_code == 2
    assert "START-END" in found.stderr


def test_places_and_context_go_together(notes: Collection) -> None:
    assert run_on(notes.location, "show", "n03", "--context", 2).exit_code == 2
    assert run_on(notes.location, "show", "n03", "--at", "5-3").exit_code == 1
    assert run_on(notes.location, "search", "[fever]", "--level", "token", "--context", 2).exit_code == 2
    assert run_on(notes.location, "search", "fever", "--context", 101).exit_code == 2


def test_search_shows_each_passage_once_with_its_hits_numbered(notes: Collection) -> None:
    arguments = ["search", "wound fever cough", "-k", 6, "--every-place", "--context", 1]
    hits = json_on(notes.location, *arguments)
    assert all(hit["context"]["start"] <= hit["start"] < hit["end"] <= hit["context"]["end"] for hit in hits)
    passages = {(hit["note_id"], hit["context"]["start"]) for hit in hits}
    shown = run_on(notes.location, *arguments).stdout
    assert shown.count("in the passage above") == len(hits) - len(passages)
    for number, hit in enumerate(hits, start=1):
        if len(hit["context"]["marks"]) > 1:
            assert f"[{number}: " in shown
    rows = list(csv.DictReader(io.StringIO(run_on(notes.location, *arguments, "--format", "csv").stdout)))
    assert [row["context"] for row in rows] == [hit["context"]["text"] for hit in hits]
    plain = json_on(notes.location, "search", "wound", "-k", 2)
    assert all("context" not in hit for hit in plain)


def test_notes_found_by_a_sentence_have_its_passage(notes: Collection) -> None:
    hits = json_on(notes.location, "search", "wound", "--level", "note", "--context", 1)
    assert all(hit["sentence"].split()[-1] in hit["context"]["text"] for hit in hits)
    assert json.dumps(notes.passage("n00", 0, 4).to_records()[0]["marks"]) == "[[0, 4]]"

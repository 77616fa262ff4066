"""A note: as it is, as a page opens it, a place of it, and its words elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from clinsearch.collection import Collection
from clinsearch.errors import InputError
from clinsearch.records import Hit, NoteView, WordHit
from clinsearch.records.listings import ListedNote
from clinsearch.records.notes import Span
from clinsearch.records.passages import Passage
from clinsearch.rendering.records.collection import note_record, passage_record
from clinsearch.rendering.records.formats import Record
from clinsearch.rendering.records.hits import hit_records, word_hit_records
from clinsearch.web.operations.found import SEARCHED, asked_of, found_again, place_of, places_in
from clinsearch.web.operations.operation import Operation
from clinsearch.web.parameters import FILTERS, K, Parameter, Values, filters_of

# Of a patient with more notes the ones before and after are not looked for.
MOST_NOTES = 2_000

ID = Parameter("id", "The id of the note.", required=True)
START = Parameter("start", "Where a place of the note begins, in characters.", int, least=0)
END = Parameter("end", "Where it ends.", int, least=0)
NOTE = Parameter("note", "The id of the note.", required=True)


@dataclass(frozen=True, slots=True)
class OpenedNote:
    """A note with what a page shows of it.

    place: where the address points to, None if nowhere or if the note has no such place. marks: where hits of the
    search that led here stand. before, after: the notes of the same patient around it, by date; others: how many there
    are in all beside it.
    """

    view: NoteView
    place: Span | None
    is_lost: bool
    marks: tuple[Span, ...]
    before: ListedNote | None
    after: ListedNote | None
    others: int


def _note(collection: Collection, values: Values) -> NoteView:
    return collection.note(values["id"])


def _opened(collection: Collection, values: Values) -> OpenedNote:
    view = collection.note(values["id"])
    wanted = place_of(values)
    is_there = wanted is not None and 0 <= wanted[0] < wanted[1] <= len(view.note.text)
    marks: tuple[Span, ...] = ()
    if values["q"] or values["word"]:
        marks = places_in(found_again(collection, values, asked_of(collection, values)), view)
    before, after, others = _of_patient(collection, view)
    place = wanted if is_there else None
    return OpenedNote(view, place, wanted is not None and not is_there, marks, before, after, others)


def _of_patient(collection: Collection, view: NoteView) -> tuple[ListedNote | None, ListedNote | None, int]:
    patient = view.note.patient_id
    if patient is None:
        return None, None, 0
    count = collection.count(patient_id=patient)
    if not 1 < count <= MOST_NOTES:
        return None, None, max(0, count - 1)
    listed = list(collection.notes(patient_id=patient))
    at = next((place for place, one in enumerate(listed) if one.note_id == view.note.note_id), None)
    if at is None:
        return None, None, count
    return listed[at - 1] if at else None, listed[at + 1] if at + 1 < count else None, count - 1


def _passage(collection: Collection, values: Values) -> Passage:
    place = place_of(values)
    if place is None:
        raise InputError("start and end say which place of the note is wanted.")
    return collection.passage(values["id"], *place, sentences=values["sentences"])


def _alike(collection: Collection, values: Values) -> Sequence[Hit]:
    note_id, start, k = values["id"], values["start"], values["k"]
    sentence = next((one for one in collection.note(note_id).sentences if one.start == start), None)
    if sentence is None:
        raise InputError("No sentence of the note begins at that character.")
    hits = collection.search(sentence.sentence, k + 1, **filters_of(values))
    return [hit for hit in hits if (hit.note_id, hit.start) != (note_id, start)][:k]


def _words(collection: Collection, values: Values) -> Sequence[WordHit]:
    marked = collection.token(values["word"], values["note"], at=values["at"])
    return collection.search_tokens(marked, values["k"], same=values["same"], **filters_of(values))


def _opened_record(opened: OpenedNote) -> Record:
    return note_record(opened.view)


SHOW = Operation("note", "A note with its sections and sentences.", (ID,), _note, note_record)
PASSAGE = Operation(
    "passage",
    "A place of a note with the sentences around it.",
    (ID, START, END, Parameter("sentences", "How many sentences to give before and after.", int, 2, least=0, most=50)),
    _passage,
    passage_record,
)
ALIKE = Operation(
    "note/alike",
    "Sentences that say much the same as one of a note.",
    (ID, Parameter("start", "Where the sentence begins in the note.", int, least=0, required=True), *FILTERS, K),
    _alike,
    hit_records,
    schema="search",
)
WORDS = Operation(
    "note/words",
    "Words in context that are nearest to a word of a note.",
    (
        Parameter("word", "The word.", required=True),
        NOTE,
        Parameter("at", "The character of the note at which it stands, if it does so more than once.", int, least=0),
        Parameter("same", "Only the same word, or only others.", bool),
        *FILTERS,
        K,
    ),
    _words,
    word_hit_records,
    schema="words",
)
# What the page shows; a program asks for the note, and searches.
OPENED = Operation(
    "opened",
    "A note as a page opens it.",
    (ID, START, END, Parameter("q", "The search that led here."), *SEARCHED),
    _opened,
    _opened_record,
)
OPERATIONS: tuple[Operation[Any], ...] = (SHOW, PASSAGE, ALIKE, WORDS)

"""A patient's notes on a line of time, each by what it says, with a link to it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from clinsearch.records import NoteStance
from clinsearch.records.listings import ListedNote
from clinsearch.rendering.pictures.timelines import Places, height_of, placed_in_time, row_height
from clinsearch.web.addresses import note_address
from clinsearch.web.views.stances import SIGNS, in_words, leading

NOTES_ON_A_LINE = 400


@dataclass(frozen=True, slots=True)
class Mark:
    """A note on the line: `stance` is the most important thing that it says, `says` all of it in words."""

    x: int
    y: int
    href: str
    day: str
    kind: str
    note_id: str
    stance: str
    sign: str
    says: str
    is_several: bool

    @property
    def name(self) -> str:
        """What the mark is, in one line."""
        return f"{self.day}, {self.kind}{': ' + self.says if self.says else ''}"


@dataclass(frozen=True, slots=True)
class Line:
    """Marks in the order of time, and what is written below them."""

    places: Places
    marks: tuple[Mark, ...]


def line_of(notes: Sequence[ListedNote], said: Sequence[NoteStance] | None = None) -> Line:
    """Place notes on a line; said: what those say that speak of what is asked for, None where nothing is."""
    by_note = {one.note_id: one for one in said or ()}
    places = placed_in_time([note.note_datetime for note in notes])
    marks = [
        _mark(note, by_note.get(note.note_id), place, is_asked=said is not None)
        for note, place in zip(notes, places.places, strict=True)
    ]
    return Line(places, tuple(marks))


def lowered(line: Line, marks: Sequence[Mark]) -> Line:
    """Return a line of some of the marks of another: as far from left to right, and no higher than they need."""
    heights: Counter[int] = Counter()
    rows = max(Counter(mark.x for mark in marks).values(), default=1)
    moved = []
    for mark in marks:
        moved.append(replace(mark, y=row_height(heights[mark.x], rows)))
        heights[mark.x] += 1
    return Line(replace(line.places, height=height_of(rows)), tuple(moved))


def _mark(note: ListedNote, said: NoteStance | None, place: tuple[int, int], *, is_asked: bool) -> Mark:
    stance = leading(said)
    return Mark(
        *place,
        href=note_address(note.note_id, said.start, said.end) if said else note_address(note.note_id),
        day=note.note_datetime.date().isoformat() if note.note_datetime else "no date",
        kind=note.note_type or "note",
        note_id=note.note_id,
        stance=stance,
        sign=SIGNS[stance],
        says=in_words(said) if said else "does not speak of it" if is_asked else "",
        is_several=said is not None and len(said.said) > 1,
    )

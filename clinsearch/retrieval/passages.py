"""Gives places of notes with the sentences around them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from clinsearch.errors import InputError, NoteNotFound
from clinsearch.records import Hit, NoteView, Section
from clinsearch.records.notes import Span
from clinsearch.records.passages import Passage
from clinsearch.retrieval.note_views import note_view
from clinsearch.storage.port import Catalog


@dataclass(slots=True)
class _Part:
    """Some of a note's sentences in a row, by their positions from `first` to before `last`, and the marks in them."""

    first: int
    last: int
    marks: list[Span]


def passage_at(view: NoteView, start: int, end: int, around: int) -> Passage:
    """Return a place of a note, with so many sentences before and after it. Raises InputError if there is none."""
    length = len(view.note.text)
    if not 0 <= start < end <= length:
        raise InputError(f"Note {view.note.note_id} has {length:,} characters; none of it stands at {start}-{end}.")
    (part,) = _parts(view, [(start, end)], around)
    return _passage(view, part)


def passages_of(catalog: Catalog, hits: Sequence[Hit], around: int, *, apart: bool = False) -> list[Passage | None]:
    """Return the passage of each hit; hits of one note whose passages overlap or touch share one, unless `apart`.

    None for a hit without a place, and for one whose note is gone or shorter by now.
    """
    marks: dict[str, set[Span]] = {}
    for hit in hits:
        if hit.start is not None and hit.end is not None:
            marks.setdefault(hit.note_id, set()).add((hit.start, hit.end))
    found: dict[tuple[str, Span], Passage] = {}
    for note_id, spans in marks.items():
        for passage in _passages(catalog, note_id, spans, around, apart=apart):
            found |= {(note_id, mark): passage for mark in passage.marks}
    return [found.get((hit.note_id, (hit.start or 0, hit.end or 0))) for hit in hits]


def _passages(catalog: Catalog, note_id: str, spans: set[Span], around: int, *, apart: bool) -> list[Passage]:
    try:
        view = note_view(catalog, note_id)
    except NoteNotFound:
        return []
    there = sorted(span for span in spans if span[1] <= len(view.note.text))
    groups = [[span] for span in there] if apart else [there]
    return [_passage(view, part) for group in groups for part in _parts(view, group, around)]


def _parts(view: NoteView, spans: Sequence[Span], around: int) -> list[_Part]:
    """Return the parts of a note around spans in order, joined where they overlap or touch."""
    parts: list[_Part] = []
    for start, end in spans:
        first = sum(sentence.end <= start for sentence in view.sentences)
        last = sum(sentence.start < end for sentence in view.sentences)
        first, last = max(first - around, 0), min(last + around, len(view.sentences))
        if parts and first <= parts[-1].last:
            parts[-1].last = max(parts[-1].last, last)
            parts[-1].marks.append((start, end))
        else:
            parts.append(_Part(first, last, [(start, end)]))
    return parts


def _passage(view: NoteView, part: _Part) -> Passage:
    edges = [edge for sentence in view.sentences[part.first : part.last] for edge in (sentence.start, sentence.end)]
    edges += [edge for mark in part.marks for edge in mark]
    start, end, note = min(edges), max(edges), view.note
    section = _section_at(view, part.marks[0][0])
    return Passage(
        note.note_id,
        note.title,
        note.patient_id,
        note.note_type,
        note.note_datetime,
        section.name if section else None,
        section.heading if section else None,
        start,
        end,
        note.text[start:end],
        tuple(part.marks),
    )


def _section_at(view: NoteView, offset: int) -> Section | None:
    return next((one for one in view.sections if one.start <= offset < one.end), None)

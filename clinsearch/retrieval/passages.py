"""Gives places of notes with the sentences around them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from clinsearch.errors import InputError, NoteNotFound
from clinsearch.records import Hit, Note, NoteView, Section
from clinsearch.records.notes import Span
from clinsearch.records.passages import Passage
from clinsearch.storage.port import Catalog


@dataclass(frozen=True, slots=True)
class _Note:
    """A note, its sections, and where its sentences are."""

    note: Note
    sections: Sequence[Section]
    sentences: Sequence[Span]


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
    of = _Note(view.note, view.sections, [(sentence.start, sentence.end) for sentence in view.sentences])
    (part,) = _parts(of.sentences, [(start, end)], around)
    return _passage(of, part)


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
        key, note = catalog.note(note_id)
    except NoteNotFound:
        return []
    of = _Note(note, catalog.note_sections(key), catalog.note_spans(key))
    there = sorted(span for span in spans if span[1] <= len(note.text))
    groups = [[span] for span in there] if apart else [there]
    return [_passage(of, part) for group in groups for part in _parts(of.sentences, group, around)]


def _parts(sentences: Sequence[Span], spans: Sequence[Span], around: int) -> list[_Part]:
    """Return the parts of a note around spans in order, joined where they overlap or touch."""
    parts: list[_Part] = []
    for start, end in spans:
        first = sum(ends <= start for _, ends in sentences)
        last = sum(begins < end for begins, _ in sentences)
        first, last = max(first - around, 0), min(last + around, len(sentences))
        if parts and first <= parts[-1].last:
            parts[-1].last = max(parts[-1].last, last)
            parts[-1].marks.append((start, end))
        else:
            parts.append(_Part(first, last, [(start, end)]))
    return parts


def _passage(of: _Note, part: _Part) -> Passage:
    edges = [edge for span in (*of.sentences[part.first : part.last], *part.marks) for edge in span]
    start, end, note = min(edges), max(edges), of.note
    section = _section_at(of.sections, part.marks[0][0])
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


def _section_at(sections: Sequence[Section], offset: int) -> Section | None:
    return next((one for one in sections if one.start <= offset < one.end), None)

"""Checks every text against its digest, and every place of a sentence against the text of its note."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, select

from clinsearch.records import Note
from clinsearch.records.digests import note_digest, text_digest
from clinsearch.storage.catalog.notes import NOTE
from clinsearch.storage.catalog.rows import one_of
from clinsearch.storage.catalog.tables import notes, occurrences, sections, sentences
from clinsearch.storage.folder.verifying.findings import REPAIR, REPAIR_AND_INDEX, REPAIR_FULL, Findings, batched

NOTES_AT_ONCE, SENTENCES_AT_ONCE = 64, 2000


def check(connection: Connection, findings: Findings) -> None:
    """Check digests of notes and sentences, and offsets of sections and sentences."""
    keys = list(connection.scalars(select(sentences.c.key).order_by(sentences.c.key)))
    for some in batched(keys, SENTENCES_AT_ONCE):
        columns = (sentences.c.key, sentences.c.text, sentences.c.digest, sentences.c.heading)
        for key, text, digest, heading in connection.execute(select(*columns).where(one_of(sentences.c.key, some))):
            if not _is_text(text) or text_digest(text) != digest:
                findings.add(f"sentence {key}", "its text is not as it was written", REPAIR)
            elif not 0 <= heading <= len(text):
                findings.add(f"sentence {key}", "its heading ends outside it", REPAIR_FULL)
    for some in batched(list(connection.scalars(select(notes.c.key).order_by(notes.c.key))), NOTES_AT_ONCE):
        _check_notes(connection, some, findings)


def _check_notes(connection: Connection, keys: Sequence[int], findings: Findings) -> None:
    spans = _places(connection, keys)
    for key, digest, *fields in connection.execute(
        select(notes.c.key, notes.c.digest, *NOTE).where(one_of(notes.c.key, keys))
    ):
        note = Note(*fields)
        if not _is_text(note.text) or note_digest(note) != digest:
            findings.add(f"note {note.note_id}", "it is not as it was written", REPAIR_AND_INDEX)
        elif not all(_is_in(note.text, *place) for place in spans.get(key, ())):
            findings.add(f"note {note.note_id}", "its sentences do not stand where the catalog says", REPAIR_FULL)


def _places(connection: Connection, keys: Sequence[int]) -> Mapping[int, list[tuple[int, int, str | None]]]:
    """Return, by note, the places of its sections, without a text, and of its sentences, with their texts."""
    found: dict[int, list[Any]] = {}
    of_sections = select(sections.c.note, sections.c.start, sections.c.end).where(one_of(sections.c.note, keys))
    of_sentences = (
        select(occurrences.c.note, occurrences.c.start, occurrences.c.end, sentences.c.text)
        .join(sentences, sentences.c.key == occurrences.c.sentence)
        .where(one_of(occurrences.c.note, keys))
    )
    for note, start, end in connection.execute(of_sections):
        found.setdefault(note, []).append((start, end, None))
    for note, start, end, text in connection.execute(of_sentences):
        found.setdefault(note, []).append((start, end, text))
    return found


def _is_in(note: str, start: int, end: int, text: str | None) -> bool:
    """Tell whether a place is in a note, and whether the sentence is there."""
    if not (isinstance(start, int) and isinstance(end, int) and 0 <= start <= end <= len(note)):
        return False
    return text is None or " ".join(note[start:end].split()) == text


def _is_text(value: object) -> bool:
    return isinstance(value, str)

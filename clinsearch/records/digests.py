"""Digests of texts: by them the same one is known again, and one that has changed on the disk is noticed."""

from __future__ import annotations

import hashlib

from clinsearch.records.notes import Note


def note_digest(note: Note) -> bytes:
    """Hash what a change of the note can change: everything but its id and its source."""
    fields = (note.text, note.patient_id, note.encounter_id, note.note_type, note.note_datetime, note.title)
    marked = (note.headings,) if note.headings else ()  # most notes have none, and keep the digest they had before
    return text_digest("\0".join("" if field is None else f"{len(str(field))}:{field}" for field in (*fields, *marked)))


def text_digest(text: str) -> bytes:
    """Hash a text; a sentence's in one line, so that it is the same sentence whichever of it is a heading."""
    return hashlib.blake2b(text.encode(), digest_size=16).digest()

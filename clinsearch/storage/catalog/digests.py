"""Digests of texts: by them the same one is known again, and one that has changed on the disk is noticed."""

from __future__ import annotations

import hashlib

from clinsearch.errors import CollectionDamaged
from clinsearch.records import Note


def note_digest(note: Note) -> bytes:
    """Hash what a change of the note can change: everything but its id and its source."""
    fields = (note.text, note.patient_id, note.encounter_id, note.note_type, note.note_datetime, note.title)
    return _digest("\0".join("" if field is None else f"{len(str(field))}:{field}" for field in fields))


def text_digest(text: str) -> bytes:
    """Hash a sentence's text, by which the same sentence is known again, whichever of it is a heading."""
    return _digest(in_one_line(text))


def in_one_line(text: str) -> str:
    """Return a sentence as it is kept and shown: a line break only parts its heading from the rest."""
    return text.replace("\n", " ")


def parted(text: str, heading: int) -> str:
    """Return a sentence with a line break behind the heading, of so many characters, that it begins with."""
    return f"{text[: heading - 1]}\n{text[heading:]}" if heading else text


def require_as_written(is_so: bool, note_id: str) -> None:
    """Raise CollectionDamaged, naming the note, unless what the catalog holds of it is what was put there."""
    if not is_so:
        raise CollectionDamaged(
            f"What the catalog holds of note {note_id} is not as it was written. Mend it with `clinsearch repair`, "
            "or restore the catalog from a copy."
        )


def _digest(text: str) -> bytes:
    return hashlib.blake2b(text.encode(), digest_size=16).digest()

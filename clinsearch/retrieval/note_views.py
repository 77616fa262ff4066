"""Gives a note as a collection holds it."""

from __future__ import annotations

from clinsearch.records import NoteView, PlacedSentence
from clinsearch.storage.port import Catalog


def note_view(catalog: Catalog, note_id: str) -> NoteView:
    """Return a note with its sections and sentences. Raises NoteNotFound."""
    key, note = catalog.note(note_id)
    places = catalog.note_sentences(key)
    sentences = tuple(PlacedSentence(place.text, place.start, place.end, place.section) for place in places)
    return NoteView(note, tuple(catalog.note_sections(key)), sentences, catalog.note_language(key))

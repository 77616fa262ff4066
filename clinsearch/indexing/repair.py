"""Rebuilds vectors whose files are missing or damaged, from the catalog's text."""

from __future__ import annotations

from clinsearch.encoder.encoder import Encoder
from clinsearch.storage.port import Writer

SENTENCES_PER_COMMIT = 1024  # each with the vectors of all its words
NOTES_PER_COMMIT = 256


def repair(writer: Writer, encoder: Encoder, *, check_content: bool) -> int:
    """Rebuild missing and damaged vectors; return the number of sentences encoded.

    With `check_content` every file is read and compared with its checksum, otherwise only its size is checked.
    """
    writer.forget_damaged_vectors(check_content=check_content)
    with writer.catalog() as catalog:
        keeps_words = catalog.word_recipe() is not None
    keys = writer.incomplete_sentences()
    for start in range(0, len(keys), SENTENCES_PER_COMMIT):
        some = keys[start : start + SENTENCES_PER_COMMIT]
        with writer.catalog() as catalog:
            texts = catalog.sentence_texts(some.tolist())
        of_some = [texts[key] for key in some.tolist()]
        if keeps_words:
            vectors, words = encoder.encode_words(of_some, bulk=True)
            writer.complete_sentences(some, vectors, dict(zip(some.tolist(), words, strict=True)))
        else:
            writer.complete_sentences(some, encoder.encode(of_some, bulk=True), {})
    writer.restore_note_vectors()
    _restore_openings(writer, encoder)
    return len(keys)


def _restore_openings(writer: Writer, encoder: Encoder) -> None:
    keys = writer.notes_without_opening()
    for start in range(0, len(keys), NOTES_PER_COMMIT):
        some = keys[start : start + NOTES_PER_COMMIT].tolist()
        vectors = encoder.encode(_openings(writer, encoder, some), bulk=True)
        writer.complete_openings(dict(zip(some, vectors, strict=True)))


def _openings(writer: Writer, encoder: Encoder, note_keys: list[int]) -> list[str]:
    """Return the openings of notes; reads one note at a time, since a note may have ten million characters."""
    with writer.catalog() as catalog:
        texts = catalog.texts
        return [encoder.opening(texts.note_texts([key])[key]) for key in note_keys]

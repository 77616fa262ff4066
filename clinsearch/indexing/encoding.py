"""Encodes the new sentences of a batch and the openings of its notes, while the next batch is read."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass

from clinsearch.encoder.encoder import Encoder
from clinsearch.encoder.words import TextWords
from clinsearch.records import FloatArray
from clinsearch.storage.batches import Batch


@dataclass(frozen=True, slots=True)
class Encoded:
    """The vectors and words of a batch's new sentences, (n, hidden_size), and its notes' openings, (m, hidden_size)."""

    vectors: FloatArray
    words: list[TextWords]
    openings: FloatArray


@dataclass(frozen=True, slots=True)
class Encoding:
    """A batch being encoded; `order`: the digests of its new sentences, in the order of their vectors."""

    batch: Batch
    order: tuple[bytes, ...]
    encoded: Future[Encoded]


def encode(encoder: Encoder, texts: Sequence[str], notes: Sequence[str], *, keeps_words: bool) -> Encoded:
    """Encode sentences, with their words if the collection keeps them, and the openings of notes."""
    if keeps_words:
        vectors, words = encoder.encode_words(texts, bulk=True)
    else:
        vectors, words = encoder.encode(texts, bulk=True), []
    openings = [encoder.opening(text) for text in notes]
    return Encoded(vectors, words, encoder.encode(openings, bulk=True))


def opened(batch: Batch) -> dict[str, str]:
    """Return the texts, by id, of a batch's notes with a sentence: those whose openings are encoded."""
    return {item.note.note_id: item.note.text for item in batch.added if item.sentences}

"""A query and a sentence of a note, or two notes: their sentences' shares, and these taken apart into tokens."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from clinsearch.encoder.encoder import Encoder
from clinsearch.errors import HitNotFound, InputError
from clinsearch.explanation.texts import explain_embeddings
from clinsearch.records import (
    FloatArray,
    Hit,
    NoteExplanation,
    PlacedSentence,
    QueryExplanation,
    SentencePair,
    TextExplanation,
    by_share,
)
from clinsearch.retrieval import note_vectors
from clinsearch.storage.catalog import Occurrence
from clinsearch.storage.snapshots import Snapshot


def explain_query(snapshot: Snapshot, encoder: Encoder, query: str, note_id: str) -> QueryExplanation:
    """Explain why a query finds a note: the score of the note's best sentence, as search gives it."""
    sentences, vectors = _sentences(snapshot, note_id)
    scores = vectors @ encoder.encode([query])[0]
    best = int(scores.argmax())
    return _explained_query(snapshot, encoder, query, sentences[best], float(scores[best]))


def explain_place(snapshot: Snapshot, encoder: Encoder, query: str, hit: Hit) -> QueryExplanation:
    """Explain why a query finds the very sentence of a hit, at its place. Raises HitNotFound if it is gone."""
    sentences, vectors = _sentences(snapshot, hit.note_id)
    for sentence, vector in zip(sentences, vectors, strict=True):
        is_place = (sentence.start, sentence.end) == (hit.start, hit.end)
        if is_place and hit.sentence in (None, sentence.text):
            score = float(vector @ encoder.encode([query])[0])
            return _explained_query(snapshot, encoder, query, sentence, score)
    raise HitNotFound(f"Note {hit.note_id} has changed, and this hit is not in it any more. Search again.")


def explain_notes(snapshot: Snapshot, encoder: Encoder, left_id: str, right_id: str, *, pairs: int) -> NoteExplanation:
    """Explain the similarity of two notes, and take the `pairs` strongest pairs of sentences apart into tokens."""
    left, left_vectors = _sentences(snapshot, left_id)
    right, right_vectors = _sentences(snapshot, right_id)
    stored = note_vectors(snapshot, [left[0].note.note_key, right[0].note.note_key])
    cosines = left_vectors @ right_vectors.T
    lengths = np.linalg.norm(left_vectors.sum(axis=0)) * np.linalg.norm(right_vectors.sum(axis=0))
    weight = float(1 / max(lengths, np.finfo(np.float32).tiny))
    contributions = cosines * np.float32(weight)

    def taken_apart(i: int, j: int) -> SentencePair:
        text = _explained(encoder, left[i].text, right[j].text, float(cosines[i, j]))
        return SentencePair(i, j, text, share=float(contributions[i, j]), weight=weight)

    return NoteExplanation(
        score=float(stored[0] @ stored[1]),
        left_note_id=left_id,
        right_note_id=right_id,
        left=tuple(map(_placed, left)),
        right=tuple(map(_placed, right)),
        contributions=contributions,
        cosines=cosines,
        pairs=tuple(taken_apart(i, j) for i, j in by_share(contributions)[:pairs]),
        left_other_notes=_other_notes(snapshot, left),
        right_other_notes=_other_notes(snapshot, right),
    )


def _explained_query(
    snapshot: Snapshot, encoder: Encoder, query: str, sentence: Occurrence, score: float
) -> QueryExplanation:
    (other_notes,) = _other_notes(snapshot, [sentence])
    text = _explained(encoder, query, sentence.text, score)
    return QueryExplanation(sentence.note.note_id, _placed(sentence), text, other_notes)


def _explained(encoder: Encoder, left: str, right: str, score: float) -> TextExplanation:
    return explain_embeddings(encoder.embed(left), encoder.embed(right), score)


def _sentences(snapshot: Snapshot, note_id: str) -> tuple[list[Occurrence], FloatArray]:
    """Return a note's sentences in order, and their vectors (n, hidden_size)."""
    note_key, _ = snapshot.catalog.note(note_id)
    sentences = snapshot.catalog.note_sentences(note_key)
    if not sentences:
        raise InputError(f"Note {note_id} has no sentence to compare.")
    keys = np.array([sentence.sentence_key for sentence in sentences], dtype=np.int64)
    return sentences, snapshot.sentences.vectors.of(keys)


def _other_notes(snapshot: Snapshot, sentences: Sequence[Occurrence]) -> tuple[int, ...]:
    """Count for each sentence the notes beside its own in which it stands too."""
    notes = snapshot.catalog.notes_with({sentence.sentence_key for sentence in sentences})
    return tuple(notes[sentence.sentence_key] - 1 for sentence in sentences)


def _placed(sentence: Occurrence) -> PlacedSentence:
    return PlacedSentence(sentence.text, sentence.start, sentence.end, sentence.section)

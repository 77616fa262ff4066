"""Takes scores apart, exactly: into pairs of sentences, of words, of tokens, whose shares add up.

A pooled vector is the sum of its tokens' parts, A = sum of a_i, so that
cos(A, B) = sum over i, j of a_i . b_j / (|A| |B|): every pair of tokens has its share, and there is nothing else.
A note's vector is likewise the sum of its sentences' vectors. Under max pooling a token's part is made of the
dimensions in which it holds the maximum, which keeps the sum exact.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from clinsearch.encoder.encoder import Encoder
from clinsearch.errors import InputError
from clinsearch.records import (
    FloatArray,
    NoteExplanation,
    PlacedSentence,
    QueryExplanation,
    SentencePair,
    TextEmbedding,
    TextExplanation,
    Token,
    Word,
    by_share,
)
from clinsearch.retrieval import note_vectors
from clinsearch.storage.catalog import Occurrence
from clinsearch.storage.snapshots import Snapshot


def explain_texts(encoder: Encoder, left: str, right: str) -> TextExplanation:
    """Explain the cosine of two texts."""
    left_embedding, right_embedding = encoder.embed(left), encoder.embed(right)
    score = float(left_embedding.vector @ right_embedding.vector)
    return _explained(left_embedding, right_embedding, score)


def explain_query(snapshot: Snapshot, encoder: Encoder, query: str, note_id: str) -> QueryExplanation:
    """Explain why a query finds a note: the score of the note's best sentence, as search gives it."""
    sentences, vectors = _sentences(snapshot, note_id)
    scores = vectors @ encoder.encode([query])[0]
    best = int(scores.argmax())
    place = _placed(sentences[best])
    text = _explained(encoder.embed(query), encoder.embed(place.sentence), float(scores[best]))
    return QueryExplanation(note_id, place, text)


def explain_notes(snapshot: Snapshot, encoder: Encoder, left_id: str, right_id: str, *, pairs: int) -> NoteExplanation:
    """Explain the similarity of two notes, and take the `pairs` strongest pairs of sentences apart into tokens."""
    left, left_vectors = _sentences(snapshot, left_id)
    right, right_vectors = _sentences(snapshot, right_id)
    stored = note_vectors(snapshot, [left[0].note.note_key, right[0].note.note_key])
    cosines = left_vectors @ right_vectors.T
    lengths = np.linalg.norm(left_vectors.sum(axis=0)) * np.linalg.norm(right_vectors.sum(axis=0))
    contributions = cosines / max(lengths, np.finfo(np.float32).tiny)
    return NoteExplanation(
        score=float(stored[0] @ stored[1]),
        left_note_id=left_id,
        right_note_id=right_id,
        left=tuple(map(_placed, left)),
        right=tuple(map(_placed, right)),
        contributions=contributions,
        cosines=cosines,
        pairs=tuple(
            SentencePair(i, j, _explained(encoder.embed(left[i].text), encoder.embed(right[j].text), cosines[i, j]))
            for i, j in by_share(contributions)[:pairs]
        ),
    )


def _sentences(snapshot: Snapshot, note_id: str) -> tuple[list[Occurrence], FloatArray]:
    """Return a note's sentences in order, and their vectors (n, hidden_size)."""
    note_key, _ = snapshot.catalog.note(note_id)
    sentences = snapshot.catalog.note_sentences(note_key)
    if not sentences:
        raise InputError(f"Note {note_id} has no sentence to compare.")
    keys = np.array([sentence.sentence_key for sentence in sentences], dtype=np.int64)
    return sentences, snapshot.sentences.vectors.of(keys)


def _placed(sentence: Occurrence) -> PlacedSentence:
    return PlacedSentence(sentence.text, sentence.start, sentence.end, sentence.section)


def _explained(left: TextEmbedding, right: TextEmbedding, score: float) -> TextExplanation:
    lengths = np.linalg.norm(left.parts.sum(axis=0)) * np.linalg.norm(right.parts.sum(axis=0))
    shares = left.parts @ right.parts.T / max(lengths, np.finfo(np.float32).tiny)
    left_words, right_words = words_of(left.text, left.tokens), words_of(right.text, right.tokens)
    by_left = np.stack([shares[list(word.tokens)].sum(axis=0) for word in left_words])
    by_word = np.stack([by_left[:, list(word.tokens)].sum(axis=1) for word in right_words], axis=1)
    return TextExplanation(
        score=float(score),
        left=left.text,
        right=right.text,
        left_tokens=left.tokens,
        right_tokens=right.tokens,
        left_words=left_words,
        right_words=right_words,
        contributions=shares,
        word_contributions=by_word,
    )


def words_of(text: str, tokens: Sequence[Token]) -> tuple[Word, ...]:
    """Gather tokens into words; a special token, which stands for no text, is shown by its own name."""
    words: list[Word] = []
    previous: int | None = None
    for position, token in enumerate(tokens):
        if token.word is None:
            words.append(Word(token.token, token.start, token.end, (position,)))
        elif token.word == previous:
            begun = words.pop()
            words.append(Word(text[begun.start : token.end], begun.start, token.end, (*begun.tokens, position)))
        else:
            words.append(Word(text[token.start : token.end], token.start, token.end, (position,)))
        previous = token.word
    return tuple(words)

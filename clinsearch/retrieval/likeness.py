"""How alike two notes are: by their openings, their words, and sentence by sentence.

    score = (openings + sqrt(words) + 0.1 sentences) / 2.1,   each from 0 to 1

openings: the cosine of the vectors of the two notes' first words. words: BM25 of the other note for all the words of
this one, as a part of what this note itself would get. sentences: for each sentence of either note the cosine of the
most similar one of the other, on average, weighted by rarity: see `rarity`. How this was chosen: docs/ranking.md.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from clinsearch.errors import InputError
from clinsearch.records import FloatArray
from clinsearch.records.keys import KeyArray
from clinsearch.retrieval.candidates import union
from clinsearch.retrieval.keywords import Keywords
from clinsearch.storage.port import Snapshot

WORDS, SENTENCES = 1.0, 0.1
WHOLE = 1 + WORDS + SENTENCES
# What joins words to phrases in a query, and matches by prefix, is in a note a quotation, an inch or a bullet.
NO_SIGNS_OF_QUERIES = str.maketrans('"*', "  ")
# A sentence that all notes have counts for something still.
LEAST_RARITY = 0.02


@dataclass(frozen=True, slots=True, eq=False)
class Scores:
    """Scores of notes, by key (n,), each the sum of three parts, (n,)."""

    keys: KeyArray
    openings: FloatArray
    words: FloatArray
    sentences: FloatArray

    @property
    def scores(self) -> FloatArray:
        """The scores, (n,)."""
        return self.openings + self.words + self.sentences


class NoteLikeness:
    """Compares one note of a collection with others. Raises InputError for a note without a sentence."""

    def __init__(self, snapshot: Snapshot, note_id: str) -> None:
        self._snapshot = snapshot
        self.note_key, note = snapshot.catalog.note(note_id)
        self._sentences = snapshot.catalog.sentences_in([self.note_key]).get(self.note_key, [])
        if not self._sentences:
            raise InputError(f"Note {note_id} has no sentence to compare.")
        self.opening: FloatArray = snapshot.vectors_of("opening", np.array([self.note_key]))[0]
        self.keywords = Keywords(snapshot.catalog.keywords("note"), note.text.translate(NO_SIGNS_OF_QUERIES))
        self._most = float(self.keywords.scores([note.text]).sum())

    def scores(self, note_keys: KeyArray) -> Scores:
        """Score other notes, which have a sentence each."""
        openings = np.clip(self._snapshot.vectors_of("opening", note_keys) @ self.opening, 0, 1)
        words = np.sqrt(self.term_shares(note_keys).sum(axis=1))
        sentences = self._by_sentences(note_keys)
        return Scores(note_keys, openings / WHOLE, words * (WORDS / WHOLE), sentences * (SENTENCES / WHOLE))

    def term_shares(self, note_keys: KeyArray) -> FloatArray:
        """Return what each phrase of this note adds to `words` of others, (n, phrases)."""
        texts = self._snapshot.catalog.texts.note_texts(note_keys.tolist())
        scores = self.keywords.scores(texts[key] for key in note_keys.tolist())
        shares: FloatArray = scores / np.maximum(scores.sum(axis=1, keepdims=True), max(self._most, 1e-9))
        return shares

    def _by_sentences(self, note_keys: KeyArray) -> FloatArray:
        sentences_of = self._snapshot.catalog.sentences_in(note_keys.tolist())
        keys = union(self._sentences, *sentences_of.values())
        vectors, rare = self._snapshot.vectors_of("sentence", keys), rarity(self._snapshot, keys)
        own = np.searchsorted(keys, self._sentences)
        cosines = vectors[own] @ vectors.T
        found = []
        for note_key in note_keys.tolist():
            other = np.searchsorted(keys, sentences_of[note_key])
            found.append(_by_best_partners(cosines[:, other], rare[own], rare[other]))
        return np.clip(np.array(found, dtype=np.float32), 0, 1)


def rarity(snapshot: Snapshot, sentence_keys: KeyArray) -> FloatArray:
    """Return how rare sentences are, (n,): near one if in no other note, near zero if in all.

    The square of log((N + 1) / (n + 1/2)) / log(N + 1), of N notes n with the sentence.
    """
    notes = snapshot.catalog.keywords("note").size()
    return rarity_of(snapshot.catalog.notes_with(sentence_keys.tolist()), sentence_keys.tolist(), notes)


def rarity_of(notes_with: Mapping[int, int], sentence_keys: Sequence[int], notes: int) -> FloatArray:
    """Return how rare sentences are that so many of `notes` have; see `rarity`."""
    counts = np.array([notes_with.get(key, 1) for key in sentence_keys], dtype=np.float32)
    logs = np.log((notes + 1) / (counts + 0.5)) / np.log(notes + 1)
    rare: FloatArray = np.clip(logs, LEAST_RARITY, 1) ** 2
    return rare


def alignment(cosines: NDArray[Any], left: FloatArray, right: FloatArray) -> NDArray[np.float64]:
    """Align each sentence of two notes with the most similar one of the other.

    cosines: (left, right). left, right: how much each sentence counts, (left,) and (right,). Returns what each pair
    counts for, (left, right), which sums to one: with the cosines it gives what `sentences` are.
    """
    weights = np.zeros(cosines.shape, dtype=np.float64)
    np.add.at(weights, (np.arange(len(left)), cosines.argmax(axis=1)), left / (2 * left.sum()))
    np.add.at(weights, (cosines.argmax(axis=0), np.arange(len(right))), right / (2 * right.sum()))
    return weights


def _by_best_partners(cosines: FloatArray, left: FloatArray, right: FloatArray) -> float:
    """Return the sum over an alignment of weights and cosines."""
    forth, back = left @ cosines.max(axis=1) / left.sum(), cosines.max(axis=0) @ right / right.sum()
    return float(forth + back) / 2

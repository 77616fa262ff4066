"""Avoids repetition among hits: nearly identical sentences are one hit, and hits can be made to differ."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from clinsearch.records import FloatArray
from clinsearch.storage.port import Snapshot

# Carbonell and Goldstein 1998, "The use of MMR": the weight of a hit's score against its likeness to hits above it.
RELEVANCE = 0.7
# Hits that are to differ are chosen from this many times as many.
CHOSEN_FROM = 5
# Two notes are copies if sentences in both make up this share of the shorter one's characters.
COPIED = 0.7


def first_of_each(snapshot: Snapshot, sentence_keys: Sequence[int]) -> list[int]:
    """Return the positions of these sentences, without those that are nearly identical to one before them."""
    gists = snapshot.catalog.texts.gists(sentence_keys)
    seen: set[int] = set()
    firsts = []
    for position, key in enumerate(sentence_keys):
        gist = gists.get(key)
        if gist is None or gist not in seen:
            firsts.append(position)
        if gist is not None:
            seen.add(gist)
    return firsts


def diverse(scores: Sequence[float], vectors: FloatArray, k: int) -> list[int]:
    """Choose k candidates, one by one, each by its score less its likeness to those chosen before.

    vectors: (n, hidden_size). Returns positions in the order of choice (maximal marginal relevance).
    """
    nearest = np.zeros(len(scores), dtype=np.float32)
    left = RELEVANCE * np.asarray(scores, dtype=np.float32)
    chosen: list[int] = []
    for _ in range(min(k, len(scores))):
        best = int((left - (1 - RELEVANCE) * nearest).argmax())
        chosen.append(best)
        left[best] = -np.inf
        np.maximum(nearest, vectors @ vectors[best], out=nearest)
    return chosen


def copies_of(snapshot: Snapshot, note_key: int, others: Sequence[int]) -> set[int]:
    """Return which of `others` are copies of a note: most of the shorter one's text is in the other, too."""
    sentences_of = snapshot.catalog.sentences_in([note_key, *others])
    keys = sorted({key for of_note in sentences_of.values() for key in of_note})
    gists = snapshot.catalog.texts.gists(keys)
    lengths = {key: len(text) for key, text in snapshot.catalog.sentence_texts(keys).items()}

    def read(note: int) -> dict[int, int]:
        """Return the length of each of a note's sentences, by its gist."""
        return {gists[key] or key: lengths[key] for key in sentences_of.get(note, ())}

    own = read(note_key)
    return {other for other in others if _is_copied(own, read(other))}


def _is_copied(one: dict[int, int], other: dict[int, int]) -> bool:
    shorter, longer = sorted((one, other), key=lambda note: sum(note.values()))
    return sum(length for gist, length in shorter.items() if gist in longer) >= COPIED * sum(shorter.values())

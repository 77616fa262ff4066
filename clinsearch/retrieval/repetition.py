"""Against repetition among hits: sentences in nearly the same words are one hit, and hits can be made to differ."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from clinsearch.records import FloatArray
from clinsearch.storage.catalog.texts import TextCatalog
from clinsearch.storage.snapshots import Snapshot

# Carbonell and Goldstein 1998, "The use of MMR": how much a hit's score counts beside its likeness to hits above it.
RELEVANCE = 0.7
# Where hits are to differ they are chosen from so many times as many.
CHOSEN_FROM = 5
# Of the characters of the shorter of two notes, how many the sentences make up that stand in both if it is a copy.
COPIED = 0.7


def first_of_each(snapshot: Snapshot, sentence_keys: Sequence[int]) -> list[int]:
    """Return the positions of the first of these sentences, and of every other that is not nearly the same as one
    before it."""
    gists = TextCatalog(snapshot.catalog.connection).gists(sentence_keys)
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
    """Choose k of some candidates, one by one, each by its score less its likeness to those chosen before.

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
    """Return those of some notes that are copies of one: most of the shorter's text stands in the other, too."""
    sentences_of = snapshot.catalog.sentences_in([note_key, *others])
    keys = sorted({key for of_note in sentences_of.values() for key in of_note})
    gists = TextCatalog(snapshot.catalog.connection).gists(keys)
    lengths = {key: len(text) for key, text in snapshot.catalog.sentence_texts(keys).items()}

    def read(note: int) -> dict[int, int]:
        """Return the length of each of a note's sentences, by what is the same of sentences nearly the same."""
        return {gists[key] or key: lengths[key] for key in sentences_of.get(note, ())}

    own = read(note_key)
    return {other for other in others if _is_copied(own, read(other))}


def _is_copied(one: dict[int, int], other: dict[int, int]) -> bool:
    shorter, longer = sorted((one, other), key=lambda note: sum(note.values()))
    return sum(length for gist, length in shorter.items() if gist in longer) >= COPIED * sum(shorter.values())

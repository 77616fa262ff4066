"""The score of two notes, taken apart: what any two notes have in common, what each pair of sentences adds, the rest.

What is like in the openings and in words is handed on to pairs of sentences, by how far it falls without them and by
how unusually near they are; see docs/how-it-works.md. All of it adds up to the score.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from clinsearch.encoder.encoder import Encoder
from clinsearch.encoder.threads import processors
from clinsearch.explanation.content import mean_vector
from clinsearch.explanation.left_out import LeftOut, falls_of_openings, falls_of_words, leave_out_each
from clinsearch.records import Filter, FloatArray, LikenessParts, Reason, Unusual
from clinsearch.records.explanations import NEARER_COUNTED, TEMPLATE_NOTES
from clinsearch.records.keys import KeyArray
from clinsearch.retrieval.likeness import SENTENCES, WHOLE, WORDS, NoteLikeness, alignment, rarity
from clinsearch.storage.port import Snapshot
from clinsearch.storage.values import Occurrence

MOST_REASONS = 10
# A note with a sentence in two spellings is counted once, unless there are so many that it makes no difference.
COUNTED_ONCE = 1000
# How near the collection comes to a sentence: the mean cosine of so many of its nearest.
NEIGHBOURS = 10
# Terms that so large a part of the notes have, and so many, are what any two of them have in common.
COMMON_TERM, COMMON_NOTES = 0.1, 5
# How unusual a pair is grows by this power of how near it is beyond so much less than the collection comes to it.
NEAR = 0.4
POWER = 2
# Of pairs that are not near each other the nearest is meant, or all alike.
LEAST_UNUSUAL = 1e-9
# How much a pair's share counts for its rank beside how unusual it is.
SHARE_IN_RANK = 3.0
# The place of the reason without which the score falls the furthest.
PLACE_OF_FURTHEST = 1
# Sentences so near to each other say the same, and so do the pairs that they are in.
SAME = 0.8

Matrix = NDArray[np.float64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Side:
    """One of two notes: its sentences in their order, their vectors, (n, hidden_size), and how rare they are, (n,).

    opening: (hidden_size,), the vector of its first words. left_out: the note without each of its sentences.
    """

    sentences: Sequence[Occurrence]
    vectors: FloatArray
    rarity: FloatArray
    opening: FloatArray
    left_out: LeftOut

    @property
    def keys(self) -> KeyArray:
        """The keys of the sentences, (n,)."""
        return np.array([sentence.sentence_key for sentence in self.sentences], dtype=np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class Split:
    """A score of two notes by what it comes from; `background` of it, and `shares` of pairs of sentences.

    Of pairs, (left, right), are shares, and rare: the product of their rarity. nearness: how unusually near they are,
    their cosine less how near the collection comes to both, beyond NEAR, or zero. fallen: how far openings and words
    fall without their sentences, as the geometric mean.
    """

    parts: LikenessParts
    background: LikenessParts
    shares: Matrix
    rare: Matrix
    nearness: Matrix
    fallen: Matrix

    @property
    def score(self) -> float:
        """The score."""
        return self.parts.total

    @property
    def unplaced(self) -> float:
        """What is in no pair."""
        return self.parts.total - self.background.total - float(self.shares.sum())


def read_side(snapshot: Snapshot, encoder: Encoder, sentences: Sequence[Occurrence], vectors: FloatArray) -> Side:
    """Read what is needed of a note; vectors: (n, hidden_size), of its sentences."""
    text = snapshot.catalog.note(sentences[0].note.note_id)[1].text
    keys = np.array([sentence.sentence_key for sentence in sentences], dtype=np.int64)
    opening = snapshot.corrected("opening", encoder.encode([encoder.opening(text)]))[0]
    left_out = leave_out_each(snapshot, encoder, text, [(sentence.start, sentence.end) for sentence in sentences])
    return Side(sentences, vectors, rarity(snapshot, keys), opening, left_out)


def split_score(snapshot: Snapshot, likeness: NoteLikeness, left: Side, right: Side, right_key: int) -> Split:
    """Take the score of two notes apart."""
    cosines: Matrix = (left.vectors @ right.vectors.T).astype(np.float64)
    crowding = _crowding(snapshot, left, right)
    nearness = np.maximum(cosines - (crowding[0][:, None] + crowding[1]) / 2 + NEAR, 0)
    rare: Matrix = np.outer(left.rarity, right.rarity).astype(np.float64)
    falls = (
        falls_of_openings(left.left_out, right.left_out),
        falls_of_words(likeness.keywords, left.left_out, right.left_out),
    )
    among = [(rare * nearness**POWER + LEAST_UNUSUAL * rare) * np.outer(*of_part) for of_part in falls]
    mean = mean_vector(snapshot, "sentence")
    common = ((left.vectors @ mean)[:, None] + right.vectors @ mean).astype(np.float64) / 2
    of_openings, common_opening = _by_openings(snapshot, left, right)
    of_words, common_words = _by_words(likeness, right_key)
    weights = alignment(cosines, left.rarity, right.rarity) * (SENTENCES / WHOLE)
    of_sentences = min(max(float((weights * cosines).sum()), 0.0), SENTENCES / WHOLE)
    if not of_sentences:
        weights *= 0
    common_sentences = _at_most(weights * common, of_sentences)
    shares = weights * cosines - common_sentences
    shares += _handed_on(of_openings - common_opening, among[0]) + _handed_on(of_words - common_words, among[1])
    background = LikenessParts(common_opening, common_words, float(common_sentences.sum()))
    parts = LikenessParts(of_openings, of_words, of_sentences)
    fallen = np.sqrt(np.outer(*((of_openings + of_words) for of_openings, of_words in zip(*falls, strict=True))))
    return Split(parts, background, shares, rare, nearness, fallen)


def find_reasons(snapshot: Snapshot, split: Split, left: Side, right: Side) -> tuple[Reason, ...]:
    """Choose at most MOST_REASONS reasons, best first: by how unusual they are, and by what they add to the score.

    The second is the one without whose sentences the score falls the furthest, of sentences that are not in the first;
    every other has a sentence that leads none before it.
    """
    standing = [_standing(snapshot, side.keys) for side in (left, right)]
    template = (standing[0] >= TEMPLATE_NOTES)[:, None] | (standing[1] >= TEMPLATE_NOTES)
    alike = [side.vectors @ side.vectors.T >= SAME for side in (left, right)]
    found = []
    for (i, j), same in islice(_leading_pairs(split, template, alike), MOST_REASONS):
        others = [(int(row), int(column)) for row, column in np.argwhere(same) if (row, column) != (i, j)]
        sides = _unusual(snapshot, left, right, i, j, standing)
        found.append(Reason(((i, j), *others), float(split.shares[same].sum()), *sides, bool(template[i, j])))
    return tuple(found)


def _leading_pairs(split: Split, template: Mask, alike: Sequence[Mask]) -> Iterator[tuple[tuple[int, int], Mask]]:
    """Yield the pairs that lead reasons, best first, each with all pairs that say the same, (left, right)."""
    unusual = split.rare * split.nearness**POWER + SHARE_IN_RANK * split.shares
    furthest = split.fallen * np.sqrt(split.rare * split.nearness)
    by_unusual, by_fall = (np.lexsort((-rank.ravel(), template.ravel())) for rank in (unusual, furthest))
    is_left = (split.rare * split.nearness > 0) & (split.shares >= 0)
    led = [np.zeros((len(alike[0]), 1), dtype=bool), np.zeros(len(alike[1]), dtype=bool)]
    for place in range(is_left.size):
        has_led, order = (led[0] & led[1], by_unusual) if place != PLACE_OF_FURTHEST else (led[0] | led[1], by_fall)
        wanted = (is_left & ~template & ~has_led, is_left & ~template, is_left & ~has_led, is_left)
        able = next((mask for mask in wanted if mask.any()), None)
        if able is None:
            return
        i, j = divmod(int(order[able.ravel()[order].argmax()]), able.shape[1])
        same = np.outer(alike[0][i], alike[1][j]) & is_left
        yield (i, j), same
        led[0][i] = led[1][j] = True
        is_left &= ~same


def _by_openings(snapshot: Snapshot, left: Side, right: Side) -> tuple[float, float]:
    """Return what the openings' cosine adds, and what of it any two have in common."""
    mean = mean_vector(snapshot, "opening")
    cosine = min(max(float(left.opening @ right.opening), 0.0), 1.0)
    common = min(max(float((left.opening + right.opening) @ mean) / 2, 0.0), cosine)
    return cosine / WHOLE, common / WHOLE


def _by_words(likeness: NoteLikeness, right_key: int) -> tuple[float, float]:
    """Return what the words in common add, and what of it are words of many notes."""
    (shares,) = likeness.term_shares(np.array([right_key]))
    whole = float(shares.sum())
    words = math.sqrt(whole) * (WORDS / WHOLE)
    least = max(COMMON_TERM * likeness.keywords.size, COMMON_NOTES)
    is_common = np.array([likeness.keywords.texts_with(phrase) >= least for phrase in likeness.keywords.phrases])
    return words, words * float(shares[is_common].sum()) / whole if whole else 0.0


def _handed_on(amount: float, among: Matrix) -> Matrix:
    """Distribute an amount over pairs in proportion to these numbers; of none nothing is."""
    total = float(among.sum())
    return among * (amount / total) if total > 0 else np.zeros_like(among)


def _at_most(amounts: Matrix, most: float) -> Matrix:
    """Scale amounts so that their sum is at least zero and at most this."""
    total = float(amounts.sum())
    return amounts * (min(max(total, 0.0), most) / total) if total else amounts


def _crowding(snapshot: Snapshot, left: Side, right: Side) -> tuple[Matrix, Matrix]:
    """Return how near the rest of the collection comes to each sentence of two notes, (left,) and (right,)."""
    own = set(left.keys.tolist()) | set(right.keys.tolist())

    def crowding(vector: FloatArray) -> float:
        keys, scores = snapshot.spaces["sentence"].search(vector, NEIGHBOURS)
        others = scores[[key not in own for key in keys.tolist()]]
        return float(others.mean()) if len(others) else 0.0

    with ThreadPoolExecutor(processors()) as threads:
        of_left, of_right = (np.array(list(threads.map(crowding, side.vectors))) for side in (left, right))
    return of_left, of_right


def _standing(snapshot: Snapshot, keys: KeyArray) -> NDArray[np.int64]:
    """Count the notes that have each sentence or, at least, one in nearly the same words, (n,)."""
    listed = sorted(set(keys.tolist()))
    alike = snapshot.catalog.texts.near_identical(listed)
    notes = snapshot.catalog.notes_with({*listed, *(other for others in alike.values() for other in others)})
    counts = {key: notes.get(key, 1) + sum(notes.get(other, 0) for other in alike[key]) for key in listed}
    for key in listed:
        if alike[key] and counts[key] <= COUNTED_ONCE:
            counts[key] = len(snapshot.catalog.notes_of([key, *alike[key]], Filter()))
    return np.array([counts[key] for key in keys.tolist()])


def _unusual(
    snapshot: Snapshot, left: Side, right: Side, i: int, j: int, standing: Sequence[NDArray[np.int64]]
) -> tuple[Unusual, Unusual]:
    """Say how unusual it is for two sentences to be as near to each other as they are."""
    cosine = float(left.vectors[i] @ right.vectors[j])
    both = int(left.keys[i]), int(right.keys[j])
    said = snapshot.catalog.texts.assertions(list(set(both)))
    of_left, of_right = (
        said[place.sentence_key] if place.is_read else () for place in (left.sentences[i], right.sentences[j])
    )

    def nearer(vector: FloatArray) -> int:
        keys, scores = snapshot.spaces["sentence"].search(vector, NEARER_COUNTED + len(both))
        return min(int((scores[~np.isin(keys, both)] > cosine).sum()), NEARER_COUNTED)

    return (
        Unusual(nearer(left.vectors[i]), int(standing[0][i]) - 1, of_left),
        Unusual(nearer(right.vectors[j]), int(standing[1][j]) - 1, of_right),
    )

"""The score of two notes, taken apart: what any two notes have in common, what each pair of sentences adds, the rest.

What is like in the openings is handed on to pairs of sentences in them, what is like in words to pairs of sentences
that have these, by how unusually near the pairs are; see docs/how-it-works.md. All of it adds up to the score.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clinsearch.encoder.encoder import Encoder
from clinsearch.encoder.threads import processors
from clinsearch.explanation.content import mean_vector
from clinsearch.language.terms import terms_of
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
# Terms that so large a part of the notes have are what any two of them have in common.
COMMON_TERM = 0.1
# How unusual a pair is grows by this power of how near it is beyond so much less than the collection comes to it: the
# first for what is handed on, the second for the rank of reasons.
NEAR, POWER = 0.1, 3
NEAR_IN_RANK, POWER_IN_RANK = 0.4, 2
# How much a pair's share counts for its rank beside how unusual it is.
SHARE_IN_RANK = 3.0
# Sentences so near to each other say the same, and so do the pairs that they are in.
SAME = 0.8

Matrix = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Side:
    """One of two notes: its sentences in their order, their vectors, (n, hidden_size), and how rare they are, (n,).

    opening: (hidden_size,), the vector of its first words, and opening_parts: (n, hidden_size), what of it is each
    sentence's; what is of no sentence is not among them.
    """

    sentences: Sequence[Occurrence]
    vectors: FloatArray
    rarity: FloatArray
    opening: FloatArray
    opening_parts: FloatArray

    @property
    def keys(self) -> KeyArray:
        """The keys of the sentences, (n,)."""
        return np.array([sentence.sentence_key for sentence in self.sentences], dtype=np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class Split:
    """A score of two notes by what it comes from; `background` of it, `shares` (left, right), and what is unplaced.

    nearness: (left, right), how unusually near pairs are: their cosine less how near the collection comes to both.
    """

    parts: LikenessParts
    background: LikenessParts
    shares: Matrix
    nearness: Matrix
    unplaced: float

    @property
    def score(self) -> float:
        """The score."""
        return self.parts.total


def read_side(snapshot: Snapshot, encoder: Encoder, sentences: Sequence[Occurrence], vectors: FloatArray) -> Side:
    """Read what is needed of a note; vectors: (n, hidden_size), of its sentences."""
    text = snapshot.catalog.note(sentences[0].note.note_id)[1].text
    embedded = encoder.embed(encoder.opening(text), snapshot.corrections.get("opening"))
    parts = embedded.parts / max(float(np.linalg.norm(embedded.parts.sum(axis=0))), 1e-9)
    # An opening has its text's words, but other white space between them.
    starts = _letters_before(text, [sentence.start for sentence in sentences])
    of_tokens = _letters_before(embedded.text, [token.start for token in embedded.tokens])
    owner = np.searchsorted(starts, of_tokens, side="right") - 1
    is_own = (owner >= 0) & np.array([token.word is not None for token in embedded.tokens])
    of_sentences = np.zeros((len(sentences), parts.shape[1]), dtype=np.float32)
    np.add.at(of_sentences, owner[is_own], parts[is_own])
    keys = np.array([sentence.sentence_key for sentence in sentences], dtype=np.int64)
    return Side(sentences, vectors, rarity(snapshot, keys), embedded.vector, of_sentences)


def _letters_before(text: str, places: Sequence[int]) -> NDArray[np.int64]:
    """Count the signs that are no white space before each of these places of a text."""
    counts = np.cumsum([0, *(not sign.isspace() for sign in text)])
    return counts[np.array(places, dtype=np.int64)]


def split_score(snapshot: Snapshot, likeness: NoteLikeness, left: Side, right: Side, right_key: int) -> Split:
    """Take the score of two notes apart."""
    cosines: Matrix = (left.vectors @ right.vectors.T).astype(np.float64)
    crowding = _crowding(snapshot, left, right)
    nearness = cosines - (crowding[0][:, None] + crowding[1]) / 2
    unusual = np.outer(left.rarity, right.rarity) * np.maximum(nearness + NEAR, 0) ** POWER
    mean = mean_vector(snapshot, "sentence")
    common = ((left.vectors @ mean)[:, None] + right.vectors @ mean).astype(np.float64) / 2
    of_openings, common_opening, in_openings = _by_openings(snapshot, left, right, unusual)
    of_words, common_words, in_words = _by_words(likeness, left, right, right_key, unusual)
    weights = alignment(cosines, left.rarity, right.rarity) * (SENTENCES / WHOLE)
    of_sentences = min(max(float((weights * cosines).sum()), 0.0), SENTENCES / WHOLE)
    if not of_sentences:
        weights *= 0
    common_sentences = _at_most(weights * common, of_sentences)
    shares = weights * cosines - common_sentences + in_openings + in_words
    background = LikenessParts(common_opening, common_words, float(common_sentences.sum()))
    parts = LikenessParts(of_openings, of_words, of_sentences)
    return Split(parts, background, shares, nearness, parts.total - background.total - float(shares.sum()))


def find_reasons(snapshot: Snapshot, split: Split, left: Side, right: Side) -> tuple[Reason, ...]:
    """Choose at most MOST_REASONS reasons, best first: by how unusual they are, and by what they add to the score."""
    standing = [_standing(snapshot, side.keys) for side in (left, right)]
    unusual = np.outer(left.rarity, right.rarity) * np.maximum(split.nearness + NEAR_IN_RANK, 0) ** POWER_IN_RANK
    rank = unusual + SHARE_IN_RANK * split.shares
    template = (standing[0] >= TEMPLATE_NOTES)[:, None] | (standing[1] >= TEMPLATE_NOTES)
    alike = [side.vectors @ side.vectors.T >= SAME for side in (left, right)]
    is_left = (unusual > 0) & (split.shares >= 0)
    found: list[Reason] = []
    for place in np.lexsort((-rank.ravel(), template.ravel())):
        i, j = divmod(int(place), rank.shape[1])
        if not is_left[i, j]:
            continue
        same = np.outer(alike[0][i], alike[1][j]) & is_left
        is_left &= ~same
        others = [(int(row), int(column)) for row, column in np.argwhere(same) if (row, column) != (i, j)]
        sides = _unusual(snapshot, left, right, i, j, standing)
        found.append(Reason(((i, j), *others), float(split.shares[same].sum()), *sides, bool(template[i, j])))
        if len(found) == MOST_REASONS:
            break
    return tuple(found)


def _by_openings(snapshot: Snapshot, left: Side, right: Side, unusual: Matrix) -> tuple[float, float, Matrix]:
    """Return what the openings' cosine adds, what of it any two have in common, and what is handed on to pairs."""
    mean = mean_vector(snapshot, "opening")
    cosine = min(max(float(left.opening @ right.opening), 0.0), 1.0)
    common = min(max(float((left.opening + right.opening) @ mean) / 2, 0.0), cosine)
    beyond = [
        np.maximum(one.opening_parts @ (other.opening - mean), 0) for one, other in ((left, right), (right, left))
    ]
    handed = _handed_on(cosine - common, unusual * np.outer(*beyond))
    return cosine / WHOLE, common / WHOLE, handed / WHOLE


def _by_words(
    likeness: NoteLikeness, left: Side, right: Side, right_key: int, unusual: Matrix
) -> tuple[float, float, Matrix]:
    """Return what the words in common add, what of it are words of many notes, and what is handed on to pairs."""
    (shares,) = likeness.term_shares(np.array([right_key]))
    words = float(np.sqrt(shares.sum()))
    scale = WORDS / WHOLE * (words / max(float(shares.sum()), 1e-12))
    terms = [[set(terms_of(sentence.text)) for sentence in side.sentences] for side in (left, right)]
    # Of pairs that have a word and are not near each other the nearest is meant, or all alike.
    among = unusual + 1e-6 * np.outer(left.rarity, right.rarity)
    common, handed = 0.0, np.zeros_like(unusual)
    for phrase, share in zip(likeness.keywords.phrases, (shares * scale).tolist(), strict=True):
        if not share:
            continue
        if likeness.keywords.part_of_texts(phrase) >= COMMON_TERM:
            common += share
            continue
        has = [np.array([of_sentence.issuperset(phrase.terms) for of_sentence in side]) for side in terms]
        handed += _handed_on(share, among * np.outer(*has))
    return words * (WORDS / WHOLE), common, handed


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

    def nearer(vector: FloatArray) -> int:
        keys, scores = snapshot.spaces["sentence"].search(vector, NEARER_COUNTED + len(both))
        return min(int((scores[~np.isin(keys, both)] > cosine).sum()), NEARER_COUNTED)

    return (
        Unusual(nearer(left.vectors[i]), int(standing[0][i]) - 1, said[both[0]]),
        Unusual(nearer(right.vectors[j]), int(standing[1][j]) - 1, said[both[1]]),
    )

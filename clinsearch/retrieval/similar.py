"""From a note to the notes most like it."""

from __future__ import annotations

from functools import partial

import numpy as np

from clinsearch.records import Hit, ScoreParts
from clinsearch.records.keys import KeyArray
from clinsearch.retrieval.candidates import union
from clinsearch.retrieval.hits import note_hit, require_all
from clinsearch.retrieval.keyword_search import KeywordSearch
from clinsearch.retrieval.likeness import WHOLE, NoteLikeness, Scores
from clinsearch.retrieval.nearest import Nearest
from clinsearch.retrieval.question import DEEPER, Likeness
from clinsearch.retrieval.repetition import CHOSEN_FROM, copies_of, diverse
from clinsearch.storage.port import Snapshot

# So many candidates by openings and by words are scored, or this many times as many as are wanted.
LEAST_CANDIDATES = 100
CANDIDATES_PER_HIT = 4


def similar_notes(snapshot: Snapshot, note_id: str, asked: Likeness) -> list[Hit]:
    """Find the k notes most like a note, itself left out; see `likeness`.

    Scored are the notes with the most similar openings, and those with most of the note's words.
    """
    likeness = NoteLikeness(snapshot, note_id)
    wanted = asked.k * CHOSEN_FROM if asked.diverse else asked.k
    search = _Search(snapshot, likeness, asked)
    depth, looked_at = max(LEAST_CANDIDATES, CANDIDATES_PER_HIT * wanted), -1
    while True:
        found = search.candidates(depth)
        others = _others(snapshot, likeness.note_key, found, asked)
        if len(others) >= wanted or len(found) == looked_at:
            break
        depth, looked_at = depth * DEEPER, len(found)
    scores = likeness.scores(others)
    best = np.lexsort((scores.keys, -scores.scores))[:wanted]
    if asked.diverse:
        openings = snapshot.vectors_of("opening", scores.keys[best])
        best = best[diverse(scores.scores[best].tolist(), openings, asked.k)]
    labels = snapshot.catalog.note_labels(scores.keys[best].tolist())
    require_all(scores.keys[best], labels)
    return [note_hit(*_scored(scores, row), note=labels[int(scores.keys[row])]) for row in best.tolist()]


class _Search:
    """Finds candidates: by openings, and by words."""

    def __init__(self, snapshot: Snapshot, likeness: NoteLikeness, asked: Likeness) -> None:
        self._snapshot, self._likeness, self._where = snapshot, likeness, asked.where
        self._nearest = Nearest(snapshot, "opening", asked.where)
        index, texts = snapshot.catalog.keywords("note"), partial(_texts, snapshot)
        self._by_words = KeywordSearch(index, likeness.keywords, asked.where, texts, is_exact=False)

    def candidates(self, depth: int) -> KeyArray:
        """Find about so many notes, by key, in order, all of which pass."""
        by_opening = self._nearest.begin(self._likeness.opening, depth)
        by_words = self._by_words.best(depth)
        with_sentence = self._snapshot.catalog.sentences_in(by_words.tolist())
        return union(by_opening()[0], sorted(with_sentence))


def _texts(snapshot: Snapshot, note_keys: KeyArray) -> dict[int, str]:
    return snapshot.catalog.texts.note_texts(note_keys.tolist())


def _others(snapshot: Snapshot, note_key: int, found: KeyArray, asked: Likeness) -> KeyArray:
    """Return the candidates but for the note itself and, if these are not wanted, its copies."""
    left_out = {note_key} if asked.copies else {note_key} | copies_of(snapshot, note_key, found.tolist())
    return found[~np.isin(found, list(left_out))]


def _scored(scores: Scores, row: int) -> tuple[float, ScoreParts]:
    openings, words, sentences = (float(part[row]) for part in (scores.openings, scores.words, scores.sentences))
    parts = ScoreParts(openings * WHOLE, openings + sentences, words, 0.0, (), openings=openings, sentences=sentences)
    return openings + words + sentences, parts

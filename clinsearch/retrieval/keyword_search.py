"""Finds the texts with the best keyword scores among all that pass a filter.

If they are few, each is read. Otherwise the keyword index is asked phrase by phrase, the rarest first, how much each
adds to the scores of the texts that have it. That bounds each text's score, and texts are read from the highest bound
down, until no other can be among the best.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clinsearch.records import Filter
from clinsearch.records.keys import KeyArray
from clinsearch.records.phrases import Phrase
from clinsearch.retrieval.keywords import MOST_OF_PHRASE, Keywords
from clinsearch.storage.port import KeywordIndex
from clinsearch.storage.values import Postings, TextKind

# Up to this many texts are read without the index; a note is as long as some dozens of sentences.
FEW: Mapping[TextKind, int] = {"sentence": 1000, "note": 50}
# The index takes two microseconds per text and phrase. It is asked for this many at first, then for twice as many each
# time; if only to prove that none is better, for at most MOST_ROWS, which takes a second.
ROWS = 30_000
ROWS_BESIDE_VECTORS = 40_000
MOST_ROWS = 500_000
# For up to this many phrases that are too frequent to read, the index is asked which of the known texts have them.
MOST_SOUGHT = 8
# At most this many texts are read to prove that none is better.
MOST_TEXTS: Mapping[TextKind, int] = {"sentence": 4000, "note": 1000}
FIRST_LOOK = 2
DEEPER = 2
# If of SAMPLE texts less than the share RARE passes the filter, the rest is filtered at once: either each text is
# looked up, or everything that passes is read, which is PLACES_PER_KEY_ASKED times as fast per place.
SAMPLE = 100
RARE = 0.05
PLACES_PER_KEY_ASKED = 8

ReadTexts = Callable[[KeyArray], Mapping[int, str]]
Scores = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class _Bounds:
    """The least and the most that texts can score, (n,), by key; the highest bound first.

    all_pass: whether it is known that all of them pass the filter.
    """

    keys: KeyArray
    least: Scores
    most: Scores
    all_pass: bool

    def passing(self, keys: KeyArray) -> _Bounds:
        """Return only the bounds of these texts, which are all that pass."""
        kept = np.isin(self.keys, keys)
        return _Bounds(self.keys[kept], self.least[kept], self.most[kept], all_pass=True)


class KeywordSearch:
    """The keyword search for one query in one snapshot.

    read: returns, for those of some keys that pass, the text to score. is_exact: whether to find the very best texts,
    or only good ones, to be combined with those that vectors find.
    """

    def __init__(
        self, index: KeywordIndex, keywords: Keywords, where: Filter, read: ReadTexts, *, is_exact: bool
    ) -> None:
        self._index, self._keywords, self._where, self._read = index, keywords, where, read
        self._is_exact = is_exact
        frequencies = keywords.frequencies
        self._unread = sorted(filter(frequencies.get, frequencies), key=lambda phrase: frequencies[phrase])
        self._postings: dict[Phrase, Postings] = {}
        self._present: dict[Phrase, Postings] = {}
        self._scored: dict[int, float] = {}
        self._passing: KeyArray | None = None
        self._unseen = 0.0
        self._rows = ROWS if is_exact else ROWS_BESIDE_VECTORS
        # The most that a text can score that the last call of `best` did not return.
        self.bound_of_others = np.inf

    def best(self, limit: int) -> KeyArray:
        """Return the keys of the texts with the highest scores above zero, best first, equal ones by key."""
        wanted = limit
        while True:
            found = self._best(wanted)
            distinct = self._index.distinct(found)
            if len(distinct) >= limit or len(found) < wanted:
                return distinct
            wanted += limit - len(distinct)

    def _best(self, limit: int) -> KeyArray:
        """Return what `best` does, of a text with several keys all of them."""
        if self._where != Filter():
            few = self._index.few_passing(self._where, FEW[self._index.kind])
            if few is not None:
                scores = self._exactly(few)
                self.bound_of_others = sorted(scores.values())[-limit] if len(scores) > limit else 0.0
                return self._best_of(scores, limit)
        if not self._postings:
            self._read_phrases()
        found, last = self._ranked(limit)
        while self._unread and not self._is_enough(len(found) >= limit, last):
            self._rows *= 2
            self._read_phrases()
            found, last = self._ranked(limit)
        self.bound_of_others = max(last, self._unseen, self._bound_of_unread())
        return found

    def _is_enough(self, are_enough: bool, last: float) -> bool:
        """Tell whether enough phrases were read: no text without any of them can score higher."""
        if not are_enough or not self._is_exact:
            return are_enough
        return last >= self._bound_of_unread() or self._rows >= MOST_ROWS

    def _read_phrases(self) -> None:
        """Read the postings of the next phrase, and of those after it that are within the limit."""
        rows = sum(len(postings.keys) for postings in self._postings.values())
        is_first = True
        while self._unread and (is_first or rows + self._keywords.frequencies[self._unread[0]] <= self._rows):
            phrase = self._unread.pop(0)
            self._postings[phrase] = self._index.postings(phrase, self._keywords.frequencies[phrase])
            rows += self._keywords.frequencies[phrase]
            is_first = False
        self._present = {}
        if self._is_exact and len(self._unread) <= MOST_SOUGHT:
            self._present = {phrase: self._presence(phrase) for phrase in self._unread}

    def _presence(self, phrase: Phrase) -> Postings:
        """Return which of the known texts have a phrase, and the most that it adds."""
        keys = self._index.having(phrase, list(self._postings))
        return Postings(keys, np.full(len(keys), MOST_OF_PHRASE))

    def _ranked(self, limit: int) -> tuple[KeyArray, float]:
        """Look at the texts from the highest bound down, until enough pass and no other can be better.

        Returns the best, and the score of the last of them if they are enough.
        """
        bounds = self._bounds()
        scores: dict[int, float] = {}
        at, size, last = 0, FIRST_LOOK * limit, -np.inf
        while at < len(bounds.keys) and not (len(scores) >= limit and last >= bounds.most[at]):
            if len(scores) >= limit and len(self._scored) > MOST_TEXTS[self._index.kind]:
                break
            if not bounds.all_pass and at > SAMPLE and len(scores) < RARE * at:
                bounds, at = bounds.passing(self._all_passing(bounds.keys)), 0
            scores |= self._looked_at(bounds, slice(at, at + size))
            last = np.partition(list(scores.values()), -limit)[-limit] if len(scores) >= limit else last
            at, size = at + size, size * DEEPER
        self._unseen = float(bounds.most[at]) if at < len(bounds.keys) else 0.0
        return self._best_of(scores, limit), last

    def _looked_at(self, bounds: _Bounds, rows: slice) -> dict[int, float]:
        """Return the scores of those of these texts that pass; reads texts whose bounds differ."""
        some = _Bounds(bounds.keys[rows], bounds.least[rows], bounds.most[rows], bounds.all_pass)
        if not some.all_pass:
            some = some.passing(self._index.passing(some.keys.tolist(), self._where))
        is_open = some.least < some.most
        scores = dict(zip(some.keys[~is_open].tolist(), some.least[~is_open].tolist(), strict=True))
        return scores | self._exactly(some.keys[is_open])

    def _all_passing(self, keys: KeyArray) -> KeyArray:
        """Return the keys that pass, of these or of all."""
        if len(keys) * PLACES_PER_KEY_ASKED <= self._index.places_passing(self._where):
            return self._index.passing(keys.tolist(), self._where)
        self._passing = self._index.all_passing(self._where)
        return self._passing

    def _exactly(self, keys: KeyArray) -> dict[int, float]:
        """Return the scores of these texts, from the texts themselves; those without a score are left out."""
        new = np.array([key for key in keys.tolist() if key not in self._scored], dtype=np.int64)
        texts = self._read(new)
        scores = self._keywords.scores(texts.values()).sum(axis=1, dtype=np.float64)
        self._scored |= dict.fromkeys(new.tolist(), 0.0) | dict(zip(texts, scores.tolist(), strict=True))
        return {key: self._scored[key] for key in keys.tolist() if self._scored[key] > 0}

    def _best_of(self, scores: Mapping[int, float], limit: int) -> KeyArray:
        best = sorted(scores, key=lambda key: (-scores[key], key))[:limit]
        return np.array(best, dtype=np.int64)

    def _bounds(self) -> _Bounds:
        """Add up what the postings say of each text."""
        found = [postings.keys for postings in self._postings.values()]
        keys = np.concatenate([np.empty(0, dtype=np.int64), *found])
        keys.sort(kind="stable")  # merges what is sorted already
        keys = keys[np.diff(keys, prepend=-1) > 0]
        if self._passing is not None:
            keys = np.intersect1d(keys, self._passing, assume_unique=True)
        least, paired = np.zeros(len(keys)), np.zeros(len(keys))
        for phrase in self._postings:
            _add(least, keys, self._known(phrase), self._keywords.singles[phrase])
        for one, other, weight in self._keywords.pairs:
            self._add_pair(paired, keys, one, other, weight)
        most = least + paired
        for phrase in self._present:
            _add(most, keys, self._known(phrase), self._keywords.singles[phrase])
        if not self._present:
            most += self._bound_of_unread()
        if not self._is_exact:
            least = most
        elif self._scores_sections or self._keywords.has_names:
            least = np.zeros(len(keys))
        order = np.lexsort((keys, -most))
        all_pass = self._where == Filter() or self._passing is not None
        return _Bounds(keys[order], least[order], most[order], all_pass)

    def _add_pair(self, sums: Scores, keys: KeyArray, one: Phrase, other: Phrase, weight: float) -> None:
        """Add the most that a pair can add: as much as the less frequent of its terms."""
        known = [self._known(phrase) for phrase in (one, other) if phrase in self._postings or phrase in self._present]
        if len(known) == 2:
            both, first, second = np.intersect1d(known[0].keys, known[1].keys, return_indices=True)
            known = [Postings(both, np.minimum(known[0].parts[first], known[1].parts[second]))]
        for postings in known:
            _add(sums, keys, postings, weight)

    def _bound_of_unread(self) -> float:
        """Return the most that unread phrases, and pairs of them, can add."""
        unread = set(self._unread)
        weights = [weight for phrase, weight in self._keywords.singles.items() if phrase in unread]
        weights += [weight for one, other, weight in self._keywords.pairs if one in unread and other in unread]
        return MOST_OF_PHRASE * sum(weights)

    @property
    def _scores_sections(self) -> bool:
        """Whether only sections of each note are scored, which the index does not tell apart."""
        return self._index.kind == "note" and bool(self._where.section)

    def _known(self, phrase: Phrase) -> Postings:
        postings = self._postings[phrase] if phrase in self._postings else self._present[phrase]
        if self._scores_sections:
            return Postings(postings.keys, np.full(len(postings.keys), MOST_OF_PHRASE))
        return postings


def _add(sums: Scores, keys: KeyArray, postings: Postings, weight: float) -> None:
    """Add what a phrase adds to the texts of these keys, which are sorted."""
    rows = np.minimum(np.searchsorted(keys, postings.keys), max(len(keys) - 1, 0))
    if len(keys):
        is_there = keys[rows] == postings.keys
        sums[rows[is_there]] += weight * postings.parts[is_there]

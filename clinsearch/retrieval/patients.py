"""From a query to patients: each by the best sentence of its notes, or of several things by the best sentence of each.

Candidates are looked at from the best down, and ever more of them, until no other patient can be among the k best.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from heapq import nlargest
from itertools import chain, islice
from typing import TypeAlias

import numpy as np

from clinsearch.encoder.encoder import Encoder
from clinsearch.records import STANCES, Filter, Hit, NoteStance, PatientEvidence, PatientHit, Stance
from clinsearch.retrieval.candidates import Candidates
from clinsearch.retrieval.hits import sentence_hit
from clinsearch.retrieval.patient_notes import OwnedNotes, Owner, Stand, judged_stand
from clinsearch.retrieval.question import DEEPER, Question
from clinsearch.retrieval.sought import Found, Sought
from clinsearch.storage.port import Catalog, Snapshot
from clinsearch.storage.values import Occurrence

# How many candidates are looked at at most, for each thing that is sought; more if more patients are wanted.
DEEPEST_OF_PATIENTS, DEEPEST_PER_PATIENT = 20_000, 20
# Candidates whose places are read at a time, and places.
STEP = 64
PLACES = 10_000
# Of more patients not all notes are read, but more candidates are looked at first.
MOST_READ = 30
# Sentences that are shown of a patient, for each thing that is sought.
SHOWN = 3
# What evidence counts at least in a geometric mean.
LEAST = 1e-9

Best: TypeAlias = dict[Owner, float]


def search_patients(snapshot: Snapshot, encoder: Encoder | None, asked: Question) -> list[PatientHit]:
    """Find the k best patients with a note that passes. encoder: None if vectors are not used."""
    several = asked.parts if encoder else ()
    sought = [Sought(snapshot, encoder, part, is_part=True) for part in several] or [Sought(snapshot, encoder, asked)]
    ranked, bound = _Ranking(snapshot.catalog, sought, asked).best()
    is_exact = all(one.is_exact for one in sought)
    return [
        _hit(snapshot.catalog, sought, owner, score, is_certain=is_exact and score > bound) for owner, score in ranked
    ]


class _Ranking:
    """Ranks patients by what is sought; reads each candidate once, however many more are looked at."""

    def __init__(self, catalog: Catalog, sought: Sequence[Sought], asked: Question) -> None:
        self._catalog, self._asked = catalog, asked
        self._readings = [_Reading(catalog, one, asked.where) for one in sought]
        self._exact: Best = {}

    def best(self) -> tuple[list[tuple[Owner, float]], float]:
        """Return the k best, and the most that any other can score."""
        k, depth = self._asked.k, self._asked.candidates
        deepest = max(DEEPEST_OF_PATIENTS, DEEPEST_PER_PATIENT * k)
        while True:
            found = [one.sought.found(depth) for one in self._readings]
            bounds = [one.bound for one in found]
            if len(found) == 1:
                (bound,), best = bounds, self._of_one(found[0])
            else:
                bound, best = _mean(bounds), self._of_several(found, MOST_READ if depth < deepest else None)
            ranked = sorted(best.items(), key=lambda one: (-one[1], one[0].rank))[:k]
            is_enough = len(ranked) == k and ranked[-1][1] > bound
            if is_enough or (bound == -np.inf and ranked) or depth >= deepest:
                return ranked, bound
            depth *= DEEPER

    def _of_one(self, found: Found) -> Best:
        """Return the scores of patients, of at least the k best among those that were found."""
        (reading,) = self._readings
        for rest in reading.read(found.candidates):
            if _kth(reading.best, self._asked.k) > rest:
                break
        return reading.best

    def _of_several(self, found: Sequence[Found], most_read: int | None) -> Best:
        """Return the scores of patients, of at least the k best among those that were found with any of several things.

        What is known of a patient bounds its score from both sides; where they differ all its notes are read, from the
        highest bound down. most_read: of how many; if they would be more nothing is returned, as more candidates are
        quicker to look at. None: of however many.
        """
        for reading, one in zip(self._readings, found, strict=True):
            deque(reading.read(one.candidates), maxlen=0)
        bests, bounds = [reading.best for reading in self._readings], [one.bound for one in found]
        owners = set(chain.from_iterable(bests))
        known = {owner: [best.get(owner, -np.inf) for best in bests] for owner in owners}
        least = {owner: _mean(scores) for owner, scores in known.items()}
        most = {owner: _mean(np.maximum(scores, bounds).tolist()) for owner, scores in known.items()}
        k = self._asked.k
        kth = _kth(least, k)
        unsure = sum(most[owner] > max(kth, least[owner]) and owner not in self._exact for owner in owners)
        if most_read is not None and unsure > most_read:
            return {}
        exact: Best = {}
        for owner in sorted(owners, key=lambda one: (-most[one], one.rank)):
            if _kth(exact, k) > most[owner]:
                break
            exact[owner] = least[owner] if least[owner] == most[owner] else self._score(owner)
        return {owner: score for owner, score in exact.items() if score > -np.inf}

    def _score(self, owner: Owner) -> float:
        if owner not in self._exact:
            own = OwnedNotes(self._catalog, owner, self._asked.where)
            self._exact[owner] = _mean([own.best_score(one.sought) for one in self._readings])
        return self._exact[owner]


class _Reading:
    """The best scores of patients at all places of the candidates for one thing that is sought, each read once."""

    def __init__(self, catalog: Catalog, sought: Sought, where: Filter) -> None:
        self.sought = sought
        self.best: Best = {}
        self._catalog, self._where = catalog, where
        self._read: set[int] = set()

    def read(self, candidates: Candidates) -> Iterator[float]:
        """Read candidates from the best down, some at a time; yield the most that the next can score."""
        keys = candidates.keys.tolist()
        rows = [row for row in candidates.best(len(keys)) if keys[row] not in self._read]
        for at in range(0, len(rows), STEP):
            some = rows[at : at + STEP]
            self._at_places(candidates, {keys[row]: row for row in some})
            self._read.update(keys[row] for row in some)
            yield float(candidates.scores[rows[at + STEP]]) if at + STEP < len(rows) else -np.inf

    def _at_places(self, candidates: Candidates, row_of: Mapping[int, int]) -> None:
        judge, places = self.sought.judge, self._catalog.places.each(list(row_of), self._where)
        while some := list(islice(places, PLACES)):
            if judge is None:
                scored = [(one, float(candidates.scores[row_of[one.sentence_key]])) for one in some]
            else:
                judged = judge.at_places(some)
                rows = [row_of[one.place.sentence_key] for one in judged]
                scored = [(one.place, one.score) for one in map(partial(judged_stand, judge, candidates), rows, judged)]
            for place, score in scored:
                owner = Owner.of(place.note)
                self.best[owner] = max(score, self.best.get(owner, -np.inf))


def _kth(scores: Best, k: int) -> float:
    """Return the k-th best score, minus infinity if there are fewer."""
    return nlargest(k, scores.values())[-1] if len(scores) >= k else -np.inf


def _mean(scores: Sequence[float]) -> float:
    """Return the geometric mean of scores, minus infinity if there is none of one of several things."""
    if min(scores) == -np.inf:
        return -np.inf
    return float(np.exp(np.mean(np.log(np.maximum(scores, LEAST)))))


def _hit(catalog: Catalog, sought: Sequence[Sought], owner: Owner, score: float, *, is_certain: bool) -> PatientHit:
    own = OwnedNotes(catalog, owner, sought[0].asked.where)
    evidence = tuple(_evidence(catalog, own, one) for one in sought)
    note_id = None
    if owner.note_key is not None:
        note_id = catalog.note_labels([owner.note_key])[owner.note_key].note_id
    return PatientHit(score, owner.patient_id, note_id, is_certain, evidence)


def _evidence(catalog: Catalog, own: OwnedNotes, sought: Sought) -> PatientEvidence:
    candidates = own.scored(sought)
    is_about = sought.is_about(candidates)
    hits = _shown(catalog, own, sought, candidates, np.flatnonzero(is_about).tolist())
    standings = catalog.places.standings_in_notes(own.pairs(candidates.keys[is_about]), sought.asked.where)
    places = [one.first for of_pair in standings.values() for one in of_pair]
    dates = sorted({place.note.note_datetime for place in places if place.note.note_datetime})
    in_notes = _in_notes(list(zip(places, sought.stances.of(places), strict=True)))
    return PatientEvidence(
        asked=sought.asked.written or sought.asked.text,
        score=hits[0].score if hits else 0.0,
        hits=tuple(hits),
        notes=len(in_notes),
        first=dates[0] if dates else None,
        last=dates[-1] if dates else None,
        said={one: sum(one in note.said for note in in_notes) for one in STANCES},
        in_notes=in_notes,
    )


def _in_notes(said: Sequence[tuple[Occurrence, Iterable[Stance]]]) -> tuple[NoteStance, ...]:
    """Return what each note says at its places, and the first of these."""
    by_note: dict[int, list[tuple[Occurrence, Iterable[Stance]]]] = {}
    for place, stances in said:
        by_note.setdefault(place.note.note_key, []).append((place, stances))
    found = []
    for of_note in by_note.values():
        first = min((place for place, _ in of_note), key=lambda place: place.start)
        stances = {one for _, some in of_note for one in some}
        ordered = tuple(one for one in STANCES if one in stances)
        found.append(NoteStance(first.note.note_id, first.note.note_datetime, first.start, first.end, ordered))
    return tuple(sorted(found, key=lambda one: (one.note_datetime or datetime.max, one.note_id)))


def _shown(
    catalog: Catalog, own: OwnedNotes, sought: Sought, candidates: Candidates, about: Sequence[int]
) -> list[Hit]:
    """Return the best sentence, and the best others that speak of what is sought; about: the rows of those that do."""
    best = own.best(sought, candidates)
    stands = own.stands(sought, candidates, sorted({*about, *([best.row] if best else [])}))
    counts: Counter[int] = Counter()
    for one in stands:
        counts[one.row] += one.places
    return [
        sentence_hit(one.score, one.place, counts[one.row], parts=candidates.parts(one.row, -one.lost, one.otherwise))
        for one in _chosen(catalog, sorted(stands, key=lambda one: one.rank))
    ]


def _chosen(catalog: Catalog, stands: Sequence[Stand]) -> list[Stand]:
    """Choose of different notes as far as there are such, and none in nearly the words of another."""
    gists = catalog.texts.gists(list({one.place.sentence_key for one in stands}))
    chosen: list[Stand] = []
    seen: set[int] = set()
    for may_share in (False, True):
        for one in stands:
            gist = gists.get(one.place.sentence_key) or -one.place.sentence_key
            is_of_shown = any(one.place.note.note_key == other.place.note.note_key for other in chosen)
            if len(chosen) < SHOWN and gist not in seen and (may_share or not is_of_shown):
                chosen.append(one)
                seen.add(gist)
    return sorted(chosen, key=lambda one: one.rank)

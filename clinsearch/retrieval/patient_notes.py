"""Whose notes are whose: a patient has all notes of one patient id, and a note without one stands for itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from clinsearch.records import Filter, Said
from clinsearch.records.keys import KeyArray
from clinsearch.retrieval.candidates import Candidates, union
from clinsearch.retrieval.judging import Judge, Judged
from clinsearch.retrieval.sought import Sought
from clinsearch.storage.port import Catalog
from clinsearch.storage.values import NoteLabel, Occurrence

# Sentences of a patient that are judged at a time.
STEP = 32


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose notes they are: a patient's, or those of none, each for itself by its key."""

    patient_id: str | None
    note_key: int | None = None

    @classmethod
    def of(cls, note: NoteLabel) -> Owner:
        """Return the owner of a note."""
        return cls(note.patient_id) if note.patient_id is not None else cls(None, note.note_key)

    @property
    def rank(self) -> tuple[bool, str, int]:
        """How owners with equal scores are ordered."""
        return self.patient_id is None, self.patient_id or "", self.note_key or 0


@dataclass(frozen=True, slots=True)
class Stand:
    """A sentence in one of an owner's notes, at the place that agrees best, and its score there.

    row: among the candidates. lost: how much its score is lower for what it says otherwise, of which terms. places: in
    how many places it stands in the note.
    """

    place: Occurrence
    places: int
    row: int
    score: float
    lost: float = 0.0
    otherwise: Mapping[str, Said] = field(default_factory=dict)

    @property
    def rank(self) -> tuple[float, int, int]:
        """What orders stands, the best first."""
        return -self.score, self.place.note.note_key, self.place.start


class OwnedNotes:
    """All notes of an owner that pass, with what their sentences score for one thing that is sought."""

    def __init__(self, catalog: Catalog, owner: Owner, where: Filter) -> None:
        self._catalog, self._where = catalog, where
        if owner.note_key is not None:
            keys = [owner.note_key]
        else:
            keys = catalog.note_keys(replace(where, patient_id=(str(owner.patient_id),))).tolist()
        self.sentences_of = catalog.sentences_in(keys, where)

    @cached_property
    def _keys(self) -> KeyArray:
        return union(*self.sentences_of.values())

    @cached_property
    def _notes_of(self) -> Mapping[int, list[int]]:
        found: dict[int, list[int]] = {}
        for note, keys in self.sentences_of.items():
            for key in dict.fromkeys(keys):
                found.setdefault(key, []).append(note)
        return found

    def scored(self, sought: Sought) -> Candidates:
        """Score all sentences."""
        return sought.scored(self._keys)

    def pairs(self, keys: KeyArray) -> list[tuple[int, int]]:
        """Return where these sentences stand: (note key, sentence key)."""
        return [(note, key) for key in keys.tolist() for note in self._notes_of[key]]

    def best(self, sought: Sought, candidates: Candidates) -> Stand | None:
        """Return where the best sentence stands, None if none counts."""
        rows, best = candidates.best(len(candidates.keys)), None
        for at in range(0, len(rows), STEP):
            if best is not None and best.score >= float(candidates.scores[rows[at]]):
                break
            stands = self.stands(sought, candidates, rows[at : at + STEP])
            best = min([*stands, *([best] if best else [])], key=lambda one: one.rank, default=None)
        return best

    def best_score(self, sought: Sought) -> float:
        """Return the score of the best sentence, minus infinity if none counts."""
        best = self.best(sought, self.scored(sought))
        return -np.inf if best is None else best.score

    def stands(self, sought: Sought, candidates: Candidates, rows: Sequence[int]) -> list[Stand]:
        """Return where the sentences in these rows stand, in each note once; only what counts."""
        row_of = {int(candidates.keys[row]): row for row in rows}
        pairs, judge = self.pairs(candidates.keys[rows]), sought.judge
        if judge is not None:
            judged = judge.in_notes(pairs)
            return [judged_stand(judge, candidates, row_of[pair[1]], one) for pair, one in judged.items()]
        standings = self._catalog.places.standings_in_notes(pairs, self._where)
        return [
            Stand(
                of_pair[0].first,
                sum(one.places for one in of_pair),
                row_of[key],
                float(candidates.scores[row_of[key]]),
            )
            for (_, key), of_pair in standings.items()
        ]


def judged_stand(judge: Judge, candidates: Candidates, row: int, judged: Judged) -> Stand:
    """Return where a sentence stands, with the score that is left of its own at this place."""
    score = float(candidates.scores[row])
    lost = judge.lost(judged, score)
    return Stand(judged.place, judged.places, row, score - lost, lost, judged.otherwise)

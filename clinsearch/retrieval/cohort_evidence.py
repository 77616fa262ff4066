"""Finds where notes meet a criterion of a cohort: all such notes of terms and values, of a query all that score so."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from clinsearch.encoder.encoder import Encoder
from clinsearch.language.assertions import find_assertions, said_at
from clinsearch.language.measurements import satisfies
from clinsearch.readers.requests import make_filter
from clinsearch.records import AssertedSpan, Filter, Stance, Unmatched
from clinsearch.records.cohorts import WANTED, CohortEvidence, Criterion, Wanted
from clinsearch.records.keys import KeyArray
from clinsearch.records.measurements import Condition, Measurement
from clinsearch.records.notes import Span
from clinsearch.retrieval.agreement import said_of
from clinsearch.retrieval.candidates import union
from clinsearch.retrieval.patient_notes import Owner
from clinsearch.retrieval.query_readers import QueryReaders
from clinsearch.retrieval.question import DEEPER, ask
from clinsearch.retrieval.sought import Found, Sought
from clinsearch.retrieval.stances import stance
from clinsearch.retrieval.terms_sought import TermsSought
from clinsearch.storage.port import Snapshot
from clinsearch.storage.values import Occurrence

# From which score on a sentence counts for a query, if that is not said.
LEAST_SCORE = 0.5
# So many sentences are compared with a query in half a minute.
MOST_SCANNED = 5_000_000
# How many sentences are looked at at first, and at most, for a query; and whose places are read at a time.
FIRST_LOOK, DEEPEST = 200, 200_000
STEP = 2000


@dataclass(slots=True)
class Meeting:
    """Where notes meet a criterion: by owner, the evidence of each note, by its key.

    undated: owners with such a note without a date, where dates matter; None if that is not known. unread: the notes
    whose language leaves open what they say.
    """

    assertion: Wanted
    by_owner: dict[Owner, dict[int, list[CohortEvidence]]] = field(default_factory=dict)
    searched: tuple[str, ...] = ()
    unclear: tuple[str, ...] = ()
    undated: set[Owner] | None = field(default_factory=set)
    unread: set[int] = field(default_factory=set)
    is_complete: bool = True
    unmatched: tuple[Unmatched, ...] = ()
    min_score: float | None = None


class EvidenceFinder:
    """Finds evidence in one snapshot. encoder: loads it, which only queries need."""

    def __init__(self, snapshot: Snapshot, readers: QueryReaders, encoder: Callable[[], Encoder]) -> None:
        self._snapshot, self._readers, self._encoder = snapshot, readers, encoder
        self._catalog = snapshot.catalog

    def meeting(self, criterion: Criterion) -> Meeting:
        """Find all notes that meet a criterion by themselves, whatever others meet."""
        if criterion.terms:
            found = self._by_terms(criterion)
        elif criterion.query is not None:
            found = self._by_query(criterion, criterion.query)
        else:
            found = self._by_values(criterion)
        where = make_filter(section=criterion.sections, note_type=criterion.note_types, where=criterion.where)
        return replace(_dated(criterion, found), unmatched=tuple(self._catalog.unmatched(where)))

    def _where(self, criterion: Criterion, *, by_dates: bool = False, by_values: bool = True) -> Filter:
        """Return the filter of a criterion; dates are looked at afterwards, to tell what has none."""
        where = make_filter(section=criterion.sections, note_type=criterion.note_types, where=criterion.where)
        where = where if by_values else replace(where, measured=())
        where = replace(where, since=criterion.since, until=criterion.until) if by_dates else where
        return self._catalog.spelt(where)

    def _by_terms(self, criterion: Criterion) -> Meeting:
        terminology = self._readers.terminology if criterion.synonyms else None
        sought = TermsSought.read(criterion.terms, terminology)
        found = Meeting(criterion.assertion or "affirmed", searched=sought.searched, unclear=sought.unclear)
        index = self._catalog.keywords("sentence")
        keys = index.distinct(union(*(index.having(phrase, [phrase]) for phrase in sought.phrases)))
        for places, spans in self._read(keys, self._where(criterion)):
            matches = {place.sentence_key: place.text for place in places}
            matches_of = {key: sought.spans(text) for key, text in matches.items()}
            for place in places:
                key = place.sentence_key
                _add(found, criterion, place, _said(place, matches_of[key], spans[key]))
        return found

    def _by_values(self, criterion: Criterion) -> Meeting:
        conditions = make_filter(where=criterion.where).measured
        where = self._where(criterion, by_values=False)
        of_each = [self._by_value(criterion, one, where) for one in conditions]
        found = of_each[0]
        for other in of_each[1:]:
            found.unread |= other.unread
            found.by_owner = {
                owner: {note: notes[note] + of_other[note] for note in notes if note in of_other}
                for owner, notes in found.by_owner.items()
                if (of_other := other.by_owner.get(owner)) and notes.keys() & of_other.keys()
            }
        return found

    def _by_value(self, criterion: Criterion, condition: Condition, where: Filter) -> Meeting:
        found = Meeting(criterion.assertion or "affirmed", searched=(condition.name,))
        keys = self._catalog.measurements.sentences_of([condition.name], where)
        measured = self._catalog.measurements.of(keys.tolist())
        meets = {key: [one for one in of_key if satisfies(one, condition)] for key, of_key in measured.items()}
        keys = np.array(sorted(key for key, of_key in meets.items() if of_key), dtype=np.int64)
        for places, spans in self._read(keys, where):
            for place in places:
                own = meets[place.sentence_key]
                said = _said(place, [(one.start, one.end) for one in own], spans[place.sentence_key])
                _add(found, criterion, place, said, value=_written(own[0]))
        return found

    def _by_query(self, criterion: Criterion, query: str) -> Meeting:
        where = self._where(criterion, by_dates=criterion.k is not None)
        reader = self._readers.of(self._catalog, synonyms=criterion.synonyms)
        asked = ask(query, reader, "hybrid", "any", where)
        sought = Sought(self._snapshot, self._encoder(), asked, most_scanned=MOST_SCANNED)
        least = (
            None if criterion.k is not None else (LEAST_SCORE if criterion.min_score is None else criterion.min_score)
        )
        found = Meeting(criterion.assertion or _asserted(sought.asked.text), min_score=least)
        depth = max(FIRST_LOOK, criterion.k or 0)
        while True:
            looked_at = sought.found(depth)
            scored = looked_at.candidates.scores
            rows = [row for row in looked_at.candidates.best(len(scored)) if least is None or scored[row] >= least]
            is_all = self._take(criterion, found, sought, looked_at, rows)
            if is_all or depth >= DEEPEST:
                break
            depth *= DEEPER
        return replace(
            found,
            searched=(sought.asked.encoded,),
            undated=None if criterion.k is not None else found.undated,
            is_complete=is_all and sought.is_exact,
        )

    def _take(
        self, criterion: Criterion, found: Meeting, sought: Sought, looked_at: Found, rows: Sequence[int]
    ) -> bool:
        """Take what meets a criterion among candidates in the order of their scores; tell if no other can."""
        candidates, left = looked_at.candidates, criterion.k or np.inf
        found.by_owner, found.unread = {}, set()
        for at in range(0, len(rows), STEP):
            some = rows[at : at + STEP]
            by_key = self._places_of(candidates.keys[some], sought.asked.where)
            for row in some:
                places = by_key.get(int(candidates.keys[row]), [])
                said = sought.stances.of(places)
                score = float(candidates.scores[row])
                taken = [_add(found, criterion, *one, score=score) for one in zip(places, said, strict=True)]
                left -= any(taken)
                if left <= 0:
                    return score > looked_at.bound
        if found.min_score is not None and looked_at.bound <= found.min_score:
            return True
        return looked_at.bound == -np.inf

    def _places_of(self, keys: KeyArray, where: Filter) -> Mapping[int, list[Occurrence]]:
        found: dict[int, list[Occurrence]] = {}
        for place in self._catalog.places.each(keys.tolist(), where):
            found.setdefault(place.sentence_key, []).append(place)
        return found

    def _read(
        self, keys: KeyArray, where: Filter
    ) -> Iterator[tuple[list[Occurrence], Mapping[int, tuple[AssertedSpan, ...]]]]:
        """Yield the places of sentences, with the assertions of these, some at a time."""
        for at in range(0, len(keys), STEP):
            some = keys[at : at + STEP].tolist()
            yield list(self._catalog.places.each(some, where)), self._catalog.texts.assertions(some)


def _said(place: Occurrence, matches: Iterable[Span], spans: Sequence[AssertedSpan]) -> frozenset[Stance]:
    """Return what a place says of some characters of its sentence."""
    if not place.is_read:
        return frozenset({"unread"})
    return frozenset(
        stance(said_at(spans, start, end, place.section if start >= place.heading else None)) for start, end in matches
    )


def _add(
    found: Meeting,
    criterion: Criterion,
    place: Occurrence,
    said: frozenset[Stance],
    *,
    score: float | None = None,
    value: str | None = None,
) -> bool:
    """Add a place that says what a criterion wants, the first, or the best, of its note; tell whether it does."""
    note = place.note
    if not said & WANTED[found.assertion]:
        if "unread" in said:
            found.unread.add(note.note_key)
        return False
    of_note = found.by_owner.setdefault(Owner.of(note), {}).setdefault(note.note_key, [])
    evidence = CohortEvidence(
        criterion=criterion.name,
        note_id=note.note_id,
        note_type=note.note_type,
        note_datetime=note.note_datetime,
        section=place.section,
        sentence=place.text,
        start=place.start,
        end=place.end,
        said=tuple(sorted(said)),
        score=score,
        value=value,
    )
    of_note[:] = [min([*of_note, evidence], key=lambda one: (-(one.score or 0.0), one.start))]
    return True


def _dated(criterion: Criterion, found: Meeting) -> Meeting:
    """Leave out notes that are not of the time that a criterion wants; keep whose note has no date."""
    if not criterion.uses_dates:
        return found
    kept: dict[Owner, dict[int, list[CohortEvidence]]] = {}
    undated: set[Owner] = set()
    for owner, notes in found.by_owner.items():
        for key, evidence in notes.items():
            when = evidence[0].note_datetime
            if when is None:
                undated.add(owner)
            elif (criterion.since is None or criterion.since <= when) and (
                criterion.until is None or when <= criterion.until
            ):
                kept.setdefault(owner, {})[key] = evidence
    return replace(found, by_owner=kept, undated=None if found.undated is None else undated)


def _asserted(query: str) -> Wanted:
    """Return what a query itself says of what it names, if that is one thing: "no chest pain" denies it."""
    said = said_of(query, find_assertions(query))
    stances = {stance(one) for of_term in said.values() for one in of_term}
    return "negated" if stances == {"negated"} else "affirmed"


def _written(measured: Measurement) -> str:
    return f"{measured.name} {measured.value} {measured.written_unit}".strip()

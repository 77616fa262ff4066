"""Finds the patients who meet the criteria of a cohort, with the evidence for each criterion."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from importlib.metadata import version

from clinsearch.encoder.encoder import Encoder
from clinsearch.records.cohorts import (
    Cohort,
    CohortDefinition,
    CohortEvidence,
    CohortMember,
    CohortRecord,
    CohortRun,
    Criterion,
    CriterionFound,
    Group,
)
from clinsearch.retrieval.cohort_evidence import EvidenceFinder, Meeting
from clinsearch.retrieval.cohort_records import compared
from clinsearch.retrieval.patient_notes import Owner
from clinsearch.retrieval.query_readers import QueryReaders
from clinsearch.storage.port import Catalog, Snapshot

Notes = Mapping[int, list[CohortEvidence]]


def find_cohort(
    snapshot: Snapshot,
    readers: QueryReaders,
    encoder: Callable[[], Encoder],
    definition: CohortDefinition,
    earlier: CohortRecord | None,
) -> Cohort:
    """Find the patients who meet criteria; with an earlier run, what is otherwise. encoder: loads it, for queries."""
    catalog = snapshot.catalog
    search = CohortSearch(catalog, EvidenceFinder(snapshot, readers, encoder), definition)
    now = datetime.now(UTC).replace(microsecond=0)
    run = CohortRun(now, version("clinsearch"), catalog.patients.state(), readers.terms_digest)
    members, criteria = search.members(), definition.criteria
    comparison = compared(earlier, members, run, criteria, search.unmet) if earlier else None
    return Cohort(definition, run, catalog.patients.population(), search.found(), members, comparison)


class CohortSearch:
    """What each criterion finds in one snapshot, and who meets them all."""

    def __init__(self, catalog: Catalog, finder: EvidenceFinder, definition: CohortDefinition) -> None:
        self._catalog, self._criteria = catalog, definition.criteria
        self._listed = {one.name: one for one in definition.criteria.criteria()}
        self._meetings = {name: finder.meeting(one) for name, one in self._listed.items()}
        self._met: dict[str, dict[Owner, Notes]] = {}

    def members(self) -> tuple[CohortMember, ...]:
        """Return the patients who meet the criteria, in the order of their ids, then notes without a patient id."""
        shown = [one.name for one in self._criteria.criteria(is_wanted=True)]
        owners = sorted(self._meeting(self._criteria), key=lambda one: one.rank)
        return tuple(CohortMember(*self._ids(owner), self._evidence(owner, shown)) for owner in owners)

    def found(self) -> tuple[CriterionFound, ...]:
        """Return what each criterion found by itself."""
        return tuple(self._found(name, meeting) for name, meeting in self._meetings.items())

    def unmet(self, patient_id: str | None, note_id: str | None) -> tuple[str, ...]:
        """Name the criteria that a patient, or a note without one, does not meet, and those that it must not meet."""
        owner = self._owners.get((patient_id, note_id))
        return () if owner is None else tuple(self._failing(self._criteria, owner))

    def _failing(self, group: Group, owner: Owner) -> Iterator[str]:
        is_any_met = any(self._meets(one, owner) for one in group.any)
        for one in (*group.all, *(() if is_any_met else group.any)):
            if not self._meets(one, owner):
                yield from self._failing(one, owner) if isinstance(one, Group) else [one.name]
        for one in group.none:
            if self._meets(one, owner):
                yield from (each.name for each in one.criteria()) if isinstance(one, Group) else [one.name]

    def _meets(self, one: Criterion | Group, owner: Owner) -> bool:
        if isinstance(one, Criterion):
            return owner in self._notes(one.name)
        return (
            all(self._meets(each, owner) for each in one.all)
            and (not one.any or any(self._meets(each, owner) for each in one.any))
            and not any(self._meets(each, owner) for each in one.none)
        )

    def _meeting(self, one: Criterion | Group) -> set[Owner]:
        """Return who meets a criterion or group."""
        if isinstance(one, Criterion):
            return set(self._notes(one.name))
        sets = [self._meeting(each) for each in one.all]
        sets += [set().union(*map(self._meeting, one.any))] if one.any else []
        found = set.intersection(*sets) if sets else set(self._everyone)
        return found.difference(*map(self._meeting, one.none))

    def _notes(self, name: str) -> dict[Owner, Notes]:
        """Return who meets a criterion, and by which notes, with what it asks of other criteria and of their number."""
        if name not in self._met:
            criterion, by_owner = self._listed[name], self._meetings[name].by_owner
            near = {owner: self._near(criterion, owner, notes) for owner, notes in by_owner.items()}
            self._met[name] = {owner: notes for owner, notes in near.items() if len(notes) >= criterion.at_least}
        return self._met[name]

    def _near(self, criterion: Criterion, owner: Owner, notes: Notes) -> Notes:
        if criterion.of is None or criterion.within_days is None:
            return notes
        reach = timedelta(days=criterion.within_days)
        others = {_day(evidence) for evidence in self._notes(criterion.of).get(owner, {}).values()} - {None}
        days = sorted(day for day in others if day is not None)
        return {
            key: evidence
            for key, evidence in notes.items()
            if (own := _day(evidence)) is not None and any(abs(own - day) <= reach for day in days)
        }

    def _evidence(self, owner: Owner, names: list[str]) -> tuple[CohortEvidence, ...]:
        found = [self._notes(name).get(owner, {}) for name in names]
        return tuple(one for notes in found for of_note in sorted(notes.values(), key=_by_time) for one in of_note)

    def _found(self, name: str, meeting: Meeting) -> CriterionFound:
        met = self._notes(name)
        return CriterionFound(
            criterion=name,
            assertion=meeting.assertion,
            searched=meeting.searched,
            unclear=meeting.unclear,
            min_score=meeting.min_score,
            patients=len(met),
            notes=sum(map(len, met.values())),
            undated=None if meeting.undated is None else len(meeting.undated - met.keys()),
            unread=len(meeting.unread),
            is_complete=meeting.is_complete,
            unmatched=meeting.unmatched,
        )

    def _ids(self, owner: Owner) -> tuple[str | None, str | None]:
        return owner.patient_id, self._note_ids.get(owner.note_key or 0)

    @cached_property
    def _note_ids(self) -> dict[int, str]:
        labels = self._catalog.note_labels(self._catalog.patients.notes_without().tolist())
        return {key: label.note_id for key, label in labels.items()}

    @cached_property
    def _owners(self) -> dict[tuple[str | None, str | None], Owner]:
        return {self._ids(owner): owner for owner in self._everyone}

    @cached_property
    def _everyone(self) -> list[Owner]:
        return [*map(Owner, self._catalog.patients.ids()), *(Owner(None, key) for key in self._note_ids)]


def _day(evidence: list[CohortEvidence]) -> date | None:
    when = evidence[0].note_datetime
    return when.date() if when else None


def _by_time(evidence: list[CohortEvidence]) -> tuple[bool, str, str]:
    when = evidence[0].note_datetime
    return when is None, when.isoformat() if when else "", evidence[0].note_id

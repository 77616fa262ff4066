"""Criteria by which patients are chosen, and the patients that meet them, with the evidence and how it was found."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

from clinsearch.display import Shown
from clinsearch.records.hits import Unmatched
from clinsearch.records.patients import Stance

# What a note has to say of what a criterion names: that the patient has or had it, has it now, had it, may have it or
# may come to have it, does not, or that a relative has it; or anything.
Wanted: TypeAlias = Literal["affirmed", "current", "historical", "possible", "hypothetical", "negated", "family", "any"]
WANTED: dict[Wanted, frozenset[Stance]] = {
    "affirmed": frozenset({"affirmed", "historical"}),
    "current": frozenset({"affirmed"}),
    "historical": frozenset({"historical"}),
    "possible": frozenset({"possible"}),
    "hypothetical": frozenset({"hypothetical"}),
    "negated": frozenset({"negated"}),
    "family": frozenset({"other"}),
    "any": frozenset({"affirmed", "negated", "possible", "historical", "hypothetical", "other", "unread"}),
}


@dataclass(frozen=True, slots=True)
class Criterion:
    """What some notes of a patient must say: any of the terms, something like the query, or values.

    where: values that the note has to measure, beside terms or a query, or alone. assertion: None for what the query
    itself says. since, until: of the note, both included. at_least: in how many notes. min_score, k: which hits of the
    query count. within_days: of a note that meets the criterion named in `of`. synonyms: whether other names count.
    """

    name: str
    terms: tuple[str, ...] = ()
    query: str | None = None
    where: tuple[str, ...] = ()
    assertion: Wanted | None = None
    sections: tuple[str, ...] = ()
    note_types: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    at_least: int = 1
    min_score: float | None = None
    k: int | None = None
    within_days: int | None = None
    of: str | None = None
    synonyms: bool = True

    @property
    def uses_dates(self) -> bool:
        """Whether a note without a date cannot meet it."""
        return self.since is not None or self.until is not None or self.within_days is not None


@dataclass(frozen=True, slots=True)
class Group:
    """Criteria that a patient meets: each of `all`, any of `any` if there are such, and none of `none`."""

    all: tuple[Criterion | Group, ...] = ()
    any: tuple[Criterion | Group, ...] = ()
    none: tuple[Criterion | Group, ...] = ()

    def criteria(self, *, is_wanted: bool = False) -> Iterator[Criterion]:
        """Yield the criteria in it and in the groups in it, in order; is_wanted: only those that are to be met."""
        for one in (*self.all, *self.any, *(() if is_wanted else self.none)):
            if isinstance(one, Group):
                yield from one.criteria(is_wanted=is_wanted)
            else:
                yield one


@dataclass(frozen=True, slots=True)
class CohortDefinition:
    """A cohort as it is written down."""

    name: str
    description: str | None
    criteria: Group


@dataclass(frozen=True, slots=True)
class CollectionState:
    """What of a collection decides who is found.

    commits: how many there were since it was made. digest: of all notes with their ids. language: the version of the
    rules that notes are read by.
    """

    commits: int
    notes: int
    sentences: int
    digest: str
    language: str
    model: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Population:
    """Whom a collection is of. notes_without_date: those that no criterion with dates can use."""

    patients: int
    notes: int
    notes_without_patient: int
    notes_without_date: int
    patients_without_date: int


@dataclass(frozen=True, slots=True)
class CohortRun:
    """When and by what a cohort was found. terms_digest: of the site's own terms, None without."""

    at: datetime
    version: str
    state: CollectionState
    terms_digest: str | None


@dataclass(frozen=True, slots=True)
class CohortEvidence:
    """Where a note meets a criterion: the sentence, its place in the note, and what it says.

    score: of a query. value: of a value that was asked for, as it is written.
    """

    criterion: str
    note_id: str
    note_type: str | None
    note_datetime: datetime | None
    section: str | None
    sentence: str
    start: int
    end: int
    said: tuple[Stance, ...]
    score: float | None = None
    value: str | None = None


@dataclass(frozen=True, slots=True)
class CriterionFound:
    """What a criterion found in the whole collection.

    searched: the phrases that were looked for. unclear: terms with several meanings, which were taken as written.
    patients, notes: how many meet it, notes without a patient id among the patients. undated: how many patients would
    meet it but for notes without a date, None if that is not known. unread: notes that name it in another language
    than English, where what they say of it is not read. is_complete: whether nothing can have been missed. unmatched:
    types, sections and measured names that nothing has.
    """

    criterion: str
    assertion: Wanted
    searched: tuple[str, ...]
    unclear: tuple[str, ...]
    min_score: float | None
    patients: int
    notes: int
    undated: int | None
    unread: int
    is_complete: bool
    unmatched: tuple[Unmatched, ...] = ()


@dataclass(frozen=True, slots=True)
class CohortMember:
    """A patient of a cohort; of a note without a patient id, which stands for itself, the note."""

    patient_id: str | None
    note_id: str | None
    evidence: tuple[CohortEvidence, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """Something that is otherwise than in an earlier run: what, and what it was and is."""

    what: str
    before: str
    now: str


@dataclass(frozen=True, slots=True)
class Change:
    """A patient who came or went. criteria: those that a patient who went does not meet any more."""

    patient_id: str | None
    note_id: str | None
    criteria: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CohortComparison:
    """How a cohort differs from an earlier run of it."""

    at: datetime
    came: tuple[Change, ...]
    went: tuple[Change, ...]
    stayed: int
    differences: tuple[Difference, ...]


@dataclass(frozen=True, slots=True)
class Cohort(Shown):
    """Patients who meet criteria, by their ids, with the evidence; and how they were found."""

    definition: CohortDefinition
    run: CohortRun
    population: Population
    found: tuple[CriterionFound, ...]
    members: tuple[CohortMember, ...]
    comparison: CohortComparison | None = None


@dataclass(frozen=True, slots=True)
class CohortRecord:
    """What is read of an earlier run of a cohort: who was in it, by patient and note id, and what it was found by."""

    run: CohortRun
    criteria: Group
    members: tuple[tuple[str | None, str | None], ...]

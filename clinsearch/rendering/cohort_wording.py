"""What is said of a cohort in words, alike in a terminal and on a page."""

from __future__ import annotations

from collections.abc import Iterator

from clinsearch.records.cohorts import Change, Cohort, CohortEvidence, CohortMember, CriterionFound

UNMATCHED = {"note_type": "type", "section": "section", "where": "value of"}
WITHOUT_ID = "no patient id"


def summary(cohort: Cohort) -> str:
    """Say how many patients, and notes without a patient id, meet the criteria, of how many."""
    patients = sum(one.patient_id is not None for one in cohort.members)
    of = cohort.population
    text = f"{patients:,} of {counted(of.patients, 'patient')}"
    if of.notes_without_patient:
        notes = len(cohort.members) - patients
        text += f", and {notes:,} of {counted(of.notes_without_patient, 'note')} without a patient id"
    return text


def named(one: CohortMember | Change) -> str:
    """Name a patient, or a note without one."""
    return one.patient_id if one.patient_id is not None else f"{WITHOUT_ID} · {one.note_id}"


def by_criterion(member: CohortMember) -> dict[str, list[CohortEvidence]]:
    """Return a patient's evidence by criterion."""
    found: dict[str, list[CohortEvidence]] = {}
    for one in member.evidence:
        found.setdefault(one.criterion, []).append(one)
    return found


def found_line(one: CriterionFound) -> str:
    """Say how many patients and notes meet a criterion, and by what it was looked for."""
    least = f", at least {one.min_score:g}" if one.min_score is not None else ""
    return (
        f"{one.criterion} ({one.assertion}{least}): {counted(one.patients, 'patient')}, {counted(one.notes, 'note')}; "
        f"searched for {', '.join(one.searched)}"
    )


def remarks(cohort: Cohort) -> Iterator[str]:
    """Say what could not be judged."""
    for one in cohort.found:
        for value in one.unmatched:
            nearest = f"; the nearest there are: {', '.join(value.nearest)}" if value.nearest else ""
            yield f"{one.criterion}: no note has the {UNMATCHED[value.field]} {value.value}{nearest}."
        if one.undated:
            yield f"{one.criterion}: {counted(one.undated, 'patient')} would meet it but for notes without a date."
        if one.undated is None:
            yield f"{one.criterion}: of notes without a date it is not known whether they would meet it."
        if one.unread:
            yield f"{one.criterion}: named in {counted(one.unread, 'note')} in another language, where that is unread."
        if one.unclear:
            yield f"{one.criterion}: taken as written, as it has several meanings: {', '.join(one.unclear)}."
        if not one.is_complete:
            yield f"{one.criterion}: some sentences may have been missed, as so many are only searched in part."
    if cohort.population.notes_without_date:
        of = cohort.population
        yield (
            f"{counted(of.notes_without_date, 'note')} have no date; {counted(of.patients_without_date, 'patient')} "
            "have none with a date."
        )


def changes(cohort: Cohort) -> Iterator[str]:
    """Say who came and went since an earlier run, and what is otherwise."""
    compared = cohort.comparison
    if compared is None:
        return
    yield (
        f"Since {compared.at:%Y-%m-%d %H:%M}: {len(compared.came):,} came, {len(compared.went):,} went, "
        f"{compared.stayed:,} stayed."
    )
    for one in compared.came:
        yield f"came: {named(one)}"
    for one in compared.went:
        yield f"went: {named(one)}" + (f", by {', '.join(one.criteria)}" if one.criteria else ", not in the notes now")
    for difference in compared.differences:
        yield f"{difference.what} was {difference.before}; is {difference.now}"
    if not compared.differences:
        yield "Criteria, model, program and notes are the same."


def counted(number: int, name: str) -> str:
    """Write a number of things."""
    return f"{number:,} {name}{'' if number == 1 else 's'}"

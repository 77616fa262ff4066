"""A cohort for reading in a terminal."""

from __future__ import annotations

from rich.padding import Padding
from rich.text import Text

from clinsearch.records.cohorts import Cohort, CohortEvidence, CohortMember
from clinsearch.rendering.cohort_wording import by_criterion, changes, counted, found_line, named, remarks, summary
from clinsearch.rendering.signs import one_line, visible
from clinsearch.rendering.terminal.layout import columns, in_section, write

# Notes that are shown for each criterion of a patient.
SHOWN = 1


def print_cohort(cohort: Cohort) -> None:
    """Show who meets the criteria, with the earliest evidence for each; then what was found and what could not be."""
    heading = Text(one_line(cohort.definition.name), style="bold")
    write(heading.append(one_line(f"  {summary(cohort)}"), style="not bold dim"))
    for line in changes(cohort):
        write(Text(visible(line)))
    for member in cohort.members:
        _print_member(member)
    for line in [*map(found_line, cohort.found), *remarks(cohort)]:
        write(Text(visible(line), style="dim"))


def _print_member(member: CohortMember) -> None:
    write(Text(one_line(named(member)), style="bold"))
    table = columns(count=2)
    for name, evidence in by_criterion(member).items():
        more = f" and {counted(len(evidence) - SHOWN, 'more note')}" if len(evidence) > SHOWN else ""
        for one in evidence[:SHOWN]:
            table.add_row(Text(visible(name), style="dim"), _place(one).append(one_line(more), style="dim"))
    write(Padding(table, (0, 0, 0, 2)))


def _place(one: CohortEvidence) -> Text:
    day = f" {one.note_datetime.date().isoformat()}" if one.note_datetime else ", without a date"
    score = f" {one.score:.3f}" if one.score is not None else ""
    about = one_line(f"  {one.note_id}{day} {one.start}-{one.end}{score}")
    return in_section(one.section, one.sentence).append(about, style="dim")

"""A cohort as a page that reads without a script, and prints: each patient with the evidence for each criterion."""

from __future__ import annotations

from clinsearch.records.cohorts import Cohort, CohortEvidence, CohortMember
from clinsearch.rendering.cohort_wording import by_criterion, changes, counted, found_line, named, remarks, summary
from clinsearch.rendering.pages.page import isolated, page, shown

# Notes of a criterion that are seen at once; the others open at a click.
SEEN = 2


def cohort_page(cohort: Cohort) -> str:
    """Make the page of a cohort."""
    definition = cohort.definition
    about = f"<p>{isolated(definition.description)}</p>" if definition.description else ""
    members = "".join(map(_member, cohort.members)) or "<p>No patient meets the criteria.</p>"
    body = (
        f"<h1>{isolated(definition.name)}</h1>{about}<p><b>{shown(summary(cohort))}</b> meet the criteria.</p>"
        f"{_lines('Since then', [*changes(cohort)])}"
        f"{_lines('What each criterion found by itself', [*map(found_line, cohort.found), *remarks(cohort)])}"
        f"<h2>Patients</h2>{members}{_lines('How it was found', _run(cohort))}"
    )
    return page(definition.name, body, data=None, names=["cohort"])


def _member(member: CohortMember) -> str:
    criteria = "".join(_criterion(name, evidence) for name, evidence in by_criterion(member).items())
    return f'<section class="patient"><h3>{isolated(named(member))}</h3><dl>{criteria}</dl></section>'


def _criterion(name: str, evidence: list[CohortEvidence]) -> str:
    seen, more = "".join(map(_place, evidence[:SEEN])), evidence[SEEN:]
    if more:
        rest = "".join(map(_place, more))
        seen += f"<details><summary>{shown(counted(len(more), 'more note'))}</summary>{rest}</details>"
    return f"<dt>{isolated(name)}</dt><dd>{seen}</dd>"


def _place(one: CohortEvidence) -> str:
    day = one.note_datetime.date().isoformat() if one.note_datetime else "no date"
    about = [one.note_id, day, one.section or "", f"{one.start}-{one.end}", " ".join(one.said)]
    about += [f"{one.score:.3f}"] if one.score is not None else []
    return f"<p>{isolated(one.sentence)}<br><small>{isolated(' · '.join(filter(None, about)))}</small></p>"


def _lines(title: str, lines: list[str]) -> str:
    listed = "".join(f"<li>{isolated(line)}</li>" for line in lines)
    return f'<h2>{shown(title)}</h2><ul class="remarks">{listed}</ul>' if lines else ""


def _run(cohort: Cohort) -> list[str]:
    run, state = cohort.run, cohort.run.state
    return [
        f"{run.at:%Y-%m-%d %H:%M} UTC, clinsearch {run.version}, rules of language {state.language}",
        f"model {state.model}, fingerprint {state.fingerprint[:16]}",
        f"{counted(state.notes, 'note')}, {counted(state.sentences, 'sentence')}, digest {state.digest[:16]}",
    ]

"""Reasons in words: how unusual they are, in how many notes they stand, and whether both sides say the same."""

from __future__ import annotations

from itertools import islice

from clinsearch.language.assertions import section_assertion
from clinsearch.records import NoteExplanation, PlacedSentence, Reason, Unusual
from clinsearch.records.explanations import NEARER_COUNTED

MOST_SHOWN = 5
SAID = {
    "affirmed": "so",
    "negated": "denied",
    "possible": "only possible",
    "historical": "of the past",
    "hypothetical": "hypothetical",
    "other": "of someone else",
}


def shown_reasons(explanation: NoteExplanation) -> tuple[Reason, ...]:
    """Return the reasons that are shown: none where a hundred sentences are nearer to either side."""
    told = (one for one in explanation.reasons if min(one.left.nearer, one.right.nearer) < NEARER_COUNTED)
    return tuple(islice(told, MOST_SHOWN))


def nearness_line(reason: Reason, sentences: int) -> str:
    """Say how many sentences are nearer to one side of a reason than the other side is."""
    (first, verb), (second, _) = (_counted(side) for side in (reason.left, reason.right))
    if first == second:
        return f"Of {sentences:,} sentences {first} {verb} nearer to each."
    return f"Of {sentences:,} sentences {first} {verb} nearer to the first, {second} to the second."


def standing_line(reason: Reason) -> str:
    """Say in how many other notes both sentences stand."""
    first, second = (_notes(side.other_notes) for side in (reason.left, reason.right))
    said = f"Each stands in {first}" if first == second else f"The first stands in {first}, the second in {second}"
    return f"{said}{': template' if reason.is_template else ''}."


def said_line(explanation: NoteExplanation, reason: Reason) -> str:
    """Say whether the two sides differ in what is so; empty if they do not."""
    i, j = reason.pairs[0]
    first, second = _said(reason.left, explanation.left[i]), _said(reason.right, explanation.right[j])
    only = [f"{SAID.get(one, one)} in the first only" for one in sorted(first - second)]
    only += [f"{SAID.get(one, one)} in the second only" for one in sorted(second - first)]
    return f"Not the same in what is so: {', '.join(only)}." if only else ""


def _said(side: Unusual, place: PlacedSentence) -> set[str]:
    by_section = section_assertion(place.section)
    return {*(span.assertion for span in side.assertions), *([by_section] if by_section else [])}


def _counted(side: Unusual) -> tuple[str, str]:
    if side.nearer >= NEARER_COUNTED:
        return f"{NEARER_COUNTED} or more", "are"
    return str(side.nearer or "none"), "are" if side.nearer > 1 else "is"


def _notes(others: int) -> str:
    return "no other note" if not others else f"{others:,} other note{'s' if others > 1 else ''}"

"""What scores are made of, in a line."""

from __future__ import annotations

from collections.abc import Iterable

from rich.text import Text

from clinsearch.language.assertions import section_assertion
from clinsearch.records import AssertedSpan, ScoreParts, TermPart
from clinsearch.rendering.accounts import adding_up
from clinsearch.rendering.signs import visible

MOST_TERMS = 6
SAID: dict[str, str] = {
    "negated": "denied",
    "possible": "only possible",
    "historical": "of the past",
    "hypothetical": "hypothetical",
    "other": "of someone else",
}


def score_line(score: float, parts: ScoreParts) -> str:
    """Say what a score is the sum of."""
    if parts.openings is not None and parts.sentences is not None:
        summands = adding_up([parts.openings, parts.keyword, parts.sentences], score)
        named = zip(("openings", "words", "sentences"), summands, strict=True)
        return f"{score:.3f} = {' + '.join(f'{name} {part:.3f}' for name, part in named)}"
    terms = ", ".join(f"{_named(term)} {term.score:.3f}" for term in parts.terms[:MOST_TERMS])
    more = f" and {len(parts.terms) - MOST_TERMS} more" if len(parts.terms) > MOST_TERMS else ""
    of_query = [f"vector {parts.vector:.3f}"] if parts.vector else []
    of_query += [f"keywords {parts.keyword:.3f} ({terms}{more})"] if parts.keyword else []
    of_query += [f"values {parts.value:.3f}"] if parts.value else []
    of_query += [f"all asked for {parts.required:.3f}"] if parts.required else []
    lost = f" - assertion {-parts.assertion:.3f}" if parts.assertion else ""
    return f"{score:.3f} = {' + '.join(of_query)}{lost}"


def _named(term: TermPart) -> str:
    return f"{term.term} = {term.stands_for}" if term.stands_for else term.term


def names_line(parts: ScoreParts) -> str:
    """Say by which other names a hit has words of the query; empty if by none."""
    return ", ".join(_named(term) for term in parts.terms if term.stands_for)


def values_line(parts: ScoreParts) -> str:
    """Say which values of a hit are as a query asks, and which only near; empty if none were asked for."""
    return ", ".join(f"{one.name} {one.value}{'' if one.meets else ' (not as asked)'}" for one in parts.values)


def evidence_lines(parts: ScoreParts) -> list[str]:
    """Show the sentence for each part of a query that asks for several things."""
    return [f"{one.asked} {one.score:.2f}: {one.sentence}" for one in parts.evidence]


def said_line(parts: ScoreParts) -> str:
    """Say which of a query's words are not simply so in a hit, or not the patient's; empty if all are."""
    words: dict[str, list[str]] = {}
    for term in parts.terms:
        if (term.assertion or term.of_other) and " " not in term.term:
            words.setdefault(_said(term), []).append(term.term)
    return "; ".join(f"{said}: {', '.join(of_this)}" for said, of_this in words.items())


def _said(term: TermPart) -> str:
    """Say of a term whether it is so, and whose it is: "denied here, of someone else"."""
    if term.assertion is None:
        return f"{SAID['other']} here"
    return f"{SAID[term.assertion]} here{', ' + SAID['other'] if term.of_other else ''}"


def section_line(section: str | None) -> str:
    """Say what a section says of all that stands under it; empty if nothing."""
    says = section_assertion(section)
    return f"What stands under {section} is {SAID[says]} unless it says otherwise." if says else ""


def assertion_lines(text: str, spans: Iterable[AssertedSpan]) -> list[Text]:
    """Say of each part of a text that is not simply so what it is, and by which words."""
    lines = []
    for span in spans:
        cue = text[span.cue_start : span.cue_end]
        line = Text(visible(text[span.start : span.end]), style="italic")
        lines.append(
            line.append(f" is {SAID.get(span.assertion, span.assertion)} here: ", style="not italic").append(
                visible(cue)
            )
        )
    return lines

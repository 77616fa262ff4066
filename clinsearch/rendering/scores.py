"""What scores are made of and what is not simply so in a hit, in lines of plain text."""

from __future__ import annotations

from collections.abc import Sequence

from clinsearch.language.assertions import section_assertion
from clinsearch.records import Hit, ScoreParts, TermPart
from clinsearch.rendering.accounts import adding_up

MOST_TERMS = 6
# If none of so many is more than chance, nothing is much about the query.
FIRST = 5
MUCH_ABOUT_NOTHING = "Nothing here is much about that. The nearest:"
SAID: dict[str, str] = {
    "negated": "denied",
    "possible": "only possible",
    "historical": "of the past",
    "hypothetical": "hypothetical",
    "other": "of someone else",
}


def is_all_chance(hits: Sequence[Hit]) -> bool:
    """Tell whether there are hits, and none of the first is about what was asked for."""
    return bool(hits) and all(hit.is_chance for hit in hits[:FIRST])


def score_line(score: float, parts: ScoreParts) -> str:
    """Say what a score is the sum of."""
    if parts.openings is not None and parts.sentences is not None:
        summands = adding_up([parts.openings, parts.keyword, parts.sentences], score)
        named = zip(("openings", "words", "sentences"), summands, strict=True)
        return f"{score:.3f} = {' + '.join(f'{name} {part:.3f}' for name, part in named)}"
    terms = ", ".join(f"{term_name(term)} {term.score:.3f}" for term in parts.terms[:MOST_TERMS])
    more = f" and {len(parts.terms) - MOST_TERMS} more" if len(parts.terms) > MOST_TERMS else ""
    of_query = [f"vector {parts.vector:.3f}"] if parts.vector else []
    of_query += [f"keywords {parts.keyword:.3f} ({terms}{more})"] if parts.keyword else []
    of_query += [f"values {parts.value:.3f}"] if parts.value else []
    of_query += [f"all asked for {parts.required:.3f}"] if parts.required else []
    lost = f" - assertion {-parts.assertion:.3f}" if parts.assertion else ""
    return f"{score:.3f} = {' + '.join(of_query)}{lost}"


def term_name(term: TermPart) -> str:
    """Name a term, and what it stands for in the query if it is another name."""
    return f"{term.term} = {term.stands_for}" if term.stands_for else term.term


def names_line(parts: ScoreParts) -> str:
    """Say by which other names a hit has words of the query; empty if by none."""
    return ", ".join(term_name(term) for term in parts.terms if term.stands_for)


def values_line(parts: ScoreParts) -> str:
    """Say which values of a hit are as a query asks, and which only near; empty if none were asked for."""
    return ", ".join(f"{one.name} {one.value}{'' if one.meets else ' (not as asked)'}" for one in parts.values)


def evidence_lines(parts: ScoreParts) -> list[str]:
    """Show the sentence for each part of a query that asks for several things."""
    return [f"{one.asked} {one.score:.2f}: {one.sentence}" for one in parts.evidence]


def said_words(parts: ScoreParts) -> list[tuple[TermPart, str, list[str]]]:
    """Return what is not simply so in a hit, or not the patient's: a term, what is said of it, and of which words."""
    words: dict[str, tuple[TermPart, str, list[str]]] = {}
    for term in parts.terms:
        if (term.assertion or term.of_other) and " " not in term.term:
            words.setdefault(_said(term), (term, _said(term), []))[2].append(term.term)
    return list(words.values())


def said_line(parts: ScoreParts) -> str:
    """Say which of a query's words are not simply so in a hit, or not the patient's; empty if all are."""
    return "; ".join(f"{said}: {', '.join(words)}" for _, said, words in said_words(parts))


def _said(term: TermPart) -> str:
    """Say of a term whether it is so, and whose it is: "denied here, of someone else"."""
    if term.assertion is None:
        return f"{SAID['other']} here"
    return f"{SAID[term.assertion]} here{', ' + SAID['other'] if term.of_other else ''}"


def section_line(section: str | None) -> str:
    """Say what a section says of all that stands under it; empty if nothing."""
    says = section_assertion(section)
    return f"What stands under {section} is {SAID[says]} unless it says otherwise." if says else ""

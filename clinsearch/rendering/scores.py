"""What scores are made of and what is not simply so in a hit, in lines of plain text."""

from __future__ import annotations

from collections.abc import Sequence

from clinsearch.language.assertions import section_assertion
from clinsearch.records import Evidence, Hit, ScoreParts, TermPart
from clinsearch.rendering.accounts import adding_up

MOST_TERMS = 6
# Evidence of a lower score that does not say what is asked for is not shown.
LEAST_NEAR = 0.4
# If none of so many is more than chance, nothing is much about the query.
FIRST = 5
NO_SENTENCE_HAS_ALL = "No sentence here says all of that; notes may (--level note). The nearest:"
NO_NOTE_HAS_ALL = "No note here has all of it. Those that have most:"
MUCH_ABOUT_NOTHING = "Nothing here is much about that. The nearest:"
SAID: dict[str, str] = {
    "negated": "denied",
    "possible": "only possible",
    "historical": "of the past",
    "hypothetical": "hypothetical",
    "other": "of someone else",
}


def caution(hits: Sequence[Hit]) -> str:
    """Say if none of the first hits is about what was asked for, or none has all of it; empty otherwise."""
    parts = [hit.parts for hit in hits[:FIRST] if hit.parts]
    if hits and all(hit.is_chance for hit in hits[:FIRST]):
        return MUCH_ABOUT_NOTHING
    if parts and all(one.lacking for one in parts):
        return NO_SENTENCE_HAS_ALL
    return NO_NOTE_HAS_ALL if parts and all(map(_lacks_evidence, parts)) else ""


def _lacks_evidence(parts: ScoreParts) -> bool:
    return not all(one.is_met for one in parts.evidence)


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


def evidence_lines(hit: Hit) -> list[str]:
    """Show the sentence for each part of a query that asks for several things, or say that none says it."""
    evidence = hit.parts.evidence if hit.parts else ()
    if len(evidence) == 1 and evidence[0].is_met and evidence[0].sentence == hit.sentence:
        return []
    return [
        f"{one.asked}{', ' * bool(said)}{said} {one.score:.2f}: {one.sentence}" if is_shown else f"{one.asked}, {said}"
        for one, said, is_shown in told(evidence)
    ]


def told(evidence: Sequence[Evidence]) -> list[tuple[Evidence, str, bool]]:
    """Return evidence with what is to be said of it, where it does not just say what is asked for.

    And whether its sentence is to be shown: one that is far from what is asked is no help.
    """
    return [(one, *_told(one)) for one in evidence]


def _told(one: Evidence) -> tuple[str, bool]:
    said = one.treatment or (SAID["other"] if one.of_other else SAID[one.assertion] if one.assertion else "")
    if said or one.is_met:
        return said, True
    is_near = one.score >= LEAST_NEAR
    return f"not found{'; nearest' * is_near}", is_near


def lacking_line(parts: ScoreParts) -> str:
    """Say which of several things that a query asks for a sentence does not speak of; empty if of all."""
    return f"not here: {', '.join(parts.lacking)}" if parts.lacking else ""


def said_words(parts: ScoreParts) -> list[tuple[TermPart, str, list[str]]]:
    """Return what is not simply so in a hit, or not the patient's: a term, what is said of it, and of which words."""
    words: dict[str, tuple[TermPart, str, list[str]]] = {}
    for term in parts.terms:
        if (term.assertion or term.of_other) and " " not in term.term:
            words.setdefault(_said(term), (term, _said(term), []))[2].append(term.term)
    return list(words.values())


def said_line(parts: ScoreParts) -> str:
    """Say which of a query's words are not simply so in a hit, or not the patient's; empty if all are."""
    said = [f"{said}: {', '.join(words)}" for _, said, words in said_words(parts)]
    return "; ".join([*([f"{parts.treatment} here"] if parts.treatment else []), *said])


def _said(term: TermPart) -> str:
    """Say of a term whether it is so, and whose it is: "denied here, of someone else"."""
    if term.assertion is None:
        return f"{SAID['other']} here"
    return f"{SAID[term.assertion]} here{', ' + SAID['other'] if term.of_other else ''}"


def section_line(section: str | None) -> str:
    """Say what a section says of all that stands under it; empty if nothing."""
    says = section_assertion(section)
    return f"What stands under {section} is {SAID[says]} unless it says otherwise." if says else ""

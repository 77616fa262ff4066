"""Divides a query into what each answer must have: "warfarin with GI bleed" asks for both."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

from clinsearch.language.terms import terms_of

# What parts one thing from another in a query for patients, or notes, that have both.
PARTING = re.compile(
    r"(?:,|;|&|\+"
    r"|\b(?:and|plus|but|who|having|has|have|with|w/|in(?=\s+an?\b)|after|following|during|for|given)\b"
    r"|\b(?:followed by|despite|while)\b"
    r"|(?<!not )\bon\b(?=\W+(?P<treatment>\w+))"
    r"|\b(?:treated with|taking|complicated by|due to|secondary to|because of)\b|(?=\bwithout\b|\bnot\b))",
    re.IGNORECASE,
)
# What says nothing that a note must have.
SAYS_NOTHING = frozenset(
    {"patient", "pt", "people", "person", "case", "note", "report", "find", "show", "new", "known"}
)
# What a patient can be on besides drugs that have a name, or what it begins with.
TREATMENTS = frozenset(
    {
        "insulin",
        "dialysis",
        "hemodialysis",
        "hd",
        "oxygen",
        "o2",
        "home",
        "steroid",
        "chemotherapy",
        "chemo",
        "antibiotic",
    }
    | {"anticoagulation", "anticoagulant", "blood", "ventilator", "vent", "cpap", "bipap", "tpn", "statin", "opioid"}
)
# A longer query tells of something rather than asking for it.
MOST_TERMS = 10


def requirements_of(
    query: str,
    closed: Sequence[tuple[int, int]],
    stop_terms: frozenset[str],
    is_treatment: Callable[[int], bool],
    begins: Iterable[int] = (),
) -> tuple[str, ...]:
    """Return the parts of a query that each answer must have, if these are several.

    closed: places that are one name, within which nothing is parted. stop_terms: terms that say nothing by themselves.
    is_treatment: tells where a treatment begins, which somebody can be on. begins: where parts begin besides.
    """
    if len(terms_of(query)) > MOST_TERMS or "?" in query or '"' in query:
        return ()
    cuts = {place: place for place in begins}
    for match in PARTING.finditer(query):
        is_within = any(low < match.end() and match.start() < high for low, high in closed)
        if not is_within and (match["treatment"] is None or is_treatment(match.start("treatment"))):
            cuts[match.start()] = max(match.end(), cuts.get(match.start(), 0))
    parts, start = [], 0
    for low, high in sorted(cuts.items()):
        if low >= start:
            parts.append(query[start:low])
            start = high
    empty = SAYS_NOTHING | stop_terms
    found = [part.strip() for part in (*parts, query[start:]) if not empty.issuperset(terms_of(part))]
    return tuple(found) if len(found) > 1 else ()

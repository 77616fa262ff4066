"""Chooses the senses of an abbreviation by the words around it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from math import exp, log

from clinsearch.language.terminology.carried import Sense

CLEAR = 0.7  # the share from which one sense is taken alone
LEAST = 0.12  # the share below which a second sense is none
MOST_SENSES = 2
CUE = 0.7  # cues are not independent of each other
PRIOR = 0.5  # the power of priors where there are cues
LEAST_PRIOR = 1e-6
NEAR = 12  # terms on either side that tell a sense


def shares_of(senses: Sequence[Sense], context: Collection[str]) -> list[tuple[Sense, float]]:
    """Return the senses with the share that each has in a context, best first; shares add up to one."""
    cues = [sum(sense.cues.get(term, 0.0) for term in context) for sense in senses]
    trust = PRIOR if any(cues) else 1.0
    scores = [trust * log(sense.prior + LEAST_PRIOR) + CUE * cue for sense, cue in zip(senses, cues, strict=True)]
    highest = max(scores)
    parts = [exp(score - highest) for score in scores]
    rated = [(sense, part / sum(parts)) for sense, part in zip(senses, parts, strict=True)]
    return sorted(rated, key=lambda pair: -pair[1])


def may_mean(senses: Sequence[Sense], own: Collection[str], terms: Sequence[str], place: int) -> bool:
    """Tell whether letters at a place among the terms of a text can have one of their own senses, by long forms.

    They can unless the words beside them clearly tell of another.
    """
    near = {*terms[max(0, place - NEAR) : place], *terms[place + 1 : place + 1 + NEAR]}
    told = [sense for sense in senses if any(term in sense.cues for term in near)]
    if not told:
        return True
    best, share = shares_of(senses, near)[0]
    return best.text in own or share < CLEAR


def chosen(senses: Sequence[Sense], context: Collection[str]) -> list[tuple[Sense, float]]:
    """Return the one sense that is clear, or the likeliest; none where the letters stand for themselves."""
    rated = shares_of(senses, context)
    if not rated[0][0].text:
        return []
    if rated[0][1] >= CLEAR:
        return [rated[0]]
    return [(sense, share) for sense, share in rated[:MOST_SENSES] if share >= LEAST and sense.text]

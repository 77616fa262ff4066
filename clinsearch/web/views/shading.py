"""Shades the words of a sentence by what they bring to its score: five steps, of the largest part there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from clinsearch.language.terms import placed_terms, terms_of
from clinsearch.records import ScoreParts
from clinsearch.rendering.scores import term_name
from clinsearch.rendering.wording import number

STEPS = 5


@dataclass(frozen=True, slots=True)
class Piece:
    """Characters of a text that are shaded alike: step 0 not at all; says: what they bring."""

    text: str
    step: int = 0
    says: str = ""


@dataclass(frozen=True, slots=True)
class _Part:
    start: int
    end: int
    score: float
    says: str


def shaded(sentence: str, parts: ScoreParts | None) -> list[Piece]:
    """Cut a sentence into pieces by the words, values and phrases that its score has a part for."""
    found = list(_placed(sentence, parts)) if parts else []
    most = max((one.score for one in found), default=0.0)
    at: list[_Part | None] = [None] * len(sentence)
    for one in sorted(found, key=lambda one: one.score):
        at[one.start : one.end] = [one] * (one.end - one.start)
    pieces: list[Piece] = []
    start = 0
    for end in range(1, len(sentence) + 1):
        if end == len(sentence) or at[end] is not at[start]:
            part = at[start]
            step = max(1, round(STEPS * part.score / most)) if part and part.score > 0 and most else 0
            pieces.append(Piece(sentence[start:end], step, part.says if part else ""))
            start = end
    return pieces


def _placed(sentence: str, parts: ScoreParts) -> Iterator[_Part]:
    terms = placed_terms(sentence)
    names = [term for term, _, _ in terms]
    for part in parts.terms:
        wanted, is_prefix = terms_of(part.term), part.term.endswith("*")
        for at in range(len(terms) - len(wanted) + 1 if wanted else 0):
            if names[at : at + len(wanted)] == wanted or (is_prefix and names[at].startswith(wanted[0])):
                says = f"{term_name(part)}: {number(part.score, 3)}"
                yield _Part(terms[at][1], terms[at + len(wanted) - 1][2], part.score, says)
    for value in parts.values:
        # Its unit may stand with or without a blank before it.
        written = r"\s*".join(map(re.escape, value.value.split()))
        for match in re.finditer(rf"(?<![\w.]){written}(?!\w)", sentence):
            says = f"{value.name} {value.value}{'' if value.meets else ', not as asked'}: {number(value.score, 3)}"
            yield _Part(*match.span(), value.score, says)

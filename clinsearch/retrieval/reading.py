"""Reads a query as its writer means it: abbreviations, and what else its words are called."""

from __future__ import annotations

from dataclasses import dataclass

from clinsearch.language.measurements import find_conditions
from clinsearch.language.segmentation import segment
from clinsearch.language.terminology import Terminology
from clinsearch.records.expansions import Expansion
from clinsearch.records.measurements import Condition

# A query of more sentences is a text to find similar ones for: it names things by the way.
MOST_SENTENCES = 3


@dataclass(frozen=True, slots=True)
class ReadQuery:
    """A query as it is searched for. meant: with its abbreviations written out. expansions: other names in it.

    conditions: what it asks measurements to be.
    """

    text: str
    meant: str
    expansions: tuple[Expansion, ...] = ()
    conditions: tuple[Condition, ...] = ()


def read_query(text: str, terminology: Terminology | None) -> ReadQuery:
    """Read a query; without a terminology it means what it says."""
    if len(segment(text).sentences) > MOST_SENTENCES:
        return ReadQuery(text, text)
    conditions = tuple(find_conditions(text))
    if terminology is None:
        return ReadQuery(text, text, conditions=conditions)
    return ReadQuery(text, terminology.long_form(text), tuple(terminology.expansions(text)), conditions)

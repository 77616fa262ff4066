"""Reads a query as its writer means it: abbreviations, and what else its words are called."""

from __future__ import annotations

from dataclasses import dataclass

from clinsearch.language.segmentation import segment
from clinsearch.language.terminology import Terminology
from clinsearch.records.expansions import Expansion

# A query of more sentences is a text to find similar ones for: it names things by the way.
MOST_SENTENCES = 3


@dataclass(frozen=True, slots=True)
class ReadQuery:
    """A query as it is searched for. meant: with its abbreviations written out. expansions: other names in it."""

    text: str
    meant: str
    expansions: tuple[Expansion, ...] = ()


def read_query(text: str, terminology: Terminology | None) -> ReadQuery:
    """Read a query; without a terminology it means what it says."""
    if terminology is None or len(segment(text).sentences) > MOST_SENTENCES:
        return ReadQuery(text, text)
    return ReadQuery(text, terminology.long_form(text), tuple(terminology.expansions(text)))

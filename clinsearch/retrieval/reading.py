"""Reads a query as its writer means it: abbreviations, and what else its words are called."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import islice, zip_longest

from clinsearch.language.measurements import find_conditions
from clinsearch.language.requirements import requirements_of
from clinsearch.language.segmentation import segment
from clinsearch.language.terminology import Terminology
from clinsearch.language.terms import terms_of
from clinsearch.records.expansions import Expansion
from clinsearch.records.measurements import Condition
from clinsearch.retrieval.keywords import STOP_TERMS

# A query of more sentences is a text to find similar ones for: it names things by the way.
MOST_SENTENCES = 3
# Of a query so many others are encoded besides, with names that mean the same, in words.
MOST_OTHERS = 3
LEAST_WEIGHT = 0.8
LONGEST_ABBREVIATION = 4


@dataclass(frozen=True, slots=True)
class ReadQuery:
    """A query as it is searched for. meant: with its abbreviations written out. expansions: other names in it.

    others: the same in other words. conditions: what it asks measurements to be. parts: what each answer must have, if
    that is several things.
    """

    text: str
    meant: str
    others: tuple[str, ...] = ()
    expansions: tuple[Expansion, ...] = ()
    conditions: tuple[Condition, ...] = ()
    parts: tuple[ReadQuery, ...] = ()


def read_query(text: str, terminology: Terminology | None) -> ReadQuery:
    """Read a query; without a terminology it means what it says."""
    if len(segment(text).sentences) > MOST_SENTENCES:
        return ReadQuery(text, text)
    if terminology is None:
        return ReadQuery(text, text, conditions=tuple(find_conditions(text)))
    parts = requirements_of(text, [(one.start, one.end) for one in terminology.expansions(text)])
    return replace(_read(text, terminology), parts=tuple(_read(part, terminology) for part in parts))


def _read(text: str, terminology: Terminology) -> ReadQuery:
    meant, expansions = terminology.long_form(text), tuple(terminology.expansions(text))
    return ReadQuery(
        text, meant, _others(meant, terminology.expansions(meant)), expansions, tuple(find_conditions(text))
    )


def _others(meant: str, expansions: Sequence[Expansion]) -> tuple[str, ...]:
    """Say a query in other words: with one of its names replaced at a time, by its first other names in turn."""
    named = [one for one in expansions if one.kind in ("abbreviation", "synonym")]
    texts = (
        meant[: one.start] + other.text + meant[one.end :]
        for others in zip_longest(*(one.alternatives for one in named))
        for one, other in zip(named, others, strict=True)
        if other is not None and other.weight >= LEAST_WEIGHT and _is_other(other.text, one.written)
    )
    return tuple(islice(dict.fromkeys(texts), MOST_OTHERS))


def _is_other(name: str, written: str) -> bool:
    """Tell whether a name is in words, and in others than those written."""
    one, other = (set(terms_of(text)) - STOP_TERMS for text in (name, written))
    return len(name) > LONGEST_ABBREVIATION and not (one <= other or other <= one)

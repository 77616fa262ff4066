"""The most frequent words of languages, by which they are told apart.

The file has a line a language: its code in ISO 639-1, then words of any text and of clinical ones. In the line of
English are none that another language has as well. The line `ambiguous` has words of others that stand in English
notes, too: in another sense, as names, as abbreviations.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from clinsearch.language.terms import terms_of
from clinsearch.records.readings import ENGLISH

_AMBIGUOUS = "ambiguous"


@cache
def _listed() -> dict[str, frozenset[str]]:
    text = files("clinsearch.language").joinpath("frequent_words.txt").read_text(encoding="utf-8")
    lines = (line.partition(": ") for line in text.splitlines())
    return {code: frozenset(terms_of(words)) for code, _, words in lines}


def english() -> frozenset[str]:
    """Return the terms that show a text to be in English."""
    return _listed()[ENGLISH]


def ambiguous() -> frozenset[str]:
    """Return the terms that are frequent in another language, but no sign of it by themselves."""
    return _listed()[_AMBIGUOUS]


@cache
def others() -> Mapping[str, tuple[str, ...]]:
    """Return, by term, the languages other than English that it is frequent in."""
    found: dict[str, tuple[str, ...]] = {}
    for language, terms in _listed().items():
        if language not in (ENGLISH, _AMBIGUOUS):
            found |= {term: (*found.get(term, ()), language) for term in terms - english()}
    return found

"""What the notes that are searched can be chosen by: values with their counts, and what is chosen now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from clinsearch.records.listings import CountBy, NoteCount
from clinsearch.web.addresses import Asked
from clinsearch.web.operations.search_page import SearchPage
from clinsearch.web.parameters import FILTERS, Values

# So many values of each are listed, and so many more offered where one types.
LISTED, OFFERED = 8, 100
LABELS: dict[CountBy, str] = {"type": "Type", "section": "Section", "patient": "Patient", "year": "Year"}
NAMED = {
    "type": "type",
    "exclude_type": "not of type",
    "section": "section",
    "patient": "patient",
    "encounter": "encounter",
    "since": "since",
    "until": "until",
    "where": "where",
}


@dataclass(frozen=True, slots=True)
class Choice:
    """A value, and how many notes have it; address: the search with it alone, of years."""

    value: str
    notes: int
    is_chosen: bool
    address: str = ""


@dataclass(frozen=True, slots=True)
class Facet:
    """What notes are chosen by. listed: the most frequent and those chosen; offered: others; without: have no value."""

    name: str
    label: str
    listed: Sequence[Choice]
    offered: Sequence[Choice]
    others: int
    without: int


@dataclass(frozen=True, slots=True)
class Chip:
    """A value that is chosen, and the search without it."""

    name: str
    label: str
    value: str
    address: str


def facets(page: SearchPage, values: Values, asked: Asked) -> list[Facet]:
    """Return what there is to choose by: what no note has is left out."""
    made = (_facet(by, counts, values, asked) for by, counts in page.counts.items())
    return [one for one in made if one.listed]


def chips(values: Values, asked: Asked) -> list[Chip]:
    """Return what is chosen, as it was written."""
    asked = asked.lacking("k")
    return [
        Chip(one.name, NAMED[one.name], value, asked.lacking(one.name, value).at("/"))
        for one in FILTERS
        for value in (values[one.name] if one.several else filter(None, [values[one.name]]))
    ]


def _facet(by: CountBy, counts: Sequence[NoteCount], values: Values, asked: Asked) -> Facet:
    chosen = _chosen(by, values)
    known = [(one.value, one.notes) for one in counts if one.value is not None]
    listed, rest, there = [], [], set()
    for at, (value, notes) in enumerate(known):
        # Of very many patients none is made a choice but those that are shown.
        key = value.casefold() if chosen else ""
        if key in chosen or at < LISTED or by == "year":
            there.add(key)
            listed.append(Choice(value, notes, key in chosen, _address(by, value, asked)))
        else:
            rest.append((value, notes))
    none = [Choice(value, 0, True) for key, value in chosen.items() if key not in there and by != "year"]
    offered = [Choice(value, notes, False) for value, notes in rest[:OFFERED]]
    without = sum(one.notes for one in counts if one.value is None)
    return Facet(by, LABELS[by], [*none, *listed], offered, len(rest), without)


def _chosen(by: CountBy, values: Values) -> dict[str, str]:
    """Return what is chosen by the key that values are compared by."""
    if by == "year":
        return {values["since"]: values["since"]} if values["since"] and values["since"] == values["until"] else {}
    return {value.casefold(): value for value in values[by]}


def _address(by: CountBy, value: str, asked: Asked) -> str:
    if by != "year":
        return ""
    return asked.lacking("k").having("since", value).having("until", value).at("/")

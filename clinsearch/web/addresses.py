"""Addresses of pages: a path and what is asked for, with nothing that says nothing; and where a search leads."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from starlette.datastructures import QueryParams

from clinsearch.records import Hit, WordHit
from clinsearch.web.operations.found import SEARCHED
from clinsearch.web.operations.ranking import RANKING
from clinsearch.web.parameters import FILTERS

Pair = tuple[str, str]
# What pages take beside their own: of a note, a hit, of patients, of places.
OF_A_SEARCH = frozenset({"q", *(one.name for one in SEARCHED)})
OF_PATIENTS = frozenset({"q", *(one.name for one in (*RANKING, *FILTERS))})
OF_PLACES = OF_PATIENTS | {"k", "diverse"}


def address(path: str, **values: Any) -> str:
    """Return a path with its query; what is None, False or empty is left out, a sequence is given several times."""
    written = {name: value for name, value in values.items() if value not in (None, False, "", (), [])}
    plain = {name: 1 if value is True else value for name, value in written.items()}
    return f"{path}?{urlencode(plain, doseq=True)}" if plain else path


def note_address(note_id: str, start: int | None = None, end: int | None = None) -> str:
    """Return where a note is shown, at a place of it if one is given."""
    return Asked(()).at("/note", _place("id", note_id, start, end))


@dataclass(frozen=True, slots=True)
class Asked:
    """The parameters of a request, those without a value left out."""

    pairs: tuple[Pair, ...]

    @classmethod
    def of(cls, given: QueryParams) -> Asked:
        """Return the parameters of a request in their order."""
        return cls(tuple((name, value) for name, value in given.multi_items() if value.strip()))

    def having(self, name: str, *values: object) -> Asked:
        """Return them with these values of a parameter in place of its own."""
        return Asked((*(pair for pair in self.pairs if pair[0] != name), *((name, str(value)) for value in values)))

    def adding(self, name: str, value: object) -> Asked:
        """Return them with a value more."""
        return Asked((*self.pairs, (name, str(value))))

    def lacking(self, name: str, value: str | None = None) -> Asked:
        """Return them without a parameter, or without one of its values."""
        return Asked(tuple(one for one in self.pairs if one[0] != name or value not in (None, one[1])))

    def only(self, names: Collection[str]) -> Asked:
        """Return those of these names."""
        return Asked(tuple(pair for pair in self.pairs if pair[0] in names))

    def at(self, path: str, first: Iterable[Pair] = ()) -> str:
        """Return the address of a path with these parameters, and some before them."""
        pairs: Sequence[Pair] = (*first, *self.pairs)
        return f"{path}?{urlencode(pairs)}" if pairs else path

    def note(self, hit: Hit | WordHit) -> str:
        """Return the address of the note of a hit, at its place."""
        return self.only(OF_A_SEARCH).at("/note", _place("id", hit.note_id, hit.start, hit.end))

    def why(self, hit: Hit | WordHit) -> str:
        """Return the address that says why a hit was found."""
        return self.only(OF_A_SEARCH).at("/why", _place("note", hit.note_id, hit.start, hit.end))

    def places(self, hit: Hit) -> str:
        """Return the address of all places of a hit's sentence, without the path."""
        return self.only(OF_PLACES).at("/places", _place("id", hit.note_id, hit.start, hit.end))

    def search(self) -> Asked:
        """Return the search that led to a page, if one did: a query, or a word of a note."""
        given = self.only(OF_A_SEARCH)
        return given if given.only({"q", "word"}).pairs else Asked(())

    def back(self) -> str:
        """Return the address of that search; of a word of a note, where it stands; empty if there was none."""
        given = dict(self.pairs)
        if "of" in given and "q" not in given:
            return note_address(given["of"])
        return self.search().at("/") if "q" in given else ""


def _place(name: str, note_id: str, start: int | None, end: int | None) -> list[Pair]:
    place = [] if start is None or end is None else [("start", str(start)), ("end", str(end))]
    return [(name, note_id), *place]

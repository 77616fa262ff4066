"""The addresses of a search: its parameters as they were given, with some changed, added or taken out."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from starlette.datastructures import QueryParams

from clinsearch.records import Hit, WordHit
from clinsearch.web.parameters import FILTERS

Pair = tuple[str, str]
# What a page of one hit, of patients or of places takes beside its own.
FILTER_NAMES = frozenset(one.name for one in FILTERS)
RANKING_NAMES = frozenset({"q", "mode", "assertion", "exact", "synonyms"})
OF_A_HIT = FILTER_NAMES | RANKING_NAMES | {"level", "k", "diverse", "same", "pieces"}
OF_PATIENTS = FILTER_NAMES | RANKING_NAMES
OF_PLACES = FILTER_NAMES | RANKING_NAMES | {"k", "diverse"}


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
        return self.only(OF_A_HIT).at("/note", _place("id", hit))

    def why(self, hit: Hit | WordHit) -> str:
        """Return the address that says why a hit was found."""
        return self.only(OF_A_HIT).at("/why", _place("note", hit))

    def places(self, hit: Hit) -> str:
        """Return the address of all places of a hit's sentence, without the path."""
        return self.only(OF_PLACES).at("/places", _place("id", hit))


def _place(name: str, hit: Hit | WordHit) -> list[Pair]:
    place = [("start", str(hit.start)), ("end", str(hit.end))] if hit.start is not None else []
    return [(name, hit.note_id), *place]

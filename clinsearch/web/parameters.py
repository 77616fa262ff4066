"""The parameters of a request's URL: read, checked and described once, for pages, JSON and the OpenAPI document."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias, cast

from starlette.datastructures import QueryParams

from clinsearch.errors import InputError
from clinsearch.readers.requests import FilterOptions

Values: TypeAlias = Mapping[str, Any]

# As long as a text that is asked for may be, in characters, and as many values as a parameter may be given.
MOST_CHARACTERS, MOST_VALUES = 2_000, 50
# A page is for reading: who wants more asks for the next ones, or uses the command line.
MOST_RESULTS = 200
_SWITCHES = {"1": True, "true": True, "on": True, "yes": True, "0": False, "false": False, "off": False, "no": False}


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter: `kind` is str, int, float or bool; several values are a tuple, one not given is `default`."""

    name: str
    says: str
    kind: type = str
    default: Any = None
    choices: tuple[str, ...] = ()
    least: float | None = None
    most: float | None = None
    several: bool = False
    required: bool = False

    def read(self, given: Sequence[str]) -> Any:
        """Read what a request gives for it; an empty text counts as not given. Raises InputError."""
        written = [text for text in given if text.strip()]
        most = MOST_VALUES if self.several else 1
        if len(written) > most:
            raise InputError(f"{self.name} is given {len(written)} times; {most} is the most.")
        if not written and self.required:
            raise InputError(f"{self.name} is missing: {self.says[0].lower()}{self.says[1:]}")
        values = tuple(map(self._value, written))
        return values if self.several else values[0] if values else self.default

    def _value(self, text: str) -> Any:
        if len(text) > MOST_CHARACTERS:
            raise InputError(
                f"{self.name} has {len(text):,} characters; {MOST_CHARACTERS:,} is the most that is taken."
            )
        if self.kind is bool:
            if text.lower() not in _SWITCHES:
                raise InputError(f"{self.name} is 1 or 0.")
            return _SWITCHES[text.lower()]
        if self.kind in (int, float):
            return self._number(text)
        if self.choices and text not in self.choices:
            raise InputError(f"{self.name} is one of: {', '.join(self.choices)}.")
        return text

    def _number(self, text: str) -> int | float:
        try:
            value: int | float = self.kind(text)
        except ValueError:
            raise InputError(f"{self.name} is a {'whole ' if self.kind is int else ''}number.") from None
        least, most = self.least, self.most
        if not (least is None or value >= least) or not (most is None or value <= most):
            raise InputError(
                f"{self.name} is a number from {least:g} to {most:g}."
                if most is not None and least is not None
                else f"{self.name} is out of range."
            )
        return value


def read(parameters: Sequence[Parameter], given: QueryParams) -> Values:
    """Read all parameters of a request. Raises InputError."""
    if unknown := given.keys() - {one.name for one in parameters}:
        raise InputError(f"There is no parameter {sorted(unknown)[0][:40]!a}.")
    return {one.name: one.read(given.getlist(one.name)) for one in parameters}


K = Parameter("k", "How many results to give.", int, 10, least=1, most=MOST_RESULTS)
OFFSET = Parameter("offset", "How many to pass over first.", int, 0, least=0, most=10**9)
FILTERS = (
    Parameter("type", "Only notes of this type.", several=True),
    Parameter("exclude_type", "No notes of this type.", several=True),
    Parameter("section", "Only what stands in this section.", several=True),
    Parameter("patient", "Only notes of this patient.", several=True),
    Parameter("encounter", "Only notes of this encounter.", several=True),
    Parameter("since", "Only notes from this day, month or year on."),
    Parameter("until", "Only notes up to this day, month or year, which it includes."),
    Parameter("where", 'Only notes that measure this: "A1c > 9".', several=True),
)
_FIELDS = {"type": "note_type", "patient": "patient_id", "encounter": "encounter_id"}


def filters_of(values: Values) -> FilterOptions:
    """Return the filter that a request asks for, as the library takes it."""
    options = {_FIELDS.get(one.name, one.name): values[one.name] for one in FILTERS if values.get(one.name)}
    return cast(FilterOptions, options)

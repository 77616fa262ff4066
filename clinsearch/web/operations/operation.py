"""An operation: the parameters it takes, how a collection answers, and the answer as a record."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from starlette.datastructures import QueryParams

from clinsearch.collection import Collection
from clinsearch.rendering.records.formats import Record
from clinsearch.web.parameters import Parameter, Values, read

T_co = TypeVar("T_co", covariant=True)


@dataclass(frozen=True, slots=True)
class Operation(Generic[T_co]):
    """What may be asked: `name` is its path under /api/v1/, `ask` runs in a worker thread, `record` makes JSON of it.

    schema: the name of the answer's shape in docs/json.md, for the OpenAPI document.
    """

    name: str
    summary: str
    parameters: tuple[Parameter, ...]
    ask: Callable[[Collection, Values], T_co]
    record: Callable[[T_co], Record | Sequence[Record]]

    def read(self, given: QueryParams) -> Values:
        """Read the parameters of a request. Raises InputError for an unknown one and for one out of range."""
        return read(self.parameters, given)

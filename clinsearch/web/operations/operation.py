"""An operation: the parameters it takes, how a collection answers, and the answer as a record."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from starlette.datastructures import QueryParams

from clinsearch.collection import Collection
from clinsearch.rendering.records.formats import Record
from clinsearch.web.operations.shown import note_ids
from clinsearch.web.parameters import Parameter, Values, read

T_co = TypeVar("T_co", covariant=True)

_KNOWN: dict[str, Operation[Any]] = {}


@dataclass(frozen=True, slots=True)
class Operation(Generic[T_co]):
    """What may be asked: `name` is its path under /api/v1/, `ask` runs in a worker thread, or in another process,
    `record` makes JSON of it.

    note_ids: the notes whose text or ids an answer shows, for the audit trail. These are found in every field that ends
    in `note_id`; an operation that keeps them otherwise says here where. Everything that a page or a program is shown
    of notes goes through `answered` (answers.py), which keeps the trail: a view that asked the collection itself would
    get round it. schema: the name of the answer's shape (rendering/records/schemas), where that is not `name`.
    """

    name: str
    summary: str
    parameters: tuple[Parameter, ...]
    ask: Callable[[Collection, Values], T_co]
    record: Callable[[T_co], Record | Sequence[Record]]
    note_ids: Callable[[T_co], Sequence[str]] = note_ids
    schema: str = ""

    def __post_init__(self) -> None:
        """Have it found by its key."""
        _KNOWN[self.key] = self

    @property
    def key(self) -> str:
        """By what another process knows it, which has imported the same modules."""
        return f"{self.ask.__module__}: {self.name}"

    @property
    def shape(self) -> str:
        """The name of the shape of its answer."""
        return self.schema or self.name

    def read(self, given: QueryParams) -> Values:
        """Read the parameters of a request. Raises InputError for an unknown one and for one out of range."""
        return read(self.parameters, given)

    def given(self, values: Values) -> dict[str, Any]:
        """Return what was asked for beyond what holds by default."""
        return {one.name: values[one.name] for one in self.parameters if values[one.name] not in (one.default, ())}


def operation_of(key: str) -> Operation[Any]:
    """Return an operation by its key."""
    return _KNOWN[key]

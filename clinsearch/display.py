"""What every result can do in a notebook: show itself, and turn into plain records and a DataFrame.

How it is shown is the rendering's business, which stands above the values: the package hands it in by `display_with`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol, SupportsIndex, TypeVar, overload

if TYPE_CHECKING:
    import pandas

T = TypeVar("T")


class Display(Protocol):
    """What shows results."""

    def html(self, result: Any, /) -> str:
        """Return a piece of HTML."""

    def records(self, result: Any, /) -> list[dict[str, Any]]:
        """Return plain records."""

    def dataframe(self, result: Any, /) -> pandas.DataFrame:
        """Return the records as a DataFrame. Raises InputError where pandas is not installed."""


_loaders: list[Callable[[], Display]] = []


def display_with(load: Callable[[], Display]) -> None:
    """Say what shows results; `load` is called when the first is shown."""
    _loaders[:] = [load]


class Shown:
    """A result that shows itself in a notebook."""

    __slots__ = ()

    def _repr_html_(self) -> str:
        return _loaders[0]().html(self)

    def to_records(self) -> list[dict[str, Any]]:
        """Return plain records with the keys of docs/json.md; of an explanation, its pairs, the largest share first."""
        return _loaders[0]().records(self)

    def to_dataframe(self) -> pandas.DataFrame:
        """Return the records as a DataFrame. Raises InputError where pandas is not installed."""
        return _loaders[0]().dataframe(self)


class Results(list[T], Shown):
    """A list of results; a slice of it is one too."""

    __slots__ = ()

    @overload
    def __getitem__(self, position: SupportsIndex, /) -> T: ...
    @overload
    def __getitem__(self, position: slice, /) -> Results[T]: ...
    def __getitem__(self, position: SupportsIndex | slice, /) -> T | Results[T]:
        """Return one result, or a slice."""
        found = super().__getitem__(position)
        return Results(found) if isinstance(position, slice) else found  # type: ignore[arg-type, return-value]

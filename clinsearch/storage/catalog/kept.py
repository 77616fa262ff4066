"""A cache of answers of the catalog, shared by the readers of an engine until the next commit."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, TypeVar, cast
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine, select

from clinsearch.storage.catalog.tables import collection

# Of ten million sentences, if a tenth pass a filter, its keys take 8 MB.
MOST_KEPT = 16

T = TypeVar("T")

_Kept = tuple[tuple[Any, ...], dict[Hashable, Any]]
_KEPT: WeakKeyDictionary[Engine, _Kept] = WeakKeyDictionary()


def kept(connection: Connection, name: Hashable, read: Callable[[], T]) -> T:
    """Return what is kept under a name, or read and keep it. Not for writers, which see uncommitted changes."""
    of_commit = _of_commit(connection)
    if name in of_commit:
        return cast(T, of_commit[name])
    found = of_commit[name] = read()
    for oldest in list(of_commit)[:-MOST_KEPT]:
        of_commit.pop(oldest, None)
    return found


def is_kept(connection: Connection, name: Hashable) -> bool:
    """Tell whether something is kept under a name."""
    return name in _of_commit(connection)


def _of_commit(connection: Connection) -> dict[Hashable, Any]:
    commit = connection.execute(select(collection.c.created_at, collection.c.commits)).first()
    if commit is None:  # a catalog without an owner yet
        return {}
    known = _KEPT.get(connection.engine)
    if known is None or known[0] != tuple(commit):
        known = _KEPT[connection.engine] = tuple(commit), {}
    return known[1]

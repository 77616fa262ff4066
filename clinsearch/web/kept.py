"""The last answers that took long, kept in memory: a page, and the files that are made of it, are asked for in turn."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from threading import Lock
from typing import Generic, TypeVar
from weakref import WeakKeyDictionary

from clinsearch.collection import Collection

T = TypeVar("T")

MOST_KEPT = 8
_STAMPED: ContextVar[tuple[Collection, str] | None] = ContextVar("stamped", default=None)


@contextmanager
def stamped(collection: Collection) -> Iterator[str]:
    """Answer as of one commit until the block ends; yields its stamp, by which kept answers are looked up, too."""
    with collection.at_one_commit():
        token = _STAMPED.set((collection, stamp := collection.stamp()))
        try:
            yield stamp
        finally:
            _STAMPED.reset(token)


class LastAnswers(Generic[T]):
    """The last few answers of each collection, by its commit and by what was asked; safe to use from several threads.

    Nothing of them is ever written. is_small: whether an answer is kept.
    """

    def __init__(self, most: int = MOST_KEPT, *, is_small: Callable[[T], bool] = lambda _: True) -> None:
        self._most, self._is_small = most, is_small
        self._kept: WeakKeyDictionary[Collection, OrderedDict[Hashable, T]] = WeakKeyDictionary()
        self._lock = Lock()

    def get(self, collection: Collection, asked: Hashable, answer: Callable[[], T]) -> T:
        """Return the answer to what is asked, from memory if it is there."""
        # The commit first: what is committed while the answer is made is then asked for anew.
        key = (_stamp_of(collection), asked)
        with self._lock:
            kept = self._kept.setdefault(collection, OrderedDict())
            if key in kept:
                kept.move_to_end(key)
                return kept[key]
        found = answer()
        if self._is_small(found):
            with self._lock:
                kept[key] = found
                while len(kept) > self._most:
                    kept.popitem(last=False)
        return found


def _stamp_of(collection: Collection) -> str:
    taken = _STAMPED.get()
    return taken[1] if taken and taken[0] is collection else collection.stamp()

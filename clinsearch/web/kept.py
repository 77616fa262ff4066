"""The last answers that took long, kept in memory: a page, and the files that are made of it, are asked for in turn."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Generic, TypeVar

T = TypeVar("T")

MOST_KEPT = 8


class LastAnswers(Generic[T]):
    """The last few answers by what was asked; safe to use from several threads. Nothing of them is ever written."""

    def __init__(self, most: int = MOST_KEPT) -> None:
        self._most = most
        self._kept: OrderedDict[Hashable, T] = OrderedDict()
        self._lock = Lock()

    def get(self, asked: Hashable, answer: Callable[[], T], *, is_small: Callable[[T], bool]) -> T:
        """Return the answer to what is asked, from memory if it is there; one that is not small is not kept."""
        with self._lock:
            if asked in self._kept:
                self._kept.move_to_end(asked)
                return self._kept[asked]
        found = answer()
        if is_small(found):
            with self._lock:
                self._kept[asked] = found
                while len(self._kept) > self._most:
                    self._kept.popitem(last=False)
        return found

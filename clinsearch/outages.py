"""Asks a collection again whose server went away: its replica may have taken over within seconds."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import wraps
from inspect import isfunction
from typing import Any, TypeVar

from clinsearch.errors import CollectionAway

# For how long a question is asked again, and how long after each other.
WITHIN_S, PAUSE_S = 5.0, 0.2

T = TypeVar("T")


def asks_again(*but: str) -> Callable[[type[T]], type[T]]:
    """Have the public methods of a class, but for those named, run again if the server goes away meanwhile.

    For methods that only ask. Raises CollectionAway once the server has been away for WITHIN_S.
    """

    def decorated(cls: type[T]) -> type[T]:
        for name in dir(cls):
            method = getattr(cls, name)
            if not name.startswith("_") and name not in but and isfunction(method):
                setattr(cls, name, _again(method))
        return cls

    return decorated


def _again(method: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(method)
    def asked(*arguments: Any, **options: Any) -> Any:
        until = None
        while True:
            try:
                return method(*arguments, **options)
            except CollectionAway:
                until = until or time.monotonic() + WITHIN_S
                if time.monotonic() > until:
                    raise
                time.sleep(PAUSE_S)

    return asked

"""How many processors there are, and how many threads numpy takes of them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from threading import Lock

from threadpoolctl import ThreadpoolController

_lock = Lock()
_held = ExitStack()
_holders = 0


def processors() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextmanager
def one_numpy_thread() -> Iterator[None]:
    """Run numpy's matrix products on the calling thread, as long as any `with` block lasts.

    BLAS threads wait for work by spinning, and take that time from the transformer: on two cores, with two of them 460
    sentences a second were encoded with their words, with one 620.
    """
    global _holders
    with _lock:
        if not _holders:
            _held.enter_context(_blas().limit(limits=1))
        _holders += 1
    try:
        yield
    finally:
        with _lock:
            _holders -= 1
            if not _holders:
                _held.close()


@cache
def _blas() -> ThreadpoolController:
    controller: ThreadpoolController = ThreadpoolController().select(user_api="blas")
    return controller

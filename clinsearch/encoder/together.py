"""Encodes the texts that several threads ask for at the same time in one batch: the weights are read only once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from threading import BoundedSemaphore, Lock
from typing import TypeAlias

from clinsearch.encoder.threads import processors
from clinsearch.records import FloatArray

Encode: TypeAlias = Callable[[Sequence[str]], FloatArray]


class Together:
    """Encodes single texts; safe to use from any number of threads, and not slower with one."""

    def __init__(self, encode: Encode) -> None:
        self._encode = encode
        self._waiting: list[tuple[str, Future[FloatArray]]] = []
        self._lock = Lock()
        self._free = BoundedSemaphore(processors())

    def encode(self, text: str) -> FloatArray:
        """Return a text's vector, (hidden_size,); the first thread to get its turn encodes all waiting texts."""
        own: Future[FloatArray] = Future()
        with self._lock:
            self._waiting.append((text, own))
        with self._free:
            if not own.done():
                self._encode_waiting()
        return own.result()

    def _encode_waiting(self) -> None:
        with self._lock:
            taken, self._waiting = self._waiting, []
        if not taken:
            return  # another thread has taken it
        try:
            vectors = self._encode([text for text, _ in taken])
        except BaseException as error:
            for _, future in taken:
                future.set_exception(error)
        else:
            for (_, future), vector in zip(taken, vectors, strict=True):
                future.set_result(vector)

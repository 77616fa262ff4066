"""Answers in processes of their own: threads of one process take turns at Python, and one core does the work of all.

A process takes one question at a time by a pipe, and ends when that is closed, or with the server.
"""

from __future__ import annotations

import multiprocessing
import pickle
import signal
import traceback
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection
from queue import Empty, SimpleQueue
from threading import Lock, Thread
from typing import TypeAlias, TypeVar

from clinsearch.collection import Collection
from clinsearch.errors import ClinsearchError
from clinsearch.rendering.faults import origin, wants_traceback
from clinsearch.rendering.signs import tell
from clinsearch.web.kept import stamped
from clinsearch.web.operations.operation import Operation, operation_of
from clinsearch.web.parameters import Values

T = TypeVar("T")
# The key of an operation, the values of its parameters, and whether a page asks.
Question: TypeAlias = tuple[str, Values, bool]

# Of a process that ends before it is ready so many are started, one after the other.
MOST_STARTS = 3
# Longer than any answer takes.
MOST_SECONDS_WAITING = 300


class ProcessFault(Exception):
    """A question that a process failed at; `origin`: at what, and where."""

    def __init__(self, origin: str) -> None:
        super().__init__(origin)
        self.origin = origin


class Processes:
    """So many processes that answer; until the first is ready, and without any, questions are answered here."""

    def __init__(self, collection: Collection, count: int = 0) -> None:
        self._collection, self._count, self._is_closed = collection, count, False
        self._context = multiprocessing.get_context("spawn")
        self._idle: SimpleQueue[Connection] = SimpleQueue()
        self._ready, self._lock = 0, Lock()

    def start(self) -> None:
        """Start them; returns before they are ready."""
        for _ in range(self._count):
            self._start_one()

    @property
    def are_ready(self) -> bool:
        """Whether all of them are."""
        return self._ready == self._count

    def answer(self, operation: Operation[T], values: Values, *, is_page: bool) -> tuple[T, str]:
        """Answer a question; return the answer, and for a page the stamp of the collection.

        Raises ClinsearchError, MemoryError, ProcessFault.
        """
        if not self._ready:
            return answer_here(self._collection, operation, values, is_page=is_page)
        process = self._given((operation.key, values, is_page))
        try:
            found = process.recv()
        except (EOFError, OSError):
            # Not asked again: what ended one process, for want of memory most often, would end the next.
            self._lose(process)
            raise ProcessFault("a process that answers has ended") from None
        self._give_back(process)
        if isinstance(found, Exception):
            raise found
        answer: tuple[T, str] = found
        return answer

    def close(self) -> None:
        """Let all end: those that are idle at once."""
        self._is_closed, self._ready = True, 0
        while not self._idle.empty():
            self._idle.get().close()

    def _given(self, question: Question) -> Connection:
        """Give a question to an idle process that takes it; replace those that have ended. Raises ProcessFault."""
        while True:
            try:
                process = self._idle.get(timeout=MOST_SECONDS_WAITING)
            except Empty:
                raise ProcessFault("no process answers") from None
            try:
                process.send(question)
                process.recv()
                return process
            except (EOFError, OSError):
                self._lose(process)

    def _give_back(self, process: Connection) -> None:
        if self._is_closed:
            process.close()
        else:
            self._idle.put(process)

    def _lose(self, process: Connection) -> None:
        process.close()
        with self._lock:
            self._ready -= 1
        if not self._is_closed:
            tell("A process that answers has ended; another takes its place.")
            self._start_one()

    def _start_one(self) -> None:
        Thread(target=self._started, daemon=True).start()

    def _started(self) -> None:
        for _ in range(MOST_STARTS):
            ours, theirs = self._context.Pipe()
            self._context.Process(target=_serve, args=(theirs, self._collection.opener()), daemon=True).start()
            theirs.close()
            try:
                ours.recv()
            except (EOFError, OSError):
                continue
            with self._lock:
                self._ready += 1
            self._give_back(ours)
            return
        tell("A process that answers cannot be started: it ends before it is ready.")


def answer_here(collection: Collection, operation: Operation[T], values: Values, *, is_page: bool) -> tuple[T, str]:
    """Answer a question in this process; return the answer, and for a page the stamp of the collection."""
    if is_page:
        with stamped(collection) as stamp:
            return operation.ask(collection, values), stamp
    with collection.at_one_commit():
        return operation.ask(collection, values), ""


def _serve(questions: Connection, opener: Callable[[], Collection]) -> None:
    """Answer questions until there are no more."""
    from clinsearch.web.app import load_views

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the server, which closes the pipe
    load_views()
    try:
        collection = opener()
    except ClinsearchError as error:
        tell(str(error))
        return
    with suppress(ClinsearchError):  # each search will say so
        collection.load_encoder()
    try:
        questions.send(None)  # that it is ready
        while True:
            key, values, is_page = questions.recv()
            questions.send(None)  # that it takes the question
            questions.send_bytes(_written(collection, key, values, is_page=is_page))
    except (EOFError, OSError):
        return


def _written(collection: Collection, key: str, values: Values, *, is_page: bool) -> bytes:
    """Answer a question; return the answer, or the error, as it is sent."""
    try:
        return pickle.dumps(answer_here(collection, operation_of(key), values, is_page=is_page))
    except (ClinsearchError, MemoryError) as error:
        return pickle.dumps(error)
    except Exception as error:
        if wants_traceback():
            traceback.print_exception(error)
        return pickle.dumps(ProcessFault(origin(error)))

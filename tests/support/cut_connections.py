"""A way to a server of the loopback that can be cut, for a moment or until it is mended."""

from __future__ import annotations

import select
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

# Tells of what a client has sent, in pieces as they come, whether the way is to be cut there.
At = Callable[[bytes], bool]


class Way:
    """What clients send and hear goes through here. Attributes: `port`, of its beginning; `cuts`; `pieces`, sent."""

    def __init__(self, server_port: int) -> None:
        self._server_port, self._lock = server_port, threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._is_cut = False
        self._plan: tuple[At, bool, bool] | None = None
        self.port, self.cuts, self.pieces = self._listener.getsockname()[1], 0, 0

    def cut(self, at: At, *, is_sent: bool = False, for_good: bool = False) -> None:
        """Cut the connection that sends such a piece: before the server has it or, `is_sent`, before it answers.

        for_good: all others, too, until `mend`.
        """
        with self._lock:
            self._plan, self.cuts, self.pieces = (at, is_sent, for_good), 0, 0

    def mend(self) -> None:
        """Cut nothing any more."""
        with self._lock:
            self._plan, self._is_cut = None, False

    def serve(self) -> None:
        """Take connections until `close`; return when all have ended."""
        threads = []
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                threads.append(threading.Thread(target=self._pass_on, args=(client,)))
                threads[-1].start()
        for thread in threads:
            thread.join()

    def close(self) -> None:
        """End all connections."""
        self._is_cut = True
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _pass_on(self, client: socket.socket) -> None:
        with client, socket.create_connection(("127.0.0.1", self._server_port)) as server, suppress(OSError):
            while not self._is_cut:
                for one in select.select([client, server], [], [], 0.02)[0]:
                    data = one.recv(1 << 16)
                    is_cut, is_sent = self._noted(data) if one is client and data else (not data, False)
                    if not is_cut or is_sent:
                        (server if one is client else client).sendall(data)
                    if is_cut:
                        return

    def _noted(self, data: bytes) -> tuple[bool, bool]:
        """Tell whether the way is cut at a piece, and whether the server has it nevertheless."""
        with self._lock:
            self.pieces += 1
            if self._plan is None or not self._plan[0](data):
                return False, False
            _, is_sent, self._is_cut = self._plan
            self._plan, self.cuts = None, self.cuts + 1
            return True, is_sent


@contextmanager
def way_to(port: int) -> Iterator[Way]:
    """Give a way to the server at a port."""
    way = Way(port)
    serving = threading.Thread(target=way.serve)
    serving.start()
    try:
        yield way
    finally:
        way.close()
        serving.join()


def in_turn(*parts: bytes) -> At:
    """Return what tells when these have been sent in this order, each in a piece of its own or with the one before."""
    left = list(parts)

    def is_sent(piece: bytes) -> bool:
        at = 0
        while left and (found := piece.find(left[0], at)) >= 0:
            at = found + len(left.pop(0))
        return not left

    return is_sent


def after(pieces: int) -> At:
    """Return what tells when so many pieces have been sent, and one more."""
    left = iter(range(pieces))
    return lambda _: next(left, None) is None

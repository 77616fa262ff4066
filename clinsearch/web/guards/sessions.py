"""Who is signed in, and who has failed to: kept in memory alone, so that all sign in again when the server starts."""

from __future__ import annotations

import secrets
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from hashlib import sha256

# A working day, and a long break in it.
MOST_SECONDS, MOST_IDLE_SECONDS = 12 * 3600, 2 * 3600
MOST_SESSIONS = 10_000
# So many wrong tokens in so many seconds, and more are not looked at; a right one neither.
MOST_FAILED, FAILED_SECONDS = 10, 60
MOST_CLIENTS = 10_000

Clock = Callable[[], float]


class Sessions:
    """Those who signed in, by the hash of the id that only their browser has."""

    def __init__(self, clock: Clock = time.monotonic) -> None:
        self._clock = clock
        # By hash: the name, when it began and when it was last used; the longest unused come first.
        self._found: OrderedDict[bytes, tuple[str, float, float]] = OrderedDict()

    def start(self, name: str) -> str:
        """Begin a session, and return its id, which is drawn at random."""
        made, now = secrets.token_urlsafe(32), self._clock()
        self._found[_hash(made)] = name, now, now
        if len(self._found) > MOST_SESSIONS:
            self._found.popitem(last=False)
        return made

    def name_of(self, session: str) -> str | None:
        """Return whose session it is, None for one that is over or never was."""
        key, now = _hash(session), self._clock()
        if key not in self._found:
            return None
        name, begun, used = self._found[key]
        if now - begun > MOST_SECONDS or now - used > MOST_IDLE_SECONDS:
            del self._found[key]
            return None
        self._found[key] = name, begun, now
        self._found.move_to_end(key)
        return name

    def end(self, session: str) -> None:
        """End a session."""
        self._found.pop(_hash(session), None)


class Attempts:
    """Wrong tokens by client, the latest of them."""

    def __init__(self, clock: Clock = time.monotonic) -> None:
        self._clock = clock
        self._failed: OrderedDict[str, deque[float]] = OrderedDict()

    def wait(self, client: str) -> int:
        """Return for how many seconds a client has to wait before its next token is looked at, 0 for none."""
        failed = self._failed.get(client)
        if failed is None or len(failed) < MOST_FAILED:
            return 0
        return max(0, int(failed[0] + FAILED_SECONDS - self._clock()) + 1)

    def fail(self, client: str) -> None:
        """Count a wrong token."""
        self._failed.setdefault(client, deque(maxlen=MOST_FAILED)).append(self._clock())
        self._failed.move_to_end(client)
        if len(self._failed) > MOST_CLIENTS:
            self._failed.popitem(last=False)

    def forget(self, client: str) -> None:
        """Forget the wrong tokens of a client that has given a right one."""
        self._failed.pop(client, None)


def _hash(session: str) -> bytes:
    return sha256(session.encode(errors="surrogatepass")).digest()

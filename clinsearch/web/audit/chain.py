"""Lines of JSON that are chained: none can be changed, left out or put in without the ones after it telling."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import IO, Any

from clinsearch.errors import AuditError

# What the first line of all has for the hash of the one before.
START = "0" * 64
# What the first line of a file that goes on with another says that it does.
CONTINUED = "continued"
# A line that shows the map of a large collection names thousands of notes; a longer one is none of ours.
MOST_LINE_BYTES = 64 << 20
_HASH = ',"hash":"'
_TAIL = len(_HASH) + 64 + len('"}')


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check found: how many lines hold, the hash of the last of them, and why the next, if any, does not.

    holds: whether the line that was sought is among them. bytes: how long they are. is_torn: whether all that is wrong
    is a last line that was not written to its end.
    """

    lines: int
    last: str
    bytes: int
    holds: bool = False
    fault: str | None = None
    is_torn: bool = False


def chained(entry: Mapping[str, Any], previous: str) -> tuple[bytes, str]:
    """Return a line, and its hash: the SHA-256 of the line without the hash itself."""
    text = json.dumps({**entry, "previous": previous}, separators=(",", ":"))
    digest = sha256(text.encode()).hexdigest()
    return f'{text[:-1]}{_HASH}{digest}"}}\n'.encode(), digest


def check(path: Path, previous: str | None = None, sought: str | None = None) -> Checked:
    """Check a file, line by line; `previous` is the hash that it must go on from. Raises AuditError.

    sought: the hash of a line to look for.
    """
    try:
        with path.open("rb") as file:
            return _checked(file, previous, sought)
    except OSError as error:
        raise AuditError(f"{path} cannot be read: {(error.strerror or 'it failed').lower()}.") from None


def _checked(file: IO[bytes], previous: str | None, sought: str | None) -> Checked:
    found = Checked(0, previous or START, 0)
    for line in _lines(file):
        if not line.endswith(b"\n"):
            fault = "it was not written to its end"
            return replace(found, fault=fault, is_torn=len(line) < MOST_LINE_BYTES)
        entry, digest = _read(line)
        if entry is None:
            return replace(found, fault="it is not as it was written: its hash is another")
        begins_here = not found.lines and previous is None and entry.get("what") == CONTINUED
        if not begins_here and entry.get("previous") != found.last:
            return replace(found, fault="it does not follow the line before: one was put in or taken out")
        holds = found.holds or digest == sought
        found = Checked(found.lines + 1, digest, found.bytes + len(line), holds)
    return found


def _lines(file: IO[bytes]) -> Iterator[bytes]:
    while line := file.readline(MOST_LINE_BYTES):
        yield line


def _read(line: bytes) -> tuple[dict[str, Any] | None, str]:
    """Return a line's entry and hash; no entry if the line is not what its hash is of."""
    try:
        text = line[:-1].decode("ascii")
        entry = json.loads(text)
    except (ValueError, RecursionError):
        return None, ""
    body, tail = text[:-_TAIL], text[-_TAIL:]
    digest = sha256(f"{body}}}".encode()).hexdigest()
    return (entry, digest) if isinstance(entry, dict) and tail == f'{_HASH}{digest}"}}' else (None, "")

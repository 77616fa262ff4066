"""The tokens that let someone in: read from a file that others cannot read, compared in constant time."""

from __future__ import annotations

import hmac
import os
import re
import stat
from hashlib import sha256
from pathlib import Path

from clinsearch.errors import SettingError

LEAST_CHARACTERS, MOST_BYTES = 32, 64 << 10
# Who uses a token without a name, in the audit trail.
UNNAMED = "token"
_LINE = re.compile(r"(?:(?P<name>[\w.@-]{1,64})[ \t]+)?(?P<token>[!-~]+)", re.ASCII)
_REMEDY = "Make one with `openssl rand -hex 32`."


class Tokens:
    """The tokens of a file, which has one a line, each with a name before it or none."""

    def __init__(self, path: Path) -> None:
        """Read a file. Raises SettingError."""
        self._names: dict[bytes, str] = {}
        for number, line in enumerate(_text(path).splitlines(), start=1):
            if line.strip() and not line.startswith("#"):
                name, token = _read(line.strip(), f"Line {number} of {path}")
                self._names[_digest(token)] = name
        if not self._names:
            raise SettingError(f"{path} holds no token. {_REMEDY}")

    def name_of(self, token: str) -> str | None:
        """Return whose token it is, None if it is nobody's; takes the same time for every token."""
        digest, found = _digest(token), None
        for known, name in self._names.items():
            found = name if hmac.compare_digest(known, digest) else found
        return found


def _digest(token: str) -> bytes:
    return sha256(token.encode(errors="surrogatepass")).digest()


def _read(line: str, where: str) -> tuple[str, str]:
    found = _LINE.fullmatch(line)
    if found is None:
        raise SettingError(f"{where} is no token: it takes a name, or none, and a token without blanks, all in ASCII.")
    if len(found["token"]) < LEAST_CHARACTERS:
        raise SettingError(f"{where} has a token of fewer than {LEAST_CHARACTERS} characters. {_REMEDY}")
    return found["name"] or UNNAMED, found["token"]


def _text(path: Path) -> str:
    try:
        file = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise SettingError(f"{path} cannot be read: {(error.strerror or 'it failed').lower()}. {_REMEDY}") from None
    try:
        found = os.fstat(file)
        if not stat.S_ISREG(found.st_mode) or found.st_uid not in (0, os.geteuid()):
            raise SettingError(f"{path} is not a file of your own.")
        if found.st_mode & 0o077:
            raise SettingError(f"{path} can be read by others, and holds a token. Run `chmod 600` on it.")
        content = os.read(file, MOST_BYTES + 1)
    finally:
        os.close(file)
    if len(content) > MOST_BYTES or not content.isascii():
        raise SettingError(f"{path} is no file of tokens: it takes at most {MOST_BYTES:,} bytes of ASCII.")
    return content.decode("ascii")

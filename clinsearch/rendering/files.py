"""Writes pages and pictures: whole or not at all, and readable by their owner alone, for they show text of notes."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path

from clinsearch.errors import InputError


def write_file(path: Path, content: bytes) -> None:
    """Put a file in place, over one of the same name. Raises InputError if it cannot be written."""
    # A link stays, and what it leads to is written.
    target = Path(os.path.realpath(path))
    if os.path.lexists(target) and not target.is_file():
        raise InputError(f"{path} cannot be written: it is not a file.")
    draft = target.with_name(f".{secrets.token_hex(8)}.tmp")
    try:
        with os.fdopen(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
            file.write(content)
        draft.replace(target)
    except OSError as error:
        with suppress(OSError):
            draft.unlink()
        reason = (error.strerror or type(error).__name__).lower()
        raise InputError(f"{path} cannot be written: {reason}.") from None

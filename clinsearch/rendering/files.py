"""Writes files with text of notes: whole or not at all, and readable by their owner alone."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from clinsearch.errors import InputError

_NEW = os.O_CREAT | os.O_EXCL | os.O_WRONLY


def write_file(path: Path, content: bytes) -> None:
    """Put a file in place, over one of the same name. Raises InputError if it cannot be written."""
    with new_file(path) as file:
        file.write(content)


@contextmanager
def new_file(path: Path, *, may_replace: bool = True) -> Iterator[BinaryIO]:
    """Yield a file that is put in place when the `with` block ends without an error.

    Raises InputError if it cannot be written, or is there and must not be replaced.
    """
    # A link stays, and what it leads to is written.
    target = Path(os.path.realpath(path))
    if os.path.lexists(target) and not target.is_file():
        raise InputError(f"{path} cannot be written: it is not a file.")
    draft = target.with_name(f".{secrets.token_hex(8)}.tmp")
    is_reserved = False
    try:
        if not may_replace:
            os.close(os.open(target, _NEW, 0o600))
            is_reserved = True
        with os.fdopen(os.open(draft, _NEW, 0o600), "wb") as file:
            yield file
        draft.replace(target)
        is_reserved = False
    except FileExistsError:
        raise InputError(f"{path} is there already. Choose another name, or replace it with --force.") from None
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        raise InputError(f"{path} cannot be written: {reason}.") from None
    finally:
        with suppress(OSError):
            draft.unlink()
        if is_reserved:
            target.unlink(missing_ok=True)

"""Words in pictures of pages, by the command `tesseract` where it is installed."""

from __future__ import annotations

import os
import shutil
import subprocess

from clinsearch.errors import InputError

_SECONDS = 180
_COMMAND = "tesseract"


def require_tesseract() -> None:
    """Raise InputError unless Tesseract is installed."""
    if shutil.which(_COMMAND) is None:
        raise InputError(
            "Scans are read by Tesseract, and there is no command tesseract. Install it, or leave --ocr out."
        )


def words_of(picture: bytes) -> str:
    """Return the words in a picture of a page, line by line; nothing if Tesseract fails."""
    environment = {**os.environ, "OMP_THREAD_LIMIT": "1"}
    try:
        done = subprocess.run(
            [_COMMAND, "stdin", "stdout"],
            input=picture,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=_SECONDS,
            env=environment,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.decode("utf-8", "replace").replace("\f", "") if done.returncode == 0 else ""

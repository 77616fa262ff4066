"""Sums of the files that are kept of a model, so that one which has changed on the disk is not run.

A sum of 64-bit words, which takes a fifth of a CRC's time: of 90 MB some 20 ms at every start. It notices any byte that
has changed and any part that is gone; it is no protection against somebody who means to deceive.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

import numpy as np

SUMS_FILE = "sums.json"
WORD_BYTES = 8
BYTES_AT_ONCE = 1 << 18


def note_sums(folder: Path, names: Iterable[str]) -> None:
    """Note the sums of files in a folder, in place of what was noted of them. Raises OSError."""
    sums = _read(folder) | {name: file_sum(folder / name) for name in names}
    draft = folder / f"{SUMS_FILE}.tmp"
    draft.write_text(json.dumps({name: of for name, of in sums.items() if (folder / name).exists()}), encoding="utf-8")
    draft.replace(folder / SUMS_FILE)


def require_sums(folder: Path, *names: str) -> None:
    """Raise ValueError unless these files have the sums that were noted of them, OSError if one cannot be read."""
    sums = _read(folder)
    for name in names:
        if sums.get(name) != file_sum(folder / name):
            raise ValueError


def file_sum(path: Path) -> list[int]:
    """Return a file's size and the sum of its words."""
    size, total = 0, 0
    with path.open("rb") as file:
        while piece := file.read(BYTES_AT_ONCE):
            size += len(piece)
            words = np.frombuffer(piece + bytes(-len(piece) % WORD_BYTES), dtype="<u8")
            total += int(words.sum(dtype=np.uint64))
    return [size, total % 2**64]


class Blobs:
    """A model as it was compiled for this machine: files that another program writes, and makes again if they lack."""

    def __init__(self, folder: Path) -> None:
        """Remove what is not as it was written."""
        self._folder = folder
        for name in self._names():
            try:
                require_sums(folder, name)
            except (OSError, ValueError):
                with suppress(OSError):
                    (folder / name).unlink(missing_ok=True)
        self._before = self._names()

    def were_made(self) -> bool:
        """Tell whether there was none, or more have come since."""
        return not self._before or self._names() != self._before

    def note(self) -> None:
        """Note the sums of what has come."""
        with suppress(OSError):  # a cache that cannot be written to
            if more := self._names() - self._before:
                note_sums(self._folder, more)

    def _names(self) -> set[str]:
        return {path.name for path in self._folder.glob("*.blob")}


def _read(folder: Path) -> dict[str, list[int]]:
    try:
        record = json.loads((folder / SUMS_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return record if isinstance(record, dict) else {}

"""The Binary resources of bulk exports: a great many in a file, of which each is looked up by its id."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

from clinsearch.readers.outcomes import CannotRead, system_reason

# A line with the longest document in base64.
_MOST_LINE_BYTES = 140_000_000
_MOST_KNOWN = 5_000_000


class BulkBinaries:
    """Finds a Binary in NDJSON files by its id; only where each stands is kept, once the first is asked for."""

    def __init__(self, files: Iterable[Path]) -> None:
        self._files = tuple(files)
        self._places: dict[str, tuple[Path, int, int]] | None = None

    def find(self, binary_id: str) -> bytes | None:
        """Return the resource of this id in JSON, None if there is none; raise CannotRead if it cannot be read."""
        if self._places is None:
            self._places = dict(self._met())
        if (place := self._places.get(binary_id)) is None:
            return None
        path, start, size = place
        try:
            with path.open("rb") as file:
                file.seek(start)
                return file.read(size)
        except OSError as error:
            raise CannotRead(f"its document may not be read: {system_reason(error)}", kind="attachment") from None

    def _met(self) -> Iterator[tuple[str, tuple[Path, int, int]]]:
        known = 0
        for path in self._files:
            try:
                with path.open("rb") as file:
                    start = 0
                    while known < _MOST_KNOWN and (line := file.readline(_MOST_LINE_BYTES)):
                        if name := _id_in(line):
                            known += 1
                            yield name, (path, start, len(line))
                        start += len(line)
            except OSError:
                continue  # whose documents are then not found


def _id_in(line: bytes) -> str | None:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return None
    name = value.get("id") if isinstance(value, dict) and value.get("resourceType") == "Binary" else None
    return name if isinstance(name, str) else None

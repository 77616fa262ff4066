"""Settings as records; the keys are documented in docs/json.md."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from clinsearch.records.locations import Database
from clinsearch.rendering.records.formats import Record
from clinsearch.settings import SearchedFile, Setting

# Behind it may be a password, written in a way that leaves its end open.
_BEHIND_SCHEME = re.compile(r"://.*", re.DOTALL)


def setting_records(settings: Sequence[Setting]) -> list[Record]:
    """Return settings as records, without what is secret."""
    return [
        {
            "command": one.command,
            "key": one.key,
            "value": shown(one.value),
            "origin": one.origin,
            "place": one.place,
        }
        for one in settings
    ]


def file_records(files: Sequence[SearchedFile]) -> list[Record]:
    """Return the places where settings are looked for as records."""
    return [
        {"kind": one.file.kind, "path": str(one.file.path.absolute()), "state": one.state, "reason": one.reason}
        for one in files
    ]


def shown(value: Any) -> Any:
    """Return a value without what is secret: of a URL only the kind is shown, of a database what is safe."""
    if isinstance(value, Database):
        return str(value)
    if isinstance(value, list | tuple):
        return [shown(one) for one in value]
    if isinstance(value, str | Path):
        return _BEHIND_SCHEME.sub("://…", str(value))
    return value

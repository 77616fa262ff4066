"""Settings, and the files they are looked for in, for reading in a terminal."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from clinsearch.rendering.records.settings import file_records, setting_records
from clinsearch.rendering.signs import one_line
from clinsearch.rendering.terminal.layout import columns, write
from clinsearch.settings import SearchedFile, Setting

STATES = {
    "read": "read",
    "absent": "not there",
    "unused": "not read: the one above goes before it",
    "refused": "refused",
}


def print_settings(settings: Sequence[Setting]) -> None:
    """Show each setting, its value, and where that comes from."""
    table = columns(count=3)
    for one in setting_records(settings):
        name = f"[{one['command']}] {one['key']}" if one["command"] else one["key"]
        place = f"${one['place']}" if one["origin"] == "environment" else one["place"] or "default"
        table.add_row(name, one_line(_value(one["value"])), one_line(place))
    write(table)


def print_files(files: Sequence[SearchedFile]) -> None:
    """Show where settings are looked for, those first that go before others, and what was found there."""
    table = columns(count=3)
    for one in file_records(files):
        said = one["reason"] or STATES[one["state"]]
        table.add_row(one["kind"], one_line(one["path"]), one_line(said))
    write(table)


def _value(value: Any) -> str:
    if value is None or value == []:
        return "not set"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)

"""The list of all that is read."""

from __future__ import annotations

from clinsearch.readers.compression import COMPRESSIONS
from clinsearch.readers.extras import Extra
from clinsearch.readers.formats import FORMATS
from clinsearch.readers.plugins import plugged_in
from clinsearch.readers.presets import PRESETS
from clinsearch.records.previews import ReadFormat


def list_formats() -> list[ReadFormat]:
    """List the formats, compressions, presets of tables and installed plug-ins; nothing is loaded for it."""
    formats = [_format("format", form.what, form.name, form.endings, form.extra) for form in FORMATS]
    packed = [_format("compression", one.name, one.name, (one.ending,), one.extra) for one in COMPRESSIONS]
    presets = [ReadFormat("preset", preset.name, preset.what, ()) for preset in PRESETS]
    plugins = [ReadFormat("plugin", point.value, point.value, (ending,)) for ending, point in plugged_in().items()]
    return [*formats, *packed, *presets, *plugins]


def _format(kind: str, what: str, name: str, endings: tuple[str, ...], extra: Extra | None) -> ReadFormat:
    needs = extra.command if extra and not extra.is_installed else None
    return ReadFormat(kind, name, what, endings, extra.name if extra else None, needs)

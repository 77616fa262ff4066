"""Search clinical notes by meaning, on this machine alone, and see exactly why they match.

import clinsearch

clinsearch.index(["sample_notes"], "clinsearch-data")
notes = clinsearch.open("clinsearch-data")
hits = notes.search("short of breath lying flat", k=10, note_type="discharge summary")
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from clinsearch import display as _display

if TYPE_CHECKING:
    from clinsearch.collection import Collection
    from clinsearch.collection import Collection as open  # noqa: N813  (as the library's user reads it)
    from clinsearch.encoder.encoder import Encoder, load_encoder
    from clinsearch.errors import ClinsearchError
    from clinsearch.explanation import explain_texts
    from clinsearch.indexing.copying import copy
    from clinsearch.indexing.index import index
    from clinsearch.inspection.description import describe
    from clinsearch.inspection.layers import word_layers
    from clinsearch.inspection.vocabulary import load_vocabulary
    from clinsearch.readers.sql import QueryNotes
    from clinsearch.rendering.exports.notes import export_notes
    from clinsearch.saved_searches import SavedSearches
    from clinsearch.storage import waiting

# Imported when they are asked for: torch alone takes a second.
_HOMES = {
    "ClinsearchError": ("errors", "ClinsearchError"),
    "Collection": ("collection", "Collection"),
    "Encoder": ("encoder.encoder", "Encoder"),
    "QueryNotes": ("readers.sql", "QueryNotes"),
    "SavedSearches": ("saved_searches", "SavedSearches"),
    "copy": ("indexing.copying", "copy"),
    "describe": ("inspection.description", "describe"),
    "explain_texts": ("explanation", "explain_texts"),
    "export_notes": ("rendering.exports.notes", "export_notes"),
    "index": ("indexing.index", "index"),
    "load_encoder": ("encoder.encoder", "load_encoder"),
    "load_vocabulary": ("inspection.vocabulary", "load_vocabulary"),
    "open": ("collection", "Collection"),
    "waiting": ("storage", "waiting"),
    "word_layers": ("inspection.layers", "word_layers"),
}

__all__ = [
    "ClinsearchError",
    "Collection",
    "Encoder",
    "QueryNotes",
    "SavedSearches",
    "copy",
    "describe",
    "explain_texts",
    "export_notes",
    "index",
    "load_encoder",
    "load_vocabulary",
    "open",
    "waiting",
    "word_layers",
]


_display.display_with(lambda: importlib.import_module("clinsearch.rendering.notebook"))


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'clinsearch' has no attribute {name!r}")
    module, attribute = _HOMES[name]
    return getattr(importlib.import_module(f"clinsearch.{module}"), attribute)

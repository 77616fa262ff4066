"""Reads what can be read of a damaged catalog, past SQLite, and writes nothing to its folder."""

from clinsearch.storage.folder.rescuing.notes import Remains, read_remains

__all__ = ["Remains", "read_remains"]

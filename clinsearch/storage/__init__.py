"""The collection: notes, and the vectors made from them, behind the `port`.

The only implementation keeps a folder: a SQLite catalog (`catalog/`), which is the truth, and FAISS files (`spaces/`),
which are made from it. It is imported only when a collection is opened, since that takes a while.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from clinsearch.storage.port import Reader, Writer

__all__ = ["is_made", "open_reader", "open_writer"]


def open_reader(folder: Path) -> Reader:
    """Open a collection for reading. Raises CollectionNotFound, CollectionVersion, CollectionDamaged."""
    from clinsearch.storage import snapshots

    return snapshots.Reader(folder)


def open_writer(folder: Path, *, create: bool = False) -> Writer:
    """Open a collection for changes, in a `with` block; `create` makes it if there is none.

    Raises CollectionNotFound, CollectionBusy, CollectionVersion, CollectionDamaged.
    """
    from clinsearch.storage import writer

    return writer.Writer(folder, create=create)


def is_made(folder: Path) -> bool:
    """Tell whether there is a collection."""
    from clinsearch.storage.catalog.database import CATALOG_FILE

    return (folder / CATALOG_FILE).exists()

"""Turns a collection into one of an older schema: what migrations of after it made is taken back."""

from __future__ import annotations

import sqlite3

# By migration, what undoes it.
UNDONE = {
    "0010": ("ALTER TABLE sentences DROP COLUMN language", "DROP TABLE languages"),
    "0009": ("ALTER TABLE notes DROP COLUMN headings",),
    "0008": ("DROP TABLE measurements",),
    "0007": ("DROP TABLE text_lengths", "DROP TABLE sentence_postings", "DROP TABLE note_postings"),
}


def take_back(catalog: sqlite3.Connection, revision: str) -> None:
    """Take back all migrations after a revision, the last first."""
    for later in sorted(UNDONE, reverse=True):
        if later > revision:
            for statement in UNDONE[later]:
                catalog.execute(statement)
    catalog.execute("UPDATE alembic_version SET version_num = ?", (revision,))

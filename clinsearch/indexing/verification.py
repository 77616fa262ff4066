"""Checks and backups of a collection, by the rules that its texts are read by."""

from __future__ import annotations

import os
from pathlib import Path

from clinsearch import storage
from clinsearch.language import read_note, read_sentences, terms_of
from clinsearch.records.backups import BackupReport
from clinsearch.records.locations import Location
from clinsearch.records.verification import Verification
from clinsearch.storage.values import Rules

RULES = Rules(read_note, read_sentences, terms_of)


def verify(location: Location, *, full: bool) -> Verification:
    """Check a collection against itself; full: read all texts again, not a sample. Raises CollectionNotFound."""
    return storage.verify(location, RULES, full=full)


def back_up(location: Location, target: str | os.PathLike[str]) -> BackupReport:
    """Copy a collection to a folder that is not there, or empty, and check the copy. Raises CollectionError."""
    return storage.back_up(location, Path(target).absolute(), RULES)

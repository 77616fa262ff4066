"""Checks all of a collection's folder, as of one commit, while a writer may be at work; writes nothing."""

from __future__ import annotations

import time
from pathlib import Path

from sqlalchemy import Engine

from clinsearch.records.verification import Verification
from clinsearch.storage.catalog.ownership import Ownership
from clinsearch.storage.folder.database import CATALOG_FILE, check_revision, open_engine, transaction
from clinsearch.storage.folder.own_files import VECTORS_FOLDER, nothing_at, require_folder
from clinsearch.storage.folder.sealing import SealedCatalog, commits_of
from clinsearch.storage.folder.vectors import VectorCatalog
from clinsearch.storage.folder.verifying import beside, catalog, places, readings, vectors
from clinsearch.storage.folder.verifying.findings import Findings
from clinsearch.storage.values import Rules

# A writer may merge files while they are read; then all is looked at again, as of its last commit.
ATTEMPTS = 10


def verify(folder: Path, rules: Rules, *, full: bool) -> Verification:
    """Check a collection; full: read all texts again, not a sample of them. Raises CollectionNotFound."""
    require_folder(folder)
    started = time.monotonic()
    engine = open_engine(folder, writing=False)
    for attempt in range(1, ATTEMPTS + 1):
        findings = Findings(folder)
        if _verified(folder, engine, rules, findings, full=full) or attempt == ATTEMPTS:
            break
    seconds = time.monotonic() - started
    return Verification(str(folder), full, findings.checked, tuple(findings.damages), seconds)


def _verified(folder: Path, engine: Engine, rules: Rules, findings: Findings, *, full: bool) -> bool:
    """Check all once; tell whether no file of vectors was missing that the last commit does without."""
    with findings.naming(CATALOG_FILE, findings.rescue):
        sealed = SealedCatalog(folder, engine)
        sealed.look()
    with findings.naming(CATALOG_FILE, findings.rescue), transaction(engine, folder) as connection:
        if not check_revision(connection, folder) or Ownership(connection).encoder() is None:
            raise nothing_at(folder)
        sealed.require_commits(connection)
        catalog.check(connection, findings)
        commits = commits_of(connection)
        places.check(connection, findings)
        readings.check(connection, rules, findings, full=full)
        vectors.check(connection, folder / VECTORS_FOLDER, findings)
        missing = [name for name in findings.missing if _is_needed(engine, folder, name, commits)]
        beside.check(folder, findings)
        return len(missing) == len(findings.missing)
    return True


def _is_needed(engine: Engine, folder: Path, name: str, commits: int) -> bool:
    """Tell whether a file that was not found is one of the last commit."""
    with transaction(engine, folder) as connection:
        return commits_of(connection) == commits or name in {file.name for file in VectorCatalog(connection).files()}

"""Copies a collection's folder, as of one commit, while a writer may be at work: all of it, or nothing.

The catalog is copied by SQLite's own backup, in the transaction that also says which files of vectors belong to it.
These never change; one that a writer has removed meanwhile has the copying begin anew. The copy gets its name when all
is on the disk and was checked.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import secrets
import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from clinsearch.errors import CollectionDamaged, InputError, Stopped
from clinsearch.records.backups import BackupReport
from clinsearch.storage.catalog.counted import all_counts
from clinsearch.storage.folder.database import CATALOG_FILE, create_catalog_file, plain_errors
from clinsearch.storage.folder.flushing import flush_folder, make_folders
from clinsearch.storage.folder.own_files import VECTORS_FOLDER, not_writable
from clinsearch.storage.folder.saved_searches import read_saved, saved_names, write_saved
from clinsearch.storage.folder.seal import close_seal
from clinsearch.storage.folder.sealing import commits_of
from clinsearch.storage.folder.snapshots import ATTEMPTS_TO_OPEN, Reader, missing_vectors
from clinsearch.storage.folder.spaces.files import VectorFile, damaged
from clinsearch.storage.folder.vectors import VectorCatalog
from clinsearch.storage.folder.verifying import verify
from clinsearch.storage.values import Rules

BYTES_AT_ONCE = 1 << 20


def back_up(folder: Path, target: Path, rules: Rules) -> BackupReport:
    """Copy a collection to a folder that is not there, or empty. Raises CollectionError."""
    started = time.monotonic()
    require_free(target, folder)
    reader = Reader(folder)
    with draft_of(target) as draft:
        counts, files = _copied(reader, draft)
        names = saved_names(folder)
        for name in names:
            write_saved(draft, read_saved(folder, name))
        found = verify(draft, rules, full=False)
        if found.damages:
            worst = found.damages[0]
            raise CollectionDamaged(
                f"The collection at {folder} is not backed up: of {worst.name} {worst.wrong}. Mend it with "
                f"`{worst.remedy.replace(str(draft), str(folder))}`; `clinsearch verify` names all that is damaged."
            )
        size = sum(path.stat().st_size for path in draft.rglob("*") if path.is_file())
    seconds = time.monotonic() - started
    return BackupReport(
        str(folder), str(target), counts["notes"], counts["sentences"], files, len(names), size, seconds
    )


def require_free(target: Path, source: Path) -> None:
    """Raise InputError unless a folder is not there, or empty, and not in another or the same."""
    if source.resolve() in (target.resolve(), *target.resolve().parents):
        raise InputError(f"{target} is in the collection's own folder. Name another place.")
    if os.path.lexists(target) and (target.is_symlink() or not target.is_dir() or any(target.iterdir())):
        raise InputError(f"{target} is there already, and is not an empty folder. Name another place.")


@contextmanager
def draft_of(target: Path) -> Iterator[Path]:
    """Yield a folder beside a target that gets the target's name at the end of the `with` block, on the disk by then.

    It goes if anything fails; what a killed process left of one goes with the next.
    """
    _remove_left(target)
    held: int | None = None
    draft = target.with_name(f".{target.name}.{secrets.token_hex(8)}.tmp")
    try:
        make_folders(target.parent)
        draft.mkdir(mode=0o700)
        held = os.open(draft, os.O_RDONLY | os.O_DIRECTORY)
        fcntl.flock(held, fcntl.LOCK_EX)  # until this process ends, however it does
        yield draft
        for path in (*(one for one in draft.rglob("*") if one.is_dir()), draft):
            flush_folder(path)
        draft.replace(target)
        flush_folder(target.parent)
    except OSError as error:
        raise not_writable(target, error) from None
    except KeyboardInterrupt:
        raise Stopped(f"Stopped. {target} was not made; begin again.") from None
    finally:
        shutil.rmtree(draft, ignore_errors=True)
        if held is not None:
            os.close(held)


def _remove_left(target: Path) -> None:
    """Remove drafts beside a target that no process holds any more: they are copies of notes."""
    ours = re.compile(rf"\.{re.escape(target.name)}\.[0-9a-f]{{16}}\.tmp")
    with suppress(OSError):
        for path in target.parent.iterdir():
            if ours.fullmatch(path.name) and path.is_dir() and not path.is_symlink():
                with suppress(OSError):
                    _remove_unless_held(path)


def _remove_unless_held(draft: Path) -> None:
    handle = os.open(draft, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(draft, ignore_errors=True)
    finally:
        os.close(handle)


def _copied(reader: Reader, draft: Path) -> tuple[dict[str, int], int]:
    """Copy catalog and vectors of one commit; return the catalog's counts, and the number of files of vectors."""
    for attempt in range(1, ATTEMPTS_TO_OPEN + 1):
        with reader.catalog() as (catalog, _):
            connection = catalog.connection
            files = VectorCatalog(connection).files()
            _copy_catalog(connection, draft)
            counts, commits = dict(all_counts(connection)), commits_of(connection)
        try:
            _copy_vectors(reader.folder / VECTORS_FOLDER, draft / VECTORS_FOLDER, files)
        except FileNotFoundError as error:
            if attempt == ATTEMPTS_TO_OPEN:
                raise missing_vectors(error) from None
            continue
        break
    close_seal(draft, draft / CATALOG_FILE, commits)
    return counts, len(files)


def _copy_catalog(connection: Connection, draft: Path) -> None:
    (draft / CATALOG_FILE).unlink(missing_ok=True)
    create_catalog_file(draft)
    source: Any = connection.connection.driver_connection
    with plain_errors(draft), closing(sqlite3.connect(draft / CATALOG_FILE)) as copy:
        source.backup(copy)
    with (draft / CATALOG_FILE).open("rb+") as file:
        os.fsync(file.fileno())


def _copy_vectors(folder: Path, to: Path, files: list[VectorFile]) -> None:
    shutil.rmtree(to, ignore_errors=True)
    to.mkdir(mode=0o700)
    for file in files:
        if _copy(folder / file.name, to / file.name) != file.sha256:
            raise damaged(folder / file.name)


def _copy(path: Path, to: Path) -> str:
    """Copy a file of ours, until it is on the disk; return its hash. Raises FileNotFoundError, CollectionError."""
    digest = hashlib.sha256()
    source = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    target = os.open(to, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(source, "rb") as file, os.fdopen(target, "wb") as copy:
        while piece := file.read(BYTES_AT_ONCE):
            digest.update(piece)
            copy.write(piece)
        copy.flush()
        os.fsync(copy.fileno())
    return digest.hexdigest()

"""The collection's folder: what is in it, who may read it, and whether there is one."""

from __future__ import annotations

from pathlib import Path

from clinsearch.errors import CollectionError, CollectionNotFound
from clinsearch.storage.database import CATALOG_FILE, create_catalog_file

VECTORS_FOLDER = "vectors"
LOCK_FILE = "writer.lock"
OWN_NAMES = {LOCK_FILE, VECTORS_FOLDER}


def make_folder(folder: Path) -> None:
    """Make a collection folder that only its owner can read; an existing one must be a collection or empty."""
    try:
        # An interrupted attempt to make one may have left an empty folder of vectors behind.
        if folder.is_dir() and _is_anothers(folder):
            raise CollectionError(
                f"{folder} is not a collection and not empty. Choose another folder with --collection."
            )
        for path in (folder, folder / VECTORS_FOLDER):
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
            path.chmod(0o700)
        create_catalog_file(folder)
    except FileExistsError:
        raise CollectionError(f"{folder} is a file, not a folder. Choose a folder with --collection.") from None
    except OSError as error:
        raise not_writable(folder, error) from None


def _is_anothers(folder: Path) -> bool:
    return not (folder / CATALOG_FILE).exists() and not {path.name for path in folder.iterdir()} <= OWN_NAMES


def not_writable(folder: Path, error: OSError) -> CollectionError:
    """Say that the folder cannot be written to, and why."""
    reason = (error.strerror or type(error).__name__).lower()
    return CollectionError(f"The collection folder {folder} cannot be written to: {reason}.")


def require_folder(folder: Path) -> None:
    """Raise CollectionNotFound unless there is a collection in that folder."""
    if folder.is_file():
        raise CollectionNotFound(f"{folder} is a file, not a collection folder.")
    try:
        found = (folder / CATALOG_FILE).is_file()
    except PermissionError:
        raise CollectionNotFound(f"The folder {folder} cannot be read: permission denied.") from None
    if not found:
        raise nothing_at(folder)


def nothing_at(folder: Path) -> CollectionNotFound:
    """Say that there is no collection."""
    return CollectionNotFound(f"No collection at {folder}. Make one with `clinsearch index FOLDER`.")

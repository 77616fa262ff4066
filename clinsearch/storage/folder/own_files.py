"""The collection's folder: its files, who may read it, and whether there is one."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from clinsearch.errors import CollectionDamaged, CollectionError, CollectionNotFound
from clinsearch.storage.folder.database import CATALOG_FILE, create_catalog_file
from clinsearch.storage.folder.flushing import make_folders
from clinsearch.storage.folder.last_search import LAST_SEARCH_FILE
from clinsearch.storage.folder.saved_searches import SAVED_FOLDER
from clinsearch.storage.folder.seal import DRAFT_FILE, SEAL_FILE
from clinsearch.storage.folder.spaces.files import OWN_NAME
from clinsearch.storage.folder.trust import is_trusted, require_closed

VECTORS_FOLDER = "vectors"
LOCK_FILE = "writer.lock"
OWN_NAMES = {LOCK_FILE, VECTORS_FOLDER, SEAL_FILE, DRAFT_FILE}
CATALOG_FILES = tuple(f"{CATALOG_FILE}{end}" for end in ("", "-wal", "-shm", "-journal"))
OWN_FOLDERS = (VECTORS_FOLDER, SAVED_FOLDER)
OWN_FILES = (*CATALOG_FILES, SEAL_FILE, DRAFT_FILE, LOCK_FILE, LAST_SEARCH_FILE)


def make_folder(folder: Path) -> None:
    """Make a collection folder that only its owner can read; an existing one must be a collection or empty."""
    try:
        # An interrupted attempt may have left an empty folder of vectors.
        if folder.is_dir() and _is_foreign(folder):
            raise CollectionError(
                f"{folder} is not a collection and not empty. Choose another folder with --collection."
            )
        is_made = (folder / CATALOG_FILE).exists()
        if not is_made:
            make_folders(folder)
        for path in (folder, folder / VECTORS_FOLDER):
            path.mkdir(mode=0o700, exist_ok=True)
            _require_own(folder, is_made=is_made)
            if not (is_made and is_trusted(folder)):
                path.chmod(0o700)
        if not is_made:
            require_no_vectors(folder)
        create_catalog_file(folder)
    except FileExistsError:
        raise CollectionError(f"{folder} is a file, not a folder. Choose a folder with --collection.") from None
    except (OSError, ValueError) as error:  # ValueError: an impossible path
        raise not_writable(folder, error) from None


def _is_foreign(folder: Path) -> bool:
    return not (folder / CATALOG_FILE).exists() and not {path.name for path in folder.iterdir()} <= OWN_NAMES


def own_vectors(folder: Path) -> Iterator[Path]:
    """Yield only the files in a collection's folder of vectors whose names are ours."""
    for path in folder.joinpath(VECTORS_FOLDER).iterdir():
        if OWN_NAME.fullmatch(path.name) and stat.S_ISREG(path.lstat().st_mode):
            yield path


def remove_vectors_but(folder: Path, named: set[str]) -> None:
    """Remove the files of vectors whose names are ours, except these. Raises CollectionError."""
    with writing(folder):
        for path in own_vectors(folder):
            if path.name not in named:
                path.unlink(missing_ok=True)


def require_no_vectors(folder: Path) -> None:
    """Raise CollectionDamaged if there are vectors in a folder whose catalog has no collection.

    The catalog is written before the first vector: so a truncated catalog is damage, not a new collection.
    """
    if (folder / VECTORS_FOLDER).is_dir() and any(own_vectors(folder)):
        raise CollectionDamaged(
            f"The catalog {folder / CATALOG_FILE} is missing or empty, but there are vectors. Restore it from a "
            "backup, or index the notes anew into another folder."
        )


def _require_own(folder: Path, *, is_made: bool = True) -> None:
    """Raise CollectionDamaged if a file of ours in the folder is a link, or anything else that we would not make.

    And CollectionError if there is a collection already, and others can write to it.
    """
    if is_made:
        require_closed(folder, (*OWN_FOLDERS, *OWN_FILES))
    for name in (*OWN_FOLDERS, *OWN_FILES):
        try:
            mode = (folder / name).lstat().st_mode
        except FileNotFoundError:
            continue
        kind = "folder" if name in OWN_FOLDERS else "file"
        # A folder in place of a file does no harm; opening the file reports it.
        if not (stat.S_ISDIR(mode) or (kind == "file" and stat.S_ISREG(mode))):
            what = "a link" if stat.S_ISLNK(mode) else f"no {kind}"
            raise CollectionDamaged(
                f"{folder / name} is {what}, where clinsearch keeps a {kind} of its own. Put that in its place."
            )


def not_writable(folder: Path, error: Exception) -> CollectionError:
    """Return the error for a folder that cannot be written to."""
    reason = (getattr(error, "strerror", None) or str(error)).lower()
    return CollectionError(f"The collection folder {folder} cannot be written to: {reason}.")


@contextmanager
def writing(folder: Path) -> Iterator[None]:
    """Raise CollectionError where the `with` block cannot write to a collection's folder."""
    try:
        yield
    except OSError as error:
        raise not_writable(folder, error) from None


def require_folder(folder: Path) -> None:
    """Raise CollectionNotFound unless there is a collection in that folder, CollectionDamaged if it is not ours alone.

    The folder itself may be a link; what is in it may not.
    """
    try:
        if folder.is_file():
            raise CollectionNotFound(f"{folder} is a file, not a collection folder.")
        _require_own(folder)
        if (folder / CATALOG_FILE).is_file():
            return
        require_no_vectors(folder)
    except PermissionError:
        raise CollectionNotFound(f"The folder {folder} cannot be read: permission denied.") from None
    except (OSError, ValueError):
        pass  # an impossible path
    raise nothing_at(folder)


def nothing_at(folder: Path) -> CollectionNotFound:
    """Return the error for a folder without a collection."""
    return CollectionNotFound(f"No collection at {folder}. Make one with `clinsearch index FOLDER`.")

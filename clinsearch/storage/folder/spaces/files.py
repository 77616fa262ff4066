"""Files of vectors: written once, all or nothing, never changed."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias, get_args

import faiss
import numpy as np

from clinsearch.errors import ClinsearchError, CollectionDamaged, CollectionError, NotEnoughMemory
from clinsearch.memory import is_near_limit, shortage
from clinsearch.records.keys import KeyArray
from clinsearch.storage.catalog.soundness import is_count, require_sound
from clinsearch.storage.folder.flushing import flush_folder
from clinsearch.storage.values import Kind

WRITE_BUFFER_BYTES = 1 << 20
# FAISS's threads wait for work by spinning, which leaves half the machine to everything else: on two cores a search
# for words took 180 ms with two threads, and 90 with one.
SEARCH_THREADS = 1
# Vectors are processed this many at a time, so that learning and writing take little memory.
ROWS_PER_STEP = 16_384
# A file up to this size is compared with its checksum when a process first opens it; `verify` compares all.
CHECKED_BYTES = 64 << 20
# The files that were compared: device, inode, time of change, size and checksum of each.
_compared: set[tuple[int | str, ...]] = set()

# Takes the next bytes of a file.
Take: TypeAlias = Callable[[bytes], int]
# The names of our files of vectors, finished or not; nothing else in their folder is ours.
OWN_NAME = re.compile(rf"({'|'.join(get_args(Kind))})-[0-9a-f]{{16}}\.(faiss|lists|tmp)", re.ASCII)
# The kind of the file that says how to read the codes of a kind.
LEARNED_OF: dict[Kind, Kind] = {
    "sentence": "sentence-cells",
    "note": "note-cells",
    "opening": "opening-cells",
    "word": "code",
    "piece": "code",
}


@dataclass(frozen=True, slots=True)
class VectorFile:
    """What the catalog knows about a file of vectors. `kind`: what the keys of its rows are of.

    A file of one of LEARNED_OF's values has no keys: it says how to read codes.
    Raises UnsoundValue for values that clinsearch would not write, such as a name that leads elsewhere.
    """

    name: str
    kind: Kind
    rows: int
    bytes: int
    sha256: str

    def __post_init__(self) -> None:
        name = OWN_NAME.fullmatch(self.name) if isinstance(self.name, str) else None
        require_sound(name is not None and name[1] == self.kind and name[2] != "tmp")
        require_sound(is_count(self.rows) and is_count(self.bytes) and isinstance(self.sha256, str))


def write_index(folder: Path, kind: Kind, rows: int, index: Any) -> VectorFile:
    """Write a FAISS index to a new file; see `write_file`."""
    return write_file(folder, kind, rows, lambda take: faiss.write_index(index, _writer(take)))


def write_file(
    folder: Path, kind: Kind, rows: int, save: Callable[[Take], object], suffix: str = ".faiss"
) -> VectorFile:
    """Write what `save` passes on to a new file; when this returns, everything is on disk.

    Only the owner can read the file, and it gets its name only when it is complete.
    """
    path = folder / f"{kind}-{secrets.token_hex(8)}{suffix}"
    draft = path.with_suffix(".tmp")
    try:
        size, sha256 = _write(save, draft)
        draft.rename(path)
        flush_folder(folder)
    except OSError as error:
        with suppress(OSError):  # what stays, the next writer removes
            draft.unlink(missing_ok=True)
        reason = (error.strerror or type(error).__name__).lower()
        raise CollectionError(f"Vectors cannot be written to {folder}: {reason}. Nothing was lost.") from None
    return VectorFile(path.name, kind, rows, size, sha256)


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of a file that is no link. Raises OSError."""
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read_index(path: Path, file: VectorFile) -> Any:
    """Open a FAISS index by memory map. Raises FileNotFoundError if it is gone, CollectionDamaged if damaged."""
    require_size(path, file)
    try:
        return faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC)
    except (RuntimeError, MemoryError):  # a damaged count may ask for any amount of memory
        raise unreadable(path, file) from None


def require_size(path: Path, file: VectorFile) -> None:
    """Raise FileNotFoundError if a file is gone, CollectionDamaged if it is a link or not as it was written.

    Of a file above CHECKED_BYTES only the size is compared. Raises CollectionError if it cannot be read.
    """
    if not has_size(path, file) or (file.bytes <= CHECKED_BYTES and not _has_content(path, file)):
        raise damaged(path)


def _has_content(path: Path, file: VectorFile) -> bool:
    """Tell whether a file has its checksum; asked of the same file again, without reading it."""
    there = path.lstat()
    known = (there.st_dev, there.st_ino, there.st_mtime_ns, there.st_size, file.sha256)
    if known in _compared:
        return True
    with _read_errors(path):
        is_same = file_sha256(path) == file.sha256
    if is_same:
        _compared.add(known)
    return is_same


@contextmanager
def _read_errors(path: Path) -> Iterator[None]:
    """Turn an error of reading into one line: what cannot be read need not be damaged. Passes on FileNotFoundError."""
    try:
        yield
    except FileNotFoundError:
        raise
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        raise CollectionError(f"The vectors in {path} cannot be read: {reason}. Nothing was changed.") from None


def has_size(path: Path, file: VectorFile) -> bool:
    """Tell whether a path is a file, not a link, of the recorded size. Raises FileNotFoundError."""
    there = path.lstat()
    return stat.S_ISREG(there.st_mode) and there.st_size == file.bytes


def is_whole(folder: Path, file: VectorFile, check_content: bool) -> bool:
    """Tell whether a file is there with its recorded size and, with `check_content`, its recorded hash."""
    path = folder / file.name
    try:
        return has_size(path, file) and (not check_content or file_sha256(path) == file.sha256)
    except FileNotFoundError:
        return False


def unreadable(path: Path, file: VectorFile) -> ClinsearchError:
    """Return the error for a file that FAISS cannot read: damage, if it is not for want of memory.

    Raises FileNotFoundError if it has gone in the meantime, CollectionError if nothing can read it.
    """
    with _read_errors(path):
        is_as_written = file_sha256(path) == file.sha256
    return NotEnoughMemory(shortage(f"to read {path}")) if is_as_written and is_near_limit() else damaged(path)


def damaged(path: Path) -> CollectionDamaged:
    """Return the error for a damaged file."""
    return CollectionDamaged(
        f"The vectors in {path} are not as they were written. Have them made again with `clinsearch repair`."
    )


def only(keys: KeyArray) -> Any:
    """Make a FAISS selector for these keys: one bit per key up to the largest."""
    chosen = np.zeros(int(keys.max(initial=0)) + 1, dtype=bool)
    chosen[keys] = True
    bits = np.packbits(chosen, bitorder="little")
    selector: Any = faiss.IDSelectorBitmap(bits.size, faiss.swig_ptr(bits))
    selector.kept_alive = bits
    return selector


def all_but(keys: KeyArray) -> Any:
    """Make a FAISS selector for all keys except these; None if there are none."""
    if not len(keys):
        return None
    selector = only(keys)
    opposite: Any = faiss.IDSelectorNot(selector)
    opposite.kept_alive = selector
    return opposite


def _writer(take: Take) -> Any:
    """Make FAISS write through Python: its own writer does not report a full disk."""
    return faiss.PyCallbackIOWriter(take)  # type: ignore[attr-defined]


def _write(save: Callable[[Take], object], path: Path) -> tuple[int, str]:
    """Write to a new file and wait until it is on disk; return the file's size and hash."""
    digest = hashlib.sha256()

    def take(piece: bytes) -> int:
        digest.update(piece)
        return file.write(piece)

    descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(descriptor, "wb", buffering=WRITE_BUFFER_BYTES) as file:
        save(take)
        file.flush()
        os.fsync(file.fileno())
        return file.tell(), digest.hexdigest()

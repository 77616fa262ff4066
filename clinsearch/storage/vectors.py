"""Files of vectors: written once, never changed, searched exactly. The only module that knows FAISS."""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeAlias

import faiss
import numpy as np
from numpy.typing import NDArray

from clinsearch.errors import CollectionDamaged, CollectionError
from clinsearch.records import FloatArray

WRITE_BUFFER_BYTES = 1 << 20
# FAISS's threads wait for work by spinning, and what runs beside them, or after, then has half the machine: on two
# cores a search for words took 180 ms with two of them, and 90 with one.
SEARCH_THREADS = 1

KeyArray: TypeAlias = NDArray[np.int64]
Kind: TypeAlias = Literal["sentence", "note", "word", "piece", "code"]


@dataclass(frozen=True, slots=True)
class VectorFile:
    """What the catalog knows of a file of vectors. `kind` says whose keys its rows carry.

    A file of the kind `code` has no keys: see `word_vectors`.
    """

    name: str
    kind: Kind
    rows: int
    bytes: int
    sha256: str


def write_vectors(folder: Path, kind: Kind, keys: KeyArray, vectors: FloatArray) -> VectorFile:
    """Write vectors (n, hidden_size) under their keys (n,) to a new file; see `write_file`."""
    if (np.diff(keys) < 0).any():
        order = np.argsort(keys)
        keys, vectors = keys[order], vectors[order]
    index = faiss.IndexIDMap(faiss.IndexFlatIP(vectors.shape[1]))
    index.add_with_ids(np.ascontiguousarray(vectors), np.ascontiguousarray(keys))
    return write_file(folder, kind, len(keys), lambda writer: faiss.write_index(index, writer))


def write_file(folder: Path, kind: Kind, rows: int, save: Callable[[Any], None], suffix: str = ".faiss") -> VectorFile:
    """Write what `save` gives to FAISS's writer to a new file; once it returns all is on disk.

    The file is readable by its owner alone, and appears under its name only when it is whole.
    """
    path = folder / f"{kind}-{secrets.token_hex(8)}{suffix}"
    draft = path.with_suffix(".tmp")
    try:
        size, sha256 = _write(save, draft)
        draft.rename(path)
        _flush(folder)
    except OSError as error:
        draft.unlink(missing_ok=True)
        reason = (error.strerror or type(error).__name__).lower()
        raise CollectionError(f"Vectors cannot be written to {folder}: {reason}. Nothing was lost.") from None
    return VectorFile(path.name, kind, rows, size, sha256)


def file_sha256(path: Path) -> str:
    """Hash a file's content."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _write(save: Callable[[Any], None], path: Path) -> tuple[int, str]:
    """Write to a new file and wait until it is on disk; return the file's size and hash.

    FAISS writes through Python here, because its own writer does not say when the disk takes no more.
    """
    digest = hashlib.sha256()

    def take(piece: bytes) -> int:
        digest.update(piece)
        return file.write(piece)

    descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(descriptor, "wb", buffering=WRITE_BUFFER_BYTES) as file:
        save(faiss.PyCallbackIOWriter(take))  # type: ignore[attr-defined]
        file.flush()
        os.fsync(file.fileno())
        return file.tell(), digest.hexdigest()


def _flush(path: Path) -> None:
    """Wait until a folder's entries are on disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class VectorSet:
    """Some files of vectors, opened together by memory map and searched as one.

    Stays whole whatever happens to the files' names after it is opened. No key stands in it twice.
    """

    def __init__(self, folder: Path, files: Sequence[VectorFile]) -> None:
        """Open the files. Raises FileNotFoundError if one is gone, CollectionDamaged if one is not whole."""
        self._indexes = [_open(folder / file.name, file) for file in files]
        self._keys: list[KeyArray] = [faiss.vector_to_array(index.id_map) for index in self._indexes]

    @property
    def rows(self) -> int:
        """How many vectors there are, those of deleted keys among them."""
        return sum(len(keys) for keys in self._keys)

    @property
    def keys(self) -> KeyArray:
        """The key of every row, in no particular order."""
        return np.concatenate([np.empty(0, dtype=np.int64), *self._keys])

    def search(self, query: FloatArray, k: int, among: KeyArray | None = None) -> tuple[KeyArray, FloatArray]:
        """Find the k vectors with the highest inner product with the query (hidden_size,), best first.

        Exact; equal scores stand in the order of their keys. With `among`, as if no other keys were there.
        """
        faiss.omp_set_num_threads(SEARCH_THREADS)
        allowed = None if among is None else _selector(among)
        keys, scores = [np.empty(0, dtype=np.int64)], [np.empty(0, dtype=np.float32)]
        for index in self._indexes:
            found_keys, found_scores = _best(index, query, k, allowed)
            keys.append(found_keys)
            scores.append(found_scores)
        all_keys, all_scores = np.concatenate(keys), np.concatenate(scores)
        best = np.lexsort((all_keys, -all_scores))[:k]
        return all_keys[best], all_scores[best]

    def of(self, keys: KeyArray) -> FloatArray:
        """Read the vectors under these keys, (n, hidden_size). Raises KeyError if one is not there."""
        found = np.zeros(len(keys), dtype=bool)
        rows = np.empty((len(keys), self._indexes[0].d if self._indexes else 0), dtype=np.float32)
        for index, own_keys in zip(self._indexes, self._keys, strict=True):
            positions = np.searchsorted(own_keys, keys)
            here = np.take(own_keys, positions, mode="clip") == keys if len(own_keys) else found & False
            rows[here] = _rows(index)[positions[here]]
            found |= here
        if not found.all():
            raise KeyError(int(keys[~found][0]))
        return rows


def _open(path: Path, file: VectorFile) -> Any:
    damaged = CollectionDamaged(
        f"The vectors in {path} are not as they were written. Have them made again with `clinsearch repair`."
    )
    if path.stat().st_size != file.bytes:
        raise damaged
    try:
        index = faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC)
    except RuntimeError:
        path.stat()  # raises FileNotFoundError if the file has gone since it was looked at
        raise damaged from None
    if not _is_sound(index, file.rows):
        raise damaged
    return index


def _is_sound(index: Any, rows: int) -> bool:
    """Tell whether an index's counts agree, so that no search can read past its end, and its keys are in order."""
    if not isinstance(index, faiss.IndexIDMap) or not isinstance(faiss.downcast_index(index.index), faiss.IndexFlatIP):
        return False
    keys = faiss.vector_to_array(index.id_map)
    is_counted = index.ntotal == index.index.ntotal == len(keys) == rows and index.d == index.index.d
    return is_counted and bool((np.diff(keys) > 0).all())


def _rows(index: Any) -> FloatArray:
    """View an index's vectors without copying them, (rows, hidden_size)."""
    flat: Any = faiss.downcast_index(index.index)
    view: FloatArray = faiss.rev_swig_ptr(flat.get_xb(), flat.ntotal * flat.d).reshape(flat.ntotal, flat.d)
    return view


def _selector(keys: KeyArray) -> Any:
    """Make FAISS's test for being among keys: one bit a key up to the largest."""
    chosen = np.zeros(int(keys.max(initial=0)) + 1, dtype=bool)
    chosen[keys] = True
    bits = np.packbits(chosen, bitorder="little")
    selector: Any = faiss.IDSelectorBitmap(bits.size, faiss.swig_ptr(bits))
    selector.kept_alive = bits
    return selector


def _best(index: Any, query: FloatArray, k: int, allowed: Any) -> tuple[KeyArray, FloatArray]:
    """Search one index for its k best and whatever ties with the last of them."""
    search_parameters: Any = faiss.SearchParameters
    parameters = None if allowed is None else search_parameters(sel=allowed)
    wanted = min(k + 1, index.ntotal)
    while True:
        scores, keys = index.search(query[None, :], wanted, params=parameters)
        hits = keys[0] >= 0
        found_keys, found_scores = keys[0][hits], scores[0][hits]
        is_all = wanted == index.ntotal or len(found_keys) < wanted
        if is_all or found_scores[-1] < found_scores[k - 1]:
            return found_keys, found_scores
        wanted = min(wanted * 2, index.ntotal)

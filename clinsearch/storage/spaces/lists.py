"""Files of inverted lists: codes of vectors, sorted into cells, with the key of each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

from clinsearch.storage.spaces.files import KeyArray, Kind, VectorFile, damaged, require_size, unreadable, write_file

LISTS_SUFFIX = ".lists"
KEY_BYTES = 8


def is_listed(file: VectorFile) -> bool:
    """Tell whether a file holds inverted lists."""
    return file.name.endswith(LISTS_SUFFIX)


def write_lists(folder: Path, kind: Kind, lists: Any, behind: Sequence[NDArray[Any]] = ()) -> VectorFile:
    """Write lists to a new file, and arrays behind them; see `write_file`."""
    rows = lists.compute_ntotal()
    return write_file(folder, kind, rows, lambda writer: faiss.write_InvertedLists(lists, writer), LISTS_SUFFIX, behind)


def open_lists(path: Path, file: VectorFile, cells: int, code_size: int) -> Any:
    """Open lists by memory map. Raises FileNotFoundError if they are gone, CollectionDamaged if not whole."""
    require_size(path, file)
    try:
        lists: Any = faiss.read_InvertedLists(faiss.FileIOReader(str(path)), faiss.IO_FLAG_MMAP)
    except (RuntimeError, MemoryError):
        raise unreadable(path) from None
    if (lists.nlist, lists.code_size, lists.compute_ntotal()) != (cells, code_size, file.rows):
        raise damaged(path)
    return lists


def empty_lists(cells: int, code_size: int) -> Any:
    """Make lists with nothing in them."""
    return faiss.ArrayInvertedLists(cells, code_size)


def taken_from(index: Any) -> Any:
    """Take an index's lists out of it, so that they outlive it."""
    lists: Any = faiss.downcast_InvertedLists(index.invlists)
    index.own_invlists = False
    lists.this.own(True)
    return lists


def given_to(index: Any, lists: Any) -> Any:
    """Return the index with these lists, which it owns from now on."""
    lists.this.disown()
    index.replace_invlists(lists, True)
    index.ntotal = lists.compute_ntotal()
    return index


def each_list(lists: Any) -> Iterator[tuple[int, KeyArray, NDArray[np.uint8]]]:
    """Give each list that is not empty: its number, its keys (n,) and its codes (n, code_size), copied."""
    for number in range(lists.nlist):
        size = lists.list_size(number)
        if size:
            keys, codes = lists.get_ids(number), lists.get_codes(number)
            yield (
                number,
                faiss.rev_swig_ptr(keys, size).copy(),
                faiss.rev_swig_ptr(codes, size * lists.code_size).reshape(size, -1).copy(),
            )
            lists.release_ids(number, keys)
            lists.release_codes(number, codes)


def keys_in(lists: Any) -> KeyArray:
    """Read the key of every row, list by list."""
    return np.concatenate([np.empty(0, dtype=np.int64), *(keys for _, keys, _ in each_list(lists))])


def add_to_list(lists: Any, number: int, keys: KeyArray, codes: NDArray[np.uint8]) -> None:
    """Add codes (n, code_size) under their keys (n,) to one of the lists."""
    if len(keys):
        own_keys, own_codes = np.ascontiguousarray(keys), np.ascontiguousarray(codes)
        lists.add_entries(number, len(keys), faiss.swig_ptr(own_keys), faiss.swig_ptr(own_codes))


def data_bytes(rows: int, code_size: int) -> int:
    """Return how many bytes the codes and keys of so many rows take, which are the last of FAISS's part of a file."""
    return rows * (code_size + KEY_BYTES)

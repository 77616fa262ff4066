"""Files of inverted lists: one list per cell, with the codes and keys of its vectors."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

from clinsearch.records.keys import KeyArray
from clinsearch.storage.folder.spaces.files import Take, VectorFile, damaged, require_size, unreadable, write_file
from clinsearch.storage.values import Kind

LISTS_SUFFIX = ".lists"
KEY_BYTES = 8
# What follows FAISS's part of a file begins at a multiple of this, so that numpy can read it in place.
ALIGNMENT = 8
# The header: type of lists, their number and code size, type of sizes: four characters, two numbers, four characters.
SIZES_AT = 4 + 2 * KEY_BYTES + 4


def is_listed(file: VectorFile) -> bool:
    """Tell whether a file holds inverted lists."""
    return file.name.endswith(LISTS_SUFFIX)


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """Some lists, and which of their rows to keep, list by list."""

    lists: Any
    kept: NDArray[np.bool_]

    @property
    def keys(self) -> KeyArray:
        """The keys of the rows to keep, list by list."""
        return keys_in(self.lists)[self.kept]

    @property
    def cells(self) -> NDArray[np.int32]:
        """The number of the list of each of these keys."""
        sizes = list_sizes(self.lists)
        return np.repeat(np.arange(len(sizes), dtype=np.int32), sizes)[self.kept]


def write_lists(folder: Path, kind: Kind, parts: Sequence[Part], behind: Iterable[NDArray[Any]] = ()) -> VectorFile:
    """Write the rows to keep, of lists of one shape, to a new file, list by list, followed by arrays.

    Byte for byte as FAISS writes lists, but without holding all of them in memory.
    """
    shape = parts[0].lists
    sizes = np.bincount(np.concatenate([part.cells for part in parts]), minlength=shape.nlist)

    def save(take: Take) -> None:
        written = take(_head(sizes, shape.code_size)) + data_bytes(int(sizes.sum()), shape.code_size)
        bounds = [np.concatenate([[0], list_sizes(part.lists).cumsum()]) for part in parts]
        for number in np.flatnonzero(sizes).tolist():
            rows = [(part, slice(*ends[number : number + 2])) for part, ends in zip(parts, bounds, strict=True)]
            for some in (_codes, _keys):
                for part, own in rows:
                    take(some(part.lists, number)[part.kept[own]].tobytes())
        for place, array in enumerate(behind):
            take((b"" if place else bytes(-written % ALIGNMENT)) + array.tobytes())

    return write_file(folder, kind, int(sizes.sum()), save, LISTS_SUFFIX)


def open_lists(path: Path, file: VectorFile, cells: int, code_size: int) -> Any:
    """Open lists by memory map. Raises FileNotFoundError if they are gone, CollectionDamaged if damaged."""
    require_size(path, file)
    try:
        lists: Any = faiss.read_InvertedLists(faiss.FileIOReader(str(path)), faiss.IO_FLAG_MMAP)
    except (RuntimeError, MemoryError):
        raise unreadable(path, file) from None
    if (lists.nlist, lists.code_size, lists.compute_ntotal()) != (cells, code_size, file.rows):
        raise damaged(path)
    return lists


def empty_lists(cells: int, code_size: int) -> Any:
    """Make empty lists."""
    return faiss.ArrayInvertedLists(cells, code_size)


def taken_from(index: Any) -> Any:
    """Detach an index's lists, so that they outlive it."""
    lists: Any = faiss.downcast_InvertedLists(index.invlists)
    index.own_invlists = False
    lists.this.own(True)
    return lists


def given_to(index: Any, lists: Any) -> Any:
    """Give an index these lists to own; return it."""
    lists.this.disown()
    index.replace_invlists(lists, True)
    index.ntotal = lists.compute_ntotal()
    return index


def list_sizes(lists: Any) -> NDArray[np.int64]:
    """Return how many rows each list has."""
    return np.fromiter(map(lists.list_size, range(lists.nlist)), dtype=np.int64, count=lists.nlist)


def keys_in(lists: Any) -> KeyArray:
    """Read the key of every row, list by list."""
    return np.concatenate([np.empty(0, dtype=np.int64), *(keys for _, keys, _ in each_list(lists))])


def each_list(lists: Any) -> Iterator[tuple[int, KeyArray, NDArray[np.uint8]]]:
    """Yield each list that is not empty, as views: its number, its keys (n,) and its codes (n, code_size)."""
    for number in np.flatnonzero(list_sizes(lists)).tolist():
        yield number, _keys(lists, number), _codes(lists, number)


def rows_at(lists: Any, numbers: NDArray[np.int64], places: NDArray[np.int64]) -> NDArray[np.uint8]:
    """Read codes (n, code_size) by the numbers of their lists (n,) and their positions in these (n,)."""
    rows = np.empty((len(numbers), lists.code_size), dtype=np.uint8)
    order = np.argsort(numbers, kind="stable")
    cuts = np.flatnonzero(np.diff(numbers[order])) + 1
    for own in np.split(order, cuts) if len(order) else []:
        rows[own] = _codes(lists, int(numbers[own[0]]))[places[own]]
    return rows


def data_bytes(rows: int, code_size: int) -> int:
    """Return how many bytes the codes and keys of `rows` rows take, which end FAISS's part of a file."""
    return rows * (code_size + KEY_BYTES)


def begin_of_codes(path: Path) -> int:
    """Return the position of the first code in a file of FAISS's lists: after the header and the lists' sizes."""
    sizes = int(np.fromfile(path, dtype="<u8", count=1, offset=SIZES_AT)[0])
    return SIZES_AT + (1 + sizes) * KEY_BYTES


def mapped(lists: Any, size: int) -> NDArray[np.uint8]:
    """View the file that FAISS has mapped, from the first code on; valid as long as the lists are."""
    first = next(number for number in range(lists.nlist) if lists.list_size(number))
    view: NDArray[np.uint8] = faiss.rev_swig_ptr(lists.get_codes(first), size)
    return view


def _head(sizes: NDArray[np.int64], code_size: int) -> bytes:
    """Return the header of lists, as FAISS writes it: if most are empty, it names those that are not."""
    there = np.flatnonzero(sizes)
    is_full = len(there) > len(sizes) // 2
    named = sizes if is_full else np.stack([there, sizes[there]], axis=1).ravel()
    shape = np.array([len(sizes), code_size], dtype="<u8").tobytes()
    return b"ilar" + shape + (b"full" if is_full else b"sprs") + np.array([len(named), *named], dtype="<u8").tobytes()


def _keys(lists: Any, number: int) -> KeyArray:
    size = lists.list_size(number)
    keys: KeyArray = faiss.rev_swig_ptr(lists.get_ids(number), size) if size else np.empty(0, dtype=np.int64)
    return keys


def _codes(lists: Any, number: int) -> NDArray[np.uint8]:
    size, width = lists.list_size(number), lists.code_size
    if not size:
        return np.empty((0, width), dtype=np.uint8)
    codes: NDArray[np.uint8] = faiss.rev_swig_ptr(lists.get_codes(number), size * width).reshape(size, width)
    return codes

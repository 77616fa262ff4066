"""Checks the byte layout in which FAISS writes inverted lists, which coded vectors rely on."""

from __future__ import annotations

from functools import cache
from typing import Any

import faiss
import numpy as np

from clinsearch.errors import CollectionError
from clinsearch.storage.folder.spaces.lists import KEY_BYTES, data_bytes, empty_lists

# As in pyproject.toml.
KNOWN = "faiss-cpu>=1.13,<1.16"
SIZES, CODE_SIZE = (2, 0, 3), 5


@cache
def require_known_layout() -> None:
    """Raise CollectionError if FAISS's layout differs from the one read here, which would give wrong results.

    Tries it on a few bytes, once per process.
    """
    rng = np.random.default_rng(0)
    codes = [rng.integers(256, size=(size, CODE_SIZE), dtype=np.uint8) for size in SIZES]
    keys = [rng.integers(1 << 60, size=size, dtype=np.int64) for size in SIZES]
    lists = empty_lists(len(SIZES), CODE_SIZE)
    for number in range(len(SIZES)):
        lists.add_entries(number, SIZES[number], faiss.swig_ptr(keys[number]), faiss.swig_ptr(codes[number]))
    pieces: list[bytes] = []

    def take(piece: bytes) -> int:
        pieces.append(piece)
        return len(piece)

    faiss.write_InvertedLists(lists, faiss.PyCallbackIOWriter(take))  # type: ignore[attr-defined]
    of_lists = [part.tobytes() for both in zip(codes, keys, strict=True) for part in both]
    shape = np.array([len(SIZES), CODE_SIZE], dtype="<u8").tobytes()
    sizes = np.array([len(SIZES), *SIZES], dtype="<u8").tobytes()
    if b"".join(pieces) != b"ilar" + shape + b"full" + sizes + b"".join(of_lists):
        raise _unknown()


def require_mapped(lists: Any) -> None:
    """Raise CollectionError if lists, one with a row, are laid out differently in memory than in their file."""
    filled = [number for number in range(lists.nlist) if lists.list_size(number)]
    begin, last = int(lists.get_codes(filled[0])), filled[-1]
    end = int(lists.get_ids(last)) + lists.list_size(last) * KEY_BYTES
    if end - begin != data_bytes(lists.compute_ntotal(), lists.code_size):
        raise _unknown()


def _unknown() -> CollectionError:
    return CollectionError(
        f"faiss-cpu {faiss.__version__} lays vectors out otherwise than clinsearch reads them. "
        f'Install one that it knows: pip install "{KNOWN}". Nothing was changed.'
    )

"""Files of coded vectors and of cells: their records and permissions, and what happens if they are lost or damaged."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import faiss
import numpy as np
import pytest

from clinsearch.errors import CollectionDamaged, CollectionError
from clinsearch.storage.folder.spaces import files as vector_files
from clinsearch.storage.folder.spaces import lists as inverted_lists
from clinsearch.storage.folder.spaces.codecs.eight_bits import EightBits
from clinsearch.storage.folder.spaces.codecs.plain import FLAT
from clinsearch.storage.folder.spaces.files import VectorFile
from clinsearch.storage.folder.spaces.space import Space
from tests.conftest import PROJECT
from tests.support.clusters import clustered
from tests.support.coded_vectors import NOTHING, some_rows

pytestmark = pytest.mark.usefixtures("one_thread")


def test_the_record_of_a_file_matches_the_file(tmp_path: Path) -> None:
    (file,), cells, _, _ = some_rows(tmp_path, width=33)
    for one, rows in ((file, 200), (cells.save(tmp_path, "sentence-cells", 123), 123)):
        content = (tmp_path / one.name).read_bytes()
        assert (one.rows, one.bytes) == (rows, len(content))
        assert one.sha256 == hashlib.sha256(content).hexdigest()
        assert one.name.startswith(f"{one.kind}-")
    assert len(list(tmp_path.iterdir())) == 2, "and no draft is left"
    assert file.bytes <= 200 * (33 + 5 + 3 * 8) + 8 * 16 + 100


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
def test_only_the_owner_may_read_the_files(tmp_path: Path, umask: int) -> None:
    former = os.umask(umask)
    try:
        files, cells, _, _ = some_rows(tmp_path, files=2)
        cells.save(tmp_path, "sentence-cells", 200)
        cells.merge(tmp_path, files, NOTHING)
        cells.write_all(tmp_path, "note", Space(tmp_path, files, cells).each())
    finally:
        os.umask(former)
    assert [path.stat().st_mode & 0o777 for path in tmp_path.iterdir()] == [0o600] * 5


def test_a_missing_file_is_reported_as_missing(tmp_path: Path) -> None:
    (file,), cells, _, _ = some_rows(tmp_path)
    saved = cells.save(tmp_path, "sentence-cells", 200)
    opens: dict[str, Callable[[], object]] = {
        file.name: lambda: Space(tmp_path, [file], cells),
        saved.name: lambda: EightBits.read(tmp_path / saved.name, saved, {}),
    }
    for name, opening in opens.items():
        (tmp_path / name).unlink()
        with pytest.raises(FileNotFoundError) as caught:
            opening()
        assert Path(caught.value.filename) == tmp_path / name
    with pytest.raises(FileNotFoundError):
        cells.merge(tmp_path, [file], NOTHING)


@pytest.mark.parametrize("module", [inverted_lists, vector_files], ids=["lists", "cells"])
def test_a_file_deleted_while_it_is_opened_is_reported_as_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, module: Any
) -> None:
    (file,), cells, _, _ = some_rows(tmp_path)
    saved = cells.save(tmp_path, "sentence-cells", 200)
    require_size = vector_files.require_size

    def require_and_remove(path: Path, expected: VectorFile) -> None:
        require_size(path, expected)
        path.unlink()

    monkeypatch.setattr(module, "require_size", require_and_remove)
    with pytest.raises(FileNotFoundError):
        Space(tmp_path, [file], EightBits.read(tmp_path / saved.name, saved, {}))


@pytest.fixture(params=["lists", "cells"])
def kept(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[VectorFile, Callable[[], object]]:
    """A file of either kind, and how to open it."""
    (file,), cells, _, _ = some_rows(tmp_path, rows=60, width=5, count=8)
    if request.param == "lists":
        return file, lambda: Space(tmp_path, [file], cells)
    saved = cells.save(tmp_path, "sentence-cells", 60)
    return saved, lambda: EightBits.read(tmp_path / saved.name, saved, {})


def assert_damaged(path: Path, content: bytes, opening: Callable[[], object]) -> None:
    """Overwrite a file, and check how opening it is refused."""
    path.write_bytes(content)
    with pytest.raises(CollectionDamaged) as caught:
        opening()
    assert str(path) in str(caught.value)
    assert "clinsearch repair" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_of_the_wrong_length_is_damaged(tmp_path: Path, kept: tuple[VectorFile, Callable[[], object]]) -> None:
    file, opening = kept
    content = (tmp_path / file.name).read_bytes()
    for length in [0, 1, 50, len(content) // 2, len(content) - 1]:
        assert_damaged(tmp_path / file.name, content[:length], opening)
    assert_damaged(tmp_path / file.name, content + b"\0", opening)


def test_garbage_of_the_right_length_is_damaged(tmp_path: Path, kept: tuple[VectorFile, Callable[[], object]]) -> None:
    file, opening = kept
    for garbage in (bytes, os.urandom, lambda size: b"x" * size, lambda size: b"\xff" * size):
        assert_damaged(tmp_path / file.name, garbage(file.bytes), opening)


def test_a_file_of_another_kind_is_damaged(tmp_path: Path, kept: tuple[VectorFile, Callable[[], object]]) -> None:
    """Even if it has the length that the catalog says."""
    file, _ = kept
    rng = np.random.default_rng(15)
    others_cells = EightBits.learn(clustered(rng, 40, 5), 8)
    flat = FLAT.write(tmp_path, "sentence", np.arange(40), clustered(rng, 40, 5))
    plain: Any = faiss.index_factory(5, "IVF4,SQ8", faiss.METRIC_INNER_PRODUCT)
    plain.train(clustered(rng, 100, 5))
    others = [(tmp_path / flat.name).read_bytes(), faiss.serialize_index(plain).tobytes()]
    for content in others:
        other, path = replace(file, bytes=len(content)), tmp_path / file.name
        if file.kind == "sentence":
            assert_damaged(path, content, lambda other=other: Space(tmp_path, [other], others_cells))
        else:
            assert_damaged(path, content, lambda path=path, other=other: EightBits.read(path, other, {}))


def test_a_wrong_count_in_lists_is_reported_as_damage(tmp_path: Path) -> None:
    (file,), cells, _, _ = some_rows(tmp_path, rows=60, width=5, count=8)
    content = (tmp_path / file.name).read_bytes()
    # What FAISS calls it and how it writes sizes, the numbers of lists, of bytes in a code and of sizes, and the sizes.
    # Higher bytes of these would have FAISS make room for more than there is.
    numbers = [4, 12, 24, *range(32, 32 + 8 * 8, 8)]
    path = tmp_path / file.name
    for place in (*range(4), *range(20, 24), *(number + byte for number in numbers for byte in (0, 1))):
        for bit in (0, 3, 5):
            flipped = bytearray(content)
            flipped[place] ^= 1 << bit
            assert_damaged(path, bytes(flipped), lambda: Space(tmp_path, [file], cells))


@pytest.mark.parametrize(("width", "count"), [(5, 16), (6, 8), (13, 8), (5, 4)])
def test_lists_that_do_not_fit_the_shape_of_the_cells_are_damaged(tmp_path: Path, width: int, count: int) -> None:
    (file,), _, _, _ = some_rows(tmp_path, rows=60, width=5, count=8)
    others = EightBits.learn(clustered(np.random.default_rng(16), 60, width), count)
    with pytest.raises(CollectionDamaged, match="clinsearch repair"):
        Space(tmp_path, [file], others)


def test_with_other_cells_of_the_same_shape_no_key_is_made_up(tmp_path: Path) -> None:
    (file,), _, keys, _ = some_rows(tmp_path, rows=60, width=5, count=8)
    others = EightBits.learn(clustered(np.random.default_rng(17), 60, 5), 8)
    opened = Space(tmp_path, [file], others)
    for query in clustered(np.random.default_rng(18), 5, 5):
        for probes in (1, 8):
            assert set(opened.search_cells(query[None], 100, probes)[0].ravel().tolist()) <= {*keys.tolist(), -1}


def put_number(path: Path, place: int, number: int) -> None:
    """Write another 64-bit number at a place in a file."""
    content = bytearray(path.read_bytes())
    content[place : place + 8] = number.to_bytes(8, "little", signed=True)
    path.write_bytes(bytes(content))


@pytest.mark.parametrize("place", [60 * (5 + 8), 10**6, 2**62, -(2**62)])
def test_a_place_outside_the_codes_is_reported_as_damage(tmp_path: Path, place: int) -> None:
    (file,), cells, keys, _ = some_rows(tmp_path, rows=60, width=5, count=8)
    for row in (0, 30, 59):
        put_number(tmp_path / file.name, file.bytes - 60 * 9 + 8 * row, place)
    with pytest.raises(CollectionDamaged, match="clinsearch repair"):
        Space(tmp_path, [file], cells).of(np.sort(keys))


@pytest.mark.parametrize("number", [8, 10**6, 2**40])
def test_a_centre_of_a_missing_cell_is_reported_as_damage(tmp_path: Path, number: int) -> None:
    (file,), cells, keys, vectors = some_rows(tmp_path, rows=60, width=5, count=8)
    saved = cells.save(tmp_path, "sentence-cells", 60)
    content = (tmp_path / saved.name).read_bytes()
    # The numbers of the centres of each group stand together, whatever their order.
    index: Any = faiss.read_index(str(tmp_path / saved.name))
    groups: Any = faiss.downcast_index(index.quantizer).invlists
    group = max(range(groups.nlist), key=groups.list_size)
    numbers = faiss.rev_swig_ptr(groups.get_ids(group), groups.list_size(group)).astype("<i8").tobytes()
    assert content.count(numbers) == 1
    put_number(tmp_path / saved.name, content.index(numbers), number)

    def look() -> None:
        read = EightBits.read(tmp_path / saved.name, saved, {})
        Space(tmp_path, [file], read).search_cells(vectors, 5, 7)
        read.write(tmp_path, "sentence", keys, vectors)

    with pytest.raises(CollectionDamaged, match="clinsearch repair"):
        look()


# In a process that may not take all memory: FAISS makes room for any count that it reads.
FLIPS = """
import os, resource, sys
from contextlib import suppress
from pathlib import Path
import numpy as np
from clinsearch.storage.folder.spaces.codecs.eight_bits import EightBits
from clinsearch.storage.folder.spaces.space import Space

folder, keys = Path(sys.argv[1]), np.arange(1, 41)
vectors = np.random.default_rng(0).normal(size=(40, 5)).astype(np.float32)
cells = EightBits.learn(vectors, 4)
file, saved = cells.write(folder, "sentence", keys, vectors), cells.save(folder, "sentence-cells", 40)
limit = int(open("/proc/self/statm").read().split()[0]) * os.sysconf("SC_PAGE_SIZE") + (64 << 20)
resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
for harmed in (file, saved):
    content = (folder / harmed.name).read_bytes()
    for place in range(0, harmed.bytes, 2):
        flipped = bytearray(content)
        flipped[place] ^= 1 << place // 2 % 8
        (folder / harmed.name).write_bytes(flipped)
        print(harmed.kind, place, flush=True)
        with suppress(Exception):
            opened = Space(folder, [file], EightBits.read(folder / saved.name, saved, {10: 2}))
            opened.search_cells(vectors[:3], 7, 4)
            opened.search(vectors[0], 7, keys[:20])
            opened.of(keys)
    (folder / harmed.name).write_bytes(content)
"""


def test_no_flipped_bit_crashes_the_process(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", FLIPS, str(tmp_path)], capture_output=True, text=True, cwd=PROJECT)
    assert done.returncode == 0, (done.stdout[-50:], done.stderr)


def test_a_missing_folder_is_reported_in_one_line(tmp_path: Path) -> None:
    files, cells, _, _ = some_rows(tmp_path)
    rows = Space(tmp_path, files, cells).each
    for write in (
        lambda folder: cells.save(folder, "sentence-cells", 1),
        lambda folder: cells.write_all(folder, "sentence", rows()),
    ):
        with pytest.raises(CollectionError, match="cannot be written") as caught:
            write(tmp_path / "gone")
        assert "\n" not in str(caught.value)


# Each limit falls elsewhere: before, at, and after the end of what FAISS writes.
CUT_OFF = """
import resource, signal, sys
from pathlib import Path
import numpy as np
from clinsearch.errors import CollectionError
from clinsearch.storage.folder.spaces.codecs.eight_bits import EightBits

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
unlimited = resource.RLIM_INFINITY
folder, keys = Path(sys.argv[1]), np.arange(1, 201)
vectors = np.random.default_rng(0).normal(size=(200, 33)).astype(np.float32)
cells = EightBits.learn(vectors, 16)
size = cells.write(folder, "note", keys, vectors).bytes
for limit in (0, 1, size // 2, size - 21 * 200 - 1, size - 21 * 200, size - 9, size - 1):
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, unlimited))
    try:
        cells.write(folder, "sentence", keys, vectors)
    except CollectionError as error:
        assert "Nothing was lost" in str(error)
    else:
        print(f"{size} bytes were to be written, and {limit} passed for them")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (unlimited, unlimited))
"""


def test_a_file_that_does_not_fit_on_the_disk_is_refused(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", CUT_OFF, str(tmp_path)], capture_output=True, text=True, cwd=PROJECT)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    assert [path.name for path in tmp_path.iterdir() if not path.name.startswith("note-")] == []

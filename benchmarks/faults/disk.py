"""A disk on which not all was flushed when the power failed, made again from the record of all calls (calls.c).

What a file system promises is what POSIX does: after fsync of a file its content is there, after fsync of a folder the
names in it are. Of all else anything may be there or not: each write, the names of each folder as they once were.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

SECTOR = 512


@dataclass(frozen=True, slots=True)
class Call:
    """A call that was done. path, to: below the folder that is watched. at: where in a file, or a new size."""

    number: int
    what: str
    path: str
    to: str
    at: int
    data: bytes


@dataclass(slots=True)
class File:
    """A file's content as it was flushed, and the writes since: where, and what, None for a new size."""

    flushed: bytes = b""
    since: list[tuple[int, bytes | None]] = field(default_factory=list)

    def content(self, kept: bool | random.Random = True) -> bytes:
        """Return the content with all or none of the writes since, or with every second one, drawn by chance."""
        content = bytearray(self.flushed)
        for at, data in self.since:
            if not (kept if isinstance(kept, bool) else kept.random() < 0.5):
                continue
            if data is None:
                content[at:] = bytes(max(at - len(content), 0))
            else:
                content.extend(bytes(max(at - len(content), 0)))
                content[at : at + len(data)] = data
        return bytes(content)


@dataclass(slots=True)
class Folder:
    """A folder's names as they were flushed, and the changes since, each of one name or more: what each then meant."""

    flushed: dict[str, Node] = field(default_factory=dict)
    since: list[dict[str, Node | None]] = field(default_factory=list)

    def names(self, kept: int | None = None) -> dict[str, Node]:
        """Return the names with so many of the changes since; with all by default."""
        names: dict[str, Node | None] = dict(self.flushed)
        for change in self.since[:kept]:
            names |= change
        return {name: node for name, node in names.items() if node is not None}


Node: TypeAlias = File | Folder


def read_calls(log: Path) -> list[Call]:
    """Read the record of a process's calls."""
    found, content, at = [], log.read_bytes(), 0
    while at < len(content):
        end = content.index(b"\n", at)
        number, what, path, to, where, length = content[at:end].decode().split("\t")
        at = end + 1 + int(length)
        found.append(Call(int(number), what, path.strip("/"), to.strip("/"), int(where), content[end + 1 : at]))
    return found


class Disk:
    """A folder and all below it, of which everything was flushed in the beginning."""

    def __init__(self, start: Path) -> None:
        self._root = _read(start)

    def do(self, call: Call) -> None:
        """Do a call as a file system does before anything is flushed."""
        parent, _, name = call.path.rpartition("/")
        if call.what == "unknown":
            raise NotImplementedError(f"call {call.number} writes what the record does not tell")
        if call.what == "flush":
            node = self._find(call.path)
            if isinstance(node, File):
                node.flushed, node.since = node.content(), []
            elif node:
                node.flushed, node.since = node.names(), []
        elif call.what in ("write", "truncate"):
            node = self._find(call.path)
            if isinstance(node, File):  # not one that is removed and still open
                node.since.append((call.at, call.data if call.what == "write" else None))
        elif call.what == "rename":
            to_parent, _, to_name = call.to.rpartition("/")
            if to_parent != parent:
                raise NotImplementedError(f"call {call.number} moves a file to another folder")
            self._change(parent, {name: None, to_name: self._find(call.path)})
        else:
            self._change(parent, {name: {"create": File, "mkdir": Folder}.get(call.what, lambda: None)()})

    def write(self, place: Path, cut: PowerCut, rng: random.Random) -> None:
        """Write what is left after a power cut to a new folder."""
        _write(self._root, place, cut, rng)

    def _find(self, path: str) -> Node | None:
        node: Node | None = self._root
        for name in filter(None, path.split("/")):
            node = node.names().get(name) if isinstance(node, Folder) else None
        return node

    def _change(self, path: str, names: dict[str, Node | None]) -> None:
        folder = self._find(path)
        if isinstance(folder, Folder):
            folder.since.append(names)


@dataclass(frozen=True, slots=True)
class PowerCut:
    """What is left of what was not flushed: of data and of names all, nothing, or what chance leaves (None)."""

    data: bool | None
    names: bool | None


def _read(path: Path) -> Folder:
    return Folder({one.name: _read(one) if one.is_dir() else File(one.read_bytes()) for one in path.iterdir()})


def _write(folder: Folder, place: Path, cut: PowerCut, rng: random.Random) -> None:
    place.mkdir(mode=0o700)
    count = len(folder.since)
    kept = rng.randint(0, count) if cut.names is None else count * cut.names
    for name, node in folder.names(kept).items():
        if isinstance(node, Folder):
            _write(node, place / name, cut, rng)
        else:
            content = node.content(cut.data) if cut.data is not None else _torn(node).content(rng)
            (place / name).write_bytes(content)
            (place / name).chmod(0o600)


def _torn(file: File) -> File:
    """Return a file whose writes came to the disk sector by sector."""
    return File(file.flushed, [piece for at, data in file.since for piece in _sectors(at, data)])


def _sectors(at: int, data: bytes | None) -> Iterator[tuple[int, bytes | None]]:
    if data is None:
        yield at, None
        return
    begin = at
    while begin < at + len(data):
        end = min((begin // SECTOR + 1) * SECTOR, at + len(data))
        yield begin, data[begin - at : end - at]
        begin = end

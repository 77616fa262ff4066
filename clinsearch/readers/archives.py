"""Archives: the files in them, one after another, never unpacked to where anything has a name."""

from __future__ import annotations

import re
import stat
import struct
import tarfile
from collections.abc import Callable, Container, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO, BinaryIO, TypeAlias, cast
from zipfile import ZipFile, ZipInfo

from clinsearch.readers.contents import CHUNK_BYTES, Allowance, Content, Part, allowance_of, copied
from clinsearch.readers.note_files import NoteFile, apart, is_storable, suffix_of
from clinsearch.readers.outcomes import CannotRead, Unreadable
from clinsearch.readers.zips import DAMAGED, open_zip

MAX_MEMBERS = 1_000_000
# An archive may be in another, no deeper.
MAX_DEPTH = 1
MAX_NAME_CHARACTERS = 1000
# More than any header of a tar archive says of a file.
MAX_HEADER_BYTES = 1_000_000
_CONTROLS = re.compile(r"[\x00-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Member:
    """A file in an archive; `refusal` says why it is not read, if it is not.

    begins, takes: where it stands in the archive as it is on disk.
    """

    name: str
    size: int
    open: Callable[[], BinaryIO]
    begins: int
    takes: int
    refusal: str | None = None


Members: TypeAlias = Callable[[Content], Iterator[Member]]


@dataclass(slots=True)
class Found:
    """What was met in archives and is not read: files of other formats, and what is no plain file."""

    passed_over: list[Path] = field(default_factory=list)
    left_out: list[Unreadable] = field(default_factory=list)


def member_files(
    members: Iterator[Member], archive: NoteFile, found: Found, suffixes: Container[str]
) -> Iterator[NoteFile]:
    """Yield the files to read in an archive, each to be read before the next; add the others to `found`.

    Raises CannotRead where there are too many, and for an archive too deep in archives.
    """
    if archive.depth > MAX_DEPTH:
        raise CannotRead("an archive in an archive in an archive; unpack it", kind="file")
    allowance = archive.allowance or allowance_of(archive.size_bytes)
    met = set[tuple[Path, str]]()
    for number, member in enumerate(members, start=1):
        if number > MAX_MEMBERS:
            raise CannotRead(f"more than {MAX_MEMBERS:,} files in one archive; unpack it", kind="too_long")
        if allowance.left < 0:
            raise CannotRead("unpacks to too much; unpack it if that is right", kind="too_long")
        name, refusal = _usable(member.name)
        if refusal := member.refusal or refusal:
            found.left_out.append(Unreadable(archive.path / _shown(member.name), refusal, kind="member"))
        elif any(part.startswith(".") or part == "__MACOSX" for part in PurePosixPath(name).parts):
            continue
        elif (suffix := suffix_of(name)) not in suffixes:
            found.passed_over.append(archive.path / name)
        else:
            yield apart(_file_of(member, archive, name, suffix, allowance), met)


def _file_of(member: Member, archive: NoteFile, name: str, suffix: str, allowance: Allowance) -> NoteFile:
    return NoteFile(
        archive.path / name,
        f"{archive.name}/{name}",
        suffix,
        member.size,
        opener=member.open,
        allowance=allowance,
        depth=archive.depth + 1,
        stands=(member.begins, member.takes),
    )


def zip_members(content: Content) -> Iterator[Member]:
    """Yield the files in a zip archive in their order."""
    with open_zip(content.file()) as archive:
        for info in archive.infolist():
            if not info.is_dir():
                yield _in_zip(archive, info)


def tar_members(content: Content) -> Iterator[Member]:
    """Yield the files in a tar archive in their order; each has to be read before the next is asked for."""
    tape = _Tape(content)
    try:
        with tarfile.open(fileobj=cast(BinaryIO, tape), mode="r:") as archive:
            while (info := archive.next()) is not None:
                archive.members.clear()  # type: ignore[attr-defined] # which would hold all of them
                with ExitStack() as copies:
                    if not info.isdir():
                        yield _in_tar(tape, info, copies)
        if tape.last_read.strip(b"\0") or not tape.last_read:
            raise CannotRead(DAMAGED, kind="file")  # tarfile takes a damaged header for the end
    except (tarfile.TarError, EOFError, ValueError, OverflowError, struct.error, RecursionError):
        raise CannotRead(DAMAGED, kind="file") from None


def _in_zip(archive: ZipFile, info: ZipInfo) -> Member:
    mode = info.external_attr >> 16
    refusal = None
    if info.flag_bits & 1:
        refusal = "encrypted; decrypt it"
    elif stat.S_IFMT(mode) not in (0, stat.S_IFREG):
        refusal = "a link or a device, not a file"
    name = info.filename.replace("\\", "/")
    return Member(
        name,
        info.file_size,
        lambda: cast(BinaryIO, archive.open(info)),
        info.header_offset,
        info.compress_size,
        refusal,
    )


def _in_tar(tape: _Tape, info: tarfile.TarInfo, copies: ExitStack) -> Member:
    refusal = None if info.isreg() and not info.issparse() else "a link or a device, not a file"
    begins, takes = tape.stands_at(info)
    return Member(info.name, info.size, tape.part(info.offset_data, info.size, copies), begins, takes, refusal)


class _Tape:
    """The bytes of a tar archive for tarfile to read its headers from; of what is packed it only goes forward."""

    def __init__(self, content: Content) -> None:
        self._content = content
        self._file = content.file() if content.is_plain else None
        self._chunks = content.chunks()
        self._held = b""
        self._position = 0
        self.last_read = b""

    def tell(self) -> int:
        return self._position

    def seek(self, position: int) -> int:
        if position < self._position and self._file is None:
            raise EOFError
        if self._file is not None:
            self._position = self._file.seek(position)
        while self._position < position:
            if not self._take(min(position - self._position, CHUNK_BYTES)):
                raise EOFError
        return self._position

    def read(self, size: int) -> bytes:
        if size > MAX_HEADER_BYTES:
            raise EOFError
        taken = bytearray()
        while len(taken) < size and (more := self._take(size - len(taken))):
            taken += more
        self.last_read = bytes(taken)
        return self.last_read

    def part(self, start: int, size: int, copies: ExitStack) -> Callable[[], BinaryIO]:
        """Return what opens a file in the archive: a part of it or, of a packed one, a copy."""
        if self._file is not None:
            whole = self._file
            return lambda: cast(BinaryIO, Part(whole, start, size))
        made: list[IO[bytes]] = []

        def open_copy() -> BinaryIO:
            if not made:
                self.seek(start)
                made.append(copies.enter_context(copied(self._stretch(size))))
            return cast(BinaryIO, Part(made[0], 0, size))

        return open_copy

    def stands_at(self, info: tarfile.TarInfo) -> tuple[int, int]:
        if self._file is not None:
            return info.offset_data, info.size
        return self._content.position, 0

    def _stretch(self, size: int) -> Iterator[bytes]:
        while size:
            taken = self._take(min(size, CHUNK_BYTES))
            if not taken:
                raise EOFError
            size -= len(taken)
            yield taken

    def _take(self, size: int) -> bytes:
        if self._file is not None:
            taken = self._file.read(size)
        else:
            self._held = self._held or next(self._chunks, b"")
            taken, self._held = self._held[:size], self._held[size:]
        self._position += len(taken)
        return taken


def _usable(name: str) -> tuple[str, str | None]:
    """Return a name in an archive as a path below it, and what is wrong with it, if anything is."""
    if _CONTROLS.search(name) or not is_storable(name):
        return name, "its name has signs that cannot be shown"
    if len(name) > MAX_NAME_CHARACTERS:
        return name, "its name is too long"
    parts = [part for part in name.split("/") if part not in ("", ".")]
    if name.startswith("/") or re.match(r"[A-Za-z]:", name) or ".." in parts or not parts:
        return name, "its name leads out of the archive"
    return "/".join(parts), None


def _shown(name: str) -> str:
    return name[:200].encode("unicode_escape").decode("ascii").lstrip("/") or "?"

"""A file to read, wherever it lies, and what its name says."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path, PurePath
from typing import BinaryIO

from clinsearch.readers.compression import ENDINGS as COMPRESSED
from clinsearch.readers.contents import Allowance
from clinsearch.readers.statements import is_query_name

STANDARD_INPUT = "-"


@dataclass(frozen=True, slots=True)
class NoteFile:
    """A file to read, in a folder or in an archive.

    path: where it is, in an archive by its name there behind the archive's. name: its path below the folder given.
    opener: opens a file that is not on disk. allowance: what may yet be unpacked of the archive it is in; depth: in how
    many it is; stands: where in the archive it begins, and how many bytes it takes there. has_namesake: whether a file
    before it in its folder has the same name but for the suffix.
    """

    path: Path
    name: str
    suffix: str
    size_bytes: int
    opener: Callable[[], BinaryIO] | None = None
    allowance: Allowance | None = None
    depth: int = 0
    stands: tuple[int, int] = (0, 0)
    has_namesake: bool = False

    @property
    def note_id(self) -> str:
        """The id of its note, if the note states none."""
        return self.name if self.has_namesake or not self.suffix else self.name[: -len(self.suffix)]

    def default_id(self, record: int | None, content: object) -> str:
        """Return the id of a note that states none, by the number of its record; in a stream, by what it holds.

        Records of two streams may have the same number.
        """
        if self.is_stream:
            digest = hashlib.blake2b(repr(content).encode(errors="surrogatepass"), digest_size=7).digest()
            return f"{self.note_id}#{int.from_bytes(digest)}"
        return self.note_id if record is None else f"{self.note_id}#{record}"

    @property
    def is_stream(self) -> bool:
        """Whether it is standard input or another stream."""
        return str(self.path) == STANDARD_INPUT

    def progress_in(self, progress: Callable[[int], None]) -> Callable[[int], None]:
        """Return what is told the position in this file, and tells an archive's reader the position there."""
        begins, takes = self.stands
        return lambda position: progress(begins + takes * min(position, self.size_bytes) // max(self.size_bytes, 1))

    def open(self) -> BinaryIO:
        """Open it. Raises what the operating system, or the archive, does."""
        return self.path.open("rb") if self.opener is None else self.opener()


def apart(file: NoteFile, met: set[tuple[Path, str]]) -> NoteFile:
    """Return a file with another id than the files before it in its folder, and add it to those that were met."""
    if (file.path.parent, file.note_id) in met:
        file = replace(file, has_namesake=True)
    met.add((file.path.parent, file.note_id))
    return file


def is_on_disk(path: str | Path) -> bool:
    """Tell whether there is, or may be, a file of this name: one that cannot be seen may still be there.

    So may one in an archive that is there, what came by standard input, and the query of a database.
    """
    if str(path) == STANDARD_INPUT or is_query_name(str(path)):
        return True
    try:
        os.lstat(path)
    except FileNotFoundError:
        return False
    except NotADirectoryError:
        return any(parent.is_file() for parent in Path(path).parents)
    except OSError:
        return True
    return True


def suffix_of(name: str) -> str:
    """Return the suffix of a file name in lower case, `.txt.gz` as one, empty if it has none."""
    path = PurePath(name.lower())
    ending = path.suffix
    if ending in COMPRESSED:
        ending = PurePath(path.stem).suffix + ending
    # What follows the full stop in "Smith, J. discharge" is part of a name, not a suffix to show.
    return ending if ending.replace(".", "").isalnum() else ""


def is_storable(path: str) -> bool:
    """Tell whether a path can be written in UTF-8."""
    try:
        path.encode()
    except UnicodeEncodeError:
        return False
    return True

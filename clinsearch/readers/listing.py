"""From paths to the files to read, each with the id of its note."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import BinaryIO

from clinsearch.errors import InputError
from clinsearch.readers.contents import StreamCopy
from clinsearch.readers.formats import ENDINGS, is_read
from clinsearch.readers.note_files import STANDARD_INPUT, NoteFile, apart, is_storable, suffix_of
from clinsearch.readers.outcomes import Unreadable, system_reason

# A catalog with either of these beside it is a collection's; other programs have a catalog.db, too.
COLLECTION_FILE, BESIDE_IT = "catalog.db", ("vectors", "writer.lock")

# A stream has no name; it is read as JSON Lines unless its content shows another format.
STREAM_SUFFIX = ".jsonl"


class Listing:
    """The files found under some paths; `passed_over` are those of other formats, `left_out` folders not walked.

    Raises InputError for a path that cannot be used, and if there is no file of a known format at all.
    """

    def __init__(self, given: Sequence[Path | BinaryIO]) -> None:
        self.passed_over: list[Path] = []
        self.left_out: list[Unreadable] = []
        self.problems: list[Unreadable] = []
        self._files: dict[Path, NoteFile] = {}
        paths = [one for one in given if isinstance(one, Path) and str(one) != STANDARD_INPUT]
        self.roots = [_absolute(path) for path in paths]
        # Outermost first: a file below two of the paths gets the same id whatever their order.
        for path in sorted(paths, key=lambda path: len(_absolute(path).parts)):
            self._add(path)
        if len(paths) < len(given):
            self._add_stream([one for one in given if one not in paths])
        if not self._files:
            raise InputError(_nothing_found(paths, self.problems, self.passed_over, self.left_out))

    @property
    def files(self) -> list[NoteFile]:
        """Return the files in the order of their paths, each once."""
        met = set[tuple[Path, str]]()
        files = [self._files[path] for path in sorted(self._files)]
        return [apart(file, met) for file in files]

    def _add(self, given: Path) -> None:
        mode, path = _mode(given), _absolute(given)
        if stat.S_ISDIR(mode):
            self._add_folder(path, given)
        elif not stat.S_ISREG(mode):
            raise InputError(f"{given} is neither a file nor a folder.")
        elif not is_read(suffix_of(path.name)):
            raise InputError(f"{given} is of no known format. Formats read: {', '.join(ENDINGS)} (also .gz).")
        else:
            _check_readable(given)
            self._add_file(path, path.parent)

    def _add_stream(self, streams: Sequence[Path | BinaryIO]) -> None:
        if len(streams) > 1:
            raise InputError("Only one stream of notes can be read at a time.")
        (stream,) = streams
        if isinstance(stream, Path) and sys.stdin is None:
            raise InputError("Standard input is closed. Pipe notes into the command, or name a file.")
        copy = StreamCopy(sys.stdin.buffer if isinstance(stream, Path) else stream)
        path = Path(STANDARD_INPUT)
        self._files[path] = NoteFile(path, STANDARD_INPUT + STREAM_SUFFIX, STREAM_SUFFIX, 0, opener=copy.open)

    def _add_folder(self, root: Path, given: Path) -> None:
        def refused(error: OSError) -> None:
            folder = Path(error.filename)
            if folder == root:
                raise InputError(f"{given} may not be read: {system_reason(error)}.")
            self.problems.append(Unreadable(folder, system_reason(error), kind="file"))

        for folder, subfolders, names in os.walk(root, onerror=refused):
            if is_collection(Path(folder)):
                self.left_out.append(Unreadable(Path(folder), "a clinsearch collection", kind="collection"))
                subfolders.clear()
                continue
            subfolders[:] = sorted(name for name in subfolders if not name.startswith("."))
            self._leave_out_links(Path(folder, name) for name in subfolders)
            for name in sorted(names):
                if not name.startswith("."):
                    self._add_found(Path(folder, name), root)

    def _leave_out_links(self, subfolders: Iterable[Path]) -> None:
        """Leave out subfolders that are links, which may lead outside or in circles."""
        links = (path for path in subfolders if path.is_symlink() and path not in self.roots)
        reason = "a link to a folder; to have it read, give its path to `clinsearch index`"
        self.left_out += [Unreadable(path, reason, kind="link") for path in links]

    def _add_found(self, path: Path, root: Path) -> None:
        suffix = suffix_of(path.name)
        if is_read(suffix):
            self._add_file(path, root)
        else:
            self.passed_over.append(path)

    def _add_file(self, path: Path, root: Path) -> None:
        if path in self._files:
            return
        try:
            state = path.stat()
        except OSError as error:
            self.problems.append(Unreadable(path, system_reason(error), kind="file"))
            return
        if not stat.S_ISREG(state.st_mode):
            self.problems.append(Unreadable(path, "not a regular file", kind="file"))
        elif not is_storable(str(path)):
            self.problems.append(Unreadable(path, "its path is not valid UTF-8; rename it", kind="file"))
        else:
            suffix = suffix_of(path.name)
            self._files[path] = NoteFile(path, path.relative_to(root).as_posix(), suffix, state.st_size)


def is_collection(folder: Path) -> bool:
    """Tell whether a folder is a collection of clinsearch's, whole or damaged."""
    names = (COLLECTION_FILE, *BESIDE_IT)
    catalog, *beside = (os.access(folder / name, os.F_OK) for name in names)
    return catalog and any(beside)


def _mode(given: Path) -> int:
    try:
        return given.stat().st_mode
    except (FileNotFoundError, NotADirectoryError, ValueError):
        raise InputError(f"No file or folder at {given}. Check the path.") from None
    except OSError as error:
        raise InputError(f"{given} may not be read: {system_reason(error)}.") from None


def _check_readable(given: Path) -> None:
    try:
        given.open("rb").close()
    except OSError as error:
        raise InputError(f"{given} may not be read: {system_reason(error)}.") from None


def _absolute(path: Path) -> Path:
    # Not resolve(): a symlinked file keeps the name it was found under.
    return Path(os.path.abspath(path))  # noqa: PTH100


def _nothing_found(
    paths: Sequence[Path],
    problems: Sequence[Unreadable],
    passed_over: Sequence[Path],
    left_out: Sequence[Unreadable],
) -> str:
    if not paths:
        return "No notes: no file or folder was given."
    for path in paths:
        if is_collection(path):
            return f"{path} is a clinsearch collection. Name the folder that its notes are in."
    where, verb = ", ".join(str(path) for path in paths), "they have" if len(paths) > 1 else "it has"
    formats = f"{', '.join(ENDINGS[:-1])} or {ENDINGS[-1]}"
    refused = f" {len(problems)} in there could not be read." if problems else ""
    met = ", ".join(sorted({suffix_of(path.name) or "without suffix" for path in passed_over}))
    others = f" Of other formats it has {met}." if met else ""
    folders = "".join(f" {folder.path} is {folder.reason}." for folder in left_out[:1])
    return f"No notes in {where}: {verb} no {formats} file (also .gz).{others}{refused}{folders}"

"""The commands that are disturbed: each with the collection that it finds, and what it does."""

from __future__ import annotations

import os
import shutil
import tarfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from clinsearch import Collection, index
from clinsearch.encoder.checkpoint import Checkpoint
from clinsearch.encoder.encoder import Encoder
from clinsearch.errors import CollectionDamaged, CollectionError, NoteNotFound
from clinsearch.indexing.copying import copy
from clinsearch.indexing.rescue import rescue
from clinsearch.storage.folder import writer as folder_writer
from tests.conftest import PROJECT
from tests.support.kills import change_notes, write_notes

KEPT = PROJECT / "tests" / "collections"
NEXT = "HISTORY:\nA note of the next run. She denies fever.\n"


@dataclass(frozen=True)
class Command:
    """A command and its scene.

    start: the collection that it finds, if any. notes: what lies in the folder of notes. result: the end of the name
    of what it makes beside the collection. refused_before: whether searches may be refused until it is done.
    """

    name: str
    start: Path | None
    notes: Path
    work: Callable[[Path], Any]
    result: str = ""
    reads: bool = False
    refused_before: bool = False

    def made(self, folder: Path) -> Path:
        return folder.with_name(folder.name + self.result)

    def again(self, folder: Path) -> Any:
        """Run it again, as whoever sees that it was interrupted does."""
        with suppress(NoteNotFound):
            return self.work(folder)


class Scene:
    """All commands over a few notes, in a folder. Notes always lie at one path, that they be the same notes."""

    def __init__(self, folder: Path, model: Path, notes: int) -> None:
        self.folder, self.live, self.place = folder, folder / "live", folder / "at"
        first = write_notes(folder / "first", notes, seed=1)
        second = Path(shutil.copytree(first, folder / "second" / "notes"))
        change_notes(second)
        self.put(first)
        former = folder / "former"
        index(self.live, former, model=str(model))
        ids = sorted(path.stem for path in self.live.glob("*.txt"))
        remains, broken = (Path(shutil.copytree(former, folder / name)) for name in ("remains", "broken"))
        _leave_remains(remains, ids[:3])
        _break(broken / "vectors")
        self.commands = (
            Command("index", None, first, lambda at: index(self.live, at, model=str(model))),
            Command("change", former, second, lambda at: index(self.live, at, delete_missing=True)),
            Command("delete", former, first, lambda at: Collection(at).delete(ids[2:4])),
            Command("optimize", remains, first, lambda at: Collection(at).optimize()),
            Command("repair", broken, first, lambda at: Collection(at).repair(), refused_before=True),
            Command("migrate", *self._older(), lambda at: index(self.live, at), refused_before=True),
            Command("backup", former, first, _back_up, result="-copy"),
            Command("copy", former, first, _copy, result="-copy"),
            Command("rescue", former, first, _rescue, result="-copy"),
            Command("search", former, first, _search, reads=True),
        )

    def warm(self, commands: Sequence[Command]) -> None:
        """Do each once, so that processes to come find all modules imported and all models loaded."""
        for command in commands:
            self.put(command.notes)
            folder = self.fresh(command)
            command.work(folder)
            _search(command.made(folder))
            Collection(folder).verify(full=True)
            write_next_note(self.live, folder)

    def put(self, notes: Path) -> None:
        shutil.rmtree(self.live, ignore_errors=True)
        shutil.copytree(notes, self.live)

    def fresh(self, command: Command) -> Path:
        """Make the collection anew that a command finds."""
        shutil.rmtree(self.place, ignore_errors=True)
        self.place.mkdir()
        folder = self.place / "c"
        if command.start:
            shutil.copytree(command.start, folder)
        return folder

    def _older(self) -> tuple[Path, Path]:
        """Return a collection of an earlier schema, and its notes."""
        place = self.folder / "older"
        place.mkdir()
        with tarfile.open(KEPT / "revision-0005.tar.gz") as packed:
            packed.extractall(place, filter="data")
        return place / "collection", KEPT / "notes"


def keep_encoders() -> None:
    """Load a model once in all processes to come: what is tried is the collection."""
    made: dict[Path, Encoder] = {}
    load = Encoder.__init__

    def once(self: Encoder, checkpoint: Checkpoint, **options: Any) -> None:
        if checkpoint.folder in made:
            self.__dict__.update(made[checkpoint.folder].__dict__)
        else:
            load(self, checkpoint, **options)
            made[checkpoint.folder] = self

    Encoder.__init__ = once  # type: ignore[method-assign]


def write_next_note(live: Path, folder: Path) -> None:
    """Index one note more: the next write, which clears what an interrupted one left."""
    path = live / "next.txt"
    path.write_text(NEXT, encoding="utf-8")
    index([path], folder)
    path.unlink()


def _leave_remains(folder: Path, ids: list[str]) -> None:
    at_once = folder_writer.SCRUBBED_AT_ONCE_BYTES
    folder_writer.SCRUBBED_AT_ONCE_BYTES = 0
    Collection(folder).delete(ids)
    folder_writer.SCRUBBED_AT_ONCE_BYTES = at_once


def _break(vectors: Path) -> None:
    for number, path in enumerate(sorted(vectors.iterdir())):
        if number % 3 == 0:
            os.truncate(path, path.stat().st_size // 2)
        elif number % 3 == 1:
            path.unlink()


def _back_up(folder: Path) -> None:
    if (copied := _free(folder)) is not None:
        Collection(folder).backup(copied)


def _rescue(folder: Path) -> None:
    if (copied := _free(folder)) is not None:
        rescue(folder, copied)


def _copy(folder: Path) -> None:
    copied = folder.with_name(f"{folder.name}-copy")
    try:
        Collection(copied).count()
    except CollectionError:  # not there, or not all of it yet
        copy(folder, copied)


def _free(folder: Path) -> Path | None:
    """Return where a copy goes, unless there is one already."""
    copied = folder.with_name(f"{folder.name}-copy")
    return None if copied.exists() and any(copied.iterdir()) else copied


def _search(folder: Path) -> Any:
    from benchmarks.faults.states import searched

    return searched(folder)


def is_damage(error: str) -> bool:
    """Tell whether an error is one that a collection may give before it is mended or migrated."""
    return error.startswith((CollectionDamaged.__name__, "CollectionVersion"))

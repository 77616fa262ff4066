"""The commands that say what roles of a database may do with a collection."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import click

from clinsearch.cli.options import format_option, together
from clinsearch.cli.output import write_result
from clinsearch.cli.source import Source, source_options
from clinsearch.errors import InputError
from clinsearch.records.grants import Grant
from clinsearch.rendering.records.grants import grant_record
from clinsearch.rendering.terminal.grants import print_grants
from clinsearch.storage import roles_of


@dataclass(frozen=True, slots=True)
class Seen:
    """Some notes, by their patients and by the beginnings of their sources."""

    patient: tuple[str, ...]
    patients: Path | None
    source: tuple[str, ...]

    def of(self, role: str) -> Grant:
        """Return the right to see them. Raises InputError."""
        if not all((*self.patient, *self.source)):
            raise InputError("An empty patient id or source would mean nothing, or everything. Leave it out.")
        return Grant(role, patients=tuple(dict.fromkeys([*self.patient, *self._listed()])), sources=self.source)

    def _listed(self) -> list[str]:
        if self.patients is None:
            return []
        try:
            lines = self.patients.read_text(encoding="utf-8-sig").splitlines()
        except UnicodeDecodeError:
            raise InputError(f"{self.patients} is not text in UTF-8.") from None
        if found := [line.strip() for line in lines if line.strip()]:
            return found
        raise InputError(f"{self.patients} names no patient. Write one id on each line.")


seen_options = together(
    "seen",
    Seen,
    click.option(
        "--patient", multiple=True, metavar="ID", help="The notes of this patient; may be given several times."
    ),
    click.option(
        "--patients",
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        metavar="FILE",
        help="The notes of the patients of this file: one id on each line.",
    ),
    click.option(
        "--source",
        multiple=True,
        metavar="BEGINNING",
        help="The notes whose source, as `clinsearch notes --format json` shows it, begins so, as those of a site: end "
        "a folder with /. May be given several times.",
    ),
)


@click.command(short_help="Let a role of a database read all notes, or some, or write; or list who may.")
@click.argument("role", required=False)
@click.option("--all", "sees_all", is_flag=True, help="Read all notes.")
@click.option("--write", "writes", is_flag=True, help="Read and change all: index, delete, repair.")
@seen_options
@source_options()
@format_option
def grant(role: str | None, sees_all: bool, writes: bool, seen: Seen, source: Source, form: str) -> None:
    """Let a role of the database read all notes of a collection, or some alone, or change them; or list who may.

    For the owner of the collection; without ROLE it lists what others were granted. What a role was granted before
    stays. Members of a role have its rights, too.

    A role that may read some notes finds all that is in these, as if there were no others; it can't search words in
    their context.

    \b
    clinsearch grant
    clinsearch grant ward_7 --patients ward7.txt
    clinsearch grant north --source /data/north/
    clinsearch grant indexer --write
    """
    wanted = seen.of(role or "")
    some = bool(wanted.patients or wanted.sources)
    if role is None and not (sees_all or writes or some):
        found = roles_of(source.collection).listed()
        write_result(form, lambda: print_grants(found), lambda: [grant_record(one) for one in found])
        return
    if role is None:
        raise click.UsageError("Name the role that is to have the right: `clinsearch grant ROLE`.")
    if sees_all + writes + some != 1:
        raise click.UsageError("Say what the role may do: --all, --write, or of which notes it may read.")
    now = roles_of(source.collection).grant(Grant(role, writes, sees_all, wanted.patients, wanted.sources))
    write_result(form, lambda: print_grants([now]), lambda: grant_record(now))


@click.command(short_help="Take back what a role was granted, or a part of it.")
@click.argument("role")
@seen_options
@source_options()
@format_option
def revoke(role: str, seen: Seen, source: Source, form: str) -> None:
    """Take back all that a role was granted, or the notes of some patients or sources.

    \b
    clinsearch revoke ward_7
    clinsearch revoke ward_7 --patient P001
    """
    less = seen.of(role)
    now = roles_of(source.collection).revoke(role, less if less.patients or less.sources else None)
    write_result(form, lambda: print_grants([now]), lambda: grant_record(now))

"""How the command line takes the place of a collection: a folder, or the address of a database without a password."""

from __future__ import annotations

from typing import Any

import click
from click.core import ParameterSource
from click.shell_completion import CompletionItem

from clinsearch.errors import InputError
from clinsearch.records.locations import Database, Location, locate
from clinsearch.settings import COLLECTION_VARIABLE

# Where a password may be instead.
PASSWORD_PLACES = (
    f"Put it into $PGPASSWORD, ~/.pgpass or a service file, or the whole address into ${COLLECTION_VARIABLE}."
)


class LocationType(click.ParamType[Location]):
    """A folder, or a database; on the command line, which other users can see, without a password."""

    name = "location"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Location:
        """Read a place. A database's address is never repeated in an error."""
        try:
            location = locate(value)
        except InputError as error:
            self.fail(str(error), param, ctx)
        if _is_of_command_line(param, ctx) and isinstance(location, Database) and location.has_secret:
            self.fail(f"The address holds a password, which `ps` shows to others. {PASSWORD_PLACES}", param, ctx)
        return location

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """Complete a folder's path; of a database nothing is known."""
        return [CompletionItem(incomplete, type="file")]


def _is_of_command_line(param: click.Parameter | None, ctx: click.Context | None) -> bool:
    if ctx is None or param is None or param.name is None:
        return False
    return ctx.get_parameter_source(param.name) == ParameterSource.COMMANDLINE

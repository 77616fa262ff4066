"""Which options can be settled in a file or a variable, by what names, and what they take there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import click

from clinsearch.cli.locations import PASSWORD_PLACES, LocationType
from clinsearch.errors import InputError, SettingError
from clinsearch.records.locations import Database, locate
from clinsearch.settings import COLLECTION_VARIABLE, SettingsFile, user_file

PREFIX = "CLINSEARCH"
# What holds for every command with an option of that name, and the command whose option says what it takes.
GENERAL = {
    "collection": "index",
    "model": "index",
    "terms": "search",
    "k": "search",
    "level": "search",
    "mode": "search",
    "assertion": "search",
    "format": "search",
    "encoding": "index",
    "preset": "index",
    "wait": "index",
}
# What reaches further than a folder that came from elsewhere may.
NEVER_OF_PROJECT = (
    *("sql", "force", "save", "output", "record"),
    # Nor is it believed because it says so.
    "trust",
    # Nor does it decide who may look, or what is told of it.
    *("host", "name", "token_file", "tls_cert", "tls_key", "behind_proxy", "allow_writes", "audit", "audit_queries"),
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value stands: in which file, and there under what name."""

    file: SettingsFile
    name: str

    def error(self, reason: str) -> SettingError:
        """Say in one line what is wrong there."""
        return SettingError(f"{self.file.path}: {self.name} {reason}")


def options_by_key(command: click.Command) -> dict[str, click.Option]:
    """Return what can be settled of a command, by the names that files have for it."""
    options = [option for option in command.params if isinstance(option, click.Option)]
    return {key_of(option): option for option in options if not option.hidden}


def key_of(option: click.Option) -> str:
    """Return an option's name in a file: `delete_missing` of --delete-missing."""
    return max(option.opts, key=len).lstrip("-").replace("-", "_")


def variables_of(command: str, key: str, option: click.Option) -> list[str]:
    """Return the variables that settle an option, the first that is set holds; none of one that takes several values.

    How these would be told apart in a variable depends on what they are.
    """
    if not _takes_one(option):
        return []
    general = [f"{PREFIX}_{key.upper()}"] if key in GENERAL else []
    return [f"{PREFIX}_{command.upper()}_{key.upper()}", *general]


def is_for(option: click.Option, value: Any) -> bool:
    """Tell whether an option takes a value that is meant for every command that has such an option."""
    try:
        option.type.convert(value, option, None)
    except click.BadParameter:
        return False
    return _takes_one(option)


def converted(option: click.Option, value: str) -> Any:
    """Return a variable's value as the option takes it, or as it is where the option does not take it."""
    try:
        return option.type.convert(value, option, None)
    except click.BadParameter:
        return value


def nearest(name: str, known: Mapping[str, Any] | list[str]) -> str:
    """Say which name was meant, or which there are."""
    near = get_close_matches(name, known, n=1)
    return f"Did you mean {near[0]}?" if near else f"There are {', '.join(sorted(known))}."


def checked(option: click.Option, value: Any, place: Place) -> Any:
    """Return a file's value as the option takes it, with its paths made whole. Raises SettingError."""
    if place.file.kind == "project" and key_of(option) in NEVER_OF_PROJECT:
        raise place.error(f"is for the command line or your own file{_own_file()}, not for a project's.")
    if "=" in (option.metavar or "") and _is_of_texts(value):
        value = [f"{field}={column}" for field, column in value.items()]
    if option.multiple:
        return [_checked_one(option, one, place) for one in (value if isinstance(value, list) else [value])]
    if option.nargs > 1:
        if not isinstance(value, list) or len(value) != option.nargs:
            raise place.error(f"takes a list of {option.nargs}.")
        return [_checked_one(option, one, place) for one in value]
    return _checked_one(option, value, place)


def _is_of_texts(value: Any) -> bool:
    return isinstance(value, dict) and all(isinstance(one, str) for one in value.values())


def _checked_one(option: click.Option, value: Any, place: Place) -> Any:
    wanted, kinds = _wanted(option)
    if type(value) not in kinds or "\0" in str(value):
        raise place.error(f"takes {wanted}.")
    if isinstance(option.type, LocationType):
        return _location(value, place)
    try:
        option.type.convert(value, option, None)
    except click.BadParameter as error:
        # What numbers may be is in the message; a text might be of a query.
        raise place.error(f"takes {wanted}{f': {error.message}' if str not in kinds else '.'}") from None
    if isinstance(option.type, click.Path):
        return _path(value, place)
    return _model(value, place) if key_of(option) == "model" else value


def _wanted(option: click.Option) -> tuple[str, tuple[type, ...]]:
    """Say what an option takes, and of which types that may be."""
    if option.is_flag:
        return "true or false", (bool,)
    match option.type:
        case click.Choice(choices=choices):
            return f"one of {', '.join(map(str, choices))}", (str,)
        case click.types.IntParamType():
            return "a whole number", (int,)
        case click.types.FloatParamType():
            return "a number", (int, float)
    return "text" if not option.multiple else "text, or a list of texts", (str,)


def _takes_one(option: click.Option) -> bool:
    return not option.multiple and option.nargs == 1


def _location(given: str, place: Place) -> str | Database:
    """Return a folder as seen from its file, or a database; a project's file names none, as it would get the notes."""
    try:
        location = locate(given)
    except InputError as error:
        raise place.error(f"cannot be used. {error}") from None
    if isinstance(location, Path):
        return _path(given, place)
    if place.file.kind == "project":
        raise place.error(f"names a database: that is for ${COLLECTION_VARIABLE}, or your own file{_own_file()}.")
    if location.has_secret:
        raise place.error(f"holds a password, and a file of settings may be shared. {PASSWORD_PLACES}")
    return location


def _path(given: str, place: Place) -> str:
    """Return a path as seen from its file; a project's leads nowhere outside its folder."""
    folder = place.file.path.parent
    try:
        path = folder / Path(given).expanduser()
        is_outside = not path.resolve().is_relative_to(folder.resolve())
    except (OSError, RuntimeError):
        raise place.error("is a path that leads nowhere.") from None
    if is_outside and place.file.kind == "project":
        raise place.error(
            f"leads out of the folder of the file. Name it with the command, or in your own file{_own_file()}."
        )
    return str(path)


def _model(given: str, place: Place) -> str:
    """Return a model's name, or its folder; of a project's file none that would have to be fetched."""
    from clinsearch.encoder.checkpoint import DEFAULT_MODEL, MINILM

    if given in (DEFAULT_MODEL, MINILM):
        return given
    if given.startswith("~") or (place.file.path.parent / given).is_dir():
        return _path(given, place)
    if place.file.kind == "project":
        known = f"{DEFAULT_MODEL}, {MINILM} or a folder beside the file"
        raise place.error(f"takes {known}; others are for --model, or your own file{_own_file()}.")
    return given


def _own_file() -> str:
    own = user_file()
    return f" {own.path}" if own else ""

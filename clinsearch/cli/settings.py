"""Settles the options of a command that its arguments leave open: by variables, a project's file and the user's own."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias, cast

import click
from click.core import ParameterSource

from clinsearch.cli.settable import GENERAL, Place, checked, converted, is_for, nearest, options_by_key, variables_of
from clinsearch.errors import InputError, SettingError
from clinsearch.readers.requests import FilterOptions
from clinsearch.records.locations import Database, Location, folder_of, locate
from clinsearch.rendering.signs import tell
from clinsearch.settings import SearchedFile, Setting, SettingsFile, project_files, read_settings, user_file

IN_FORCE = "clinsearch.settings"  # where a context keeps what files say of its command, by parameter
# These have to work where a file is wrong, and tell nothing of one that is right.
SETTLED_IF_POSSIBLE = ("config", "completion")
# That a project's file sets one of these is told: they decide what is looked at, and what is changed.
TOLD = {
    "collection",
    "model",
    "models",
    "pooling",
    "terms",
    "delete_missing",
    "attachments",
    *(field for field in FilterOptions.__annotations__ if field != "after"),  # only a saved search has that
}

Values: TypeAlias = Mapping[str, Any]
Given: TypeAlias = str | Location | None  # the collection that was named with a command, read or not


@dataclass(frozen=True, slots=True)
class Layer:
    """What one file says: for every command, and by command."""

    file: SettingsFile
    general: Values
    tables: Mapping[str, Values]


def settle(program: click.Context, name: str, arguments: Sequence[str]) -> None:
    """Hand to a command what files say of its options. Raises SettingError."""
    given = _given(program, name, arguments)
    if given is None or program.resilient_parsing or program.params.get("no_settings"):
        return
    try:
        layers = read_layers(program, name, given.get("collection"))
    except SettingError:
        if name in SETTLED_IF_POSSIBLE:
            return
        raise
    options = options_of(program, name)
    found = {key: setting for key, option in options.items() if (setting := _from_files(layers, name, key, option))}
    of_parameter = {options[key].name: setting for key, setting in found.items()}
    program.default_map = {name: {parameter: setting.value for parameter, setting in of_parameter.items()}}
    program.meta[IN_FORCE] = of_parameter
    if name not in SETTLED_IF_POSSIBLE:
        left_open = [key for key in found if options[key].name not in given]
        told = [key for key in left_open if options[key].name in TOLD]
        _tell(found[key] for key in told if not _from_variables(name, key, options[key]))


def name_variables(name: str, command: click.Command) -> None:
    """Have click look for a command's options in the variables of their names."""
    for key, option in options_by_key(command).items():
        option.envvar = variables_of(name, key, option)


def options_of(program: click.Context, name: str) -> dict[str, click.Option]:
    """Return what can be settled of a command."""
    command = cast(click.Group, program.command).get_command(program, name)
    return options_by_key(command) if command else {}


def read_layers(program: click.Context, name: str, collection: Given = None) -> list[Layer]:
    """Read the files that hold for a command, the user's own first, as the project's goes before it.

    collection: the one named with the command. Raises SettingError.
    """
    own = user_file()
    layers = [layer] if own and (layer := _layer(program, own)) else []
    here, *beside = project_files(_folder(program, layers, name, collection))
    if layer := _layer(program, here):
        return [*layers, layer]
    return [*layers, *(_without_collection(layer) for file in beside if (layer := _layer(program, file)))]


def search_files(program: click.Context, name: str, collection: Given = None) -> list[SearchedFile]:
    """Return every place where settings are looked for, those first that go before others, and what was found there."""
    own = user_file()
    try:
        layers = [layer] if own and (layer := _layer(program, own)) else []
    except SettingError:
        layers = []
    searched: list[SearchedFile] = []
    for file in project_files(_folder(program, layers, name, collection)):
        is_behind = any(before.state != "absent" for before in searched)
        searched.append(SearchedFile(file, "unused", None) if is_behind else _searched(program, file))
    return [*searched, *([_searched(program, own)] if own else [])]


def in_force(layers: Sequence[Layer], name: str, key: str, option: click.Option) -> Setting:
    """Return an option's value where the command line does not say, and where it comes from."""
    found = _from_variables(name, key, option) or _from_files(layers, name, key, option)
    return found or Setting(None, key, option.to_info_dict()["default"], "default", None)


def origin_of(error: click.BadParameter) -> str | None:
    """Name the variable or the file that a wrong value comes from, None for the command line."""
    if error.ctx is None or error.param is None or error.param.name is None:
        return None
    match error.ctx.get_parameter_source(error.param.name):
        case ParameterSource.ENVIRONMENT:
            return next((f"${one}" for one in cast(list[str], error.param.envvar) if os.environ.get(one)), None)
        case ParameterSource.DEFAULT_MAP:
            return cast(Setting, error.ctx.meta[IN_FORCE][error.param.name]).place
    return None


def _commands(program: click.Context) -> list[str]:
    return cast(click.Group, program.command).list_commands(program)


def _given(program: click.Context, name: str, arguments: Sequence[str]) -> Values | None:
    """Return what the arguments say, by parameter, as far as they can be read; None where they ask for help."""
    command = cast(click.Command, cast(click.Group, program.command).get_command(program, name))
    context = click.Context(command, info_name=name, parent=program, resilient_parsing=True)
    given, _, _ = command.make_parser(context).parse_args(list(arguments))
    for_help = command.get_help_option(context)
    return None if for_help and for_help.name in given else given


def _folder(program: click.Context, layers: Sequence[Layer], name: str, given: Given) -> Path | None:
    """Return the folder of the collection that a command takes, as far as it is known before a file next to it is read.

    None for a database.
    """
    if not isinstance(given, str | Path | Database):
        user = name if "collection" in options_of(program, name) else GENERAL["collection"]
        given = in_force(layers, user, "collection", options_of(program, user)["collection"]).value
    try:
        return folder_of(locate(given))
    except InputError:
        return None  # told where the option is read


def _from_variables(name: str, key: str, option: click.Option) -> Setting | None:
    for number, variable in enumerate(variables_of(name, key, option)):
        if value := os.environ.get(variable):
            return Setting(None if number else name, key, converted(option, value), "environment", variable)
    return None


def _from_files(layers: Sequence[Layer], name: str, key: str, option: click.Option) -> Setting | None:
    for layer in reversed(layers):
        kind, place = layer.file.kind, str(layer.file.path)
        of_command = layer.tables.get(name, {})
        if key in of_command:
            return Setting(name, key, of_command[key], kind, place)
        if key in layer.general and is_for(option, layer.general[key]):
            return Setting(None, key, layer.general[key], kind, place)
    return None


def _tell(found: Iterable[Setting]) -> None:
    """Say on stderr what a project's file has decided; it may have come from elsewhere."""
    told = [setting for setting in found if setting.origin == "project"]
    if told:
        tell(f"{told[0].place} sets {', '.join(setting.key for setting in told)}.")


def _searched(program: click.Context, file: SettingsFile) -> SearchedFile:
    try:
        return SearchedFile(file, "read" if _layer(program, file) else "absent", None)
    except SettingError as error:
        return SearchedFile(file, "refused", str(error))


def _layer(program: click.Context, file: SettingsFile) -> Layer | None:
    """Read and check a file; None where there is none. Raises SettingError."""
    found = read_settings(file.path)
    if found is None:
        return None
    commands = _commands(program)
    tables = {key: value for key, value in found.items() if isinstance(value, dict) and key in commands}
    general = {key: value for key, value in found.items() if key not in tables}
    return Layer(
        file,
        {key: _checked_general(program, key, value, file) for key, value in general.items()},
        {name: _checked_table(program, name, values, file) for name, values in tables.items()},
    )


def _checked_general(program: click.Context, key: str, value: Any, file: SettingsFile) -> Any:
    place = Place(file, _short(key))
    if key in GENERAL:
        return checked(options_of(program, GENERAL[key])[key], value, place)
    commands = _commands(program)
    of_command = [name for name in commands if key in options_of(program, name)]
    if of_command and not isinstance(value, dict):
        raise place.error(f"belongs to a command: put it below [{of_command[0]}].")
    raise place.error(f"is not known. {nearest(key, commands if isinstance(value, dict) else list(GENERAL))}")


def _checked_table(program: click.Context, name: str, values: Values, file: SettingsFile) -> Values:
    return dict(_checked_options(options_of(program, name), name, values, file))


def _checked_options(
    options: Mapping[str, click.Option], name: str, values: Values, file: SettingsFile
) -> Iterator[tuple[str, Any]]:
    for key, value in values.items():
        place = Place(file, f"[{name}] {_short(key)}")
        if key not in options:
            raise place.error(f"is not known. {nearest(key, options)}")
        yield key, checked(options[key], value, place)


def _without_collection(layer: Layer) -> Layer:
    """Leave out which collection a file names that was found by its collection."""
    tables = {name: _without(values) for name, values in layer.tables.items()}
    return Layer(layer.file, _without(layer.general), tables)


def _without(values: Values) -> Values:
    return {key: value for key, value in values.items() if key != "collection"}


def _short(key: str) -> str:
    return key if len(key) <= 40 else f"{key[:40]}…"

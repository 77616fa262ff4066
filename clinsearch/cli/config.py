"""The command that shows which settings hold, and where they come from."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import cast

import click

from clinsearch.cli.options import format_option
from clinsearch.cli.output import write_result
from clinsearch.cli.settable import GENERAL, PREFIX, nearest, variables_of
from clinsearch.cli.settings import Layer, in_force, options_of, read_layers, search_files
from clinsearch.cli.source import Source, is_named, source_options
from clinsearch.cli.usage import no_such_command
from clinsearch.records.locations import Location
from clinsearch.rendering.records.settings import file_records, setting_records
from clinsearch.rendering.signs import tell
from clinsearch.rendering.terminal.settings import print_files, print_settings
from clinsearch.settings import OTHER_VARIABLES, Setting


def _begun(ctx: click.Context, _argument: click.Parameter, begun: str) -> list[str]:
    return [name for name in _commands(ctx.find_root()) if name.startswith(begun)]


@click.command(short_help="Show which settings hold, and where they come from.")
@click.argument("command", required=False, metavar="[COMMAND]", shell_complete=_begun)
@click.option("--paths", is_flag=True, help="Show where clinsearch.toml is looked for, and what was found there.")
@source_options()
@format_option
@click.pass_context
def config(ctx: click.Context, command: str | None, paths: bool, source: Source, form: str) -> None:
    """Show what holds where a command's options do not say: for all commands and what is set for single ones, or
    every option of COMMAND. The command line goes before $CLINSEARCH_ variables, these before clinsearch.toml here or
    next to the collection, and that before clinsearch.toml in your own folder.

    \b
    clinsearch config
    clinsearch config search
    clinsearch config --paths
    """
    program, collection = ctx.find_root(), source.collection if is_named() else None
    if program.params["no_settings"]:
        tell("No file is read: --no-settings, or $CLINSEARCH_NO_SETTINGS.")
    if paths:
        files = search_files(program, "index", collection)
        write_result(form, lambda: print_files(files), lambda: file_records(files))
        return
    settings = list(_settings(program, command, collection))
    _tell_unknown(program)
    write_result(form, lambda: print_settings(settings), lambda: setting_records(settings))


def _settings(program: click.Context, command: str | None, collection: Location | None) -> Iterator[Setting]:
    if command is not None and command not in _commands(program):
        raise no_such_command(command, _commands(program), program)
    layers = [] if program.params["no_settings"] else read_layers(program, command or "index", collection)
    if command is None:
        yield from (_general(program, layers, key) for key in GENERAL)
    for name in [command] if command else _commands(program):
        for key, option in options_of(program, name).items():
            found = in_force(layers, name, key, option)
            if command or found.command:
                yield Setting(name, key, found.value, found.origin, found.place)


def _general(program: click.Context, layers: list[Layer], key: str) -> Setting:
    """Return what holds for every command; what is set for a single one is left out."""
    of_all = [Layer(layer.file, layer.general, {}) for layer in layers]
    return in_force(of_all, "", key, options_of(program, GENERAL[key])[key])


def _tell_unknown(program: click.Context) -> None:
    """Say of each variable that looks like one of ours that it is none."""
    known = {
        variable
        for name in _commands(program)
        for key, option in options_of(program, name).items()
        for variable in variables_of(name, key, option)
    }
    known.update(OTHER_VARIABLES)
    for name in sorted(os.environ):
        if name.startswith(f"{PREFIX}_") and name not in known:
            tell(f"${name} is not known. {nearest(name, sorted(known))}")


def _commands(program: click.Context) -> list[str]:
    return cast(click.Group, program.command).list_commands(program)

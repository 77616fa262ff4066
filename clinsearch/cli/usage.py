"""Wrong usage told plainly, where click's own message repeats a query, names hidden options, or has no remedy."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

import click

from clinsearch.cli.settings import origin_of
from clinsearch.rendering.signs import visible


def plain(error: click.ClickException) -> click.ClickException:
    """Return what to say in place of click's message; it steers no terminal, whatever the arguments it quotes."""
    match error:
        case click.BadParameter() if origin := origin_of(error):
            error = click.ClickException(f"{origin}: {error.message}")
        case click.NoSuchOption():
            error = _no_such_option(error)
        case click.UsageError() if "unexpected extra argument" in error.message:
            error = _too_many_arguments(error)
    error.__dict__["message"] = visible(error.message)  # which has no other way to be changed
    return error


def no_such_command(name: str, commands: Iterable[str], ctx: click.Context) -> click.UsageError:
    """Name the command that was meant, if there is one like it; what may be a query is not repeated."""
    if len(name.split()) > 1:
        return click.UsageError('To search, write `clinsearch search "TEXT"`.', ctx)
    if "://" in name:  # which may hold a password
        return click.UsageError("An address is no command. `clinsearch --help` lists all.", ctx)
    near = get_close_matches(name, commands, n=1)
    remedy = f"Did you mean '{near[0]}'?" if near else "`clinsearch --help` lists all."
    return click.UsageError(f"No such command '{name}'. {remedy}", ctx)


def _no_such_option(error: click.NoSuchOption) -> click.NoSuchOption:
    """Guess at none of the options that are hidden."""
    shown = [
        name
        for option in (error.ctx.command.params if error.ctx else ())
        if isinstance(option, click.Option) and not option.hidden
        for name in (*option.opts, *option.secondary_opts)
    ]
    return click.NoSuchOption(error.option_name, error.message, shown, error.ctx)


def _too_many_arguments(error: click.UsageError) -> click.UsageError:
    """Say so without repeating the words, which may be a query's."""
    context = error.ctx
    if context and not any(isinstance(one, click.Argument) for one in context.command.params):
        return click.UsageError(f"`clinsearch {context.info_name}` takes options alone.", context)
    return click.UsageError("Too many arguments. Put a text of several words in quotes.", context)

"""The `clinsearch` command: imports a subcommand only when it is asked for, and tells errors in one line."""

from __future__ import annotations

import importlib
import os
import signal
import sys
from contextlib import suppress
from typing import Any, NoReturn

import click

from clinsearch.cli.settings import name_variables, settle
from clinsearch.cli.usage import no_such_command, plain
from clinsearch.errors import ClinsearchError, Stopped
from clinsearch.rendering.faults import unforeseen, wants_traceback
from clinsearch.rendering.signs import degrade_streams, tell

# Which module has a command, under the headings of the help.
HEADINGS = {
    "Search": {
        "search": "search",
        "words": "words",
        "similar": "search",
        "values": "values",
        "cohort": "cohort",
        "run": "saved",
        "saved": "saved",
    },
    "Explain and measure": {"explain": "explanation", "map": "maps", "evaluate": "evaluation"},
    "Look in a browser": {"serve": "serve", "audit": "audit"},
    "Keep a collection": {
        "index": "indexing",
        "worker": "queue",
        "queue": "queue",
        "readers": "readers",
        "status": "upkeep",
        "notes": "notes",
        "show": "upkeep",
        "export": "export",
        "delete": "upkeep",
        "copy": "copying",
        "optimize": "upkeep",
        "repair": "upkeep",
        "verify": "safety",
        "backup": "safety",
        "rescue": "safety",
        "grant": "grants",
        "revoke": "grants",
        "shards": "shards",
    },
    "Settle options": {"config": "config", "completion": "completion"},
    "Take a model apart": {"tokens": "inspection", "vocab": "vocab", "model": "inspection", "layers": "inspection"},
}
COMMANDS = {name: module for commands in HEADINGS.values() for name, module in commands.items()}


class LazyGroup(click.Group):
    """A group whose commands are imported when they are asked for, and whose errors are one line each."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Name the commands in the order of the help."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command."""
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"clinsearch.cli.{COMMANDS[cmd_name]}")
        command: click.Command = getattr(module, cmd_name)
        name_variables(cmd_name, command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that the arguments begin with, and what is settled of its options."""
        if args[0] not in COMMANDS and not args[0].startswith("-") and not ctx.resilient_parsing:
            raise no_such_command(args[0], COMMANDS, ctx)
        name, command, rest = super().resolve_command(ctx, args)
        if name is not None:
            settle(ctx, name, rest)
        return name, command, rest

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write what each command does, under the headings."""
        width = max(map(len, COMMANDS))
        for heading, names in HEADINGS.items():
            with formatter.section(heading):
                commands = [(name.ljust(width), self.get_command(ctx, name)) for name in names]
                limit = formatter.width - width - 6
                formatter.write_dl([(name, one.get_short_help_str(limit)) for name, one in commands if one])

    def main(self, *args: Any, **extra: Any) -> Any:
        """Run the command line, in whatever encoding the terminal has."""
        degrade_streams()
        return super().main(*args, **extra)

    def make_context(self, *args: Any, **extra: Any) -> click.Context:
        """Read the arguments before the command's name."""
        try:
            return super().make_context(*args, **extra)
        except click.ClickException as error:
            raise plain(error) from None

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; an error that clinsearch raises becomes a line on stderr and exit code 1."""
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()  # here, where a reader that has gone is no error
            return result
        except ClinsearchError as error:
            tell(f"Error: {error}")
            ctx.exit(1)
        except click.ClickException as error:
            raise plain(error) from None
        except (click.exceptions.Exit, click.Abort):
            raise
        except KeyboardInterrupt as error:
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            tell(str(error) if isinstance(error, Stopped) else "Stopped. What was committed is kept.")
            _leave(130)
        except BrokenPipeError:
            # The reader of our output, such as `head`, has enough. Python would complain again at its end.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            ctx.exit(0)
        except OSError as error:
            reason = (error.strerror or type(error).__name__).lower()
            tell(f"Error: Reading or writing failed: {reason}.")
            ctx.exit(1)
        except Exception as error:
            if wants_traceback():
                raise
            tell(f"Error: {unforeseen(error)}")
            ctx.exit(1)


def _leave(status: int) -> NoReturn:
    """End at once: after a second Ctrl-C a thread may still be encoding, which Python's own end would abort."""
    with suppress(OSError):
        sys.stdout.flush()
    os._exit(status)


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="clinsearch")
@click.option(
    "--no-settings",
    is_flag=True,
    envvar="CLINSEARCH_NO_SETTINGS",
    help="Read no clinsearch.toml: `clinsearch --no-settings COMMAND`.",
)
def main(no_settings: bool) -> None:
    """Search clinical notes by meaning, on this machine alone, and see exactly why they match.

    \b
    clinsearch index NOTES
    clinsearch search "short of breath lying flat"
    """

"""Writes docs/cli.md from the commands' own help: `python docs/cli_reference.py`."""

from __future__ import annotations

from pathlib import Path

import click

from clinsearch.cli.main import HEADINGS, main

WIDTH = 100
PAGE = Path(__file__).with_name("cli.md")


def reference() -> str:
    """Return the help of the program and of each command, under the headings of the help, as one Markdown page."""
    pages = ["# The command line\n\nWritten by `python docs/cli_reference.py` from the commands' own help.\n"]
    settings = {**main.context_settings, "terminal_width": WIDTH}
    parent = click.Context(main, info_name="clinsearch", **settings)
    pages.append(f"```\n{main.get_help(parent)}\n```\n")
    for heading, names in HEADINGS.items():
        pages.append(f"## {heading}\n")
        pages += [_of_command(name, parent) for name in names]
    return "\n".join(pages)


def _of_command(name: str, parent: click.Context) -> str:
    command = main.get_command(parent, name)
    assert command is not None
    context = click.Context(command, info_name=name, parent=parent, terminal_width=WIDTH)
    return f"### clinsearch {name}\n\n```\n{command.get_help(context)}\n```\n"


if __name__ == "__main__":
    PAGE.write_text(reference(), encoding="utf-8")

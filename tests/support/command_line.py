"""The command line, run in this process."""

from __future__ import annotations

import json
from typing import Any

from click.testing import CliRunner, Result

from clinsearch.cli import main
from clinsearch.records.locations import Location


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments], catch_exceptions=False)


def as_json(*arguments: object) -> Any:
    result = run(*arguments, "--format", "json")
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)


def run_on(location: Location, *arguments: object) -> Result:
    """Run a command on a collection."""
    return run(*arguments, "--collection", location)


def json_on(location: Location, *arguments: object) -> Any:
    return as_json(*arguments, "--collection", location)


def refused(*arguments: object) -> str:
    """Return the one line on stderr of a command that is to fail."""
    result = run(*arguments)
    assert result.exit_code == 1, result.output
    assert result.stdout == ""
    assert result.stderr.startswith("Error: ")
    assert result.stderr.count("\n") == 1
    return result.stderr

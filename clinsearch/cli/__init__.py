"""The command line: parse, call, render."""

from clinsearch.cli.main import main

__all__ = ["main"]

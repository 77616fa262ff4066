"""Runs a command of the training; what is wrong with what it was given is one line."""

from __future__ import annotations

import sys
from collections.abc import Callable

from clinsearch.errors import ClinsearchError


def run(main: Callable[[], None]) -> None:
    """Run a command, and end with one line where its input is not as it should be."""
    try:
        main()
    except ClinsearchError as error:
        sys.exit(f"Error: {error}")

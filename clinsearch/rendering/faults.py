"""Errors that were not foreseen, told without their messages: these may hold text of a note."""

from __future__ import annotations

import os
import traceback
from pathlib import Path

from clinsearch.memory import is_near_limit, lacks_memory, shortage

TRACEBACK_VARIABLE = "CLINSEARCH_TRACEBACK"


def wants_traceback() -> bool:
    """Tell whether the user has asked to see where errors arise, maybe with text of notes."""
    return TRACEBACK_VARIABLE in os.environ


def unforeseen(error: BaseException) -> str:
    """Return what to say of an error that was not foreseen: its own message may hold text of a note."""
    if lacks_memory(error):
        return shortage()
    if is_near_limit():
        return f"clinsearch failed ({origin(error)}), near the limit of memory. {shortage()}"
    return (
        f"clinsearch failed ({origin(error)}); this is a fault of the program. "
        f"{TRACEBACK_VARIABLE}=1 shows where it arose, maybe with text of notes."
    )


def origin(error: BaseException) -> str:
    """Name an error's kind and the line of ours that it came through last, or what it was told of these."""
    if told := getattr(error, "origin", None):
        return str(told)
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if "clinsearch" in frame.filename]
    where = f" at {Path(ours[-1].filename).name}:{ours[-1].lineno}" if ours else ""
    return type(error).__name__ + where

"""Regular expressions that come from elsewhere: found in texts within limits of time and memory."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from clinsearch.errors import InputError

# What a regular expression is made of: escapes, classes of characters, openings of groups, single characters.
PATTERN_PARTS = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\(\??|\S", re.DOTALL)
# A vocab of 30,000 entries takes far less than one, a busy machine included.
SECONDS = 5.0
_WORKER = Path(__file__).with_name("pattern_worker.py")


def matches(pattern: str, texts: Sequence[str], *, seconds: float = SECONDS) -> list[int]:
    """Return the positions of the texts in which a regular expression finds something.

    Raises InputError for what is no regular expression, and for one that takes longer than so many seconds.
    A process of its own does it: Python cannot interrupt a search, and all threads would wait for it.
    """
    if _repeats_a_repeat(pattern):
        raise InputError(
            "The regular expression repeats a group that itself holds a repeat or a choice, which can take for ever. "
            "Write it without, such as [ab]+ for (a|b)+."
        )
    asked = json.dumps({"pattern": pattern, "texts": list(texts)})
    try:
        done = subprocess.run(
            [sys.executable, "-I", "-S", str(_WORKER)],
            input=asked,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            encoding="ascii",
            timeout=seconds,
            check=True,
        )
    except subprocess.TimeoutExpired:
        raise InputError(
            f"The regular expression takes longer than {seconds:g} s. Write it with fewer repeats (*, +, {{}})."
        ) from None
    except (subprocess.CalledProcessError, OSError):
        raise InputError("The regular expression takes too much memory. Write a shorter one.") from None
    answer = json.loads(done.stdout)
    if "fault" in answer:
        raise InputError(f"The regular expression cannot be read: {answer['fault']}.")
    return [int(at) for at in answer["found"]]


def _repeats_a_repeat(pattern: str) -> bool:
    """Tell whether a group that holds a repeat or a choice is itself repeated."""
    holds, closed = [False], False
    for part in PATTERN_PARTS.findall(pattern):
        if part in ("*", "+", "{") and closed:
            return True
        closed = False
        if part in ("(", "(?"):
            holds.append(False)
        elif part == ")" and len(holds) > 1:
            closed = holds.pop()
            holds[-1] |= closed
        elif part in ("*", "+", "{", "?", "|"):
            holds[-1] = True
    return False

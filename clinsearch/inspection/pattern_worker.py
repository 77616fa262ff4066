"""Finds a regular expression in texts, in a process of its own: once begun, no search can be interrupted otherwise.

This file is run by its path and imports nothing of the package. From {"pattern", "texts"} it makes {"found"}, the
positions of the texts, or {"fault"}, why the pattern cannot be read.
"""

from __future__ import annotations

import json
import re
import resource
import sys
import warnings
from typing import Any

MEMORY_BYTES = 1 << 30


def main() -> None:
    """Answer the question on standard input."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    asked = json.load(sys.stdin)
    print(json.dumps(_answer(asked["pattern"], asked["texts"])))


def _answer(pattern: str, texts: list[str]) -> dict[str, Any]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)
            search = re.compile(pattern).search
    except re.error as error:
        return {"fault": error.msg + ("" if error.pos is None else f" at position {error.pos}")}
    except (OverflowError, RecursionError):
        return {"fault": "it repeats too often or is too deep"}
    return {"found": [at for at, text in enumerate(texts) if search(text) is not None]}


if __name__ == "__main__":
    main()

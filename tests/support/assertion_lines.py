"""Lines of text as parameters of tests, by what they assert of the words in brackets."""

from __future__ import annotations

from collections.abc import Mapping

import pytest


def lines_of(kinds: Mapping[tuple[str, str], str]) -> list[object]:
    """Return every line of each kind with what it asserts, under the kind's name; two strokes are a line break."""
    marked = [
        (kind, wanted, line.strip()) for (kind, wanted), text in kinds.items() for line in text.strip().splitlines()
    ]
    return [pytest.param(line.replace(" // ", "\n"), wanted, id=f"{kind}: {line}") for kind, wanted, line in marked]

"""Tells questions from statements."""

from __future__ import annotations

import re

_QUESTION = re.compile(
    r"\?|(?:^|[.!]\s)\W*(?:what|how|why|is|are|was|can|could|do|does|did|should|will|would|who|when|where|which|i|my)\b",
    re.IGNORECASE,
)


def is_question(text: str) -> bool:
    """Tell whether a query is a question."""
    return _QUESTION.search(text) is not None

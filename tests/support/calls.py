"""Calls of a function that are written down while it goes on doing its work."""

from __future__ import annotations

from typing import Any

import pytest


def calls_of(patch: pytest.MonkeyPatch, owner: Any, name: str) -> list[Any]:
    """Return the list of what a function is called with from now on."""
    work, calls = getattr(owner, name), []

    def counted(*given: Any, **options: Any) -> Any:
        calls.append(given)
        return work(*given, **options)

    patch.setattr(owner, name, counted)
    return calls

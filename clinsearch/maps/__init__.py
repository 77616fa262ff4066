"""Vectors laid out in the plane."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clinsearch.deferral import deferred

if TYPE_CHECKING:
    from clinsearch.maps.projection import Method, project

__all__ = ["Method", "project"]

__getattr__ = deferred(
    __name__,
    {
        "Method": "projection",
        "project": "projection",
    },
)

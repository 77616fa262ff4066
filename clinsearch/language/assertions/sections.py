"""What the heading of a section asserts of everything under it."""

from __future__ import annotations

from clinsearch.records.assertions import Assertion

_SECTIONS: dict[str, Assertion] = {
    "family history": "other",
    "past medical history": "historical",
    "past surgical history": "historical",
}


def section_assertion(name: str | None) -> Assertion | None:
    """Return what a section's normalised name asserts of everything in it, None if nothing."""
    return _SECTIONS.get(name or "")

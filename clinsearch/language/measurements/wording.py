"""Reads the words and lines that the rules are written in."""

from __future__ import annotations


def word_set(words: str) -> frozenset[str]:
    """Return the words of a text."""
    return frozenset(words.split())


def unwrapped(table: str) -> list[str]:
    """Return the lines of a table; one that is indented goes on with the line before."""
    return [line for line in table.replace("\n    ", " ").splitlines() if line]

"""What single values mean: words for nothing, ids that a program wrote as fractions."""

from __future__ import annotations

import re

from clinsearch.readers.outcomes import CannotRead

# What databases and programs write for nothing, and what people write.
WRITTEN_FOR_NOTHING = frozenset(
    {"null", "(null)", "[null]", "<null>", "\\n", "nan", "<na>", "#n/a", "nat", "undefined"}
)
SAID_FOR_NOTHING = frozenset({"none", "na", "n/a"})
_NOTHING = WRITTEN_FOR_NOTHING | SAID_FOR_NOTHING | {""}
_LONGEST = max(map(len, _NOTHING))


def is_empty(value: object) -> bool:
    """Tell whether a value is None, blank, or a word for nothing."""
    if not isinstance(value, str):
        return value is None
    if len(value) > _LONGEST:
        return value.isspace() or (value[0].isspace() and value.strip().casefold() in _NOTHING)
    return value.strip().casefold() in _NOTHING


def is_empty_piece(value: object) -> bool:
    """Tell whether a piece of a note is empty; blanks separate the pieces around them, and "None" may be its text."""
    if not isinstance(value, str):
        return value is None
    return not value or (len(value) <= 2 * _LONGEST and value.strip().casefold() in WRITTEN_FOR_NOTHING)


def is_whole(value: str) -> bool:
    """Tell whether an id is a whole number, possibly written as 12345.0."""
    return re.fullmatch(r"\d+(\.0)?", value, re.ASCII) is not None


def check_storable(field: str, value: str) -> None:
    """Raise CannotRead for a value that the catalog cannot hold."""
    if "\0" in value:
        raise CannotRead(f"{field} holds a NUL character")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise CannotRead(f"{field} holds an unpaired surrogate") from None


def kind_of(value: object) -> str:
    """Describe a value that is neither a string nor a number."""
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, bytes):
        return "bytes that are not UTF-8"
    return "an object" if isinstance(value, dict) else "an array"

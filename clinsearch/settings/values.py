"""What is in force, and from where."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from clinsearch.settings.files import SettingsFile

Origin: TypeAlias = Literal["default", "environment", "project", "user"]


@dataclass(frozen=True, slots=True)
class Setting:
    """A value in force; `command` is None for one that is meant for every command with such an option.

    place: the variable or the file that it comes from, None for a default.
    """

    command: str | None
    key: str
    value: Any
    origin: Origin
    place: str | None


@dataclass(frozen=True, slots=True)
class SearchedFile:
    """A place where settings are looked for, and what was found there; `unused` is one that another goes before."""

    file: SettingsFile
    state: Literal["read", "absent", "unused", "refused"]
    reason: str | None

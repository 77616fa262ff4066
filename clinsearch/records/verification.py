"""What checking a collection came to."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Damage:
    """A thing that is not as it was written: its name, what is wrong with it, and the command that mends it."""

    name: str
    wrong: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Verification:
    """What checking a collection came to.

    is_full: whether all texts were read again, not a sample of them. checked: how many there were of what was looked
    at, by its name. seconds: how long it took.
    """

    collection: str
    is_full: bool
    checked: dict[str, int]
    damages: tuple[Damage, ...]
    seconds: float

    @property
    def is_sound(self) -> bool:
        """Whether nothing is damaged."""
        return not self.damages

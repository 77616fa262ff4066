"""What a role of a database may do with a collection."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Grant:
    """What a role may do: change the collection, or see all of it, or some notes of it.

    patients: whose notes it sees, by id. sources: it sees notes whose source begins with one of these.
    """

    role: str
    writes: bool = False
    sees_all: bool = False
    patients: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()

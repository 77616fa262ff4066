"""What a server that keeps a collection says of itself."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Replica:
    """A replica of a server: its state and whether it is synchronous, in PostgreSQL's words.

    behind_bytes: how much of the log it has yet to apply; None where the role may not be told.
    """

    name: str
    state: str
    sync: str
    behind_bytes: int | None


@dataclass(frozen=True, slots=True)
class GraphBuild:
    """A graph of vectors that is being built: `done` of `total` blocks of its phase, in PostgreSQL's words."""

    vectors: str
    phase: str
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class ServerStatus:
    """A server of PostgreSQL. behind_s: of a replica, by how many seconds it is behind its primary.

    graphs: how many ranges of vectors have a graph.
    """

    version: str
    pgvector: str
    is_replica: bool
    behind_s: float | None
    replicas: tuple[Replica, ...]
    building: tuple[GraphBuild, ...]
    graphs: int

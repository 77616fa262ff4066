"""How a collection is served: where, to whom, and within which limits."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Serving:
    """What `clinsearch serve` was told."""

    host: str = "127.0.0.1"
    port: int = 8765
    token_file: Path | None = None
    tls_cert: Path | None = None
    tls_key: Path | None = None
    behind_proxy: bool = False
    allow_writes: bool = False
    audit: Path | None = None
    audit_queries: bool = False

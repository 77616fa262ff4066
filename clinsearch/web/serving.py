"""How a collection is served: where, to whom, and within which limits."""

from __future__ import annotations

import socket
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path

from clinsearch.errors import SettingError

LOOPBACK_NAMES = ("localhost", "127.0.0.1", "[::1]")


@dataclass(frozen=True, slots=True)
class Serving:
    """What `clinsearch serve` was told.

    names: those by which browsers know it, beside its address. processes: how many answer; 0: threads of the server do.
    """

    host: str = "127.0.0.1"
    port: int = 8765
    names: tuple[str, ...] = ()
    token_file: Path | None = None
    tls_cert: Path | None = None
    tls_key: Path | None = None
    behind_proxy: bool = False
    allow_writes: bool = False
    audit: Path | None = None
    audit_queries: bool = False
    processes: int = 0

    @property
    def is_local(self) -> bool:
        """Whether it listens to this machine alone."""
        try:
            return self.host == "localhost" or ip_address(self.host).is_loopback
        except ValueError:
            return False

    @property
    def is_secure(self) -> bool:
        """Whether browsers get to it by https."""
        return self.tls_cert is not None or self.behind_proxy

    @property
    def hosts(self) -> frozenset[str]:
        """The names that a request may be for, lower-cased, without a port."""
        own = (*LOOPBACK_NAMES, self.host) if self.is_local else (self.host, socket.gethostname())
        return frozenset(in_brackets(name).lower() for name in (*own, *self.names) if name not in ("0.0.0.0", "::"))

    def require_safe(self) -> None:
        """Raise SettingError for what would let in whom it should not."""
        if (self.tls_cert is None) != (self.tls_key is None):
            raise SettingError("TLS takes both, --tls-cert FILE and --tls-key FILE.")
        if self.audit_queries and self.audit is None:
            raise SettingError("--audit-queries says what --audit FILE keeps; name that file too.")
        if self.is_local and not self.behind_proxy:
            return
        where = "--behind-proxy" if self.behind_proxy else f"--host {self.host}"
        if self.token_file is None:
            raise SettingError(f"{where} opens the notes to others than this machine: it needs --token-file FILE.")
        if not self.is_secure:
            raise SettingError(
                f"{where} needs TLS: --tls-cert FILE and --tls-key FILE, or --behind-proxy if a proxy does that."
            )
        if self.behind_proxy and not self.names:
            raise SettingError(
                "--behind-proxy needs --name NAME, by which browsers know the proxy, as notes.example.org."
            )


def in_brackets(host: str) -> str:
    """Write an address as URLs have it: [::1]."""
    return f"[{host}]" if ":" in host and not host.startswith("[") else host

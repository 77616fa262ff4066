"""Where a collection is: a folder, or a database of PostgreSQL. The only module that reads a database's address.

An address may hold a password. It is kept whole for the driver alone; what is shown of it names hosts, ports, the
database, the user and the service, and nothing else.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias
from urllib.parse import quote, unquote

from clinsearch.errors import InputError

# A folder of such a name, maybe with a password in it, nobody wants.
_MEANS_DATABASE = re.compile(r"postgres(ql)?(\+\w+)?:/", re.IGNORECASE)
_SCHEME = re.compile(r"postgres(?:ql)?://")
_ADDRESS = re.compile(
    r"""(?:(?P<user>[^:@/?]*)(?::(?P<password>[^@/]*))?@)?
        (?P<hosts>[^/?@]*)
        (?:/(?P<dbname>[^?/@]*))?
        (?:\?(?P<options>[^@]*))?""",
    re.VERBOSE,
)
_HOST = re.compile(r"(?:\[(?P<ipv6>[0-9A-Fa-f:.]+(?:%\w+)?)\]|(?P<host>[^:\[\]]*))(?::(?P<port>[0-9]*))?")
_HOST_NAME = re.compile(r"[/@][^\[\],]+|[\w.-]*|[0-9A-Fa-f:.]*(%\w+)?")
_PORT = re.compile(r"[0-9]{0,5}")
_OPTION = re.compile(r"[a-z_]+")
_UNENCODED = re.compile(r"[\s\x00-\x1f\x7f]|%(?![0-9A-Fa-f]{2})|%00")
# The options of libpq that nobody else may read.
_SECRETS = ("password", "sslpassword", "oauth_client_secret", "scram_client_key", "scram_server_key")
# Those that say which database it is, and as whom it is used.
_OF_PLACE = ("dbname", "host", "hostaddr", "port", "service", "user")
_UNREADABLE = (
    "The address of a database cannot be read. Write postgresql://USER@HOST:PORT/DATABASE, "
    "with special characters in names and passwords as % codes: @ as %40, / as %2F."
)


@dataclass(frozen=True, slots=True)
class Database:
    """A database of PostgreSQL, as `database_at` reads it.

    dsn: the whole address, for the driver alone. hosts, ports: as many ports as hosts, or one for all, or none; empty
    where the environment or a service file says which. has_secret: whether the address holds a password or the like.
    """

    dsn: str = field(repr=False)
    user: str
    hosts: tuple[str, ...]
    ports: tuple[str, ...]
    dbname: str
    service: str
    has_secret: bool

    def __str__(self) -> str:
        """Return the address without secrets, and without options that may hold some."""
        user = f"{_shown(self.user)}@" if self.user else ""
        service = f"?service={_shown(self.service)}" if self.service else ""
        return f"postgresql://{user}{self._netloc}/{_shown(self.dbname)}{service}"

    def __repr__(self) -> str:
        return f"Database({str(self)!r})"

    @property
    def _netloc(self) -> str:
        hosts = self.hosts or ("",)
        ports = self.ports if len(self.ports) == len(hosts) else (self.ports or ("",)) * len(hosts)
        pairs = zip(hosts, ports, strict=True)
        return ",".join(_shown_host(host) + (f":{port}" if port else "") for host, port in pairs)


Location: TypeAlias = Path | Database


def locate(given: str | os.PathLike[str] | Database) -> Location:
    """Tell whether a folder or a database is meant. Raises InputError for an address of a database that is wrong."""
    if isinstance(given, Database):
        return given
    text = os.fspath(given)
    if not means_database(text):
        return Path(text)
    if not isinstance(given, str):
        raise InputError("A path cannot name a database. Give its address as text: postgresql://USER@HOST/DATABASE.")
    return database_at(text)


def means_database(text: str) -> bool:
    """Tell whether a text is to be the address of a database, be it well written or not, or the path made of one."""
    return _MEANS_DATABASE.match(text) is not None


def database_at(dsn: str) -> Database:
    """Read a database's address as libpq does. Raises InputError, which repeats nothing of it."""
    try:
        return _read(dsn)
    except ValueError:
        raise InputError(_UNREADABLE) from None


def beside(database: Database, address: str) -> Database:
    """Read the address of a database that belongs to another, whose options it has. Raises InputError."""
    found = database_at(address)
    if found.has_secret or "?" in address or not found.hosts or not found.dbname:
        raise InputError(_UNREADABLE)
    options = database.dsn.partition("?")[2]
    kept = [one for one in options.split("&") if _decoded(one.partition("=")[0]) not in (*_OF_PLACE, *_SECRETS)]
    return database_at(f"{address}?{'&'.join(kept)}" if options and kept else address)


def folder_of(location: Location) -> Path | None:
    """Return the folder that a collection is; None of one in a database."""
    return location if isinstance(location, Path) else None


def _read(dsn: str) -> Database:
    """Read an address; what is after the `?` goes before what is ahead of it. Raises ValueError."""
    scheme = _SCHEME.match(dsn)
    found = _ADDRESS.fullmatch(dsn, scheme.end()) if scheme else None
    # An `@`, `/` or `?` that was left unencoded in a password would show the rest of it as a host or database.
    if found is None or _UNENCODED.search(dsn):
        raise ValueError
    hosts, ports = _read_hosts(found["hosts"])
    options = _read_options(found["options"] or "")
    hosts = _listed(options["host"]) if "host" in options else hosts or _listed(options.get("hostaddr", ""))
    ports = _listed(options["port"]) if "port" in options else ports
    _require_hosts(hosts, ports)
    return Database(
        dsn,
        options.get("user", _decoded(found["user"])),
        hosts,
        ports,
        options.get("dbname", _decoded(found["dbname"])),
        options.get("service", ""),
        bool(found["password"]) or any(map(options.get, _SECRETS)),
    )


def _read_hosts(text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    found = [_HOST.fullmatch(one) for one in text.split(",")]
    pairs = [(one["ipv6"] or one["host"], one["port"] or "") for one in found if one]
    if len(pairs) < len(found):
        raise ValueError
    ports = tuple(port for _, port in pairs)
    hosts = tuple(_decoded(host) for host, _ in pairs)
    return hosts if hosts != ("",) else (), ports if any(ports) else ()


def _read_options(text: str) -> Mapping[str, str]:
    options: dict[str, str] = {}
    for one in text.split("&") if text else ():
        key, value = map(_decoded, one.split("="))
        if not _OPTION.fullmatch(key):
            raise ValueError
        options[key] = value
    return options


def _require_hosts(hosts: tuple[str, ...], ports: tuple[str, ...]) -> None:
    if not all(map(_HOST_NAME.fullmatch, hosts)) or not all(map(_PORT.fullmatch, ports)):
        raise ValueError
    if not all(0 < int(port) < 65536 for port in ports if port) or len(ports) not in (0, 1, max(1, len(hosts))):
        raise ValueError


def _listed(value: str) -> tuple[str, ...]:
    return tuple(value.split(",")) if value else ()


def _decoded(text: str | None) -> str:
    return unquote(text or "", errors="strict")


def _shown(text: str) -> str:
    """Return a name as an address has it, letters of all languages as they are."""
    return "".join(one if one.isalnum() or one in "-._~" else quote(one, safe="") for one in text)


def _shown_host(host: str) -> str:
    return f"[{quote(host, safe=':')}]" if ":" in host and host[0] not in "/@" else _shown(host)

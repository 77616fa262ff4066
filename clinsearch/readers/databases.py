"""Databases to read from. The only module of the readers that knows SQLAlchemy; it never writes and keeps passwords."""

from __future__ import annotations

import os
import re
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

from sqlalchemy import URL, Connection, Engine, NullPool, create_engine, make_url
from sqlalchemy.exc import ArgumentError, DataError, DBAPIError, NoSuchModuleError, SQLAlchemyError

from clinsearch.errors import InputError
from clinsearch.readers.outcomes import CannotRead, system_reason

ENVIRONMENT = "env:"
# A row may hold the longest note.
ROWS_AT_ONCE = 100
MOST_CHARACTERS_SAID = 200
HOW = "Write it as sqlite:///notes.db or postgresql://user@host/database, or env:NAME of a variable that holds it."
# What to install for a driver or a database, if it is called otherwise there.
PACKAGES = {
    "psycopg": '"psycopg[binary]"',
    "psycopg2": "psycopg2-binary",
    "pymysql": "PyMySQL",
    "mysqldb": "mysqlclient",
    "mysql": "mysql-connector-python",
    "duckdb": "duckdb-engine",
    "snowflake": "snowflake-sqlalchemy",
    "bigquery": "sqlalchemy-bigquery",
    "databricks": "databricks-sqlalchemy",
    "redshift": "sqlalchemy-redshift",
}
_SECRET = re.compile(r"pass|pwd|secret|token|key|credential|^uid$|^user", re.IGNORECASE)
# The sign in "can't" opens no quotation.
_IN_QUOTES = re.compile(r"""(?<!\w)(?:'[^']*'|"[^"]*"|`[^`]*`)""")
_NAME_IN_QUOTES = re.compile(r"""['"`][\w.$:/@-]{1,63}['"`]""")

Rows = Iterator[Sequence[object]]


class Database:
    """A database that was reached once; each query has its own connection, on which nothing is written.

    name: what it is called in listings, without password. settings: what else of its URL tells it from others.
    """

    def __init__(self, given: str) -> None:
        """Reach the database of a URL. Raises InputError if that fails, and for a driver that is not installed."""
        url = _url(given)
        self.name, self.settings = _name(url), tuple(_settings(url))
        self._secrets = _secrets(url)
        self._engine = _engine(url)
        try:
            with self._engine.connect():
                pass
        except (ImportError, SQLAlchemyError, sqlite3.Error, OSError) as error:
            raise InputError(f"{self.name} cannot be reached: {self._words(error)}.") from None

    @contextmanager
    def rows(self, query: str) -> Iterator[tuple[list[str], Rows]]:
        """Run a query; give the names of its columns and its rows, as they come. Raises CannotRead."""
        try:
            with self._engine.connect() as connection:
                result = _reading(connection).exec_driver_sql(query.rstrip().rstrip(";"))
                yield list(result.keys()), self._fetched(result)
        except (ImportError, SQLAlchemyError, sqlite3.Error, OSError) as error:
            raise CannotRead(f"the query failed: {self._words(error)}", kind="query") from None

    def _fetched(self, result: Any) -> Rows:
        """Yield rows; of an error among them only the kind is told, as its words may quote them."""
        number = 0
        try:
            for number, row in enumerate(result, start=1):  # noqa: B007
                yield row
        except (SQLAlchemyError, sqlite3.Error, OSError) as error:
            reason = f"the query broke off after {number:,} rows ({type(error).__name__})"
            raise CannotRead(reason, kind="query") from None

    def _words(self, error: Exception) -> str:
        """Return what a driver says of an error: its first line, without secrets, and without values in quotes."""
        if isinstance(error, DataError):
            return "a value in it cannot be converted"
        cause = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
        # Some drivers give a code and a message.
        said = cause.args[-1] if len(cause.args) > 1 and isinstance(cause.args[-1], str) else str(cause)
        words = next((line.strip() for line in said.splitlines() if line.strip()), type(cause).__name__)
        for secret in self._secrets:
            words = words.replace(secret, "***")
        words = _IN_QUOTES.sub(lambda quoted: quoted[0] if _NAME_IN_QUOTES.fullmatch(quoted[0]) else "…", words)
        return words[:MOST_CHARACTERS_SAID].rstrip(".")


def _url(given: str) -> URL:
    if given.startswith(ENVIRONMENT):
        variable = given.removeprefix(ENVIRONMENT)
        given = os.environ.get(variable, "")
        if not given:
            raise InputError(f"The environment has no {variable}. Set it to the URL of the database.")
    try:
        url = make_url(given)
    except (ArgumentError, ValueError):
        # Whatever was given may hold a password.
        raise InputError(f"The URL of the database cannot be read. {HOW}") from None
    if _is_sqlite(url):
        return url.set(database=str(_sqlite_file(url)), query={})
    return url


def _is_sqlite(url: URL) -> bool:
    return url.drivername in ("sqlite", "sqlite+pysqlite")


def _sqlite_file(url: URL) -> Path:
    if not url.database or url.database == ":memory:" or url.database.startswith("file:"):
        raise InputError("The URL names no file of a database. Write it as sqlite:///notes.db.")
    path = Path(os.path.abspath(url.database))  # noqa: PTH100 - a link keeps its name, so that notes keep their source
    try:
        with path.open("rb"):
            return path
    except FileNotFoundError:
        raise InputError(f"No database at {path}. Check the path.") from None
    except OSError as error:
        raise InputError(f"{path} may not be read: {system_reason(error)}.") from None


def _name(url: URL) -> str:
    """Return the URL as a name: without password and options, and without two slashes, which no path keeps."""
    if _is_sqlite(url):
        return f"sqlite:{url.database}"
    place = "".join([f"{url.username}@" if url.username else "", url.host or "", f":{url.port}" if url.port else ""])
    parts = [part for part in (place, *(url.database or "").split("/")) if part and part != "."]
    return f"{url.get_backend_name()}:{'/'.join(parts)}"


def _settings(url: URL) -> Iterator[str]:
    """Yield the options of a URL, and those in an ODBC connection string, that are no secrets."""
    for name, value in sorted(url.query.items()):
        for one in [value] if isinstance(value, str) else value:
            if name == "odbc_connect":
                pairs = (pair.partition("=") for pair in one.split(";"))
                yield from (
                    f"{key.strip()}={said.strip()}" for key, _, said in pairs if not _SECRET.search(key.strip())
                )
            elif not _SECRET.search(name):
                yield f"{name}={one}"


def _secrets(url: URL) -> list[str]:
    """Return what of a URL must never be shown, as it may stand in a message, the longest first."""
    options = [one for value in url.query.values() for one in ([value] if isinstance(value, str) else value)]
    odbc = [said for one in options for _, _, said in (pair.partition("=") for pair in one.split(";"))]
    known = [secret for secret in (str(url.password or ""), *options, *odbc) if secret]
    return sorted({form for secret in known for form in (secret, quote(secret), quote_plus(secret))}, key=len)[::-1]


def _engine(url: URL) -> Engine:
    if _is_sqlite(url):
        return create_engine("sqlite://", creator=lambda: _sqlite(str(url.database)), poolclass=NullPool)
    try:
        return create_engine(url, poolclass=NullPool, hide_parameters=True)
    except NoSuchModuleError:
        name = url.drivername.partition("+")[0]
        package = f"Install its dialect: pip install {PACKAGES[name]}" if name in PACKAGES else "Check the URL"
        raise InputError(f"SQLAlchemy knows no database {url.drivername}. {package}.") from None
    except ImportError as error:
        module = (error.name or url.get_driver_name()).partition(".")[0]
        package = PACKAGES.get(module.lower(), module)
        raise InputError(f"The driver {module} is not installed. Install it: pip install {package}") from None
    except (SQLAlchemyError, ValueError, TypeError):
        raise InputError(f"The URL of the database cannot be used. {HOW}") from None


def _sqlite(database: str) -> sqlite3.Connection:
    """Open an SQLite file for reading only."""
    connection = sqlite3.connect(f"file:{quote(database)}?mode=ro", uri=True, check_same_thread=False)
    # The module's own error for text that is not UTF-8 quotes it.
    connection.text_factory = _decoded
    return connection


def _decoded(text: bytes) -> str | bytes:
    try:
        return text.decode()
    except UnicodeDecodeError:
        return text


def _reading(connection: Connection) -> Connection:
    """Return a connection that gives rows as they come, and takes a query to the letter, be there `%` or `:` in it."""
    if connection.dialect.name == "postgresql":
        connection = connection.execution_options(postgresql_readonly=True)
    return connection.execution_options(yield_per=ROWS_AT_ONCE, no_parameters=True)

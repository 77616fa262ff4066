"""Queries in SQL as text: that they only read, and what they are called."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable

from clinsearch.errors import InputError

_QUOTED = r"""'(?:[^']|'')*'|"(?:[^"]|"")*"|`[^`]*`|\[[^\]]*\]"""
_TOKEN = re.compile(
    rf"--[^\n]*|/\*.*?\*/|(?P<quoted>{_QUOTED})|(?P<word>[A-Za-z_]\w*)|(?P<end>;)|(?P<other>\S)", re.DOTALL
)
_READS = frozenset({"select", "with"})
# A query that begins as one that reads can still write: in a WITH of PostgreSQL, by INTO, or behind it without a `;`.
_WRITES = frozenset(
    {"insert", "update", "delete", "merge", "into", "truncate", "create", "alter", "drop", "exec", "execute"}
)
HOW = "Give one query that begins with SELECT or WITH."
_NAME = re.compile(r"[a-z][\w+]*:.* \(query [0-9a-f]{10}\)")


def check_query(query: str) -> None:
    """Raise InputError unless a query is a single one that only reads, as far as its words tell."""
    if "/*!" in query:
        raise InputError(f"Comments with /*! are commands to MySQL. {HOW}")
    words: list[str] = []
    is_ended = False
    for token in _TOKEN.finditer(query):
        if token.lastgroup is None:
            continue
        if is_ended:
            raise InputError(f"Several statements are given. {HOW}")
        is_ended = token.lastgroup == "end"
        if token.lastgroup == "word":
            words.append(token[0].lower())
    if not words or words[0] not in _READS:
        raise InputError(f"What is given is no query that reads. {HOW}")
    if writes := next((word for word in words if word in _WRITES), None):
        raise InputError(f"The query would write ({writes.upper()}). {HOW} A column of that name stands in quotes.")


def query_name(database: str, query: str, settings: Iterable[str] = ()) -> str:
    """Return what the notes of a query are listed under as their source: the database, and a digest of the query.

    database: its name for people, without any secret. settings: what else tells it from other databases.
    """
    said = "\0".join([" ".join(query.rstrip().rstrip(";").split()), *settings])
    return f"{database} (query {hashlib.blake2b(said.encode(errors='surrogatepass'), digest_size=5).hexdigest()})"


def is_query_name(source: str) -> bool:
    """Tell whether the source of a note is a query, not a file."""
    return _NAME.fullmatch(source) is not None


def are_of_one_database(source: str, other: str) -> bool:
    """Tell whether the sources of two notes are queries of the same database."""
    databases = {name.rpartition(" (query ")[0] for name in (source, other)}
    return is_query_name(source) and is_query_name(other) and len(databases) == 1

"""Checks that a database's schema is exactly ours, so that a server runs nobody else's code in our name.

What a query calls runs with the rights of the role that asks. A database from elsewhere may have triggers, defaults,
policies, views and functions that do anything that this role may do: so it is refused before its first table is read.
All that ours has is in `schema.txt`, a line for each part, as PostgreSQL describes it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine, text

from clinsearch.storage.postgres.tables import SCHEMA

LINES = Path(__file__).with_suffix(".txt")

# Of pgvector and of plain C are the functions that only a superuser can have made. In its schema, which is searched
# too, no other may have the name of one of these, or of PostgreSQL's own.
_PARTS = f"""
WITH ours AS (SELECT oid, nspowner FROM pg_namespace WHERE nspname = '{SCHEMA}'),
beside AS (SELECT extnamespace AS oid FROM pg_extension WHERE extname = 'vector' AND extnamespace <> 11),
relations AS (SELECT c.* FROM pg_class AS c JOIN ours ON ours.oid = c.relnamespace),
functions AS (SELECT p.*, lanname FROM pg_proc AS p JOIN ours ON ours.oid = p.pronamespace
    JOIN pg_language AS l ON l.oid = p.prolang)
SELECT concat_ws(' ', 'relation', relname, relkind, relpersistence,
    CASE WHEN relrowsecurity THEN 'secured' END, CASE WHEN relforcerowsecurity THEN 'forced' END,
    CASE WHEN relispartition THEN 'partition' END, CASE WHEN relowner <> nspowner THEN 'of another owner' END)
FROM relations, ours WHERE relkind <> 'i'
UNION ALL
SELECT concat_ws(' ', 'column', relname, attname, format_type(atttypid, atttypmod),
    CASE WHEN attnotnull THEN 'NOT NULL' END,
    CASE WHEN attcollation <> 0 THEN (SELECT collname FROM pg_collation WHERE pg_collation.oid = attcollation) END,
    nullif(attgenerated, ''), nullif(attidentity, ''), pg_get_expr(adbin, adrelid))
FROM relations JOIN pg_attribute ON attrelid = relations.oid AND attnum > 0 AND NOT attisdropped
LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum WHERE relkind NOT IN ('i', 'S')
UNION ALL
SELECT concat_ws(' ', 'constraint', relname, pg_get_constraintdef(pg_constraint.oid))
FROM relations JOIN pg_constraint ON conrelid = relations.oid WHERE contype <> 'n'
UNION ALL
SELECT 'index ' || pg_get_indexdef(oid) FROM relations WHERE relkind = 'i'
UNION ALL
SELECT concat_ws(' ', 'trigger', relname, tgname) FROM relations JOIN pg_trigger ON tgrelid = relations.oid
WHERE NOT tgisinternal
UNION ALL
SELECT concat_ws(' ', 'rule', relname, rulename) FROM relations JOIN pg_rewrite ON ev_class = relations.oid
UNION ALL
SELECT concat_ws(' ', 'inherited', relname) FROM relations JOIN pg_inherits ON relations.oid IN (inhrelid, inhparent)
WHERE relkind <> 'i'
UNION ALL
SELECT concat_ws(' ', 'policy', relname, polname, polcmd, CASE WHEN NOT polpermissive THEN 'restrictive' END,
    polroles::text, pg_get_expr(polqual, polrelid), 'CHECK ' || pg_get_expr(polwithcheck, polrelid))
FROM relations JOIN pg_policy ON polrelid = relations.oid
UNION ALL
SELECT concat_ws(' ', 'function', proname, pg_get_function_arguments(functions.oid), 'RETURNS',
    pg_get_function_result(functions.oid), lanname, prokind, provolatile, proparallel,
    CASE WHEN prosecdef THEN 'definer' END, CASE WHEN proleakproof THEN 'leakproof' END,
    CASE WHEN proisstrict THEN 'strict' END, CASE WHEN prosupport <> 0 THEN 'supported' END,
    array_to_string(proconfig, ' '), CASE WHEN proowner <> nspowner THEN 'of another owner' END,
    encode(sha256(convert_to(coalesce(prosrc, '') || coalesce(prosqlbody::text, ''), 'UTF8')), 'hex'))
FROM functions, ours
UNION ALL
SELECT concat_ws(' ', 'type', typname) FROM pg_type JOIN ours ON ours.oid = typnamespace
WHERE typrelid = 0 AND NOT EXISTS (SELECT FROM pg_type AS of_table WHERE of_table.typarray = pg_type.oid
    AND of_table.typrelid <> 0)
UNION ALL
SELECT 'operator ' || oprname FROM pg_operator JOIN ours ON ours.oid = oprnamespace
UNION ALL
SELECT 'collation ' || collname FROM pg_collation JOIN ours ON ours.oid = collnamespace
UNION ALL
SELECT 'operator class ' || opcname FROM pg_opclass JOIN ours ON ours.oid = opcnamespace
UNION ALL
SELECT 'function beside ' || proname FROM pg_proc AS p JOIN beside ON beside.oid = pronamespace
WHERE prolang NOT IN (12, 13) AND EXISTS (SELECT FROM pg_proc AS known WHERE known.proname = p.proname
    AND (known.pronamespace = 11 OR (known.pronamespace = beside.oid AND known.prolang = 13)))
UNION ALL
SELECT 'operator beside ' || oprname FROM pg_operator JOIN beside ON beside.oid = oprnamespace
JOIN pg_proc AS called ON called.oid = oprcode WHERE called.prolang NOT IN (12, 13)
"""
# An index of a sealed range of vectors, and one that is being built, or was not finished.
_GRAPH = re.compile(
    r"index CREATE INDEX (?P<table>(?:sentence|note|opening)_vectors)_\d+ ON clinsearch\.(?P=table) USING hnsw "
    r"\(vector halfvec_ip_ops\) WITH \(m='\d+', ef_construction='\d+'\) "
    r"WHERE \(\(key >= '?\d+'?(?:::bigint)?\) AND \(key < '?\d+'?(?:::bigint)?\)\)"
)

# What is made with the encoder.
_OF_VECTORS = re.compile(r"\b(\w+_vectors|vector_(segment|recall)|word_(cells|code|probes|segment)|deleted_words)")
REVISIONS = "alembic_version"

_CHECKED: WeakKeyDictionary[Engine, bool] = WeakKeyDictionary()


def parts_of(connection: Connection) -> frozenset[str]:
    """Return what the schema of a database consists of, a line for each part; runs nothing that is in it."""
    path = connection.scalar(text("SELECT pg_catalog.current_setting('search_path')"))
    vector = text(
        "SELECT n.nspname FROM pg_extension JOIN pg_namespace AS n ON n.oid = extnamespace WHERE extname = 'vector'"
    )
    connection.execute(text("SET LOCAL search_path = pg_catalog"))
    beside = connection.scalar(vector) or "public"
    lines = connection.scalars(text(_PARTS)).all()
    connection.execute(text("SELECT pg_catalog.set_config('search_path', :path, true)"), {"path": path})
    return frozenset(read for line in lines if not _GRAPH.fullmatch(read := _plain(line, beside)))


def _plain(line: str, beside: str) -> str:
    """Leave out of a line what differs between two of our collections: pgvector's schema, and the vectors' width."""
    for schema in (f'"{beside}".', f"{beside}."):
        line = line.replace(f"{schema}halfvec", "halfvec")
    return re.sub(r"halfvec\(\d+\)", "halfvec(width)", " ".join(line.split()))


@lru_cache(maxsize=1)
def our_parts() -> frozenset[str]:
    """Return what the schema of a collection consists of at the newest revision."""
    return frozenset(LINES.read_text(encoding="utf-8").splitlines())


def is_there(connection: Connection) -> bool:
    """Tell whether there is a schema of this name with anything in it that is not ours at the newest revision, or is.

    What was ours is remembered for all connections of an engine. Raises ForeignSchema if not even the revision can be
    read: if the table that has it, or what is done when it is read, is not ours.
    """
    if _CHECKED.get(connection.engine):
        return True
    found = parts_of(connection)
    if not found:
        return False
    _CHECKED[connection.engine] = found in (our_parts(), _bare())
    if not _of_revision() <= found:
        raise ForeignSchema
    return True


def is_ours(connection: Connection) -> bool:
    """Tell whether the schema is ours at the newest revision; for after `is_there`."""
    return _CHECKED.get(connection.engine, False)


def forget(connection: Connection) -> None:
    """Look at the schema again: it has changed."""
    _CHECKED.pop(connection.engine, None)


class ForeignSchema(Exception):
    """A schema of our name was not made by clinsearch, at any revision."""


def _bare() -> frozenset[str]:
    """Return what a collection without an encoder consists of, whose vectors have no tables yet."""
    return frozenset(line for line in our_parts() if not _OF_VECTORS.search(line))


def _of_revision() -> frozenset[str]:
    """Return the parts of the table that has the revision, and of what decides who reads it."""
    return frozenset(line for line in our_parts() if f" {REVISIONS} " in line)


def written(parts: Iterable[str]) -> str:
    """Write parts as `schema.txt` has them."""
    return "".join(f"{line}\n" for line in sorted(parts))

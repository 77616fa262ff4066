"""Changes the keyword index in PostgreSQL: which terms are in which sentences and notes, and where in them.

A row for each place of a term would take ninety bytes; here a place takes four. What a change adds, or removes, is
first stored as one row for all its terms with the same first two characters, so a commit writes some hundred rows.
After some changes these rows are folded into others, each of one term. See `postings` for what their bytes say.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from itertools import chain, groupby
from operator import itemgetter
from typing import Any

import numpy as np
from psycopg.sql import SQL
from sqlalchemy import Connection, text

from clinsearch.records.keys import KeyArray
from clinsearch.storage.catalog.rows import chunks
from clinsearch.storage.postgres.binary import Integers, binary_cursor
from clinsearch.storage.postgres.postings import Runs, has_any, removed_in, runs_of, without_removed
from clinsearch.storage.postgres.staging import copied_into
from clinsearch.storage.values import TextKind

KINDS: tuple[TextKind, ...] = ("sentence", "note")
# How many changes are folded at once.
CHANGES = 16
# After how many changes the index is worth merging.
CHANGES_MERGED = 1000
# How many terms of texts one row for their opening may come from; what is more is folded at once.
TERMS_AT_ONCE = 200_000
# A row of a term grows until its keys take so many bytes; the next postings begin another one. So a row fits into a
# page, where it is quick to rewrite.
PART_BYTES = 600
# Of a term with more than so many rows of less than half of these bytes, they are joined to rows of more than half.
FEW_PARTS = 8
JOINED_BYTES = 16_000
# An index of PostgreSQL takes values of up to 2,704 bytes. Of a longer term the rest is a digest.
LONGEST_TERM = 200
OPENING = 2
BYTES_REWRITTEN_AT_ONCE = 32 << 20
# The columns of the postings, and their types.
POSTINGS = {
    "term": "text",
    "part": "int4",
    "frequency": "int4",
    "removes": "bool",
    **dict.fromkeys(("keys", "lengths", "positions"), "bytea"),
}

# Numbers and bytes that are near random are not worth compressing.
KEYWORD_INDEX = (
    """CREATE TABLE keyword_changes (
        kind text PRIMARY KEY, newest bigint NOT NULL, folded bigint NOT NULL, merged bigint NOT NULL)""",
    "INSERT INTO keyword_changes VALUES ('sentence', 0, 0, 0), ('note', 0, 0, 0)",
    *(
        statement
        for kind in KINDS
        for statement in (
            f"""CREATE TABLE {kind}_recent (
                opening text COLLATE "C", change bigint, removes boolean NOT NULL,
                terms text[] STORAGE EXTERNAL COLLATE "C" NOT NULL,
                frequencies integer[] STORAGE EXTERNAL NOT NULL, keys bytea[] STORAGE EXTERNAL NOT NULL,
                lengths bytea[] STORAGE EXTERNAL NOT NULL, positions bytea[] STORAGE EXTERNAL NOT NULL,
                PRIMARY KEY (opening, change))""",
            f"""CREATE TABLE {kind}_postings (
                term text COLLATE "C", part integer, frequency integer NOT NULL, removes boolean NOT NULL,
                keys bytea STORAGE EXTERNAL NOT NULL, lengths bytea STORAGE EXTERNAL NOT NULL,
                positions bytea STORAGE EXTERNAL NOT NULL, PRIMARY KEY (term, part)) WITH (fillfactor = 85)""",
        )
    ),
)


def create_keyword_index(connection: Connection) -> None:
    """Create the tables of the keyword index."""
    for statement in KEYWORD_INDEX:
        connection.execute(text(statement))


def add_terms(connection: Connection, kind: TextKind, terms: Mapping[int, Sequence[str]]) -> int:
    """Add the terms of new sentences or notes, by key; return the number of terms."""
    return _tell(connection, kind, terms, are_removed=False)


def remove_terms(connection: Connection, kind: TextKind, terms: Mapping[int, Sequence[str]]) -> int:
    """Remove the terms of sentences or notes, exactly as they were added; return the number of terms."""
    return _tell(connection, kind, terms, are_removed=True)


def _tell(connection: Connection, kind: TextKind, terms: Mapping[int, Sequence[str]], *, are_removed: bool) -> int:
    for some in _batches(terms):
        query = "UPDATE keyword_changes SET newest = newest + 1 WHERE kind = :kind RETURNING newest, folded"
        newest, folded = connection.execute(text(query), {"kind": kind}).one()
        _add_runs(connection, kind, newest, runs_of(some, are_removed=are_removed), are_removed)
        if newest - folded >= CHANGES or sum(map(len, some.values())) >= TERMS_AT_ONCE:
            _fold(connection, kind)
    return sum(map(len, terms.values()))


def _batches(terms: Mapping[int, Sequence[str]]) -> Iterator[dict[int, Sequence[str]]]:
    """Give texts some at a time, in the order of their keys."""
    some: dict[int, Sequence[str]] = {}
    size = 0
    for key in sorted(terms):
        some[key] = terms[key]
        size += len(terms[key])
        if size >= TERMS_AT_ONCE:
            yield some
            some, size = {}, 0
    if size:
        yield some


def _add_runs(connection: Connection, kind: TextKind, change: int, runs: Runs, are_removed: bool) -> None:
    query = f"""
        INSERT INTO {kind}_recent
        SELECT left(term, {OPENING}), %b, %b, array_agg(term), array_agg(frequency),
            array_agg(substring(%b::bytea FROM key_start FOR key_bytes)),
            array_agg(substring(%b::bytea FROM length_start FOR length_bytes)),
            array_agg(substring(%b::bytea FROM position_start FOR position_bytes))
        FROM unnest(string_to_array(%b, ' ') COLLATE "C", %b, %b, %b, %b, %b, %b, %b)
            _(term, frequency, key_start, key_bytes, length_start, length_bytes, position_start, position_bytes)
        GROUP BY 1"""
    lists = (runs.keys, runs.lengths, runs.positions)
    sizes = [np.fromiter(map(len, written), dtype=np.int64, count=len(written)) for written in lists]
    slices = [Integers(numbers) for size in sizes for numbers in (size.cumsum() - size + 1, size)]
    terms, frequencies = " ".join(map(stored_term, runs.terms)), Integers(np.array(runs.frequencies))
    with binary_cursor(connection) as cursor:
        cursor.execute(query, (change, are_removed, *map(b"".join, lists), terms, frequencies, *slices))


def _fold(connection: Connection, kind: TextKind) -> None:
    """Append what recent changes say of each term to the last row of the term, or to a new row if that is full."""
    # In the order of the changes only so that keys grow, which is quicker to read.
    query = f"""
        WITH runs AS (
            SELECT change, removes, said.* FROM {kind}_recent,
                unnest(terms, frequencies, keys, lengths, positions) said(term, frequency, keys, lengths, positions)
            ORDER BY term, change),
        terms AS (
            SELECT term, sum(frequency) AS frequency, bool_or(removes) AS removes, string_agg(keys, '') AS keys,
                string_agg(lengths, '') AS lengths, string_agg(positions, '') AS positions FROM runs GROUP BY term)
        INSERT INTO {kind}_postings AS p
        SELECT term, coalesce(last.part, 0), frequency, removes, terms.keys, lengths, positions
        FROM terms LEFT JOIN LATERAL (
            SELECT part + (octet_length(keys) >= {PART_BYTES})::int AS part FROM {kind}_postings known
            WHERE known.term = terms.term ORDER BY known.part DESC LIMIT 1) last ON true
        ON CONFLICT (term, part) DO UPDATE SET frequency = p.frequency + excluded.frequency,
            removes = p.removes OR excluded.removes, keys = p.keys || excluded.keys,
            lengths = p.lengths || excluded.lengths, positions = p.positions || excluded.positions"""
    connection.exec_driver_sql(query)
    connection.execute(text(f"DELETE FROM {kind}_recent"))
    connection.execute(text("UPDATE keyword_changes SET folded = newest WHERE kind = :kind"), {"kind": kind})


def forget_all_terms(connection: Connection) -> None:
    """Remove all terms, by whatever rules they were made."""
    for kind in KINDS:
        connection.execute(text(f"DELETE FROM {kind}_recent"))
        connection.execute(text(f"DELETE FROM {kind}_postings"))


def merge_terms(connection: Connection) -> None:
    """Rewrite the index without the removed terms, and so that frequent ones are read from fewer rows."""
    for kind in KINDS:
        _fold(connection, kind)
        _rewrite(connection, kind)
    join_parts(connection)
    connection.execute(text("UPDATE keyword_changes SET merged = newest"))


def merge_terms_if_due(connection: Connection) -> None:
    """Merge the index if it was changed many times since it last was: that reads all of it."""
    changes = connection.scalar(text("SELECT max(newest - merged) FROM keyword_changes"))
    if changes is not None and changes >= CHANGES_MERGED:
        merge_terms(connection)


def join_parts(connection: Connection) -> None:
    """Join the rows of terms that have many, so that they are read from fewer places of the disk."""
    # Only neighbours are joined, so that keys grow from row to row: rows with as many large ones before them.
    for kind in KINDS:
        query = f"""
            WITH many AS (
                SELECT term FROM {kind}_postings WHERE octet_length(keys) < {JOINED_BYTES // 2}
                GROUP BY term HAVING count(*) > {FEW_PARTS}),
            sizes AS (
                SELECT term, part, octet_length(keys) AS bytes FROM {kind}_postings JOIN many USING (term)),
            placed AS (
                SELECT *, count(*) FILTER (WHERE bytes >= {JOINED_BYTES // 2}) OVER before AS large_before FROM sizes
                WINDOW before AS (PARTITION BY term ORDER BY part)),
            small AS (
                SELECT *, sum(bytes) OVER before / {JOINED_BYTES} AS joined FROM placed
                WHERE bytes < {JOINED_BYTES // 2}
                WINDOW before AS (PARTITION BY term, large_before ORDER BY part)),
            old AS (
                DELETE FROM {kind}_postings old USING small WHERE old.term = small.term AND old.part = small.part
                RETURNING old.*, large_before, joined)
            INSERT INTO {kind}_postings
            SELECT term, min(part), sum(frequency), bool_or(removes), string_agg(keys, '' ORDER BY part),
                string_agg(lengths, '' ORDER BY part), string_agg(positions, '' ORDER BY part)
            FROM old GROUP BY term, large_before, joined"""
        connection.execute(text(query))


def _rewrite(connection: Connection, kind: TextKind) -> None:
    """Rewrite the rows that say of removed texts that they were there, or were removed."""
    changed: dict[str, KeyArray] = {}
    with binary_cursor(connection) as cursor:
        for term, keys in cursor.stream(f"SELECT term, keys FROM {kind}_postings WHERE removes", binary=True):
            changed[term] = np.union1d(changed.get(term, ()), removed_in(keys)).astype(np.int64)
        query = f"SELECT term, part, keys FROM {kind}_postings WHERE term = ANY(%b) ORDER BY term, part"
        some: dict[str, list[int]] = {}
        size = 0
        for terms in chunks(sorted(changed)):
            said = [
                (term, part, len(keys))
                for term, part, keys in cursor.stream(query, (list(terms),), binary=True)
                if has_any(keys, changed[term])
            ]
            for term, of_term in groupby(said, key=itemgetter(0)):
                if size >= BYTES_REWRITTEN_AT_ONCE:
                    _rewrite_rows(cursor, kind, some)
                    some, size = {}, 0
                rows = list(of_term)
                some[term] = [part for _, part, _ in rows]
                size += sum(written for _, _, written in rows)
        _rewrite_rows(cursor, kind, some)


def _rewrite_rows(cursor: Any, kind: TextKind, parts: Mapping[str, Sequence[int]]) -> None:
    """Rewrite rows, given by term: all those that say anything of the removed texts that have it."""
    terms = [term for term, of_term in parts.items() for _ in of_term]
    query = f"""
        WITH old AS (
            DELETE FROM {kind}_postings old USING unnest(%b::text[] COLLATE "C", %b) asked(term, part)
            WHERE old.term = asked.term AND old.part = asked.part RETURNING old.*)
        SELECT term, part, keys, lengths, positions FROM old ORDER BY term, part"""
    old = cursor.execute(query, (terms, Integers(np.array([*chain.from_iterable(parts.values())])))).fetchall()
    with (
        copied_into(cursor, f"{kind}_postings", list(POSTINGS)) as into,
        cursor.copy(SQL("COPY {} FROM STDIN (FORMAT BINARY)").format(into)) as copy,
    ):
        copy.set_types(list(POSTINGS.values()))
        for term, of_term in groupby(old, key=itemgetter(0)):
            rows = list(of_term)
            anew = without_removed([(keys, lengths, positions) for _, _, keys, lengths, positions in rows])
            for (_, part, *_), (frequency, *written) in zip(rows, anew, strict=True):
                if frequency:
                    copy.write_row((term, part, frequency, False, *written))


def stored_term(term: str) -> str:
    """Return a term as it is stored: cut, and told apart by a digest, if it is too long for an index."""
    if len(term) <= LONGEST_TERM:
        return term
    # No term has a control character.
    return f"{term[:LONGEST_TERM]}\x01{sha256(term.encode()).hexdigest()}"

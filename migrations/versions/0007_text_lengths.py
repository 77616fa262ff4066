"""Where terms stand, from FTS5, and how many terms each text has, by blocks of keys: search scores texts by both."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

KEYS_PER_BLOCK = 4096


def upgrade() -> None:
    key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "text_lengths",
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("block", key, nullable=False),
        sa.Column("lengths", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "block", name=op.f("pk_text_lengths")),
    )
    connection = op.get_bind()
    for kind in ("sentence", "note"):
        op.execute(f"CREATE VIRTUAL TABLE {kind}_postings USING fts5vocab({kind}_terms, 'instance')")
        sizes = connection.exec_driver_sql(f"SELECT id, sz FROM {kind}_terms_docsize ORDER BY id").yield_per(10_000)
        for number, block in _blocks(iter(sizes)):
            connection.exec_driver_sql("INSERT INTO text_lengths VALUES (?, ?, ?)", (kind, number, block))


def _blocks(sizes: Iterator[tuple[int, bytes]]) -> Iterator[tuple[int, bytes]]:
    for number, rows in groupby(sizes, key=lambda row: row[0] // KEYS_PER_BLOCK):
        block = bytearray(4 * KEYS_PER_BLOCK)
        for row_key, size in rows:
            at = 4 * (row_key % KEYS_PER_BLOCK)
            block[at : at + 4] = _varint(size).to_bytes(4, "little")
        yield number, bytes(block)


def _varint(written: bytes) -> int:
    """Read a number as SQLite writes it: seven bits a byte, the highest first."""
    number = 0
    for byte in written:
        number = number << 7 | byte & 0x7F
    return number

"""The tables that only a database of PostgreSQL has, beside the catalog's; terms and vectors have their own modules."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, MetaData, String, Table, Text

SCHEMA = "clinsearch"
# The newest migration; a database at any other is migrated or refused.
SCHEMA_REVISION = "0001"

metadata = MetaData()

# The next key of notes and of sentences. Given by each commit, in its transaction, so that a key that is seen has no
# lower one to come; a sequence of PostgreSQL counts on whether a transaction commits or not.
next_keys = Table(
    "next_keys",
    metadata,
    Column("name", String, primary_key=True),
    Column("key", BigInteger, nullable=False),
)
KEYED = ("notes", "sentences")

# One row: whether text was deleted of which the disk may still hold traces.
remains = Table("remains", metadata, Column("are_there", Boolean, nullable=False))

# The latest search of each role; see `storage.remembered`.
last_searches = Table(
    "last_searches", metadata, Column("role", String, primary_key=True), Column("content", Text, nullable=False)
)

# See `storage.saved`.
saved_searches = Table(
    "saved_searches", metadata, Column("name", String, primary_key=True), Column("content", Text, nullable=False)
)

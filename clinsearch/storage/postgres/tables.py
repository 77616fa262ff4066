"""The tables that only a database of PostgreSQL has, beside the catalog's; terms and vectors have their own modules."""

from __future__ import annotations

from sqlalchemy import (
    TIMESTAMP,
    BigInteger,
    Boolean,
    Column,
    Identity,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    Uuid,
    false,
    func,
)

from clinsearch.storage.catalog.columns import Characters, LongCharacters, Moment, Spans

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
# By what a row of them is known before it has its key.
KEYED = {"notes": "note_id", "sentences": "digest"}

# One row: whether text was deleted of which the disk may still hold traces.
remains = Table("remains", metadata, Column("are_there", Boolean, nullable=False))

# The latest search of each role; see `storage.remembered`.
last_searches = Table(
    "last_searches", metadata, Column("role", String, primary_key=True), Column("content", Text, nullable=False)
)

# Which shard of which collection a database is, if it is one of several: at most one row. `collection` is the same in
# all of them.
shard = Table(
    "shard",
    metadata,
    Column("collection", String, primary_key=True),
    Column("number", BigInteger, nullable=False),
    Column("count", BigInteger, nullable=False),
)
# In the first of them alone: where each is. No address has a password or an option.
shard_addresses = Table(
    "shard_addresses",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("address", Text, nullable=False),
)

# Each role's own; see `storage.saved`.
saved_searches = Table(
    "saved_searches",
    metadata,
    Column("role", String, primary_key=True),
    Column("name", String, primary_key=True),
    Column("content", Text, nullable=False),
)

# The writers that are at work, each until when it is believed to be; see `leases`.
workers = Table(
    "workers",
    metadata,
    Column("worker", Uuid, primary_key=True),
    Column("until", TIMESTAMP(timezone=True), nullable=False),
)

# Who encodes which sentence, or works on which version of a note, and what is encoded but not stored; see `claims`.
claims = Table(
    "claims",
    metadata,
    Column("digest", LargeBinary, primary_key=True),
    Column("worker", Uuid, nullable=False),
    Column("encoded", LargeBinary),
)

# Notes that wait to be encoded, one row for each id; see `queue`.
queue = Table(
    "queue",
    metadata,
    Column("number", BigInteger, Identity(), primary_key=True),
    Column("name", LargeBinary, nullable=False),
    Column("note_id", Characters, nullable=False),
    Column("patient_id", Characters),
    Column("encounter_id", Characters),
    Column("note_type", Characters),
    Column("note_datetime", Moment),
    Column("title", Characters),
    Column("text", LongCharacters, nullable=False),
    Column("source", Characters),
    Column("headings", Spans),
    Column("digest", LargeBinary, nullable=False),
    Column("replaces", BigInteger),
    Column("replaces_id", Characters),
    Column("replaces_digest", LargeBinary),
    Column("worker", Uuid),
    Column("attempts", Integer, nullable=False),
    Column("error", String),
)

# One row for each commit of the last days; see `outages`.
commit_tokens = Table(
    "commit_tokens",
    metadata,
    Column("token", Uuid, primary_key=True),
    Column("made_at", TIMESTAMP(timezone=True), nullable=False, server_default=func.now()),
    Column("was_looked_for", Boolean, nullable=False, server_default=false()),
)

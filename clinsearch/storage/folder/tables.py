"""The tables that only a folder's catalog has: its keyword index, and the record of its files of vectors."""

from __future__ import annotations

from sqlalchemy import Column, Float, Integer, LargeBinary, String, Table

from clinsearch.storage.catalog.tables import Key, metadata

# The newest migration; a collection at any other is migrated or refused.
SCHEMA_REVISION = "0010"

# The keyword index; SQLite's FTS5 makes its own tables beside each of these.
KEYWORD_TABLES = (
    "sentence_terms",
    "note_terms",
    "sentence_vocab",
    "note_vocab",
    "sentence_postings",
    "note_postings",
)
KEYWORD_INDEX = tuple(
    statement
    for kind in ("sentence", "note")
    for statement in (
        f"CREATE VIRTUAL TABLE {kind}_terms USING fts5(terms, content='', "
        """tokenize="unicode61 remove_diacritics 0 tokenchars '.'")""",
        f"CREATE VIRTUAL TABLE {kind}_vocab USING fts5vocab({kind}_terms, 'row')",
        f"CREATE VIRTUAL TABLE {kind}_postings USING fts5vocab({kind}_terms, 'instance')",
    )
)

# `kind`: what the keys in the file are of: sentences, notes, words or wordpieces. A file of the kind `code` holds how
# words' vectors are coded, one of the kind `sentence-cells` or `note-cells` how those are.
vector_files = Table(
    "vector_files",
    metadata,
    Column("name", String, primary_key=True),
    Column("kind", String, nullable=False),
    Column("rows", Key, nullable=False),
    Column("bytes", Key, nullable=False),
    Column("sha256", String, nullable=False),
)

# How many terms the texts of a kind have, sentences or notes: uint32, little-endian, for KEYS_PER_BLOCK keys from
# `block * KEYS_PER_BLOCK` on, 0 for a key without text.
KEYS_PER_BLOCK = 4096
text_lengths = Table(
    "text_lengths",
    metadata,
    Column("kind", String, primary_key=True),
    Column("block", Key, primary_key=True, autoincrement=False),
    Column("lengths", LargeBinary, nullable=False),
)

# Rows of vector files whose sentence, note or word was deleted: `rows` keys from `first` on.
dead_rows = Table(
    "dead_rows",
    metadata,
    Column("kind", String, primary_key=True),
    Column("first", Key, primary_key=True, autoincrement=False),
    Column("rows", Key, nullable=False),
)

# How many cells to search for the best `depth`, and the share of them that this finds, measured on this collection.
probes = Table(
    "probes",
    metadata,
    Column("kind", String, primary_key=True),
    Column("depth", Integer, primary_key=True, autoincrement=False),
    Column("cells", Integer, nullable=False),
    Column("probes", Integer, nullable=False),
    Column("recall", Float, nullable=False),
)


def is_table_of_ours(name: str | None, kind: str, _parents: object = None) -> bool:
    """Tell Alembic whether something in the catalog belongs to these tables, not to FTS5's."""
    return kind != "table" or not str(name).startswith(KEYWORD_TABLES)

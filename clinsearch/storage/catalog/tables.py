"""The catalog's tables. A `key` is an int64 given by SQLite and never reused; it is also the id in FAISS."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
)

from clinsearch.storage.catalog.columns import Moment, Spans

# The newest migration; a collection at any other is migrated or refused.
SCHEMA_REVISION = "0010"

# SQLite gives keys only to columns that it knows as INTEGER.
Key = BigInteger().with_variant(Integer, "sqlite")

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

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    }
)

# One row: the encoder that the collection belongs to. `commits` counts its commits, so that readers notice one.
# `words` is the recipe of its words' vectors, NULL if it keeps none; `next_word` and `next_piece` are the next keys of
# these. `correction` is the recipe by which its vectors are corrected, NULL if they are not.
collection = Table(
    "collection",
    metadata,
    Column("key", Key, primary_key=True, autoincrement=False),
    Column("model", String, nullable=False),
    Column("pooling", String, nullable=False),
    Column("fingerprint", String, nullable=False),
    Column("hidden_size", Integer, nullable=False),
    Column("created_by", String, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("commits", Key, nullable=False),
    Column("words", String),
    Column("next_word", Key, nullable=False, server_default="0"),
    Column("next_piece", Key, nullable=False, server_default="0"),
    Column("correction", String),
    Column("language", String),
)

# `digest` is of everything that comes from the source, except the id and the source itself.
notes = Table(
    "notes",
    metadata,
    Column("key", Key, primary_key=True),
    Column("note_id", String, nullable=False, unique=True),
    Column("patient_id", String, index=True),
    Column("encounter_id", String),
    Column("note_type", String, index=True),
    Column("note_datetime", Moment, index=True),
    Column("title", String),
    Column("text", Text, nullable=False),
    Column("source", String, index=True),
    Column("digest", LargeBinary, nullable=False, index=True),
    Column("headings", Spans),
    sqlite_autoincrement=True,
)

sections = Table(
    "sections",
    metadata,
    Column("note", Key, ForeignKey(notes.c.key, ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("name", String, index=True),
    Column("heading", String),
    Column("start", Integer, nullable=False),
    Column("end", Integer, nullable=False),
    sqlite_with_rowid=False,
)

# The language of the notes that are clearly in another one than English.
languages = Table(
    "languages",
    metadata,
    Column("note", Key, ForeignKey(notes.c.key, ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("language", String, nullable=False),
)

# Each distinct sentence once; `digest` is of its text; `gist`: see `language.gists`. `heading`: how many of its first
# characters are a heading, with the white space after it. `language`: see `records.ReadSentence`.
sentences = Table(
    "sentences",
    metadata,
    Column("key", Key, primary_key=True),
    Column("text", Text, nullable=False),
    Column("digest", LargeBinary, nullable=False, unique=True),
    Column("gist", Key, index=True),
    Column("heading", Integer, nullable=False, server_default="0"),
    Column("language", String),
    sqlite_autoincrement=True,
)

# A sentence's assertions other than affirmed; see `records.AssertedSpan`. The rest of it is affirmed.
assertions = Table(
    "assertions",
    metadata,
    Column("sentence", Key, ForeignKey(sentences.c.key, ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("start", Integer, nullable=False),
    Column("end", Integer, nullable=False),
    Column("assertion", String, nullable=False),
    Column("cue_start", Integer, nullable=False),
    Column("cue_end", Integer, nullable=False),
    sqlite_with_rowid=False,
)

# What a sentence measures; see `records.Measurement`.
measurements = Table(
    "measurements",
    metadata,
    Column("sentence", Key, ForeignKey(sentences.c.key, ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("name", String, nullable=False),
    Column("comparator", String, nullable=False),
    Column("low", Float, nullable=False),
    Column("high", Float, nullable=False),
    Column("unit", String, nullable=False),
    Column("value", String, nullable=False),
    Column("written_unit", String, nullable=False),
    Column("start", Integer, nullable=False),
    Column("end", Integer, nullable=False),
    Column("date", String),
    Index(None, "name", "low"),
    sqlite_with_rowid=False,
)

# A sentence's tokens, and the keys of its words' vectors: `words` keys from `first_word` on, in the order of the text;
# of its wordpieces likewise. See `encoder.words.TextWords` for what is counted, and for `lengths`.
# token_ids: uint32, lengths: int32, little-endian.
sentence_words = Table(
    "sentence_words",
    metadata,
    Column("sentence", Key, ForeignKey(sentences.c.key, ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("first_word", Key, nullable=False, index=True),
    Column("words", Integer, nullable=False),
    Column("first_piece", Key, nullable=False, index=True),
    Column("pieces", Integer, nullable=False),
    Column("token_ids", LargeBinary, nullable=False),
    Column("lengths", LargeBinary, nullable=False),
)

occurrences = Table(
    "occurrences",
    metadata,
    Column("note", Key, ForeignKey(notes.c.key, ondelete="CASCADE"), primary_key=True),
    Column("start", Integer, primary_key=True),
    Column("end", Integer, nullable=False),
    Column("section", Integer, nullable=False),
    Column("sentence", Key, ForeignKey(sentences.c.key), nullable=False, index=True),
    ForeignKeyConstraint(["note", "section"], [sections.c.note, sections.c.position], ondelete="CASCADE"),
    sqlite_with_rowid=False,
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

# How many there are of each of `COUNTED`, updated by every change: counting would mean reading them all.
counts = Table(
    "counts",
    metadata,
    Column("name", String, primary_key=True),
    Column("rows", Key, nullable=False),
)
COUNTED = (
    "notes",
    "notes_with_sentences",
    "sentences",
    "sentences_with_words",
    "occurrences",
    "words",
    "pieces",
    "sentence_terms",
    "note_terms",
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

# The correction of the vectors of a kind; see `encoder.correction`. float32, little-endian.
corrections = Table(
    "corrections",
    metadata,
    Column("kind", String, primary_key=True),
    Column("fitted_on", Integer, nullable=False),
    Column("mean", LargeBinary, nullable=False),
    Column("linear_map", LargeBinary, nullable=False),
)


def is_table_of_ours(name: str | None, kind: str, _parents: object = None) -> bool:
    """Tell Alembic whether something in the catalog belongs to these tables, not to FTS5's."""
    return kind != "table" or not str(name).startswith(KEYWORD_TABLES)

"""The tables that hold a collection, in SQLite as in PostgreSQL.

A `key` is an int64 given by the database and never reused; it is also the id of a vector.
"""

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
    Table,
)

from clinsearch.storage.catalog.columns import Characters, LongCharacters, Moment, Spans

# SQLite gives keys only to columns that it knows as INTEGER.
Key = BigInteger().with_variant(Integer, "sqlite")

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    }
)

# Of a copy of another collection of which not all is there yet, the row is that of the other, but for its key.
WHOLE, UNFINISHED = 1, 0

# One row: the encoder that the collection belongs to. `commits` counts its commits, so that readers notice one.
# `words` is the recipe of its words' vectors, NULL if it keeps none; `next_word` and `next_piece` are the next keys of
# these. `correction` is the recipe by which its vectors are corrected, NULL if they are not.
collection = Table(
    "collection",
    metadata,
    Column("key", Key, primary_key=True, autoincrement=False),
    Column("model", Characters, nullable=False),
    Column("pooling", Characters, nullable=False),
    Column("fingerprint", Characters, nullable=False),
    Column("hidden_size", Integer, nullable=False),
    Column("created_by", Characters, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("commits", Key, nullable=False),
    Column("words", Characters),
    Column("next_word", Key, nullable=False, server_default="0"),
    Column("next_piece", Key, nullable=False, server_default="0"),
    Column("correction", Characters),
    Column("language", Characters),
)

# `digest` is of everything that comes from the source, except the id and the source itself.
notes = Table(
    "notes",
    metadata,
    Column("key", Key, primary_key=True),
    Column("note_id", Characters, nullable=False, unique=True),
    Column("patient_id", Characters, index=True),
    Column("encounter_id", Characters),
    Column("note_type", Characters, index=True),
    Column("note_datetime", Moment, index=True),
    Column("title", Characters),
    Column("text", LongCharacters, nullable=False),
    Column("source", Characters, index=True),
    Column("digest", LargeBinary, nullable=False, index=True),
    Column("headings", Spans),
    sqlite_autoincrement=True,
)

sections = Table(
    "sections",
    metadata,
    Column("note", Key, ForeignKey(notes.c.key, ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("name", Characters, index=True),
    Column("heading", Characters),
    Column("start", Integer, nullable=False),
    Column("end", Integer, nullable=False),
    sqlite_with_rowid=False,
)

# The language of the notes that are clearly in another one than English.
languages = Table(
    "languages",
    metadata,
    Column("note", Key, ForeignKey(notes.c.key, ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("language", Characters, nullable=False),
)

# Each distinct sentence once; `digest` is of its text; `gist`: see `language.gists`. `heading`: how many of its first
# characters are a heading, with the white space after it. `language`: see `records.ReadSentence`.
sentences = Table(
    "sentences",
    metadata,
    Column("key", Key, primary_key=True),
    Column("text", LongCharacters, nullable=False),
    Column("digest", LargeBinary, nullable=False, unique=True),
    Column("gist", Key, index=True),
    Column("heading", Integer, nullable=False, server_default="0"),
    Column("language", Characters),
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
    Column("assertion", Characters, nullable=False),
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
    Column("name", Characters, nullable=False),
    Column("comparator", Characters, nullable=False),
    Column("low", Float, nullable=False),
    Column("high", Float, nullable=False),
    Column("unit", Characters, nullable=False),
    Column("value", Characters, nullable=False),
    Column("written_unit", Characters, nullable=False),
    Column("start", Integer, nullable=False),
    Column("end", Integer, nullable=False),
    Column("date", Characters),
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

# How many there are of each of `COUNTED`, updated by every change: counting would mean reading them all.
counts = Table(
    "counts",
    metadata,
    Column("name", Characters, primary_key=True),
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

# The correction of the vectors of a kind; see `encoder.correction`. float32, little-endian.
corrections = Table(
    "corrections",
    metadata,
    Column("kind", Characters, primary_key=True),
    Column("fitted_on", Integer, nullable=False),
    Column("mean", LargeBinary, nullable=False),
    Column("linear_map", LargeBinary, nullable=False),
)

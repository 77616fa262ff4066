"""The tables of a collection, as SQLite's migrations up to 0010 have them, and those that only PostgreSQL has.

Texts are compared byte by byte (COLLATE "C"), as SQLite does: so lists come in the same order.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from clinsearch.storage.postgres.keyword_changes import create_keyword_index
from clinsearch.storage.postgres.protection import create_grants, protect

revision = "0001"
down_revision = None

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


def upgrade() -> None:
    _create_texts()
    _create_readings()
    _create_upkeep()
    _create_sharing()
    create_keyword_index(op.get_bind())
    create_grants(op.get_bind())
    protect(op.get_bind())


def _text(name: str, *, nullable: bool = True, primary_key: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(collation="C"), nullable=nullable and not primary_key, primary_key=primary_key)


def _key(name: str, *more: sa.ForeignKey, primary_key: bool = False, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, *more, primary_key=primary_key, nullable=nullable, autoincrement=False)


def _number(name: str, *, primary_key: bool = False, default: str | None = None) -> sa.Column[int]:
    return sa.Column(
        name, sa.Integer, primary_key=primary_key, nullable=False, autoincrement=False, server_default=default
    )


def _create_texts() -> None:
    op.create_table(
        "collection",
        _key("key", primary_key=True),
        *(_text(name, nullable=False) for name in ("model", "pooling", "fingerprint")),
        _number("hidden_size"),
        _text("created_by", nullable=False),
        sa.Column("created_at", sa.TIMESTAMP, nullable=False),
        _key("commits"),
        _text("words"),
        sa.Column("next_word", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("next_piece", sa.BigInteger, nullable=False, server_default="0"),
        _text("correction"),
        _text("language"),
    )
    op.create_table(
        "notes",
        _key("key", primary_key=True),
        _text("note_id", nullable=False),
        *map(_text, ("patient_id", "encounter_id", "note_type")),
        sa.Column("note_datetime", sa.TIMESTAMP),
        _text("title"),
        _text("text", nullable=False),
        _text("source"),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        _text("headings"),
    )
    op.create_table(
        "sections",
        _key("note", sa.ForeignKey("notes.key", ondelete="CASCADE"), primary_key=True),
        _number("position", primary_key=True),
        _text("name"),
        _text("heading"),
        _number("start"),
        _number("end"),
    )
    op.create_table(
        "languages",
        _key("note", sa.ForeignKey("notes.key", ondelete="CASCADE"), primary_key=True),
        _text("language", nullable=False),
    )
    op.create_table(
        "sentences",
        _key("key", primary_key=True),
        _text("text", nullable=False),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        _key("gist", nullable=True),
        _number("heading", default="0"),
        _text("language"),
    )
    op.create_table(
        "occurrences",
        _key("note", sa.ForeignKey("notes.key", ondelete="CASCADE"), primary_key=True),
        _number("start", primary_key=True),
        _number("end"),
        _number("section"),
        _key("sentence", sa.ForeignKey("sentences.key")),
        sa.ForeignKeyConstraint(["note", "section"], ["sections.note", "sections.position"], ondelete="CASCADE"),
    )
    # A B-tree of PostgreSQL takes values of up to 2,704 bytes, and an id, a path or a heading may be longer: so ids are
    # looked up by hash, and others by their beginnings. By hash a value that many rows have takes ever longer to add.
    op.execute("ALTER TABLE notes ADD CONSTRAINT uq_notes_note_id EXCLUDE USING hash (note_id WITH =)")
    for table, column in (
        ("notes", "encounter_id"),
        ("notes", "source"),
        ("notes", "patient_id"),
        ("notes", "note_type"),
        ("sections", "name"),
    ):
        op.execute(f"CREATE INDEX ix_{table}_{column} ON {table} (left({column}, 256))")
    op.create_index("ix_notes_note_datetime", "notes", ["note_datetime"])
    op.create_index("ix_notes_digest", "notes", ["digest"])
    op.create_index("uq_sentences_digest", "sentences", ["digest"], unique=True)
    op.create_index("ix_sentences_gist", "sentences", ["gist"])
    op.create_index("ix_occurrences_sentence", "occurrences", ["sentence"])


def _create_readings() -> None:
    op.create_table(
        "assertions",
        _key("sentence", sa.ForeignKey("sentences.key", ondelete="CASCADE"), primary_key=True),
        _number("position", primary_key=True),
        _number("start"),
        _number("end"),
        _text("assertion", nullable=False),
        _number("cue_start"),
        _number("cue_end"),
    )
    op.create_table(
        "measurements",
        _key("sentence", sa.ForeignKey("sentences.key", ondelete="CASCADE"), primary_key=True),
        _number("position", primary_key=True),
        *(_text(name, nullable=False) for name in ("name", "comparator")),
        *(sa.Column(name, sa.Double, nullable=False) for name in ("low", "high")),
        *(_text(name, nullable=False) for name in ("unit", "value", "written_unit")),
        _number("start"),
        _number("end"),
        _text("date"),
    )
    op.create_index("ix_measurements_name_low", "measurements", ["name", "low", "sentence", "position"])
    op.create_table(
        "sentence_words",
        _key("sentence", sa.ForeignKey("sentences.key", ondelete="CASCADE"), primary_key=True),
        _key("first_word"),
        _number("words"),
        _key("first_piece"),
        _number("pieces"),
        sa.Column("token_ids", sa.LargeBinary, nullable=False),
        sa.Column("lengths", sa.LargeBinary, nullable=False),
    )
    op.create_index("ix_sentence_words_first_word", "sentence_words", ["first_word"])
    op.create_index("ix_sentence_words_first_piece", "sentence_words", ["first_piece"])


def _create_upkeep() -> None:
    counts = op.create_table("counts", _text("name", primary_key=True), _key("rows"))
    op.bulk_insert(counts, [{"name": name, "rows": 0} for name in COUNTED])
    op.create_table(
        "corrections",
        _text("kind", primary_key=True),
        _number("fitted_on"),
        sa.Column("mean", sa.LargeBinary, nullable=False),
        sa.Column("linear_map", sa.LargeBinary, nullable=False),
    )
    keys = op.create_table("next_keys", _text("name", primary_key=True), _key("key"))
    op.bulk_insert(keys, [{"name": name, "key": 1} for name in ("notes", "sentences")])
    remains = op.create_table("remains", sa.Column("are_there", sa.Boolean, nullable=False))
    op.bulk_insert(remains, [{"are_there": False}])
    op.create_table("last_searches", _text("role", primary_key=True), _text("content", nullable=False))
    op.create_table("shard", _text("collection", primary_key=True), _key("number"), _key("count"))
    op.create_table("shard_addresses", _key("number", primary_key=True), _text("address", nullable=False))
    op.create_table(
        "saved_searches",
        _text("role", primary_key=True),
        _text("name", primary_key=True),
        _text("content", nullable=False),
    )
    op.create_table(
        "word_blocks",
        _text("kind", primary_key=True),
        _key("first", primary_key=True),
        _number("rows"),
        sa.Column("vectors", sa.LargeBinary, nullable=False),
    )


def _create_sharing() -> None:
    """Who writes, who encodes what, what waits to be encoded, and which commits were made."""
    op.create_table(
        "workers",
        sa.Column("worker", sa.Uuid, primary_key=True),
        sa.Column("until", sa.TIMESTAMP(timezone=True), nullable=False),
    )
    op.create_table(
        "claims",
        sa.Column("digest", sa.LargeBinary, primary_key=True),
        sa.Column("worker", sa.Uuid, sa.ForeignKey("workers.worker", ondelete="CASCADE"), nullable=False, index=True),
        # Encoded, and not stored yet; what is compressed already is stored as it is.
        sa.Column("encoded", sa.LargeBinary),
    )
    op.execute("ALTER TABLE claims ALTER COLUMN encoded SET STORAGE EXTERNAL")
    op.create_table(
        "queue",
        sa.Column("number", sa.BigInteger, sa.Identity(), primary_key=True),
        # The hash of the note's id: an id may be too long for a B-tree.
        sa.Column("name", sa.LargeBinary, nullable=False, unique=True),
        _text("note_id", nullable=False),
        *map(_text, ("patient_id", "encounter_id", "note_type")),
        sa.Column("note_datetime", sa.TIMESTAMP),
        _text("title"),
        _text("text", nullable=False),
        _text("source"),
        _text("headings"),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        _key("replaces", nullable=True),
        _text("replaces_id"),
        sa.Column("replaces_digest", sa.LargeBinary),
        sa.Column("worker", sa.Uuid, sa.ForeignKey("workers.worker", ondelete="SET NULL"), index=True),
        _number("attempts", default="0"),
        _text("error"),
    )
    op.execute("CREATE INDEX ix_queue_waiting ON queue (attempts, number) WHERE worker IS NULL")
    op.create_table(
        "commit_tokens",
        sa.Column("token", sa.Uuid, primary_key=True),
        sa.Column("made_at", sa.TIMESTAMP(timezone=True), nullable=False, server_default=sa.func.now()),
        sa.Column("was_looked_for", sa.Boolean, nullable=False, server_default=sa.false()),
    )

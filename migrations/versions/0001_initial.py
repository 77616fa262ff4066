"""The first tables: notes, their sections, distinct sentences and where each occurs, and the vector files."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "collection",
        sa.Column("key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("model", sa.String(), nullable=False),
        sa.Column("pooling", sa.String(), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("hidden_size", sa.Integer(), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("commits", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_collection")),
    )
    op.create_table(
        "notes",
        sa.Column("key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("note_id", sa.String(), nullable=False),
        sa.Column("patient_id", sa.String(), nullable=True),
        sa.Column("encounter_id", sa.String(), nullable=True),
        sa.Column("note_type", sa.String(), nullable=True),
        sa.Column("note_datetime", sa.DateTime(), nullable=True),
        sa.Column("title", sa.String(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("source", sa.String(), nullable=True),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_notes")),
        sa.UniqueConstraint("note_id", name=op.f("uq_notes_note_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_notes_digest"), "notes", ["digest"], unique=False)
    op.create_index(op.f("ix_notes_note_datetime"), "notes", ["note_datetime"], unique=False)
    op.create_index(op.f("ix_notes_note_type"), "notes", ["note_type"], unique=False)
    op.create_index(op.f("ix_notes_patient_id"), "notes", ["patient_id"], unique=False)
    op.create_index(op.f("ix_notes_source"), "notes", ["source"], unique=False)
    op.create_table(
        "sentences",
        sa.Column("key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_sentences")),
        sa.UniqueConstraint("digest", name=op.f("uq_sentences_digest")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "vector_files",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("rows", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("bytes", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_vector_files")),
    )
    op.create_table(
        "sections",
        sa.Column("note", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=True),
        sa.Column("heading", sa.String(), nullable=True),
        sa.Column("start", sa.Integer(), nullable=False),
        sa.Column("end", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["note"], ["notes.key"], name=op.f("fk_sections_note"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("note", "position", name=op.f("pk_sections")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_sections_name"), "sections", ["name"], unique=False)
    op.create_table(
        "occurrences",
        sa.Column("note", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("start", sa.Integer(), nullable=False),
        sa.Column("end", sa.Integer(), nullable=False),
        sa.Column("section", sa.Integer(), nullable=False),
        sa.Column("sentence", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["note", "section"],
            ["sections.note", "sections.position"],
            name=op.f("fk_occurrences_note"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["note"], ["notes.key"], name=op.f("fk_occurrences_note"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["sentence"], ["sentences.key"], name=op.f("fk_occurrences_sentence")),
        sa.PrimaryKeyConstraint("note", "start", name=op.f("pk_occurrences")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_occurrences_sentence"), "occurrences", ["sentence"], unique=False)

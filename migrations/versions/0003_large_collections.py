"""Large collections: counts that are kept, rows of vector files that are dead, and into how many cells to look."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

COUNTS = {
    "notes": "SELECT count(*) FROM notes",
    "notes_with_sentences": "SELECT count(DISTINCT note) FROM occurrences",
    "sentences": "SELECT count(*) FROM sentences",
    "sentences_with_words": "SELECT count(*) FROM sentence_words",
    "occurrences": "SELECT count(*) FROM occurrences",
    "words": "SELECT coalesce(sum(words), 0) FROM sentence_words",
    "pieces": "SELECT coalesce(sum(pieces), 0) FROM sentence_words",
}


def upgrade() -> None:
    key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    counts = op.create_table(
        "counts",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("rows", key, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_counts")),
    )
    op.create_table(
        "dead_rows",
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("first", key, autoincrement=False, nullable=False),
        sa.Column("rows", key, nullable=False),
        sa.PrimaryKeyConstraint("kind", "first", name=op.f("pk_dead_rows")),
    )
    op.create_table(
        "probes",
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("depth", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("cells", sa.Integer(), nullable=False),
        sa.Column("probes", sa.Integer(), nullable=False),
        sa.Column("recall", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "depth", name=op.f("pk_probes")),
    )
    connection = op.get_bind()
    for name, query in COUNTS.items():
        connection.execute(sa.insert(counts).values(name=name, rows=connection.scalar(sa.text(query))))

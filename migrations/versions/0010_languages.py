"""The language of notes that are in another one than English, and of sentences: the next `index` tells it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "languages",
        sa.Column("note", key, nullable=False, autoincrement=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["note"], ["notes.key"], name=op.f("fk_languages_note"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("note", name=op.f("pk_languages")),
    )
    op.add_column("sentences", sa.Column("language", sa.String(), nullable=True))

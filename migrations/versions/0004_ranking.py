"""Ranking: the keyword index, and what sentences say otherwise than that it is so. The next writer fills both."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

# Its terms are written with spaces between them and nothing but letters, digits and decimal points in them.
KEYWORD_INDEX = """CREATE VIRTUAL TABLE {kind}_terms
USING fts5(terms, content='', tokenize="unicode61 remove_diacritics 0 tokenchars '.'")"""


def upgrade() -> None:
    key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "assertions",
        sa.Column("sentence", key, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("start", sa.Integer(), nullable=False),
        sa.Column("end", sa.Integer(), nullable=False),
        sa.Column("assertion", sa.String(), nullable=False),
        sa.Column("cue_start", sa.Integer(), nullable=False),
        sa.Column("cue_end", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["sentence"], ["sentences.key"], name=op.f("fk_assertions_sentence"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("sentence", "position", name=op.f("pk_assertions")),
        sqlite_with_rowid=False,
    )
    for kind in ("sentence", "note"):
        op.execute(KEYWORD_INDEX.format(kind=kind))
        op.execute(f"CREATE VIRTUAL TABLE {kind}_vocab USING fts5vocab({kind}_terms, 'row')")
        op.execute(f"INSERT INTO counts VALUES ('{kind}_terms', 0)")

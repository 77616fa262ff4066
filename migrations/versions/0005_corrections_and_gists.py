"""Corrections of vectors, none in collections of before; and which sentences are nearly the same."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.add_column("collection", sa.Column("correction", sa.String(), nullable=True))
    op.create_table(
        "corrections",
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("fitted_on", sa.Integer(), nullable=False),
        sa.Column("mean", sa.LargeBinary(), nullable=False),
        sa.Column("linear_map", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("kind", name=op.f("pk_corrections")),
    )
    key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.add_column("sentences", sa.Column("gist", key, nullable=True))
    op.create_index(op.f("ix_sentences_gist"), "sentences", ["gist"])

"""What sentences measure: names, values and units, which `clinsearch index` reads from the texts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "measurements",
        sa.Column("sentence", key, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("comparator", sa.String(), nullable=False),
        sa.Column("low", sa.Float(), nullable=False),
        sa.Column("high", sa.Float(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.Column("written_unit", sa.String(), nullable=False),
        sa.Column("start", sa.Integer(), nullable=False),
        sa.Column("end", sa.Integer(), nullable=False),
        sa.Column("date", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["sentence"], ["sentences.key"], name=op.f("fk_measurements_sentence"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("sentence", "position", name=op.f("pk_measurements")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_measurements_name_low"), "measurements", ["name", "low"])

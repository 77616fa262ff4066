"""Which parts of a note's text its format marks as headings; none in notes of before."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.add_column("notes", sa.Column("headings", sa.String(), nullable=True))

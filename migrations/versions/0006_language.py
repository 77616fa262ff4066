"""By which rules texts were read, None in collections of before, and headings in sentences: the next `index` reads all
texts anew."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.add_column("collection", sa.Column("language", sa.String(), nullable=True))
    op.add_column("sentences", sa.Column("heading", sa.Integer(), nullable=False, server_default="0"))

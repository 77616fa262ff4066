"""Words: the tokens of each sentence, and the keys that its words' and wordpieces' vectors have."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    # Made anew, so that it is written down as in a fresh catalog.
    with op.batch_alter_table("collection", recreate="always") as collection:
        collection.add_column(sa.Column("words", sa.String(), nullable=True))
        collection.add_column(sa.Column("next_word", key, nullable=False, server_default="0"))
        collection.add_column(sa.Column("next_piece", key, nullable=False, server_default="0"))
    op.create_table(
        "sentence_words",
        sa.Column("sentence", key, autoincrement=False, nullable=False),
        sa.Column("first_word", key, nullable=False),
        sa.Column("words", sa.Integer(), nullable=False),
        sa.Column("first_piece", key, nullable=False),
        sa.Column("pieces", sa.Integer(), nullable=False),
        sa.Column("token_ids", sa.LargeBinary(), nullable=False),
        sa.Column("lengths", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["sentence"], ["sentences.key"], name=op.f("fk_sentence_words_sentence"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("sentence", name=op.f("pk_sentence_words")),
    )
    op.create_index(op.f("ix_sentence_words_first_word"), "sentence_words", ["first_word"])
    op.create_index(op.f("ix_sentence_words_first_piece"), "sentence_words", ["first_piece"])

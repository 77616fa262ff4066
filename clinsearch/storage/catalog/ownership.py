"""Whose a collection is: its encoder, the rules that its texts were read by, and its last commit."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select

from clinsearch.storage.catalog.soundness import is_count, require_sound
from clinsearch.storage.catalog.tables import collection
from clinsearch.storage.values import EncoderIdentity


class Ownership:
    """Queries over one connection."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def encoder(self) -> EncoderIdentity | None:
        """Return the encoder of the collection; None before the first writer has claimed it."""
        columns = [collection.c[field] for field in EncoderIdentity.__dataclass_fields__]
        row = self.connection.execute(select(*columns)).first()
        if row is None:
            return None
        *names, hidden_size = row
        require_sound(all(isinstance(name, str) for name in names) and is_count(hidden_size) and hidden_size > 0)
        return EncoderIdentity(*row)

    def hidden_size(self) -> int | None:
        """Return how many dimensions the collection's vectors have."""
        return self.connection.scalar(select(collection.c.hidden_size))

    def word_recipe(self) -> str | None:
        """Return the recipe of the words' vectors; None if the collection keeps none."""
        return self.connection.scalar(select(collection.c.words))

    def language(self) -> str | None:
        """Return the version of the language rules that the texts were read by; None in old collections."""
        return self.connection.scalar(select(collection.c.language))

    def last_commit(self) -> tuple[datetime, int]:
        """Return when the collection was made and its number of commits, which together identify a commit."""
        made, changes = self.connection.execute(select(collection.c.created_at, collection.c.commits)).one()
        return made, changes

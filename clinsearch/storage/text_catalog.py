"""What can be asked of the catalog about texts: those of notes, and what sentences say otherwise than that it is so."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, select

from clinsearch.records import AssertedSpan
from clinsearch.storage.catalog import chunks
from clinsearch.storage.tables import assertions, notes


class TextCatalog:
    """The questions, asked over one connection."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def note_texts(self, note_keys: Sequence[int]) -> dict[int, str]:
        """Return the texts of these notes."""
        return {
            key: text
            for keys in chunks(note_keys)
            for key, text in self.connection.execute(select(notes.c.key, notes.c.text).where(notes.c.key.in_(keys)))
        }

    def assertions(self, sentence_keys: Sequence[int]) -> dict[int, tuple[AssertedSpan, ...]]:
        """Return what these sentences say otherwise than that it is so."""
        columns = [assertions.c[field] for field in AssertedSpan.__dataclass_fields__]
        found: dict[int, tuple[AssertedSpan, ...]] = dict.fromkeys(sentence_keys, ())
        for keys in chunks(sentence_keys):
            query = select(assertions.c.sentence, *columns).where(assertions.c.sentence.in_(keys))
            for key, *span in self.connection.execute(query.order_by(assertions.c.sentence, assertions.c.position)):
                found[key] += (AssertedSpan(*span),)
        return found

"""What can be asked of the catalog about texts: those of notes, what sentences say, and which are nearly the same."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import Connection, select

from clinsearch.records import AssertedSpan
from clinsearch.storage.catalog.notes import chunks
from clinsearch.storage.catalog.tables import assertions, notes, sentences


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

    def gists(self, sentence_keys: Sequence[int]) -> dict[int, int | None]:
        """Return what is the same of these sentences and those nearly the same; see `language.gists`."""
        query = select(sentences.c.key, sentences.c.gist)
        found = (query.where(sentences.c.key.in_(keys)) for keys in chunks(sentence_keys))
        return {key: gist for rows in map(self.connection.execute, found) for key, gist in rows}

    def near_identical(self, sentence_keys: Sequence[int]) -> dict[int, list[int]]:
        """Return for each of these sentences the keys of the others in nearly the same words."""
        gists = self.gists(sentence_keys)
        wanted = sorted({gist for gist in gists.values() if gist is not None})
        of_gist: defaultdict[int, list[int]] = defaultdict(list)
        query = select(sentences.c.gist, sentences.c.key).order_by(sentences.c.key)
        for some in chunks(wanted):
            for gist, key in self.connection.execute(query.where(sentences.c.gist.in_(some))):
                of_gist[gist].append(key)
        return {
            key: [] if gist is None else [other for other in of_gist[gist] if other != key]
            for key, gist in gists.items()
        }

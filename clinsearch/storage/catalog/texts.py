"""Queries of the catalog about texts: of notes, and the assertions and gists of sentences."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import Connection, select

from clinsearch.records import AssertedSpan
from clinsearch.storage.catalog.rows import chunks, one_of, raw_rows
from clinsearch.storage.catalog.tables import assertions, notes, sentences

# Building such a query takes longer than running it.
_TEXTS = select(notes.c.key, notes.c.text).where(one_of(notes.c.key, "keys"))
_SPAN = [assertions.c[field] for field in AssertedSpan.__dataclass_fields__]
_ASSERTIONS = (
    select(assertions.c.sentence, *_SPAN)
    .where(one_of(assertions.c.sentence, "keys"))
    .order_by(assertions.c.sentence, assertions.c.position)
)
_GISTS = select(sentences.c.key, sentences.c.gist).where(one_of(sentences.c.key, "keys"))
_OF_GISTS = select(sentences.c.gist, sentences.c.key).where(one_of(sentences.c.gist, "gists")).order_by(sentences.c.key)


class TextCatalog:
    """Queries over one connection."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def note_texts(self, note_keys: Sequence[int]) -> dict[int, str]:
        """Return the texts of these notes."""
        found = (raw_rows(self.connection, _TEXTS, keys=list(keys)) for keys in chunks(note_keys))
        return {key: text for rows in found for key, text in rows}

    def assertions(self, sentence_keys: Sequence[int]) -> dict[int, tuple[AssertedSpan, ...]]:
        """Return the assertions of these sentences other than affirmed."""
        found: dict[int, tuple[AssertedSpan, ...]] = dict.fromkeys(sentence_keys, ())
        for keys in chunks(sentence_keys):
            for key, *span in raw_rows(self.connection, _ASSERTIONS, keys=list(keys)):
                found[key] += (AssertedSpan(*span),)
        return found

    def gists(self, sentence_keys: Sequence[int]) -> dict[int, int | None]:
        """Return the gists of these sentences; see `language.gists`."""
        found = (raw_rows(self.connection, _GISTS, keys=list(keys)) for keys in chunks(sentence_keys))
        return {key: gist for rows in found for key, gist in rows}

    def of_gists(self, gists: Sequence[int]) -> dict[int, list[int]]:
        """Return the keys of the sentences of each of these gists that any has, in order."""
        of_gist: defaultdict[int, list[int]] = defaultdict(list)
        for some in chunks(gists):
            for gist, key in raw_rows(self.connection, _OF_GISTS, gists=list(some)):
                of_gist[gist].append(key)
        return of_gist

    def near_identical(self, sentence_keys: Sequence[int]) -> dict[int, list[int]]:
        """Return, for each of these sentences, the keys of the others with the same gist."""
        gists = self.gists(sentence_keys)
        of_gist = self.of_gists(sorted({gist for gist in gists.values() if gist is not None}))
        return {
            key: [] if gist is None else [other for other in of_gist[gist] if other != key]
            for key, gist in gists.items()
        }

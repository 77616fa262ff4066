"""Asks the keyword index in PostgreSQL; answers, and scores, are those of SQLite's FTS5."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
from sqlalchemy import Connection

from clinsearch.records.keys import KeyArray
from clinsearch.records.phrases import Phrase
from clinsearch.storage.catalog import bm25
from clinsearch.storage.catalog.text_filters import TextFilters
from clinsearch.storage.postgres.binary import binary_cursor
from clinsearch.storage.postgres.keyword_changes import LONGEST_TERM, OPENING, stored_term
from clinsearch.storage.postgres.phrases import texts_with
from clinsearch.storage.postgres.postings import Places, Texts, places_in, texts_in
from clinsearch.storage.values import Postings, TextKind

# Behind every other in the order of bytes.
LAST_CHARACTER = "\U0010ffff"


class KeywordIndex(TextFilters):
    """Queries over one connection about the terms of sentences or of notes."""

    def __init__(self, connection: Connection, kind: TextKind) -> None:
        super().__init__(connection, kind)
        # A search asks again for what it knows, to find other phrases in the same texts.
        self._known: dict[Phrase, Texts] = {}

    def frequency(self, phrase: Phrase) -> int:
        """Count the texts that have a phrase."""
        return self.frequencies([phrase])[phrase]

    def frequencies(self, phrases: Collection[Phrase]) -> dict[Phrase, int]:
        """Count the texts that have each of these phrases."""
        terms = list({stored_term(phrase.terms[0]) for phrase in phrases if phrase.is_term})
        query = f"""
            SELECT term, sum(frequency)::bigint FROM (
                SELECT term, frequency FROM {self.kind}_postings WHERE term = ANY(%b)
                UNION ALL
                SELECT asked, frequencies[array_position(terms, asked)]
                FROM unnest(%b::text[] COLLATE "C") _(asked) JOIN {self.kind}_recent ON opening = left(asked, {OPENING})
            ) _ WHERE frequency IS NOT NULL GROUP BY term"""
        found = dict(self._rows(query, (terms, terms))) if terms else {}
        return {
            phrase: found.get(stored_term(phrase.terms[0]), 0) if phrase.is_term else len(self._texts(phrase).keys)
            for phrase in phrases
        }

    def postings(self, phrase: Phrase, frequency: int, mean_length: float | None = None) -> Postings:
        """Return the postings of a phrase, of a term with this frequency, scored as FTS5's BM25 does.

        mean_length: that of all texts, where these are only some of them.
        """
        texts = self._texts(phrase)
        of_idf = bm25.idf(self.size(), frequency if phrase.is_term else len(texts.keys))
        length = self.mean_length() if mean_length is None else mean_length
        return Postings(texts.keys, bm25.parts(texts.counts, texts.lengths, length, of_idf))

    def having(self, phrase: Phrase, others: Sequence[Phrase]) -> KeyArray:
        """Return the keys of the texts that have a phrase and at least one of the others, in order."""
        keys = self._texts(phrase).keys
        if phrase in others:
            return keys
        is_there = np.zeros(len(keys), dtype=bool)
        for other in others:
            known = self._texts(other).keys
            if len(known):
                is_there |= known.take(np.searchsorted(known, keys), mode="clip") == keys
        return keys[is_there]

    def _texts(self, phrase: Phrase) -> Texts:
        if phrase not in self._known:
            self._known[phrase] = self._read(phrase)
        return self._known[phrase]

    def _read(self, phrase: Phrase) -> Texts:
        if len(phrase.terms) == 1:
            return texts_in(*self._runs(phrase.terms[0], phrase.is_prefix, ("keys", "lengths")))
        *whole, last = phrase.terms
        wanted = [*((term, False) for term in whole), (last, phrase.is_prefix)]
        runs = {of: self._runs(*of, ("keys", "lengths", "positions")) for of in dict.fromkeys(wanted)}
        places: dict[tuple[str, bool], Places] = {}
        among = None
        for of in sorted(runs, key=lambda of: len(runs[of][0])):
            keys, lengths, positions = runs[of]
            places[of] = places_in(keys, lengths, positions, among)
            among = np.unique(places[of].keys)
        return texts_with([places[of] for of in wanted])

    def _runs(self, term: str, is_prefix: bool, columns: Sequence[str]) -> list[bytes]:
        """Return what all runs of a term, or of the terms that begin so, say."""
        folded = ", ".join(columns)
        if is_prefix:
            recent = ", ".join(f"said.{column}" for column in columns)
            query = f"""
                SELECT {folded} FROM {self.kind}_postings WHERE term BETWEEN %b AND %b
                UNION ALL
                SELECT {recent} FROM {self.kind}_recent,
                    unnest(terms, keys, lengths, positions) said(term, keys, lengths, positions)
                WHERE opening BETWEEN %b AND %b AND said.term BETWEEN %b AND %b"""
            cut = term[:LONGEST_TERM]
            terms, opening = (cut, cut + LAST_CHARACTER), cut[:OPENING]
            rows = self._rows(query, (*terms, opening, opening + LAST_CHARACTER, *terms))
        else:
            recent = ", ".join(f"{column}[place]" for column in columns)
            query = f"""
                (SELECT {folded} FROM {self.kind}_postings WHERE term = %b ORDER BY part)
                UNION ALL
                (SELECT {recent} FROM {self.kind}_recent, array_position(terms, %b) place
                WHERE opening = %b AND place IS NOT NULL ORDER BY change)"""
            stored = stored_term(term)
            rows = self._rows(query, (stored, stored, stored[:OPENING]))
        return [b"".join(written) for written in zip(*rows, strict=True)] or [b""] * len(columns)

    def _rows(self, query: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
        with binary_cursor(self._connection) as cursor:
            rows: list[tuple[Any, ...]] = cursor.execute(query, values).fetchall()
            return rows

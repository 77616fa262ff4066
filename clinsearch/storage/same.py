"""Compares a copy with its source: every row, every vector, and a sample of the keyword index."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha256

import numpy as np
from sqlalchemy import Connection, Table, select

from clinsearch.records import FloatArray
from clinsearch.records.copies import Check
from clinsearch.records.keys import KeyArray
from clinsearch.records.phrases import Phrase
from clinsearch.storage.catalog.patients import PatientCatalog
from clinsearch.storage.catalog.tables import (
    assertions,
    corrections,
    counts,
    languages,
    measurements,
    notes,
    occurrences,
    sections,
    sentence_words,
    sentences,
)
from clinsearch.storage.copied import TABLE_OF, Stored, having_sentences, key_ranges, rows_between, word_ranges
from clinsearch.storage.values import COUNT_OF, KINDS, Kind, TermsOf, TextKind, drawn

TABLES = (notes, sections, languages, sentences, assertions, measurements, sentence_words, occurrences)
TABLES_BESIDE = (corrections, counts)
ROWS_AT_ONCE = 2000
# Half precision rounds by at most so much of a value, or, near zero, by so much. See IEEE 754, binary16.
ROUNDING, NEAR_ZERO = 2**-11, 2**-24
# Of the keyword index: the terms of so many texts, all places of so many terms, BM25 within so much.
TEXTS, TERMS, BM25 = 100, 20, 1e-9
NAMES: dict[Kind, str] = {
    "sentence": "vectors of sentences",
    "note": "vectors of notes",
    "opening": "vectors of openings",
    "word": "vectors of words",
    "piece": "vectors of wordpieces",
}


@dataclass(slots=True)
class Comparison:
    """Compares what two places store; `progress` is told what is compared, how much is done, and of how much."""

    source: Stored
    target: Stored
    terms_of: TermsOf
    progress: Callable[[str, int, int], None]

    def all(self) -> tuple[Check, ...]:
        """Compare everything."""
        checks = [self._state()]
        tables = (*TABLES, *TABLES_BESIDE)
        for done, table in enumerate(tables):
            self.progress("Comparing rows", done, len(tables))
            checks.append(self._table(table))
        checks += self._vectors()
        self.progress("Comparing terms", 0, 1)
        return (*checks, *(self._terms(kind) for kind in TABLE_OF))

    def _state(self) -> Check:
        """Compare what decides who is found: see `CollectionState`, with a digest of all notes."""
        mine, its = (PatientCatalog(one.connection).state() for one in (self.source, self.target))
        return Check("notes by their digests", mine.notes, mine == its)

    def _table(self, table: Table) -> Check:
        (rows, mine), (_, its) = (_digest(one.connection, table) for one in (self.source, self.target))
        return Check(table.name.replace("_", " "), rows, mine == its)

    def _vectors(self) -> Iterator[Check]:
        """Compare every vector with that of the same key."""
        total = dict(self.source.connection.execute(select(counts.c.name, counts.c.rows)).all())
        for kind in KINDS:
            seen, largest, is_same = 0, 0.0, True
            for keys in self._keys(kind):
                mine, its = self.source.vectors(kind, keys), self.target.vectors(kind, keys)
                seen += len(mine[0])
                # A finished copy may code its vectors anew; an unfinished one has them as they came.
                only_keys = self.target.is_coded(kind)
                difference, are_same = _difference(*mine, *(mine if only_keys else its))
                are_same = are_same and np.array_equal(mine[0], its[0])
                largest, is_same = max(largest, difference), is_same and are_same
                self.progress(f"Comparing {NAMES[kind]}", seen, total[COUNT_OF[kind]])
            is_same = is_same and self.target.count_vectors(kind) == seen
            yield Check(NAMES[kind], seen, is_same, largest)

    def _keys(self, kind: Kind) -> Iterator[KeyArray]:
        """Yield the keys of what has a vector of a kind, in order, some at a time."""
        connection = self.source.connection
        if kind == "word" or kind == "piece":
            yield from word_ranges(connection, kind)
        elif kind == "sentence":
            yield from key_ranges(connection, kind)
        else:
            places = (rows_between(connection, occurrences, "note", keys) for keys in key_ranges(connection, "note"))
            yield from map(having_sentences, places)

    def _terms(self, kind: TextKind) -> Check:
        """Compare how many texts have each of some terms and, of fewer, which texts these are and their BM25."""
        mine, its = (one.keywords(kind) for one in (self.source, self.target))
        phrases = self._phrases(kind)
        found = mine.frequencies(phrases)
        is_same = mine.size() == its.size() and mine.mean_length() == its.mean_length()
        is_same = is_same and found == its.frequencies(phrases)
        rare_first = sorted(phrases, key=lambda phrase: (found[phrase], phrase.terms))
        some = [rare_first[n] for n in np.linspace(0, len(rare_first) - 1, min(TERMS, len(rare_first)), dtype=int)]
        for phrase in some if is_same else []:
            here, there = (one.postings(phrase, found[phrase]) for one in (mine, its))
            is_same = np.array_equal(here.keys, there.keys) and np.allclose(here.parts, there.parts, rtol=0, atol=BM25)
            if not is_same:
                break
        return Check(f"terms of {kind}s", mine.size(), bool(is_same))

    def _phrases(self, kind: TextKind) -> list[Phrase]:
        table = TABLE_OF[kind]
        keys = np.fromiter(self.source.connection.scalars(select(table.c.key)), dtype=np.int64)
        some = select(table.c.text).where(table.c.key.in_(drawn(keys, TEXTS).tolist()))
        terms = {term for text in self.source.connection.scalars(some) for term in self.terms_of(text)}
        return [Phrase((term,)) for term in sorted(terms)]


def _digest(connection: Connection, table: Table) -> tuple[int, str]:
    """Count a table's rows, and hash their values in order."""
    digest, count = sha256(), 0
    query = select(table).order_by(*table.primary_key.columns)
    found = connection.execute(query, execution_options={"yield_per": ROWS_AT_ONCE})
    for rows in found.partitions():
        count += len(rows)
        digest.update(repr([tuple(row) for row in rows]).encode(errors="surrogatepass"))
    return count, digest.hexdigest()


def _difference(keys: KeyArray, rows: FloatArray, other_keys: KeyArray, other_rows: FloatArray) -> tuple[float, bool]:
    """Return the largest difference of values, and whether keys are the same, and values but for rounding."""
    if not len(keys) and not len(other_keys):
        return 0.0, True
    if not np.array_equal(keys, other_keys) or rows.shape != other_rows.shape:
        return float("inf"), False
    differences = np.abs(rows - other_rows)
    is_same = bool((differences <= ROUNDING * np.abs(rows) + NEAR_ZERO).all())  # NaN is not
    return float(differences.max(initial=0.0)), is_same

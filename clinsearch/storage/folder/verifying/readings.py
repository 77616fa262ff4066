"""Checks what was read of texts, by reading them again: all of them, or a sample."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from sqlalchemy import Connection, select

from clinsearch.records import AssertedSpan, Note, Section
from clinsearch.records.measurements import Measurement
from clinsearch.records.readings import SentenceText
from clinsearch.storage.catalog.notes import NOTE
from clinsearch.storage.catalog.rows import one_of
from clinsearch.storage.catalog.tables import (
    assertions,
    languages,
    measurements,
    notes,
    occurrences,
    sections,
    sentences,
)
from clinsearch.storage.folder.lengths import lengths_by_key
from clinsearch.storage.folder.verifying.findings import REPAIR_FULL, Findings, batched
from clinsearch.storage.values import Rules, TextKind

# Of a sample so many are read again.
NOTES_DRAWN, SENTENCES_DRAWN = 100, 500
NOTES_AT_ONCE, SENTENCES_AT_ONCE = 16, 500
# So many terms that follow one another are looked up at once.
TERMS_AT_ONCE = 8
OWNERS = {"sentence": sentences, "note": notes}


def check(connection: Connection, rules: Rules, findings: Findings, *, full: bool) -> None:
    """Compare sections, sentences, assertions, measurements, gists and terms with what the rules make of the texts."""
    with findings.naming("what was read of texts", REPAIR_FULL):
        of_sentences = _drawn(connection, "sentence", None if full else SENTENCES_DRAWN)
        for some in batched(of_sentences, SENTENCES_AT_ONCE):
            _check_sentences(connection, some, rules, findings)
        of_notes = _drawn(connection, "note", None if full else NOTES_DRAWN)
        for some in batched(of_notes, NOTES_AT_ONCE):
            _check_notes(connection, some, rules, findings)
        findings.count("sentences read again", len(of_sentences))
        findings.count("notes read again", len(of_notes))
        _check_terms(connection, "sentence", of_sentences, rules, findings, full=full)
        _check_terms(connection, "note", of_notes, rules, findings, full=full)


def _drawn(connection: Connection, kind: str, most: int | None) -> list[int]:
    """Return the keys of all sentences or notes, or of others each time."""
    keys = list(connection.scalars(select(OWNERS[kind].c.key)))
    if most is None or len(keys) <= most:
        return keys
    return sorted(np.random.default_rng().choice(keys, most, replace=False).tolist())


def _check_sentences(connection: Connection, keys: Sequence[int], rules: Rules, findings: Findings) -> None:
    spans = _parts(connection, assertions, "sentence", AssertedSpan, keys)
    measured = _parts(connection, measurements, "sentence", Measurement, keys)
    columns = (sentences.c.text, sentences.c.heading, sentences.c.digest)
    query = select(sentences.c.key, sentences.c.gist, sentences.c.language, *columns)
    rows = connection.execute(query.where(one_of(sentences.c.key, keys))).all()
    texts = {row[0]: SentenceText(*row[3:]) for row in rows}
    read = rules.read_sentences(texts.values())
    for key, gist, language, *_ in rows:
        own = read[texts[key].digest]
        if (own.assertions, own.measurements) != (spans.get(key, ()), measured.get(key, ())):
            findings.add(f"sentence {key}", "its assertions or values are not those of its text", REPAIR_FULL)
        elif (own.gist, own.language) != (gist, language):
            findings.add(f"sentence {key}", "its gist or language is not that of its text", REPAIR_FULL)


def _check_notes(connection: Connection, keys: Sequence[int], rules: Rules, findings: Findings) -> None:
    its_sections = _parts(connection, sections, "note", Section, keys)
    of_language = select(languages.c.note, languages.c.language).where(one_of(languages.c.note, keys))
    known = dict(connection.execute(of_language).all())
    places: dict[int, list[Any]] = {}
    stands = (occurrences.c.start, occurrences.c.end, occurrences.c.section, sentences.c.digest)
    query = select(occurrences.c.note, *stands).join(sentences, sentences.c.key == occurrences.c.sentence)
    query = query.where(one_of(occurrences.c.note, keys)).order_by(occurrences.c.note, occurrences.c.start)
    for note, *place in connection.execute(query):
        places.setdefault(note, []).append(tuple(place))
    of_notes = select(notes.c.key, notes.c.digest, *NOTE).where(one_of(notes.c.key, keys))
    for key, digest, *fields in connection.execute(of_notes):
        read = rules.read_note(Note(*fields), digest)
        pairs = zip(read.segmentation.sentences, read.sentences, strict=True)
        expected = [(place.start, place.end, place.section, one.digest) for place, one in pairs]
        is_same = read.segmentation.sections == its_sections.get(key, ()) and expected == places.get(key, [])
        if not is_same or read.language != known.get(key):
            findings.add(f"note {fields[0]}", "its sections and sentences are not those of its text", REPAIR_FULL)


def _parts(
    connection: Connection, table: Any, of: str, kind: Any, keys: Sequence[int]
) -> Mapping[int, tuple[Any, ...]]:
    """Return the values of one kind that belong to each of these keys, in their order."""
    columns = [table.c[field] for field in kind.__dataclass_fields__]
    query = select(table.c[of], *columns).where(one_of(table.c[of], keys)).order_by(table.c[of], table.c.position)
    found: dict[int, tuple[Any, ...]] = {}
    for owner, *fields in connection.execute(query):
        found[owner] = (*found.get(owner, ()), kind(*fields))
    return found


def _check_terms(
    connection: Connection, kind: TextKind, keys: Sequence[int], rules: Rules, findings: Findings, *, full: bool
) -> None:
    lengths = lengths_by_key(connection, kind)
    indexed = _sums(connection, kind) if full else {}
    table = OWNERS[kind]
    for some in batched(keys, SENTENCES_AT_ONCE):
        texts = connection.execute(select(table.c.key, table.c.text).where(one_of(table.c.key, some))).all()
        for key, text in texts:
            terms = list(rules.terms_of(text))
            is_there = indexed.pop(key, 0) == _sum(terms) if full else _has(connection, kind, key, terms)
            if not is_there or (terms and int(lengths.of(np.array([key]))[0]) != len(terms)):
                findings.add(f"{kind} {key}", "the keyword index does not have it by its words", REPAIR_FULL)
    if full and indexed:
        findings.add(f"keyword index of {kind}s", "it has texts that are not in the catalog", REPAIR_FULL)


def _has(connection: Connection, kind: TextKind, key: int, terms: Sequence[str]) -> bool:
    """Tell whether the keyword index has a text by its terms, in their order."""
    query = f"SELECT 1 FROM {kind}_terms WHERE {kind}_terms MATCH ? AND rowid = ?"
    runs = (f'"{" ".join(run)}"' for run in batched(terms, TERMS_AT_ONCE))
    return all(connection.exec_driver_sql(query, (run, key)).first() for run in runs)


def _sums(connection: Connection, kind: TextKind) -> dict[int, int]:
    """Return, by key, a sum over the terms in the keyword index, each with its place."""
    found: dict[int, int] = {}
    query = f"SELECT doc, term, offset FROM {kind}_postings"
    for key, term, offset in connection.exec_driver_sql(query):
        found[key] = found.get(key, 0) + zlib.crc32(f"{offset} {term}".encode())
    return found


def _sum(terms: Sequence[str]) -> int:
    return sum(zlib.crc32(f"{place} {term}".encode()) for place, term in enumerate(terms))

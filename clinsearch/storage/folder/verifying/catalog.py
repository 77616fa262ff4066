"""Checks the catalog itself: SQLite's own check, what rows refer to, and what the catalog counts."""

from __future__ import annotations

from sqlalchemy import Connection, func, select

from clinsearch.storage.catalog.corrections import read_corrections
from clinsearch.storage.catalog.counted import all_counts
from clinsearch.storage.catalog.tables import notes, occurrences, sentence_words, sentences
from clinsearch.storage.catalog.words import WordCatalog
from clinsearch.storage.folder.database import CATALOG_FILE
from clinsearch.storage.folder.lengths import lengths_by_key
from clinsearch.storage.folder.verifying.findings import Findings


def check(connection: Connection, findings: Findings) -> None:
    """Check the catalog's pages, references and counts."""
    problems = connection.exec_driver_sql("PRAGMA integrity_check(100)").scalars().all()
    if problems != ["ok"]:  # they may quote text of notes
        findings.add(CATALOG_FILE, f"SQLite finds {len(problems)} faults in it", findings.rescue)
    if connection.exec_driver_sql("PRAGMA foreign_key_check").first():
        findings.add(CATALOG_FILE, "rows refer to others that are not there", findings.rescue)
    with findings.naming("counts", findings.rescue):
        known, actual = all_counts(connection), _counted(connection)
        for name, rows in actual.items():
            findings.count(name.replace("_", " "), rows)
            if known.get(name) != rows:
                wrong = f"the catalog counts {known.get(name)} and has {rows}"
                findings.add(f"count of {name.replace('_', ' ')}", wrong, findings.rescue)
    with findings.naming("corrections of vectors", findings.rescue):
        read_corrections(connection)
    with findings.naming("tokens of sentences", findings.rescue):
        for _ in WordCatalog(connection).tokens():
            pass


def _counted(connection: Connection) -> dict[str, int]:
    words = select(func.count(), func.sum(sentence_words.c.words), func.sum(sentence_words.c.pieces))
    with_words, spoken, pieces = connection.execute(words.select_from(sentence_words)).one()
    terms = {f"{kind}_terms": int(lengths_by_key(connection, kind).blocks.sum()) for kind in ("sentence", "note")}
    return {
        "notes": connection.scalar(select(func.count()).select_from(notes)) or 0,
        "notes_with_sentences": connection.scalar(select(func.count(occurrences.c.note.distinct()))) or 0,
        "sentences": connection.scalar(select(func.count()).select_from(sentences)) or 0,
        "sentences_with_words": with_words,
        "occurrences": connection.scalar(select(func.count()).select_from(occurrences)) or 0,
        "words": spoken or 0,
        "pieces": pieces or 0,
        **terms,
    }

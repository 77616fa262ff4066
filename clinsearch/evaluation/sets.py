"""Reads a set to measure search with: documents, queries, and which were judged relevant to which."""

from __future__ import annotations

import csv
import gzip
import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

from clinsearch.errors import InputError

ID_FIELDS = ("_id", "id")
CORPUS, QUERIES, EXCLUDED, META = "corpus.jsonl", "queries.jsonl", "exclude.tsv", "meta.json"
JUDGEMENTS = ("qrels.tsv", "qrels/test.tsv", "qrels.txt", "qrels.trec")
TREC_COLUMNS = 4


@dataclass(frozen=True, slots=True)
class JudgedSet:
    """A corpus with queries; `judgements`: by query and document, the grade.

    relevant_from: the grade from which on a document counts as relevant where a measure knows no grades.
    excluded: by query, documents that are taken out of its ranking.
    """

    name: str
    documents: dict[str, str]
    queries: dict[str, str]
    judgements: dict[str, dict[str, int]]
    relevant_from: int = 1
    excluded: Mapping[str, frozenset[str]] = field(default_factory=dict)


def read_set(folder: Path) -> JudgedSet:
    """Read a folder in the form of BEIR: corpus.jsonl, queries.jsonl, qrels.tsv or TREC's qrels.

    Queries to which nothing was judged relevant are left out. Raises InputError.
    """
    try:
        return _read(folder)
    except (OSError, EOFError, UnicodeDecodeError):
        raise InputError(f"A file in {folder} cannot be read: it is damaged, or not in UTF-8.") from None


def _read(folder: Path) -> JudgedSet:
    documents = dict(_texts(folder, CORPUS))
    queries = dict(_texts(folder, QUERIES))
    judgements = _judgements(folder)
    judged = {query: of_query for query, of_query in judgements.items() if max(of_query.values()) > 0}
    if not documents or not judged.keys() & queries.keys():
        raise InputError(f"In {folder} there is no query to which a document was judged relevant.")
    return JudgedSet(
        name=folder.resolve().name,
        documents=documents,
        queries={query: text for query, text in queries.items() if query in judged},
        judgements={query: of_query for query, of_query in judged.items() if query in queries},
        relevant_from=_relevant_from(folder / META),
        excluded=_excluded(folder / EXCLUDED),
    )


def _texts(folder: Path, name: str) -> Iterator[tuple[str, str]]:
    """Give ids and texts; a title, where there is one, stands above its text."""
    path = _found(folder, name, f"{name}.gz")
    with _opened(path) as lines:
        for number, line in enumerate(lines, start=1):
            record = _record(line, path, number)
            identity = next((record[key] for key in ID_FIELDS if key in record), None)
            if identity is None or not isinstance(record.get("text"), str):
                raise InputError(f"{path}, line {number}: no id or no text. Each line is an object with id and text.")
            yield str(identity), "\n\n".join(filter(None, [record.get("title"), record["text"]]))


def _record(line: str, path: Path, number: int) -> dict[str, Any]:
    try:
        record = json.loads(line)
    except ValueError:
        record = None
    if not isinstance(record, dict):
        raise InputError(f"{path}, line {number}: no JSON object.")
    return record


def _judgements(folder: Path) -> dict[str, dict[str, int]]:
    path = _found(folder, *JUDGEMENTS)
    judgements: dict[str, dict[str, int]] = defaultdict(dict)
    for number, row in _rows(path):
        query, document, grade = (row[0], row[2], row[3]) if len(row) == TREC_COLUMNS else (*row, "", "", "")[:3]
        try:
            judgements[query][document] = int(float(grade))
        except (ValueError, OverflowError):
            if number == 1:
                continue  # the names of the columns
            raise InputError(f"{path}, line {number}: no query, document and grade.") from None
    return judgements


def _excluded(path: Path) -> dict[str, frozenset[str]]:
    excluded: dict[str, set[str]] = defaultdict(set)
    if path.exists():
        for number, row in _rows(path):
            if len(row) < 2:
                raise InputError(f"{path}, line {number}: no query and document.")
            excluded[row[0]].add(row[1])
    return {query: frozenset(documents) for query, documents in excluded.items()}


def _relevant_from(path: Path) -> int:
    if not path.exists():
        return 1
    try:
        return int(_record(path.read_text(encoding="utf-8"), path, 1).get("rel_threshold", 1))
    except (TypeError, ValueError):
        raise InputError(f"{path}: rel_threshold is no number.") from None


def _rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Give the rows of a table whose columns are parted by tabs, or of TREC's by blanks."""
    with _opened(path) as lines:
        for number, line in enumerate(lines, start=1):
            if line.strip():
                yield number, next(csv.reader([line.rstrip("\n")], delimiter="\t")) if "\t" in line else line.split()


def _found(folder: Path, *names: str) -> Path:
    for name in names:
        if (folder / name).is_file():
            return folder / name
    raise InputError(f"No {names[0]} in {folder}. A set has {CORPUS}, {QUERIES} and {JUDGEMENTS[0]}.")


def _opened(path: Path) -> TextIO:
    return gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8")

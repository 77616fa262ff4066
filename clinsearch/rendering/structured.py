"""Results as plain JSON, JSON lines and CSV; the keys are documented in docs/json.md."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, TypeAlias

import numpy as np

from clinsearch.records import (
    CollectionStatus,
    Hit,
    IndexReport,
    NoteView,
    Token,
    WordHit,
)

Record: TypeAlias = dict[str, Any]


def dumps(result: Record | Sequence[Record], form: str) -> str:
    """Write a result as `json`, `jsonl` or `csv`."""
    if form == "json":
        return json.dumps(result, ensure_ascii=False, indent=2, default=_plain)
    listed = [result] if isinstance(result, Mapping) else list(result)
    if form == "jsonl":
        return "\n".join(json.dumps(record, ensure_ascii=False, default=_plain) for record in listed)
    return _csv(listed)


def hit_records(hits: Iterable[Hit]) -> list[Record]:
    """Return hits as records."""
    return [asdict(hit) for hit in hits]


def word_hit_records(hits: Iterable[WordHit]) -> list[Record]:
    """Return words that were found as records, the sentence and the word's place in it among their fields."""
    return [_word_hit_record(hit) for hit in hits]


def _word_hit_record(hit: WordHit) -> Record:
    record = asdict(hit)
    del record["marked"], record["tokens"]
    pieces = [{"id": token.id, "token": token.token} for token in hit.tokens]
    place = {"sentence": hit.marked.text, "word_start": hit.marked.start, "word_end": hit.marked.end}
    return {**record, "pieces": pieces, **place}


def report_record(report: IndexReport) -> Record:
    """Return an indexing run as a record."""
    return asdict(report)


def status_record(status: CollectionStatus) -> Record:
    """Return a collection's status as a record."""
    types = [{"note_type": note_type, "notes": count} for note_type, count in status.note_types.items()]
    return {**asdict(status), "note_types": types}


def note_record(view: NoteView) -> Record:
    """Return a note with its sections and sentences as a record."""
    return {
        **asdict(view.note),
        "sections": [asdict(section) for section in view.sections],
        "sentences": [asdict(sentence) for sentence in view.sentences],
    }


def token_records(tokens: Sequence[Token]) -> list[Record]:
    """Return tokens as records."""
    return [{"position": position, **asdict(token)} for position, token in enumerate(tokens)]


def _csv(records: Sequence[Record]) -> str:
    names = list(dict.fromkeys(name for record in records for name in record))
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, names, lineterminator="\n")
    writer.writeheader()
    writer.writerows({name: _cell(value) for name, value in record.items()} for record in records)
    return buffer.getvalue().rstrip("\n")


def _cell(value: Any) -> Any:
    if isinstance(value, list | tuple | dict):
        return json.dumps(value, ensure_ascii=False, default=_plain)
    return _plain(value) if isinstance(value, datetime) else value


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, np.ndarray):
        return value.tolist()
    raise TypeError(f"{type(value).__name__} has no form in JSON")

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
    FloatArray,
    Hit,
    IndexReport,
    NoteExplanation,
    NoteView,
    QueryExplanation,
    TextExplanation,
    Token,
    Word,
    by_share,
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


def text_explanation_record(explanation: TextExplanation) -> Record:
    """Return why two texts match: `contributions`, by tokens, and the residual add up to `score`."""
    return {
        "score": explanation.score,
        "residual": explanation.residual,
        "left": _side(explanation.left, explanation.left_tokens, explanation.left_words),
        "right": _side(explanation.right, explanation.right_tokens, explanation.right_words),
        "contributions": pair_records(
            explanation.contributions,
            [token.token for token in explanation.left_tokens],
            [token.token for token in explanation.right_tokens],
        ),
        "word_contributions": pair_records(
            explanation.word_contributions,
            [word.text for word in explanation.left_words],
            [word.text for word in explanation.right_words],
        ),
    }


def text_explanation_rows(explanation: TextExplanation) -> list[Record]:
    """Return the pairs of tokens of two texts, the largest share first."""
    rows: list[Record] = text_explanation_record(explanation)["contributions"]
    return rows


def query_explanation_record(explanation: QueryExplanation) -> Record:
    """Return why a query found a note: by one of its sentences, taken apart into tokens."""
    place = asdict(explanation.place)
    return {"note_id": explanation.note_id, **place, **text_explanation_record(explanation.text)}


def note_explanation_record(explanation: NoteExplanation) -> Record:
    """Return why two notes match: `contributions`, by sentences, and the residual add up to `score`."""
    return {
        "score": explanation.score,
        "residual": explanation.residual,
        "left": _note_side(explanation.left_note_id, explanation.left),
        "right": _note_side(explanation.right_note_id, explanation.right),
        "contributions": [
            {**record, "cosine": float(explanation.cosines[record["left"], record["right"]])}
            for record in pair_records(explanation.contributions)
        ],
        "pairs": [
            {"left_sentence": pair.left, "right_sentence": pair.right, **text_explanation_record(pair.text)}
            for pair in explanation.pairs
        ],
    }


def note_explanation_rows(explanation: NoteExplanation) -> list[Record]:
    """Return the pairs of sentences of two notes with their texts, the largest share first."""
    return pair_records(
        explanation.contributions,
        [place.sentence for place in explanation.left],
        [place.sentence for place in explanation.right],
    )


def pair_records(
    shares: FloatArray, left: Sequence[str] | None = None, right: Sequence[str] | None = None
) -> list[Record]:
    """Return every pair's share, the largest first: positions, and beside them the texts at these."""
    records = []
    for i, j in by_share(shares):
        record: Record = {"left": i, "right": j, "contribution": float(shares[i, j])}
        if left and right:
            record |= {"left_text": left[i], "right_text": right[j]}
        records.append(record)
    return records


def _side(text: str, tokens: Sequence[Token], words: Sequence[Word]) -> Record:
    return {"text": text, "tokens": token_records(tokens), "words": [asdict(word) for word in words]}


def _note_side(note_id: str, sentences: Sequence[Any]) -> Record:
    return {"note_id": note_id, "sentences": [asdict(sentence) for sentence in sentences]}


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

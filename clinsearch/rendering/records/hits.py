"""What a search found as records; the keys are documented in docs/json.md."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict

from clinsearch.records import Hit, WordHit
from clinsearch.records.passages import Passage
from clinsearch.rendering.records.formats import Record


def hit_records(hits: Iterable[Hit]) -> list[Record]:
    """Return hits as records."""
    return [asdict(hit) for hit in hits]


def hits_in_context(hits: Iterable[Hit], passages: Iterable[Passage | None]) -> list[Record]:
    """Return hits as records with their passages; hits that share one have the same."""
    return [{**asdict(hit), "context": _context(passage)} for hit, passage in zip(hits, passages, strict=True)]


def hit_rows_in_context(hits: Iterable[Hit], passages: Iterable[Passage | None]) -> list[Record]:
    """Return hits as rows, each with the text of its passage."""
    texts = (passage.text if passage else None for passage in passages)
    return [{**asdict(hit), "context": text} for hit, text in zip(hits, texts, strict=True)]


def _context(passage: Passage | None) -> Record | None:
    if passage is None:
        return None
    return {name: getattr(passage, name) for name in ("heading", "start", "end", "text", "marks")}


def word_hit_records(hits: Iterable[WordHit]) -> list[Record]:
    """Return words that were found as records, the sentence and the word's place in it among their fields."""
    return [_word_hit_record(hit) for hit in hits]


def _word_hit_record(hit: WordHit) -> Record:
    record = asdict(hit)
    del record["marked"], record["tokens"]
    pieces = [{"id": token.id, "token": token.token} for token in hit.tokens]
    place = {"sentence": hit.marked.text, "word_start": hit.marked.start, "word_end": hit.marked.end}
    return {**record, "pieces": pieces, **place}

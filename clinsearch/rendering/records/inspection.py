"""Tokens, vocab entries, models and layers as records; the keys are documented in docs/json.md."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from clinsearch.records import TextEmbedding, Token
from clinsearch.records.inspection import (
    ModelDescription,
    NearEntry,
    TokenizedText,
    TokenOccurrences,
    VocabCoverage,
    VocabEntry,
    WordPath,
)
from clinsearch.rendering.records.formats import Record


def tokenized_records(texts: Sequence[TokenizedText], *, vectors: bool, of_note: bool) -> list[Record]:
    """Return tokens as records, with what is measured of their vectors and, if asked for, these themselves.

    of_note: the texts are sentences of a note, and each record has the position of its own.
    """
    return [
        {**({"sentence": number} if of_note else {}), **record, "word_text": word, **measured}
        for number, text in enumerate(texts)
        for record, word, measured in zip(
            token_records(text.tokens), text.words, _measured(text, vectors=vectors), strict=True
        )
    ]


def token_records(tokens: Sequence[Token]) -> list[Record]:
    """Return tokens as records."""
    return [{"position": position, **asdict(token)} for position, token in enumerate(tokens)]


def embedding_records(embedding: TextEmbedding) -> list[Record]:
    """Return the tokens of a text as records, with their vectors and what is measured of these."""
    measures = _measures(embedding, vectors=True)
    return [{**record, **measured} for record, measured in zip(token_records(embedding.tokens), measures, strict=True)]


def _measured(text: TokenizedText, *, vectors: bool) -> list[Record]:
    return _measures(text.embedding, vectors=vectors) if text.embedding else [{} for _ in text.tokens]


def _measures(measured: TextEmbedding, *, vectors: bool) -> list[Record]:
    columns: dict[str, Any] = {
        "static_norm": measured.static_norms,
        "contextual_norm": measured.contextual_norms,
        "cosine": measured.cosines,
    }
    if vectors:
        columns |= {"static": measured.static, "contextual": measured.last_hidden_state}
    return [dict(zip(columns, row, strict=True)) for row in zip(*(c.tolist() for c in columns.values()), strict=True)]


def vocab_records(entries: Sequence[VocabEntry | NearEntry]) -> list[Record]:
    """Return entries of a vocab as records."""
    return [asdict(entry) for entry in entries]


def occurrences_record(found: TokenOccurrences) -> Record:
    """Return where a token stands as a record."""
    return {
        **asdict(found.entry),
        "occurrences": found.occurrences,
        "sentences": found.sentences,
        "notes": found.notes,
        "words": [{"word": word, "count": count} for word, count in found.words],
        "places": occurrences_rows(found),
    }


def occurrences_rows(found: TokenOccurrences) -> list[Record]:
    """Return the places of a token as records."""
    return [
        {
            "note_id": place.note_id,
            "section": place.section,
            "start": place.start,
            "end": place.end,
            "sentence": place.marked.text,
            "token_start": place.marked.start,
            "token_end": place.marked.end,
        }
        for place in found.places
    ]


def coverage_record(coverage: VocabCoverage) -> Record:
    """Return how well a vocab fits some words as a record."""
    return {
        **asdict(coverage),
        "tokens_per_word": coverage.tokens_per_word,
        "share_used": coverage.share_used,
    }


def model_record(model: ModelDescription) -> Record:
    """Return what a model is made of as a record."""
    return asdict(model)


def path_record(path: WordPath) -> Record:
    """Return how a word moves through the layers as a record."""
    word = path.marked.word
    return {
        "text": path.marked.text,
        "word": word.text,
        "start": word.start,
        "end": word.end,
        "starts": path.marked.starts,
        "tokens": path.tokens,
        "among_words": path.words,
        "among_sentences": path.sentences,
        "layers": path_rows(path),
    }


def path_rows(path: WordPath) -> list[Record]:
    """Return a word's layers as records."""
    return [asdict(step) for step in path.steps]

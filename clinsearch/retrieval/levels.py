"""What search gives: sentences, or notes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, TypeAlias

from clinsearch.encoder.encoder import Encoder
from clinsearch.errors import InputError
from clinsearch.records import Hit
from clinsearch.retrieval.notes import search_notes
from clinsearch.retrieval.question import Question
from clinsearch.retrieval.sentences import search_sentences
from clinsearch.storage.port import Snapshot

Level: TypeAlias = Literal["sentence", "note"]
Search: TypeAlias = Callable[[Snapshot, Encoder | None, Question], list[Hit]]

_SEARCHES: dict[str, Search] = {"sentence": search_sentences, "note": search_notes}


def search_of(level: str) -> Search:
    """Return what searches for sentences, or notes. Raises InputError for another level."""
    if level not in _SEARCHES:
        raise InputError(f"Search goes by {' or '.join(_SEARCHES)}, not by {level}.")
    return _SEARCHES[level]

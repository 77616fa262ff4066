"""What search gives: sentences, notes, or patients."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal, TypeAlias

from clinsearch.encoder.encoder import Encoder
from clinsearch.errors import InputError
from clinsearch.records import Hit, PatientHit
from clinsearch.retrieval.notes import search_notes
from clinsearch.retrieval.patients import search_patients
from clinsearch.retrieval.question import Question
from clinsearch.retrieval.sentences import search_sentences
from clinsearch.storage.port import Snapshot

Level: TypeAlias = Literal["sentence", "note"]
SearchLevel: TypeAlias = Level | Literal["patient"]
Search: TypeAlias = Callable[[Snapshot, Encoder | None, Question], Sequence[Hit | PatientHit]]

_SEARCHES: dict[str, Search] = {"sentence": search_sentences, "note": search_notes, "patient": search_patients}


def search_of(level: str) -> Search:
    """Return what searches for sentences, notes or patients. Raises InputError for another level."""
    if level not in _SEARCHES:
        raise InputError(f"Search goes by sentence, note or patient, not by {level}.")
    return _SEARCHES[level]

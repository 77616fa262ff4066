"""A collection and its notes as records; the keys are documented in docs/json.md."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict

from clinsearch.records import CollectionStatus, NoteView, SearchQuality
from clinsearch.records.passages import Passage
from clinsearch.rendering.records.formats import Record


def status_record(status: CollectionStatus) -> Record:
    """Return a collection's status as a record."""
    types = [{"note_type": note_type, "notes": count} for note_type, count in status.note_types.items()]
    languages = [{"language": language, "notes": count} for language, count in status.languages.items()]
    whole = asdict(status)
    servers = whole.pop("servers")
    shards = [
        {"collection": shard, "notes": count, "server": servers.get(shard)} for shard, count in status.shards.items()
    ]
    return {**whole, "note_types": types, "languages": languages, "shards": shards}


def optimized_record(search: Iterable[SearchQuality], *, has_remains: bool) -> Record:
    """Return how a collection is searched, and whether deleted text is still on the disk, as a record."""
    return {"search": [asdict(quality) for quality in search], "has_remains": has_remains}


def passage_record(passage: Passage) -> Record:
    """Return a place of a note with the sentences around it as a record."""
    return asdict(passage)


def note_record(view: NoteView) -> Record:
    """Return a note with its sections and sentences as a record."""
    return {
        **asdict(view.note),
        "language": view.language,
        "sections": [asdict(section) for section in view.sections],
        "sentences": [asdict(sentence) for sentence in view.sentences],
    }

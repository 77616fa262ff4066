"""What one commit changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from clinsearch.encoder.words import TextWords
from clinsearch.records import FloatArray, Note
from clinsearch.records.readings import ReadNote, ReadSentence


@dataclass(slots=True)
class Batch:
    """What one commit changes.

    added: new notes, and new versions of notes. sentences: their sentences that are new to the collection, by digest,
    in the order in which they get their keys. removed: keys of notes to delete, old versions included. relabelled:
    (key, note, digest) of notes whose text stays. moved: (key, source) of notes that now belong to another file.
    former: (id, digest), by key, of removed and relabelled notes as they were when the batch was made; where there are
    several writers, one that has changed since is not the one that was meant. queued: the number in the queue, by id,
    of those of the added notes that were taken from there.
    vectors: of the new sentences, by digest. words: of the same, if the collection keeps them. openings: vectors of
    added notes' openings, by id. least_keys: where the order of keys goes over several databases, the least that an
    added note, by id, and a new sentence, by digest, may get; rising in the order of each.
    """

    added: list[ReadNote] = field(default_factory=list)
    sentences: Mapping[bytes, ReadSentence] = field(default_factory=dict)
    removed: list[int] = field(default_factory=list)
    relabelled: list[tuple[int, Note, bytes]] = field(default_factory=list)
    moved: list[tuple[int, str]] = field(default_factory=list)
    former: dict[int, tuple[str, bytes]] = field(default_factory=dict)
    queued: dict[str, int] = field(default_factory=dict)
    vectors: Mapping[bytes, FloatArray] = field(default_factory=dict)
    words: Mapping[bytes, TextWords] = field(default_factory=dict)
    openings: Mapping[str, FloatArray] = field(default_factory=dict)
    least_keys: Mapping[str | bytes, int] = field(default_factory=dict)

    @property
    def notes(self) -> int:
        """How many notes the batch touches."""
        return len(self.added) + len(self.removed) + len(self.relabelled) + len(self.moved)

"""Notes and what they are made of, and what is said of a collection and a model.

Offsets count characters (Unicode code points), `start` inclusive and `end` exclusive.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from clinsearch.display import Shown
from clinsearch.records.queues import QueueCounts
from clinsearch.records.servers import ServerStatus

FloatArray: TypeAlias = NDArray[np.float32]
# Where something stands in a text: its start and its end.
Span: TypeAlias = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Note:
    """One source document, in OMOP's words. `source` is the file it was read from.

    headings: the spans of its text that its format marks as headings, in order and apart, each on one line.
    """

    note_id: str
    text: str
    patient_id: str | None = None
    encounter_id: str | None = None
    note_type: str | None = None
    note_datetime: datetime | None = None
    title: str | None = None
    source: str | None = None
    headings: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """A headed part of a note; `name` is normalised, None for text before any heading.

    `heading` is the heading as written, without its colon; `start` is where the heading begins
    (where the text begins, if there is none) and `end` where the next section does.
    """

    name: str | None
    heading: str | None
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Sentence:
    """What is encoded: a span of a note's text, with the position of its section in the note's list.

    The first of a section begins with the section's heading.
    """

    start: int
    end: int
    section: int


@dataclass(frozen=True, slots=True)
class Segmentation:
    """A note's text taken apart: sections cover it from start to end, sentences stand in order and apart.

    blocks: where it holds data encoded in base64 or hexadecimal, which no sentence has.
    """

    sections: tuple[Section, ...]
    sentences: tuple[Sentence, ...]
    blocks: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Token:
    """One entry of the tokenizer's vocab in a text.

    `word` counts the words of the text that the tokenizer split into pieces, None for a special token;
    a special token at either end of the text has no width (`start == end`).
    """

    id: int
    token: str
    start: int
    end: int
    word: int | None


@dataclass(frozen=True, slots=True, eq=False)
class TextEmbedding(Shown):
    """A text taken apart by an encoder, one row a token in every array.

    last_hidden_state: (tokens, hidden_size), the contextual vectors.
    static: (tokens, hidden_size), the tokens' rows of the word-embedding matrix: before any context, and before
        the position and type embeddings and the LayerNorm with which the transformer begins.
    parts: (tokens, hidden_size), what each token adds to the pooled vector: the rows sum to it.
    vector: (hidden_size,), the pooled vector at unit length.
    """

    text: str
    tokens: tuple[Token, ...]
    last_hidden_state: FloatArray
    static: FloatArray
    parts: FloatArray
    vector: FloatArray

    @property
    def static_norms(self) -> FloatArray:
        """The lengths of the static vectors, (tokens,)."""
        norms: FloatArray = np.linalg.norm(self.static, axis=1)
        return norms

    @property
    def contextual_norms(self) -> FloatArray:
        """The lengths of the contextual vectors, (tokens,)."""
        norms: FloatArray = np.linalg.norm(self.last_hidden_state, axis=1)
        return norms

    @property
    def cosines(self) -> FloatArray:
        """The cosine of each token's static and contextual vector, (tokens,): the lower, the further it moved."""
        lengths = np.maximum(self.static_norms * self.contextual_norms, np.finfo(np.float32).tiny)
        cosines: FloatArray = (self.static * self.last_hidden_state).sum(axis=1) / lengths
        return cosines


@dataclass(frozen=True, slots=True)
class PlacedSentence:
    """A sentence where it stands in a note; `section` is the section's normalised name."""

    sentence: str
    start: int
    end: int
    section: str | None


@dataclass(frozen=True, slots=True)
class NoteView(Shown):
    """A note as the collection holds it, with its sections and sentences.

    language: its code in ISO 639-1 or `und` if it is clearly in another language than English, else None.
    """

    note: Note
    sections: tuple[Section, ...]
    sentences: tuple[PlacedSentence, ...]
    language: str | None = None


@dataclass(frozen=True, slots=True)
class SearchQuality:
    """How the vectors of a kind are searched: exactly, or in some of their cells; of words only once that is measured.

    probes: into how many of the `cells` a search for ten looks; recall: which share of the ten nearest that found, of
    those that looking into all cells finds, when it was last measured on vectors of this collection.
    None, all three, where search is exact. In a database it goes through `graphs` instead, each up to so many
    `candidates`.
    """

    vectors: str
    rows: int
    cells: int | None = None
    probes: int | None = None
    recall: float | None = None
    graphs: int | None = None
    candidates: int | None = None


@dataclass(frozen=True, slots=True)
class CollectionStatus(Shown):
    """What is in a collection. `bytes`: its size on disk.

    languages: how many notes are clearly in another language than English, by its code in ISO 639-1 or `und`.
    has_remains: whether text that was deleted may still be in its files, until `optimize` takes it off.
    corrected_on: on how many sentences the correction of vectors was fitted, None where they are as the model gives.
    server: of a collection in a database. queue: of one in a database, for roles that see all of it.
    shards: how many notes each of its databases has, by address, and servers: the server of each; empty where it is not
    parted.
    """

    collection: str
    notes: int
    sentences: int
    occurrences: int
    note_types: dict[str | None, int]
    languages: dict[str, int]
    model: str
    pooling: str
    fingerprint: str
    hidden_size: int
    bytes: int
    search: tuple[SearchQuality, ...]
    has_remains: bool
    corrected_on: int | None
    server: ServerStatus | None = None
    queue: QueueCounts | None = None
    shards: dict[str, int] = field(default_factory=dict)
    servers: dict[str, ServerStatus] = field(default_factory=dict)

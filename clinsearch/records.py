"""The values that the parts of clinsearch hand to each other: frozen, and importing nothing of ours but `Shown`.

Offsets count characters (Unicode code points), `start` inclusive and `end` exclusive.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from clinsearch.display import Shown

FloatArray: TypeAlias = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Note:
    """One source document, in OMOP's words. `source` is the file it was read from."""

    note_id: str
    text: str
    patient_id: str | None = None
    encounter_id: str | None = None
    note_type: str | None = None
    note_datetime: datetime | None = None
    title: str | None = None
    source: str | None = None


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
    """What is encoded: a span of a note's text, with the position of its section in the note's list."""

    start: int
    end: int
    section: int


@dataclass(frozen=True, slots=True)
class Segmentation:
    """A note's text taken apart: sections cover it from start to end, sentences stand in order and apart."""

    sections: tuple[Section, ...]
    sentences: tuple[Sentence, ...]


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
class Filter:
    """Which notes and sections a search looks at; an empty field lets everything pass.

    Within a field any of its values will do, and all fields must agree. Values are compared without
    regard to case, but for ids. `since` and `until` include themselves.
    """

    patient_id: tuple[str, ...] = ()
    note_type: tuple[str, ...] = ()
    section: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Hit(Shown):
    """One result. `score` is a cosine, higher is better.

    For a sentence, `start` and `end` are its place in the note, and `occurrences` counts the places in all
    notes (that pass the filter) where the same sentence stands. A note found by its best sentence carries
    that sentence; one found as a whole carries none.
    """

    score: float
    note_id: str
    title: str | None
    patient_id: str | None
    note_type: str | None
    note_datetime: datetime | None
    section: str | None = None
    sentence: str | None = None
    start: int | None = None
    end: int | None = None
    occurrences: int | None = None


@dataclass(frozen=True, slots=True)
class Failure:
    """A file, or one record of it, that could not be used; `reason` holds no text of a note."""

    source: str
    reason: str
    record: int | None = None


@dataclass(frozen=True, slots=True)
class IndexReport(Shown):
    """What bringing a collection in step with its files came to, in notes but for the sentences encoded.

    `missing` counts notes whose file or record is gone and that are still in the collection.
    """

    new: int
    changed: int
    renamed: int
    unchanged: int
    deleted: int
    missing: int
    sentences_encoded: int
    seconds: float
    failures: tuple[Failure, ...]


@dataclass(frozen=True, slots=True)
class Word:
    """The tokens, by position, that make up one word of a text; a special token stands for itself."""

    text: str
    start: int
    end: int
    tokens: tuple[int, ...]


@dataclass(frozen=True, slots=True, eq=False)
class TextExplanation(Shown):
    """Why two texts have the score that they have, in parts that add up to it.

    contributions: (tokens of left, tokens of right), the share of each pair of tokens.
    word_contributions: (words of left, words of right), the same summed over the tokens of words.
    """

    score: float
    left: str
    right: str
    left_tokens: tuple[Token, ...]
    right_tokens: tuple[Token, ...]
    left_words: tuple[Word, ...]
    right_words: tuple[Word, ...]
    contributions: FloatArray
    word_contributions: FloatArray

    @property
    def residual(self) -> float:
        """What the shares leave unexplained of the score: rounding, nothing else."""
        return self.score - float(self.contributions.sum(dtype=np.float64))


@dataclass(frozen=True, slots=True)
class PlacedSentence:
    """A sentence where it stands in a note; `section` is the section's normalised name."""

    sentence: str
    start: int
    end: int
    section: str | None


@dataclass(frozen=True, slots=True, eq=False)
class QueryExplanation(Shown):
    """Why a query found a note: by which of its sentences, and by which tokens of that."""

    note_id: str
    place: PlacedSentence
    text: TextExplanation

    @property
    def score(self) -> float:
        """The cosine of the query and the sentence."""
        return self.text.score

    @property
    def residual(self) -> float:
        """What the shares leave unexplained of the score: rounding, nothing else."""
        return self.text.residual


@dataclass(frozen=True, slots=True, eq=False)
class SentencePair:
    """A pair of sentences of two notes, by their positions, with its tokens' shares of their own cosine."""

    left: int
    right: int
    text: TextExplanation


@dataclass(frozen=True, slots=True, eq=False)
class NoteExplanation(Shown):
    """Why two notes have the score that they have, in parts that add up to it.

    contributions: (sentences of left, sentences of right), the share of each pair of sentences.
    cosines: the same shape, how near the two are taken by themselves.
    pairs: the pairs with the largest shares, taken apart into tokens.
    """

    score: float
    left_note_id: str
    right_note_id: str
    left: tuple[PlacedSentence, ...]
    right: tuple[PlacedSentence, ...]
    contributions: FloatArray
    cosines: FloatArray
    pairs: tuple[SentencePair, ...]

    @property
    def residual(self) -> float:
        """What the shares leave unexplained of the score: rounding, nothing else."""
        return self.score - float(self.contributions.sum(dtype=np.float64))


@dataclass(frozen=True, slots=True)
class NoteView(Shown):
    """A note as the collection holds it, with its sections and sentences."""

    note: Note
    sections: tuple[Section, ...]
    sentences: tuple[PlacedSentence, ...]


@dataclass(frozen=True, slots=True)
class CollectionStatus(Shown):
    """What is in a collection. `bytes` is the size of its folder on disk."""

    collection: str
    notes: int
    sentences: int
    occurrences: int
    note_types: dict[str | None, int]
    model: str
    pooling: str
    fingerprint: str
    hidden_size: int
    bytes: int


def by_share(shares: FloatArray) -> list[tuple[int, int]]:
    """Return the positions of all pairs, the largest share first."""
    order = np.argsort(-shares, axis=None, kind="stable")
    rows, columns = np.unravel_index(order, shares.shape)
    return list(zip(rows.tolist(), columns.tolist(), strict=True))

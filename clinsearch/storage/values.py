"""The values that the storage takes and returns, and the kinds of vectors."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from clinsearch.errors import CollectionDamaged, ModelMismatch
from clinsearch.records import Note
from clinsearch.records.keys import KeyArray
from clinsearch.records.locations import Location
from clinsearch.records.readings import ReadNote, ReadSentence, SentenceText

Kind: TypeAlias = Literal[
    "sentence", "note", "opening", "word", "piece", "code", "sentence-cells", "note-cells", "opening-cells"
]
WordKind: TypeAlias = Literal["word", "piece"]
TextKind: TypeAlias = Literal["sentence", "note"]
VECTOR_KINDS: tuple[Kind, ...] = ("sentence", "note", "opening")
WORD_KINDS: tuple[WordKind, ...] = ("word", "piece")
KINDS: tuple[Kind, ...] = (*VECTOR_KINDS, *WORD_KINDS)

# The name of the count of vectors of each kind.
COUNT_OF: dict[Kind, str] = {
    "sentence": "sentences",
    "note": "notes_with_sentences",
    "opening": "notes_with_sentences",
    "word": "words",
    "piece": "pieces",
}

# Draws samples.
SEED = 0

# Makes a text's terms, by the same rules as the collection's.
TermsOf: TypeAlias = Callable[[str], Sequence[str]]
# Read notes, given with their digests, and sentences, each distinct one once, by digest.
NoteReader: TypeAlias = Callable[[Note, bytes], ReadNote]
SentenceReader: TypeAlias = Callable[[Iterable[SentenceText]], Mapping[bytes, ReadSentence]]


@dataclass(frozen=True, slots=True)
class Rules:
    """How texts are read: what the language makes of them, handed to what stores it."""

    read_note: NoteReader
    read_sentences: SentenceReader
    terms_of: TermsOf


@dataclass(frozen=True, slots=True)
class EncoderIdentity:
    """The one encoder that a collection belongs to."""

    model: str
    pooling: str
    fingerprint: str
    hidden_size: int


@dataclass(frozen=True, slots=True)
class NoteLabel:
    """What is shown of a note beside a hit."""

    note_key: int
    note_id: str
    title: str | None
    patient_id: str | None
    note_type: str | None
    note_datetime: datetime | None


@dataclass(frozen=True, slots=True)
class Occurrence:
    """A place of a sentence in a note; `section` is the section's normalised name.

    heading: how many of its characters are the section's heading, with the white space after it. is_read: whether its
    assertions are known; those of another language than English are not.
    """

    sentence_key: int
    text: str
    start: int
    end: int
    section: str | None
    note: NoteLabel
    heading: int = 0
    is_read: bool = True


@dataclass(frozen=True, slots=True)
class Standing:
    """The places of a sentence in sections of one name and notes of one language: the first place, their number."""

    first: Occurrence
    places: int


@dataclass(frozen=True, slots=True)
class StoredNote:
    """What the indexer needs to know of a stored note to tell whether it has changed."""

    note_key: int
    note_id: str
    source: str | None
    digest: bytes
    patient_id: str | None


@dataclass(frozen=True, slots=True, eq=False)
class Postings:
    """The texts that have a phrase: their keys, (n,), in order, and the phrase's part in the BM25 of each, without its
    idf, (n,)."""

    keys: KeyArray
    parts: NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class SentenceTokens:
    """The tokens of a sentence as the catalog keeps them; see `TextWords` for the arrays.

    first_word, first_piece: the keys of the vectors of its first word and first wordpiece.
    """

    sentence_key: int
    first_word: int
    first_piece: int
    token_ids: NDArray[np.uint32]
    lengths: NDArray[np.int32]

    def words(self) -> list[tuple[int, ...]]:
        """Return each word, punctuation included, as the ids of its tokens."""
        ends = np.abs(self.lengths).cumsum()
        return [tuple(word.tolist()) for word in np.split(self.token_ids, ends[:-1])] if len(ends) else []

    def keys_with_tokens(self, kind: WordKind, token_ids: Sequence[int]) -> KeyArray:
        """Return the keys of its words, or wordpieces, that consist of exactly these tokens."""
        if not np.isin(token_ids, self.token_ids).all():
            return np.empty(0, dtype=np.int64)
        ends = np.abs(self.lengths).cumsum()
        if kind == "piece":
            is_of_several = np.repeat(self.lengths > 1, np.abs(self.lengths))
            return self.first_piece + np.flatnonzero([[id] == list(token_ids) for id in self.token_ids[is_of_several]])
        spoken = np.flatnonzero(self.lengths > 0)
        same = [self.token_ids[ends[n] - self.lengths[n] : ends[n]].tolist() == list(token_ids) for n in spoken]
        return self.first_word + np.flatnonzero(same)


def drawn(keys: KeyArray, size: int) -> KeyArray:
    """Draw a sample of the keys, unsorted, the same each time."""
    return np.random.default_rng(SEED).choice(np.sort(keys), min(size, len(keys)), replace=False)


def damaged_vectors() -> CollectionDamaged:
    """Return the error for vectors that don't match the catalog."""
    return CollectionDamaged(
        "The collection's vectors are not as they were written. Have them made again with `clinsearch repair`."
    )


def require_encoder(owner: EncoderIdentity, encoder: EncoderIdentity, location: Location) -> None:
    """Raise ModelMismatch unless the collection belongs to this encoder."""
    if owner.fingerprint == encoder.fingerprint:
        return
    if (owner.model, owner.pooling) == (encoder.model, encoder.pooling):
        raise ModelMismatch(
            f"The collection at {location} was made with another version of {owner.model}. "
            "Index its notes anew into another collection: --collection."
        )
    raise ModelMismatch(
        f"The collection at {location} belongs to the model {owner.model} ({owner.pooling} pooling), not to "
        f"{encoder.model} ({encoder.pooling}). Leave --model and --pooling out, "
        "or choose another collection with --collection."
    )

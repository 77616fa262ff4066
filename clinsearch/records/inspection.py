"""The values of a model taken apart: its vocab, its embedding matrix, its tokens and its layers; frozen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from clinsearch.display import Shown
from clinsearch.records import MarkedText, TextEmbedding, Token, Word


@dataclass(frozen=True, slots=True)
class VocabEntry(Shown):
    """One entry of a vocab."""

    id: int
    token: str


@dataclass(frozen=True, slots=True)
class NearEntry:
    """An entry of a vocab by the cosine of its row of the embedding matrix with another's."""

    id: int
    token: str
    cosine: float


@dataclass(frozen=True, slots=True)
class SplitWord:
    """A word with the tokens that the tokenizer splits it into, and how often it occurs."""

    word: str
    tokens: tuple[str, ...]
    count: int


@dataclass(frozen=True, slots=True)
class TokenPlace:
    """A place of a note where a token stands; `marked` is its sentence, with the token marked."""

    note_id: str
    section: str | None
    start: int
    end: int
    marked: MarkedText


@dataclass(frozen=True, slots=True)
class TokenOccurrences:
    """Where an entry of a vocab stands in a collection.

    occurrences, sentences, notes: in how many places, distinct sentences and notes. words: those that it is, or is
    a piece of, with how often each stands there, most first. places: some of the places, from the one numbered
    `offset` on, in the order of the notes.
    """

    entry: VocabEntry
    occurrences: int
    sentences: int
    notes: int
    words: tuple[tuple[str, int], ...]
    places: tuple[TokenPlace, ...]
    offset: int


@dataclass(frozen=True, slots=True)
class VocabCoverage:
    """How well a vocab fits the words of some texts, special tokens left out.

    words, tokens: how many there are, every occurrence counted, numbers and punctuation too.
    most_split: the words in the most tokens, numbers and punctuation left out.
    unknown, unknown_words: how many tokens stand for what the vocab cannot spell, and the words they are in.
    used: how many of the vocab's `vocab_size` entries occur.
    """

    words: int
    tokens: int
    most_split: tuple[SplitWord, ...]
    unknown: int
    unknown_words: tuple[SplitWord, ...]
    used: int
    vocab_size: int

    @property
    def tokens_per_word(self) -> float:
        """The mean number of tokens of a word; 0 of no words."""
        return self.tokens / self.words if self.words else 0.0

    @property
    def share_used(self) -> float:
        """Which part of the vocab occurs, 0 to 1."""
        return self.used / self.vocab_size if self.vocab_size else 0.0


@dataclass(frozen=True, slots=True)
class ModelDescription(Shown):
    """What a model is made of.

    embedding_matrix: its shape, (vocab_size, hidden_size).
    embedding_slice: its first rows, of each the first 3 and the last 3 columns.
    """

    model: str
    folder: str
    fingerprint: str
    pooling: str
    max_tokens: int
    parameters: int
    num_hidden_layers: int
    num_attention_heads: int | None
    embedding_matrix: tuple[int, int]
    embedding_slice: tuple[tuple[float, ...], ...]
    config: dict[str, Any]


@dataclass(frozen=True, slots=True, eq=False)
class TokenizedText:
    """A text, or one sentence of a note, in tokens; a sentence's tokens have their offsets in the note.

    words: for each token the text of its word, None for a special token.
    embedding: the tokens' vectors, None where only ids were asked for.
    """

    tokens: tuple[Token, ...]
    words: tuple[str | None, ...]
    embedding: TextEmbedding | None = None


@dataclass(frozen=True, slots=True)
class MarkedWord:
    """A word of a text. `starts`: where it stands, this place among them."""

    text: str
    word: Word
    starts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class NearWord:
    """A word near another at some layer, with the sentence that it stands in; `note_id` is None outside notes."""

    word: str
    cosine: float
    sentence: str
    note_id: str | None


@dataclass(frozen=True, slots=True)
class LayerStep:
    """A word's vector after one layer; layer 0 is what goes into the first."""

    layer: int
    norm: float
    to_previous: float | None
    to_final: float
    nearest: tuple[NearWord, ...]


@dataclass(frozen=True, slots=True)
class WordPath:
    """How a word's vector moves through the layers.

    tokens: the pieces of the word, of which its vector is the mean.
    words, sentences: among how many words, of how many sentences of a collection, the nearest were looked for;
        of none, where they were words of the text itself.
    """

    marked: MarkedWord
    tokens: tuple[str, ...]
    steps: tuple[LayerStep, ...]
    words: int
    sentences: int

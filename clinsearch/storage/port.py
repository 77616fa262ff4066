"""The port of the storage: what retrieval, explanation, inspection, indexing and upkeep ask of a collection.

Two sides. A `Reader` gives snapshots, each of one commit: the catalog's answers, and the nearest vectors. A `Writer`
takes batches, and each becomes a commit, whole or not at all. Nothing above the storage knows more of it than this:
no folder, no file, no SQL. The first implementation is a folder with SQLite and FAISS, which `clinsearch.storage`
opens.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol, Self

from clinsearch.encoder.correction import Correction
from clinsearch.encoder.words import TextWords
from clinsearch.records import (
    AssertedSpan,
    CollectionStatus,
    Filter,
    FloatArray,
    Hit,
    LastSearch,
    MarkedText,
    Note,
    SearchQuality,
    Section,
    Unmatched,
    WordHit,
)
from clinsearch.records.keys import KeyArray
from clinsearch.records.phrases import Phrase
from clinsearch.storage.batches import Batch
from clinsearch.storage.values import (
    EncoderIdentity,
    Kind,
    NoteLabel,
    NoteReader,
    Occurrence,
    Postings,
    SentenceReader,
    SentenceTokens,
    Standing,
    StoredNote,
    TermsOf,
    TextKind,
    WordKind,
)


class TextCatalog(Protocol):
    """What is asked about texts."""

    def note_texts(self, note_keys: Sequence[int]) -> dict[int, str]:
        """Return the texts of these notes."""

    def assertions(self, sentence_keys: Sequence[int]) -> dict[int, tuple[AssertedSpan, ...]]:
        """Return what these sentences say otherwise than that it is so."""

    def gists(self, sentence_keys: Sequence[int]) -> dict[int, int | None]:
        """Return what is the same of these sentences and those nearly the same; see `language.gists`."""

    def near_identical(self, sentence_keys: Sequence[int]) -> dict[int, list[int]]:
        """Return for each of these sentences the keys of the others in nearly the same words."""


class PlaceCatalog(Protocol):
    """What is asked about the places where sentences stand."""

    def standings(self, sentence_keys: Sequence[int], where: Filter) -> dict[int, list[Standing]]:
        """Return where each of these sentences stands in all notes, the first place first."""

    def standings_in_notes(
        self, pairs: Iterable[tuple[int, int]], where: Filter
    ) -> dict[tuple[int, int], list[Standing]]:
        """Return where sentences stand in one note each, given by the note's key and theirs, the first place first."""

    def counts(self, sentence_keys: Sequence[int]) -> dict[int, int]:
        """Count for each of these sentences the places where it stands in all notes."""

    def first_places(self, sentence_keys: Sequence[int], most: int) -> list[tuple[int, int, int]]:
        """Return the first places where these sentences stand: the note's key, the character, and the sentence's."""


class KeywordIndex(Protocol):
    """Which terms stand in which sentences, or notes."""

    @property
    def kind(self) -> TextKind:
        """Whether it is of sentences or of notes."""

    def mean_length(self) -> float:
        """Return how many terms a text has on average."""

    def size(self) -> int:
        """Return how many texts there are."""

    def frequency(self, phrase: Phrase) -> int:
        """Count the texts in which a phrase stands."""

    def frequencies(self, phrases: Collection[Phrase]) -> dict[Phrase, int]:
        """Count the texts in which each of some phrases stands."""

    def postings(self, phrase: Phrase, frequency: int) -> Postings:
        """Return which texts have a phrase that stands in so many, with FTS5's own BM25 of it."""

    def having(self, phrase: Phrase, others: Sequence[Phrase]) -> KeyArray:
        """Return the keys of the texts that have a phrase and any of the others, in order."""

    def few_passing(self, where: Filter, most: int) -> KeyArray | None:
        """Return the keys of all that pass, None if they stand in more places than so many."""

    def all_passing(self, where: Filter) -> KeyArray:
        """Return the keys of all that pass, in order."""

    def places_passing(self, where: Filter) -> int:
        """Guess in how many places what passes stands, sections left out of account."""

    def passing(self, keys: Sequence[int], where: Filter) -> KeyArray:
        """Return those of these keys that pass, in order."""


class WordCatalog(Protocol):
    """What is asked about the words of sentences."""

    def live(self, kind: WordKind, where: Filter | None = None) -> KeyArray:
        """Return the keys, in order, that are in use and whose sentence passes the filter."""

    def sentences_of(self, kind: WordKind, keys: Sequence[int]) -> dict[int, tuple[int, int]]:
        """Return for each of these keys its sentence's, and its place among the sentence's words or wordpieces."""

    def tokens(self, where: Filter | None = None, *, like: Sequence[int] = ()) -> Iterator[SentenceTokens]:
        """Give the tokens of every sentence, or of those with an occurrence that passes."""

    def keys_with_tokens(self, kind: WordKind, token_ids: Sequence[int]) -> KeyArray:
        """Return the keys of the words, or wordpieces, that are these tokens and no others, in order."""


class Catalog(Protocol):
    """What is asked about notes and sentences; all answers are of one commit."""

    @property
    def texts(self) -> TextCatalog:
        """The texts."""

    @property
    def places(self) -> PlaceCatalog:
        """The places of sentences."""

    @property
    def words(self) -> WordCatalog:
        """The words of sentences."""

    def keywords(self, kind: TextKind) -> KeywordIndex:
        """Return the keyword index of sentences, or of notes."""

    def unmatched(self, where: Filter) -> list[Unmatched]:
        """Return the values of a filter that nothing has, each with the nearest that there are."""

    def encoder(self) -> EncoderIdentity | None:
        """Return whose vectors these are; None before the first writer has said so."""

    def word_recipe(self) -> str | None:
        """Return how the words' vectors were made; None if the collection keeps none."""

    def spelt(self, where: Filter) -> Filter:
        """Return the filter with types and sections as the catalog spells them, in whatever case they were given."""

    def all_keys(self, kind: Kind) -> KeyArray:
        """Return the keys of all sentences or of all notes with a sentence: of all that has a vector."""

    def sentence_keys(self, where: Filter) -> KeyArray:
        """Return the keys of all sentences with an occurrence that passes, in order."""

    def keys_passing(self, kind: TextKind, where: Filter) -> KeyArray:
        """Return the keys of all sentences, or notes, that pass, in order; they are kept until the next commit."""

    def passing(self, sentence_keys: Sequence[int], where: Filter) -> KeyArray:
        """Return the keys of those of these sentences that have an occurrence that passes, in order."""

    def share_of_notes(self, where: Filter) -> float:
        """Return which part of all notes passes, sections left out of account; kept until the next commit."""

    def note_keys(self, where: Filter) -> KeyArray:
        """Return the keys of all notes that pass; with a section asked for, of those that have it."""

    def first_occurrences(self, sentence_keys: Sequence[int], where: Filter) -> dict[int, tuple[Occurrence, int]]:
        """Return for each sentence its first occurrence that passes, and how many pass."""

    def occurrences(self, sentence_keys: Sequence[int], where: Filter) -> list[Occurrence]:
        """Return every occurrence of these sentences that passes, by note and place."""

    def notes_with(self, sentence_keys: Collection[int]) -> dict[int, int]:
        """Count for each of these sentences the notes in which it stands."""

    def note_sentences(self, note_key: int) -> list[Occurrence]:
        """Return a note's sentences in their order."""

    def notes_of(self, sentence_keys: Sequence[int], where: Filter) -> KeyArray:
        """Return the keys of the notes in which these sentences stand, in what passes."""

    def sentences_in(self, note_keys: Sequence[int], where: Filter | None = None) -> dict[int, list[int]]:
        """Return the keys of the sentences of those of these notes that have any that pass, in their order."""

    def note_sections(self, note_key: int) -> list[Section]:
        """Return a note's sections in their order."""

    def note(self, note_id: str, *, is_checked: bool = True) -> tuple[int, Note]:
        """Return a note and its key. Raises NoteNotFound, and if `is_checked` CollectionDamaged if it has changed."""

    def note_labels(self, note_keys: Sequence[int]) -> dict[int, NoteLabel]:
        """Return what is shown of each of these notes."""

    def stored_notes(self, column: str, values: Sequence[Any]) -> list[StoredNote]:
        """Return the notes whose `note_id`, `digest` or `source` is one of these values, oldest first."""

    def notes_with_source(self) -> Iterator[StoredNote]:
        """Give every note that was read from a file."""

    def sentence_keys_of(self, digests: Sequence[bytes]) -> dict[bytes, int]:
        """Return the keys of those of these sentences that are in the catalog."""

    def sentence_texts(self, sentence_keys: Sequence[int]) -> dict[int, str]:
        """Return the texts of these sentences."""

    def search_quality(self) -> tuple[SearchQuality, ...]:
        """Return of each kind of vectors how many there are, and how they are searched."""

    def correction_recipe(self) -> str | None:
        """Return how the collection's vectors are corrected; None if they are as the model gives them."""


class Vectors(Protocol):
    """The vectors of one kind, those in use."""

    @property
    def is_exact(self) -> bool:
        """Whether a search finds the very nearest."""

    @property
    def depths(self) -> Sequence[int]:
        """For how many of the nearest it was measured how many of them a search finds, least first."""

    def search(self, query: FloatArray, k: int, among: KeyArray | None = None) -> tuple[KeyArray, FloatArray]:
        """Find the k vectors with the highest inner product with the query (width,), best first."""

    def of(self, keys: KeyArray) -> FloatArray:
        """Read the vectors under these keys, (n, width), as the codec turns them. Raises KeyError if one is missing."""


class Snapshot(Protocol):
    """A collection as one commit left it."""

    @property
    def catalog(self) -> Catalog:
        """Its catalog."""

    @property
    def encoder(self) -> EncoderIdentity:
        """Whose vectors it holds."""

    @property
    def corrections(self) -> Mapping[Kind, Correction]:
        """How vectors of a kind were corrected, if they were."""

    @property
    def spaces(self) -> Mapping[Kind, Vectors]:
        """The vectors, by kind; those of words and wordpieces only where they are kept."""

    def corrected(self, kind: Kind, vectors: FloatArray) -> FloatArray:
        """Return vectors of the encoder's, (..., hidden_size), as they can be compared with those of a kind."""

    @property
    def sentences(self) -> Vectors:
        """The vectors of sentences."""

    @property
    def notes(self) -> Vectors:
        """The vectors of notes."""

    @property
    def has_words(self) -> bool:
        """Whether words are kept."""

    def vectors_of(self, kind: Kind, keys: KeyArray) -> FloatArray:
        """Read vectors by their keys, (n, hidden_size). Raises CollectionDamaged."""


class Reader(Protocol):
    """Opens snapshots of a collection."""

    def catalog(self) -> AbstractContextManager[tuple[Catalog, EncoderIdentity]]:
        """Give the catalog as the last commit left it, and whose vectors there are; opens no vectors."""

    def snapshot(self) -> AbstractContextManager[Snapshot]:
        """Give the collection as the last commit left it, and keep it so until the `with` block ends."""

    def remember(self, search: LastSearch) -> None:
        """Keep a search beside the collection, in place of the one before, if that can be written."""

    def remembered(self, number: int) -> tuple[str | MarkedText, Hit | WordHit]:
        """Return what the search that was remembered asked for, and its hit of this number. Raises HitNotFound."""

    def status(self) -> CollectionStatus:
        """Count what is in the collection, and say whose vectors it holds and how these are searched."""


class Writer(Protocol):
    """The right to change a collection, held until the `with` block ends."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *error: Any) -> None: ...

    def catalog(self) -> AbstractContextManager[Catalog]:
        """Give the catalog as it stands, to ask questions of."""

    def claim(
        self, encoder: EncoderIdentity, created_by: str, words: str | None = None, correction: str | None = None
    ) -> None:
        """Make a new collection this encoder's; see `keep_words`, `keep_correction`."""

    def commit(self, batch: Batch, terms_of: TermsOf) -> None:
        """Make the changes of a batch, all or none. `terms_of` tells again the terms of what is deleted."""

    def read_anew(self, read_note: NoteReader, read_sentences: SentenceReader) -> None:
        """Have all notes read anew if that was done by other rules; what lacks its vectors then, `repair` makes."""

    def scrub_if_small(self) -> None:
        """Take what was deleted off the disk where that takes no time; of a large collection `optimize` does."""

    def optimize(self) -> None:
        """Take what was deleted off the disk, and make anew what search rests on."""

    def compact(self, *, anew: bool = False) -> None:
        """Merge small files of vectors, so that there are never many; have many become codes, or be `anew`."""

    def forget_damaged_vectors(self, *, check_content: bool) -> None:
        """Take files out of the collection that are missing or not as they were written."""

    def mend_texts(self, terms_of: TermsOf) -> list[str]:
        """Make changed sentences again; return the ids of the notes of which something is lost. See `text_repair`."""

    def keep_words(self, recipe: str | None) -> None:
        """Keep words' vectors by this recipe from now on, or none; those by another recipe go."""

    def keep_correction(self, recipe: str | None) -> None:
        """Correct vectors by this recipe from now on, those there are among them, or leave them as the model gives."""

    def incomplete_sentences(self) -> KeyArray:
        """Return the keys, in order, of the sentences that lack their vector or words which the collection keeps."""

    def complete_sentences(self, keys: KeyArray, rows: FloatArray, words: Mapping[int, TextWords]) -> None:
        """Add what sentences lack of their vectors, rows (n, hidden_size), and words."""

    def restore_note_vectors(self) -> None:
        """Make the vectors of notes that have none again, from those of their sentences."""

    def notes_without_opening(self) -> KeyArray:
        """Return the keys, in order, of the notes that lack the vector of their first words."""

    def complete_openings(self, rows: Mapping[int, FloatArray]) -> None:
        """Add the vectors of first words, by the note's key."""

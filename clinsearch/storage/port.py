"""The port of the storage: what retrieval, explanation, inspection, indexing and upkeep may ask of a collection.

A `Reader` gives snapshots, each of one commit: the catalog's answers, and the nearest vectors. A `Writer` takes
batches, each of which becomes a commit, all or nothing. The packages above know nothing else of the storage: no
folder, no file, no SQL. The first implementation is a folder with SQLite and FAISS, which `clinsearch.storage` opens.
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
    MeasuredName,
    Note,
    SearchQuality,
    Section,
    Unmatched,
    WordHit,
)
from clinsearch.records.cohorts import CollectionState, Population
from clinsearch.records.keys import KeyArray
from clinsearch.records.listings import CountBy, ListedNote, NoteCount, Order
from clinsearch.records.measurements import Condition, Measurement
from clinsearch.records.notes import Span
from clinsearch.records.phrases import Phrase
from clinsearch.records.readings import ReadNote
from clinsearch.records.saved_searches import Milestone, SavedSearch
from clinsearch.storage.batches import Batch
from clinsearch.storage.sharing import Claims, Queue, QueuedNote
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
    """Queries about texts."""

    def note_texts(self, note_keys: Sequence[int]) -> dict[int, str]:
        """Return the texts of these notes."""

    def assertions(self, sentence_keys: Sequence[int]) -> dict[int, tuple[AssertedSpan, ...]]:
        """Return the assertions of these sentences other than affirmed."""

    def gists(self, sentence_keys: Sequence[int]) -> dict[int, int | None]:
        """Return the gists of these sentences; see `language.gists`."""

    def of_gists(self, gists: Sequence[int]) -> dict[int, list[int]]:
        """Return the keys of the sentences of each of these gists that any has, in order."""

    def near_identical(self, sentence_keys: Sequence[int]) -> dict[int, list[int]]:
        """Return, for each of these sentences, the keys of the others with the same gist."""


class PlaceCatalog(Protocol):
    """Queries about the places of sentences."""

    def each(self, sentence_keys: Sequence[int], where: Filter) -> Iterator[Occurrence]:
        """Yield every place of these sentences that passes, by note and place for each some thousand sentences."""

    def standings(self, sentence_keys: Sequence[int], where: Filter) -> dict[int, list[Standing]]:
        """Return the standings of each of these sentences in all notes, the first place first."""

    def standings_in_notes(
        self, pairs: Iterable[tuple[int, int]], where: Filter
    ) -> dict[tuple[int, int], list[Standing]]:
        """Return the standings of sentences in one note each, the first place first; pairs: (note, sentence) keys."""

    def counts(self, sentence_keys: Sequence[int]) -> dict[int, int]:
        """Count the places of each of these sentences in all notes."""

    def first_places(self, sentence_keys: Sequence[int], most: int) -> list[tuple[int, int, int]]:
        """Return the first places of these sentences: (note key, offset, sentence key)."""


class PatientCatalog(Protocol):
    """Queries about whose notes there are, and about the state of the whole."""

    def ids(self) -> list[str]:
        """Return the ids of all patients, in order."""

    def notes_without(self) -> KeyArray:
        """Return the keys of the notes without a patient id, in order."""

    def population(self) -> Population:
        """Count patients and notes, and those without a date."""

    def state(self) -> CollectionState:
        """Return what decides who is found."""


class MeasurementCatalog(Protocol):
    """Queries about what sentences measure."""

    def near(self, condition: Condition, most: int) -> dict[int, tuple[Measurement, ...]]:
        """Return, by sentence, at most so many measurements that may be as a condition asks, and the nearest others."""

    def of(self, sentence_keys: Sequence[int]) -> dict[int, tuple[Measurement, ...]]:
        """Return what these sentences measure, in the order of their texts; those that measure nothing are left out."""

    def sentences_of(self, names: Sequence[str], where: Filter) -> KeyArray:
        """Return the keys of the sentences that measure something of these names where it passes, in order."""

    def counted(self, where: Filter) -> list[MeasuredName]:
        """Return what is measured at places that pass, how often and in how many notes, most first."""

    def names(self) -> dict[str, int]:
        """Return everything that is measured, and how often, most first."""

    def names_like(self, name: str) -> list[str]:
        """Return the names of what is measured that are the most similar to one; if none is, the most frequent."""


class KeywordIndex(Protocol):
    """Which terms are in which sentences, or notes."""

    @property
    def kind(self) -> TextKind:
        """Whether it is of sentences or of notes."""

    def mean_length(self) -> float:
        """Return how many terms a text has on average."""

    def size(self) -> int:
        """Return how many texts there are."""

    def frequency(self, phrase: Phrase) -> int:
        """Count the texts that have a phrase."""

    def frequencies(self, phrases: Collection[Phrase]) -> dict[Phrase, int]:
        """Count the texts that have each of these phrases."""

    def postings(self, phrase: Phrase, frequency: int, mean_length: float | None = None) -> Postings:
        """Return the postings of a phrase, of a term with this frequency, scored as FTS5's BM25 does.

        mean_length: that of all texts, where these are only some of them.
        """

    def having(self, phrase: Phrase, others: Sequence[Phrase]) -> KeyArray:
        """Return the keys of the texts that have a phrase and at least one of the others, in order."""

    def distinct(self, keys: KeyArray) -> KeyArray:
        """Return the keys of these texts, each text's once, in their order; see `sentence_keys_of`."""

    def few_passing(self, where: Filter, most: int) -> KeyArray | None:
        """Return the keys of all that pass, None if these are in more than `most` places."""

    def all_passing(self, where: Filter) -> KeyArray:
        """Return the keys of all that pass, in order."""

    def places_passing(self, where: Filter) -> int:
        """Estimate the number of places that pass, ignoring sections."""

    def passing(self, keys: Sequence[int], where: Filter) -> KeyArray:
        """Return those of these keys that pass, in order."""


class NoteLists(Protocol):
    """Lists and counts of notes."""

    def count(self, where: Filter) -> int:
        """Count the notes that pass."""

    def ordered(
        self, where: Filter, order: Order, *, reverse: bool = False, limit: int | None = None, offset: int = 0
    ) -> KeyArray:
        """Return the keys of the notes that pass, in an order; notes without what it goes by come last."""

    def listed(self, note_keys: Sequence[int]) -> list[ListedNote]:
        """Return notes without their texts, in the order of their keys given."""

    def notes(self, note_keys: Sequence[int]) -> list[Note]:
        """Return notes, in the order of their keys given. Raises CollectionDamaged if one was changed."""

    def counted(self, by: CountBy, where: Filter) -> list[NoteCount]:
        """Count the notes that pass by something, most first; by time in its order."""


class WordCatalog(Protocol):
    """Queries about the words of sentences."""

    def live(self, kind: WordKind, where: Filter | None = None) -> KeyArray:
        """Return the keys in use whose sentence passes the filter, in order."""

    def sentences_of(self, kind: WordKind, keys: Sequence[int]) -> dict[int, tuple[int, int]]:
        """Return, for each key, its sentence's key and its position among the sentence's words or wordpieces."""

    def tokens(self, where: Filter | None = None, *, like: Sequence[int] = ()) -> Iterator[SentenceTokens]:
        """Yield the tokens of every sentence, or of those with an occurrence that passes."""

    def keys_with_tokens(self, kind: WordKind, token_ids: Sequence[int]) -> KeyArray:
        """Return the keys of the words, or wordpieces, that consist of exactly these tokens, in order."""


class Catalog(Protocol):
    """Queries about notes and sentences; all answers are of one commit."""

    @property
    def texts(self) -> TextCatalog:
        """The texts."""

    @property
    def places(self) -> PlaceCatalog:
        """The places of sentences."""

    @property
    def patients(self) -> PatientCatalog:
        """Whose notes there are."""

    @property
    def measurements(self) -> MeasurementCatalog:
        """What sentences measure."""

    @property
    def words(self) -> WordCatalog:
        """The words of sentences."""

    @property
    def lists(self) -> NoteLists:
        """Lists and counts of notes."""

    def keywords(self, kind: TextKind) -> KeywordIndex:
        """Return the keyword index of sentences, or of notes."""

    def unmatched(self, where: Filter) -> list[Unmatched]:
        """Return the values of a filter that nothing has, each with the most similar existing ones."""

    def encoder(self) -> EncoderIdentity | None:
        """Return the encoder of the collection; None before the first writer has claimed it."""

    def word_recipe(self) -> str | None:
        """Return the recipe of the words' vectors; None if the collection keeps none."""

    def spelt(self, where: Filter) -> Filter:
        """Return the filter with types and sections spelt as in the catalog; the case given does not matter."""

    def all_keys(self, kind: Kind) -> KeyArray:
        """Return the keys of everything that has a vector: of all sentences, or of all notes with a sentence."""

    def sentence_keys(self, where: Filter) -> KeyArray:
        """Return the keys of all sentences with an occurrence that passes, in order."""

    def keys_passing(self, kind: TextKind, where: Filter) -> KeyArray:
        """Return the keys of all sentences, or notes, that pass, in order; cached until the next commit."""

    def passing(self, sentence_keys: Sequence[int], where: Filter) -> KeyArray:
        """Return the keys of those of these sentences that have an occurrence that passes, in order."""

    def share_of_notes(self, where: Filter) -> float:
        """Return the share of all notes that passes, ignoring sections; cached until the next commit."""

    def note_keys(self, where: Filter) -> KeyArray:
        """Return the keys of all notes that pass; if the filter names sections, of those that have one."""

    def first_occurrences(self, sentence_keys: Sequence[int], where: Filter) -> dict[int, tuple[Occurrence, int]]:
        """Return for each sentence its first occurrence that passes, and how many pass."""

    def occurrences(self, sentence_keys: Sequence[int], where: Filter) -> list[Occurrence]:
        """Return every occurrence of these sentences that passes, by note and place."""

    def notes_with(self, sentence_keys: Collection[int]) -> dict[int, int]:
        """Count the notes that have each of these sentences."""

    def note_sentences(self, note_key: int) -> list[Occurrence]:
        """Return a note's sentences in their order."""

    def notes_of(self, sentence_keys: Sequence[int], where: Filter) -> KeyArray:
        """Return the keys of the notes where these sentences have an occurrence that passes."""

    def sentences_in(self, note_keys: Sequence[int], where: Filter | None = None) -> dict[int, list[int]]:
        """Return, by note, the keys of the sentences that pass, in order; notes without any are left out."""

    def note_spans(self, note_key: int) -> list[Span]:
        """Return where a note's sentences are, in their order. Raises CollectionDamaged."""

    def note_sections(self, note_key: int) -> list[Section]:
        """Return a note's sections in their order."""

    def note(self, note_id: str, *, is_checked: bool = True) -> tuple[int, Note]:
        """Return a note and its key. Raises NoteNotFound and, if `is_checked`, CollectionDamaged if it was changed."""

    def note_language(self, note_key: int) -> str | None:
        """Return the language of a note, by its code in ISO 639-1 or `und`, if it is another than English."""

    def note_labels(self, note_keys: Sequence[int]) -> dict[int, NoteLabel]:
        """Return the labels of these notes, by key."""

    def stored_notes(self, column: str, values: Sequence[Any]) -> list[StoredNote]:
        """Return the notes whose `note_id`, `digest` or `source` is one of these values, oldest first."""

    def notes_with_source(self) -> Iterator[StoredNote]:
        """Yield every note that was read from a file."""

    def sentence_keys_of(self, digests: Sequence[bytes]) -> dict[bytes, int]:
        """Return the keys, by digest, of the sentences that are in the catalog.

        A sentence may have several keys, in different parts of a collection; it is found by its first, and whatever is
        asked about the places of one key is answered for all of them. The keyword index alone gives all keys.
        """

    def sentence_digests(self, sentence_keys: Sequence[int]) -> dict[int, bytes]:
        """Return the digests of the texts of these sentences, of those that are there."""

    def sentence_texts(self, sentence_keys: Sequence[int]) -> dict[int, str]:
        """Return the texts of these sentences."""

    def search_quality(self) -> tuple[SearchQuality, ...]:
        """Return, for each kind of vectors, how many there are and how they are searched."""

    def correction_recipe(self) -> str | None:
        """Return the recipe by which the collection's vectors are corrected; None if they are not."""


class Vectors(Protocol):
    """The vectors of one kind that are in use."""

    @property
    def is_exact(self) -> bool:
        """Whether search is exact."""

    @property
    def depths(self) -> Sequence[int]:
        """The values of k for which the recall of search was measured, in order."""

    def search(self, query: FloatArray, k: int, among: KeyArray | None = None) -> tuple[KeyArray, FloatArray]:
        """Find the k vectors with the highest inner product with the query (width,), best first."""

    def of(self, keys: KeyArray) -> FloatArray:
        """Read the vectors of these keys, (n, width), in the codec's dimensions. Raises KeyError if one is missing."""


class Snapshot(Protocol):
    """A collection as of one commit."""

    @property
    def catalog(self) -> Catalog:
        """Its catalog."""

    @property
    def encoder(self) -> EncoderIdentity:
        """The encoder of its vectors."""

    @property
    def corrections(self) -> Mapping[Kind, Correction]:
        """The corrections of vectors, by kind, if they are corrected."""

    @property
    def spaces(self) -> Mapping[Kind, Vectors]:
        """The vectors, by kind; those of words and wordpieces only if the collection keeps them."""

    def corrected(self, kind: Kind, vectors: FloatArray) -> FloatArray:
        """Return the encoder's vectors, (..., hidden_size), corrected to be comparable with those of a kind."""

    @property
    def sentences(self) -> Vectors:
        """The vectors of sentences."""

    @property
    def notes(self) -> Vectors:
        """The vectors of notes."""

    @property
    def has_words(self) -> bool:
        """Whether the collection keeps words."""

    def vectors_of(self, kind: Kind, keys: KeyArray) -> FloatArray:
        """Read vectors by their keys, (n, hidden_size). Raises CollectionDamaged."""


class Reader(Protocol):
    """Opens snapshots of a collection."""

    def held(self) -> AbstractContextManager[None]:
        """Answer what is asked in this thread until the `with` block ends as of one commit, where that is quicker."""

    def catalog(self) -> AbstractContextManager[tuple[Catalog, EncoderIdentity]]:
        """Yield the catalog as of the last commit, and the collection's encoder; opens no vectors."""

    def snapshot(self) -> AbstractContextManager[Snapshot]:
        """Yield a snapshot as of the last commit, unchanged until the `with` block ends."""

    def remember(self, search: LastSearch) -> None:
        """Store a search with the collection, replacing the one before, if the folder can be written to."""

    def last_search(self) -> LastSearch:
        """Return the remembered search. Raises HitNotFound if there is none."""

    def remembered(self, number: int) -> tuple[str | MarkedText, Hit | WordHit]:
        """Return the remembered search's query, and its hit with this number. Raises HitNotFound."""

    def milestone(self) -> Milestone:
        """Return how far the collection has come."""

    def has_passed(self, milestone: Milestone) -> bool:
        """Tell whether this is the collection of a milestone, at that or further on."""

    def saved_names(self) -> list[str]:
        """Return the names of all saved searches, in order."""

    def saved_search(self, name: str) -> SavedSearch:
        """Return the saved search of this name. Raises SearchNotFound, CollectionDamaged."""

    def save_search(self, saved: SavedSearch) -> None:
        """Store a search under its name, replacing the one before. Raises InputError, CollectionError."""

    def delete_saved(self, name: str) -> None:
        """Delete a saved search. Raises SearchNotFound, CollectionError."""

    def status(self) -> CollectionStatus:
        """Return the collection's counts, its encoder, and how its vectors are searched."""


class Writer(Protocol):
    """The right to change a collection, held until the `with` block ends."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *error: Any) -> None: ...

    @property
    def claims(self) -> Claims:
        """What this writer is at work on, so that no other does it too."""

    def catalog(self) -> AbstractContextManager[Catalog]:
        """Yield the catalog as it is now."""

    def claim(
        self, encoder: EncoderIdentity, created_by: str, words: str | None = None, correction: str | None = None
    ) -> None:
        """Record that a new collection belongs to this encoder; see `keep_words`, `keep_correction`."""

    def lacking(self, added: Sequence[ReadNote]) -> set[bytes]:
        """Return the digests of those sentences of these notes that are not yet stored where the notes will be."""

    def is_at_home(self, note_key: int, note: Note) -> bool:
        """Tell whether a stored note stays where it is if its fields become these; else it has to be added anew."""

    def commit(self, batch: Batch, terms_of: TermsOf) -> None:
        """Make the changes of a batch, all or none. `terms_of` makes the terms of deleted texts again.

        Raises CollectionBusy if the batch has to be made anew, since another writer deleted or changed what it needs.
        """

    def read_anew(self, read_note: NoteReader, read_sentences: SentenceReader, *, anyway: bool = False) -> None:
        """Re-read all notes if they were read by other rules, or anyway; `repair` then makes the missing vectors."""

    def scrub_if_small(self) -> None:
        """Erase deleted data from the disk if that is quick; in a large collection `optimize` does it."""

    def optimize(self) -> None:
        """Erase deleted data from the disk, and rebuild what search depends on."""

    def compact(self, *, anew: bool = False, goes_on: bool = False) -> None:
        """Merge small files of vectors, so that these stay few; code vectors once there are many, or if `anew`.

        goes_on: whether more is being written, so that what would only have to be done again may wait.
        """

    def forget_damaged_vectors(self, *, check_content: bool) -> None:
        """Remove missing and damaged files of vectors from the collection."""

    def mend_texts(self, terms_of: TermsOf) -> list[str]:
        """Restore damaged sentences; return the ids of notes that lost text. See `text_repair`."""

    def keep_words(self, recipe: str | None) -> None:
        """Set the recipe of words' vectors, None to keep none; deletes those of another recipe."""

    def keep_correction(self, recipe: str | None) -> None:
        """Set the recipe by which vectors are corrected, None for not at all; applies to existing vectors, too."""

    def incomplete_sentences(self) -> KeyArray:
        """Return the keys, in order, of sentences without their vector, or without words that the collection keeps."""

    def complete_sentences(self, keys: KeyArray, rows: FloatArray, words: Mapping[int, TextWords]) -> None:
        """Add the missing vectors, rows (n, hidden_size), and words of sentences."""

    def restore_note_vectors(self) -> None:
        """Rebuild missing vectors of notes from those of their sentences."""

    def notes_without_opening(self) -> KeyArray:
        """Return the keys, in order, of notes without the vector of their opening."""

    def complete_openings(self, rows: Mapping[int, FloatArray]) -> None:
        """Add the vectors of openings, by note key."""


class QueueWriter(Writer, Protocol):
    """A writer of a collection that has a queue."""

    @property
    def queue(self) -> Queue:
        """Notes that wait to be encoded."""

    def enqueue(self, batch: Batch, notes: Sequence[QueuedNote], terms_of: TermsOf) -> None:
        """Make the changes of a batch, and put notes into the queue, all or none. Raises CollectionBusy as `commit`."""

"""A collection as its user holds it: opened once, asked many times, kept in step with its notes."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Unpack, overload

from clinsearch import explanation, inspection, maps, retrieval, storage
from clinsearch.anatomy import Anatomy
from clinsearch.cohorts import Cohorts
from clinsearch.contents import Contents
from clinsearch.display import Results
from clinsearch.errors import InputError
from clinsearch.indexing.own_encoder import OwnEncoder
from clinsearch.maintenance import Maintenance
from clinsearch.outages import asks_again
from clinsearch.readers import requests
from clinsearch.readers.requests import AssertionChoice, FilterOptions, Mode, SearchOptions, make_filter, wanted
from clinsearch.records import Contrast, Filter, Hit, LastSearch, MarkedText, WordHit
from clinsearch.records.locations import Database, Location
from clinsearch.settings import collection_location
from clinsearch.storage import open_reader

if TYPE_CHECKING:
    from clinsearch.encoder.encoder import Encoder
    from clinsearch.maps.projection import Method
    from clinsearch.records import (
        CollectionStatus,
        MeasuredName,
        MeasuredValue,
        NoteExplanation,
        Occlusion,
        PatientHit,
        QueryExplanation,
    )
    from clinsearch.records.inspection import TokenizedText, TokenOccurrences, VocabCoverage, WordPath
    from clinsearch.records.maps import CollectionMap
    from clinsearch.retrieval import Level, SearchLevel
    from clinsearch.storage.port import Snapshot


@asks_again("backup", "delete", "optimize", "repair", "verify")
class Collection(Contents, Cohorts, Anatomy, Maintenance):
    """A collection, in a folder or in a database. The encoder is loaded when it is first needed.

    A database that goes away is asked again for some seconds: a replica may take over.
    """

    def __init__(
        self,
        location: str | os.PathLike[str] | Database | None = None,
        *,
        model: str | None = None,
        device: str = "auto",
        terms: str | os.PathLike[str] | None = None,
        trust: bool = False,
    ) -> None:
        """Open a collection; `model` is only needed where the model is not where it was. Raises CollectionError.

        location: a folder, or the address of a database, "postgresql://USER@HOST/DATABASE"; by default that of
        CLINSEARCH_COLLECTION, else ./clinsearch-data.
        terms: a file of a site's own abbreviations and names, by default that of CLINSEARCH_TERMS.
        trust: take a folder as it is, from now on, although others can write to it.
        """
        self._readers = retrieval.QueryReaders(terms)
        found = collection_location(location)
        self.location: Location = found.absolute() if isinstance(found, Path) else found
        if trust:
            storage.trust(self.location)
        self._reader = open_reader(self.location)
        self._encoder = OwnEncoder(self.location, model, device)
        self._opened_with = model, device, terms

    def opener(self) -> Callable[[], Collection]:
        """Return what opens this collection again, in another process that it is sent to."""
        model, device, terms = self._opened_with
        trust = storage.is_trusted(self.location)
        return partial(Collection, self.location, model=model, device=device, terms=terms, trust=trust)

    @overload
    def search(
        self, query: str, k: int = 10, *, level: Literal["patient"], **options: Unpack[SearchOptions]
    ) -> Results[PatientHit]: ...
    @overload
    def search(
        self, query: str, k: int = 10, *, level: Level = "sentence", **options: Unpack[SearchOptions]
    ) -> Results[Hit]: ...
    def search(
        self,
        query: str,
        k: int = 10,
        *,
        level: SearchLevel = "sentence",
        mode: Mode = "hybrid",
        assertion: AssertionChoice | None = None,
        diverse: bool = False,
        synonyms: bool = True,
        exact: bool = False,
        min_score: float | None = None,
        **filters: Unpack[FilterOptions],
    ) -> Results[Hit] | Results[PatientHit]:
        """Find the k best sentences, notes or patients; hybrid search matches assertions by itself: see Question.

        Sentences in nearly the same words are one hit. `diverse`: choose hits that differ (maximal marginal
        relevance), in the order of choice. `synonyms`: whether other names of the query's words count. `exact`:
        take its words as they are written, be they misspelt. `min_score`: leave out hits with a lower score, of 0 to 1.
        """
        search = retrieval.search_of(level)
        with self._reader.snapshot() as snapshot:
            reader = self._readers.of(snapshot.catalog, synonyms=synonyms, exact=exact)
            where = snapshot.catalog.spelt(make_filter(**filters))
            asked = retrieval.ask(wanted(query, k), reader, mode, assertion, where, k=k)
            # What goes by words alone needs no model, and must not fail with it.
            encoder = None if mode == "keyword" else self._encoder_of(snapshot)
            hits = search(snapshot, encoder, replace(asked, diverse=diverse))
            return Results([hit for hit in hits if min_score is None or hit.score >= min_score])  # type: ignore[return-value]

    def similar(
        self,
        note_id: str,
        k: int = 10,
        *,
        copies: bool = True,
        diverse: bool = False,
        **filters: Unpack[FilterOptions],
    ) -> Results[Hit]:
        """Find the k notes most like this one, as wholes; see Likeness."""
        wanted(note_id, k)
        with self._reader.snapshot() as snapshot:
            where = snapshot.catalog.spelt(make_filter(**filters))
            asked = retrieval.Likeness(k, where, copies, diverse)
            return Results(retrieval.similar_notes(snapshot, note_id, asked))

    def search_tokens(
        self,
        query: str | MarkedText,
        k: int = 10,
        *,
        same: bool | None = None,
        pieces: bool = False,
        **filters: Unpack[FilterOptions],
    ) -> Results[WordHit]:
        """Find the k words nearest, in their context, to the one that the query marks: "[discharge] from the wound".

        The query may also be a word of a note, from `token`. `same`: only the same word, or, False, only others.
        `pieces`: single wordpieces instead of words.
        """
        text = wanted(query if isinstance(query, str) else query.text, k)
        marked = requests.read_mark(text) if isinstance(query, str) else query
        with self._reader.snapshot() as snapshot:
            encoder, where = self._encoder_of(snapshot), snapshot.catalog.spelt(make_filter(**filters))
            asked = retrieval.WordQuestion(marked, k, where, pieces=pieces, same=same)
            return Results(retrieval.search_words(snapshot, encoder, asked))

    def token(self, word: str, note_id: str, *, at: int | None = None) -> MarkedText:
        """Mark a word of a note in its sentence: the first such word, or the one at a character of the note."""
        with self._reader.snapshot() as snapshot:
            return retrieval.word_in_note(snapshot, self._encoder_of(snapshot).tokenizer, word, note_id, at)

    def explain(self, left_id: str, right_id: str, *, pairs: int = 3, raw: bool = False) -> NoteExplanation:
        """Explain why the second note is like the first, by reasons; `pairs` pairs of sentences down to tokens.

        `raw`: the plain cosine of the two sums of sentences' vectors instead, every pair with its share.
        """
        explained = explanation.explain_sums if raw else explanation.explain_notes
        with self._reader.snapshot() as snapshot:
            return explained(snapshot, self._encoder_of(snapshot), left_id, right_id, pairs=pairs)

    def explain_query(self, query: str, note_id: str) -> QueryExplanation:
        """Explain why a query finds a note."""
        text = wanted(query, 1)
        with self._reader.snapshot() as snapshot:
            asked = retrieval.ask(text, self._readers.of(snapshot.catalog), "hybrid", None, Filter())
            return explanation.explain_query(snapshot, self._encoder_of(snapshot), asked, note_id)

    def explain_hit(
        self, asked: str | MarkedText, hit: Hit | WordHit, *, pairs: int = 3, raw: bool = False
    ) -> QueryExplanation | NoteExplanation:
        """Explain a hit: `asked` is the query, the word, or of `similar` the note's id. Raises HitNotFound."""
        if isinstance(asked, str) and hit.start is None:
            return self.explain(asked, hit.note_id, pairs=pairs, raw=raw)
        with self._reader.snapshot() as snapshot:
            encoder = self._encoder_of(snapshot)
            if isinstance(hit, WordHit):
                marked = requests.read_mark(asked) if isinstance(asked, str) else asked
                return explanation.explain_found_word(snapshot, encoder, marked, hit)
            meant = (hit.parts.wording or hit.parts.meant) if hit.parts else None
            return explanation.explain_place(snapshot, encoder, meant or wanted(str(asked), 1), hit)

    def contrast(self, note_id: str, nearer_id: str, other_id: str, *, pairs: int = 3) -> Contrast:
        """Explain why one note is nearer to a note than another is; `pairs` pairs of each down to words."""
        return Contrast(*(self.explain(note_id, other, pairs=pairs) for other in (nearer_id, other_id)))

    def occlude(self, left: str, right: str) -> Occlusion:
        """Leave every word of two texts out in turn, and see how far their score drops."""
        with self._reader.snapshot() as snapshot:
            return explanation.occlude_texts(
                self._encoder_of(snapshot), left, right, snapshot.corrections.get("sentence")
            )

    def load_encoder(self) -> Encoder:
        """Load the encoder, if it is not, so that the first question need not wait for it. Raises ModelError."""
        with self._reader.catalog() as (_, owner):
            return self._encoder.load(owner)

    def remember(self, asked: str | MarkedText, hits: Sequence[Hit | WordHit]) -> None:
        """Keep a search with the collection, in place of the one before, if the collection can be written to."""
        self._reader.remember(LastSearch(asked, tuple(hits)))

    def remembered(self, number: int) -> tuple[str | MarkedText, Hit | WordHit]:
        """Return what the search that was remembered asked for, and its hit of this number. Raises HitNotFound."""
        return self._reader.remembered(number)

    def places(
        self,
        hit: Hit,
        *,
        query: str | None = None,
        mode: Mode = "hybrid",
        assertion: AssertionChoice | None = None,
        synonyms: bool = True,
        exact: bool = False,
        **filters: Unpack[FilterOptions],
    ) -> Results[Hit]:
        """Return every place of the sentence of a hit, then of those in nearly the same words.

        With the query that it was found by, and how, each is judged by its own section as search does; without, all
        have the hit's score, which is not said of what it is made there.
        """
        with self._reader.catalog() as (catalog, _):
            choice = assertion if query is not None else "any"
            reader = self._readers.of(catalog, synonyms=synonyms, exact=exact)
            asked = retrieval.ask(query or "", reader, mode, choice, catalog.spelt(make_filter(**filters)))
            return Results(retrieval.places_of(catalog, hit if query is not None else replace(hit, parts=None), asked))

    def values(self, name: str, **filters: Unpack[FilterOptions]) -> Results[MeasuredValue]:
        """Return the values of something, "A1c" or "ejection fraction", by patient and time. Raises InputError."""
        with self._reader.catalog() as (catalog, _):
            where, reader = catalog.spelt(make_filter(**filters)), self._readers.of(catalog)
            return Results(retrieval.find_values(catalog, reader, name, where))

    def measured(self, **filters: Unpack[FilterOptions]) -> Results[MeasuredName]:
        """Return what is measured, and how often, most first."""
        with self._reader.catalog() as (catalog, _):
            return Results(retrieval.count_measured(catalog, catalog.spelt(make_filter(**filters))))

    def map(
        self, level: Level = "note", *, method: Method = "pca", most: int = 5000, **filters: Unpack[FilterOptions]
    ) -> CollectionMap:
        """Lay notes or sentences out in the plane; of more than `most` a sample, the same each time."""
        with self._reader.snapshot() as snapshot:
            where = snapshot.catalog.spelt(make_filter(**filters))
            return maps.project(snapshot, level, method=method, most=most, where=where)

    def tokens(self, note_id: str) -> list[TokenizedText]:
        """Take a note apart, sentence by sentence, into tokens with their vectors. Raises NoteNotFound."""
        view = self.note(note_id)
        return inspection.take_note_apart(view, partial(inspection.take_apart, self.load_encoder()))

    def layers(self, text: str, word: str, *, at: int | None = None, k: int = 5, sentences: int = 300) -> WordPath:
        """Follow a word of a text through the layers, at each with its k nearest words.

        These are looked for in at most so many `sentences` of the collection: of those that hold the word, and
        of all, the nearest to the text. `at`: a character of the word, where it stands more than once.
        """
        if sentences < 1:
            raise InputError(f"{sentences} sentences cannot be looked at; ask for 1 or more.")
        with self._reader.snapshot() as snapshot:
            encoder = self._encoder_of(snapshot)
            marked = inspection.mark_word(encoder.tokenizer, text, word, at)
            vector = snapshot.corrected("sentence", encoder.encode([text])[0])
            sources = inspection.sources_near(snapshot, vector, marked.word.text, sentences)
        return inspection.trace_word(encoder, marked, sources or [inspection.Source(text)], k=k)

    def occurrences(self, token_id: int, *, limit: int = 50, offset: int = 0) -> TokenOccurrences:
        """Find where an entry of the vocab stands, as a word or a piece of one. Raises InputError."""
        with self._reader.snapshot() as snapshot:
            entry = inspection.Vocabulary(self._encoder.checkpoint(snapshot.encoder)).by_id(token_id)
            tokenizer = self._encoder.tokenizer(snapshot.encoder)
            return inspection.find_token(snapshot, tokenizer, entry, limit=limit, offset=offset)

    def coverage(self, *, top: int = 20) -> VocabCoverage:
        """Say how well the vocab fits the notes' words; `top`: how many words to name that it splits or lacks."""
        with self._reader.snapshot() as snapshot:
            words = inspection.words_in(snapshot, self._encoder.tokenizer(snapshot.encoder))
            vocabulary = inspection.Vocabulary(self._encoder.checkpoint(snapshot.encoder))
            return inspection.vocab_coverage(words, vocabulary, top=top)

    def status(self) -> CollectionStatus:
        """Count what is in the collection, and say whose vectors it holds and how these are searched."""
        return self._reader.status()

    def _encoder_of(self, snapshot: Snapshot) -> Encoder:
        return self._encoder.load(snapshot.encoder)

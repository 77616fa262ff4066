"""All queries of the port's catalog that are the same in SQLite and PostgreSQL, over one connection."""

from __future__ import annotations

from abc import ABC, abstractmethod
from functools import cached_property

from sqlalchemy import func, select

from clinsearch.records import CollectionStatus, Filter, SearchQuality, Unmatched
from clinsearch.records.digests import text_digest
from clinsearch.records.locations import Location
from clinsearch.records.saved_searches import Milestone
from clinsearch.records.servers import ServerStatus
from clinsearch.storage.catalog.corrections import correction_recipe, read_corrections
from clinsearch.storage.catalog.filter_values import FilterValues
from clinsearch.storage.catalog.languages import count_languages, note_language
from clinsearch.storage.catalog.listing import NoteLists
from clinsearch.storage.catalog.measurements import MeasurementCatalog
from clinsearch.storage.catalog.notes import Catalog
from clinsearch.storage.catalog.patients import PatientCatalog
from clinsearch.storage.catalog.places import PlaceCatalog
from clinsearch.storage.catalog.soundness import UnsoundValue, is_count, require_sound
from clinsearch.storage.catalog.tables import notes
from clinsearch.storage.catalog.texts import TextCatalog
from clinsearch.storage.catalog.words import WordCatalog
from clinsearch.storage.port import KeywordIndex
from clinsearch.storage.values import TextKind


class CollectionCatalog(Catalog, ABC):
    """The catalog as `storage.port.Catalog` describes it, but for what each database does its own way."""

    @cached_property
    def texts(self) -> TextCatalog:
        """The texts."""
        return TextCatalog(self.connection)

    @cached_property
    def places(self) -> PlaceCatalog:
        """The places of sentences."""
        return PlaceCatalog(self.connection)

    @cached_property
    def patients(self) -> PatientCatalog:
        """Whose notes there are."""
        return PatientCatalog(self.connection)

    @cached_property
    def measurements(self) -> MeasurementCatalog:
        """What sentences measure."""
        return MeasurementCatalog(self.connection)

    @cached_property
    def words(self) -> WordCatalog:
        """The words of sentences."""
        return WordCatalog(self.connection)

    @cached_property
    def lists(self) -> NoteLists:
        """Lists and counts of notes."""
        return NoteLists(self.connection)

    @abstractmethod
    def keywords(self, kind: TextKind) -> KeywordIndex:
        """Return the keyword index of sentences, or of notes."""

    @abstractmethod
    def search_quality(self) -> tuple[SearchQuality, ...]:
        """Return, for each kind of vectors, how many there are and how they are searched."""

    @abstractmethod
    def has_remains(self) -> bool:
        """Tell whether deleted text may still be on the disk."""

    @abstractmethod
    def newest_key(self) -> int:
        """Return the highest key that a note was ever given, 0 before the first."""

    def unmatched(self, where: Filter) -> list[Unmatched]:
        """Return the values of a filter that nothing has, each with the most similar existing ones."""
        return FilterValues(self.connection).unmatched(where)

    def note_language(self, note_key: int) -> str | None:
        """Return the language of a note, by its code in ISO 639-1 or `und`, if it is another than English."""
        return note_language(self.connection, note_key)

    def milestone(self) -> Milestone:
        """Return how far the collection has come."""
        last = self.connection.scalar(select(func.max(notes.c.key)))
        require_sound(last is None or is_count(last))
        return Milestone(self.last_commit()[0].isoformat(), self.newest_key(), last or 0, self._digest_of_id(last or 0))

    def has_passed(self, milestone: Milestone) -> bool:
        """Tell whether this is the collection of a milestone, at that or further on."""
        now, before = self.milestone(), milestone
        if not isinstance(before.last, int) or before.collection != now.collection:
            return False
        is_the_same = self._digest_of_id(before.last) in (before.last_id, "")
        return (
            isinstance(now.newest, int)
            and isinstance(before.newest, int)
            and now.newest >= before.newest
            and is_the_same
        )

    def _digest_of_id(self, note_key: int) -> str:
        """Return a digest of the id of the note of this key, empty if there is none."""
        note_id = self.connection.scalar(select(notes.c.note_id).where(notes.c.key == note_key))
        return "" if note_id is None else text_digest(str(note_id)).hex()

    def languages(self) -> dict[str, int]:
        """Count the notes in another language than English by language, most first."""
        return count_languages(self.connection)

    def correction_recipe(self) -> str | None:
        """Return the recipe by which the collection's vectors are corrected; None if they are not."""
        return correction_recipe(self.connection)

    def corrected_on(self) -> int | None:
        """Return how many sentences the correction was fitted on; None if vectors are not corrected."""
        if not self.correction_recipe():
            return None
        correction = read_corrections(self.connection).get("sentence")
        return correction.fitted_on if correction else 0

    def status(self, location: Location, size: int, server: ServerStatus | None = None) -> CollectionStatus:
        """Return the collection's counts, its encoder, and how its vectors are searched; `size`: in bytes."""
        counts, encoder = self.counts(), self.encoder()
        if encoder is None:
            raise UnsoundValue
        return CollectionStatus(
            collection=str(location),
            notes=counts["notes"],
            sentences=counts["sentences"],
            occurrences=counts["occurrences"],
            note_types=self.note_types(),
            languages=self.languages(),
            model=encoder.model,
            pooling=encoder.pooling,
            fingerprint=encoder.fingerprint,
            hidden_size=encoder.hidden_size,
            bytes=size,
            search=self.search_quality(),
            has_remains=self.has_remains(),
            corrected_on=self.corrected_on(),
            server=server,
        )

"""Changes a collection over several shards: each batch is divided, and each shard commits its part, all or nothing.

Parts that were committed are kept if another cannot be; to commit them again changes nothing, so whoever repeats the
whole, as a run of the indexer does, completes it. A note lies in one shard: it is there whole, or not at all.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from itertools import chain
from types import TracebackType

from clinsearch.encoder.words import TextWords
from clinsearch.errors import CollectionBusy, CollectionError
from clinsearch.records import FloatArray, Note
from clinsearch.records.keys import KeyArray
from clinsearch.records.readings import ReadNote
from clinsearch.storage.batches import Batch
from clinsearch.storage.port import Catalog
from clinsearch.storage.sharded.catalog import ShardedCatalog
from clinsearch.storage.sharded.corrections import Corrections, ShardWriter
from clinsearch.storage.sharded.gathering import Shard, Shards, in_order
from clinsearch.storage.sharded.parts import home_of, in_order_of_keys, parts_of
from clinsearch.storage.sharing import Alone, Claims
from clinsearch.storage.values import EncoderIdentity, NoteReader, SentenceReader, TermsOf


class ShardedWriter:
    """The right to change a collection, in a `with` block."""

    def __init__(self, writers: Sequence[ShardWriter]) -> None:
        self._writers = tuple(writers)
        self._threads = ThreadPoolExecutor(len(writers), thread_name_prefix="shard")
        self._shards: Shards[ShardWriter] = Shards(self._writers, self._threads)
        self._corrections = Corrections(self._shards)
        self._held = ExitStack()
        self._before = Batch()
        self._arriving: set[str] = set()

    def __enter__(self) -> ShardedWriter:
        with ExitStack() as stack:
            for writer in self._writers:
                stack.enter_context(writer)
            self._held = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._held.__exit__(kind, error, trace)
        self._threads.shutdown()

    @property
    def claims(self) -> Claims:
        """Nothing: what other writers encode meanwhile is encoded twice, and stored once."""
        return Alone()

    @contextmanager
    def catalog(self) -> Iterator[ShardedCatalog]:
        """Yield the catalog as it is now."""
        with ExitStack() as stack:
            catalogs: list[Catalog] = [stack.enter_context(writer.catalog()) for writer in self._writers]
            yield ShardedCatalog(Shards(catalogs, self._threads))

    def claim(
        self, encoder: EncoderIdentity, created_by: str, words: str | None = None, correction: str | None = None
    ) -> None:
        """Record that a new collection belongs to this encoder; see `keep_words`, `keep_correction`."""
        self._shards.each(lambda shard: shard.asked.claim(encoder, created_by, words, correction))

    def lacking(self, added: Sequence[ReadNote]) -> set[bytes]:
        """Return the digests of those sentences of these notes that are not yet stored where the notes will be.

        Of notes that move, all: what is stored there may be deleted in the commit before theirs.
        """
        of_shard: dict[int, list[ReadNote]] = {}
        for item in added:
            of_shard.setdefault(home_of(item.note, len(self._writers)), []).append(item)
        found = self._shards.by_key(of_shard, lambda shard, _: shard.asked.lacking(of_shard[shard.number]))
        arriving = (item for item in added if item.note.note_id in self._arriving)
        return set().union(*found, *({one.digest for one in item.sentences} for item in arriving))

    def is_at_home(self, note_key: int, note: Note) -> bool:
        """Tell whether a stored note stays where it is if its fields become these."""
        count = len(self._writers)
        is_at_home = note_key % count == home_of(note, count)
        if not is_at_home:
            self._arriving.add(note.note_id)
        return is_at_home

    def commit(self, batch: Batch, terms_of: TermsOf) -> None:
        """Make the changes of a batch, in each shard all or none. `terms_of` makes the terms of deleted texts again.

        Raises CollectionError if a shard cannot commit its part; others may have.
        """
        batch, moving = self._without_namesakes(batch)
        if batch.removed:
            self._writers[0].forget_last_search()  # first, so that a run killed in between does not leave it behind
        self._corrections.fit({"sentence": batch.vectors.values(), "opening": batch.openings.values()})
        before, self._before = self._before, batch
        batch = self._in_order(batch)
        committed: list[int] = []

        def commit(parts: Mapping[int, Batch]) -> None:
            def commit_part(shard: Shard[ShardWriter], _: list[int]) -> None:
                shard.asked.commit(parts[shard.number], terms_of)
                committed.append(shard.number)

            self._shards.by_key(parts, commit_part)

        # Whoever is killed, or cut off from a shard, between the two leaves notes that move to another shard out, and
        # the next run adds them; the other way about they would stay twice.
        try:
            for some in _apart(batch, moving):
                commit(parts_of(some, len(self._writers), before))
        except CollectionBusy:
            raise
        except CollectionError as error:
            if not committed:
                raise
            raise type(error)(f"{error} {_rest(batch)}") from None

    def _in_order(self, batch: Batch) -> Batch:
        """Have keys given that rise over all shards as they would in one database: equal scores are in their order."""
        if not batch.added:
            return batch
        of_each = self._shards.each(lambda shard: shard.asked.next_keys())
        note, sentence = (max(one[name] for one in of_each) for name in ("notes", "sentences"))
        digests = in_order_of_keys(batch)
        least: dict[str | bytes, int] = {item.note.note_id: note + at for at, item in enumerate(batch.added)}
        return replace(batch, least_keys=least | {digest: sentence + at for at, digest in enumerate(digests)})

    def _without_namesakes(self, batch: Batch) -> tuple[Batch, set[str]]:
        """Have removed what another shard has of a note that is added; return the ids of such notes, too.

        They move, or are of another writer, or of a run that was cut.
        """
        ids = [item.note.note_id for item in batch.added]
        if not ids:
            return batch, set()
        home = {item.note.note_id: home_of(item.note, len(self._writers)) for item in batch.added}
        with self.catalog() as catalog:
            there = catalog.stored_notes("note_id", ids)
        relabelled = {key for key, _, _ in batch.relabelled}
        elsewhere = {
            note.note_key: note.note_id
            for note in there
            if note.note_key % len(self._writers) != home[note.note_id] and note.note_key not in relabelled
        }
        return replace(batch, removed=sorted({*batch.removed, *elsewhere})), set(elsewhere.values())

    def read_anew(self, read_note: NoteReader, read_sentences: SentenceReader, *, anyway: bool = False) -> None:
        """Re-read all notes if they were read by other rules, or anyway; `repair` then makes the missing vectors."""
        for writer in self._writers:
            writer.read_anew(read_note, read_sentences, anyway=anyway)

    def scrub_if_small(self) -> None:
        """Erase deleted data from the disk if that is quick."""
        self._shards.each(lambda shard: shard.asked.scrub_if_small())

    def optimize(self) -> None:
        """Erase deleted data from the disk, and rebuild what search depends on."""
        if any(self._shards.each(lambda shard: shard.asked.has_remains())):
            self._corrections.fit_anew()  # they still hold traces of the deleted vectors
        self._shards.each(lambda shard: shard.asked.optimize())

    def compact(self, *, anew: bool = False, goes_on: bool = False) -> None:
        """Merge what search depends on."""
        self._corrections.fit_if_outgrown()
        self._shards.each(lambda shard: shard.asked.compact(anew=anew, goes_on=goes_on))

    def forget_damaged_vectors(self, *, check_content: bool) -> None:
        """Remove missing and damaged vectors from the collection."""
        self._shards.each(lambda shard: shard.asked.forget_damaged_vectors(check_content=check_content))

    def mend_texts(self, terms_of: TermsOf) -> list[str]:
        """Restore damaged sentences; return the ids of notes that lost text. See `text_repair`."""
        return sorted(chain.from_iterable(self._shards.each(lambda shard: shard.asked.mend_texts(terms_of))))

    def keep_words(self, recipe: str | None) -> None:
        """Set the recipe of words' vectors, None to keep none; deletes those of another recipe."""
        self._shards.each(lambda shard: shard.asked.keep_words(recipe))

    def keep_correction(self, recipe: str | None) -> None:
        """Set the recipe by which vectors are corrected, None for not at all; applies to existing vectors, too."""
        self._corrections.keep(recipe)

    def incomplete_sentences(self) -> KeyArray:
        """Return the keys, in order, of sentences without their vector, or without words that the collection keeps."""
        return in_order(self._shards.each(lambda shard: shard.keys(shard.asked.incomplete_sentences())))

    def complete_sentences(self, keys: KeyArray, rows: FloatArray, words: Mapping[int, TextWords]) -> None:
        """Add the missing vectors, rows (n, hidden_size), and words of sentences."""
        self._corrections.fit({"sentence": rows})
        numbers = keys % len(self._writers)

        def complete(shard: Shard[ShardWriter], own: list[int]) -> None:
            of_shard = {key: words[shard.key(key)] for key in own if shard.key(key) in words}
            is_own = numbers == shard.number
            shard.asked.complete_sentences(shard.own(keys[is_own]), rows[is_own], of_shard)

        self._shards.by_key(keys.tolist(), complete)

    def restore_note_vectors(self) -> None:
        """Rebuild missing vectors of notes from those of their sentences."""
        self._shards.each(lambda shard: shard.asked.restore_note_vectors())

    def notes_without_opening(self) -> KeyArray:
        """Return the keys, in order, of notes without the vector of their opening."""
        return in_order(self._shards.each(lambda shard: shard.keys(shard.asked.notes_without_opening())))

    def complete_openings(self, rows: Mapping[int, FloatArray]) -> None:
        """Add the vectors of openings, by note key."""
        self._corrections.fit({"opening": rows.values()})
        self._shards.by_key(
            rows, lambda shard, own: shard.asked.complete_openings({key: rows[shard.key(key)] for key in own})
        )


def _apart(batch: Batch, moving: Collection[str]) -> Iterator[Batch]:
    """Yield what is to be committed first, and then, if notes of these ids move, these where they will be."""
    if not moving:
        yield batch
        return
    yield replace(batch, added=[item for item in batch.added if item.note.note_id not in moving])
    arriving = [item for item in batch.added if item.note.note_id in moving]
    yield replace(batch, added=arriving, removed=[], relabelled=[], moved=[], former={})


def _rest(batch: Batch) -> str:
    """Say what became of a batch of which some shards have their part, and others don't."""
    if batch.added or batch.relabelled or batch.moved:
        return "Other databases have stored their part; the next run adds the rest."
    return "Other databases have deleted their part of the notes; name those that are left again."

"""What is done to a collection beside filling and asking it: its state, deletion, and what keeps search fast."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from clinsearch.encoder.encoder import Encoder
from clinsearch.language import terms_of
from clinsearch.records import CollectionStatus, SearchQuality
from clinsearch.storage.catalog.changes import has_remains
from clinsearch.storage.catalog.corrections import correction_recipe, read_corrections
from clinsearch.storage.catalog.notes import Catalog, EncoderIdentity
from clinsearch.storage.catalog.vectors import VectorCatalog
from clinsearch.storage.snapshots import Reader
from clinsearch.storage.spaces.files import VECTOR_KINDS, WORD_KINDS, Kind

MOST_NAMED = 20


def status_of(reader: Reader) -> CollectionStatus:
    """Count what is in a collection, and say whose vectors it holds and how these are searched."""
    with reader.catalog() as (catalog, encoder):
        return CollectionStatus(
            collection=str(reader.folder),
            **catalog.counts(),
            note_types=catalog.note_types(),
            model=encoder.model,
            pooling=encoder.pooling,
            fingerprint=encoder.fingerprint,
            hidden_size=encoder.hidden_size,
            bytes=reader.bytes_on_disk(),
            search=_search_of(catalog),
            has_remains=has_remains(catalog.connection),
            corrected_on=_corrected_on(catalog),
        )


def _corrected_on(catalog: Catalog) -> int | None:
    if not correction_recipe(catalog.connection):
        return None
    correction = read_corrections(catalog.connection).get("sentence")
    return correction.fitted_on if correction else 0


def delete_notes(folder: Path, note_ids: Sequence[str]) -> int:
    """Delete notes, all or, if one of them is not there, none; return how many. Raises NoteNotFound."""
    from clinsearch.storage.batches import Batch
    from clinsearch.storage.writer import Writer

    with Writer(folder) as writer:
        with writer.catalog() as catalog:
            keys = {catalog.note(note_id, is_checked=False)[0] for note_id in note_ids}
        writer.commit(Batch(removed=sorted(keys)), terms_of)
        writer.scrub_if_small()
    return len(keys)


def lost_line(folder: Path, note_ids: Sequence[str]) -> str:
    """Say which notes' text a repair could not make again."""
    more = f" and {len(note_ids) - MOST_NAMED:,} more" if len(note_ids) > MOST_NAMED else ""
    return (
        f"Of {len(note_ids):,} notes in {folder} the text is not as it was written, and no copy of it is there: "
        f"{', '.join(note_ids[:MOST_NAMED])}{more}. Index their files again, or restore the catalog from a copy. "
        "All else was repaired."
    )


def optimize(folder: Path) -> tuple[SearchQuality, ...]:
    """Take what was deleted off the disk, merge files, sort many vectors into cells anew; return how search stands."""
    from clinsearch.storage.writer import Writer

    with Writer(folder) as writer:
        writer.optimize()
        with writer.catalog() as catalog:
            return _search_of(catalog)


def _search_of(catalog: Catalog) -> tuple[SearchQuality, ...]:
    in_catalog = VectorCatalog(catalog.connection)
    measured = tuple(kind for kind in WORD_KINDS if in_catalog.probes(kind))
    return tuple(_quality(in_catalog, kind) for kind in VECTOR_KINDS + measured)


def _quality(in_catalog: VectorCatalog, kind: Kind) -> SearchQuality:
    rows, measured = in_catalog.live_rows(kind), in_catalog.probes(kind)
    if not measured:
        return SearchQuality(kind, rows)
    return SearchQuality(kind, rows, in_catalog.cells(kind), measured[0].probes, measured[0].recall)


def identity_of(encoder: Encoder) -> EncoderIdentity:
    """Return what a collection remembers of its encoder."""
    return EncoderIdentity(
        model=encoder.checkpoint.name,
        pooling=encoder.pooling,
        fingerprint=encoder.fingerprint(),
        hidden_size=encoder.hidden_size,
    )

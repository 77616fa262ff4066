"""Maintenance of a collection: deletion, and what keeps search fast."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from clinsearch.encoder.encoder import Encoder
from clinsearch.errors import CollectionDamaged
from clinsearch.language import read_note, read_sentences, terms_of
from clinsearch.records import SearchQuality
from clinsearch.records.locations import Location
from clinsearch.storage import open_writer
from clinsearch.storage.batches import Batch
from clinsearch.storage.values import EncoderIdentity

MOST_NAMED = 20


def delete_notes(location: Location, note_ids: Sequence[str]) -> int:
    """Delete notes, or none if one is not there; return how many. Raises NoteNotFound."""
    with open_writer(location) as writer:
        with writer.catalog() as catalog:
            keys = {catalog.note(note_id, is_checked=False)[0] for note_id in note_ids}
        writer.commit(Batch(removed=sorted(keys)), terms_of)
        writer.scrub_if_small()
    return len(keys)


def repair(location: Location, encoder_for: Callable[[EncoderIdentity], Encoder], *, full: bool = False) -> int:
    """Make missing and damaged vectors and sentences again; return how many sentences had to be encoded.

    full: read all texts again, too. Raises CollectionDamaged, when all else is done, if text of a note is lost.
    """
    # A search should not wait for what only writers need.
    from clinsearch.indexing.repair import repair as encode_missing

    with open_writer(location) as writer:
        with writer.catalog() as catalog:
            owner = catalog.encoder()
        if owner is None:
            return 0
        lost = writer.mend_texts(terms_of)
        if full:
            writer.read_anew(read_note, read_sentences, anyway=True)
        encoded = encode_missing(writer, encoder_for(owner), check_content=True)
    if lost:
        raise CollectionDamaged(_lost_line(location, lost))
    return encoded


def _lost_line(location: Location, note_ids: Sequence[str]) -> str:
    """Return the line that says which notes' text a repair could not restore."""
    more = f" and {len(note_ids) - MOST_NAMED:,} more" if len(note_ids) > MOST_NAMED else ""
    return (
        f"Of {len(note_ids):,} notes in {location} the text is not as it was written, and no copy of it is there: "
        f"{', '.join(note_ids[:MOST_NAMED])}{more}. Index their files again, or restore the collection from a copy. "
        "All else was repaired."
    )


def optimize(location: Location) -> tuple[SearchQuality, ...]:
    """Erase deleted data from the disk, merge files, rebuild cells; return the search quality."""
    with open_writer(location) as writer:
        writer.optimize()
        with writer.catalog() as catalog:
            return catalog.search_quality()


def identity_of(encoder: Encoder) -> EncoderIdentity:
    """Return what a collection remembers of its encoder."""
    return EncoderIdentity(
        model=encoder.checkpoint.name,
        pooling=encoder.pooling,
        fingerprint=encoder.fingerprint(),
        hidden_size=encoder.hidden_size,
    )

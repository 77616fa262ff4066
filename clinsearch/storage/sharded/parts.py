"""Which shard a note belongs to, and which parts of a batch are whose."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from hashlib import sha256

from clinsearch.records import Note
from clinsearch.storage.batches import Batch


def home_of(note: Note, count: int) -> int:
    """Return the number of the shard, of so many, that a note goes to: by its patient, without one by its id."""
    owner = note.note_id if note.patient_id is None else note.patient_id
    return int.from_bytes(sha256(owner.encode(errors="surrogatepass")).digest()[:8], "big") % count


def parts_of(batch: Batch, count: int, before: Batch) -> dict[int, Batch]:
    """Divide a batch, with the shards' own keys; shards without a part are left out.

    before: the batch committed before, whose sentences this one takes for stored; in another shard they need not be.
    """
    parts = {number: Batch() for number in range(count)}
    for item in batch.added:
        parts[home_of(item.note, count)].added.append(item)
    for key in batch.removed:
        parts[key % count].removed.append(key // count)
    for key, note, digest in batch.relabelled:
        parts[key % count].relabelled.append((key // count, note, digest))
    for key, source in batch.moved:
        parts[key % count].moved.append((key // count, source))
    for key, former in batch.former.items():
        parts[key % count].former[key // count] = former
    return {number: _with_vectors(part, [batch, before]) for number, part in parts.items() if part.notes}


def in_order_of_keys(batch: Batch) -> list[bytes]:
    """Return the digests of a batch's sentences in the order in which one database would give them their keys.

    Behind the new ones are those that are stored, or about to be, in another shard: these have a lower key there.
    """
    return list(dict.fromkeys([*batch.sentences, *(one.digest for item in batch.added for one in item.sentences)]))


def _with_vectors(part: Batch, batches: Sequence[Batch]) -> Batch:
    """Return a part with what its notes need, from the first of some batches that has it."""
    needed = {sentence.digest for item in part.added for sentence in item.sentences}
    digests = [digest for digest in in_order_of_keys(batches[0]) if digest in needed]
    own = {digest: batch for batch in reversed(batches) for digest in digests if digest in batch.vectors}
    ids = {item.note.note_id for item in part.added}
    return replace(
        part,
        sentences={digest: own[digest].sentences[digest] for digest in digests if digest in own},
        vectors={digest: own[digest].vectors[digest] for digest in digests if digest in own},
        words={
            digest: own[digest].words[digest] for digest in digests if digest in own and digest in own[digest].words
        },
        least_keys=batches[0].least_keys,
        openings={note_id: batches[0].openings[note_id] for note_id in batches[0].openings if note_id in ids},
    )

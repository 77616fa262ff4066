"""Who encodes what: a sentence, or a version of a note, is claimed by the first writer that comes to it.

What is claimed is stored by the claimant's commit, which takes the claim away. A writer that has to wait for others'
sentences publishes its own first, so that no two wait for each other. A collection belongs to one encoder, so that a
sentence's digest alone says which vector is meant.
"""

from __future__ import annotations

import struct
from collections.abc import Collection, Mapping

import numpy as np
from sqlalchemy import Connection, Engine, bindparam, delete, select, text, update

from clinsearch.encoder.words import TextWords
from clinsearch.records import FloatArray
from clinsearch.records.locations import Database
from clinsearch.storage.catalog.notes import Catalog
from clinsearch.storage.postgres.committing import persistently
from clinsearch.storage.postgres.leases import Lease, forget_the_gone
from clinsearch.storage.postgres.tables import claims
from clinsearch.storage.sharing import Published
from clinsearch.storage.values import damaged_vectors

# In the order of the digests, so that no two writers wait for each other.
CLAIM = text(
    "INSERT INTO claims (digest, worker) SELECT digest, :worker "
    "FROM unnest(CAST(:digests AS bytea[])) AS asked(digest) ORDER BY digest ON CONFLICT (digest) DO NOTHING"
)
# What a claim holds that is encoded: the vector's width; of its words, see TextWords, how many tokens, words with
# punctuation, words and wordpieces there are, and the width of these vectors; then the arrays themselves.
HEAD = struct.Struct("<6I")


class TableClaims:
    """The claims of one of several writers, as `storage.sharing.Claims` describes them."""

    are_shared = True

    def __init__(self, engine: Engine, database: Database, lease: Lease) -> None:
        self._engine, self._database, self._lease = engine, database, lease

    def claim_notes(self, digests: Collection[bytes]) -> set[bytes]:
        """Claim versions of notes, see `note_claim`; return those that no other writer had claimed."""
        return persistently(self._engine, self._database, lambda connection: self._claim(connection, digests))

    def claim_sentences(self, digests: Collection[bytes]) -> set[bytes]:
        """Claim sentences; return those that are not stored and that no other writer had claimed."""

        def claim(connection: Connection) -> set[bytes]:
            mine = self._claim(connection, digests)
            # Others may have stored some since this writer looked; what they had claimed was free again then.
            stored = Catalog(connection).sentence_keys_of(list(mine)).keys()
            drop_claims(connection, stored)
            return mine - stored

        return persistently(self._engine, self._database, claim)

    def release(self, digests: Collection[bytes]) -> None:
        """Give claims up."""
        if digests:
            persistently(self._engine, self._database, lambda connection: drop_claims(connection, digests))

    def publish(self, vectors: Mapping[bytes, FloatArray], words: Mapping[bytes, TextWords]) -> None:
        """Let other writers have the vectors and words of claimed sentences, before they are committed."""
        rows = [{"of": digest, "content": _packed(one, words.get(digest))} for digest, one in sorted(vectors.items())]
        own = (claims.c.digest == bindparam("of")) & (claims.c.worker == self._lease.worker)
        statement = update(claims).where(own).values(encoded=bindparam("content"))
        if rows:
            persistently(self._engine, self._database, lambda connection: connection.execute(statement, rows))

    def published(self, digests: Collection[bytes]) -> Published:
        """Return what is published of these sentences. Raises CollectionDamaged."""
        query = select(claims.c.digest, claims.c.encoded).where(
            claims.c.digest.in_(digests), claims.c.encoded.is_not(None)
        )
        rows = persistently(self._engine, self._database, lambda connection: connection.execute(query).all())
        found = {digest: _unpacked(content) for digest, content in rows}
        words = {digest: of_text for digest, (_, of_text) in found.items() if of_text is not None}
        return Published({digest: vector for digest, (vector, _) in found.items()}, words)

    def _claim(self, connection: Connection, digests: Collection[bytes]) -> set[bytes]:
        """Claim what is free; return all of these that are this writer's and not published."""
        if not digests:
            return set()
        forget_the_gone(connection)
        self._lease.renew(connection)
        connection.execute(CLAIM, {"worker": self._lease.worker, "digests": list(digests)})
        own = (claims.c.worker == self._lease.worker) & claims.c.encoded.is_(None)
        return set(connection.scalars(select(claims.c.digest).where(own, claims.c.digest.in_(digests))))


def drop_claims(connection: Connection, digests: Collection[bytes]) -> None:
    """Take claims away, whosesoever they are."""
    if digests:
        connection.execute(delete(claims).where(claims.c.digest.in_(digests)))


def _packed(vector: FloatArray, words: TextWords | None) -> bytes:
    of_words = [words.token_ids, words.lengths, words.words, words.pieces] if words else []
    sizes = [len(one) for one in of_words] or [0, 0, 0, 0]
    head = HEAD.pack(len(vector), *sizes, words.words.shape[1] if words else 0)
    arrays = [vector.astype("<f4")]
    if words:
        arrays += [words.token_ids.astype("<u4"), words.lengths.astype("<i4")]
        arrays += [words.words.astype("<f4"), words.pieces.astype("<f4")]
    return head + b"".join(one.tobytes() for one in arrays)


def _unpacked(content: bytes) -> tuple[FloatArray, TextWords | None]:
    if len(content) < HEAD.size:
        raise damaged_vectors()
    size, tokens, lengths, words, pieces, width = HEAD.unpack_from(content)
    counts = [size, tokens, lengths, words * width, pieces * width]
    if len(content) != HEAD.size + 4 * sum(counts) or not size:
        raise damaged_vectors()
    starts = np.cumsum([0, *counts]) * 4 + HEAD.size
    types = ["<f4", "<u4", "<i4", "<f4", "<f4"]
    vector, ids, of_words, own, of_pieces = (
        np.frombuffer(content, kind, count, start).astype(kind[1:])
        for kind, count, start in zip(types, counts, starts.tolist(), strict=False)
    )
    if not tokens:
        return vector, None
    return vector, TextWords(ids, of_words, own.reshape(words, width), of_pieces.reshape(pieces, width))

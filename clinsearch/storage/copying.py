"""Copies a collection from one place to another, piece by piece, each of them one commit, and compares the two.

Nothing is encoded again: texts, what was read of them, vectors and corrections are copied as they are stored. Keys stay
the same, and so does the time of making. So ties are broken alike, saved searches know the copy, and how far a copy has
come can be told from its keys: one that was interrupted goes on behind the last.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from sqlalchemy import select

from clinsearch.encoder.words import WORD_RECIPE
from clinsearch.errors import CollectionBusy, CollectionError, CollectionVersion
from clinsearch.records.copies import CopyReport
from clinsearch.records.locations import Location
from clinsearch.storage.catalog.copies import begin_copy, finish_copy, owner_of
from clinsearch.storage.catalog.counted import sees_some
from clinsearch.storage.catalog.tables import UNFINISHED, corrections, counts
from clinsearch.storage.copied import Stored, Target, add_piece, count_copied, newest_copied, pieces, word_pieces
from clinsearch.storage.port import Reader
from clinsearch.storage.same import Comparison
from clinsearch.storage.values import TermsOf, TextKind, WordKind

COMMITS_PER_MERGE = 64

# What is done, how much of it, and of how much.
Progress: TypeAlias = Callable[[str, int, int], None]


@dataclass(slots=True)
class Copy:
    """A run that copies a collection: from a reader and what it stores to a target; places: where both are.

    owner: the row of the source's owner. total: how many it has of everything. copied: how many this run copied.
    """

    reader: Reader
    source: Stored
    target: Target
    places: tuple[Location, Location]
    terms_of: TermsOf
    progress: Progress
    owner: dict[str, Any] = field(init=False)
    total: dict[str, int] = field(init=False)
    copied: Counter[TextKind] = field(default_factory=Counter)
    commits: int = 0

    def whole(self, *, restart: bool) -> CopyReport:
        """Copy what is not there yet, compare all, and have it searched if it is the same."""
        started = time.monotonic()
        connection = self.source.connection
        self.owner = owner_of(connection) or {}
        self.total = dict(connection.execute(select(counts.c.name, counts.c.rows)).all())
        if sees_some(connection):
            raise CollectionError(
                f"Your role sees only some of the notes in {self.places[0]}. Have one copy it that sees all."
            )
        if self.owner["words"] not in (None, WORD_RECIPE):
            raise CollectionVersion(
                f"The words in {self.places[0]} were made by an older clinsearch. "
                "Bring the collection up to date with `clinsearch index` on its notes."
            )
        is_finished = self._begin(restart)
        if not is_finished:
            self._copy_texts("sentence")
            self._copy_words("word")
            self._copy_words("piece")
            self._copy_texts("note")
            self.target.settle()
        searches = self.reader.saved_names()
        compared_at = time.monotonic()
        with self.target.stored() as stored:
            checks = Comparison(self.source, stored, self.terms_of, self.progress).all()
        done = time.monotonic()
        if not is_finished and all(check.is_same for check in checks):
            self._finish(searches)
        return CopyReport(
            source=str(self.places[0]),
            target=str(self.places[1]),
            notes=self.total["notes"],
            sentences=self.total["sentences"],
            notes_copied=self.copied["note"],
            sentences_copied=self.copied["sentence"],
            saved_searches=len(searches),
            checks=checks,
            seconds=done - started,
            seconds_of_checks=done - compared_at,
        )

    def _begin(self, restart: bool) -> bool:
        """Prepare the target, or find in it what an interrupted run has left; tell whether all is there already.

        Raises CollectionError for any other collection.
        """
        with self.target.stored() as stored:
            there = owner_of(stored.connection)
        if restart and there and there["key"] == UNFINISHED:
            self.target.clear()
            there = None
        if there is not None:
            self._require_own(there)
            return bool(there["key"] != UNFINISHED)
        with self.target.parts() as (changes, _):
            begin_copy(changes.connection, self.owner, self.total)
            self.target.prepare(changes.connection, self.owner["hidden_size"])
            rows = self.source.connection.execute(select(corrections)).mappings()
            changes.insert_keyed(corrections, map(dict, rows))
        return False

    def _require_own(self, there: Mapping[str, Any]) -> None:
        """Raise CollectionError unless what is there is a copy of the source as it is now."""
        source, target = self.places
        if there["created_at"] != self.owner["created_at"] or there["fingerprint"] != self.owner["fingerprint"]:
            if there["key"] == UNFINISHED:
                raise CollectionError(
                    f"{target} holds an unfinished copy of another collection. Finish that one, put this one in its "
                    "place with --restart, or copy to another place."
                )
            raise CollectionError(f"{target} holds a collection already. Copy to another place.")
        if there["commits"] == self.owner["commits"]:
            return
        if there["key"] == UNFINISHED:
            raise CollectionError(
                f"The collection at {source} has changed since its copying to {target} began: it was at commit "
                f"{there['commits']:,} and is at {self.owner['commits']:,}. Copy it from the beginning with --restart."
            )
        raise CollectionError(
            f"{target} holds a copy of this collection already, and one of them has changed since. Bring the copy up "
            "to date with `clinsearch index`, or copy to another place."
        )

    def _copy_texts(self, kind: TextKind) -> None:
        """Copy sentences, or notes, and all that belongs to them but for the vectors of words."""
        with self.target.stored() as stored:
            after = newest_copied(stored.connection, kind)
            done = count_copied(stored.connection, kind)
        for piece in pieces(self.source, kind, after, self.terms_of):
            with self.target.parts() as (changes, spaces):
                self._require_alone(newest_copied(changes.connection, kind) == after)
                add_piece(changes, spaces, piece)
            after = int(piece.keys[-1])
            self.copied[kind] += len(piece.keys)
            self._tell_of_commit(f"Copying {kind}s", done + self.copied[kind], self.total[f"{kind}s"])

    def _copy_words(self, kind: WordKind) -> None:
        """Copy the vectors of words, or wordpieces."""
        with self.target.stored() as stored:
            after, done = stored.newest_word(kind), stored.count_vectors(kind)
        for keys, rows in word_pieces(self.source, kind, after):
            with self.target.parts() as (_, spaces):
                spaces.add(kind, keys, rows)
            done += len(keys)
            self._tell_of_commit(f"Copying {'words' if kind == 'word' else 'wordpieces'}", done, self.total[f"{kind}s"])

    def _require_alone(self, is_so: bool) -> None:
        if not is_so:
            raise CollectionBusy(
                f"Another process is copying to {self.places[1]}. Let it finish, or end it and run again."
            )

    def _tell_of_commit(self, what: str, done: int, total: int) -> None:
        self.progress(what, done, total)
        self.commits += 1
        if self.commits % COMMITS_PER_MERGE == 0:
            self.target.settle()

    def _finish(self, searches: list[str]) -> None:
        for name in searches:
            self.target.save_search(self.reader.saved_search(name))
        with self.target.parts() as (changes, _):
            self.target.give_keys_after(changes.connection, self.source.newest_keys())
            finish_copy(changes.connection)
        self.progress("Building what makes search fast", 0, 1)
        self.target.build()

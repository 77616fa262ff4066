"""How a caller keeps a collection: deletes from it, checks it, mends it, and copies it to a safe place."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from clinsearch.indexing.own_encoder import OwnEncoder
    from clinsearch.records import SearchQuality
    from clinsearch.records.backups import BackupReport
    from clinsearch.records.locations import Location
    from clinsearch.records.verification import Verification


class Maintenance:
    """The upkeep of a collection; what does it is imported then, since a search does without."""

    location: Location
    _encoder: OwnEncoder

    def delete(self, note_ids: Sequence[str]) -> int:
        """Delete notes, all or, if one of them is not there, none; return how many. Raises NoteNotFound."""
        from clinsearch.indexing import upkeep

        return upkeep.delete_notes(self.location, note_ids)

    def optimize(self) -> tuple[SearchQuality, ...]:
        """Make anew what search rests on, and take all that was deleted off the disk; return how search stands.

        Only a large collection is the better for it. May be stopped at any time.
        """
        from clinsearch.indexing import upkeep

        return upkeep.optimize(self.location)

    def repair(self, *, full: bool = False) -> int:
        """Make missing and damaged vectors and sentences again; return how many sentences had to be encoded.

        full: read all texts again, too, and replace what was read of them. Raises CollectionDamaged, when all
        else is done, if text of a note is lost.
        """
        from clinsearch.indexing import upkeep

        return upkeep.repair(self.location, self._encoder.load, full=full)

    def verify(self, *, full: bool = False) -> Verification:
        """Check everything against everything; what is damaged is in the result, with the command that mends it.

        Of what was read of texts a sample is read again, with `full` all. Writes nothing. Raises InputError for a
        database.
        """
        from clinsearch.indexing import verification

        return verification.verify(self.location, full=full)

    def backup(self, target: str | os.PathLike[str]) -> BackupReport:
        """Copy the collection as of its last commit to a folder that is not there, or empty, and check the copy.

        To restore it, use that folder. Raises CollectionError, and InputError for a database.
        """
        from clinsearch.indexing import verification

        return verification.back_up(self.location, target)

"""Queries of the catalog about whose notes there are, and about its state as a whole."""

from __future__ import annotations

from hashlib import sha256

import numpy as np
from sqlalchemy import Connection, and_, func, select

from clinsearch.records.cohorts import CollectionState, Population
from clinsearch.records.keys import KeyArray
from clinsearch.storage.catalog.notes import Catalog
from clinsearch.storage.catalog.rows import ROWS_AT_ONCE, read_keys
from clinsearch.storage.catalog.soundness import require_sound
from clinsearch.storage.catalog.tables import notes


class PatientCatalog:
    """Queries over one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def ids(self) -> list[str]:
        """Return the ids of all patients, in order."""
        patient = notes.c.patient_id
        found = list(self._connection.scalars(select(patient).where(patient.is_not(None)).distinct()))
        require_sound(all(isinstance(one, str) for one in found))
        return sorted(found)

    def notes_without(self) -> KeyArray:
        """Return the keys of the notes without a patient id, in order."""
        return np.sort(read_keys(self._connection, select(notes.c.key).where(notes.c.patient_id.is_(None))))

    def population(self) -> Population:
        """Count patients and notes, and those without a date."""
        patient, time = notes.c.patient_id, notes.c.note_datetime
        counted = select(
            func.count(patient.distinct()),
            func.count(),
            func.count().filter(patient.is_(None)),
            func.count().filter(time.is_(None)),
        )
        dated = select(func.count(patient.distinct())).where(and_(patient.is_not(None), time.is_not(None)))
        patients, count, without_patient, without_date = self._connection.execute(counted).one()
        undated = patients - (self._connection.scalar(dated) or 0)
        return Population(patients, count, without_patient, without_date, undated)

    def state(self) -> CollectionState:
        """Return what decides who is found."""
        catalog = Catalog(self._connection)
        counts, encoder = catalog.counts(), catalog.encoder()
        require_sound(encoder is not None)
        return CollectionState(
            commits=catalog.last_commit()[1],
            notes=counts["notes"],
            sentences=counts["sentences"],
            digest=self._digest(),
            language=str(catalog.language()),
            model=encoder.model if encoder else "",
            fingerprint=encoder.fingerprint if encoder else "",
        )

    def _digest(self) -> str:
        digest = sha256()
        query = select(notes.c.note_id, notes.c.digest).order_by(notes.c.note_id)
        rows = self._connection.execute(query, execution_options={"yield_per": ROWS_AT_ONCE})
        for note_id, of_note in rows:
            require_sound(isinstance(note_id, str) and isinstance(of_note, bytes))
            digest.update(sha256(note_id.encode(errors="surrogatepass")).digest() + of_note)
        return digest.hexdigest()

"""What a caller may ask of a collection's patients as a whole: who meets criteria."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from clinsearch import retrieval

if TYPE_CHECKING:
    from clinsearch.indexing.own_encoder import OwnEncoder
    from clinsearch.records.cohorts import Cohort
    from clinsearch.retrieval import QueryReaders
    from clinsearch.storage.port import Reader

Path = str | os.PathLike[str]


class Cohorts:
    """The patients of a collection."""

    _reader: Reader
    _readers: QueryReaders
    _encoder: OwnEncoder

    def cohort(self, criteria: Path | Mapping[str, Any], *, compare: Path | None = None) -> Cohort:
        """Find the patients who meet criteria, of a TOML file or a mapping like it: docs/cohort.md. Raises InputError.

        compare: the record of an earlier run, to tell who came and went since, and what is otherwise.
        """
        from clinsearch.readers.cohort_records import read_record
        from clinsearch.readers.cohorts import read_cohort

        definition, earlier = read_cohort(criteria), read_record(compare) if compare is not None else None
        with self._reader.snapshot() as snapshot:
            encoder = partial(self._encoder.load, snapshot.encoder)
            return retrieval.find_cohort(snapshot, self._readers, encoder, definition, earlier)

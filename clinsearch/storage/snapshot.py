"""A collection as of one commit, whatever it is stored in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from clinsearch.encoder.correction import Correction
from clinsearch.records import FloatArray
from clinsearch.records.keys import KeyArray
from clinsearch.storage.port import Catalog, Vectors
from clinsearch.storage.values import EncoderIdentity, Kind, damaged_vectors


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A collection as of one commit.

    encoder: the encoder of its vectors. spaces: the vectors by kind; those of words and wordpieces only if the
    collection keeps them; those of openings by note key. corrections: by kind, if vectors are corrected.
    """

    catalog: Catalog
    encoder: EncoderIdentity
    spaces: Mapping[Kind, Vectors]
    corrections: Mapping[Kind, Correction]

    def corrected(self, kind: Kind, vectors: FloatArray) -> FloatArray:
        """Return the encoder's vectors, (..., hidden_size), corrected to be comparable with those of a kind."""
        correction = self.corrections.get(kind)
        return correction.applied(vectors) if correction else vectors

    @property
    def sentences(self) -> Vectors:
        """The vectors of sentences."""
        return self.spaces["sentence"]

    @property
    def notes(self) -> Vectors:
        """The vectors of notes."""
        return self.spaces["note"]

    @property
    def has_words(self) -> bool:
        """Whether the collection keeps words."""
        return "word" in self.spaces

    def vectors_of(self, kind: Kind, keys: KeyArray) -> FloatArray:
        """Read vectors by their keys, (n, hidden_size). Raises CollectionDamaged."""
        if not len(keys):
            return np.empty((0, self.encoder.hidden_size), dtype=np.float32)
        try:
            return self.spaces[kind].of(keys)
        except KeyError:
            raise damaged_vectors() from None

"""The encoder that made a collection's vectors."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING

from clinsearch.encoder.checkpoint import Checkpoint, find_checkpoint
from clinsearch.encoder.pooling import as_pooling
from clinsearch.records.locations import Location
from clinsearch.storage.values import EncoderIdentity, require_encoder

if TYPE_CHECKING:
    from clinsearch.encoder.encoder import Encoder
    from clinsearch.encoder.tokenizer import Tokenizer


class OwnEncoder:
    """A collection's encoder, loaded when it is first needed; `model` is only needed where that is not where it was."""

    def __init__(self, location: Location, model: str | None, device: str) -> None:
        self._location, self._model, self._device = location, model, device
        self.loaded: Encoder | None = None
        self._lock = Lock()

    def checkpoint(self, owner: EncoderIdentity) -> Checkpoint:
        """Return its model's files."""
        return find_checkpoint(self._model or owner.model, as_pooling(owner.pooling), may_fetch=self._model is not None)

    def tokenizer(self, owner: EncoderIdentity) -> Tokenizer:
        """Return its model's tokenizer, which takes no loading of the model."""
        from clinsearch.encoder.tokenizer import Tokenizer

        return Tokenizer(self.checkpoint(owner))

    def load(self, owner: EncoderIdentity) -> Encoder:
        """Return it; threads that ask meanwhile wait. Raises ModelMismatch if it did not make the vectors."""
        # A command that needs no model should not wait for these.
        from clinsearch.encoder.encoder import Encoder
        from clinsearch.indexing.upkeep import identity_of

        with self._lock:
            if self.loaded is None:
                encoder = Encoder(self.checkpoint(owner), device=self._device)
                require_encoder(owner, identity_of(encoder), self._location)
                self.loaded = encoder
            return self.loaded

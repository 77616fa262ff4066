"""What a caller may ask of a collection's model: its vocab, its tokens, and what it is made of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clinsearch import inspection

if TYPE_CHECKING:
    from clinsearch.encoder.encoder import Encoder
    from clinsearch.indexing.own_encoder import OwnEncoder
    from clinsearch.inspection import Vocabulary
    from clinsearch.records.inspection import ModelDescription, NearEntry, TokenizedText
    from clinsearch.storage.port import Reader


class Anatomy:
    """The model of a collection."""

    _reader: Reader
    _encoder: OwnEncoder
    _vocabulary: Vocabulary | None = None

    def vocabulary(self) -> Vocabulary:
        """Return the vocab of the model, to look things up in; loads no weights."""
        if self._vocabulary is None:
            with self._reader.catalog() as (_, owner):
                self._vocabulary = inspection.Vocabulary(self._encoder.checkpoint(owner))
        return self._vocabulary

    def near_entries(self, token_id: int, k: int = 10) -> list[NearEntry]:
        """Return the k entries of the vocab whose static vectors are nearest to this one's. Raises InputError."""
        vocabulary = self.vocabulary()
        return vocabulary.nearest(vocabulary.by_id(token_id), self._model().embedding_matrix, k)

    def split(self, text: str) -> TokenizedText:
        """Split a text into tokens; loads no weights."""
        if self._encoder.loaded is not None:
            return inspection.split_text(self._encoder.loaded.tokenizer, text)
        with self._reader.catalog() as (_, owner):
            return inspection.split_text(self._encoder.tokenizer(owner), text)

    def take_apart(self, text: str) -> TokenizedText:
        """Split a text into tokens, each with its static and its contextual vector."""
        return inspection.take_apart(self._model(), text)

    def describe(self) -> ModelDescription:
        """Say what the model is made of."""
        return inspection.describe(self._model())

    def _model(self) -> Encoder:
        with self._reader.catalog() as (_, owner):
            return self._encoder.load(owner)

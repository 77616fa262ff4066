"""The tokenizer's vocab, to look things up in: by id, token, spelling, or nearness in the embedding matrix."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable

import numpy as np

from clinsearch.display import Results
from clinsearch.encoder.checkpoint import DEFAULT_MODEL, Checkpoint, find_checkpoint
from clinsearch.encoder.pooling import unit
from clinsearch.encoder.tokenizer import Tokenizer
from clinsearch.errors import InputError
from clinsearch.inspection.patterns import matches
from clinsearch.records import FloatArray
from clinsearch.records.inspection import NearEntry, VocabEntry


class Vocabulary:
    """All entries of a tokenizer's vocab; reads the tokenizer, not the model's weights."""

    def __init__(self, checkpoint: Checkpoint) -> None:
        self.name = checkpoint.name
        tokenizer = Tokenizer(checkpoint)
        self.special, self.unknown = tokenizer.special, tokenizer.unknown
        self._id_of = tokenizer.vocab
        self._token_of = {id: token for token, id in self._id_of.items()}
        self._sorted = sorted(self._id_of)

    def __len__(self) -> int:
        return len(self._id_of)

    def by_id(self, id: int) -> VocabEntry:
        """Look a token up by its id. Raises InputError."""
        if id not in self._token_of:
            raise InputError(f"No entry {id} in the vocab of {self.name}: ids go from 0 to {max(self._token_of)}.")
        return VocabEntry(id, self._token_of[id])

    def by_token(self, token: str) -> VocabEntry:
        """Look an id up by its token, as the vocab spells it. Raises InputError."""
        if token not in self._id_of:
            raise InputError(
                f"No such entry in the vocab of {self.name}. The tokenizer splits it: see `clinsearch tokens`."
            )
        return VocabEntry(self._id_of[token], token)

    def with_prefix(self, prefix: str) -> Results[VocabEntry]:
        """Return the entries that begin so, in alphabetical order."""
        found = Results[VocabEntry]()
        for token in self._sorted[bisect_left(self._sorted, prefix) :]:
            if not token.startswith(prefix):
                break
            found.append(VocabEntry(self._id_of[token], token))
        return found

    def containing(self, text: str) -> Results[VocabEntry]:
        """Return the entries that hold this text, in alphabetical order."""
        return self._where(lambda token: text in token)

    def matching(self, pattern: str) -> Results[VocabEntry]:
        """Return the entries in which a regular expression finds something, in alphabetical order.

        Raises InputError for what is no regular expression, and for one that takes, or could take, too long.
        """
        found = matches(pattern, self._sorted)
        return Results(VocabEntry(self._id_of[self._sorted[at]], self._sorted[at]) for at in found)

    def nearest(self, entry: VocabEntry, matrix: FloatArray, k: int = 10) -> list[NearEntry]:
        """Return the k other entries whose rows of the embedding matrix have the highest cosine with this one's.

        matrix: (vocab_size, hidden_size), an encoder's `embedding_matrix`. Raises InputError.
        """
        if k < 1:
            raise InputError(f"{k} entries cannot be given; ask for 1 or more.")
        if entry.id >= len(matrix):
            raise InputError(f"The embedding matrix of {self.name} has no row for entry {entry.id}.")
        ids = np.array([id for id in sorted(self._token_of) if id < len(matrix) and id != entry.id])
        cosines = unit(matrix[ids]) @ unit(matrix[entry.id])
        best = np.argsort(-cosines, kind="stable")[:k]
        return [NearEntry(int(ids[at]), self._token_of[int(ids[at])], float(cosines[at])) for at in best]

    def _where(self, wanted: Callable[[str], bool]) -> Results[VocabEntry]:
        return Results(VocabEntry(self._id_of[token], token) for token in self._sorted if wanted(token))


def load_vocabulary(model: str = DEFAULT_MODEL) -> Vocabulary:
    """Load the vocab of a model by its name; see `find_checkpoint` for the names. Raises ModelError."""
    return Vocabulary(find_checkpoint(model))

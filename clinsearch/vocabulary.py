"""The tokenizer's vocab, to look things up in by id, by token and by prefix."""

from __future__ import annotations

from bisect import bisect_left

from clinsearch.display import Results
from clinsearch.encoder.checkpoint import DEFAULT_MODEL, Checkpoint, find_checkpoint
from clinsearch.encoder.tokenizer import Tokenizer
from clinsearch.errors import InputError
from clinsearch.records import VocabEntry


class Vocabulary:
    """All entries of a tokenizer's vocab; reads the tokenizer, not the model's weights."""

    def __init__(self, checkpoint: Checkpoint) -> None:
        self.name = checkpoint.name
        self._id_of = Tokenizer(checkpoint).vocab
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


def load_vocabulary(model: str = DEFAULT_MODEL) -> Vocabulary:
    """Load the vocab of a model by its name; see `find_checkpoint` for the names. Raises ModelError."""
    return Vocabulary(find_checkpoint(model))

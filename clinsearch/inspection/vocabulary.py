"""The tokenizer's vocab, to look things up in: by id, token, spelling, or nearness in the embedding matrix."""

from __future__ import annotations

import re
import warnings
from bisect import bisect_left
from collections.abc import Callable

import numpy as np

from clinsearch.display import Results
from clinsearch.encoder.checkpoint import DEFAULT_MODEL, Checkpoint, find_checkpoint
from clinsearch.encoder.pooling import unit
from clinsearch.encoder.tokenizer import Tokenizer
from clinsearch.errors import InputError
from clinsearch.records import FloatArray
from clinsearch.records.inspection import NearEntry, VocabEntry

# What a regular expression is made of: escapes, classes of characters, openings of groups, single characters.
PATTERN_PARTS = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\(\??|\S", re.DOTALL)


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

        Raises InputError for what is no regular expression, and for one that could take for ever: that needs
        a repeat of a group that itself holds a repeat or a choice. Without these the time grows as a power of an
        entry's length, and entries are a few letters long.
        """
        found = _compiled(pattern).search
        return self._where(lambda token: found(token) is not None)

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


def _compiled(pattern: str) -> re.Pattern[str]:
    if _repeats_a_repeat(pattern):
        raise InputError(
            "The regular expression repeats a group that itself holds a repeat or a choice, which can take for ever. "
            "Write it without, such as [ab]+ for (a|b)+."
        )
    try:
        with warnings.catch_warnings(action="ignore", category=FutureWarning):
            return re.compile(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        raise InputError(f"The regular expression cannot be read: {_reason(error)}.") from None


def _reason(error: Exception) -> str:
    if isinstance(error, re.error):
        where = "" if error.pos is None else f" at position {error.pos}"
        return error.msg + where
    return "it repeats too often or is too deep"


def _repeats_a_repeat(pattern: str) -> bool:
    """Tell whether a group that holds a repeat or a choice is itself repeated."""
    holds, closed = [False], False
    for part in PATTERN_PARTS.findall(pattern):
        if part in ("*", "+", "{") and closed:
            return True
        closed = False
        if part in ("(", "(?"):
            holds.append(False)
        elif part == ")" and len(holds) > 1:
            closed = holds.pop()
            holds[-1] |= closed
        elif part in ("*", "+", "{", "?", "|"):
            holds[-1] = True
    return False

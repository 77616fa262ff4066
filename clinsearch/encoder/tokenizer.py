"""A checkpoint's tokenizer: from texts to token ids and back to the places in the text. Needs no weights."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from clinsearch.encoder.checkpoint import Checkpoint
from clinsearch.encoder.loading import load_tokenizer
from clinsearch.errors import InputError
from clinsearch.records import Token


class Tokenizer:
    """Splits texts of any length into tokens, uncut.

    `prefix` and `suffix` are the ids of the special tokens that it puts around a text, `max_tokens` how many
    tokens its settings say the model takes at once; `unknown` is the id that stands for what the vocab cannot
    spell, `special` the ids that stand for no text.
    """

    def __init__(self, checkpoint: Checkpoint) -> None:
        self._tokenizer, self.max_tokens = load_tokenizer(checkpoint)
        self.prefix, self.suffix = _special_ids(self._tokenizer)
        self.padding: int = self._tokenizer.pad_token_id or 0
        self.unknown: int | None = self._tokenizer.unk_token_id
        self.special: frozenset[int] = frozenset(self._tokenizer.all_special_ids) - {self.unknown}

    @property
    def vocab(self) -> dict[str, int]:
        """Every token of the vocab with its id."""
        vocab: dict[str, int] = self._tokenizer.get_vocab()
        return vocab

    def spelt(self, ids: Sequence[int]) -> str:
        """Return the text that tokens stand for, as far as the vocab keeps it: without capitals, if it has none."""
        text: str = self._tokenizer.decode(list(ids), clean_up_tokenization_spaces=False)
        return text.strip()

    def ids(self, texts: Sequence[str]) -> list[list[int]]:
        """Return the token ids of each text, special tokens left out."""
        if not texts:  # transformers' tokenizers take no empty list
            return []
        for text in texts:
            require_whole_characters(text)
        ids: list[list[int]] = self._tokenizer(
            list(texts), add_special_tokens=False, return_attention_mask=False, return_token_type_ids=False
        )["input_ids"]
        return ids

    def tokens(self, text: str) -> tuple[Token, ...]:
        """Return a text's tokens with their places in it, special tokens included."""
        require_whole_characters(text)
        encoding = self._tokenizer(text, add_special_tokens=False, return_offsets_mapping=True)
        pieces = zip(encoding["input_ids"], encoding["offset_mapping"], encoding.word_ids(), strict=True)
        name = self._tokenizer.convert_ids_to_tokens
        return (
            *(Token(id, name(id), 0, 0, None) for id in self.prefix),
            *(Token(id, name(id), start, end, word) for id, (start, end), word in pieces),
            *(Token(id, name(id), len(text), len(text), None) for id in self.suffix),
        )


def require_whole_characters(text: str) -> None:
    """Raise InputError for a text that cannot be written as UTF-8, as an argument in another encoding cannot."""
    try:
        text.encode()
    except UnicodeEncodeError:
        raise InputError("A text given is not valid UTF-8. Check the encoding of the terminal or file.") from None


def _special_ids(tokenizer: Any) -> tuple[list[int], list[int]]:
    """Return the ids that the tokenizer puts before and after a text."""
    plain = tokenizer("a", add_special_tokens=False)["input_ids"]
    framed = tokenizer("a", add_special_tokens=True)["input_ids"]
    start = next(i for i in range(len(framed)) if framed[i : i + len(plain)] == plain)
    return framed[:start], framed[start + len(plain) :]

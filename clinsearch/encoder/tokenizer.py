"""A checkpoint's tokenizer: from texts to token ids and back to offsets in the text. Needs no weights."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from tokenizers import Encoding
from tokenizers import Tokenizer as BackendTokenizer

from clinsearch.encoder.checkpoint import Checkpoint
from clinsearch.encoder.prepared import ModelFacts, Preparation
from clinsearch.errors import InputError
from clinsearch.records import Token


class Tokenizer:
    """Splits texts of any length into tokens, without truncation.

    `prefix` and `suffix`: the ids of the special tokens that it puts around a text; `unknown`: the id for what the
    vocab cannot spell; `special`: the ids of all special tokens.
    """

    def __init__(self, checkpoint: Checkpoint) -> None:
        self.facts, self._tokenizer = Preparation(checkpoint).facts(lambda: _made(checkpoint))
        checkpoint.require_published(self.facts.hashes)
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()
        self.prefix, self.suffix = list(self.facts.prefix), list(self.facts.suffix)
        self.padding, self.unknown = self.facts.padding, self.facts.unknown
        self.special = frozenset(self.facts.special)
        self._framing = [str(self._tokenizer.id_to_token(id)) for id in self.prefix + self.suffix]

    @property
    def vocab(self) -> dict[str, int]:
        """Every token of the vocab with its id."""
        return self._tokenizer.get_vocab(with_added_tokens=True)

    def spelt(self, ids: Sequence[int]) -> str:
        """Return the text of tokens as the vocab has it: in lower case if the vocab is."""
        return self._tokenizer.decode(list(ids), skip_special_tokens=False).strip()

    def ids(self, texts: Sequence[str]) -> list[list[int]]:
        """Return the token ids of each text, special tokens left out."""
        return [encoding.ids for encoding in self._encodings(texts)]

    def tokens(self, text: str) -> tuple[Token, ...]:
        """Return a text's tokens with their places in it, special tokens included."""
        return self.tokens_of([text])[0]

    def tokens_of(self, texts: Sequence[str]) -> list[tuple[Token, ...]]:
        """Return the tokens of each text, as `tokens` does."""
        return [self._framed(text, encoding) for text, encoding in zip(texts, self._encodings(texts), strict=True)]

    def opening(self, text: str, most: int) -> str:
        """Return the first `most` tokens of a text, as text with single spaces between words."""
        words = " ".join(text.split(maxsplit=most)[:most])
        (encoding,) = self._encodings([words])
        return words if len(encoding.ids) <= most else words[: encoding.offsets[most - 1][1]]

    def _encodings(self, texts: Sequence[str]) -> list[Encoding]:
        for text in texts:
            require_whole_characters(text)
        return self._tokenizer.encode_batch(list(texts), add_special_tokens=False)

    def _framed(self, text: str, encoding: Encoding) -> tuple[Token, ...]:
        pieces = zip(encoding.ids, encoding.tokens, encoding.offsets, encoding.word_ids, strict=True)
        before, end = len(self.prefix), len(text)
        return (
            *(Token(id, name, 0, 0, None) for id, name in zip(self.prefix, self._framing, strict=False)),
            *(Token(id, name, start, stop, word) for id, name, (start, stop), word in pieces),
            *(Token(id, name, end, end, None) for id, name in zip(self.suffix, self._framing[before:], strict=True)),
        )


def require_whole_characters(text: str) -> None:
    """Raise InputError for a text that cannot be encoded in UTF-8, such as an argument in another encoding."""
    try:
        text.encode()
    except UnicodeEncodeError:
        raise InputError("A text given is not valid UTF-8. Check the encoding of the terminal or file.") from None


def _made(checkpoint: Checkpoint) -> tuple[ModelFacts, BackendTokenizer]:
    """Derive the facts about tokenizer and config with `transformers`."""
    from clinsearch.encoder.loading import load_config, load_tokenizer, token_limit

    tokenizer, limit = load_tokenizer(checkpoint)
    config = load_config(checkpoint)
    prefix, suffix = _special_ids(tokenizer)
    unknown: int | None = tokenizer.unk_token_id
    facts = ModelFacts(
        hashes=checkpoint.hashes(),
        hidden_size=config.hidden_size,
        num_hidden_layers=config.num_hidden_layers,
        num_attention_heads=getattr(config, "num_attention_heads", None),
        max_tokens=token_limit(checkpoint, limit, config),
        prefix=prefix,
        suffix=suffix,
        padding=tokenizer.pad_token_id or 0,
        unknown=unknown,
        special=tuple(sorted(set(tokenizer.all_special_ids) - {unknown})),
        config=json.loads(config.to_json_string(use_diff=False)),
    )
    return facts, tokenizer.backend_tokenizer


def _special_ids(tokenizer: Any) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return the ids that the tokenizer puts before and after a text."""
    plain = tokenizer("a", add_special_tokens=False)["input_ids"]
    framed = tokenizer("a", add_special_tokens=True)["input_ids"]
    start = next(i for i in range(len(framed)) if framed[i : i + len(plain)] == plain)
    return tuple(framed[:start]), tuple(framed[start + len(plain) :])

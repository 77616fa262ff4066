"""Encodes texts into vectors, and takes a text apart into its tokens and their vectors."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from functools import cached_property, partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from clinsearch.encoder.checkpoint import DEFAULT_MODEL, Checkpoint, find_checkpoint
from clinsearch.encoder.choice import open_engine, open_torch, require_room
from clinsearch.encoder.correction import Correction
from clinsearch.encoder.pooling import PooledTexts, Pooling, pooled_shares, unit
from clinsearch.encoder.protocol import Engine, EngineName, LayerStates, TokenBatch
from clinsearch.encoder.stitching import Frame, Stitched, part_of
from clinsearch.encoder.threads import one_numpy_thread
from clinsearch.encoder.together import Together
from clinsearch.encoder.tokenizer import Tokenizer
from clinsearch.encoder.windows import Window, batches, windows_of
from clinsearch.encoder.words import (
    TextWords,
    WordLayout,
    WordStates,
    marked_span,
    split_words,
    word_layer,
    word_layout,
    word_map,
    word_vectors,
)
from clinsearch.records import FloatArray, TextEmbedding, Token

BATCHES_OF_FEW = 4


OPENING_TOKENS = 256
# Part of the fingerprint. It once was the version of the segmentation; existing collections depend on the value.
FINGERPRINT_FORM = "1"


class Encoder:
    """A tokenizer, a transformer and a pooling: from a text to its vector.

    Holds the model's weights, frozen; safe to use from several threads.
    """

    def __init__(self, checkpoint: Checkpoint, *, device: str = "auto", engine: EngineName = "auto") -> None:
        """Open a checkpoint. Raises ModelError, NotEnoughMemory; see `open_engine`."""
        require_room(checkpoint)
        self.checkpoint = checkpoint
        self.pooling: Pooling = checkpoint.pooling
        self.tokenizer = Tokenizer(checkpoint)
        self._facts = self.tokenizer.facts
        self._engine = open_engine(checkpoint, self._facts, name=engine, device=device)
        self._word_map = word_map(checkpoint)
        self._prefix, self._suffix = self.tokenizer.prefix, self.tokenizer.suffix
        self._frame = Frame(len(self._prefix), len(self._suffix))
        self._together = Together(partial(self.encode, bulk=True))

    @property
    def engine(self) -> EngineName:
        """The engine that runs the transformer."""
        return self._engine.name

    @property
    def hidden_size(self) -> int:
        """The width of every vector."""
        return self._facts.hidden_size

    @property
    def max_tokens(self) -> int:
        """How many tokens, special ones included, the transformer takes at once."""
        return self._facts.max_tokens

    @property
    def config(self) -> dict[str, Any]:
        """The model's own configuration, as JSON values."""
        return self._facts.config

    @property
    def parameters(self) -> int:
        """How many weights the transformer has."""
        return self._engine.parameters

    @property
    def num_hidden_layers(self) -> int:
        """How many layers the transformer has."""
        return self._facts.num_hidden_layers

    @property
    def num_attention_heads(self) -> int | None:
        """How many attention heads each layer has, None if the config doesn't say."""
        return self._facts.num_attention_heads

    @cached_property
    def embedding_matrix(self) -> FloatArray:
        """The static vector of every entry of the vocab, (vocab_size, hidden_size)."""
        matrix = self._engine.static_vectors()
        matrix.flags.writeable = False
        return matrix

    def fingerprint(self) -> str:
        """Hash everything that determines the vectors of texts: weights, config, tokenizer and pooling."""
        digest = hashlib.sha256()
        for name, of_file in self._facts.hashes:
            digest.update(f"{name}\0{of_file}\0".encode())
        digest.update(f"{self.pooling}\0{self.checkpoint.max_tokens}\0{FINGERPRINT_FORM}".encode())
        return digest.hexdigest()

    def encode(self, texts: Sequence[str], *, bulk: bool = False) -> FloatArray:
        """Encode texts into vectors of unit length, (n, hidden_size).

        A text too long for the model goes through in overlapping windows, every token counted once. `bulk` asks for the
        fastest precision on this machine; the cosine with the vectors without it is at least 0.999.
        """
        found = PooledTexts(len(texts), self.hidden_size, self.pooling)
        token_ids = self.tokenizer.ids(texts)
        for windows, (last,) in self._window_states(token_ids, [self.num_hidden_layers], bulk=bulk):
            special, _ = self._frame.rows([window.end - window.start for window in windows], last.shape[1])
            is_own = self._frame.own_rows(windows, last.shape[1])
            shares = [part_of(window, len(token_ids[window.text])) for window in windows]
            found.add([window.text for window in windows], last, special, is_own, shares)
        return found.vectors()

    def encode_query(self, text: str) -> FloatArray:
        """Encode one text as `encode` in bulk, (hidden_size,), in one batch with those that other threads ask for."""
        return self._together.encode(text)

    def opening(self, text: str) -> str:
        """Return the opening of a text: as many tokens as all-MiniLM-L6-v2 was trained on at once."""
        special = len(self._prefix) + len(self._suffix)
        return self.tokenizer.opening(text, min(OPENING_TOKENS, self.max_tokens) - special)

    def encode_words(self, texts: Sequence[str], *, bulk: bool = False) -> tuple[FloatArray, list[TextWords]]:
        """Encode texts as `encode` does, and also each of their words in its context."""
        found = PooledTexts(len(texts), self.hidden_size, self.pooling)
        layouts = [word_layout(*both) for both in zip(texts, self.tokenizer.tokens_of(texts), strict=True)]
        words: dict[int, TextWords] = {}
        token_ids = [layout.token_ids.tolist() for layout in layouts]
        with one_numpy_thread():
            for positions, (middle, last) in self._text_states(token_ids, self._word_layers, bulk=bulk):
                special, is_token = self._frame.rows([len(token_ids[at]) for at in positions], last.shape[1])
                found.add(positions, last, special, is_token)
                of_texts = [layouts[at] for at in positions]
                words |= zip(positions, self._words_of(of_texts, middle, last, special | ~is_token), strict=True)
        return found.vectors(), [words[position] for position in range(len(texts))]

    def embed(self, text: str, correction: Correction | None = None) -> TextEmbedding:
        """Take a text apart: its tokens, their contextual and static vectors, and the pooled vector.

        With a `correction` the parts and the vector are corrected.
        """
        tokens = self.tokenizer.tokens(text)
        (last,) = self._states_of(text, [self.num_hidden_layers])
        shares = pooled_shares(last, _special(tokens), self.pooling)
        parts: FloatArray = last * shares
        return self._embedding(text, tokens, last, correction.parts(parts, shares) if correction else parts)

    def embed_word(self, text: str, start: int, end: int) -> TextEmbedding:
        """Take apart the vector of the word, or words, between two offsets of a text.

        As `embed`, but `vector` is the word's, and `parts` are the tokens' parts in it, (tokens, width). Raises
        InputError if there is no word.
        """
        tokens = self.tokenizer.tokens(text)
        first, last_token = marked_span(tokens, start, end)
        middle, last = self._states_of(text, self._word_layers)
        states = WordStates(middle, last, _special(tokens), self._word_map)
        return self._embedding(text, tokens, last, states.parts(first, last_token))

    @property
    def word_width(self) -> int:
        """The width of words' vectors."""
        return 2 * self.hidden_size if self._word_map is None else self._word_map.shape[1]

    def layers(self, text: str) -> FloatArray:
        """Return the hidden states of one text after every layer, (layers + 1, tokens, hidden_size).

        Layer 0 is the input of the first layer: word, position and type embeddings, added and normalised. The last is
        `last_hidden_state`. A long text goes through in windows, as in `embed`.
        """
        return next(self.layers_of([text]))[1]

    def layers_of(self, texts: Sequence[str], layers: Sequence[int] | None = None) -> Iterator[tuple[int, FloatArray]]:
        """Yield each text's position and hidden states, as `layers` does; in batches, the longest texts first.

        With `layers`, only the states after these, (len(layers), tokens, hidden_size).
        """
        token_ids = self.tokenizer.ids(texts)
        wanted = range(self.num_hidden_layers + 1) if layers is None else layers
        for positions, states in self._text_states(token_ids, wanted):
            for row, position in enumerate(positions):
                rows = len(self._prefix) + len(token_ids[position]) + len(self._suffix)
                yield position, np.stack([of_layer[row, :rows] for of_layer in states])

    @property
    def _word_layers(self) -> tuple[int, int]:
        return word_layer(self.num_hidden_layers), self.num_hidden_layers

    @cached_property
    def _reference(self) -> Engine:
        return self._engine if self._engine.name == "torch" else open_torch(self.checkpoint)

    def _words_of(
        self, layouts: Sequence[WordLayout], middle: FloatArray, last: FloatArray, special: NDArray[np.bool_]
    ) -> list[TextWords]:
        """Return the words of a batch of texts as collections keep them; special: (batch, width), includes padding."""
        spans = [np.concatenate([layout.words, layout.pieces]) for layout in layouts]
        return split_words(layouts, word_vectors(middle, last, special, spans, self._word_map))

    def _embedding(
        self, text: str, tokens: tuple[Token, ...], last_hidden_state: FloatArray, parts: FloatArray
    ) -> TextEmbedding:
        return TextEmbedding(
            text=text,
            tokens=tokens,
            last_hidden_state=last_hidden_state,
            static=np.array(self.embedding_matrix[[token.id for token in tokens]]),
            parts=parts,
            vector=unit(parts.sum(axis=0)),
        )

    def _states_of(self, text: str, layers: Sequence[int]) -> FloatArray:
        """Return one text's hidden states after these layers, (len(layers), tokens, hidden_size)."""
        return next(self.layers_of([text], layers))[1]

    def _text_states(
        self, token_ids: Sequence[Sequence[int]], layers: Sequence[int], *, bulk: bool = False
    ) -> Iterator[tuple[list[int], LayerStates]]:
        """Yield the positions and hidden states of a batch of texts at a time, valid until the next.

        States have a row for each token, special ones included, and may have more, of padding. A text that goes through
        in windows is a batch of its own.
        """
        seen: dict[int, Stitched] = {}
        for group, states in self._window_states(token_ids, layers, bulk=bulk):
            whole = [row for row, window in enumerate(group) if window.is_first and window.is_last]
            if whole:
                is_all = len(whole) == len(group)
                yield [group[row].text for row in whole], states if is_all else [layer[whole] for layer in states]
            for row in sorted(set(range(len(group))) - set(whole)):
                text = group[row].text
                if group[row].is_first:
                    shape = len(states), self.hidden_size
                    seen[text] = Stitched(self._frame, len(token_ids[text]), shape, self.pooling)
                seen[text].add(group[row], [layer[row] for layer in states])
                if group[row].is_last:
                    yield [text], seen.pop(text).layers

    def _window_states(
        self, token_ids: Sequence[Sequence[int]], layers: Sequence[int], *, bulk: bool
    ) -> Iterator[tuple[list[Window], LayerStates]]:
        """Yield windows and their hidden states, a batch at a time, valid until the next; a text's windows in order."""
        limit = self.max_tokens - len(self._prefix) - len(self._suffix)
        windows = [window for at, ids in enumerate(token_ids) for window in windows_of(at, len(ids), limit)]
        engine = self._engine if self._engine.runs(layers) else self._reference
        groups = [[windows[at] for at in group] for group in self._batches(windows, engine.tokens_per_batch)]
        running = engine.run((self._batch(group, token_ids) for group in groups), layers, bulk=bulk)
        yield from zip(groups, running, strict=True)

    def _batches(self, windows: Sequence[Window], tokens_per_batch: int) -> Iterator[list[int]]:
        """Group windows; a few of very different widths in small groups, or most of the work would be padding."""
        widths = [self._frame.width(window) for window in windows]
        return batches(widths, min(tokens_per_batch, max(widths, default=0) + sum(widths) // BATCHES_OF_FEW))

    def _batch(self, windows: Sequence[Window], token_ids: Sequence[Sequence[int]]) -> TokenBatch:
        """Make a batch of windows, padded to the longest: ids and attention mask, (windows, longest) each."""
        width = max(self._frame.width(window) for window in windows)
        input_ids = np.full((len(windows), width), self.tokenizer.padding, dtype=np.int64)
        mask = np.zeros((len(windows), width), dtype=np.int64)
        for row, window in enumerate(windows):
            ids = [*self._prefix, *token_ids[window.text][window.start : window.end], *self._suffix]
            input_ids[row, : len(ids)] = ids
            mask[row, : len(ids)] = 1
        return input_ids, mask


def load_encoder(
    model: str = DEFAULT_MODEL,
    *,
    pooling: Pooling | None = None,
    device: str = "auto",
    engine: EngineName = "auto",
    may_fetch: bool = True,
) -> Encoder:
    """Load an encoder by the model's name; see `find_checkpoint` for the names, and `may_fetch`. Raises ModelError."""
    return Encoder(find_checkpoint(model, pooling, may_fetch=may_fetch), device=device, engine=engine)


def _special(tokens: Sequence[Token]) -> NDArray[np.bool_]:
    return np.array([token.word is None for token in tokens])

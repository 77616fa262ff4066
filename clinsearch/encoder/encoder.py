"""Turns texts into vectors, and takes any text apart into its tokens and their vectors."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from clinsearch.encoder.checkpoint import DEFAULT_MODEL, Checkpoint, find_checkpoint
from clinsearch.encoder.loading import load_model, token_limit
from clinsearch.encoder.pooling import Pooling, pooled_parts, unit
from clinsearch.encoder.tokenizer import Tokenizer
from clinsearch.encoder.windows import Window, batches, windows_of
from clinsearch.encoder.words import TextWords, WordStates, marked_span, text_words, word_layer, word_map
from clinsearch.records import FloatArray, TextEmbedding, Token

# Measured on two cores: wider batches fall out of the processor's cache and are slower.
TOKENS_PER_BATCH = 2048
BATCHES_OF_FEW = 4


class Encoder:
    """A tokenizer, a transformer and a pooling: from a text to its vector.

    Holds the model's weights, frozen; safe to use from several threads.
    """

    def __init__(self, checkpoint: Checkpoint, *, device: str = "auto") -> None:
        self.checkpoint = checkpoint
        self.pooling: Pooling = checkpoint.pooling
        self.device = torch.device(_best_device() if device == "auto" else device)
        self.tokenizer = Tokenizer(checkpoint)
        self._model = load_model(checkpoint, self.device)
        self.max_tokens = token_limit(checkpoint, self.tokenizer.max_tokens, self._model.config)
        self._word_map = word_map(checkpoint.name)
        self._prefix, self._suffix = self.tokenizer.prefix, self.tokenizer.suffix
        self._window = self.max_tokens - len(self._prefix) - len(self._suffix)

    @property
    def hidden_size(self) -> int:
        """The width of every vector."""
        return int(self._model.config.hidden_size)

    @property
    def config(self) -> dict[str, Any]:
        """The model's own configuration, as JSON values."""
        values: dict[str, Any] = json.loads(self._model.config.to_json_string(use_diff=False))
        return values

    @property
    def parameters(self) -> int:
        """How many weights the transformer has."""
        return sum(weights.numel() for weights in self._model.parameters())

    @property
    def num_hidden_layers(self) -> int:
        """How many layers the transformer has."""
        return int(self._model.config.num_hidden_layers)

    @property
    def num_attention_heads(self) -> int | None:
        """How many heads of attention each layer has, if the config says."""
        heads: int | None = getattr(self._model.config, "num_attention_heads", None)
        return heads

    @property
    def embedding_matrix(self) -> FloatArray:
        """The static vector of every entry of the vocab, (vocab_size, hidden_size)."""
        matrix: FloatArray = self._static_vectors().numpy(force=True)
        matrix.flags.writeable = False
        return matrix

    def encode(self, texts: Sequence[str]) -> FloatArray:
        """Encode texts into vectors of unit length, (n, hidden_size).

        A text longer than the model takes goes through in overlapping windows, every token counted once.
        """
        if not texts:
            return np.zeros((0, self.hidden_size), dtype=np.float32)
        token_ids = self.tokenizer.ids(texts)
        windows = [w for i, ids in enumerate(token_ids) for w in windows_of(i, len(ids), self._window)]
        empty = -np.inf if self.pooling == "max" else 0.0
        pooled = torch.full((len(texts), self.hidden_size), empty, device=self.device)
        for batch in self._batches(windows):
            self._pool_into(pooled, [windows[i] for i in batch], token_ids)
        return unit(pooled.nan_to_num(neginf=0.0).numpy(force=True))

    def embed(self, text: str) -> TextEmbedding:
        """Take one text apart: its tokens, their contextual and static vectors, and the pooled vector."""
        tokens = self.tokenizer.tokens(text)
        states = self._stitched_states(self._text_ids(tokens))
        return self._embedding(text, tokens, states, pooled_parts(states, _special(tokens), self.pooling))

    def encode_words(self, texts: Sequence[str]) -> tuple[FloatArray, list[TextWords]]:
        """Encode texts as `encode` does, and each of their words in its context beside."""
        vectors = np.zeros((len(texts), self.hidden_size), dtype=np.float32)
        words: dict[int, TextWords] = {}
        for position, states in self.layers_of(texts, self._word_layers):
            tokens = self.tokenizer.tokens(texts[position])
            of_words = self._word_states(tokens, states)
            vectors[position] = pooled_parts(of_words.last, of_words.special, self.pooling).sum(axis=0)
            words[position] = text_words(texts[position], tokens, of_words)
        return unit(vectors), [words[position] for position in range(len(texts))]

    def embed_word(self, text: str, start: int, end: int) -> TextEmbedding:
        """Take the vector of the word, or words, between two places of a text apart.

        As `embed`, but `parts` are the tokens' parts in the word's vector, (tokens, width), and `vector` is that.
        Raises InputError if no word stands there.
        """
        tokens = self.tokenizer.tokens(text)
        first, last = marked_span(tokens, start, end)
        (states,) = (states for _, states in self.layers_of([text], self._word_layers))
        return self._embedding(text, tokens, states[1], self._word_states(tokens, states).parts(first, last))

    @property
    def word_width(self) -> int:
        """The width of words' vectors."""
        return 2 * self.hidden_size if self._word_map is None else self._word_map.shape[1]

    @property
    def _word_layers(self) -> tuple[int, int]:
        return word_layer(self.num_hidden_layers), self.num_hidden_layers

    def _word_states(self, tokens: Sequence[Token], states: FloatArray) -> WordStates:
        return WordStates(states[0], states[1], _special(tokens), self._word_map)

    def _text_ids(self, tokens: Sequence[Token]) -> list[int]:
        return [token.id for token in tokens[len(self._prefix) : len(tokens) - len(self._suffix)]]

    def _embedding(
        self, text: str, tokens: tuple[Token, ...], last_hidden_state: FloatArray, parts: FloatArray
    ) -> TextEmbedding:
        return TextEmbedding(
            text=text,
            tokens=tokens,
            last_hidden_state=last_hidden_state,
            static=self._static_vectors()[[token.id for token in tokens]].numpy(force=True),
            parts=parts,
            vector=unit(parts.sum(axis=0)),
        )

    def layers(self, text: str) -> FloatArray:
        """Return the hidden states of one text after every layer, (layers + 1, tokens, hidden_size).

        Layer 0 is what goes into the first: word, position and type embeddings added up and normalised. The
        last is `last_hidden_state`. A long text goes through in windows, as in `embed`.
        """
        return next(self.layers_of([text]))[1]

    def layers_of(self, texts: Sequence[str], layers: Sequence[int] | None = None) -> Iterator[tuple[int, FloatArray]]:
        """Give each text's position and hidden states as `layers` does, texts in batches, the longest first.

        With `layers`, the states after these alone, (len(layers), tokens, hidden_size).
        """
        token_ids = self.tokenizer.ids(texts)
        windows = [w for i, ids in enumerate(token_ids) for w in windows_of(i, len(ids), self._window)]
        seen: defaultdict[int, list[tuple[Window, FloatArray]]] = defaultdict(list)
        for batch in self._batches(windows):
            output = self._output([windows[i] for i in batch], token_ids, output_hidden_states=True)
            of_layers = output.hidden_states if layers is None else [output.hidden_states[n] for n in layers]
            states: FloatArray = torch.stack(of_layers, dim=1).numpy(force=True)
            for window, of_window in zip((windows[i] for i in batch), states, strict=True):
                seen[window.text].append((window, of_window))
                if window.is_last:
                    yield window.text, self._stitched(seen.pop(window.text), len(token_ids[window.text]))

    def _static_vectors(self) -> torch.Tensor:
        embeddings: Any = self._model.get_input_embeddings()
        weights: torch.Tensor = embeddings.weight
        return weights

    def _batches(self, windows: Sequence[Window]) -> Iterator[list[int]]:
        """Group windows; few of very different widths in small groups, or most of what is computed were padding."""
        widths = [self._width(window) for window in windows]
        return batches(widths, min(TOKENS_PER_BATCH, max(widths, default=0) + sum(widths) // BATCHES_OF_FEW))

    def _width(self, window: Window) -> int:
        return window.end - window.start + len(self._prefix) + len(self._suffix)

    def _pool_into(self, pooled: torch.Tensor, windows: list[Window], token_ids: list[list[int]]) -> None:
        """Add what the windows' tokens bring to the pooled vectors of their texts.

        The mean's division is left out: vectors are scaled to unit length at the end.
        """
        states = self._hidden_states(windows, token_ids)
        shares = np.zeros(states.shape[:2], dtype=np.float32)
        for row, window in enumerate(windows):
            share = self._shares(window, len(token_ids[window.text]))
            shares[row, : len(share)] = share
        weights = torch.from_numpy(shares).to(self.device)
        texts = torch.tensor([window.text for window in windows], device=self.device)
        if self.pooling == "max":
            highest = states.masked_fill((weights == 0).unsqueeze(-1), -np.inf).amax(dim=1)
            pooled.scatter_reduce_(0, texts.unsqueeze(1).expand_as(highest), highest, "amax")
        else:
            pooled.index_add_(0, texts, torch.einsum("bt,bth->bh", weights, states))

    def _hidden_states(self, windows: list[Window], token_ids: list[list[int]]) -> torch.Tensor:
        """Return last_hidden_state of windows, (windows, longest, hidden_size)."""
        states: torch.Tensor = self._output(windows, token_ids).last_hidden_state
        return states

    def _output(self, windows: list[Window], token_ids: list[list[int]], **wanted: bool) -> Any:
        """Run windows, padded to the longest, through the transformer."""
        width = max(self._width(window) for window in windows)
        padding = self.tokenizer.padding
        input_ids = np.full((len(windows), width), padding, dtype=np.int64)
        mask = np.zeros((len(windows), width), dtype=np.int64)
        for row, window in enumerate(windows):
            ids = [*self._prefix, *token_ids[window.text][window.start : window.end], *self._suffix]
            input_ids[row, : len(ids)] = ids
            mask[row, : len(ids)] = 1
        with torch.inference_mode():
            return self._model(
                input_ids=torch.from_numpy(input_ids).to(self.device),
                attention_mask=torch.from_numpy(mask).to(self.device),
                **wanted,
            )

    def _shares(self, window: Window, tokens: int) -> FloatArray:
        """Return with which weight each row of a window's hidden states counts for its text, (rows,).

        A text has one row a token whatever the number of windows. The first window answers for the
        special tokens before the text, the last for those after it; where pooling rests on the first
        token alone (`cls`), that row is the windows' mean by the tokens they own.
        """
        shares = np.zeros(self._width(window), dtype=np.float32)
        if self.pooling == "cls":
            shares[0] = (window.own_end - window.own_start) / tokens if tokens else 1
            return shares
        before = len(self._prefix)
        shares[before + window.own_start - window.start : before + window.own_end - window.start] = 1
        if self.pooling != "mean-without-special":
            shares[:before] = window.is_first
            shares[len(shares) - len(self._suffix) :] = window.is_last
        return shares

    def _stitched_states(self, ids: list[int]) -> FloatArray:
        """Return last_hidden_state of a whole text, (tokens, hidden_size), special tokens included."""
        windows = windows_of(0, len(ids), self._window)
        seen = [(window, self._hidden_states([window], [ids])[0].numpy(force=True)) for window in windows]
        return self._stitched(seen, len(ids))

    def _stitched(self, seen: list[tuple[Window, FloatArray]], tokens: int) -> FloatArray:
        """Put the states of a text's windows, (..., rows, hidden_size), together: one row a token of the text."""
        before, after = len(self._prefix), len(self._suffix)
        leading = seen[0][1].shape[:-2]
        stitched = np.zeros((*leading, before + tokens + after, self.hidden_size), dtype=np.float32)
        for window, states in seen:
            own = slice(before + window.own_start, before + window.own_end)
            stitched[..., own, :] = states[..., own.start - window.start : own.stop - window.start, :]
            if self.pooling == "cls":
                stitched[..., 0, :] += self._shares(window, tokens)[0] * states[..., 0, :]
            elif window.is_first:
                stitched[..., :before, :] = states[..., :before, :]
            if window.is_last and after:
                end = self._width(window)
                stitched[..., -after:, :] = states[..., end - after : end, :]
        return stitched


def load_encoder(model: str = DEFAULT_MODEL, *, pooling: Pooling | None = None, device: str = "auto") -> Encoder:
    """Load an encoder by the model's name; see `find_checkpoint` for the names. Raises ModelError."""
    return Encoder(find_checkpoint(model, pooling), device=device)


def _special(tokens: Sequence[Token]) -> NDArray[np.bool_]:
    return np.array([token.word is None for token in tokens])


def _best_device() -> str:
    return "cuda" if torch.cuda.is_available() else "cpu"

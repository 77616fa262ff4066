"""Tokens, vocab entries and models for reading in a terminal."""

from __future__ import annotations

from collections.abc import Sequence

from rich.table import Table
from rich.text import Text

from clinsearch.records import FloatArray, ModelDescription, TextEmbedding, Token, VocabEntry
from clinsearch.rendering.terminal import columns, write

# How much of a vector fits beside a token.
DIMENSIONS_SHOWN = 3


def print_tokens(tokens: Sequence[Token]) -> None:
    """Show tokens with their ids and places."""
    table = _with_heads("position", "id", "token", "start", "end", "word")
    for position, token in enumerate(tokens):
        table.add_row(*_token_cells(position, token))
    write(table)


def print_embedding(embedding: TextEmbedding) -> None:
    """Show tokens with the beginnings of their static and contextual vectors, and the arrays' shapes."""
    table = _with_heads("position", "id", "token", "start", "end", "word", "static", "contextual")
    for position, token in enumerate(embedding.tokens):
        static = _beginning(embedding.static[position])
        contextual = _beginning(embedding.last_hidden_state[position])
        table.add_row(*_token_cells(position, token), static, contextual)
    write(table)
    tokens, hidden_size = embedding.last_hidden_state.shape
    write(f"last_hidden_state (1, {tokens}, {hidden_size}); pooled {_beginning(embedding.vector)}")


def print_vocab(entries: Sequence[VocabEntry]) -> None:
    """Show entries of a vocab."""
    table = _with_heads("id", "token")
    for entry in entries:
        table.add_row(str(entry.id), Text(entry.token))
    write(table if entries else "No entry begins so.")


def print_model(model: ModelDescription) -> None:
    """Show what a model is made of."""
    vocab_size, hidden_size = model.embedding_matrix
    table = columns(count=2)
    table.add_row("model", model.model)
    table.add_row("folder", model.folder)
    table.add_row("parameters", f"{model.parameters:,}")
    table.add_row("embedding matrix", f"({vocab_size}, {hidden_size}): vocab_size, hidden_size")
    table.add_row("longest input", f"{model.max_tokens} tokens; longer texts in overlapping windows")
    table.add_row("pooling", model.pooling)
    table.add_row("fingerprint", model.fingerprint)
    for name, value in sorted(model.config.items()):
        table.add_row(f"config.{name}", Text(str(value)))
    write(table)
    write("\nembedding matrix, first rows and columns")
    for row in model.embedding_slice:
        write("  " + "  ".join(f"{value: .4f}" for value in row))


def _with_heads(*names: str) -> Table:
    table = columns(count=len(names), right=[n for n, name in enumerate(names) if name not in ("token",)])
    for column, name in zip(table.columns, names, strict=True):
        column.header = Text(name, style="dim")
    table.show_header = True
    return table


def _token_cells(position: int, token: Token) -> tuple[str | Text, ...]:
    word = "" if token.word is None else str(token.word)
    return str(position), str(token.id), Text(token.token), str(token.start), str(token.end), word


def _beginning(vector: FloatArray) -> str:
    return " ".join(f"{value: .3f}" for value in vector[:DIMENSIONS_SHOWN].tolist()) + " …"

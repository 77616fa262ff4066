"""Tokens, vocab entries, models and layers for reading in a terminal."""

from __future__ import annotations

from collections.abc import Sequence

from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from clinsearch.records import FloatArray, TextEmbedding
from clinsearch.records.inspection import (
    LayerStep,
    ModelDescription,
    NearEntry,
    SplitWord,
    TokenizedText,
    TokenOccurrences,
    VocabCoverage,
    VocabEntry,
    WordPath,
)
from clinsearch.rendering.signs import visible
from clinsearch.rendering.terminal.layout import columns, in_sentence, write

# Of a vector as many values at either end, as numpy and torch print them.
VALUES_SHOWN = 3
WORDS_NAMED = 12
FLUSH_LEFT = {"token", "word", "in tokens", "nearest words"}
STATIC = "rows of the word-embedding matrix, before position and type embeddings and LayerNorm"


def print_tokenized(texts: Sequence[TokenizedText], *, vectors: bool) -> None:
    """Show the tokens of a text, or of a note's sentences, with what is measured of their vectors.

    vectors: also slices of these.
    """
    write(_token_table(texts))
    embeddings = [text.embedding for text in texts if text.embedding]
    if not embeddings:
        return
    static, contextual = _shape_lines(embeddings)
    write(f"\n{static}")
    if vectors:
        write(_slices([(text, text.embedding.static) for text in texts if text.embedding]))
    write(contextual)
    if vectors:
        write(_slices([(text, text.embedding.last_hidden_state) for text in texts if text.embedding]))
    if len(embeddings) == 1:
        write(f"pooled vector (hidden_size {len(embeddings[0].vector)}): {_slice(embeddings[0].vector)}")


def print_vocab(entries: Sequence[VocabEntry], place: str) -> None:
    """Show entries of a vocab, and which of how many they are."""
    table = _with_heads("id", "token")
    for entry in entries:
        table.add_row(str(entry.id), Text(visible(entry.token)))
    if entries:
        write(table)
    if place:
        write(place)


def page_line(offset: int, shown: int, total: int) -> str:
    """Say which of all entries are shown, and how to see the next; nothing of a single one."""
    if not shown:
        return f"None from {offset + 1:,} on, of {total:,}." if total else "No entry of the vocab is so."
    if total == 1:
        return ""
    more = f"; the next with --offset {offset + shown}" if offset + shown < total else ""
    return f"{offset + 1:,}-{offset + shown:,} of {total:,}{more}"


def print_nearest(entry: VocabEntry, nearest: Sequence[NearEntry]) -> None:
    """Show the entries nearest to one of a vocab."""
    write(Text(f"{visible(entry.token)} ({entry.id}): nearest rows of the embedding matrix, by cosine"))
    table = _with_heads("cosine", "id", "token")
    for near in nearest:
        table.add_row(f"{near.cosine:.3f}", str(near.id), Text(visible(near.token)))
    write(table)


def print_occurrences(found: TokenOccurrences) -> None:
    """Show where a token stands: in which words, how often, and some of the places."""
    places, notes = counted(found.occurrences, "place"), counted(found.notes, "note")
    write(Text(visible(f"{found.entry.token} ({found.entry.id}): {places} in {notes}"), style="bold"))
    if not found.places:
        return
    words = ", ".join(f"{word} {count:,}" for word, count in found.words[:WORDS_NAMED])
    write(visible(f"In the words {words}{', …' if len(found.words) > WORDS_NAMED else ''}\n"))
    table = columns(count=2)
    for place in found.places:
        table.add_row(visible(f"{place.note_id} {place.start}-{place.end}"), in_sentence(place.section, place.marked))
    write(table)
    write(page_line(found.offset, len(found.places), found.occurrences))


def counted(number: int, name: str) -> str:
    """Write a number of things."""
    return f"{number:,} {name}{'' if number == 1 else 's'}"


def print_coverage(coverage: VocabCoverage) -> None:
    """Show how well a vocab fits some words."""
    table = columns(count=2)
    table.add_row("words", f"{coverage.words:,} in {coverage.tokens:,} tokens: {coverage.tokens_per_word:.2f} each")
    table.add_row("vocab", f"{coverage.used:,} of {coverage.vocab_size:,} entries used, {coverage.share_used:.1%}")
    table.add_row("unknown", f"{coverage.unknown:,} tokens stand for what the vocab cannot spell")
    write(table)
    for title, words in (("Most split", coverage.most_split), ("Unknown", coverage.unknown_words)):
        if words:
            write(f"\n{title}:")
            write(Padding(_split_table(words), (0, 0, 0, 2)))


def print_model(model: ModelDescription) -> None:
    """Show what a model is made of."""
    vocab_size, hidden_size = model.embedding_matrix
    table = columns(count=2)
    table.add_row("model", model.model)
    table.add_row("folder", model.folder)
    table.add_row("parameters", f"{model.parameters:,}, frozen")
    table.add_row("layers", str(model.num_hidden_layers))
    table.add_row("attention heads", f"{model.num_attention_heads or 'not said how many'} a layer")
    table.add_row("embedding matrix", f"(vocab_size {vocab_size}, hidden_size {hidden_size})")
    table.add_row("longest input", f"{model.max_tokens} tokens; longer texts in overlapping windows")
    table.add_row("pooling", model.pooling)
    table.add_row("fingerprint", model.fingerprint)
    for name, value in sorted(model.config.items()):
        table.add_row(f"config.{name}", Text(str(value)))
    write(table)
    write(f"\nembedding matrix, its first {len(model.embedding_slice)} rows")
    for row in model.embedding_slice:
        write(f"  {_ends(row)}")


def print_path(path: WordPath) -> None:
    """Show how a word moves through the layers, and its nearest words at each."""
    marked = path.marked
    word = marked.word
    write(Text(f"{visible(word.text)} at {word.start}-{word.end}, in tokens: {visible(' '.join(path.tokens))}"))
    if len(marked.starts) > 1:
        places = ", ".join(map(str, marked.starts))
        write(f"It stands {len(marked.starts)} times in the text, at {places}; --at OFFSET chooses.")
    write("Layer 0 is what goes into the first layer: word, position and type embeddings, normalised.\n")
    table = _with_heads("layer", "norm", "to layer before", "to last layer", "nearest words")
    for step in path.steps:
        before = "" if step.to_previous is None else f"{step.to_previous:.3f}"
        near = ", ".join(f"{visible(near.word)} {near.cosine:.3f}" for near in step.nearest)
        table.add_row(str(step.layer), f"{step.norm:.2f}", before, f"{step.to_final:.3f}", Text(near))
    write(table)
    write(f"\nNearest among {path.words:,} words {_whose(path)}, each form once, at its best place.")
    _print_sentences_of(path.steps[-1])


def _print_sentences_of(step: LayerStep) -> None:
    if any(near.note_id for near in step.nearest):
        write(f"Where those of layer {step.layer} stand:")
        table = columns(count=3)
        for near in step.nearest:
            cells = (near.word, near.note_id or "", near.sentence)
            table.add_row(*(Text(visible(cell)) for cell in cells))
        write(Padding(table, (0, 0, 0, 2)))


def _whose(path: WordPath) -> str:
    return f"of {path.sentences:,} sentences of the collection" if path.sentences else "of the text itself"


def _token_table(texts: Sequence[TokenizedText]) -> Table:
    measures = ("‖static‖", "‖contextual‖", "cosine") if texts and texts[0].embedding else ()
    table = _with_heads(*_place_heads(texts), "id", "token", "word", "start", "end", *measures)
    for number, text in enumerate(texts):
        for position, token in enumerate(text.tokens):
            place = _place(texts, number, position)
            word = Text(visible(text.words[position] or ""))
            span = (str(token.start), str(token.end))
            measured = _measures(text.embedding, position) if text.embedding else ()
            table.add_row(*place, str(token.id), Text(visible(token.token)), word, *span, *measured)
    return table


def _measures(embedding: TextEmbedding, at: int) -> tuple[str, ...]:
    measured = (embedding.static_norms[at], embedding.contextual_norms[at], embedding.cosines[at])
    return tuple(f"{value:.3f}" for value in measured)


def _shape_lines(embeddings: Sequence[TextEmbedding]) -> tuple[str, str]:
    lengths = [len(embedding.tokens) for embedding in embeddings]
    length = f"{lengths[0]}" if len(lengths) == 1 else f"{min(lengths)} to {max(lengths)}"
    of_each = "" if len(lengths) == 1 else f" of each of {len(lengths):,} sentences"
    sizes = f"sequence_length {length}, hidden_size {embeddings[0].static.shape[1]}"
    return (
        f"static{of_each} ({sizes}): {STATIC}",
        f"last_hidden_state{of_each} (batch_size 1, {sizes}): contextual, after all layers",
    )


def _slices(vectors: Sequence[tuple[TokenizedText, FloatArray]]) -> Padding:
    texts = [text for text, _ in vectors]
    table = columns(count=3 if len(texts) == 1 else 4, right=[0] if len(texts) == 1 else [0, 1])
    for number, (text, rows) in enumerate(vectors):
        for position, token in enumerate(text.tokens):
            table.add_row(*_place(texts, number, position), Text(visible(token.token)), Text(_slice(rows[position])))
    return Padding(table, (0, 0, 0, 2))


def _place_heads(texts: Sequence[TokenizedText]) -> tuple[str, ...]:
    return ("position",) if len(texts) == 1 else ("sentence", "position")


def _place(texts: Sequence[TokenizedText], number: int, position: int) -> tuple[str, ...]:
    return (str(position),) if len(texts) == 1 else (str(number), str(position))


def _split_table(words: Sequence[SplitWord]) -> Table:
    table = _with_heads("count", "word", "in tokens")
    for word in words:
        table.add_row(f"{word.count:,}", Text(visible(word.word)), Text(visible(" ".join(word.tokens))))
    return table


def _with_heads(*names: str) -> Table:
    table = columns(count=len(names), right=[n for n, name in enumerate(names) if name not in FLUSH_LEFT])
    for column, name in zip(table.columns, names, strict=True):
        column.header = Text(name, style="dim")
    table.show_header = True
    return table


def _slice(vector: FloatArray) -> str:
    return _ends([*vector[:VALUES_SHOWN].tolist(), *vector[-VALUES_SHOWN:].tolist()])


def _ends(values: Sequence[float]) -> str:
    """Write the values at both ends of a vector, the rest as an ellipsis."""
    shown = [f"{value: .4f}" for value in values]
    return f"[{' '.join(shown[:VALUES_SHOWN])}  … {' '.join(shown[VALUES_SHOWN:])}]"

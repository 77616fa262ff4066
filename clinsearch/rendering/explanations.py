"""Explanations for reading in a terminal: the two texts with their words shaded, and the strongest pairs."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from rich.padding import Padding
from rich.text import Text

from clinsearch.records import (
    FloatArray,
    NoteExplanation,
    PlacedSentence,
    QueryExplanation,
    TextExplanation,
    Word,
    by_share,
)
from clinsearch.rendering.terminal import columns, visible, write

# What adding float32 numbers up leaves over; its exact size says nothing.
ROUNDING = 1e-6
# From none to the most of a text's part in the score; white letters can be read on each, on any terminal.
SHADES = ("", "white on #2b4a66", "white on #1f5f94", "white on #b0501e", "bold white on #d43d1a")


def print_text_explanation(explanation: TextExplanation, top: int) -> None:
    """Show why two texts match."""
    write(f"{_sum_line(explanation.score, explanation.residual)}\n")
    _print_words(explanation, top)


def print_query_explanation(explanation: QueryExplanation, top: int) -> None:
    """Show why a query found a note."""
    write(f"{visible(explanation.note_id)}, by its sentence at {explanation.place.start}-{explanation.place.end}:")
    write(_placed(explanation.place))
    write(f"{_sum_line(explanation.score, explanation.residual)}\n")
    _print_words(explanation.text, top)


def print_note_explanation(explanation: NoteExplanation, top: int) -> None:
    """Show why two notes match: the strongest pairs of sentences, and these by their words."""
    write(Text(visible(f"{explanation.left_note_id} and {explanation.right_note_id}"), style="bold"))
    write(_sum_line(explanation.score, explanation.residual))
    write("\nSentence pairs by their share in the score (and how near they are by themselves):")
    table = columns(right=[0, 1], count=3)
    for i, j in by_share(explanation.contributions)[:top]:
        share, cosine = explanation.contributions[i, j], explanation.cosines[i, j]
        both = _placed(explanation.left[i]).append("\n").append_text(_placed(explanation.right[j]))
        table.add_row(f"{share:.4f}", f"{cosine:.3f}", both)
    write(Padding(table, (0, 0, 0, 2)))
    _print_rest(explanation.contributions, top)
    for number, pair in enumerate(explanation.pairs, start=1):
        write(f"\nPair {number} by its words, whose shares add up to its own {pair.text.score:.4f}:")
        _print_words(pair.text, top)


def _sum_line(score: float, residual: float) -> str:
    rest = f"below {ROUNDING:.0e}" if abs(residual) < ROUNDING else f"{residual:.1e}"
    return f"score {score:.4f} = {score - residual:.4f} in shares, residual {rest}"


def _placed(place: PlacedSentence) -> Text:
    text = Text()
    if place.section:
        text.append(visible(f"{place.section}: "), style="cyan")
    return text.append(visible(place.sentence))


def _print_words(explanation: TextExplanation, top: int) -> None:
    shares = explanation.word_contributions
    write(Padding(_shaded(explanation.left, explanation.left_words, shares.sum(axis=1)), (0, 0, 0, 2)))
    write(Padding(_shaded(explanation.right, explanation.right_words, shares.sum(axis=0)), (0, 0, 0, 2)))
    table = columns(right=[0], count=4)
    for i, j in by_share(shares)[:top]:
        left, right = explanation.left_words[i], explanation.right_words[j]
        table.add_row(f"{shares[i, j]:.4f}", Text(visible(left.text)), "~", Text(visible(right.text)))
    write(Padding(table, (0, 0, 0, 4)))
    _print_rest(shares, top)


def _shaded(text: str, words: Sequence[Word], shares: NDArray[np.float32]) -> Text:
    """Lay behind each word the darker a shade the larger its part; at the ends stand special tokens unseen."""
    shaded = Text(visible(text))
    most = max(float(shares.max()), 1e-9)
    for word, share in zip(words, shares.tolist(), strict=True):
        level = round(max(share, 0.0) / most * (len(SHADES) - 1))
        shaded.stylize(SHADES[level], word.start, word.end)
    return shaded


def _print_rest(shares: FloatArray, top: int) -> None:
    others = np.sort(shares, axis=None)[: max(0, shares.size - top)]
    if len(others):
        write(f"    {float(others.sum()):.4f}  in {len(others):,} other pairs")

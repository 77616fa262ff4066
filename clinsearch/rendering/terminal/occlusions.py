"""Leave-one-word-out for reading in a terminal: the texts shaded by what each word's absence takes from the score."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest

import numpy as np
from rich.padding import Padding
from rich.text import Text

from clinsearch.records import Explanation, FloatArray, NoteExplanation, Occlusion, QueryExplanation, Word
from clinsearch.rendering.signs import visible
from clinsearch.rendering.terminal.content import shaded
from clinsearch.rendering.terminal.explanations import Detail, print_found_place, print_note_names
from clinsearch.rendering.terminal.layout import columns, write


def print_occlusions(explanation: Explanation, occlusions: Sequence[Occlusion], detail: Detail) -> None:
    """Show how far the score of texts, or of the strongest pairs of sentences, drops without each word."""
    match explanation:
        case QueryExplanation():
            print_found_place(explanation)
        case NoteExplanation():
            print_note_names(explanation)
    write("How far the score drops when one word is left out. These drops do not add up to the score.")
    for number, occlusion in enumerate(occlusions, start=1):
        name = f"Pair {number}: " if isinstance(explanation, NoteExplanation) else ""
        write(f"\n{name}score {occlusion.score:.4f}\n")
        _print_drops(occlusion, detail)


def _print_drops(occlusion: Occlusion, detail: Detail) -> None:
    write(shaded(occlusion.left, occlusion.left_words, occlusion.left_drops))
    write(shaded(occlusion.right, occlusion.right_words, occlusion.right_drops))
    table = columns(right=[0, 2], count=4)
    left = _ranked(occlusion.left_words, occlusion.left_drops)[: detail.top]
    right = _ranked(occlusion.right_words, occlusion.right_drops)[: detail.top]
    table.add_row("", "first text", "", "second text", style="dim")
    for one, other in zip_longest(left, right, fillvalue=("", Text())):
        table.add_row(*one, *other)
    write(Padding(table, (0, 0, 0, 4)))
    words = len(occlusion.left_words) + len(occlusion.right_words)
    if others := words - len(left) - len(right):
        write(f"    {others:,} other words drop it less")


def _ranked(words: Sequence[Word], drops: FloatArray) -> list[tuple[str, Text]]:
    order = np.argsort(-drops, kind="stable").tolist()
    return [(f"{drops[position]:.4f}", Text(visible(words[position].text))) for position in order]

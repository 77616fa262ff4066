"""Two texts by their content words, for reading in a terminal: shaded, and a line for each word."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from rich.padding import Padding
from rich.text import Text

from clinsearch.records import FloatArray, TextExplanation, Word
from clinsearch.rendering.signs import visible
from clinsearch.rendering.terminal.layout import columns, write

# From none to the most of a text's part in the score; white letters can be read on each, on any terminal.
SHADES = ("", "white on #2b4a66", "white on #1f5f94", "white on #b0501e", "bold white on #d43d1a")
# Words with a smaller part are added up.
LEAST = 0.005


def print_content(explanation: TextExplanation, most: int | None) -> None:
    """Show both texts shaded by their content words' parts, and `most` words of the second with their best partners."""
    content = explanation.content
    for text, words, own, parts in (
        (explanation.left, explanation.left_words, content.left, content.shares.sum(axis=1)),
        (explanation.right, explanation.right_words, content.right, content.shares.sum(axis=0)),
    ):
        write(shaded(text, [words[at] for at in own], parts))
    table, parts = columns(right=[0], count=2), content.shares.sum(axis=0)
    shown = [at for at in np.argsort(-parts, kind="stable").tolist() if most is None or parts[at] >= LEAST][:most]
    for at in shown:
        partner = explanation.left_words[content.left[int(content.shares[:, at].argmax())]]
        word = explanation.right_words[content.right[at]]
        table.add_row(f"{parts[at]:.3f}", Text(f"{visible(word.text)}, mostly by {visible(partner.text)}"))
    rest = float(parts.sum() - parts[shown].sum())
    if len(shown) < len(parts):
        table.add_row(
            f"{rest:.3f}",
            f"{len(parts) - len(shown)} other word{'s' if len(parts) - len(shown) > 1 else ''}",
            style="dim",
        )
    if content.background:
        table.add_row(f"{content.background:.3f}", "what any two sentences here have in common", style="dim")
    write(Padding(table, (0, 0, 0, 4)))


def shaded(text: str, words: Sequence[Word], parts: FloatArray) -> Padding:
    """Lay behind each word the darker a shade the larger its part; at the ends stand special tokens unseen."""
    shown = Text(visible(text))
    most = max(float(parts.max(initial=0)), 1e-9)
    for word, part in zip(words, parts.tolist(), strict=True):
        level = round(max(part, 0.0) / most * (len(SHADES) - 1))
        shown.stylize(SHADES[level], word.start, word.end)
    return Padding(shown, (0, 0, 0, 2))

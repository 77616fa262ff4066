"""An explanation as a PNG: two texts, and the heat map of their pairs of words. The only home of matplotlib."""

from __future__ import annotations

import io
import textwrap
import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from clinsearch.errors import InputError
from clinsearch.records import FloatArray, NoteExplanation, QueryExplanation, TextExplanation
from clinsearch.rendering.pages.page import number
from clinsearch.rendering.pages.shaded_words import Side, sides
from clinsearch.rendering.signs import visible

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WORDS_SHOWN = 48
LETTERS_IN_LABEL = 24
LINES_OF_TEXT = 6
CELL_INCHES = 0.3
LINE_INCHES = 0.22
LETTER_INCHES = 0.08
DOTS_PER_INCH = 160
# As on the page: orange lowers the score, blue raises it, and no kind of colour-blindness confuses the two.
SHADES = ("#c2590c", "#f0914a", "#ffffff", "#4a9be8", "#0b57a4")


def explanation_picture(explanation: TextExplanation | QueryExplanation | NoteExplanation) -> bytes:
    """Draw an explanation as a PNG, two notes by their strongest pair of sentences.

    Raises InputError where matplotlib is not installed.
    """
    try:
        import matplotlib
    except ImportError:
        raise InputError('A picture needs matplotlib. Install it with `pip install "clinsearch[plot]"`.') from None
    text, title, names = _pictured(explanation)
    # Dollar signs in a note are no formulas.
    with matplotlib.rc_context({"text.parse_math": False, "text.usetex": False}), warnings.catch_warnings():
        # A script that no font at hand can write comes out as boxes.
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        written = io.BytesIO()
        _figure(text, title, names).savefig(
            written, format="png", dpi=DOTS_PER_INCH, bbox_inches="tight", pad_inches=0.15, metadata={"Software": None}
        )
    return written.getvalue()


def _pictured(
    explanation: TextExplanation | QueryExplanation | NoteExplanation,
) -> tuple[TextExplanation, str, tuple[str, str]]:
    """Return the two texts to draw, what to write above them, and what they are called."""
    match explanation:
        case TextExplanation():
            return explanation, f"Score {number(explanation.score)}", ("First text", "Second text")
        case QueryExplanation():
            return explanation.text, f"Score {number(explanation.score)}", ("Query", explanation.note_id)
        case NoteExplanation():
            pair = explanation.pairs[0]
            share = float(explanation.contributions[pair.left, pair.right])
            title = (
                f"Score {number(explanation.score)}; the strongest of {explanation.contributions.size:,} pairs of "
                f"sentences: share {number(share, 5)}, its own cosine {number(pair.text.score)}"
            )
            return pair.text, title, (explanation.left_note_id, explanation.right_note_id)


def _figure(explanation: TextExplanation, title: str, names: tuple[str, str]) -> Figure:
    from matplotlib.figure import Figure

    left, right = sides(explanation, names)
    rows, columns = _largest(left), _largest(right)
    row_labels, column_labels = [_label(left, row) for row in rows], [_label(right, column) for column in columns]
    beside, over = (0.3 + LETTER_INCHES * max(map(len, labels)) for labels in (row_labels, column_labels))
    width = max(8.0, beside + CELL_INCHES * len(columns) + 1.0)
    letters = int((width - 0.4) / LETTER_INCHES)
    head = [visible(title), *_lines(left, letters), *_lines(right, letters)]
    head += [*_left_out(left, rows), *_left_out(right, columns)]
    height = LINE_INCHES * len(head) + over + CELL_INCHES * len(rows) + 0.4
    figure = Figure(figsize=(width, height), facecolor="white")
    for line, text in enumerate(head):
        place = 0.2 / width, 1 - (LINE_INCHES * line + 0.15) / height
        figure.text(*place, text, va="top", fontsize=9, fontweight="bold" if line == 0 else "normal")
    grid = CELL_INCHES * len(columns) / width, CELL_INCHES * len(rows) / height
    axes = figure.add_axes((beside / width, 0.2 / height, *grid))
    _draw(axes, explanation.word_contributions[np.ix_(rows, columns)], row_labels, column_labels)
    return figure


def _draw(axes: Axes, shares: FloatArray, rows: Sequence[str], columns: Sequence[str]) -> None:
    from matplotlib.colors import LinearSegmentedColormap

    most = max(float(np.abs(shares).max()), 1e-9)
    shades = LinearSegmentedColormap.from_list("shares", SHADES)
    image = axes.imshow(shares, cmap=shades, vmin=-most, vmax=most, aspect="auto")
    axes.set_yticks(range(len(rows)), rows, fontsize=8)
    axes.set_xticks(range(len(columns)), columns, fontsize=8, rotation=90)
    axes.xaxis.tick_top()
    axes.tick_params(length=0)
    for spine in axes.spines.values():
        spine.set_color("#d0d0d0")
    inches = CELL_INCHES * len(columns)
    scale = axes.inset_axes((1 + 0.2 / inches, 0.0, 0.12 / inches, 1.0))
    bar = axes.figure.colorbar(image, cax=scale)
    bar.set_label("share", fontsize=8)
    bar.ax.tick_params(labelsize=7, length=2)
    bar.outline.set_visible(False)


def _largest(side: Side) -> NDArray[np.int64]:
    """Return, in order, the positions of the words with the largest parts."""
    return np.sort(np.argsort(-np.abs(side.parts), kind="stable")[:WORDS_SHOWN])


def _label(side: Side, position: int) -> str:
    return textwrap.shorten(visible(side.pieces(side.words[position])), LETTERS_IN_LABEL, placeholder="…")


def _lines(side: Side, letters: int) -> list[str]:
    lines = textwrap.wrap(visible(" ".join([f"{side.name}:", *side.text.split()])), letters)
    return lines if len(lines) <= LINES_OF_TEXT else [*lines[: LINES_OF_TEXT - 1], lines[LINES_OF_TEXT - 1] + " …"]


def _left_out(side: Side, shown: Sequence[int] | NDArray[np.int64]) -> list[str]:
    if len(shown) == len(side.words):
        return []
    return [visible(f"{side.name}: the {len(shown)} of {len(side.words):,} words with the largest parts are drawn.")]

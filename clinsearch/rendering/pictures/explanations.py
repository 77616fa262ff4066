"""An explanation as a PNG: reasons, two texts, and a heat map of pairs of words. The only home of matplotlib."""

from __future__ import annotations

import io
import textwrap
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from clinsearch.errors import InputError
from clinsearch.records import FloatArray, NoteExplanation, QueryExplanation, TextExplanation
from clinsearch.rendering.accounts import NO_REASON, Account, account_of, decimals, reason_lines
from clinsearch.rendering.signs import visible
from clinsearch.rendering.word_shares import IN_COMMON, Side, WordShares, others_line, word_lines, word_shares
from clinsearch.rendering.wording import number

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WORDS_SHOWN = 48
WORDS_LISTED = 10
LETTERS_IN_LABEL = 24
LINES_OF_TEXT = 6
CELL_INCHES = 0.3
LINE_INCHES = 0.22
LETTER_INCHES = 0.08
DOTS_PER_INCH = 160
LETTERS_OF_REASON = 116
SET_IN = 1.0
# As on the page: the colour of each reason, and what can be read on it.
REASON_COLOURS = (
    ("#332288", "white"),
    ("#e69f00", "black"),
    ("#117733", "white"),
    ("#aa3377", "white"),
    ("#56b4e9", "black"),
)
# As on the page: orange lowers the score, blue raises it, and no kind of colour-blindness confuses the two.
SHADES = ("#c2590c", "#f0914a", "#ffffff", "#4a9be8", "#0b57a4")


@dataclass(frozen=True, slots=True)
class Mark:
    """What a reason begins with: its number, counted from 0, and its share; a word has its share alone."""

    reason: int | None
    share: str


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text above the heat map."""

    text: str
    is_bold: bool = False
    is_quiet: bool = False
    is_set_in: bool = False
    mark: Mark | None = None


def explanation_picture(
    explanation: TextExplanation | QueryExplanation | NoteExplanation, *, raw: bool = False
) -> bytes:
    """Draw an explanation as a PNG, two notes by their reasons and their strongest pair of sentences.

    raw: by the plain shares of all words, not by those of content words; so is what has plain shares of sentences.
    Raises InputError where matplotlib is not installed, or where there is nothing to draw.
    """
    try:
        import matplotlib
    except ImportError:
        raise InputError('A picture needs matplotlib. Install it with `pip install "clinsearch[plot]"`.') from None
    head, text, names = _pictured(explanation)
    is_raw = raw or (isinstance(explanation, NoteExplanation) and explanation.parts is None)
    # Dollar signs in a note are no formulas.
    with matplotlib.rc_context({"text.parse_math": False, "text.usetex": False}), warnings.catch_warnings():
        # A script that no font at hand can write comes out as boxes.
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        written = io.BytesIO()
        _figure(head, word_shares(text, names, raw=is_raw) if text else None).savefig(
            written, format="png", dpi=DOTS_PER_INCH, bbox_inches="tight", pad_inches=0.15, metadata={"Software": None}
        )
    return written.getvalue()


def _pictured(
    explanation: TextExplanation | QueryExplanation | NoteExplanation,
) -> tuple[list[Line], TextExplanation | None, tuple[str, str]]:
    """Return what to write above, the two texts to draw, and what they are called."""
    match explanation:
        case TextExplanation():
            return [Line(f"Score {number(explanation.score)}", True)], explanation, ("First text", "Second text")
        case QueryExplanation():
            names = "Query", explanation.note_id
            return [Line(f"Score {number(explanation.score)}", True)], explanation.text, names
        case NoteExplanation():
            head, text = _pictured_notes(explanation)
            return head, text, (explanation.left_note_id, explanation.right_note_id)


def _pictured_notes(explanation: NoteExplanation) -> tuple[list[Line], TextExplanation | None]:
    account = account_of(explanation)
    head = _reasons(explanation, account) if account else []
    if not explanation.pairs:
        if not account:
            raise InputError("There is no pair of sentences to draw. Take one apart with `--pairs 1`.")
        return head, None
    pair = explanation.pairs[0]
    share = number(float(explanation.contributions[pair.left, pair.right]), 5)
    own = f"share {share}, its own cosine {number(pair.text.score)}"
    strongest = f"the strongest of {explanation.contributions.size:,} pairs of sentences: {own}"
    if not account:
        return [Line(f"Score {number(explanation.score)}; {strongest}", True)], pair.text
    is_reason = account.reasons and account.reasons[0].pairs[0] == (pair.left, pair.right)
    return [
        *head,
        Line(""),
        Line(f"Reason 1 by its words: {own}" if is_reason else strongest.capitalize(), True),
    ], pair.text


def _reasons(explanation: NoteExplanation, account: Account) -> list[Line]:
    """Return the score as a sum, and the reasons with their shares and sentences."""
    title = f"Why {explanation.left_note_id} and {explanation.right_note_id} are alike: {decimals(account.score)}"
    lines = [Line(title, True), Line(account.parts_line), Line(account.reasons_line)]
    for place, reason in enumerate(account.reasons):
        i, j = reason.pairs[0]
        mark = Mark(place, decimals(account.shares[place]))
        lines.append(Line(_cut(explanation.left[i].sentence), is_set_in=True, mark=mark))
        lines.append(Line(_cut(explanation.right[j].sentence), is_set_in=True))
        lines.append(Line(_cut(" ".join(reason_lines(explanation, reason))), is_set_in=True, is_quiet=True))
    return lines if account.reasons else [*lines, Line(NO_REASON)]


def _figure(head: list[Line], of: WordShares | None) -> Figure:
    from matplotlib.figure import Figure

    if not of:
        figure = Figure(figsize=(8.0, LINE_INCHES * len(head) + 0.4), facecolor="white")
        _write(figure, head)
        return figure
    left, right = of.left, of.right
    rows, columns = _largest(left), _largest(right)
    row_labels, column_labels = [_label(left, row) for row in rows], [_label(right, column) for column in columns]
    beside, over = (0.3 + LETTER_INCHES * max(map(len, labels)) for labels in (row_labels, column_labels))
    width = max(8.0, beside + CELL_INCHES * len(columns) + 1.0)
    letters = int((width - 0.4) / LETTER_INCHES)
    texts = [*_lines(left, letters), *_lines(right, letters), *_left_out(left, rows), *_left_out(right, columns)]
    head = [*head, *map(Line, texts), *([] if of.is_raw else _words(of))]
    height = LINE_INCHES * len(head) + over + CELL_INCHES * len(rows) + 0.4
    figure = Figure(figsize=(width, height), facecolor="white")
    _write(figure, head)
    grid = CELL_INCHES * len(columns) / width, CELL_INCHES * len(rows) / height
    axes = figure.add_axes((beside / width, 0.2 / height, *grid))
    _draw(axes, of.shares[np.ix_(rows, columns)], row_labels, column_labels)
    return figure


def _words(of: WordShares) -> list[Line]:
    """List the words of the second text, each with its part and its best partner, and what else makes the score."""
    listed, rest = word_lines(of, WORDS_LISTED)
    lines = [(line.part, f"{_shortened(line.word)}, mostly by {_shortened(line.partner)}") for line in listed]
    others = len(of.right.words) - len(listed)
    lines += [(rest, others_line(others))] if others else []
    lines += [(of.background, IN_COMMON)] if of.background else []
    return [Line(""), *(Line(said, is_set_in=True, mark=Mark(None, number(part))) for part, said in lines)]


def _write(figure: Figure, head: Sequence[Line]) -> None:
    """Write lines one below the other, before those of reasons their numbers, in their colours, and shares."""
    width, height = figure.get_size_inches()
    for place, line in enumerate(head):
        top = 1 - (LINE_INCHES * place + 0.15) / height
        written = figure.text(
            (SET_IN if line.is_set_in else 0.2) / width, top, visible(line.text), va="top", fontsize=9
        )
        written.set_fontweight("bold" if line.is_bold else "normal")
        written.set_color("#5b6470" if line.is_quiet else "black")
        if line.mark:
            if line.mark.reason is not None:
                _write_number(figure, line.mark.reason, 0.24 / width, top)
            figure.text(0.45 / width, top, line.mark.share, va="top", fontsize=9, fontweight="bold")


def _write_number(figure: Figure, reason: int, left: float, top: float) -> None:
    back, front = REASON_COLOURS[reason]
    box = {"boxstyle": "square,pad=0.2", "facecolor": back, "linewidth": 0}
    figure.text(left, top, str(reason + 1), va="top", fontsize=8, color=front, bbox=box)


def _cut(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= LETTERS_OF_REASON else f"{flat[: LETTERS_OF_REASON - 1]}…"


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
    return _shortened(side.pieces(side.words[position]))


def _shortened(text: str) -> str:
    return textwrap.shorten(visible(text), LETTERS_IN_LABEL, placeholder="…")


def _lines(side: Side, letters: int) -> list[str]:
    lines = textwrap.wrap(visible(" ".join([f"{side.name}:", *side.text.split()])), letters)
    return lines if len(lines) <= LINES_OF_TEXT else [*lines[: LINES_OF_TEXT - 1], lines[LINES_OF_TEXT - 1] + " …"]


def _left_out(side: Side, shown: Sequence[int] | NDArray[np.int64]) -> list[str]:
    if len(shown) == len(side.words):
        return []
    return [visible(f"{side.name}: the {len(shown)} of {len(side.words):,} words with the largest parts are drawn.")]

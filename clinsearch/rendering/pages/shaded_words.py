"""Two texts whose words are shaded by their part in the score, with what takes a pair of texts apart in a page."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np
from numpy.typing import NDArray

from clinsearch.records import FloatArray, by_share
from clinsearch.rendering.pages.page import isolated, length, shown
from clinsearch.rendering.word_shares import IN_COMMON, Side, WordShares, others_line, word_lines
from clinsearch.rendering.wording import number

PAIRS_LISTED = 8
WORDS_LISTED = 24


def word_view(of: WordShares, cells: int, *, drawn: bool = False) -> tuple[str, dict[str, Any]]:
    """Return two texts as HTML, and the shares of their pairs of words for the page's script.

    Of more pairs than `cells`, those of the words with the largest parts are given. `drawn` opens the heat map at once.
    """
    rows, columns = strongest(of.shares, cells)
    listed = _strongest_pairs(of) if of.is_raw else _words(of)
    content = (
        f'<div class="view" data-score="{number(of.score)}">'
        f'<div class="texts">{_text(of.left, "left")}{_text(of.right, "right")}</div>'
        f"{_left_out(of.left, len(rows))}{_left_out(of.right, len(columns))}"
        f'<div class="parts"><div class="partners" aria-live="polite">{listed}</div>'
        f'<details class="heat"{" open" if drawn else ""}><summary>Heat map: every pair of '
        f'{"" if of.is_raw else "content "}words</summary><div class="plot"></div></details></div></div>'
    )
    shares = packed(of.shares[np.ix_(rows, columns)])
    return content, {"left": rows.tolist(), "right": columns.tolist(), "shares": shares}


def strongest(shares: FloatArray, cells: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return, in order, the rows and columns with the largest shares: all, if there are no more than `cells` pairs."""
    size = np.abs(shares)
    edge = int(cells**0.5)
    height = min(shares.shape[0], max(edge, cells // shares.shape[1]))
    width = min(shares.shape[1], cells // height)
    rows = np.argsort(-size.sum(axis=1), kind="stable")[:height]
    columns = np.argsort(-size.sum(axis=0), kind="stable")[:width]
    return np.sort(rows), np.sort(columns)


def packed(shares: FloatArray) -> str:
    """Write shares, row by row, as little-endian float32 in base64: exact, and shorter than in digits."""
    return base64.b64encode(shares.astype("<f4").tobytes()).decode()


def _text(side: Side, place: str) -> str:
    pieces: list[str] = []
    end = 0
    for position, word in enumerate(side.words):
        # Byte-level tokenizers may give a character to two words.
        start = max(word.start, end)
        pieces.append(shown(side.text[end:start]))
        pieces.append(_word(side, position, side.text[start : word.end]))
        end = max(end, word.end)
    pieces.append(shown(side.text[end:]))
    return (
        f'<figure class="text"><figcaption>{isolated(side.name)}</figcaption>'
        f'<p class="words" dir="auto" data-side="{place}">{"".join(pieces)}</p></figure>'
    )


def _word(side: Side, position: int, text: str) -> str:
    """Return a word as HTML; the name of a special token has no say in the direction of the text."""
    word, part, as_shown = side.words[position], float(side.parts[position]), side.shown[position]
    is_special = word.start == word.end
    tag, kind = ("bdi", "w special") if is_special else ("span", "w")
    most = max(float(np.abs(side.parts).max()), 1e-9)
    return (
        f'<{tag} class="{kind}{" negative" if part < 0 else ""} {length(part, most)}" data-i="{position}" '
        f'data-part="{as_shown}" '
        f'title="{shown(side.pieces(word))}: {number(as_shown)}">{shown(word.text if is_special else text)}</{tag}>'
    )


def _left_out(side: Side, kept: int) -> str:
    if kept == len(side.words):
        return ""
    return (
        f'<p class="remark">{isolated(side.name)} has {len(side.words):,} words: all are shaded, and the {kept:,} with '
        "the largest parts can be taken apart here.</p>"
    )


def _words(of: WordShares) -> str:
    """List the words of the second text with their best partners, and what else the score is the sum of."""
    lines, rest = word_lines(of, WORDS_LISTED)
    most = max(float(np.abs(of.right.parts).max(initial=0.0)), 1e-9)
    rows = "".join(
        _row(line.part, most, f"<b>{isolated(line.word)}</b>, mostly by {isolated(line.partner)}") for line in lines
    )
    others = len(of.right.words) - len(lines)
    rows += _rest_row(rest, others_line(others)) if others else ""
    rows += _rest_row(of.background, IN_COMMON) if of.background else ""
    return f"<h3>What {number(of.score)} comes from: words of the second text</h3><table>{rows}</table>"


def _strongest_pairs(of: WordShares) -> str:
    listed = by_share(of.shares)[:PAIRS_LISTED]
    most = max(float(np.abs(of.shares).max(initial=0.0)), 1e-9)
    rows = "".join(
        _row(float(of.shares[i, j]), most, f"{isolated(of.left.words[i].text)} ~ {isolated(of.right.words[j].text)}")
        for i, j in listed
    )
    rest = float(of.shares.sum(dtype=np.float64)) - sum(float(of.shares[i, j]) for i, j in listed)
    others = of.shares.size - len(listed)
    rows += _rest_row(rest, f"in {others:,} other pairs") if others else ""
    return f"<h3>Strongest pairs of words in {number(of.score)}</h3><table>{rows}</table>"


def _row(share: float, most: float, content: str) -> str:
    kind = "negative " if share < 0 else ""
    return (
        f'<tr><td class="number">{number(share)}</td><td class="bar"><i class="{kind}{length(share, most)}"></i>'
        f"</td><td>{content}</td></tr>"
    )


def _rest_row(share: float, said: str) -> str:
    return f'<tr class="rest"><td class="number">{number(share)}</td><td></td><td>{said}</td></tr>'

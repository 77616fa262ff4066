"""Two texts whose words are shaded by their part in the score, with what takes a pair of texts apart in a page."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from clinsearch.records import FloatArray, TextExplanation, Token, Word, by_share
from clinsearch.rendering.pages.page import isolated, shown
from clinsearch.rendering.wording import number

PAIRS_LISTED = 8


@dataclass(frozen=True, slots=True)
class Side:
    """One of two texts: what it is called, its words, and each word's part in the score."""

    name: str
    text: str
    tokens: tuple[Token, ...]
    words: tuple[Word, ...]
    parts: NDArray[np.float64]

    def pieces(self, word: Word) -> str:
        """Return the wordpieces of a word, apart."""
        return " ".join(self.tokens[position].token for position in word.tokens)


def sides(explanation: TextExplanation, names: tuple[str, str]) -> tuple[Side, Side]:
    """Return the two texts of an explanation."""
    shares = explanation.word_contributions.astype(np.float64)
    left, right = explanation.left, explanation.right
    return (
        Side(names[0], left, explanation.left_tokens, explanation.left_words, shares.sum(axis=1)),
        Side(names[1], right, explanation.right_tokens, explanation.right_words, shares.sum(axis=0)),
    )


def word_view(
    explanation: TextExplanation, names: tuple[str, str], cells: int, *, drawn: bool = False
) -> tuple[str, dict[str, Any]]:
    """Return two texts as HTML, and the shares of their pairs of words for the page's script.

    Of more pairs than `cells`, those of the words with the largest parts are given. `drawn` opens the heat map at once.
    """
    left, right = sides(explanation, names)
    rows, columns = strongest(explanation.word_contributions, cells)
    shares = explanation.word_contributions[np.ix_(rows, columns)]
    content = (
        f'<div class="view" data-score="{number(explanation.score)}">'
        f'<div class="texts">{_text(left, "left")}{_text(right, "right")}</div>'
        f"{_left_out(left, len(rows))}{_left_out(right, len(columns))}"
        f'<div class="parts"><div class="partners" aria-live="polite">{_strongest_pairs(explanation)}</div>'
        f'<details class="heat"{" open" if drawn else ""}><summary>Heat map: every pair of words</summary>'
        '<div class="plot"></div></details></div></div>'
    )
    return content, {"left": rows.tolist(), "right": columns.tolist(), "shares": packed(shares)}


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
    word, part = side.words[position], float(side.parts[position])
    is_special = word.start == word.end
    tag, kind = ("bdi", "w special") if is_special else ("span", "w")
    most = max(float(np.abs(side.parts).max()), 1e-9)
    return (
        f'<{tag} class="{kind}{" negative" if part < 0 else ""}" data-i="{position}" data-part="{part}" '
        f'style="--s:{abs(part) / most:.3f}" '
        f'title="{shown(side.pieces(word))}: {number(part)}">{shown(word.text if is_special else text)}</{tag}>'
    )


def _left_out(side: Side, kept: int) -> str:
    if kept == len(side.words):
        return ""
    return (
        f'<p class="remark">{isolated(side.name)} has {len(side.words):,} words: all are shaded, and the {kept:,} with '
        "the largest parts can be taken apart here.</p>"
    )


def _strongest_pairs(explanation: TextExplanation) -> str:
    shares = explanation.word_contributions
    listed = by_share(shares)[:PAIRS_LISTED]
    most = max(float(np.abs(shares).max(initial=0.0)), 1e-9)
    rows = "".join(
        f'<tr><td class="number">{number(float(shares[i, j]))}</td>'
        f'<td class="bar"><i style="--s:{abs(float(shares[i, j])) / most:.3f}"></i></td>'
        f"<td>{isolated(explanation.left_words[i].text)} ~ {isolated(explanation.right_words[j].text)}</td></tr>"
        for i, j in listed
    )
    rest = float(shares.sum(dtype=np.float64)) - sum(float(shares[i, j]) for i, j in listed)
    others = shares.size - len(listed)
    last = f'<tr class="rest"><td class="number">{number(rest)}</td><td></td><td>in {others:,} other pairs</td></tr>'
    return (
        f"<h3>Strongest pairs of words in {number(explanation.score)}</h3><table>{rows}{last if others else ''}</table>"
    )

"""Explanations as one HTML page each: the score, the texts with their words shaded, and every pair with its share."""

from __future__ import annotations

from typing import Any

import numpy as np

from clinsearch.records import (
    Explanation,
    NoteExplanation,
    PlacedSentence,
    QueryExplanation,
    TextExplanation,
)
from clinsearch.rendering.pages.page import isolated, number, page, shown
from clinsearch.rendering.pages.shaded_words import packed, strongest, word_view
from clinsearch.rendering.signs import visible
from clinsearch.rendering.wording import ROUNDING, is_headed

# What keeps a page at a few hundred kilobytes: each pair takes five bytes.
WORD_PAIRS = 40_000
SENTENCE_PAIRS = 60_000
LEGEND = """<p class="legend"><span>lowers</span><i></i><span>raises the score</span>
<span class="how">Shade: a word's part, against the largest of its text.
Point at a word, click it, or move with Tab and the arrow keys.</span></p>"""


def explanation_page(explanation: Explanation) -> str:
    """Make the page of an explanation."""
    match explanation:
        case TextExplanation():
            return _text_page(explanation)
        case QueryExplanation():
            return _query_page(explanation)
        case NoteExplanation():
            return _note_page(explanation)


def _text_page(explanation: TextExplanation) -> str:
    view, data = word_view(explanation, ("First text", "Second text"), WORD_PAIRS, drawn=True)
    score = _score(explanation, "cosine", explanation.word_contributions.size, "words")
    return _page("Why two texts match", "Why two texts match", score + view, [data])


def _query_page(explanation: QueryExplanation) -> str:
    place = explanation.place
    section = f"{place.section}, " if place.section else ""
    names = "Query", f"{section}{explanation.note_id}, {place.start}-{place.end}"
    view, data = word_view(explanation.text, names, WORD_PAIRS, drawn=True)
    heading = f"Why the query finds {isolated(explanation.note_id)}"
    score = _score(explanation, "cosine with this sentence", explanation.text.word_contributions.size, "words")
    return _page(f"Why the query finds {explanation.note_id}", heading, score + view, [data])


def _note_page(explanation: NoteExplanation) -> str:
    cells = WORD_PAIRS // max(1, len(explanation.pairs))
    views = [
        word_view(pair.text, (explanation.left_note_id, explanation.right_note_id), cells) for pair in explanation.pairs
    ]
    pairs = "".join(_pair(explanation, position, view) for position, (view, _) in enumerate(views))
    body = f'<h2>Strongest pairs of sentences</h2><ol class="pairs">{pairs}</ol>{_rest(explanation)}{_matrix()}'
    title = f"Why {explanation.left_note_id} and {explanation.right_note_id} are alike"
    heading = f"Why {isolated(explanation.left_note_id)} and {isolated(explanation.right_note_id)} are alike"
    score = _score(explanation, "cosine", explanation.contributions.size, "sentences")
    return _page(title, heading, score + body, [data for _, data in views], _sentences(explanation))


def _page(
    title: str, heading: str, content: str, views: list[dict[str, Any]], sentences: dict[str, Any] | None = None
) -> str:
    body = f"<h1>{heading}</h1>{content}"
    return page(title, body, data={"views": views, "sentences": sentences}, name="explanation")


def _score(explanation: Explanation, name: str, count: int, parts: str) -> str:
    residual = explanation.residual
    rest = f"below {ROUNDING:.6f}" if abs(residual) < ROUNDING else number(residual, 6)
    return (
        f'<p class="score"><strong>{number(explanation.score)}</strong><span>{name}, the sum of '
        f"the shares of {count:,} pairs of {parts}; residual {rest}</span></p>{LEGEND}"
    )


def _pair(explanation: NoteExplanation, position: int, view: str) -> str:
    pair = explanation.pairs[position]
    share, cosine = (
        float(shares[pair.left, pair.right]) for shares in (explanation.contributions, explanation.cosines)
    )
    most = max(float(np.abs(explanation.contributions).max()), 1e-9)
    return (
        f'<li><details class="pair" data-left="{pair.left}" data-right="{pair.right}"{"" if position else " open"}>'
        f'<summary><span class="share"><b>{number(share, 5)}</b><i style="--s:{abs(share) / most:.3f}"></i>'
        f"<small>cosine {number(cosine, 3)}</small></span>"
        f"{_sentence(explanation.left[pair.left])}{_sentence(explanation.right[pair.right])}</summary>"
        f"{view}</details></li>"
    )


def _sentence(place: PlacedSentence) -> str:
    is_shown = place.section and not is_headed(place.section, place.sentence)
    section = f'<small class="section">{isolated(str(place.section))}</small> ' if is_shown else ""
    return f'<span class="sentence" dir="auto">{section}{shown(place.sentence)}</span>'


def _rest(explanation: NoteExplanation) -> str:
    others = explanation.contributions.size - len(explanation.pairs)
    listed = sum(float(explanation.contributions[pair.left, pair.right]) for pair in explanation.pairs)
    rest = float(explanation.contributions.sum(dtype=np.float64)) - listed
    return f'<p class="remark"><b>{number(rest)}</b> in {others:,} other pairs</p>' if others else ""


def _matrix() -> str:
    return (
        '<details class="matrix"><summary>Every sentence with every sentence</summary><div class="plot"></div>'
        '<div class="chosen" aria-live="polite"></div></details>'
    )


def _sentences(explanation: NoteExplanation) -> dict[str, Any]:
    rows, columns = strongest(explanation.contributions, SENTENCE_PAIRS)
    return {
        "names": [visible(explanation.left_note_id), visible(explanation.right_note_id)],
        "counts": list(explanation.contributions.shape),
        "left": [_labelled(explanation.left[i], i) for i in rows.tolist()],
        "right": [_labelled(explanation.right[j], j) for j in columns.tolist()],
        "shares": packed(explanation.contributions[np.ix_(rows, columns)]),
    }


def _labelled(place: PlacedSentence, position: int) -> dict[str, Any]:
    return {"i": position, "text": visible(place.sentence), "section": visible(place.section or "")}

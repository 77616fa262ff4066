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
from clinsearch.rendering.accounts import account_of
from clinsearch.rendering.pages.page import Content, isolated, length, page_of
from clinsearch.rendering.pages.reasons import answer, reason_list, sentence
from clinsearch.rendering.pages.shaded_words import packed, strongest, word_view
from clinsearch.rendering.pages.side_by_side import two_notes
from clinsearch.rendering.signs import visible
from clinsearch.rendering.word_shares import WordShares, word_shares
from clinsearch.rendering.wording import ROUNDING, number

# What keeps a page at a few hundred kilobytes: each pair takes five bytes.
WORD_PAIRS = 40_000
SENTENCE_PAIRS = 60_000
NAMES = ("lengths", "explanation")
HANDED_ON = "What other words and special tokens hold is handed on to these."


def explanation_page(explanation: Explanation, *, raw: bool = False) -> str:
    """Make the page of an explanation, as one file; see `explanation_content`."""
    return page_of(explanation_content(explanation, raw=raw))


def explanation_content(explanation: Explanation, *, raw: bool = False) -> Content:
    """Return what the page of an explanation shows, by the shares of content words.

    raw: by the plain ones of all words. Two notes that are compared by the sums of their sentences have plain shares
    all the way down.
    """
    match explanation:
        case TextExplanation():
            return _text_page(explanation, raw)
        case QueryExplanation():
            return _query_page(explanation, raw)
        case NoteExplanation():
            return _note_page(explanation, raw or explanation.parts is None)


def legend(*, raw: bool) -> str:
    """Say what shades mean, and how to look closer."""
    whose, what = ("a", "") if raw else ("a content", f"{HANDED_ON} ")
    return (
        '<p class="legend"><span>lowers</span><i></i><span>raises the score</span>'
        f'<span class="how">Shade: {whose} word\'s part, against the largest of its text. {what}'
        "Point at a word, click it, or move with Tab and the arrow keys.</span></p>"
    )


def query_names(explanation: QueryExplanation) -> tuple[str, str]:
    """Say what a query and the sentence that it found are called."""
    place = explanation.place
    section = f"{place.section}, " if place.section else ""
    return "Query", f"{section}{explanation.note_id}, {place.start}-{place.end}"


def _text_page(explanation: TextExplanation, raw: bool) -> Content:
    of = word_shares(explanation, ("First text", "Second text"), raw=raw)
    view, data = word_view(of, WORD_PAIRS, drawn=True)
    return _page("Why two texts match", "Why two texts match", _score_by_words(of, "cosine") + view, data)


def _query_page(explanation: QueryExplanation, raw: bool) -> Content:
    of = word_shares(explanation.text, query_names(explanation), raw=raw)
    view, data = word_view(of, WORD_PAIRS, drawn=True)
    heading = f"Why the query finds {isolated(explanation.note_id)}"
    score = _score_by_words(of, "cosine with this sentence")
    return _page(f"Why the query finds {explanation.note_id}", heading, score + view, data)


def _note_page(explanation: NoteExplanation, raw: bool) -> Content:
    cells = WORD_PAIRS // max(1, len(explanation.pairs))
    names = explanation.left_note_id, explanation.right_note_id
    views = [word_view(word_shares(pair.text, names, raw=raw), cells) for pair in explanation.pairs]
    account = account_of(explanation)
    numbers = {reason.pairs[0]: place + 1 for place, reason in enumerate(account.reasons)} if account else {}
    pairs = "".join(_pair(explanation, position, view, numbers) for position, (view, _) in enumerate(views))
    if account:
        opening = answer(account) + reason_list(explanation, account) + two_notes(explanation, account)
        by_words = f"<h2>Pairs by their words</h2>{_sum(explanation)}{legend(raw=raw)}"
        opening += by_words if explanation.pairs else f"<h2>Shares</h2>{_sum(explanation)}"
    else:
        opening = _score_by_sentences(explanation) + "<h2>Strongest pairs of sentences</h2>"
    body = f'{opening}<ol class="pairs">{pairs}</ol>{_rest(explanation)}{_matrix()}'
    title = f"Why {explanation.left_note_id} and {explanation.right_note_id} are alike"
    heading = f"Why {isolated(explanation.left_note_id)} and {isolated(explanation.right_note_id)} are alike"
    reasons = [reason.pairs for reason in account.reasons] if account else None
    data = {"views": [data for _, data in views], "sentences": _sentences(explanation), "reasons": reasons}
    return Content(title, heading, body, data, (*NAMES, "reasons") if account else NAMES)


def _page(title: str, heading: str, content: str, view: dict[str, Any]) -> Content:
    return Content(title, heading, content, {"views": [view]}, NAMES)


def _score_by_words(of: WordShares, name: str) -> str:
    if of.is_raw:
        return _score(of.score, f"{name}, {_shares_of(of.shares.size, 'words')}", of.residual) + legend(raw=True)
    parts = f"{number(sum(of.right.shown))} by content words"
    if of.background:
        parts = f"{number(of.background)} in common with any two sentences here + {parts}"
    return _score(of.score, f"{name}: {parts}", of.residual) + legend(raw=False)


def _score_by_sentences(explanation: NoteExplanation) -> str:
    said = f"cosine, {_shares_of(explanation.contributions.size, 'sentences')}"
    return _score(explanation.score, said, explanation.residual) + legend(raw=True)


def _score(score: float, said: str, residual: float) -> str:
    return f'<p class="score"><strong>{number(score)}</strong><span>{said}; residual {_residual(residual)}</span></p>'


def _shares_of(count: int, parts: str) -> str:
    return f"the sum of the shares of {count:,} pairs of {parts}"


def _sum(explanation: NoteExplanation) -> str:
    """Say what the shares of the pairs add up to, with what belongs to none."""
    is_unplaced = abs(explanation.unplaced) >= ROUNDING
    unplaced = f", and {number(explanation.unplaced)} of words and openings that belongs to no pair"
    return (
        f'<p class="remark">The shares of {explanation.contributions.size:,} pairs of sentences, '
        f"{number(explanation.in_common)} in common with any two notes here{unplaced if is_unplaced else ''} "
        f"add up to {number(explanation.score)}; residual {_residual(explanation.residual)}.</p>"
    )


def _residual(residual: float) -> str:
    return f"below {ROUNDING:.6f}" if abs(residual) < ROUNDING else number(residual, 6)


def _pair(explanation: NoteExplanation, position: int, view: str, numbers: dict[tuple[int, int], int]) -> str:
    """Return a pair with its words; numbers: of the pairs that stand for reasons."""
    pair = explanation.pairs[position]
    reason = numbers.get((pair.left, pair.right))
    named = f"<small>reason {reason}</small>" if reason else ""
    share, cosine = (
        float(shares[pair.left, pair.right]) for shares in (explanation.contributions, explanation.cosines)
    )
    most = max(float(np.abs(explanation.contributions).max()), 1e-9)
    is_open = not position and not explanation.parts
    return (
        f'<li><details class="pair" data-left="{pair.left}" data-right="{pair.right}"{" open" if is_open else ""}>'
        f'<summary><span class="share"><b>{number(share, 5)}</b><i class="{length(share, most)}"></i>'
        f"<small>cosine {number(cosine, 3)}</small>{named}</span>"
        f"{sentence(explanation.left[pair.left])}{sentence(explanation.right[pair.right])}</summary>"
        f"{view}</details></li>"
    )


def _rest(explanation: NoteExplanation) -> str:
    others = explanation.contributions.size - len(explanation.pairs)
    listed = sum(float(explanation.contributions[pair.left, pair.right]) for pair in explanation.pairs)
    rest = float(explanation.contributions.sum(dtype=np.float64)) - listed
    kind = "other pairs" if explanation.pairs else "pairs"
    return f'<p class="remark"><b>{number(rest)}</b> in {others:,} {kind}</p>' if others else ""


def _matrix() -> str:
    return (
        '<details class="matrix"><summary>Every sentence with every sentence</summary><div class="plot"></div>'
        '<div class="chosen" aria-live="polite"></div></details>'
    )


def _sentences(explanation: NoteExplanation) -> dict[str, Any]:
    """Give the script the shares of pairs; what both notes say it has from their columns where the page has these."""
    rows, columns = strongest(explanation.contributions, SENTENCE_PAIRS)
    is_shown = explanation.parts is not None
    return {
        "names": [visible(explanation.left_note_id), visible(explanation.right_note_id)],
        "counts": list(explanation.contributions.shape),
        "left": [_labelled(explanation.left[i], i, is_shown) for i in rows.tolist()],
        "right": [_labelled(explanation.right[j], j, is_shown) for j in columns.tolist()],
        "shares": packed(explanation.contributions[np.ix_(rows, columns)]),
    }


def _labelled(place: PlacedSentence, position: int, is_shown: bool) -> dict[str, Any]:
    text = {} if is_shown else {"text": visible(place.sentence)}
    return {"i": position, **text, "section": visible(place.section or "")}

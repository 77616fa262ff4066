"""A contrast as one HTML page: what sets two scores apart, by parts, by sentences, by reasons and by words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from clinsearch.records import Contrast, NoteExplanation, PlacedSentence, QueryExplanation
from clinsearch.records.contrasts import whole_score
from clinsearch.rendering.accounts import DIGITS, account_of, adding_up, decimals, reason_lines
from clinsearch.rendering.pages.explanations import NAMES, WORD_PAIRS, legend, query_names
from clinsearch.rendering.pages.page import Content, isolated, length, page_of, shown
from clinsearch.rendering.pages.reasons import sentence
from clinsearch.rendering.pages.shaded_words import word_view
from clinsearch.rendering.word_shares import IN_COMMON, others_line, word_shares
from clinsearch.rendering.wording import signed

MOST_SENTENCES = 6
MOST_WORDS = 16
# What keeps a page small, whatever stands in the notes.
LETTERS_OF_SENTENCE = 600
MOST_WORDS_SHADED = 1500
SIDES = ("first", "second")
ADDS_UP = "All adds up to the difference."
ELSEWHERE = "in no sentence: mostly what any two notes here have in common"
IN_NO_WORD = "in no word of the pairs that were taken apart: openings, other pairs, what any two notes have in common"


@dataclass(frozen=True, slots=True)
class Line:
    """A summand of the difference, as it is shown, with its meaning as HTML; a `rest` comes last, whatever its size."""

    share: float
    content: str
    is_rest: bool = False


def contrast_page(contrast: Contrast) -> str:
    """Make the page of a contrast, as one file."""
    return page_of(contrast_content(contrast))


def contrast_content(contrast: Contrast) -> Content:
    """Return what the page of a contrast shows."""
    nearer, other = contrast.nearer, contrast.other
    if isinstance(nearer, NoteExplanation) and isinstance(other, NoteExplanation):
        title = f"Why {nearer.right_note_id} is {_nearer(contrast)} {nearer.left_note_id} than {other.right_note_id}"
        content, views = _of_notes(contrast, nearer, other), list[dict[str, Any]]()
    elif isinstance(nearer, QueryExplanation) and isinstance(other, QueryExplanation):
        title = f"Why {nearer.note_id} is {_nearer(contrast)} the query than {other.note_id}"
        content, views = _of_hits(contrast, nearer, other)
    else:
        raise TypeError("A contrast is of two notes, or of two hits.")
    body = f"{_answer(contrast)}{_section('By parts', _by_parts(contrast), ADDS_UP)}{content}"
    return Content(title, shown(title), body, {"views": views}, (*NAMES, "contrast"))


def _nearer(contrast: Contrast) -> str:
    return "nearer to" if contrast.difference >= 0 else "farther from"


def _answer(contrast: Contrast) -> str:
    """Return the difference, the two scores that it is of, and what signs and sides mean below."""
    both = contrast.nearer, contrast.other
    named = [
        f'<span class="{side}"><i></i><b>{sign}</b> speaks for the {side}, {isolated(_note_id(one))}: '
        f"{decimals(whole_score(one))}</span>"
        for sign, side, one in zip("+\u2212", SIDES, both, strict=True)
    ]
    return (
        f'<p class="score"><strong>{signed(_total(contrast), DIGITS)}</strong><span>what sets the two scores '
        f'apart</span></p><p class="whose-sign">{"".join(named)}</p>'
    )


def _total(contrast: Contrast) -> float:
    """Return the difference of the two scores as they are shown."""
    return round(whole_score(contrast.nearer), DIGITS) - round(whole_score(contrast.other), DIGITS)


def _note_id(explanation: NoteExplanation | QueryExplanation) -> str:
    return explanation.right_note_id if isinstance(explanation, NoteExplanation) else explanation.note_id


def _by_parts(contrast: Contrast) -> list[Line]:
    parts = contrast.parts
    shares = adding_up(list(parts.values()), _total(contrast))
    return [Line(share, isolated(name)) for name, share in zip(parts, shares, strict=True)]


def _of_notes(contrast: Contrast, nearer: NoteExplanation, other: NoteExplanation) -> str:
    said = (
        f"What each sentence of {isolated(nearer.left_note_id)} adds, with its best partner in either note. {ADDS_UP}"
    )
    return (
        _section("By sentences", _by_sentences(contrast, nearer, other), said)
        + _section("By reasons", _by_reasons(nearer, other), f"Each reason stands on the side of its note. {ADDS_UP}")
        + _section(
            "By words",
            _by_words_of_notes(contrast),
            f"Content words of the pairs of sentences that were taken apart. {ADDS_UP}",
        )
    )


def _by_sentences(contrast: Contrast, nearer: NoteExplanation, other: NoteExplanation) -> list[Line]:
    summands = [*contrast.by_sentence.tolist(), contrast.elsewhere]
    *shares, elsewhere = adding_up(summands, _total(contrast))
    order = np.argsort([-share for share in shares], kind="stable").tolist()
    best = [at for at in order[:MOST_SENTENCES] if shares[at] > 0]
    listed = best + [at for at in reversed(order[len(best) :][-MOST_SENTENCES:]) if shares[at] < 0]
    rest = sum(shares) - sum(shares[at] for at in listed)
    others = len(shares) - len(listed)
    lines = [Line(shares[at], _compared(nearer, other, at)) for at in listed]
    lines += [Line(rest, f"in {others:,} other sentence{'' if others == 1 else 's'}", True)] if others else []
    return [*lines, Line(elsewhere, ELSEWHERE, True)]


def _compared(nearer: NoteExplanation, other: NoteExplanation, at: int) -> str:
    """Return a sentence with those of either note that add most together with it."""
    partners = "".join(
        f'<small class="partner"><b>{side}</b> {sentence(_cut(one.right[int(one.contributions[at].argmax())]))}</small>'
        for side, one in zip(SIDES, (nearer, other), strict=True)
    )
    return sentence(_cut(nearer.left[at])) + partners


def _by_reasons(nearer: NoteExplanation, other: NoteExplanation) -> list[Line]:
    accounts = account_of(nearer), account_of(other)
    one, against = accounts
    if not one or not against:
        return []
    lines = [
        Line(sign * share, _reason(explanation, reason.pairs[0], reason_lines(explanation, reason), number))
        for sign, explanation, account in ((1, nearer, one), (-1, other, against))
        for number, (reason, share) in enumerate(zip(account.reasons, account.shares, strict=True), start=1)
    ]
    return [
        *sorted(lines, key=lambda line: -abs(line.share)),
        Line(one.in_common - against.in_common, "in common with any two notes here", True),
        Line(one.rest - against.rest, "the rest", True),
    ]


def _reason(explanation: NoteExplanation, pair: tuple[int, int], said: Iterable[str], number: int) -> str:
    left, right = explanation.left[pair[0]], explanation.right[pair[1]]
    return (
        f'<small>reason {number}</small><span class="both-sides">{sentence(_cut(left))}{sentence(_cut(right))}</span>'
        f"<small>{' '.join(map(isolated, said))}</small>"
    )


def _by_words_of_notes(contrast: Contrast) -> list[Line]:
    rest = contrast.difference - sum(word.difference for word in contrast.by_word)
    return _by_words(contrast, rest, _total(contrast), IN_NO_WORD) if contrast.by_word else []


def _by_words(contrast: Contrast, rest: float, total: float, rest_line: str) -> list[Line]:
    words = contrast.by_word
    *shares, rest = adding_up([*(word.difference for word in words), rest], total)
    lines = [
        Line(share, f"<b>{isolated(word.word)}</b> <small>{decimals(word.nearer)} and {decimals(word.other)}</small>")
        for word, share in zip(words[:MOST_WORDS], shares, strict=False)
    ]
    if others := len(words) - len(lines):
        lines.append(Line(sum(shares[MOST_WORDS:]), others_line(others), True))
    return [*lines, Line(rest, rest_line, True)] if rest else lines


def _of_hits(contrast: Contrast, nearer: QueryExplanation, other: QueryExplanation) -> tuple[str, list[dict[str, Any]]]:
    cosines = [round(one.score, DIGITS) for one in (nearer, other)]
    background = nearer.text.content.background - other.text.content.background
    lines = _by_words(contrast, background, cosines[0] - cosines[1], IN_COMMON)
    said = f"All adds up to the difference of the two cosines, {decimals(cosines[0])} and {decimals(cosines[1])}."
    content, views = _section("By words of the query", lines, said), list[dict[str, Any]]()
    content += f"<h2>The two sentences by their words</h2>{legend(raw=False)}"
    for side, one in zip(SIDES, (nearer, other), strict=True):
        view, data = _view(one)
        content += f'<h3 class="side">The {side}, {isolated(one.note_id)}</h3>{view}'
        views += data
    return content, views


def _view(explanation: QueryExplanation) -> tuple[str, list[dict[str, Any]]]:
    of = word_shares(explanation.text, query_names(explanation))
    if len(of.left.words) + len(of.right.words) > MOST_WORDS_SHADED:
        return f"{sentence(_cut(explanation.place))}", []
    view, data = word_view(of, WORD_PAIRS // 2)
    return view, [data]


def _section(title: str, lines: Sequence[Line], said: str) -> str:
    if not lines:
        return ""
    most = max(*(abs(line.share) for line in lines), 1e-9)
    listed = sorted((line for line in lines if not line.is_rest), key=lambda line: -abs(line.share))
    rows = [
        *(line for line in listed if round(line.share, DIGITS) or len(listed) == 1),
        *(line for line in lines if line.is_rest),
    ]
    table = "".join(_row(line, most) for line in rows)
    return f'<h2>{title}</h2><p class="remark">{said}</p><table class="apart">{table}</table>'


def _row(line: Line, most: float) -> str:
    side = "" if not round(line.share, DIGITS) else SIDES[line.share < 0]
    kind = f"{side} rest" if line.is_rest else side
    drawn = f'<i class="{length(line.share, most)}"></i>'
    return (
        f'<tr class="{kind}"><td class="number">{signed(line.share, DIGITS)}</td><td class="whose">{side}</td>'
        f'<td class="bar">{drawn}</td><td class="what">{line.content}</td></tr>'
    )


def _cut(place: PlacedSentence) -> PlacedSentence:
    text = place.sentence
    return place if len(text) <= LETTERS_OF_SENTENCE else replace(place, sentence=f"{text[:LETTERS_OF_SENTENCE]}…")

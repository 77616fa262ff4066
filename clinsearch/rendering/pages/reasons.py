"""The answer that a page of two notes opens with: the score as a sum, and the reasons, best first."""

from __future__ import annotations

from collections.abc import Sequence

from clinsearch.records import NoteExplanation, PlacedSentence
from clinsearch.rendering.accounts import NO_REASON, Account, decimals, reason_lines
from clinsearch.rendering.pages.page import isolated, length, shown
from clinsearch.rendering.wording import is_headed


def answer(account: Account) -> str:
    """Return the score and the two sums that it is, the second as a bar too."""
    summands = ", ".join(
        f'<span><i class="key {kind}"></i>{what} {decimals(value)}</span>' for kind, what, value in account.summands
    )
    return (
        f'<p class="score"><strong>{decimals(account.score)}</strong><span>{account.parts_line}</span></p>'
        f'{_bar(account)}<p class="sums">{summands}</p>'
    )


def reason_list(explanation: NoteExplanation, account: Account) -> str:
    """Return the reasons as bands, each with its number, its share, its two sentences, and how unusual it is."""
    if not account.reasons:
        return f'<p class="remark">{NO_REASON}</p>'
    bands = (_band(explanation, account, number) for number in range(len(account.reasons)))
    return f'<h2>Reasons, best first</h2><ol class="reasons">{"".join(bands)}</ol>'


def chip(number: int, kind: str = "") -> str:
    """Return the button that stands for a reason, counted from 0 here and from 1 to the reader."""
    return (
        f'<button type="button" class="chip r{number + 1}{kind}" data-reason="{number}" aria-pressed="false" '
        f'aria-label="Reason {number + 1}">{number + 1}</button>'
    )


def sentence(place: PlacedSentence) -> str:
    """Return a sentence as a block, with the name of its section where it does not begin with it."""
    is_shown = place.section and not is_headed(place.section, place.sentence)
    section = f'<small class="section">{isolated(str(place.section))}</small> ' if is_shown else ""
    return f'<span class="sentence" dir="auto">{section}{shown(place.sentence)}</span>'


def _bar(account: Account) -> str:
    """Return what the score is the sum of as lengths; what lowers it has none, and the line below names all."""
    pieces: Sequence[tuple[str, str, float]] = [
        ("common", "", account.in_common),
        *((f"r{number}", str(number), share) for number, share in enumerate(account.shares, start=1)),
        ("rest", "", account.rest),
    ]
    whole = sum(max(value, 0.0) for _, _, value in pieces) or 1.0
    drawn = "".join(
        f'<i class="{kind} {length(value, whole)}">{name if value / whole > 0.025 else ""}</i>'
        for kind, name, value in pieces
        if value > 0
    )
    return f'<div class="bar-of-sum" aria-hidden="true">{drawn}</div>'


def _band(explanation: NoteExplanation, account: Account, number: int) -> str:
    reason = account.reasons[number]
    i, j = reason.pairs[0]
    template = '<small class="template">template</small>' if reason.is_template else ""
    lines = " ".join(map(isolated, reason_lines(explanation, reason)))
    return (
        f'<li class="reason r{number + 1}" data-reason="{number}"><span class="sign">{chip(number)}'
        f"<b>{decimals(account.shares[number])}</b>{template}</span>"
        f'{sentence(explanation.left[i])}{sentence(explanation.right[j])}<p class="how-unusual">{lines}</p></li>'
    )

"""Two notes side by side, whole: every sentence in order, those of reasons marked, those of many notes greyed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from clinsearch.records import NoteExplanation, PlacedSentence
from clinsearch.records.explanations import TEMPLATE_NOTES
from clinsearch.rendering.accounts import Account
from clinsearch.rendering.pages.page import isolated, shown
from clinsearch.rendering.pages.reasons import chip
from clinsearch.rendering.wording import is_headed

SideName = Literal["left", "right"]
HOW = "Click a marked sentence, or press n and p, to see what it goes with on the other side."
GREYED = f"Grey: sentences that stand in {TEMPLATE_NOTES} notes or more."


def two_notes(explanation: NoteExplanation, account: Account) -> str:
    """Return both notes, each in a column of its own."""
    sizes = (*explanation.left_other_notes, *explanation.right_other_notes)
    greyed = f"<span>{GREYED}</span>" if any(_is_common(others) for others in sizes) else ""
    how = f'<span class="how">{HOW}</span>' if account.reasons else ""
    chips = "".join(map(chip, range(len(account.reasons))))
    named = '<span class="now" aria-live="polite"></span>'
    steps = f'<div class="steps" role="group" aria-label="Reasons">{chips}{named}</div>' if chips else ""
    columns = _column(explanation, account, "left") + _column(explanation, account, "right")
    return (
        f'<h2>The two notes</h2><p class="remark">{how} {greyed}</p>'
        f'<div class="both">{steps}<div class="columns">{columns}</div></div>'
    )


def _column(explanation: NoteExplanation, account: Account, side: SideName) -> str:
    places, note_id, others = {
        "left": (explanation.left, explanation.left_note_id, explanation.left_other_notes),
        "right": (explanation.right, explanation.right_note_id, explanation.right_other_notes),
    }[side]
    marks = _marks(account, side)
    sentences: list[str] = []
    section: str | None = None
    for position, place in enumerate(places):
        is_headed_here = place.section is not None and is_headed(place.section, place.sentence)
        if place.section != section and place.section and not is_headed_here:
            sentences.append(f'<h3 class="heading">{isolated(place.section)}</h3>')
        begins = place.section != section and is_headed_here
        sentences.append(_sentence(place, position, begins, others[position], marks.get(position, [])))
        section = place.section
    return (
        f'<figure class="column"><figcaption>{isolated(note_id)} <small>{len(places):,} sentences</small></figcaption>'
        f'<div class="note" data-side="{side}" role="region" tabindex="0" aria-label="{shown(note_id)}">'
        f"{''.join(sentences)}</div></figure>"
    )


def _marks(account: Account, side: SideName) -> dict[int, list[tuple[int, bool]]]:
    """Return for each sentence of reasons which these are, best first, and of which it stands for all that is alike."""
    place = 0 if side == "left" else 1
    marks: dict[int, list[tuple[int, bool]]] = {}
    for number, reason in enumerate(account.reasons):
        for position in dict.fromkeys(pair[place] for pair in reason.pairs):
            marks.setdefault(position, []).append((number, position == reason.pairs[0][place]))
    return {position: sorted(of_this, key=lambda mark: not mark[1]) for position, of_this in marks.items()}


def _sentence(
    place: PlacedSentence, position: int, begins: bool, others: int, marks: Sequence[tuple[int, bool]]
) -> str:
    kinds = ["s", *(["begins"] if begins else [])]
    if marks:
        number, is_first = marks[0]
        kinds += [f"r{number + 1}", "marked" if is_first else "alike"]
    title = ""
    if _is_common(others):
        kinds.append("common")
        title = f' title="stands in {others + 1:,} notes"'
    chips = "".join(chip(number, "" if is_first else " alike") for number, is_first in marks)
    return (
        f'<p class="{" ".join(kinds)}" data-i="{position}"{title}><span class="chips">{chips}</span>'
        f'<span class="text" dir="auto">{_headed(place) if begins else shown(place.sentence)}</span></p>'
    )


def _headed(place: PlacedSentence) -> str:
    """Return a sentence with the heading that it begins with in bold."""
    text, section = place.sentence, place.section or ""
    label, colon, _ = text.partition(":")
    is_label = colon and is_headed(section, label + colon) and not label.lower().startswith(section + " ")
    end = len(label + colon) if is_label else len(section)
    return f"<b>{shown(text[:end])}</b>{shown(text[end:])}"


def _is_common(others: int) -> bool:
    return others + 1 >= TEMPLATE_NOTES

"""Why one is nearer than another, for reading in a terminal: the difference of the scores by parts and by sentences."""

from __future__ import annotations

from typing import Any

import numpy as np
from rich.padding import Padding
from rich.text import Text

from clinsearch.records import Contrast, NoteExplanation, QueryExplanation
from clinsearch.records.contrasts import whole_score
from clinsearch.rendering.signs import visible
from clinsearch.rendering.terminal.layout import columns, in_section, write

MOST_SENTENCES = 5
# Smaller differences are not shown: three decimals would say nothing.
LEAST = 0.0005


def print_contrast(contrast: Contrast) -> None:
    """Show what sets two scores apart, the most first."""
    names = [visible(_name(one)) for one in (contrast.nearer, contrast.other)]
    scores = [whole_score(one) for one in (contrast.nearer, contrast.other)]
    is_nearer = "nearer" if contrast.difference >= 0 else "farther"
    line = f"{names[0]} is {is_nearer} than {names[1]}: {scores[0]:.3f} and {scores[1]:.3f}"
    write(Text(f"{line}, a difference of {contrast.difference:+.3f}", style="bold"))
    table = columns(right=[0], count=2)
    for name, part in sorted(contrast.parts.items(), key=lambda item: -abs(item[1])):
        if abs(part) >= LEAST:
            table.add_row(f"{part:+.3f}", Text(visible(name)))
    write(Padding(table, (0, 0, 0, 2)))
    if isinstance(contrast.nearer, NoteExplanation) and isinstance(contrast.other, NoteExplanation):
        _print_sentences(contrast, contrast.nearer, contrast.other)
    else:
        for name, one in zip(names, (contrast.nearer, contrast.other), strict=True):
            _print_found(name, one)


def _print_sentences(contrast: Contrast, nearer: NoteExplanation, other: NoteExplanation) -> None:
    """Show the sentences that speak most for either side, with what each is near to there."""
    shares = contrast.by_sentence
    for sign, title in ((1, nearer.right_note_id), (-1, other.right_note_id)):
        best = [at for at in np.argsort(-sign * shares, kind="stable")[:MOST_SENTENCES] if sign * shares[at] >= LEAST]
        if not best:
            continue
        write(f"\nFor {visible(title)}:")
        table = columns(right=[0], count=2)
        for at in best:
            table.add_row(f"{shares[at]:+.3f}", in_section(nearer.left[at].section, nearer.left[at].sentence))
            for one in (nearer, other):
                table.add_row("", _partner(one, int(at)))
        write(Padding(table, (0, 0, 0, 2)))
    write(f"\n  {contrast.elsewhere:+.3f}  in no sentence: mostly what any two notes here have in common")


def _partner(explanation: NoteExplanation, at: int) -> Text:
    """Show the sentence of the other note that adds most together with one."""
    place = explanation.right[int(explanation.contributions[at].argmax())]
    label = Text(f"  in {visible(explanation.right_note_id)}: ", style="dim")
    return label.append(in_section(place.section, place.sentence))


def _print_found(name: str, explanation: Any) -> None:
    write(f"\n{name}:")
    write(Padding(in_section(explanation.place.section, explanation.place.sentence), (0, 0, 0, 2)))


def _name(explanation: NoteExplanation | QueryExplanation) -> str:
    return explanation.right_note_id if isinstance(explanation, NoteExplanation) else explanation.note_id

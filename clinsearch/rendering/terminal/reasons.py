"""Why two notes match, for reading in a terminal: what the score is the sum of, then the reasons, best first."""

from __future__ import annotations

from rich.padding import Padding
from rich.text import Text

from clinsearch.records import LikenessParts, NoteExplanation, Reason
from clinsearch.rendering.reasons import nearness_line, said_line, shown_reasons, standing_line, sum_of
from clinsearch.rendering.terminal.layout import columns, in_section, write

REASONS = "the reasons below"
NO_REASON = "no reason: each sentence is nearer to a hundred others of the collection than to any of the other note"


def print_reasons(explanation: NoteExplanation, parts: LikenessParts) -> None:
    """Show a score of two notes as a sum, and at most five reasons."""
    split, reasons = sum_of(explanation), shown_reasons(explanation)
    write(
        f"score {explanation.score:.3f}: openings {parts.openings:.3f} + words {parts.words:.3f} "
        f"+ sentences {parts.sentences:.3f}"
    )
    table = columns(right=[0], count=2)
    table.add_row(f"{split.in_common:.3f}", "what any two notes here have in common")
    table.add_row(f"{split.by_reasons:.3f}", REASONS if reasons else NO_REASON)
    table.add_row(f"{split.rest:.3f}", "the rest")
    write(Padding(table, (0, 0, 0, 2)))
    for number, reason in enumerate(reasons, start=1):
        _print_reason(explanation, number, reason)


def _print_reason(explanation: NoteExplanation, number: int, reason: Reason) -> None:
    (i, j), *others = reason.pairs
    table = columns(right=[0, 1], count=3)
    for place, label in ((explanation.left[i], (f"{number}", f"{reason.share:.3f}")), (explanation.right[j], ("", ""))):
        table.add_row(*label, in_section(place.section, place.sentence))
    write("")
    write(table)
    more = f" {len(others)} more pair{'s say' if len(others) > 1 else ' says'} the same." if others else ""
    lines = [f"{nearness_line(reason, explanation.sentences)} {standing_line(reason)}{more}"]
    lines += filter(None, [said_line(explanation, reason)])
    for line in lines:
        write(Padding(Text(line, style="dim"), (0, 0, 0, 10)))

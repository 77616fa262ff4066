"""Why two notes match, for reading in a terminal: what the score is the sum of, then the reasons, best first."""

from __future__ import annotations

from rich.padding import Padding
from rich.text import Text

from clinsearch.records import NoteExplanation, Reason
from clinsearch.rendering.accounts import NO_REASON, Account, decimals, reason_lines
from clinsearch.rendering.signs import visible
from clinsearch.rendering.terminal.layout import columns, in_section, write


def print_reasons(explanation: NoteExplanation, account: Account) -> None:
    """Show a score of two notes as a sum, and at most five reasons."""
    write(f"score {decimals(account.score)}: {account.parts_line}")
    table = columns(right=[0], count=2)
    for _, what, value in account.summands:
        table.add_row(decimals(value), what)
    write(Padding(table, (0, 0, 0, 2)))
    if not account.reasons:
        write(f"\n{NO_REASON}")
    for number, (reason, share) in enumerate(zip(account.reasons, account.shares, strict=True), start=1):
        _print_reason(explanation, number, reason, share)


def _print_reason(explanation: NoteExplanation, number: int, reason: Reason, share: float) -> None:
    (i, j), *_ = reason.pairs
    table = columns(right=[0, 1], count=3)
    for place, label in ((explanation.left[i], (f"{number}", decimals(share))), (explanation.right[j], ("", ""))):
        table.add_row(*label, in_section(place.section, place.sentence))
    write("")
    write(table)
    line = Text(visible(" ".join(reason_lines(explanation, reason))), style="dim")
    write(Padding(line, (0, 0, 0, 10)))

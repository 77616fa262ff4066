"""What a search found, for reading in a terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.padding import Padding
from rich.text import Text

from clinsearch.records import Hit, WordHit
from clinsearch.records.notes import Span
from clinsearch.records.passages import Passage
from clinsearch.rendering.scores import (
    caution,
    evidence_lines,
    lacking_line,
    names_line,
    said_line,
    score_line,
    values_line,
)
from clinsearch.rendering.signs import one_line, visible
from clinsearch.rendering.terminal.layout import columns, in_passage, in_section, in_sentence, write


def print_hits(hits: Sequence[Hit], *, why: bool = False, passages: Sequence[Passage | None] | None = None) -> None:
    """Show hits, those in the same note under one heading; with `why` what each score is made of.

    passages: of each hit, in which it is shown.
    """
    if not hits:
        write("Nothing found.")
        return
    if hits[0].parts is not None and hits[0].parts.meant:
        write(Text(visible(f"Searched for: {hits[0].parts.meant} (as written: --exact --no-synonyms)"), style="dim"))
    if warned := caution(hits):
        write(Text(warned, style="dim"))
    if hits[0].sentence is None:
        _print_notes(hits, why=why)
    else:
        _print_sentences(hits, passages or [None] * len(hits), why=why)


def _print_notes(hits: Sequence[Hit], *, why: bool) -> None:
    table = columns(right=[0, 1], count=3)
    for number, hit in enumerate(hits, start=1):
        table.add_row(_number(number), f"{hit.score:.3f}", _heading(hit))
        for line in lines_below(hit, why=why):
            table.add_row("", "", Text(visible(line), style="dim"))
    write(table)


def _print_sentences(hits: Sequence[Hit], passages: Sequence[Passage | None], *, why: bool) -> None:
    by_note: dict[str, list[tuple[int, Hit]]] = {}
    for number, hit in enumerate(hits, start=1):
        by_note.setdefault(hit.note_id, []).append((number, hit))
    for group in by_note.values():
        write(_heading(group[0][1]))
        table = columns(right=[0, 1], count=3)
        numbers = {(hit.start or 0, hit.end or 0): number for number, hit in group}
        shown: set[int] = set()
        for number, hit in group:
            passage = passages[number - 1]
            text = sentence(hit) if passage is None else _in_passage(hit, passage, numbers, shown)
            table.add_row(_number(number), f"{hit.score:.3f}", text)
            for line in lines_below(hit, why=why):
                table.add_row("", "", Text(visible(line), style="dim"))
        write(Padding(table, (0, 0, 0, 2)))


def lines_below(hit: Hit, *, why: bool) -> list[str]:
    """Say what a hit's score is made of, if that is asked for, and what is not simply so in it."""
    if hit.parts is None:
        return []
    below = [score_line(hit.score, hit.parts) if why else names_line(hit.parts)]
    below += [values_line(hit.parts), *evidence_lines(hit), said_line(hit.parts), lacking_line(hit.parts)]
    return [line for line in below if line]


def print_word_hits(hits: Sequence[WordHit]) -> None:
    """Show words that were found, each marked in its sentence, with its wordpieces and their ids."""
    if not hits:
        write("Nothing found.")
        return
    table = columns(right=[0, 1], count=4)
    for number, hit in enumerate(hits, start=1):
        pieces = " ".join(f"{token.token} {token.id}" for token in hit.tokens)
        about = Text(one_line(f"{hit.note_id} {hit.start}-{hit.end}"), style="dim")
        table.add_row(_number(number), f"{hit.score:.3f}", Text(visible(pieces), style="bold"), about)
        places = Text(f"  ({hit.occurrences} places)" if hit.occurrences > 1 else "", style="dim")
        table.add_row("", "", "", in_sentence(hit.section, hit.marked).append_text(places))
    write(table)


def _number(number: int) -> Text:
    """Show the number by which `explain --hit` knows a hit."""
    return Text(str(number), style="dim")


def _heading(hit: Hit) -> Text:
    day = hit.note_datetime.date().isoformat() if hit.note_datetime else None
    about = [part for part in (hit.title or hit.note_type, day, hit.patient_id) if part]
    return Text(one_line(hit.note_id), style="bold").append(one_line("  " + " · ".join(about)), style="not bold dim")


def _in_passage(hit: Hit, passage: Passage, numbers: Mapping[Span, int], shown: set[int]) -> Text:
    """Show a hit in its passage, or that it is in one above."""
    if passage.start in shown:
        return Text("in the passage above", style="dim")
    shown.add(passage.start)
    is_headed = not passage.section or (passage.heading or "") in passage.text
    before = "" if is_headed else f"{passage.section}: "
    text = Text(one_line(before), style="cyan").append_text(in_passage(passage, numbers))
    return _with_places(text, hit)


def sentence(hit: Hit) -> Text:
    """Show a hit's sentence in its section, and for how many places and others it stands."""
    return _with_places(in_section(hit.section, hit.sentence or ""), hit)


def _with_places(text: Text, hit: Hit) -> Text:
    repeated = [f"{hit.occurrences} places"] if hit.occurrences and hit.occurrences > 1 else []
    repeated += [f"{hit.variants} more in nearly the same words"] if hit.variants else []
    if repeated:
        text.append(f"  ({', '.join(repeated)})", style="dim")
    return text

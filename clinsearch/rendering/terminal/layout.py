"""How text is laid out in a terminal: one width where there is none, tables without lines, sentences and their words.

Text of notes is shown as it is, never read as markup.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.table import Table
from rich.text import Text

from clinsearch.records import MarkedText
from clinsearch.records.notes import Span
from clinsearch.records.passages import Passage
from clinsearch.rendering.signs import one_line, visible
from clinsearch.rendering.wording import is_headed

WIDTH_WITHOUT_TERMINAL = 100


def console(*, stderr: bool = False) -> Console:
    """Make a console; where its output is no terminal, lines have one width on every machine."""
    made = Console(stderr=stderr, markup=False, highlight=False, emoji=False)
    if not made.is_terminal:
        made.width = WIDTH_WITHOUT_TERMINAL
    return made


class _Visible:
    """Something that is shown with every text in it made visible, once styles and text are told apart."""

    def __init__(self, shown: RenderableType) -> None:
        self._shown = shown

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[Segment]:
        for segment in console.render(self._shown, options):
            yield segment if segment.control else Segment(visible(segment.text), segment.style)


def write(shown: RenderableType) -> None:
    """Print to stdout; where that is no terminal, without the blanks that fill lines up."""
    out = console()
    if out.is_terminal:
        out.print(_Visible(shown))
        return
    with out.capture() as lines:
        out.print(_Visible(shown))
    print("\n".join(line.rstrip() for line in lines.get().splitlines()))


def columns(*, right: Sequence[int] = (), count: int) -> Table:
    """Make a table without lines; the columns numbered in `right` are flush right and never wrap."""
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    for number in range(count):
        is_right = number in right
        table.add_column(justify="right" if is_right else "left", no_wrap=is_right, overflow="fold")
    return table


def in_section(section: str | None, sentence: str) -> Text:
    """Show a sentence behind the name of its section, unless it begins with the section's heading."""
    before = f"{section}: " if section and not is_headed(section, sentence) else ""
    return Text(visible(before), style="cyan").append(Text(visible(sentence), style="not cyan"))


def in_sentence(section: str | None, marked: MarkedText) -> Text:
    """Show a sentence with the word that is meant in brackets, which are read where colours are not."""
    text, start, end = marked.text, marked.start, marked.end
    shown = Text()
    if section and not is_headed(section, text):
        shown.append(one_line(f"{section}: "), style="cyan")
    shown.append(visible(text[:start])).append(f"[{visible(text[start:end])}]", style="bold")
    return shown.append(visible(text[end:]))


def in_passage(passage: Passage, numbers: Mapping[Span, int] | None = None) -> Text:
    """Show a passage with its places in brackets, each with its number if several are numbered."""
    shown, done = Text(), passage.start
    for start, end in passage.marks:
        begin = max(start, done)  # two places may overlap
        shown.append(visible(passage.text[done - passage.start : begin - passage.start]))
        number = f"{numbers[start, end]}: " if numbers and len(passage.marks) > 1 else ""
        shown.append(f"[{number}{visible(passage.text[begin - passage.start : end - passage.start])}]", style="bold")
        done = max(end, done)
    return shown.append(visible(passage.text[done - passage.start :]))

"""Results for reading in a terminal. Text of notes is shown as it is, never read as markup."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from rich.console import Console, ConsoleOptions, RenderableType
from rich.padding import Padding
from rich.segment import Segment
from rich.table import Table
from rich.text import Text

from clinsearch.language.segmentation import heading_name
from clinsearch.records import CollectionStatus, Hit, MarkedText, NoteView, SearchQuality, WordHit
from clinsearch.rendering.signs import one_line, visible

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


def print_hits(hits: Sequence[Hit], below: Callable[[Hit], Sequence[str]] = lambda hit: ()) -> None:
    """Show hits, those in the same note under one heading, and lines `below` each."""
    if not hits:
        write("Nothing found.")
    elif hits[0].sentence is None:
        _print_notes(hits)
    else:
        _print_sentences(hits, below)


def _print_notes(hits: Sequence[Hit]) -> None:
    table = columns(right=[0, 1], count=3)
    for number, hit in enumerate(hits, start=1):
        table.add_row(_number(number), f"{hit.score:.3f}", _heading(hit))
    write(table)


def _print_sentences(hits: Sequence[Hit], below: Callable[[Hit], Sequence[str]]) -> None:
    by_note: dict[str, list[tuple[int, Hit]]] = {}
    for number, hit in enumerate(hits, start=1):
        by_note.setdefault(hit.note_id, []).append((number, hit))
    for group in by_note.values():
        write(_heading(group[0][1]))
        table = columns(right=[0, 1], count=3)
        for number, hit in group:
            table.add_row(_number(number), f"{hit.score:.3f}", _sentence(hit))
            for line in below(hit):
                table.add_row("", "", Text(visible(line), style="dim"))
        write(Padding(table, (0, 0, 0, 2)))


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


def in_section(section: str | None, sentence: str) -> Text:
    """Show a sentence behind the name of its section, unless it begins with the section's heading."""
    before = f"{section}: " if section and not is_headed(section, sentence) else ""
    return Text(visible(before), style="cyan").append(Text(visible(sentence), style="not cyan"))


def is_headed(section: str, sentence: str) -> bool:
    """Tell whether a sentence begins with the heading of its section."""
    label = sentence.partition(":")[0]
    return section in (heading_name(label), label.lower()) or sentence.lower().startswith(section)


def in_sentence(section: str | None, marked: MarkedText) -> Text:
    """Show a sentence with the word that is meant in brackets, which are read where colours are not."""
    text, start, end = marked.text, marked.start, marked.end
    shown = Text()
    if section and not is_headed(section, text):
        shown.append(one_line(f"{section}: "), style="cyan")
    shown.append(visible(text[:start])).append(f"[{visible(text[start:end])}]", style="bold")
    return shown.append(visible(text[end:]))


def _number(number: int) -> Text:
    """Show the number by which `explain --hit` knows a hit."""
    return Text(str(number), style="dim")


def _heading(hit: Hit) -> Text:
    day = hit.note_datetime.date().isoformat() if hit.note_datetime else None
    about = [part for part in (hit.title or hit.note_type, day, hit.patient_id) if part]
    return Text(one_line(hit.note_id), style="bold").append(one_line("  " + " · ".join(about)), style="not bold dim")


def _sentence(hit: Hit) -> Text:
    text = in_section(hit.section, hit.sentence or "")
    repeated = [f"{hit.occurrences} places"] if hit.occurrences and hit.occurrences > 1 else []
    repeated += [f"{hit.variants} more in nearly the same words"] if hit.variants else []
    if repeated:
        text.append(f"  ({', '.join(repeated)})", style="dim")
    return text


def print_status(status: CollectionStatus) -> None:
    """Show what is in a collection."""
    table = columns(count=2)
    table.add_row("collection", status.collection)
    table.add_row("notes", f"{status.notes:,}")
    table.add_row("sentences", f"{status.sentences:,} distinct, {status.occurrences:,} in all")
    table.add_row("model", f"{status.model}, {status.pooling} pooling, {status.hidden_size} dimensions")
    if status.corrected_on is not None:
        table.add_row("vectors", f"centred and whitened, fitted on {status.corrected_on:,} sentences")
    table.add_row("fingerprint", status.fingerprint[:16])
    table.add_row("size", f"{status.bytes / 1e6:,.1f} MB")
    for note_type, count in status.note_types.items():
        table.add_row("", one_line(f"{count:,} {note_type or 'of no type'}"))
    for quality in status.search:
        table.add_row(f"search of {quality.vectors}s", _how_searched(quality))
    if status.has_remains:
        table.add_row("deleted", "text may still be on the disk; `clinsearch optimize` takes it off")
    write(table)


def print_optimized(search: Sequence[SearchQuality]) -> None:
    """Show how a collection is searched."""
    table = columns(count=2)
    for quality in search:
        table.add_row(f"search of {quality.vectors}s", _how_searched(quality))
    write(table)


def _how_searched(quality: SearchQuality) -> str:
    if quality.cells is None:
        return f"exact, all {quality.rows:,}"
    return (
        f"{quality.probes:,} of {quality.cells:,} cells, which found {quality.recall:.1%} of the ten nearest "
        f"of {quality.rows:,}"
    )


def print_note(view: NoteView) -> None:
    """Show a note: what is known of it, and its text with headings and sentences told apart."""
    note = view.note
    table = columns(count=2)
    for name in ("note_id", "patient_id", "encounter_id", "note_type", "note_datetime", "title", "source"):
        value = getattr(note, name)
        if value is not None:
            table.add_row(name, one_line(str(value)))
    table.add_row("sentences", f"{len(view.sentences):,}")
    write(table)
    text = Text(visible(note.text))
    for section in view.sections:
        if section.heading:
            text.stylize("bold cyan", section.start, section.start + len(section.heading) + 1)
    for number, sentence in enumerate(view.sentences):
        text.stylize("default" if number % 2 else "bright_white", sentence.start, sentence.end)
    write("")
    write(text)

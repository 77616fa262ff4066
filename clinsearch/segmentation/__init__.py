"""A note's sections and sentences, as character offsets into its untouched text."""

from __future__ import annotations

from collections.abc import Iterator

from clinsearch.records import Section, Segmentation, Sentence
from clinsearch.segmentation.headings import Heading, find_headings
from clinsearch.segmentation.lines import Line, Span, split_lines
from clinsearch.segmentation.sentences import split_sentences

__all__ = ["SEGMENTATION_VERSION", "segment"]

# Part of a collection's fingerprint: change it whenever the output changes for any text.
SEGMENTATION_VERSION: str = "1"


def segment(text: str) -> Segmentation:
    """Divide a note into sections, which cover it, and sentences, which leave out headings and bullets."""
    pieces = _pieces(text)
    headings = [piece for piece in pieces if isinstance(piece, Heading)]
    sections = tuple(_sections(text, headings))
    return Segmentation(sections, tuple(_sentences(text, pieces, len(sections) - len(headings) - 1)))


def _sections(text: str, headings: list[Heading]) -> Iterator[Section]:
    starts = [heading.start for heading in headings] + [len(text)]
    if starts[0] > 0:
        yield Section(None, None, 0, starts[0])
    for heading, end in zip(headings, starts[1:], strict=True):
        yield Section(heading.name, text[heading.start : heading.stop], heading.start, end)


def _sentences(text: str, pieces: list[Heading | Span], section: int) -> Iterator[Sentence]:
    for piece in pieces:
        if isinstance(piece, Heading):
            section += 1
            continue
        for start, end in split_sentences(text, piece):
            yield Sentence(start, end, section)


def _pieces(text: str) -> list[Heading | Span]:
    """Return the headings and the runs of prose between them, hard-wrapped lines joined."""
    shouted = text.isupper()
    pieces: list[Heading | Span] = []
    for line in split_lines(text):
        above = pieces[-1] if pieces else None
        headings = find_headings(text, line, above=above, shouted=shouted)
        for piece in _line_pieces(line, headings):
            wrapped = line.runs_on and piece[0] == line.start and not isinstance(piece, Heading)
            if wrapped and above and not isinstance(above, Heading):
                pieces[-1] = (above[0], piece[1])
            else:
                pieces.append(piece)
    return pieces


def _line_pieces(line: Line, headings: Iterator[Heading]) -> Iterator[Heading | Span]:
    floor = line.start
    for heading in headings:
        if floor < heading.start:
            yield floor, heading.start
        yield heading
        floor = heading.end
    if floor < line.end:
        yield floor, line.end

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
    pieces = list(_pieces(text))
    headings = [piece for piece in pieces if isinstance(piece, Heading)]
    sections = tuple(_sections(text, headings))
    return Segmentation(sections, tuple(_sentences(text, pieces, len(sections) - len(headings))))


def _sections(text: str, headings: list[Heading]) -> Iterator[Section]:
    first = headings[0].start if headings else len(text)
    if first:
        yield Section(None, None, 0, first)
    ends = [heading.start for heading in headings[1:]] + [len(text)]
    for heading, end in zip(headings, ends, strict=False):
        yield Section(heading.name, text[heading.start : heading.stop], heading.start, end)


def _sentences(text: str, pieces: list[Heading | Span], section: int) -> Iterator[Sentence]:
    section -= 1
    for piece in pieces:
        if isinstance(piece, Heading):
            section += 1
            continue
        for start, end in split_sentences(text, *piece):
            yield Sentence(start, end, section)


def _pieces(text: str) -> Iterator[Heading | Span]:
    """Yield headings and the runs of prose between them, hard-wrapped lines joined."""
    shouted = text.isupper()
    prose: Span | None = None
    above: Heading | Span | None = None
    for line in split_lines(text):
        headings = find_headings(text, line, above, shouted=shouted)
        for piece in _line_pieces(line, headings):
            if prose and line.runs_on and piece[0] == line.start and not isinstance(piece, Heading):
                above = prose = (prose[0], piece[1])
                continue
            if prose:
                yield prose
            above = piece
            prose = None
            if isinstance(piece, Heading):
                yield piece
            else:
                prose = piece
    if prose:
        yield prose


def _line_pieces(line: Line, headings: Iterator[Heading]) -> Iterator[Heading | Span]:
    floor = line.start
    for heading in headings:
        if floor < heading.start:
            yield floor, heading.start
        yield heading
        floor = heading.end
    if floor < line.end:
        yield floor, line.end

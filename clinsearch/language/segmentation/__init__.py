"""A note's sections and sentences, as character offsets into its untouched text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from clinsearch.language.segmentation.given import GivenHeadings
from clinsearch.language.segmentation.heading_names import heading_name
from clinsearch.language.segmentation.headings import Heading, Surroundings, find_headings
from clinsearch.language.segmentation.legible import encoded_blocks, legible
from clinsearch.language.segmentation.lines import Line, Span, split_lines
from clinsearch.language.segmentation.sentences import split_sentences
from clinsearch.language.segmentation.wording import sentence_texts
from clinsearch.records import Section, Segmentation, Sentence

__all__ = ["heading_name", "legible", "segment", "sentence_texts"]


def segment(text: str, headings: Sequence[Span] = ()) -> Segmentation:
    """Divide a note into sections, which cover it, and sentences, which hold every word of it.

    headings: spans that its format marks as headings, in order and apart; others are found by their wording besides.
    A heading belongs to the sentence that follows it; one with nothing after it is a sentence of its own.
    Bullets, the numbers of lists and blocks of encoded data are left out.
    """
    blocks = tuple(encoded_blocks(text))
    text = legible(text, blocks)
    pieces = _pieces(text, headings)
    found = [piece for piece in pieces if isinstance(piece, Heading)]
    sections = tuple(_sections(text, found))
    sentences = tuple(_sentences(text, pieces, len(sections) - len(found) - 1, blocks))
    return Segmentation(sections, sentences, blocks)


def _sections(text: str, headings: list[Heading]) -> Iterator[Section]:
    starts = [heading.start for heading in headings] + [len(text)]
    if starts[0] > 0:
        yield Section(None, None, 0, starts[0])
    for heading, end in zip(headings, starts[1:], strict=True):
        yield Section(heading.name, text[heading.start : heading.stop], heading.start, end)


def _sentences(text: str, pieces: list[Heading | Span], section: int, blocks: tuple[Span, ...]) -> Iterator[Sentence]:
    above: Heading | None = None  # the heading that no sentence has followed yet
    for piece in pieces:
        if isinstance(piece, Heading):
            if above:
                yield Sentence(above.start, above.stop, section)
            section, above = section + 1, piece
            continue
        for start, end in split_sentences(text, piece):
            if above and any(above.stop <= block[0] < start for block in blocks):
                yield Sentence(above.start, above.stop, section)
                above = None
            yield Sentence(above.start if above else start, end, section)
            above = None
    if above:
        yield Sentence(above.start, above.stop, section)


def _pieces(text: str, headings: Sequence[Span]) -> list[Heading | Span]:
    """Return the headings and the runs of prose between them, hard-wrapped lines joined."""
    lines = list(split_lines(text, has_lines=bool(headings)))
    shouted, given = text.isupper(), GivenHeadings(text, headings) if headings else None
    pieces: list[Heading | Span] = []
    for number, line in enumerate(lines):
        above = pieces[-1] if pieces else None
        before = None if line.parted else lines[number - 1]
        after = lines[number + 1] if number + 1 < len(lines) else None
        marked = list(given.of(line, after)) if given else None
        found = marked or find_headings(text, line, Surroundings(above, shouted, before, after))
        for piece in _line_pieces(line, found):
            wrapped = line.runs_on and piece[0] == line.start and not isinstance(piece, Heading)
            if wrapped and above and not isinstance(above, Heading):
                pieces[-1] = (above[0], piece[1])
            else:
                pieces.append(piece)
    return pieces


def _line_pieces(line: Line, headings: Iterable[Heading]) -> Iterator[Heading | Span]:
    floor = line.start
    for heading in headings:
        if floor < heading.start:
            yield floor, heading.start
        yield heading
        floor = heading.end
    if floor < line.end:
        yield floor, line.end

"""What a segmentation gives, and what must hold of any."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from clinsearch.language.segmentation import legible, segment, sentence_texts
from clinsearch.language.segmentation.sentences import MAX_SENTENCE_CHARACTERS
from clinsearch.records import Section, Segmentation

MARKUP = re.compile(r"⟦|⟧|⟪|\|([^⟪⟫|]*)⟫")


# What may stand outside sentences and headings: no word, and no number but a list's.
BETWEEN = re.compile(
    r"(?:[\s,.:;*=~#|+_>\u2022\u00b7\u25e6\u25aa\u25cf\u25a0\u2023\u25ba\u27a2\u2013\u2014-]"
    r"|\(?\d{1,3}[.)]|\(?[A-Za-z]\)|[a-gA-H]\.|[ivx]{1,4}[.)]|[IVX]{1,4}\.|o(?=\s))*"
)


SentenceSpans = set[tuple[int, int]]


HeadingSpans = set[tuple[int, int, str | None]]


def read_gold(marked: str) -> tuple[str, SentenceSpans, HeadingSpans]:
    """Take marked text apart: the note, its sentences, its headings (without colon) with their names."""
    text = ""
    sentences: SentenceSpans = set()
    headings: HeadingSpans = set()
    start = position = 0
    for mark in MARKUP.finditer(marked):
        text += marked[position : mark.start()]
        position = mark.end()
        if mark[0] in "⟦⟪":
            start = len(text)
        elif mark[0] == "⟧":
            sentences.add((start, len(text)))
        else:
            headings.add((start, start + len(text[start:].removesuffix(":").rstrip()), mark[1]))
    return text + marked[position:], sentences, headings


def with_headings(sentences: SentenceSpans, headings: HeadingSpans) -> SentenceSpans:
    """Let each heading begin the sentence that follows it, or, where none does, be a sentence of its own."""
    marks = sorted([*((*span, False) for span in sentences), *((start, end, True) for start, end, _ in headings)])
    joined: SentenceSpans = set()
    above: tuple[int, int] | None = None
    for start, end, is_heading in [*marks, (-1, -1, True)]:
        if is_heading and above:
            joined.add(above)
        elif not is_heading:
            joined.add((above[0] if above else start, end))
        above = (start, end) if is_heading else None
    return joined


def sentence_spans(result: Segmentation) -> SentenceSpans:
    return {(sentence.start, sentence.end) for sentence in result.sentences}


def heading_spans(result: Segmentation) -> HeadingSpans:
    return {
        (section.start, section.start + len(section.heading), section.name)
        for section in result.sections
        if section.heading is not None
    }


def check_invariants(text: str, headings: Sequence[tuple[int, int]] = ()) -> Segmentation:
    """Check what holds of the segmentation of any text, and return it."""
    result = segment(text, headings)
    check_sections(text, result.sections)
    read = legible(text)
    assert len(read) == len(text)
    covered = sorted([*sentence_spans(result), *result.blocks])
    for (_, end), (start, _) in pairwise([(0, 0), *covered, (len(text), len(text))]):
        assert end <= start
        assert BETWEEN.fullmatch(read, end, start), (end, start)
    assert list(result.sentences) == sorted(result.sentences, key=lambda sentence: sentence.start)
    for sentence, words in zip(result.sentences, sentence_texts(text, result), strict=True):
        section = result.sections[sentence.section]
        assert section.start <= sentence.start < sentence.end <= section.end
        assert words.split() == read[sentence.start : sentence.end].split()
        assert len(words) <= MAX_SENTENCE_CHARACTERS + len(section.heading or "") + 200
    return result


def check_sections(text: str, sections: tuple[Section, ...]) -> None:
    edges = [0, *(section.end for section in sections)]
    assert [*(section.start for section in sections), len(text)] == edges
    for section in sections:
        assert section.start < section.end
        assert (section.name is None) == (section.heading is None)
        assert text.startswith(section.heading or "", section.start)
    assert all(section.heading for section in sections[1:])

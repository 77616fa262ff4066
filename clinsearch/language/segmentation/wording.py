"""A note's sentences as they are encoded: white space folded, a heading set off by a line break."""

from __future__ import annotations

import re

from clinsearch.language.segmentation.legible import legible
from clinsearch.records import Section, Segmentation

# Between a heading and the first word under it: bullets, numbers of lists, commas that stand for line breaks.
_UNDER_HEADING = re.compile(r"[^\w\s]* ")


def sentence_texts(text: str, segmentation: Segmentation) -> tuple[str, ...]:
    """Return the texts of a note's sentences, in order.

    White space after a heading becomes one line break, all other one space: "PLAN: Rest" is "PLAN:\\nRest".
    """
    text = legible(text, segmentation.blocks)
    return tuple(
        _folded(text[sentence.start : sentence.end], segmentation.sections[sentence.section], sentence.start)
        for sentence in segmentation.sentences
    )


def _folded(words: str, section: Section, start: int) -> str:
    folded = " ".join(words.split())
    if section.heading is None or start != section.start:
        return folded
    gap = _UNDER_HEADING.match(folded, len(" ".join(section.heading.split())))
    return folded if gap is None else f"{folded[: gap.end() - 1]}\n{folded[gap.end() :]}"

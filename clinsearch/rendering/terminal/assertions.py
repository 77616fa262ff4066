"""What a sentence says otherwise than that it is so, for reading in a terminal."""

from __future__ import annotations

from collections.abc import Iterable

from rich.text import Text

from clinsearch.records import AssertedSpan
from clinsearch.rendering.scores import SAID
from clinsearch.rendering.signs import visible


def assertion_lines(text: str, spans: Iterable[AssertedSpan]) -> list[Text]:
    """Say of each part of a text that is not simply so what it is, and by which words."""
    lines = []
    for span in spans:
        cue = text[span.cue_start : span.cue_end]
        line = Text(visible(text[span.start : span.end]), style="italic")
        lines.append(
            line.append(f" is {SAID.get(span.assertion, span.assertion)} here: ", style="not italic").append(
                visible(cue)
            )
        )
    return lines

"""A text made readable: real line breaks, and encoded data blanked out; all offsets stay the same."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from clinsearch.language.segmentation.lines import Span

# An export that writes line breaks as a backslash and a letter has no real ones; a single one may belong to a path.
_WRITTEN_BREAK = re.compile(r"\\r\\n|\\[nr]")
_LEAST_WRITTEN_BREAKS = 2
_LINE_BREAK = re.compile(r"[\n\r\x85\u2028\u2029]")

# Base64 and hexadecimal, in one piece or in lines. No word, number or ruled line is so long and so mixed.
_LEAST_ENCODED = 120
_ENCODED_LINE = re.compile(r"[A-Za-z0-9+/=_-]{40,}+")
_BETWEEN_LINES = re.compile(r"\s{1,4}")
_LAST_LINE = re.compile(r"\s{1,4}(?:[A-Za-z0-9+/_-]*+={1,2}|[A-Za-z0-9+/_-]{16,39}+)(?!\S)")
_KINDS_OF_CHARACTERS = tuple(map(re.compile, ("[A-Z]", "[a-z]", "[0-9]")))
_HEXADECIMAL = re.compile(r"(?=.*[0-9])(?=.*[a-fA-F])[0-9a-fA-F\s]+", re.DOTALL)


def legible(text: str, blocks: Iterable[Span] | None = None) -> str:
    r"""Return a readable text of the same length.

    Encoded data is blanked out, and line breaks that are written as two characters, `\n`, become real ones.
    blocks: its `encoded_blocks`, if they are known; to find them takes time.
    """
    for start, end in encoded_blocks(text) if blocks is None else blocks:
        text = f"{text[:start]}\n{' ' * (end - start - 2)}\n{text[end:]}"
    if _LINE_BREAK.search(text) or len(_WRITTEN_BREAK.findall(text)) < _LEAST_WRITTEN_BREAKS:
        return text
    return _WRITTEN_BREAK.sub(lambda written: " " * (len(written[0]) - 1) + "\n", text)


def encoded_blocks(text: str) -> list[Span]:
    """Return where a text holds a picture, a file or other data in base64 or hexadecimal."""
    return [span for span in _runs(text) if _is_encoded(text, span)]


def _runs(text: str) -> Iterator[Span]:
    """Yield runs of lines that have no spaces."""
    start = end = -1
    for line in _ENCODED_LINE.finditer(text):
        if start >= 0 and not _BETWEEN_LINES.fullmatch(text, end, line.start()):
            yield start, _with_last_line(text, end)
            start = -1
        start, end = (line.start() if start < 0 else start), line.end()
    if start >= 0:
        yield start, _with_last_line(text, end)


def _with_last_line(text: str, end: int) -> int:
    last = _LAST_LINE.match(text, end)
    return last.end() if last else end


def _is_encoded(text: str, span: Span) -> bool:
    run = text[slice(*span)]
    if len(run) < _LEAST_ENCODED:
        return False
    is_mixed = all(kind.search(run) for kind in _KINDS_OF_CHARACTERS)
    return is_mixed or _HEXADECIMAL.fullmatch(run) is not None

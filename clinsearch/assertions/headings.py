"""The heading that stands in the first sentence below it, parted from that by a line break."""

from __future__ import annotations

import re
from bisect import bisect_left

from clinsearch.assertions.words import Sign, Words

# A line that is no heading is the first of a text that is wrapped, as none of a note's sentences are.
_HEADING = re.compile(r"[^\W_][^\n]{0,120}?:[ \t]*\n|[^\Wa-z_](?:[^\na-z]{0,120}|[^\n.,;:]{0,60})\n")


def below_heading(text: str, words: Words) -> int:
    """Return the first word below a text's heading, 0 where it has none; a colon parts the two then.

    What the heading's words say of themselves ("rule out sepsis protocol") they don't say of what stands below, but
    an answer there ("None.") says it of the heading.
    """
    heading = _HEADING.match(text) if "\n" in text else None
    if heading is None:
        return 0
    first = bisect_left(words.starts, heading.end())
    if first and words.words[first - 1] not in (Sign.COLON.value, Sign.STOP.value):
        words.words.insert(first, Sign.COLON.value)
        words.starts.insert(first, heading.end() - 1)
        words.ends.insert(first, heading.end())
        first += 1
    return first

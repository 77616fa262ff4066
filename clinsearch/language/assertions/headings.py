"""The heading that stands in the first sentence below it, parted from that by a line break."""

from __future__ import annotations

import re
from bisect import bisect_left

from clinsearch.language.assertions.marks import Sign, Words

# A line that ends with a colon, has no small letter, or begins its words with capitals.
_HEADING = re.compile(
    r"""
    [^\W_] [^\n]{0,120}? : [ \t]*+ \n
  | [^\Wa-z_] [^\na-z]{0,120} \n
  | [A-Z] [^\W_]{0,30}
    (?: [ ] (?: [A-Z\d(&/-] [\w/&'()-]{0,30} | and | of | the | for | on | in | at | to | with ) ){0,9} [ \t]*+ \n
    """,
    re.VERBOSE,
)
# Any other short line without a mark in it may be one, but what it says may as well be meant.
_LINE = re.compile(r"[^\Wa-z_][^\n.,;]{0,60}\n")


def below_heading(text: str, words: Words) -> int:
    """Return the first word below a text's heading, 0 where it has none; a colon parts the two then.

    What the heading's words say of themselves ("rule out sepsis protocol") they don't say of what stands below, but
    an answer there ("None.") says it of the heading.
    """
    if "\n" not in text:
        return 0
    heading = _HEADING.match(text)
    line = heading or _LINE.match(text)
    if line is None:
        return 0
    first = bisect_left(words.starts, line.end())
    if first and words.words[first - 1] not in (Sign.COLON.value, Sign.STOP.value):
        words.words.insert(first, Sign.COLON.value)
        words.starts.insert(first, line.end() - 1)
        words.ends.insert(first, line.end())
        first += 1
    return first if heading else 0

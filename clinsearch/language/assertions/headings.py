"""The heading that begins the first sentence below it, set off by a line break."""

from __future__ import annotations

import re
from bisect import bisect_left

from clinsearch.language.assertions.marks import Sign, Words

# A line that ends with a colon, has no lower-case letter, or capitalises its words.
_HEADING = re.compile(
    r"""
    [^\W_] [^\n]{0,120}? : [ \t]*+ \n
  | [^\Wa-z_] [^\na-z]{0,120} \n
  | [A-Z] [^\W_]{0,30}
    (?: [ ] (?: [A-Z\d(&/-] [\w/&'()-]{0,30} | and | of | the | for | on | in | at | to | with ) ){0,9} [ \t]*+ \n
    """,
    re.VERBOSE,
)
# Any other short line without punctuation may be a heading, but its cues may count as well.
_LINE = re.compile(r"[^\Wa-z_][^\n.,;]{0,60}\n")


def below_heading(text: str, words: Words) -> int:
    """Return the index of the first word below a text's heading, 0 if it has none; puts a colon between the two.

    A cue in the heading ("rule out sepsis protocol") has no scope below it, but an answer there ("None.") is about the
    heading.
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

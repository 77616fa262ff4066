"""Whether a list of findings goes on after a comma, or something else begins."""

from __future__ import annotations

from clinsearch.language.assertions.lexicon import ARTICLES, PLACES, SIDES, THERE
from clinsearch.language.assertions.marks import Sign
from clinsearch.language.assertions.reading import BREAKS, JOINING, Reading

_COMMA = Sign.COMMA.value

_THERE_BEHIND_AND = THERE | ARTICLES
_BEFORE_SIDES = PLACES | {"the"}

LONGEST_ITEM = 6
_FURTHEST_ITEM = 40
_ENDING = frozenset({"stop", "affirmed", "negated", "possible", "verb"})


def list_goes_on(reading: Reading, comma: int) -> bool:
    """Tell whether short items follow a comma, the last of them after "or" or "and"."""
    words, held = reading.words, 0
    for at in range(comma + 1, min(len(words), comma + 1 + _FURTHEST_ITEM)):
        word = words[at]
        if word in JOINING:
            return True
        if word in BREAKS or held > LONGEST_ITEM or _ends_a_list(reading, at):
            return False
        held = 0 if word == _COMMA else held + 1
    return False


def instruction_follows(reading: Reading, comma: int) -> bool:
    """Tell whether an instruction follows the comma of a hypothetical: "if fever, call the clinic"."""
    other = reading.beginning.get(comma + 1)
    return other is not None and other.cue.sense in _ENDING


def affirmed_item_follows(reading: Reading, joint: int) -> bool:
    """Tell whether an affirmed finding follows the comma or "and" in the scope of a negation.

    It does if the next item has a severity, or is the last and has a side, or if the last item has an article.
    """
    words, first = reading.words, joint + 1
    severe = first < len(words) and words[first] in (THERE if words[joint] == _COMMA else _THERE_BEHIND_AND)
    if words[joint] != _COMMA:
        return severe
    if _ends_with_only(words, first):
        return True
    sided = last = False
    for at in range(first, min(len(words), first + _FURTHEST_ITEM)):
        word = words[at]
        if word in BREAKS or _ends_a_list(reading, at):
            break
        if word in JOINING:
            return word == "and" and (severe or (at + 1 < len(words) and words[at + 1] in ARTICLES))
        last = last or word == _COMMA
        sided = sided or (not last and at > first and word in SIDES and words[at - 1] in _BEFORE_SIDES)
    return severe or (sided and not last)


def _ends_with_only(words: list[str], first: int) -> bool:
    """Tell whether the item ends with "only", and so is affirmed: "no fracture, soft tissue swelling only"."""
    for at in range(first, min(len(words), first + LONGEST_ITEM)):
        if words[at] in BREAKS or words[at] == _COMMA or words[at] in JOINING:
            return False
        if words[at] == "only":
            return at > first and (at + 1 == len(words) or words[at + 1] in BREAKS)
    return False


def _ends_a_list(reading: Reading, at: int) -> bool:
    other = reading.beginning.get(at)
    return other is not None and other.cue.sense in _ENDING

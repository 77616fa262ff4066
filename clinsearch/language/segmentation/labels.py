"""Labels with their answers, "Rash: none", as in reviews of systems and results: sentences, not headings."""

from __future__ import annotations

import re

from clinsearch.language.segmentation.lines import Line

# The first words of answers to labels.
_ANSWERS = frozenset({
    "none", "no", "not", "never", "nil", "negative", "neg", "positive", "pos", "yes", "y", "n", "absent", "present",
    "denies", "denied", "normal", "abnormal", "unremarkable", "unknown", "nka", "nkda", "n/a", "na", "wnl", "nad",
    "deferred", "pending", "trace", "controlled", "uncontrolled", "stable", "resolved", "reactive", "nonreactive",
    "non-reactive", "detected", "undetected", "undetectable", "immune", "nonimmune", "current", "currently", "former",
    "formerly", "quit", "occasional", "occasionally", "rare", "rarely", "daily", "social", "socially", "intact", "+",
    "-", "(+)", "(-)", "+ve", "-ve", "x",
})  # fmt: skip
_FIRST_WORD = re.compile(r"[\s,]*([^\s,;.]+)")
_WORD = re.compile(r"\S+")
_MOST_WORDS = 6
_LABEL = re.compile(r"[^\W_][^:.?!]{0,59}[\w)] ?:(?![\d/])")
_LONGEST_ABBREVIATION = 5


def is_answer(answer: str) -> bool:
    """Tell whether what follows a label begins with an answer."""
    first = _FIRST_WORD.match(answer)
    return first is not None and first[1].lower() in _ANSWERS


def is_short(answer: str) -> bool:
    """Tell whether what follows a label may be its value: a few words, not two sentences."""
    return 0 < len(_WORD.findall(answer.strip(" ,"))) <= _MOST_WORDS


def is_abbreviation(words: str) -> bool:
    """Tell whether this may be an abbreviation of what is asked or measured, "HIV", capitalised like a heading."""
    return len(words) <= _LONGEST_ABBREVIATION and " " not in words


def is_labelled(text: str, line: Line) -> bool:
    """Tell whether a line is a label with its value."""
    label = _LABEL.match(text, line.start, line.end)
    return label is not None and is_short(text[label.end() : line.end])

"""Where each cue of a text looks: ahead, back, both ways or nowhere."""

from __future__ import annotations

from clinsearch.language.assertions.lexicon import ASIDE, ASKING, NOT_TESTED, TEST_NAMES, TESTED, TESTS
from clinsearch.language.assertions.marks import SIGNS, Sign
from clinsearch.language.assertions.reading import BREAKS, JOINING, SEPARATORS, Match, Reading, begins, comes

_COMMA, _COLON, _STOP, _OPENING = Sign.COMMA.value, Sign.COLON.value, Sign.STOP.value, Sign.OPENING.value

_ENDS = SEPARATORS - {_COLON}
_BEFORE_COMMA = SEPARATORS - {_COMMA}
_BEGINNINGS = BREAKS | NOT_TESTED
_NOT_NOUNS = SEPARATORS | NOT_TESTED
_NOT_LABELLED = SEPARATORS | JOINING
# A cue of these senses that is all there is after a colon answers it: "stroke: remote".
_REPLYING = frozenset({"negated", "possible", "historical"})
_LONGEST_LABEL = 4
_LONGEST_QUESTION = 5
_FURTHEST_TEST = 6
_MAY = frozenset({"may", "might", "could", "can", "would"})
_TRAILED = frozenset({_STOP, Sign.CLOSING.value})


def directions(reading: Reading, match: Match, *, marks_first: bool) -> tuple[bool, bool]:
    """Return whether a cue looks forward, and whether it looks back; both if it repeats the label before its colon."""
    forward, backward = _directions(reading, match, marks_first=marks_first)
    if forward and match.cue.sense == "negated":
        backward = backward or _names_its_label(reading.words, match)
    return forward, backward


def _names_its_label(words: list[str], match: Match) -> bool:
    """Tell whether a cue after a colon negates the label before it by name: "allergies: no known allergies"."""
    label = match.first - 2
    return label >= 0 and words[label + 1] == _COLON and words[label] in words[match.stop : match.stop + _LONGEST_LABEL]


def _directions(reading: Reading, match: Match, *, marks_first: bool) -> tuple[bool, bool]:
    words, first, stop = reading.words, match.first, match.stop
    match match.cue.direction:
        case "mark":
            forward = _mark_looks_forward(words, first, stop, marks_first=marks_first)
        case "time":
            forward = begins(words, first) and stop < len(words) and words[stop] not in _BEFORE_COMMA | ASIDE
        case "verdict":
            return False, not TESTS.isdisjoint(words[max(0, first - _FURTHEST_TEST) : first])
        case "label":
            return _label_directions(words, first, stop)
        case "reply":
            return False, _replies(reading, first, stop)
        case "outcome":
            forward = (first == 0 or words[first - 1] in _BEGINNINGS) and _answer_looks_forward(reading, first, stop)
        case "since":
            return False, True
        case "opening":
            return comes(words, stop) or begins(words, first), False
        case "coming" | "awaiting" | "wishing" | "asked" | "taking":
            return True, False
        case "using":
            return (False, True) if _replies(reading, first, stop) else (True, False)
        case "question":
            return False, _is_bare_question(reading, first)
        case "forward" if match.cue.sense in _REPLYING and _replies(reading, first, stop):
            forward = False
        case "forward" if match.cue.sense == "hypothetical" and _follows_its_subject(words, first, stop):
            forward = False
        case "forward" if match.cue.sense == "possible" and _follows_its_object(words, first, stop):
            forward = False
        case "count":
            answers = _replies(reading, first, stop) or (words[max(first - 1, 0)] == _COLON and _is_label(words, stop))
            return not answers and stop < len(words) and words[stop] not in SIGNS, answers
        case "answer":
            forward = _answer_looks_forward(reading, first, stop)
        case "result":
            forward = _answer_looks_forward(reading, first, stop) and not _belongs_to_test(reading, first, stop)
        case direction:
            return direction in ("forward", "both"), direction in ("backward", "both")
    return forward, not forward


def _follows_its_subject(words: list[str], first: int, stop: int) -> bool:
    """Tell whether "may" or its like comes last, after its subject: "infection could develop"."""
    return words[first] in _MAY and first > 0 and (stop == len(words) or words[stop] in SEPARATORS | ASIDE)


def _follows_its_object(words: list[str], first: int, stop: int) -> bool:
    """Tell whether a cue of doubt comes after what it doubts: "scleritis, probably", "fracture ??"."""
    if first == 0 or (stop < len(words) and words[stop] not in _TRAILED):
        return False
    return words[first - 1] in (_COMMA, _OPENING) or words[first] == Sign.QUERY.value


def marks_stand_first(reading: Reading) -> bool:
    """Tell whether marks stand before what they mark: "(+) fever (-) cough", not "fever (+) cough (-)"."""
    first = next((match.first for match in reading.beginning.values() if match.cue.direction == "mark"), 0)
    return first == 0 or reading.words[first - 1] in SEPARATORS


def _mark_looks_forward(words: list[str], first: int, stop: int, *, marks_first: bool) -> bool:
    if stop == len(words) or words[stop] in SEPARATORS:
        return False
    return first == 0 or words[first - 1] in SEPARATORS or marks_first


def _label_directions(words: list[str], first: int, stop: int) -> tuple[bool, bool]:
    parted = first > 0 and words[first - 1] in SEPARATORS
    if stop < len(words) and words[stop] not in _NOT_LABELLED:
        return True, False
    if parted and (stop == len(words) or words[stop] != _COLON):
        return False, True
    return first == 0 or parted, False


def _answer_looks_forward(reading: Reading, first: int, stop: int) -> bool:
    words = reading.words
    before = words[first - 1] if first else _STOP
    after = words[stop] if stop < len(words) else _STOP
    if after == _COLON:
        return before in SEPARATORS
    if (after in SEPARATORS and after != _OPENING) or _is_stop_or_time(reading, stop):
        return False
    if before == _COLON and _is_label(words, stop):
        return False
    if after in JOINING:
        return before in NOT_TESTED
    return (before in BREAKS and before != _COLON) or not (after in ASIDE or after == _OPENING)


def _belongs_to_test(reading: Reading, first: int, stop: int) -> bool:
    """Tell whether a result with words after it belongs to the test before it."""
    if first == 0 or reading.words[first - 1] in _NOT_NOUNS or first in reading.ending:
        return False
    return reading.words[first - 1] in TEST_NAMES or not TESTED.isdisjoint(reading.words[stop : stop + 2])


def _replies(reading: Reading, first: int, stop: int) -> bool:
    """Tell whether a cue is all there is between a colon and the next punctuation, time or stop."""
    words = reading.words
    if first == 0 or words[first - 1] != _COLON:
        return False
    return stop == len(words) or words[stop] in _ENDS or _is_stop_or_time(reading, stop)


def _is_bare_question(reading: Reading, first: int) -> bool:
    """Tell "Septic joint?" from a question put to somebody."""
    for at in range(first - 1, first - 2 - _LONGEST_QUESTION, -1):
        if at < 0 or reading.words[at] in BREAKS:
            return at < first - 1
        if reading.words[at] in ASKING or at + 1 in reading.ending:
            return False
    return False


def _is_stop_or_time(reading: Reading, at: int) -> bool:
    match = reading.beginning.get(at)
    return match is not None and (match.cue.sense == "stop" or match.cue.direction == "time")


def _is_label(words: list[str], first: int) -> bool:
    """Tell whether the words from `first` on are a label before a colon, as "chills" in "fever: no chills: no"."""
    for word in words[first : first + _LONGEST_LABEL + 1]:
        if word in SEPARATORS:
            return word == _COLON
    return False

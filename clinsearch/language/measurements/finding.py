"""Finds the measurements of a text: by name, by form, by unit, in an order in which the surest come first."""

from __future__ import annotations

import re

from clinsearch.language.measurements.ages import find_ages
from clinsearch.language.measurements.behind import find_named_behind
from clinsearch.language.measurements.doses import find_doses
from clinsearch.language.measurements.forms import find_by_form, find_pairs
from clinsearch.language.measurements.general import find_general, find_general_volumes
from clinsearch.language.measurements.linking import link_names
from clinsearch.language.measurements.sentence import Sentence, read_sentence
from clinsearch.language.measurements.unnamed import find_unnamed
from clinsearch.records.measurements import Measurement

DIGIT = re.compile(r"\d")


def find_measurements(text: str) -> list[Measurement]:
    """Return the measurements of a text in order."""
    if not DIGIT.search(text):
        return []
    sentence = read_sentence(text)
    if not sentence.quantities:
        return []
    find_all(sentence)
    return sorted((one for _, one in sentence.found), key=lambda one: (one.start, one.end))


def find_all(sentence: Sentence) -> None:
    """Find every measurement of a text that was read."""
    find_ages(sentence)
    find_by_form(sentence)
    link_names(sentence)
    find_pairs(sentence)
    find_named_behind(sentence)
    find_doses(sentence)
    find_general_volumes(sentence)
    find_unnamed(sentence)
    find_general(sentence)

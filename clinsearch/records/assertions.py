"""What is asserted of the parts of a sentence, and by which words of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

# Whether something is so.
Status: TypeAlias = Literal["affirmed", "negated", "possible", "historical", "hypothetical"]
# The same with "other", which is of someone else: a relative, a contact, a fetus.
Assertion: TypeAlias = Status | Literal["other"]
# What is said of a treatment.
TreatmentStatus: TypeAlias = Literal[
    "taken", "not taken", "allergy", "stopped", "started", "restarted", "continued", "increased", "decreased"
]


@dataclass(frozen=True, slots=True)
class AssertedSpan:
    """Characters of a text, and the words (the cue) that say something of them; the cue stands outside of them.

    What no span covers is affirmed. What several cover has it of each: "no family history of stroke" denies the
    stroke of someone else.
    """

    start: int
    end: int
    assertion: Assertion
    cue_start: int
    cue_end: int


@dataclass(frozen=True, slots=True, order=True)
class Said:
    """What is said of something: whether it is so, and whether it is someone else's or the patient's own."""

    assertion: Status = "affirmed"
    of_other: bool = False

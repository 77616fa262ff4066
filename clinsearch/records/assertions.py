"""What is asserted of the parts of a sentence, and by which words of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

# "other" is of someone else: a relative, a contact, a fetus.
Assertion: TypeAlias = Literal["affirmed", "negated", "possible", "historical", "hypothetical", "other"]


@dataclass(frozen=True, slots=True)
class AssertedSpan:
    """Characters of a text, and the words (the cue) that say something of them; the cue stands outside of them.

    What no span covers is affirmed.
    """

    start: int
    end: int
    assertion: Assertion
    cue_start: int
    cue_end: int

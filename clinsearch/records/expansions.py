"""What a terminology reads in a query, and what a speller makes of a word."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

ExpansionKind = Literal["abbreviation", "synonym", "function", "spelling variant", "treatment"]


@dataclass(frozen=True, slots=True)
class Alternative:
    """Other words for a span of a query.

    weight: from 0 to 1, how much of what the span means it says.
    sense: which sense of an abbreviation it is of, by its long form; of a function word what it says ("past").
    is_meant: as of a Phrase.
    """

    text: str
    weight: float
    sense: str = ""
    is_meant: Callable[[Sequence[str], int], bool] | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Expansion:
    """A span of a query and its alternatives, best first.

    written: the span as the query has it.
    sense: the one sense that was chosen; empty if several were kept, and of synonyms.
    """

    start: int
    end: int
    written: str
    kind: ExpansionKind
    alternatives: tuple[Alternative, ...]
    sense: str = ""


@dataclass(frozen=True, slots=True)
class Correction:
    """What a misspelt word was meant to be. distance: the cost of the edits between them."""

    written: str
    corrected: str
    distance: float

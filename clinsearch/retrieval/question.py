"""What is asked for, and how the parts of a score come together."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from clinsearch.language.segmentation import segment, sentence_texts
from clinsearch.readers.requests import AssertionChoice, Mode
from clinsearch.records import Filter
from clinsearch.retrieval.repetition import CHOSEN_FROM

# How much keywords count beside a cosine, and a note's sentences beside its opening: docs/ranking.md.
KEYWORDS_OF_SENTENCE = 0.23
KEYWORDS_OF_NOTE = 0.3
SENTENCES_OF_NOTE = 0.3
# So many candidates by each way of ranking are looked at, or this many times as many as are wanted.
LEAST_CANDIDATES = 50
CANDIDATES_PER_HIT = 2
# How many times as deep to look next where that was not enough, and how deep at most for hits of one assertion.
DEEPER = 4
DEEPEST = 5000
# A query of more sentences is a text to find others like, and asks for nothing in particular.
MOST_SENTENCES = 3


@dataclass(frozen=True)
class Question:
    """A query, and how many of what passes to find, ranked by what.

    assertion: `match` prefers what says of the query's terms what the query says; `affirmed` and `negated` want what
    says that of them; `any` takes all alike. diverse: whether hits are to differ from each other.
    """

    text: str
    k: int
    where: Filter = field(default_factory=Filter)
    mode: Mode = "hybrid"
    assertion: AssertionChoice = "any"
    diverse: bool = False

    @property
    def candidates(self) -> int:
        """How many candidates to look at by each way of ranking; by words alone it is known if these are too few."""
        several = (CHOSEN_FROM if self.diverse else CANDIDATES_PER_HIT) * self.k
        return several if self.mode == "keyword" else max(LEAST_CANDIDATES, several)

    @property
    def wants_some(self) -> bool:
        """Whether only hits of one assertion are wanted, so that it takes a deeper look to find enough."""
        return self.assertion in ("affirmed", "negated")

    @property
    def weighs_assertions(self) -> bool:
        """Whether it counts what is said of the query's terms."""
        return self.wants_some or (self.assertion == "match" and len(self.sentences) <= MOST_SENTENCES)

    @cached_property
    def sentences(self) -> list[str]:
        """The query's sentences; a query can be a whole note."""
        return list(sentence_texts(self.text, segment(self.text))) or [self.text]


@dataclass(frozen=True, slots=True)
class Likeness:
    """How many notes like one to find, among what passes.

    copies: whether with those that were copied from it, or it from them. diverse: as of a Question.
    """

    k: int
    where: Filter = field(default_factory=Filter)
    copies: bool = True
    diverse: bool = False

"""What is asked for, and how much each part of a score counts."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property

from clinsearch.language.segmentation import segment, sentence_texts
from clinsearch.language.treatments import Treatment
from clinsearch.readers.requests import AssertionChoice, Mode, chosen_assertion, require_choice
from clinsearch.records import Filter
from clinsearch.records.expansions import Expansion
from clinsearch.records.measurements import Condition
from clinsearch.retrieval.names import Names, read_names
from clinsearch.retrieval.reading import MOST_SENTENCES, OtherWording, QueryReader, ReadQuery
from clinsearch.retrieval.repetition import CHOSEN_FROM

# How much keywords count relative to a cosine, and a note's sentences relative to its opening: docs/ranking.md.
KEYWORDS_OF_SENTENCE = 0.345
KEYWORDS_OF_NOTE = 0.375
SENTENCES_OF_NOTE = 0.3
# The least number of candidates from each way of ranking, and their number per hit wanted.
LEAST_CANDIDATES = 50
CANDIDATES_PER_HIT = 2
# If these were not enough, how many times as many to look at next, and how many at most for hits of one assertion.
DEEPER = 4
DEEPEST = 5000


@dataclass(frozen=True)
class Question:
    """A query, how many hits to find, the filter they pass, and how to rank them.

    written: the text as it was typed. meant: with its abbreviations written out, which is what is encoded. others: the
    same in other words, of which the nearest counts. expansions: what else some of its words are called. conditions:
    what it asks measurements to be. treatment: what it asks of one. parts: questions for what each
    note must have. assertion: `match` prefers hits that assert the same of the query's terms as the query; `affirmed`
    and `negated` want only hits that assert that; `any` ignores assertions. diverse: whether hits are to differ from
    each other.
    """

    text: str
    k: int
    where: Filter = field(default_factory=Filter)
    mode: Mode = "hybrid"
    assertion: AssertionChoice = "any"
    diverse: bool = False
    written: str = ""
    meant: str = ""
    others: tuple[OtherWording, ...] = ()
    expansions: tuple[Expansion, ...] = ()
    conditions: tuple[Condition, ...] = ()
    treatment: Treatment | None = None
    parts: tuple[Question, ...] = ()

    @property
    def encoded(self) -> str:
        """What is encoded."""
        return self.meant or self.text

    @property
    def told(self) -> str | None:
        """What it was read as, where that is not what was written."""
        read = self.text if self.mode == "keyword" else self.encoded
        return read if read != (self.written or self.text) else None

    @cached_property
    def names(self) -> list[Names]:
        """Its words that have other names."""
        return read_names(self.text, self.expansions)[1]

    @property
    def candidates(self) -> int:
        """How many candidates each way of ranking finds; keyword mode needs no reserve, it knows if these are few."""
        several = (CHOSEN_FROM if self.diverse else CANDIDATES_PER_HIT) * self.k
        return several if self.mode == "keyword" else max(LEAST_CANDIDATES, several)

    @property
    def wants_one_assertion(self) -> bool:
        """Whether only hits with one assertion are wanted, so that more candidates are needed."""
        return self.assertion in ("affirmed", "negated")

    @property
    def weighs_assertions(self) -> bool:
        """Whether assertions count."""
        return self.wants_one_assertion or (self.assertion == "match" and len(self.sentences) <= MOST_SENTENCES)

    @cached_property
    def sentences(self) -> list[str]:
        """The sentences of what is encoded; a query can be a whole note."""
        return list(sentence_texts(self.encoded, segment(self.encoded))) or [self.encoded]


@dataclass(frozen=True, slots=True)
class Likeness:
    """How many notes similar to one to find, and the filter they pass.

    copies: whether to include those that were copied from it, or it from them. diverse: as in Question.
    """

    k: int
    where: Filter = field(default_factory=Filter)
    copies: bool = True
    diverse: bool = False


def ask(
    written: str, reader: QueryReader, mode: Mode, assertion: AssertionChoice | None, where: Filter, *, k: int = 1
) -> Question:
    """Make a question of what a caller asks; where: as in the catalog. Raises InputError for an unknown choice."""
    require_choice("mode", mode, Mode)
    require_choice("assertion", assertion, AssertionChoice)
    chosen = chosen_assertion(mode, assertion)
    return replace(_question(reader.read(written), k, where, mode, chosen), written=written)


def _question(read: ReadQuery, k: int, where: Filter, mode: Mode, assertion: AssertionChoice) -> Question:
    """Make a question; what stands beside words and vectors, and other words, are for hybrid search."""
    is_hybrid = mode == "hybrid"
    return Question(
        read.text,
        k,
        where,
        mode,
        assertion,
        meant=read.meant,
        others=read.others if is_hybrid else (),
        expansions=read.expansions,
        conditions=read.conditions if is_hybrid else (),
        treatment=read.treatment if is_hybrid else None,
        parts=tuple(_question(part, k, where, mode, assertion) for part in read.parts) if is_hybrid else (),
    )

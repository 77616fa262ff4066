"""What a cue is, and all of them in a network by their words."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Literal, TypeAlias

from clinsearch.language.assertions.coming_cues import COMING_CUES
from clinsearch.language.assertions.context_cues import CONTEXT_CUES
from clinsearch.language.assertions.doubt_cues import DOUBT_CUES
from clinsearch.language.assertions.marks import SIGNS, read_words
from clinsearch.language.assertions.people_cues import PEOPLE_CUES
from clinsearch.language.assertions.polarity_cues import POLARITY_CUES
from clinsearch.language.assertions.wording import WORDING
from clinsearch.records.assertions import Assertion

# A pseudo-cue looks like a cue and says nothing; a stop ends every scope; a verb ends one that had reached
# a new clause before it; a probe ("evaluated for") says nothing unless a verdict follows.
Sense: TypeAlias = Assertion | Literal["pseudo", "stop", "verb", "probe"]

# An answer looks forward if words follow, else back ("fever: no"); a result does so too, but back to a noun before
# it ("HIV negative man"); an outcome looks back but from where a clause begins; a reply and a question look back, the
# one across a colon alone ("allergies: nkda"), the other to a few words ("PE?"); a time looks back if it can; a label
# looks back only across punctuation ("asthma (brother)"); a mark looks where the first mark of its text does.
# An opening looks ahead where a part of the text begins or something is to come; one that is coming, awaiting ("when")
# or wishing ("were it to") is a cue only where something is to come, and since ("in January") where someone was
# treated.
Direction: TypeAlias = Literal[
    "forward",
    "backward",
    "both",
    "answer",
    "result",
    "count",
    "reply",
    "verdict",
    "outcome",
    "opening",
    "coming",
    "awaiting",
    "wishing",
    "question",
    "time",
    "since",
    "label",
    "mark",
]

# How a scope meets a comma: an open one passes, a listing one if a list goes on behind it, an item's ends, and a
# noun's ends at "with" as well; a clause's is open, and holds what the clause affirms: "don't think she is having".
Reach: TypeAlias = Literal["open", "clause", "list", "item", "noun"]

_BLANK = re.compile(r"\{([a-z_]+)\}")


@dataclass(frozen=True, slots=True)
class Cue:
    """Words that say something of those about them, with blanks; `limit` is the most words that its scope holds.

    `also`: what they say besides: "no family history" denies, and of someone else.
    """

    phrase: str
    sense: Sense
    also: Assertion | None
    direction: Direction
    reach: Reach
    limit: int | None
    rank: int


@dataclass(slots=True, eq=False)
class Node:
    """The cues that go on from some words: by their next word, and the one that ends here.

    joint: whether every wording of a blank leads here.
    """

    onward: dict[str, list[Node]] = field(default_factory=dict)
    blanks: dict[str, Node] = field(default_factory=dict)
    cue: Cue | None = None
    joint: bool = False


@cache
def all_cues() -> tuple[Cue, ...]:
    """Return every cue of the tables, in their order."""
    cues = itertools.chain.from_iterable(
        map(_read_table, (POLARITY_CUES, DOUBT_CUES, COMING_CUES, CONTEXT_CUES, PEOPLE_CUES))
    )
    return tuple(_cue(rank, *row) for rank, row in enumerate(cues))


@cache
def cue_network() -> Node:
    """Return where all cues begin."""
    root = Node()
    for cue in all_cues():
        for node in _ends_of(root, cue.phrase):
            if node.cue is None:
                node.cue = cue
    return root


def fillings(phrase: str) -> Iterator[str]:
    """Yield a phrase with its blanks filled in, in every way."""
    blanks: list[str] = _BLANK.findall(phrase)
    template = _BLANK.sub("{}", phrase)
    for wordings in itertools.product(*(_wordings(blank) for blank in blanks)):
        yield " ".join(template.format(*wordings).split())


def _read_table(table: str) -> Iterator[tuple[str, str]]:
    """Read lines "sense direction reach limit:", each followed by indented lines of phrases between bars.

    Of two senses, with a plus between them, the second is what the cue says besides.
    """
    heading = ""
    for line in filter(str.strip, table.splitlines()):
        if not line.startswith(" "):
            heading = line.rstrip(":")
            continue
        yield from ((heading, " ".join(phrase.split())) for phrase in line.split("|"))


def _cue(rank: int, heading: str, phrase: str) -> Cue:
    senses, direction, reach, *limit = heading.split()
    sense, _, also = senses.partition("+")
    most = int(limit[0]) if limit else None
    return Cue(phrase, sense, also or None, direction, reach, most, rank)  # type: ignore[arg-type]


@cache
def _wordings(blank: str) -> tuple[str, ...]:
    wordings = (wording.strip() for wording in WORDING[blank].split("|"))
    return tuple("" if wording == "-" else wording for wording in wordings)


def _ends_of(root: Node, phrase: str) -> list[Node]:
    """Lay the words of a phrase into the network; return the nodes at its end."""
    nodes = [root]
    for part in phrase.split():
        blank = _BLANK.fullmatch(part)
        if blank:
            nodes = [end for node in nodes for end in _beyond_blank(node, blank[1])]
        else:
            nodes = [_beyond_words(node, _part_words(part)) for node in nodes]
    return nodes


def _beyond_blank(node: Node, blank: str) -> list[Node]:
    """Return the node behind every wording of a blank, and the one before it if it may be left out."""
    wordings = _wordings(blank)
    if blank not in node.blanks:
        beyond = node.blanks[blank] = Node(joint=True)
        for wording in filter(None, wordings):
            words = _wording_words(wording)
            before = _beyond_words(node, words[:-1])
            before.onward.setdefault(words[-1], []).append(beyond)
    return [node.blanks[blank]] + ([node] if "" in wordings else [])


def _beyond_words(node: Node, words: list[str]) -> Node:
    for word in words:
        followers = node.onward.setdefault(word, [])
        plain = next((follower for follower in followers if not follower.joint), None)
        if plain is None:
            plain = Node()
            followers.append(plain)
        node = plain
    return node


@cache
def _wording_words(wording: str) -> list[str]:
    return [word for part in wording.split() for word in _part_words(part)]


@cache
def _part_words(part: str) -> list[str]:
    return [part] if part in SIGNS else read_words(part).words

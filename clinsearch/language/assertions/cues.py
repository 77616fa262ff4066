"""What a cue is, and all cues in one trie by their words."""

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

# A pseudo-cue looks like a cue and asserts nothing; a stop ends every scope; a verb ends a scope that has entered
# a new clause; a probe ("evaluated for") asserts nothing unless a verdict follows.
Sense: TypeAlias = Assertion | Literal["pseudo", "stop", "verb", "probe"]

# answer: forward if words follow, else back ("fever: no"). result: the same, but back to a noun right before it
# ("HIV negative man"). outcome: back, unless it begins a clause. reply: back, only across a colon ("allergies: nkda").
# question: back over a few words ("PE?"). time: back if it can. label: back only across punctuation ("asthma
# (brother)"). mark: as the first mark of the text does. opening: forward, at the beginning of a part of the text or
# before a verb such as "occurs". coming, awaiting ("when"), wishing ("were it to"): cues only before such a verb.
# since ("in January"): a cue only after a treatment. asked ("is there"): only in a question. taking ("for"): only in
# "for pain take". using: only before a substance: "does not use tobacco".
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
    "asked",
    "taking",
    "using",
    "wishing",
    "question",
    "time",
    "since",
    "label",
    "mark",
]

# What a scope does at a comma. open: passes it. list: passes it if the list goes on. item: ends. noun: ends, and at
# "with" as well. clause: passes it, and covers what the clause affirms: "don't think she is having".
Reach: TypeAlias = Literal["open", "clause", "list", "item", "noun"]

POLARITY: frozenset[Sense] = frozenset({"stop", "affirmed", "negated", "possible"})

# What ends the scope of a cue: a stop, or a cue about the same thing.
ENDED_BY: dict[Sense, frozenset[Sense]] = {
    "negated": POLARITY,
    "possible": POLARITY,
    "historical": frozenset({"stop", "affirmed", "historical"}),
    "hypothetical": frozenset({"stop", "hypothetical"}),
    "other": frozenset({"stop", "other"}),
}

_BLANK = re.compile(r"\{([a-z_]+)\}")


@dataclass(frozen=True, slots=True)
class Cue:
    """A phrase, with blanks, that asserts something of the words around it; `limit` is the most words in its scope.

    `also`: a second assertion: "no family history" is negated and of someone else.
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
    """A node of the trie: the nodes after it by their next word, and the cue that ends here.

    joint: whether all wordings of a blank lead here.
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
    """Return the root of the trie of all cues."""
    root = Node()
    for cue in all_cues():
        for node in _ends_of(root, cue.phrase):
            if node.cue is None:
                node.cue = cue
    return root


def fillings(phrase: str) -> Iterator[str]:
    """Yield every wording of a phrase: its blanks filled in."""
    blanks: list[str] = _BLANK.findall(phrase)
    template = _BLANK.sub("{}", phrase)
    for wordings in itertools.product(*(_wordings(blank) for blank in blanks)):
        yield " ".join(template.format(*wordings).split())


def _read_table(table: str) -> Iterator[tuple[str, str]]:
    """Read lines "sense direction reach limit:", each followed by indented lines of phrases between bars.

    Of two senses joined by a plus the second is `Cue.also`.
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
    """Add the words of a phrase to the trie; return the nodes at its end."""
    nodes = [root]
    for part in phrase.split():
        blank = _BLANK.fullmatch(part)
        if blank:
            nodes = [end for node in nodes for end in _beyond_blank(node, blank[1])]
        else:
            nodes = [_beyond_words(node, _part_words(part)) for node in nodes]
    return nodes


def _beyond_blank(node: Node, blank: str) -> list[Node]:
    """Return the node after all wordings of a blank, and the one before it if the blank may be empty."""
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

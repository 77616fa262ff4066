"""Pairs of names of one thing: those of lists, and those that sentences put side by side."""

from __future__ import annotations

import random
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from training.concepts import Concept
from training.passages import Pair
from training.sources import WORD, beginning
from training.terminologies import Entry

CARRIERS = (
    "{x}",
    "Patient with {x}.",
    "History of {x}.",
    "{x} was diagnosed.",
    "Treatment of {x}",
    "What is {x}?",
    "Admitted for {x}.",
    "He has {x}.",
    "Assessment: {x}.",
)
IN_CARRIER = 0.3  # share of names that stand in a sentence
SHORTEST_ABBREVIATION = 2
ABBREVIATED_AT_MOST = 8000
MOST_NAMES = 3  # of an entry, with the one that it is known by
DEFINED = 0.4  # share of definitions that are given
DEFINITION_WORDS = 40
_ALSO = re.compile(
    r"^(?:The )?([A-Z][\w' -]{3,60}?),? (?:\(|,? ?(?:which is |is )?)(?:also|sometimes) (?:called|known as|termed) "
    r"(?:the |a |an )?([\w' -]{3,60}?)(?:\)|,| is | are | has |\.|;)"
)
_BRACKETED = re.compile(r"\b((?:[A-Za-z][\w'-]* ){1,6})\(([A-Z][A-Za-z]{1,6})\)")


def named_pairs(concepts: Iterable[Concept], rng: random.Random) -> Iterator[Pair]:
    """Give each name of a concept with another."""
    for concept in concepts:
        for name in concept.names[1:]:
            other = concept.name if rng.random() < 0.7 else rng.choice([one for one in concept.names if one != name])
            yield _pair(name, other, concept.name, rng)


def entry_pairs(entries: Iterable[Entry], asked: Collection[str], rng: random.Random) -> Iterator[Pair]:
    """Give names of the entries of terminologies with other names of theirs, and with what is said that they are.

    Of an entry one of whose names is asked for, nothing is given.
    """
    for entry in entries:
        if not entry.names or any(" ".join(WORD.findall(name)) in asked for name in entry.names):
            continue
        for name in rng.sample(entry.names[1:], min(MOST_NAMES, len(entry.names) - 1)):
            yield _pair(name, entry.names[0], entry.names[0], rng)
        if entry.definition and rng.random() < DEFINED:
            yield Pair(rng.choice(entry.names), beginning(entry.definition, DEFINITION_WORDS), entry.names[0])


def abbreviated_pairs(abbreviations: Mapping[str, Sequence[str]], rng: random.Random) -> Iterator[Pair]:
    """Give long forms with their abbreviations."""
    pairs = [(long, short) for long, found in abbreviations.items() for short in found]
    usable = [(long, short) for long, short in pairs if len(short) >= SHORTEST_ABBREVIATION and " " in long]
    for long, short in rng.sample(usable, min(ABBREVIATED_AT_MOST, len(usable))):
        yield _pair(short, long, long, rng)


def stated_pairs(sentences: Iterable[str], rng: random.Random) -> Iterator[Pair]:
    """Give names that a sentence says are of one thing: in words, or as an abbreviation in brackets."""
    seen: set[tuple[str, str]] = set()
    for sentence in sentences:
        for one, other in _stated(sentence):
            if one != other and (one, other) not in seen:
                seen.add((one, other))
                yield _pair(one, other, one, rng)


def _stated(sentence: str) -> Iterator[tuple[str, str]]:
    if also := _ALSO.match(sentence):
        yield also[1].strip().lower(), also[2].strip().lower()
    for found in _BRACKETED.finditer(sentence):
        if long := _long_form(found[1].split(), found[2]):
            yield found[2], long


def _long_form(words: Sequence[str], short: str) -> str:
    """Return the last words before a bracket whose first letters are those in it; empty if they are not."""
    letters = [letter.lower() for letter in short if letter.isalpha()]
    last = [word.lower() for word in words[-len(letters) :]]
    return " ".join(last) if [word[0] for word in last] == letters else ""


def _pair(one: str, other: str, group: str, rng: random.Random) -> Pair:
    carriers = [rng.choice(CARRIERS[1:]) if rng.random() < IN_CARRIER else CARRIERS[0] for _ in range(2)]
    one, other = (carrier.format(x=name) for carrier, name in zip(carriers, (one, other), strict=True))
    return Pair(one, other, group.lower())

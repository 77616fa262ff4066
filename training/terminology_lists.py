"""Reads the lists in training/terminology: abbreviations with their senses, names of one thing, drugs, spellings."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

LISTS = Path(__file__).parent / "terminology"
FALLING_PRIORS = (3.0, 1.0, 0.6, 0.4, 0.3, 0.2, 0.2, 0.2)
_SENSE = re.compile(r"(?P<text>[^{*]+?)\s*(?:\{(?P<cues>[^}]*)\})?\s*(?:\*(?P<prior>[\d.]+))?$")


@dataclass(frozen=True, slots=True)
class Meaning:
    """A sense of an abbreviation: its long form, what it says, words that speak for it, and how frequent it is.

    text: empty where the letters stand for themselves, as in "US citizen".
    says: of a function word alone ("past", "possible").
    """

    text: str
    prior: float
    cues: tuple[tuple[str, float], ...] = ()
    says: str = ""


@dataclass(frozen=True, slots=True)
class Abbreviated:
    """The ways to write an abbreviation, and its senses. exact: it is read only as it is written here."""

    written: tuple[str, ...]
    meanings: tuple[Meaning, ...]
    exact: bool = False


@dataclass(frozen=True, slots=True)
class Kind:
    """Names of a kind of things, and what belongs to it."""

    names: tuple[str, ...]
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Names:
    """Names of one thing, the best known first. weight: how nearly they are the same."""

    names: tuple[str, ...]
    weight: float


def lines_of(name: str) -> Iterator[str]:
    """Give the lines of a list that are no comment."""
    text = (LISTS / name).read_text(encoding="utf-8")
    return (line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#"))


def read_abbreviations() -> list[Abbreviated]:
    """Read the abbreviations of one sense and of several."""
    lines = [*lines_of("abbreviations_ambiguous.txt"), *lines_of("abbreviations.txt")]
    return [entry for line in lines for entry in _abbreviated(line)]


def read_functions() -> list[Abbreviated]:
    """Read the abbreviations that say how a concept is meant."""
    found = []
    for line in lines_of("functions.txt"):
        written, long = line.split(" = ")
        text, says = long.rsplit(" : ", 1)
        found.append(Abbreviated(tuple(_cells(written)), (Meaning(text, 1.0, says=says.strip()),)))
    return found


def read_names() -> list[Names]:
    """Read the names of one thing."""
    found = []
    for line in lines_of("synonyms.txt"):
        weight = 0.6 if line.startswith("~") else 0.9
        found.append(Names(tuple(name.strip() for name in line.lstrip("~ ").split("|")), weight))
    return found


def read_word_forms() -> tuple[list[Names], list[tuple[str, ...]]]:
    """Read forms of one word, and spellings that are the same word."""
    forms, spellings = [], []
    for line in lines_of("variants.txt"):
        words = tuple(word.strip() for word in line.lstrip("= ").split("|"))
        if line.startswith("="):
            spellings.append(words)
        else:
            forms.append(Names(words, 0.6))
    return forms, spellings


def read_drugs() -> tuple[list[Names], list[str]]:
    """Read generic names with their brands, and the names of all drugs."""
    groups: list[Names] = []
    every: list[str] = []
    for line in lines_of("drugs.txt"):
        generic, _, brands = line.partition(" | ")
        names = (*_cells(generic), *_cells(brands))
        every += names
        if brands:
            groups.append(Names(names, 0.95))
    return groups, every


def read_kinds() -> list[Kind]:
    """Read kinds of things, with the members of other kinds that they include. Raises KeyError for an unknown one."""
    listed = {}
    for line in lines_of("classes.txt"):
        names, members = line.split(" = ")
        listed[names.split(" | ")[0]] = tuple(names.split(" | ")), _cells(members)

    def members_of(name: str) -> Iterator[str]:
        for member in listed[name][1]:
            if member.startswith("@"):
                yield from members_of(member[1:])
            else:
                yield member

    return [Kind(names, tuple(dict.fromkeys(members_of(name)))) for name, (names, _) in listed.items()]


def read_words(name: str) -> frozenset[str]:
    """Read a list of single words."""
    return frozenset(word for line in lines_of(name) for word in line.split())


def british_parts() -> list[tuple[str, str]]:
    """Read parts of words, American and British."""
    return [(american, british) for american, british in map(str.split, lines_of("british.txt"))]


def _abbreviated(line: str) -> Iterator[Abbreviated]:
    """Read a line. What is written with _ before it is read only so, and is an entry of its own."""
    written, senses = line.split(" = ", 1)
    meanings = tuple(_meaning(sense, at) for at, sense in enumerate(senses.split(" | ")))
    forms = _cells(written)
    exact = tuple(form[1:] for form in forms if form.startswith("_"))
    plain = tuple(form for form in forms if not form.startswith("_"))
    if exact:
        yield Abbreviated(exact, meanings, exact=True)
    if plain:
        yield Abbreviated(plain, meanings)


def _meaning(sense: str, at: int) -> Meaning:
    parts = _SENSE.match(sense.strip())
    if not parts:
        raise ValueError(f"not a sense: {sense}")
    cues = tuple((word, 2.5) for word in (parts["cues"] or "").split())
    text = parts["text"].strip()
    prior = float(parts["prior"]) if parts["prior"] else FALLING_PRIORS[at]
    meaning = Meaning(text, prior, cues)
    return replace(meaning, text="") if text.startswith("-") else meaning


def _cells(text: str) -> list[str]:
    return [cell.strip() for cell in text.split(",") if cell.strip()]

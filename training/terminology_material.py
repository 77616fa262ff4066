"""What the terminology is made from: the lists, public sources, and what was counted in notes."""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from clinsearch.retrieval.stop_words import STOP_WORDS
from training.note_counts import Counts, count, key_of
from training.sources import SHARED, read_judged_synonyms
from training.terminologies import DIAGNOSES, diagnoses, packaged
from training.terminology_lists import (
    Abbreviated,
    Kind,
    Meaning,
    Names,
    read_abbreviations,
    read_drugs,
    read_functions,
    read_kinds,
    read_names,
    read_word_forms,
    read_words,
)
from training.terminology_words import WordLists

SHORTEST_NAME, LONGEST_NAME = 5, 8  # letters, terms
COUNTED = 0.2  # the power of counts beside priors
AS_IT_STANDS = 30  # times that letters which stand for themselves are taken to stand in notes
_NO_NAME = re.compile(
    r"[,;/]| -|- |\b(?:NOS|NEC|other|unspecified|classified|with|without|non-neoplastic|due to)\b", re.I
)
_BRACKETED = re.compile(r"\s*[\[(].*?[\])]")


@dataclass
class Lists:
    """All that is read, and what was counted."""

    words: WordLists
    abbreviations: list[Abbreviated]
    functions: list[Abbreviated]
    names: list[Names]
    other_names: list[Names]
    forms: list[Names]
    spellings: list[tuple[str, ...]]
    drug_names: list[Names]
    drugs: list[str]
    kinds: list[Kind]
    capitals_only: frozenset[str]
    small_letters: frozenset[str]
    counts: Counts

    @classmethod
    def read(cls, folder: Path) -> Lists:
        """Read everything; count in the notes."""
        words = WordLists.read(folder)
        own = merged(read_abbreviations())
        forms, spellings = read_word_forms()
        drug_names, drugs = read_drugs()
        names, other_names = read_names(), [*_diseases(), *_diagnoses()]
        keys = {key_of(name) for group in [*names, *other_names, *forms, *drug_names] for name in group.names}
        kinds = read_kinds()
        keys |= {key_of(member) for kind in kinds for member in kind.members}
        senses = {key_of(meaning.text) for entry in own for meaning in entry.meanings}
        counts = count(keys | senses, {key for entry in own for key in senses_of(entry)})
        cases = read_words("capitals_only.txt"), read_words("small_letters.txt")
        return cls(
            words, own, read_functions(), names, other_names, forms, spellings, drug_names, drugs, kinds, *cases, counts
        )

    @cached_property
    def shares(self) -> dict[int, list[float]]:
        """The share of each sense of an abbreviation, by the abbreviation's place."""
        found = {}
        for at, entry in enumerate(self.abbreviations):
            rated = [
                meaning.prior
                * (1 + self.counts.names[key_of(meaning.text)] if meaning.text else AS_IT_STANDS) ** COUNTED
                for meaning in entry.meanings
            ]
            found[at] = [one / sum(rated) for one in rated]
        return found

    def _count(self, meaning: Meaning) -> int:
        return self.counts.names[key_of(meaning.text)] if meaning.text else AS_IT_STANDS

    @cached_property
    def abbreviation_keys(self) -> frozenset[str]:
        """The keys of all abbreviations."""
        entries = [*self.abbreviations, *self.functions]
        return frozenset(key_of(written) for entry in entries for written in entry.written)


def merged(entries: Iterable[Abbreviated]) -> list[Abbreviated]:
    """Join entries of one way of writing: senses of later ones come after."""
    found: dict[tuple[str, bool], Abbreviated] = {}
    for entry in entries:
        key = (entry.written[0] if entry.exact else entry.written[0].lower(), entry.exact)
        before = found.get(key)
        if before is None:
            found[key] = entry
            continue
        known = {key_of(meaning.text) for meaning in before.meanings}
        new = tuple(meaning for meaning in entry.meanings if key_of(meaning.text) not in known)
        found[key] = Abbreviated((*before.written, *entry.written), (*before.meanings, *new), entry.exact)
    return list(found.values())


def senses_of(entry: Abbreviated) -> list[str]:
    """Return the keys of an abbreviation's senses, if it has several."""
    return [key for meaning in entry.meanings if (key := key_of(meaning.text))] if len(entry.meanings) > 1 else []


def _diseases() -> list[Names]:
    names: dict[str, list[str]] = defaultdict(list)
    for name, synonym in _rows("disease_synonyms.tsv"):
        names[_plain(name)].append(_plain(synonym))
    return [group for name, others in names.items() if (group := _named([name, *others], 0.8))]


def _diagnoses() -> Iterator[Names]:
    asked = read_judged_synonyms()
    for entry in diagnoses(packaged(*DIAGNOSES).read_text(encoding="utf-8")):
        names = [name for name in entry.names if name not in asked]
        if group := _named(names, 0.75):
            yield group


def _named(names: list[str], weight: float) -> Names | None:
    distinct = {key_of(name): name for name in reversed(names)}
    usable = [name for name in reversed(distinct.values()) if _is_usable(name)]
    return Names(tuple(usable), weight) if len(usable) > 1 else None


def _is_usable(name: str) -> bool:
    key = key_of(name)
    ends = {key.split(" ")[0], key.split(" ")[-1]}
    is_name = not name.isupper() and not _NO_NAME.search(name) and ends.isdisjoint(STOP_WORDS)
    return is_name and len(key) >= SHORTEST_NAME and len(key.split()) <= LONGEST_NAME


def _plain(name: str) -> str:
    return _BRACKETED.sub("", name).strip()


def _rows(name: str) -> Iterator[tuple[str, str]]:
    with (SHARED / "train" / name).open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        next(rows)
        for row in rows:
            yield row[0], row[1]

"""Counts in public notes and articles how often names stand, and which words stand beside them."""

from __future__ import annotations

import gzip
import json
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from math import log
from pathlib import Path

from clinsearch.language.terms import TERM, terms_of
from clinsearch.retrieval.stop_words import STOP_WORDS
from training.sources import SHARED, read_judged

SENTENCES = SHARED / "data" / "sentences.jsonl.gz"
CLINICAL = frozenset({"mtsamples", "aci-bench", "mts-dialog"})
LONGEST_NAME = 8  # terms
BESIDE = 10  # terms on either side
FEWEST_BESIDE = 3
LEAST_CUE, MOST_CUE = 0.7, 2.0
MOST_CUES = 24
SMOOTHING = 20.0


@dataclass(slots=True)
class Counts:
    """What was counted. Keys of names are their terms with blanks between.

    names: in clinical notes; everywhere: in all texts; written: whole words as they are written, in clinical notes.
    beside: terms that stand near a name, by the name; background: sentences in which a term stands.
    """

    names: Counter[str] = field(default_factory=Counter)
    everywhere: Counter[str] = field(default_factory=Counter)
    written: Counter[str] = field(default_factory=Counter)
    words: Counter[str] = field(default_factory=Counter)
    words_everywhere: Counter[str] = field(default_factory=Counter)
    beside: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    background: Counter[str] = field(default_factory=Counter)
    sentences: int = 0


def key_of(name: str) -> str:
    """Return the terms of a name with blanks between."""
    return " ".join(terms_of(name))


def count(names: Collection[str], ambiguous: Collection[str], path: Path = SENTENCES) -> Counts:
    """Count names, given by their keys, and what stands beside those of ambiguous abbreviations.

    Sentences of the development sets are left out.
    """
    counts, wanted, cued = Counts(), frozenset(names), frozenset(ambiguous)
    for text, source in _sentences(path):
        terms = terms_of(text)
        counts.sentences += 1
        counts.background.update(set(terms))
        words = TERM.findall(text)
        counts.words_everywhere.update(word.lower() for word in words)
        if source in CLINICAL:
            counts.written.update(words)
            counts.words.update(word.lower() for word in words)
        for start, length, name in _found(terms, wanted):
            counts.everywhere[name] += 1
            counts.names[name] += source in CLINICAL
            if name in cued:
                near = terms[max(0, start - BESIDE) : start] + terms[start + length : start + length + BESIDE]
                counts.beside[name].update(set(near))
    return counts


def learned_cues(counts: Counts, senses: Collection[str]) -> dict[str, list[tuple[str, float]]]:
    """Give for each sense, by its key, the terms that speak for it against the others, with log ratios."""
    if len(senses) == 1:
        return {}
    totals = {sense: counts.everywhere[sense] for sense in senses}
    cues: dict[str, list[tuple[str, float]]] = {}
    for sense in senses:
        others = [other for other in senses if other != sense]
        rated = []
        for term, found in counts.beside[sense].items():
            if found < FEWEST_BESIDE or term in sense.split() or term in STOP_WORDS or not term.isalpha():
                continue
            against = max(_rate(counts, term, other, totals[other]) for other in others)
            ratio = log(_rate(counts, term, sense, totals[sense]) / against)
            if ratio >= LEAST_CUE:
                rated.append((ratio * log(1 + found), term, min(ratio, MOST_CUE)))
        cues[sense] = [(term, ratio) for _, term, ratio in sorted(rated, reverse=True)[:MOST_CUES]]
    return cues


def _rate(counts: Counts, term: str, sense: str, total: int) -> float:
    usual = (counts.background[term] + 1) / (counts.sentences + 1)
    return (counts.beside[sense][term] + SMOOTHING * usual) / (total + SMOOTHING)


def _found(terms: list[str], wanted: frozenset[str]) -> Iterator[tuple[int, int, str]]:
    for start in range(len(terms)):
        name = ""
        for length, term in enumerate(terms[start : start + LONGEST_NAME], start=1):
            name = f"{name} {term}" if name else term
            if name in wanted:
                yield start, length, name


def _sentences(path: Path) -> Iterator[tuple[str, str]]:
    judged, _ = read_judged()
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            if not judged.has(row["text"]):
                yield row["text"], row["source"]

"""Words in context whose concepts are known: terms found in public sentences, and put in each other's place.

Where a sentence has the long form of an abbreviation, the abbreviation in its place gives a second example of the
same concept; so does another name of the same disease. An abbreviation of two long forms gives words that are
spelt alike and mean different things.
"""

from __future__ import annotations

import csv
import gzip
import json
import random
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

WORDS_IN_SENTENCE = range(5, 61)
LONGEST_TERM = 8  # words
SHORTEST_TERM = 4  # characters
SENTENCES_PER_TERM = 8
RENAMED_PER_DISEASE = 4
ABBREVIATIONS_PER_TERM = 2
PLAIN_WORDS = 2000
SENTENCES_PER_PLAIN_WORD = 4
FREQUENCY_OF_PLAIN_WORDS = range(20, 3001)
WORD = re.compile(r"[a-z0-9]+|[^\sa-z0-9]")


@dataclass(frozen=True, slots=True)
class Example:
    """A term in a text. `sentence` numbers the one that the text is made of; `abbreviation` is empty if it is none."""

    text: str
    start: int
    end: int
    concept: str
    abbreviation: str
    sentence: int


@dataclass(frozen=True, slots=True)
class Place:
    """Where a term stands in a sentence."""

    sentence: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Terms:
    """abbreviations: those of each long form. names: of each disease, its own and its synonyms."""

    abbreviations: Mapping[str, Sequence[str]]
    names: Mapping[str, Sequence[str]]


def read_sentences(path: Path) -> list[str]:
    """Read the distinct sentences that are of a usual length."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        texts = (json.loads(line)["text"] for line in lines)
        return [text for text in texts if len(text.split()) in WORDS_IN_SENTENCE]


def read_terms(folder: Path) -> Terms:
    """Read the inventory of abbreviations and the synonyms of diseases."""
    abbreviations: defaultdict[str, set[str]] = defaultdict(set)
    for abbreviation, long_form in _rows(folder / "abbreviations.tsv"):
        abbreviations[long_form.lower()].add(abbreviation)
    names: defaultdict[str, dict[str, None]] = defaultdict(dict)
    for disease, synonym in _rows(folder / "disease_synonyms.tsv"):
        names[disease.lower()] |= {disease.lower(): None, synonym.lower(): None}
    return Terms({term: sorted(found) for term, found in abbreviations.items()}, {d: list(n) for d, n in names.items()})


def make_examples(sentences: Sequence[str], terms: Terms, seed: int) -> list[Example]:
    """Find terms in sentences, and make examples of them; the same ones for the same seed."""
    rng = random.Random(seed)
    of_terms, of_words = _find(
        {*terms.abbreviations, *(name for names in terms.names.values() for name in names)}, sentences
    )
    return [
        *_abbreviated(sentences, terms, of_terms, rng),
        *_renamed(sentences, terms, of_terms, rng),
        *_plain(sentences, of_words, rng),
    ]


def _rows(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE))[1:]


def _find(terms: set[str], sentences: Sequence[str]) -> tuple[dict[str, list[Place]], dict[str, list[Place]]]:
    """Find the longest terms in each sentence, and the words that belong to none."""
    spelt = {tuple(WORD.findall(term)): term for term in sorted(terms) if len(term) >= SHORTEST_TERM}
    spelt = {words: term for words, term in spelt.items() if len(words) <= LONGEST_TERM}
    of_terms: defaultdict[str, list[Place]] = defaultdict(list)
    of_words: defaultdict[str, list[Place]] = defaultdict(list)
    for number, sentence in enumerate(sentences):
        found = list(WORD.finditer(sentence.lower()))
        words = [match.group() for match in found]
        at = 0
        while at < len(words):
            length = next((n for n in range(LONGEST_TERM, 0, -1) if tuple(words[at : at + n]) in spelt), 0)
            length = min(length, len(words) - at)
            if length:
                place = Place(number, found[at].start(), found[at + length - 1].end())
                of_terms[spelt[tuple(words[at : at + length])]].append(place)
            elif len(words[at]) >= SHORTEST_TERM and words[at].isalpha():
                of_words[words[at]].append(Place(number, found[at].start(), found[at].end()))
            at += length or 1
    return of_terms, of_words


def _abbreviated(
    sentences: Sequence[str], terms: Terms, places: Mapping[str, Sequence[Place]], rng: random.Random
) -> Iterator[Example]:
    """Give long forms as they stand, and with their abbreviations in their place."""
    for term, abbreviations in terms.abbreviations.items():
        if len(places.get(term, ())) < 2:
            continue
        for place in _some(places[term], SENTENCES_PER_TERM, rng):
            yield _example(sentences, place, f"long form: {term}")
            for abbreviation in _some(abbreviations, ABBREVIATIONS_PER_TERM, rng):
                yield _example(sentences, place, f"long form: {term}", abbreviation, abbreviation)


def _renamed(
    sentences: Sequence[str], terms: Terms, places: Mapping[str, Sequence[Place]], rng: random.Random
) -> Iterator[Example]:
    """Give names of diseases as they stand, and with another name in their place."""
    for disease, names in terms.names.items():
        found = [(name, place) for name in names for place in places.get(name, ())]
        for _, place in _some(found, SENTENCES_PER_TERM, rng):
            yield _example(sentences, place, f"disease: {disease}")
        for name, place in _some(found, RENAMED_PER_DISEASE, rng):
            other = rng.choice([another for another in names if another != name])
            yield _example(sentences, place, f"disease: {disease}", other)


def _plain(sentences: Sequence[str], places: Mapping[str, Sequence[Place]], rng: random.Random) -> Iterator[Example]:
    """Give words that are neither too rare nor in every sentence."""
    words = sorted(word for word, found in places.items() if len(found) in FREQUENCY_OF_PLAIN_WORDS)
    for word in _some(words, PLAIN_WORDS, rng):
        for place in _some(places[word], SENTENCES_PER_PLAIN_WORD, rng):
            yield _example(sentences, place, f"word: {word}")


def _some(values: Sequence, most: int, rng: random.Random) -> list:  # type: ignore[type-arg]
    return rng.sample(values, min(most, len(values)))


def _example(
    sentences: Sequence[str], place: Place, concept: str, other: str | None = None, abbreviation: str = ""
) -> Example:
    sentence = sentences[place.sentence]
    term = sentence[place.start : place.end] if other is None else other
    text = sentence[: place.start] + term + sentence[place.end :]
    return Example(text, place.start, place.start + len(term), concept, abbreviation, place.sentence)

"""Draws what each step is trained on: the same for the same seed and step, whatever was drawn before."""

from __future__ import annotations

import json
import random
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from training.examples import Example
from training.sources import beginning
from training.word_map import are_related

T = TypeVar("T")

CONCEPTS, CLASSES_EACH, TEXTS_EACH = 32, 3, 2
FINDING_SHARE = 0.65
POLAR_SHARE = 0.8  # how often a concept is drawn affirmed and denied, whatever else
POLAR = ("affirmed", "negated")
TURNED = 10
TURNED_OTHERS = 2
SYNONYMS = 140
QUESTIONS_ABOUT, QUESTIONS_EACH = 10, 2
PARAPHRASES_ABOUT = 20
NOTES = 24
LIKED = {"talk": 3.0}  # kinds of notes that are drawn more often than by the root of their number
PAIR_WORDS = 90  # of a question's answer, or of a part of a note
SENSES, TERMS, MET = 8, 12, 4
KEPT = {"sentences": 7, "answers": 3, "questions": 3, "notes": 2}  # clusters


@dataclass(frozen=True, slots=True)
class AssertedBatch:
    """Texts with their concept and class, and which other concepts they say the same of."""

    texts: list[str]
    concepts: list[str]
    assertions: list[str]
    others: list[frozenset[str]]


@dataclass(frozen=True, slots=True)
class PairBatch:
    """Texts that belong together, row by row; `groups`: rows of one group may belong together too."""

    one: list[str]
    other: list[str]
    groups: list[str]


@dataclass(frozen=True, slots=True)
class TurnedBatch:
    """Sentences, each with one of its meaning and with `others`, so many to each, of another."""

    texts: list[str]
    same: list[str]
    others: list[str]


@dataclass(frozen=True, slots=True)
class GeneralBatch:
    """Texts, and which rows of the base model's vectors are theirs."""

    texts: list[str]
    rows: list[int]


class Material:
    """What `build_data` wrote, laid out to draw from."""

    def __init__(self, folder: Path) -> None:
        self._asserted: dict[str, dict[str, list[dict[str, Any]]]] = {}
        for row in read_rows(folder / "assertions.jsonl"):
            self._asserted.setdefault(row["concept"], defaultdict(list))[row["assertion"]].append(row)
        kinds = {concept: next(iter(of.values()))[0]["kind"] for concept, of in self._asserted.items()}
        self._findings = [concept for concept, kind in kinds.items() if kind == "finding"]
        self._diseases = [concept for concept, kind in kinds.items() if kind == "disease"]
        self._turned = read_rows(folder / "turned.jsonl")
        self._synonyms = read_rows(folder / "synonyms.jsonl")
        self._questions = several_questions(read_rows(folder / "questions.jsonl"))
        self._paraphrases = several_questions(read_rows(folder / "paraphrases.jsonl"))
        self._notes = by_group(read_rows(folder / "notes.jsonl"))
        self._words = Words([Example(**row) for row in read_rows(folder / "words.jsonl")])
        self.general: list[str] = []
        self._clusters: defaultdict[str, list[range]] = defaultdict(list)
        for row in read_rows(folder / "general.jsonl"):
            first = len(self.general)
            self.general += row["texts"]
            self._clusters[row["kind"]].append(range(first, len(self.general)))

    def asserted(self, rng: random.Random) -> AssertedBatch:
        """Draw concepts, each in some classes, in some texts of each."""
        findings = round(CONCEPTS * FINDING_SHARE)
        drawn = [*some(self._findings, findings, rng), *some(self._diseases, CONCEPTS - findings, rng)]
        rows = []
        for concept in drawn:
            of_class = self._asserted[concept]
            for assertion in _classes(list(of_class), rng):
                rows += some(of_class[assertion], TEXTS_EACH, rng)
        return AssertedBatch(
            [row["text"] for row in rows],
            [row["concept"] for row in rows],
            [row["assertion"] for row in rows],
            [frozenset(row["others"]) for row in rows],
        )

    def turned(self, rng: random.Random) -> TurnedBatch:
        """Draw real sentences with what they were turned to."""
        rows = some(self._turned, TURNED, rng)
        others = [text for row in rows for text in rng.sample(row["others"], TURNED_OTHERS)]
        return TurnedBatch([row["text"] for row in rows], [row["same"] for row in rows], others)

    def synonyms(self, rng: random.Random) -> PairBatch:
        """Draw names of one thing."""
        rows = some(self._synonyms, SYNONYMS, rng)
        return _pairs(rows, [row["group"] for row in rows])

    def questions(self, rng: random.Random) -> PairBatch:
        """Draw questions and answers, several about each thing: what it is about does not tell them apart."""
        return _several(self._questions, QUESTIONS_ABOUT, rng)

    def paraphrases(self, rng: random.Random) -> PairBatch:
        """Draw questions in two wordings, several about each thing: to ask of the same thing is not to ask the same."""
        return _several(self._paraphrases, PARAPHRASES_ABOUT, rng)

    def notes(self, rng: random.Random) -> PairBatch:
        """Draw pairs of one kind of notes: what all of that kind share tells none of them apart."""
        kinds = list(self._notes)
        kind = rng.choices(kinds, [LIKED.get(kind, 1) * len(self._notes[kind]) ** 0.5 for kind in kinds])[0]
        rows = some(self._notes[kind], NOTES, rng)
        return _pairs(rows, [""] * len(rows))

    def words(self, rng: random.Random) -> list[Example]:
        """Draw words in context."""
        return self._words.draw(rng)

    def kept(self, rng: random.Random) -> GeneralBatch:
        """Draw texts whose likeness to each other should stay what it is."""
        drawn = [cluster for kind, count in KEPT.items() for cluster in some(self._clusters[kind], count, rng)]
        rows = [row for cluster in drawn for row in cluster]
        return GeneralBatch([self.general[row] for row in rows], rows)


class Words:
    """Examples of words in context, by concept, by abbreviation and by sentence."""

    def __init__(self, examples: Sequence[Example]) -> None:
        self._by_concept: defaultdict[str, list[Example]] = defaultdict(list)
        for example in examples:
            self._by_concept[example.concept].append(example)
        several = {c for c, found in self._by_concept.items() if len({one.sentence for one in found}) > 1}
        senses: defaultdict[str, dict[str, list[Example]]] = defaultdict(dict)
        met: defaultdict[int, dict[str, Example]] = defaultdict(dict)
        for example in examples:
            if example.concept in several:
                met[example.sentence].setdefault(example.concept, example)
                if example.abbreviation:
                    senses[example.abbreviation].setdefault(example.concept, []).append(example)
        self._concepts = by_kind(several)
        self._senses = [found for found in map(_ambiguous, senses.values()) if len(found) > 1]
        self._met = [found for found in (list(of.values()) for of in met.values()) if len(found) > 1]

    def draw(self, rng: random.Random) -> list[Example]:
        """Draw pairs of one concept: of the senses of an abbreviation, of any, of those that met in a sentence."""
        drawn: list[Example] = []
        for senses in some(self._senses, SENSES, rng):
            for concept in rng.sample(list(senses), 2):
                one = rng.choice(senses[concept])
                drawn += [one, self._partner(one, senses[concept], rng)]
        for concepts in self._concepts.values():
            for concept in some(concepts, TERMS, rng):
                one = rng.choice(self._by_concept[concept])
                drawn += [one, self._partner(one, (), rng)]
        for found in some(self._met, MET, rng):
            one, other = rng.sample(found, 2)
            if not are_related(one.concept, other.concept):
                drawn += [one, self._partner(one, (), rng), other, self._partner(other, (), rng)]
        return drawn

    def _partner(self, one: Example, liked: Sequence[Example], rng: random.Random) -> Example:
        """Draw another example of the concept from another sentence, half the time among those liked."""
        pools = [liked, self._by_concept[one.concept]] if rng.random() < 0.5 else [self._by_concept[one.concept]]
        for pool in pools:
            if others := [other for other in pool if other.sentence != one.sentence]:
                return rng.choice(others)
        return one


def some(values: Sequence[T], most: int, rng: random.Random) -> list[T]:
    """Draw so many, or all."""
    return rng.sample(values, min(most, len(values)))


def by_group(rows: Sequence[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """Lay rows out by group; groups too small to fill a batch go together."""
    groups: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        groups[row["group"]].append(row)
    small = [name for name, found in groups.items() if len(found) < 2 * NOTES]
    rest = [row for name in small for row in groups.pop(name)]
    return {**groups, **({"rest": rest} if rest else {})}


def several_questions(rows: Sequence[dict[str, Any]]) -> dict[str, dict[str, list[dict[str, Any]]]]:
    """Lay questions out by what they are about and what they want to know, where that is more than one thing."""
    about: defaultdict[str, dict[str, list[dict[str, Any]]]] = defaultdict(dict)
    for row in rows:
        about[row["about"]].setdefault(row["kind"], []).append(row)
    return {name: asked for name, asked in about.items() if len(asked) >= QUESTIONS_EACH}


def by_kind(concepts: set[str]) -> dict[str, list[str]]:
    """Lay concepts out by what kind they are of."""
    kinds: defaultdict[str, list[str]] = defaultdict(list)
    for concept in sorted(concepts):
        kinds[concept.split(":")[0]].append(concept)
    return dict(kinds)


def read_rows(path: Path) -> list[dict[str, Any]]:
    """Read a file of JSON lines."""
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def _classes(names: Sequence[str], rng: random.Random) -> list[str]:
    if rng.random() < POLAR_SHARE:
        rest = [name for name in names if name not in POLAR]
        return [*POLAR, *some(rest, CLASSES_EACH - len(POLAR), rng)]
    return some(names, CLASSES_EACH, rng)


def _pairs(rows: Sequence[dict[str, Any]], groups: list[str]) -> PairBatch:
    one, other = ([beginning(row[side], PAIR_WORDS) for row in rows] for side in ("one", "other"))
    return PairBatch(one, other, groups)


def _several(about: Mapping[str, Mapping[str, Sequence[dict[str, Any]]]], most: int, rng: random.Random) -> PairBatch:
    rows = []
    for one in some(list(about), most, rng):
        asked = about[one]
        rows += [rng.choice(asked[kind]) for kind in rng.sample(list(asked), QUESTIONS_EACH)]
    return _pairs(rows, [""] * len(rows))


def _ambiguous(concepts: Mapping[str, list[Example]]) -> dict[str, list[Example]]:
    """Return the concepts of an abbreviation that are not forms of one word."""
    kept: dict[str, list[Example]] = {}
    for concept, found in concepts.items():
        if not any(are_related(concept, other) for other in kept):
            kept[concept] = found
    return kept

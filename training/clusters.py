"""Texts that have to do with each other, whose likeness is to stay, or to become what a larger model finds."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from training.passages import PART_WORDS, descriptions
from training.questions import LEAST_ANSWER, Names, understood, worded
from training.sources import Report, Sentence, beginning

WHOLE_WORDS = 140  # of a text
SENTENCES, ANSWERS, QUESTIONS = 2600, 800, 1200  # clusters of each
IN_ROW = 4  # sentences
ANSWERS_EACH = 3
DESCRIPTIONS_EACH = 3


@dataclass(frozen=True, slots=True)
class Cluster:
    """Texts of which each is more or less like each."""

    texts: tuple[str, ...]
    kind: str


def clusters(
    sentences: Sequence[Sentence],
    questions: Sequence[tuple[str, str]],
    names: Names,
    reports: Sequence[Report],
    rng: random.Random,
) -> Iterator[Cluster]:
    """Give sentences that follow on each other; a question with answers about its thing, and questions about one thing
    in several wordings; reports of one speciality with what describes them.
    """
    for name, found in {
        "sentences": _in_row(sentences, rng),
        "answers": _answers(questions, names, rng),
        "questions": _questions(questions, names, rng),
        "notes": _notes(reports, rng),
    }.items():
        yield from (Cluster(tuple(dict.fromkeys(texts)), name) for texts in found)


def _in_row(sentences: Sequence[Sentence], rng: random.Random) -> Iterator[list[str]]:
    starts = [at for at in range(len(sentences) - IN_ROW) if sentences[at].note == sentences[at + IN_ROW - 1].note]
    for at in rng.sample(starts, min(SENTENCES, len(starts))):
        yield [beginning(one.text, WHOLE_WORDS) for one in sentences[at : at + IN_ROW]]


def _answers(questions: Sequence[tuple[str, str]], names: Names, rng: random.Random) -> Iterator[list[str]]:
    about = _by_thing(pair for pair in questions if len(pair[1].split()) >= LEAST_ANSWER)
    several = [found for found in about if len(found) >= ANSWERS_EACH]
    for found in rng.sample(several, min(ANSWERS, len(several))):
        some = rng.sample(found, ANSWERS_EACH)
        yield [worded(some[0][0], names, rng), *(beginning(answer, WHOLE_WORDS) for _, answer in some)]


def _questions(questions: Sequence[tuple[str, str]], names: Names, rng: random.Random) -> Iterator[list[str]]:
    """Give two questions about one thing, each in two wordings."""
    several = [list(dict.fromkeys(question for question, _ in found)) for found in _by_thing(questions)]
    several = [found for found in several if len(found) > 1]
    for found in rng.sample(several, min(QUESTIONS, len(several))):
        yield [worded(question, names, rng) for question in rng.sample(found, 2) for _ in range(2)]


def _by_thing(questions: Iterable[tuple[str, str]]) -> list[list[tuple[str, str]]]:
    """Gather questions, each with its answer, by what they are about."""
    about: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
    for question, answer in questions:
        about[understood(question)[1].lower()].append((question, answer))
    return list(about.values())


def _notes(reports: Sequence[Report], rng: random.Random) -> Iterator[list[str]]:
    by_speciality: defaultdict[str, list[Report]] = defaultdict(list)
    for report in reports:
        if len(report.text.split()) >= PART_WORDS:
            by_speciality[report.speciality or report.note[:3]].append(report)
    for found in by_speciality.values():
        rng.shuffle(found)
        for at in range(0, len(found) - 1, 2):
            two = found[at : at + 2]
            said = [said for report in two for said in descriptions(report)]
            yield [*said[:DESCRIPTIONS_EACH], *(beginning(report.text, WHOLE_WORDS) for report in two)]

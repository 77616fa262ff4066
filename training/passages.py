"""Pairs of texts that belong together: a question and its answer, two parts of one note, two notes of one procedure."""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from clinsearch.segmentation import segment
from training.sources import Report, Sentence, split_sentences

ANSWER_WORDS = 90
WHOLE_WORDS = 140  # of a text whose likeness to others is kept
CLUSTER = 4
PART_WORDS = 80
SPAN_WORDS = 40
SHORT_WORDS = range(3, 31)
LEAST_ANSWER = 12  # words
SPANS_PER_NOTE = 3
SENTENCE_CLUSTERS, ANSWER_CLUSTERS = 2600, 800
DESCRIBING = re.compile(r"diagnos|procedure|exam\b|reason|indication|chief complaint|title|operation|impression", re.I)
HISTORY = re.compile(r"history of present|hpi|subjective|chief complaint", re.I)
PLAN = re.compile(r"assessment|plan|impression|recommend", re.I)
_FOCUS = re.compile(
    r"(?:what (?:is|are)(?: \(are\))?(?: the \w+ (?:of|for|to))?|what causes|how to \w+) (.+?)\s*\?*$", re.I
)
_NUMBER = re.compile(r"\s*-\s*\d+\s*$")


@dataclass(frozen=True, slots=True)
class Pair:
    """Two texts that belong together. `group`: among which others they should be told apart."""

    one: str
    other: str
    group: str


def answered(questions: Iterable[tuple[str, str]], rng: random.Random) -> Iterator[Pair]:
    """Give questions with their answers' beginnings, and with a sentence of them."""
    for question, answer in questions:
        if len(answer.split()) < LEAST_ANSWER:
            continue
        focus = question_focus(question)
        yield Pair(_question(question, rng), beginning(answer, ANSWER_WORDS), focus)
        sentences = [sentence for sentence in split_sentences(answer) if len(sentence.split()) >= LEAST_ANSWER]
        if len(sentences) > 1:
            yield Pair(_question(question, rng), beginning(rng.choice(sentences), ANSWER_WORDS), focus)


@dataclass(frozen=True, slots=True)
class Cluster:
    """Texts that have to do with each other, of which each is more or less like each."""

    texts: tuple[str, ...]
    kind: str  # "sentences", "answers" or "notes"


def clusters(
    sentences: Sequence[Sentence], questions: Iterable[tuple[str, str]], reports: Sequence[Report], rng: random.Random
) -> Iterator[Cluster]:
    """Give sentences that follow on each other; a question with answers about its thing; reports of one speciality."""
    starts = [at for at in range(len(sentences) - CLUSTER) if sentences[at].note == sentences[at + CLUSTER - 1].note]
    for at in rng.sample(starts, min(SENTENCE_CLUSTERS, len(starts))):
        yield Cluster(tuple(beginning(one.text, WHOLE_WORDS) for one in sentences[at : at + CLUSTER]), "sentences")
    by_focus: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
    for question, answer in questions:
        if len(answer.split()) >= LEAST_ANSWER:
            by_focus[question_focus(question)].append((question, answer))
    several = [found for found in by_focus.values() if len(found) >= CLUSTER - 1]
    for found in rng.sample(several, min(ANSWER_CLUSTERS, len(several))):
        some = rng.sample(found, CLUSTER - 1)
        answers = (beginning(answer, WHOLE_WORDS) for _, answer in some)
        yield Cluster((_question(some[0][0], rng), *answers), "answers")
    yield from _note_clusters(reports, rng)


def _note_clusters(reports: Sequence[Report], rng: random.Random) -> Iterator[Cluster]:
    by_speciality: defaultdict[str, list[Report]] = defaultdict(list)
    for report in reports:
        if len(report.text.split()) < PART_WORDS:
            continue
        by_speciality[report.speciality or report.note[:3]].append(report)
    for found in by_speciality.values():
        rng.shuffle(found)
        for at in range(0, len(found) - 1, 2):
            texts = [beginning(report.text, WHOLE_WORDS) for report in found[at : at + 2]]
            said = [said for report in found[at : at + 2] for said, _ in _descriptions(report, _parts(report.text))]
            yield Cluster(tuple(dict.fromkeys([*said[:3], *texts])), "notes")


def question_focus(question: str) -> str:
    """Return what a question is about: two questions about one thing are hard to tell apart."""
    found = _FOCUS.match(question.strip())
    return (found[1] if found else question).lower().strip(" ?")


def beginning(text: str, words: int) -> str:
    """Return the first words of a text."""
    return " ".join(text.split()[:words])


def _question(question: str, rng: random.Random) -> str:
    """Clean the marks of the material, and leave some questions in search words alone."""
    clean = re.sub(r"\s*\(are\)", "", question).replace(" ?", "?")
    return question_focus(question) if rng.random() < 0.15 else clean


def note_pairs(reports: Sequence[Report], rng: random.Random) -> Iterator[Pair]:
    """Give parts of each note: what describes it and the rest, history and plan, two spans far apart."""
    for report in reports:
        group = report.speciality or report.note[:3]
        parts = _parts(report.text)
        for one, other in [*_descriptions(report, parts), *_histories(parts), *_spans(report.text, rng)]:
            yield Pair(one, other, group)


def same_procedures(reports: Sequence[Report], rng: random.Random) -> Iterator[Pair]:
    """Give pairs of notes with one title, apart from its number."""
    by_title: defaultdict[str, list[Report]] = defaultdict(list)
    for report in reports:
        by_title[_NUMBER.sub("", report.title).lower()].append(report)
    for title, found in sorted(by_title.items()):
        if title and 1 < len(found) <= 12:
            for one in found:
                other = rng.choice([another for another in found if another is not one])
                yield Pair(beginning(one.text, PART_WORDS), beginning(other.text, PART_WORDS), "procedure")


def _parts(text: str) -> list[tuple[str, str]]:
    """Return the headings of a note's sections, and the text of each."""
    found = []
    for section in segment(text).sections:
        title = section.heading or ""
        body = text[section.start + len(title) : section.end].strip(" ,:\n")
        found.append((title, " ".join(body.split())))
    return found


def _descriptions(report: Report, parts: Sequence[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Give short parts that say what the note is of, and its title, each with the rest of the note."""
    short = [body for title, body in parts if DESCRIBING.search(title) and len(body.split()) in SHORT_WORDS]
    rest = " ".join(body for _, body in parts if body not in short)
    rest = beginning(rest, 2 * PART_WORDS)
    if len(rest.split()) < PART_WORDS:
        return
    title = _NUMBER.sub("", report.title)
    if title:
        yield title, rest
    if short:
        yield beginning(" ".join(dict.fromkeys(short)), SHORT_WORDS.stop), rest


def _histories(parts: Sequence[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    history = " ".join(body for title, body in parts if HISTORY.search(title))
    plan = " ".join(body for title, body in parts if PLAN.search(title))
    if min(len(history.split()), len(plan.split())) >= LEAST_ANSWER:
        yield beginning(history, PART_WORDS), beginning(plan, PART_WORDS)


def _spans(text: str, rng: random.Random) -> Iterator[tuple[str, str]]:
    words = text.split()
    if len(words) < 4 * SPAN_WORDS:
        return
    for _ in range(SPANS_PER_NOTE):
        half = len(words) // 2
        one = rng.randrange(half - SPAN_WORDS + 1)
        other = half + rng.randrange(half - SPAN_WORDS + 1)
        length = rng.choice((SPAN_WORDS // 2, SPAN_WORDS))
        yield " ".join(words[one : one + length]), " ".join(words[other : other + SPAN_WORDS])


def neighbours(sentences: Sequence[Sentence], rng: random.Random, most: int) -> Iterator[Pair]:
    """Give sentences that follow on each other in one text."""
    at = [n for n in range(len(sentences) - 1) if sentences[n].note == sentences[n + 1].note]
    for n in sorted(rng.sample(at, min(most, len(at)))):
        if min(len(sentences[n].text.split()), len(sentences[n + 1].text.split())) >= 6:
            yield Pair(sentences[n].text, sentences[n + 1].text, sentences[n].source)

"""Pairs of texts that belong together: two parts of one note, neighbouring sentences, two notes of one procedure."""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from clinsearch.language.segmentation import segment
from training.sources import Report, Sentence, beginning

PART_WORDS = 80
SPAN_WORDS = 40
SHORT_WORDS = range(3, 31)
LEAST_PART = 12  # words
SPANS_PER_NOTE = 3
DESCRIBING = re.compile(r"diagnos|procedure|exam\b|reason|indication|chief complaint|title|operation|impression", re.I)
HISTORY = re.compile(r"history of present|hpi|subjective|chief complaint", re.I)
PLAN = re.compile(r"assessment|plan|impression|recommend", re.I)
_NUMBER = re.compile(r"\s*-\s*\d+\s*$")


@dataclass(frozen=True, slots=True)
class Pair:
    """Two texts that belong together. `group`: among which others they should be told apart."""

    one: str
    other: str
    group: str


def note_pairs(reports: Sequence[Report], rng: random.Random) -> Iterator[Pair]:
    """Give parts of each note: what describes it and the rest, history and plan, two spans far apart."""
    for report in reports:
        group = report.speciality or report.note[:3]
        parts = _parts(report.text)
        for one, other in [*_descriptions(report, parts), *_histories(parts), *_spans(report.text, rng)]:
            yield Pair(one, other, group)


def descriptions(report: Report) -> list[str]:
    """Return what says in few words what a note is of."""
    return [said for said, _ in _descriptions(report, _parts(report.text))]


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
    if min(len(history.split()), len(plan.split())) >= LEAST_PART:
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

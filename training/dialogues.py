"""Makes of a note's section the talk that it might have been written from: real words, spoken by rule."""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Iterator, Sequence

from clinsearch.language.segmentation import segment
from training.passages import Pair
from training.sources import Report, beginning, split_sentences

SECTION_WORDS = range(15, 120)
TALK_WORDS = 110
SECTION_SHOWN = 80
_PATIENT = r"(?:the patient|patient|she|he|pt|mr\.? \w+|ms\.? \w+|mrs\.? \w+)"
_DENIED = re.compile(rf"^{_PATIENT} (?:also )?(?:denies|denied|has no|had no|reports no) (?:any )?(.+?)\.?$", re.I)
_SAID = "reports|reported|states|stated|notes|noted|complains of|endorses|says"
_REPORTED = re.compile(rf"^{_PATIENT} (?:also )?(?:{_SAID})(?: that)? (.+?)\.?$", re.I)
_HISTORY = re.compile(
    rf"^{_PATIENT} has (?:a |an )?(?:history|past medical history)(?: significant)? (?:of|for) (.+?)\.?$", re.I
)
_AGED = re.compile(r"(?:is|was) an? (\d+)[ -]year[ -]old (.+?)\.?$", re.I)
_NONE = re.compile(r"^(?:no|none|negative|denies)\b(?: any)?(.*?)\.?$", re.I)
_TO_SPEECH = (
    (re.compile(rf"\b{_PATIENT} (?:has|had)\b", re.I), "I've had"),
    (re.compile(rf"\b{_PATIENT} (?:is|was)\b", re.I), "I'm"),
    (re.compile(rf"\b{_PATIENT}(?='s)", re.I), "my"),
    (re.compile(r"\b(?:his|her)\b", re.I), "my"),
    (re.compile(r"\bhim(?:self)?\b|\bherself\b", re.I), "me"),
    (re.compile(rf"\b{_PATIENT}\b", re.I), "I"),
)
_ASKED_FOR = ("Any {0}?", "Do you have any {0}?", "Have you had {0}?", "What about {0}?")
_REFUSED = ("No.", "No, nothing like that.", "Nope.", "No, not at all.", "I don't think so.")
_OPENED = ("Okay.", "I see.", "Go on.", "Anything else?", "Tell me more.", "All right.", "Hm.", "How so?", "Uh-huh.")
_FIRST = ("Hello, how are you today?", "What brings you in?", "Good morning.", "Let's go over a few things.", "")


def spoken_sections(reports: Iterable[Report], rng: random.Random) -> Iterator[Pair]:
    """Give talks and the sections that they were made of."""
    for report in reports:
        for section in segment(report.text).sections:
            body = report.text[section.start + len(section.heading or "") : section.end].strip(" ,:\n")
            if len(body.split()) in SECTION_WORDS:
                talk = _talk(split_sentences(" ".join(body.split())), rng)
                yield Pair(beginning(talk, TALK_WORDS), beginning(body, SECTION_SHOWN), "talk")


def _talk(sentences: Sequence[str], rng: random.Random) -> str:
    turns = [rng.choice(_FIRST)]
    for sentence in sentences:
        turns.append(_turn(sentence, rng))
        if rng.random() < 0.4:
            turns.append(rng.choice(_OPENED))
    return " ".join(filter(None, turns))


def _turn(sentence: str, rng: random.Random) -> str:
    """Say a sentence as two people would: one asks, the other answers."""
    if denied := _DENIED.match(sentence) or _NONE.match(sentence):
        return f"{rng.choice(_ASKED_FOR).format(denied[1].strip())} {rng.choice(_REFUSED)}"
    if history := _HISTORY.match(sentence):
        return f"Any medical problems in the past? Yes, {_first_person(history[1])}."
    if aged := _AGED.search(sentence):
        return f"How old are you? I'm {aged[1]}. {_first_person(aged[2])}."
    if reported := _REPORTED.match(sentence):
        return f"{_first_person(reported[1]).capitalize()}."
    return _first_person(sentence)


def _first_person(text: str) -> str:
    for pattern, spoken in _TO_SPEECH:
        text = pattern.sub(spoken, text)
    return text

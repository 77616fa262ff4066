"""Texts that say each of the six things of each concept, and real sentences turned to say another."""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from clinsearch.language.assertions import find_assertions
from clinsearch.records.assertions import Assertion
from training.concepts import Concept

RENDERINGS = {"finding": 12, "disease": 4}  # of each class
LISTED = 0.5  # share of texts that say the same of several others, where the form has room for one
MOST_BESIDE = 8  # others in such a list
QUALIFIED = 0.2  # share of the texts of a finding that say where, when or how
QUALIFIERS = (
    "in the right leg", "on the left side", "for two weeks", "since last month", "at night", "with exertion", "at rest",
    "in both hands", "when she climbs stairs", "after meals", "over the past year", "in the lower back", "this morning",
    "that comes and goes", "in the fingers and toes", "when lying down", "from time to time", "since the operation",
)  # fmt: skip
LOWERED = 0.25  # share of texts without capital letters, as in hurried notes


@dataclass(frozen=True, slots=True)
class Rendering:
    """A text that says something of a concept, and the same of others."""

    text: str
    concept: str
    assertion: Assertion
    others: tuple[str, ...]
    kind: str


@dataclass(frozen=True, slots=True)
class Turned:
    """A real sentence, one of the same meaning, and some that say something else of the same."""

    text: str
    same: str
    others: tuple[str, ...]


# Cues of a kind fit the same sentences; those of one class mean the same.
_KINDS: tuple[dict[Assertion, tuple[str, ...]], ...] = (
    {
        "negated": ("denies", "does not report", "has no", "reports no", "does not have", "denies any"),
        "affirmed": ("reports", "endorses", "has", "complains of", "admits to", "does have"),
        "possible": ("may have", "might have", "possibly has", "could have"),
        "historical": ("has a history of", "previously had", "used to have", "once had"),
        "other": ("has a family history of", "has a mother with", "has a brother with"),
    },
    {
        "negated": ("denied", "did not report", "had no", "reported no", "did not have"),
        "affirmed": ("reported", "endorsed", "had", "complained of", "admitted to"),
        "possible": ("may have had", "might have had", "possibly had"),
        "historical": ("had a history of", "had previously had", "had in the past had"),
    },
    {
        "negated": ("no", "no evidence of", "no sign of", "negative for"),
        "affirmed": ("positive for", "evidence of", "definite", "ongoing"),
        "possible": ("possible", "questionable", "suspected", "concern for"),
        "historical": ("history of", "prior", "previous", "h/o"),
        "hypothetical": ("return for", "monitor for", "at risk for", "call for"),
        "other": ("family history of", "mother with", "father with"),
    },
    {
        "negated": ("without", "without any", "with no", "free of"),
        "affirmed": ("with", "with ongoing", "with definite"),
        "possible": ("with possible", "with suspected", "with questionable"),
        "historical": ("with a history of", "with previous", "with prior"),
    },
)
_LONGEST_TURNED = 40  # words
_LEAST_SHARE = 0.4  # of the sentence that its cue speaks of: else the rest decides what it means
_OTHERS = 3


def render(
    concepts: Sequence[Concept], sentences: Mapping[Assertion, Sequence[str]], rng: random.Random
) -> Iterator[Rendering]:
    """Give texts of each concept and class."""
    of_kind = {kind: [concept for concept in concepts if concept.kind == kind] for kind in RENDERINGS}
    for concept in concepts:
        for assertion, forms in sentences.items():
            count = min(RENDERINGS[concept.kind], len(forms))
            for form in rng.sample(forms, count):
                beside = rng.sample(of_kind[concept.kind], min(MOST_BESIDE, len(of_kind[concept.kind])))
                yield _rendered(concept, assertion, form, [other for other in beside if other is not concept], rng)


def _rendered(
    concept: Concept, assertion: Assertion, form: str, beside: Sequence[Concept], rng: random.Random
) -> Rendering:
    others = [other for key, other in zip("yz", beside, strict=False) if f"{{{key}}}" in form]
    blanks = {"x": _name(concept, rng), "y": _name(beside[0], rng), "z": _name(beside[1], rng)}
    if not others and rng.random() < LISTED:
        others = list(beside[: rng.randint(1, len(beside))])
        blanks["x"] = _listed([blanks["x"], *(_name(other, rng) for other in others)], rng)
    elif concept.kind == "finding" and rng.random() < QUALIFIED:
        blanks["x"] += f" {rng.choice(QUALIFIERS)}"
    text = form.format(**blanks)
    named = tuple(other.name for other in others)
    text = text.lower() if rng.random() < LOWERED else text[:1].upper() + text[1:]
    return Rendering(text, concept.name, assertion, named, concept.kind)


def _listed(names: list[str], rng: random.Random) -> str:
    """Put names in a row, in any order."""
    rng.shuffle(names)
    return f"{', '.join(names[:-1])}{rng.choice((' and ', ' or ', ', and ', ', or ', ', '))}{names[-1]}"


def _name(concept: Concept, rng: random.Random) -> str:
    """Draw a name, half the time the first."""
    return concept.name if rng.random() < 0.5 else rng.choice(concept.names)


def turn(sentences: Iterable[str], rng: random.Random) -> Iterator[Turned]:
    """Give sentences with their cue in another wording, and with cues of other classes in its place."""
    for sentence in sentences:
        if len(sentence.split()) > _LONGEST_TURNED:
            continue
        spans = [span for span in find_assertions(sentence) if span.cue_end <= span.start]
        if len(spans) != 1 or len(sentence) * _LEAST_SHARE > spans[0].end - spans[0].start:
            continue
        turned = _turned(sentence, spans[0].cue_start, spans[0].cue_end, rng)
        if turned:
            yield turned


def _turned(sentence: str, start: int, end: int, rng: random.Random) -> Turned | None:
    """Turn a sentence by its cue, before which its subject may stand: "she denies"."""
    words = sentence[start:end].lower()
    found = [
        (cue, own, kind)
        for kind in _KINDS
        for own, cues in kind.items()
        for cue in cues
        if words == cue or words.endswith(f" {cue}")
    ]
    if not found:
        return None
    cue, own, kind = max(found, key=lambda one: len(one[0]))
    same = rng.choice([other for other in kind[own] if other != cue])
    classes = [name for name in kind if name != own]
    others = [rng.choice(kind[name]) for name in rng.sample(classes, min(_OTHERS, len(classes)))]
    texts = [_in_place(sentence, end - len(cue), end, other) for other in (same, *others)]
    return Turned(sentence, texts[0], tuple(texts[1:]))


def _in_place(sentence: str, start: int, end: int, cue: str) -> str:
    cue = cue[:1].upper() + cue[1:] if sentence[start].isupper() else cue
    return re.sub(r"\b(any|no) (any|no)\b", r"\1", sentence[:start] + cue + sentence[end:])

"""Hits as templates lay them out: every text apart, every address made."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from clinsearch.records import Hit, ScoreParts, TermPart, WordHit
from clinsearch.records.passages import Passage
from clinsearch.rendering.scores import (
    lacking_line,
    names_line,
    said_words,
    score_line,
    term_name,
    told,
    values_line,
)
from clinsearch.rendering.wording import is_headed, number
from clinsearch.web.addresses import Asked, address
from clinsearch.web.views.shading import Piece, shaded

DIGITS = 3
# What parts paragraphs takes more room in a list than it tells.
_BLANK_LINES = re.compile(r"\s*\n\s*")
# A line that goes on in small letters was broken where the page of its author ended.
_BROKEN_LINE = re.compile(r"\n(?=[a-z])")


@dataclass(frozen=True, slots=True)
class Badge:
    """What is said of words of a place: `kind` is the assertion, by which it has its colour."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Origin:
    """The note that a hit stands in: what it is called, what else is known, and its id where it is not called by it."""

    name: str
    note_id: str | None
    about: tuple[str, ...]
    patient: str | None

    @property
    def patient_address(self) -> str:
        """Where the patient of the note is shown."""
        return address("/patient", id=self.patient)

    @classmethod
    def of(cls, hit: Hit | WordHit) -> Origin:
        """Return a hit's."""
        day = hit.note_datetime.date().isoformat() if hit.note_datetime else None
        about = (hit.note_type if hit.title else None, day)
        name = hit.title or hit.note_type or hit.note_id
        return cls(name, hit.note_id if name != hit.note_id else None, tuple(filter(None, about)), hit.patient_id)


@dataclass(frozen=True, slots=True)
class Found:
    """What a note says best of a part of a query, and where.

    said: where it does not just say so, what. is_shown: whether the sentence is near enough to be of use.
    """

    asked: str
    said: str
    score: str
    sentence: str
    note: str
    is_shown: bool


@dataclass(frozen=True, slots=True)
class ShownHit:
    """A hit. section: where its sentence does not begin with it; before, after: what stands around that.

    below: what is not simply as it is asked for; evidence: of several things asked for, each; sum: what the score is
    the sum of; parts: the same, each apart. repeated: where else it stands; places: the address that lists these.
    """

    number: int
    score: str
    origin: Origin
    section: str | None
    note: str
    why: str
    pieces: Sequence[Piece]
    before: str = ""
    after: str = ""
    badges: Sequence[Badge] = ()
    below: Sequence[str] = ()
    evidence: Sequence[Found] = ()
    sum: str = ""
    parts: Sequence[tuple[str, str]] = ()
    places: str = ""
    repeated: str = ""


def shown_hits(hits: Sequence[Hit], passages: Sequence[Passage | None], asked: Asked) -> list[ShownHit]:
    """Return hits in their order, each in its passage."""
    return [
        _shown(at, hit, passage, asked) for at, (hit, passage) in enumerate(zip(hits, passages, strict=True), start=1)
    ]


def shown_words(hits: Sequence[WordHit], asked: Asked) -> list[ShownHit]:
    """Return words in their sentences, in order."""
    return [_shown_word(at, hit, asked) for at, hit in enumerate(hits, start=1)]


def _shown(at: int, hit: Hit, passage: Passage | None, asked: Asked) -> ShownHit:
    sentence, parts = hit.sentence or "", hit.parts
    before, after = _around(hit, passage)
    repeated = _repeated(hit)
    return ShownHit(
        at,
        number(hit.score, DIGITS),
        Origin.of(hit),
        _section(hit.section, sentence),
        asked.note(hit),
        asked.why(hit),
        shaded(sentence, parts),
        before,
        after,
        _badges(parts) if parts else (),
        [line for line in (names_line(parts), values_line(parts), lacking_line(parts)) if line] if parts else (),
        _evidence(hit, parts, asked) if parts else (),
        score_line(hit.score, parts) if parts else "",
        _parts(parts) if parts else (),
        asked.places(hit) if repeated and hit.start is not None else "",
        repeated,
    )


def _shown_word(at: int, hit: WordHit, asked: Asked) -> ShownHit:
    text, start, end = hit.marked.text, hit.marked.start, hit.marked.end
    pieces = [Piece(text[:start]), Piece(text[start:end], 4, hit.word), Piece(text[end:])]
    return ShownHit(
        at,
        number(hit.score, DIGITS),
        Origin.of(hit),
        _section(hit.section, text),
        asked.note(hit),
        asked.why(hit),
        [piece for piece in pieces if piece.text],
        repeated=f"in {hit.occurrences:,} places" if hit.occurrences > 1 else "",
        parts=[(token.token, str(token.id)) for token in hit.tokens],
    )


def _section(section: str | None, sentence: str) -> str | None:
    return section if section and not is_headed(section, sentence) else None


def _around(hit: Hit, passage: Passage | None) -> tuple[str, str]:
    if passage is None or hit.start is None or hit.end is None:
        return "", ""
    before, after = passage.text[: hit.start - passage.start], passage.text[hit.end - passage.start :]
    return _flowing(before), _flowing(after)


def _flowing(text: str) -> str:
    return _BROKEN_LINE.sub(" ", _BLANK_LINES.sub("\n", text))


def _badges(parts: ScoreParts) -> list[Badge]:
    of_treatment = [Badge("treatment", f"{parts.treatment} here")] if parts.treatment else []
    return of_treatment + [Badge(_kind(term), f"{said}: {', '.join(words)}") for term, said, words in said_words(parts)]


def _kind(term: TermPart) -> str:
    return term.assertion or "other"


def _evidence(hit: Hit, parts: ScoreParts, asked: Asked) -> list[Found]:
    return [
        Found(
            one.asked,
            said,
            number(one.score, 2),
            one.sentence,
            asked.note(replace(hit, start=one.start, end=one.end)),
            is_shown,
        )
        for one, said, is_shown in told(parts.evidence)
    ]


def _parts(parts: ScoreParts) -> list[tuple[str, str]]:
    """Return by name what a score is the sum of."""
    if parts.openings is not None and parts.sentences is not None:
        summands = [("openings", parts.openings), ("words in common", parts.keyword), ("sentences", parts.sentences)]
    else:
        summands = [("meaning (vector)", parts.vector)]
        summands += [(f"word: {term_name(term)}", term.score) for term in parts.terms]
        summands += [(f"value: {one.name} {one.value}", one.score) for one in parts.values]
        summands += [("all that was asked for", parts.required), ("says otherwise", parts.assertion)]
    return [(name, number(value, DIGITS)) for name, value in summands if round(value, DIGITS)]


def _repeated(hit: Hit) -> str:
    """Say where else a hit's sentence stands, or one in nearly its words."""
    others = (hit.occurrences or 1) - 1
    said = [f"in {others:,} other place{'s' if others > 1 else ''}"] if others else []
    said += [f"{hit.variants:,} more in nearly the same words"] if hit.variants else []
    return " and ".join(said)

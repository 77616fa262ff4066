"""What is looked for and what is found: filters, hits, and what their scores are made of.

Offsets count characters (Unicode code points), `start` inclusive and `end` exclusive.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from clinsearch.display import Shown
from clinsearch.records.assertions import Status, TreatmentStatus
from clinsearch.records.measurements import Condition
from clinsearch.records.notes import Token

# Of what a query finds that is about nothing here the best has at most such a cosine, and so much for words.
NEAREST_BY_CHANCE, WORDS_BY_CHANCE = 0.55, 0.1


@dataclass(frozen=True, slots=True)
class Filter:
    """Which notes and sections a search looks at; an empty field lets everything pass.

    Within a field any of its values will do, and all fields must agree. Values are compared without
    regard to case, but for ids. `since` and `until` include themselves. measured: what the note has to measure.
    exclude_type: types that the note must not be of; one without a type passes. after: the number of a note, or of one
    in each of several databases, and those pass that came later; see Milestone.
    """

    patient_id: tuple[str, ...] = ()
    encounter_id: tuple[str, ...] = ()
    note_type: tuple[str, ...] = ()
    section: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    measured: tuple[Condition, ...] = ()
    exclude_type: tuple[str, ...] = ()
    after: int | tuple[int, ...] = 0


@dataclass(frozen=True, slots=True)
class Unmatched:
    """A value of a field of a filter that nothing in the collection has, and the nearest that there are, if any."""

    field: str
    value: str
    nearest: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TermPart:
    """What a term of the query, or a phrase, adds to a score.

    assertion: what the hit says of it, where that is not that it is so. of_other: whether it is someone else's there.
    stands_for: the words of the query that it is another name for.
    """

    term: str
    score: float
    assertion: Status | None = None
    of_other: bool = False
    stands_for: str | None = None


@dataclass(frozen=True, slots=True)
class ValuePart:
    """What a value adds to a score that a query asks for; meets: whether it is as asked. value: as it is written."""

    name: str
    value: str
    score: float
    meets: bool


@dataclass(frozen=True, slots=True)
class Evidence:
    """The sentence of a note that says best what a part of a query asks for, and how well, from 0 to 1.

    is_met: whether it does say so; where nothing does, the sentence is only the nearest. assertion, of_other: what it
    says of it, and whose it is, as in TermPart. treatment: as in ScoreParts.
    """

    asked: str
    sentence: str
    start: int
    end: int
    score: float
    is_met: bool = True
    assertion: Status | None = None
    of_other: bool = False
    treatment: TreatmentStatus | None = None


@dataclass(frozen=True, slots=True)
class ScoreParts:
    """What a score is made of: `vector`, `keyword`, `value`, `required` and `assertion` add up to it, `terms` to
    `keyword`, and `values` to `value`. required: for having all parts of a query, each of which has its `evidence`.

    cosine: of the query's vector with that of the sentence shown; None where vectors take no part. assertion: zero,
    or less where what the query asks for is said otherwise in the hit. treatment: what is said there of a treatment,
    where the query asks for something else. meant: what the query was read as, where that is not how it is written;
    wording: other words for it that the hit is nearer to. openings, sentences: of a note like a note, what `vector` is
    the sum of, while `keyword` is of its words; None of what a query finds. lacking: of several things that a query
    asks for those that the sentence does not speak of.
    """

    cosine: float | None
    vector: float
    keyword: float
    assertion: float
    terms: tuple[TermPart, ...]
    meant: str | None = None
    wording: str | None = None
    value: float = 0.0
    values: tuple[ValuePart, ...] = ()
    required: float = 0.0
    evidence: tuple[Evidence, ...] = ()
    openings: float | None = None
    sentences: float | None = None
    treatment: TreatmentStatus | None = None
    lacking: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Hit(Shown):
    """One result. Of `score` higher is better; `parts` says what it is made of, None where it is a cosine alone.

    For a sentence, `start` and `end` are its place in the note, of those that agree best with the query the first;
    `occurrences` counts the places in all notes (that pass the filter, and where only what affirms or denies is
    wanted, do so there) where the same sentence stands; `variants` counts the other sentences in nearly the same
    words (with such a place), for which it stands too. A note found by its best sentence carries that sentence; one
    found as a whole carries none.
    """

    score: float
    note_id: str
    title: str | None
    patient_id: str | None
    note_type: str | None
    note_datetime: datetime | None
    section: str | None = None
    sentence: str | None = None
    start: int | None = None
    end: int | None = None
    occurrences: int | None = None
    variants: int = 0
    parts: ScoreParts | None = None

    @property
    def is_chance(self) -> bool:
        """Whether it is no nearer to the query than nonsense is to something, and has hardly any of its words."""
        parts = self.parts
        if parts is None or parts.cosine is None or parts.values or parts.evidence or parts.openings is not None:
            return False
        if parts.required and not parts.lacking:
            return False
        # Beside several things that are asked for, words count a third.
        words = WORDS_BY_CHANCE / 3 if parts.required else WORDS_BY_CHANCE
        return parts.cosine < NEAREST_BY_CHANCE and parts.keyword < words


@dataclass(frozen=True, slots=True)
class MarkedText:
    """A text with the word, or words, meant in it: from `start` to `end`; `note_id`, if it is a note's sentence."""

    text: str
    start: int
    end: int
    note_id: str | None = None


@dataclass(frozen=True, slots=True)
class WordHit(Shown):
    """A word in its context that was found, or a wordpiece. `score` is the cosine of the two words' vectors.

    tokens: its wordpieces, their places those in its sentence. marked: the sentence, with the word marked. `start`
    and `end` are the word's place in the note; `occurrences` counts the places in all notes (that pass the filter)
    where its sentence stands.
    """

    score: float
    word: str
    tokens: tuple[Token, ...]
    note_id: str
    title: str | None
    patient_id: str | None
    note_type: str | None
    note_datetime: datetime | None
    section: str | None
    start: int
    end: int
    marked: MarkedText
    occurrences: int


@dataclass(frozen=True, slots=True)
class LastSearch:
    """A search and what it found, to explain a hit by its number.

    `asked` is the query, with its mark if it was for a word, or the id of the note that others were to be like;
    `hits` hold their score and place, and none of the text but values that were asked for.
    """

    asked: str | MarkedText
    hits: tuple[Hit | WordHit, ...]

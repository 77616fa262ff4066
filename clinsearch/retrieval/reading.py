"""Reads a query as its writer means it: spelling, abbreviations, what else its words are called, what it asks for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice, zip_longest

from clinsearch.language.assertions import find_assertions
from clinsearch.language.measurements import find_conditions
from clinsearch.language.questions import is_question
from clinsearch.language.requirements import MOST_TERMS, TREATMENTS, requirements_of
from clinsearch.language.segmentation import segment
from clinsearch.language.spelling import Speller
from clinsearch.language.terminology import Terminology
from clinsearch.language.terminology.spans import QUOTED
from clinsearch.language.terms import placed_phrases, placed_terms, terms_of
from clinsearch.language.treatments import Treatment, treatments_in
from clinsearch.records.expansions import Alternative, Correction, Expansion
from clinsearch.records.measurements import Condition
from clinsearch.records.notes import Span
from clinsearch.retrieval.keywords import STOP_TERMS

# A query of more sentences is a text to find similar ones for: it names things by the way.
MOST_SENTENCES = 3
# Words of a longer query are not looked up one by one.
MOST_WORDS = 16
# A query of more terms beside a value, or a comparison, does not ask for it.
MOST_BESIDE_VALUE, MOST_BESIDE_COMPARISON = 2, 5
# Of a query so many others are encoded besides, with names that mean the same, in words.
MOST_OTHERS = 2
MOST_ABBREVIATED = 1
LEAST_WEIGHT = 0.85
LONGEST_ABBREVIATION = 4
OF_FORM = 0.9  # of what is done with a treatment, said otherwise


@dataclass(frozen=True, slots=True)
class OtherWording:
    """A query in other words. having: terms of an abbreviation in it, for texts that have these; empty for any text."""

    text: str
    having: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReadQuery:
    """A query as it is searched for. text: rightly spelt. meant: with its abbreviations written out.

    others: the same in other words. expansions: other names of its words. conditions: what it asks measurements to be.
    treatment: what it asks of one.
    parts: what each answer must have, if that is several things. corrections: of words that were misspelt.
    """

    text: str
    meant: str
    others: tuple[OtherWording, ...] = ()
    expansions: tuple[Expansion, ...] = ()
    conditions: tuple[Condition, ...] = ()
    treatment: Treatment | None = None
    parts: tuple[ReadQuery, ...] = ()
    corrections: tuple[Correction, ...] = ()


@dataclass(frozen=True, slots=True)
class QueryReader:
    """Reads queries. terminology: for other names of their words; without one they mean what they say.

    speller: for misspelt words; without one they are right.
    """

    terminology: Terminology | None = None
    speller: Speller | None = None

    def read(self, written: str) -> ReadQuery:
        """Read a query."""
        if len(segment(written).sentences) > MOST_SENTENCES:
            return ReadQuery(written, written)
        text, corrections = self._spelt(written)
        if self.terminology is None:
            return ReadQuery(text, text, conditions=_conditions(text), corrections=corrections)
        read = _read(text, self.terminology)
        known = self.terminology.expansions(text)
        closed = [(one.start, one.end) for one in known if " and " not in one.written]
        is_said = read.treatment is not None and read.treatment.is_said
        begins = []
        if read.treatment and is_said:
            closed.append(read.treatment.place)
            begins.append(read.treatment.place[0])
        treatments = {start for start, _ in _treatments(text, known, self.terminology)}
        asked = requirements_of(text, closed, STOP_TERMS, treatments.__contains__, begins)
        parts = tuple(_read(part, self.terminology) for part in asked)
        # What is done with a treatment is said in one sentence, which the nearest to the query need not be.
        return replace(read, parts=(read,) if is_said and not parts else parts, corrections=corrections)

    def _spelt(self, written: str) -> tuple[str, tuple[Correction, ...]]:
        """Put misspelt words right, but in quotation marks and where only a beginning is given."""
        quoted = [quotation.span() for quotation in QUOTED.finditer(written)]
        placed = [
            place
            for place in placed_phrases(written)
            if place[0].is_term and not any(start < place[1] < end for start, end in quoted)
        ]
        if self.speller is None or len(placed) > MOST_WORDS:
            return written, ()
        text, done, corrections = "", 0, []
        for _, start, end in placed:
            if correction := self.speller.correct(written[start:end]):
                text, done = f"{text}{written[done:start]}{correction.corrected}", end
                corrections.append(correction)
        return text + written[done:], tuple(corrections)


def _read(text: str, terminology: Terminology) -> ReadQuery:
    meant = terminology.long_form(text)
    expansions, treatment = _expansions(text, terminology)
    of_meant = expansions if meant == text else _expansions(meant, terminology)[0]
    others = [*_others(meant, of_meant), *islice(_abbreviated(text, meant, expansions, of_meant), MOST_ABBREVIATED)]
    return ReadQuery(text, meant, tuple(others), expansions, _conditions(text), treatment)


def _expansions(text: str, terminology: Terminology) -> tuple[tuple[Expansion, ...], Treatment | None]:
    """Return what else the words of a query are called, and what it asks of a treatment, if it names one."""
    found = terminology.expansions(text)
    treatments = _treatments(text, found, terminology)
    names = [tuple(terms_of(name)) for name in dict.fromkeys(name for each in treatments.values() for name in each)]
    said = next(treatments_in(text, names), None)
    if said is None and treatments and not any(span.assertion == "negated" for span in find_assertions(text)):
        (start, end), *_ = treatments
        return tuple(found), Treatment("taken", start, start, (start, end), tuple(names))
    if said is None:
        return tuple(found), None
    apart = [one for one in found if one.end <= said.start or said.end <= one.start]
    known = (other for one in found if one not in apart for other in one.alternatives)
    written = text[said.start : said.end]
    forms = (*known, *(Alternative(form, OF_FORM) for form in said.others(written)))
    own = [Expansion(said.start, said.end, written, "treatment", forms)] if forms else []
    return tuple(sorted([*apart, *own], key=lambda one: one.start)), said


def _treatments(text: str, expansions: Sequence[Expansion], terminology: Terminology) -> dict[Span, list[str]]:
    """Return where a query names drugs, kinds of drugs or other treatments, with all their names; in questions none."""
    placed = placed_terms(text)
    if len(placed) > MOST_TERMS or is_question(text):
        return {}
    found = {
        (start, end): [text[start:end]]
        for term, start, end in placed
        if term in TREATMENTS or terminology.is_drug(text[start:end])
    }
    for one in expansions:
        names = [one.written, *(other.text for other in one.alternatives)]
        if any(terminology.is_drug(word) for name in names for word in name.split()):
            found[one.start, one.end] = names
    return found


def _conditions(text: str) -> tuple[Condition, ...]:
    """Return what a query asks measurements to be; one that tells of something gives values by the way."""
    found = find_conditions(text)
    asked = [(one.start, one.end) for one in found]
    besides = [
        term
        for term, start, end in placed_terms(text)
        if term not in STOP_TERMS and not any(low <= start and end <= high for low, high in asked)
    ]
    is_comparing = any(one.comparator != "=" for one in found)
    return tuple(found) if len(besides) <= (MOST_BESIDE_COMPARISON if is_comparing else MOST_BESIDE_VALUE) else ()


def _others(meant: str, expansions: Sequence[Expansion]) -> list[OtherWording]:
    """Say a query in other words: with one of its names replaced at a time, by its first other names in turn."""
    named = [one for one in expansions if one.kind in ("abbreviation", "synonym", "treatment")]
    texts = (
        meant[: one.start] + other.text + meant[one.end :]
        for others in zip_longest(*(one.alternatives for one in named))
        for one, other in zip(named, others, strict=True)
        if other is not None and _is_meant(one, other) and _is_other(other.text, one.written)
    )
    return [OtherWording(text) for text in islice(dict.fromkeys(texts), MOST_OTHERS)]


def _abbreviated(
    text: str, meant: str, expansions: Sequence[Expansion], of_meant: Sequence[Expansion]
) -> Iterator[OtherWording]:
    """Yield a query as it is written, where that is with an abbreviation, and with its names abbreviated."""
    written = [one for one in expansions if one.kind == "abbreviation"]
    if written and text != meant:
        yield OtherWording(text, tuple(terms_of(written[0].written)))
    for one in of_meant:
        if one.kind == "synonym":
            for other in one.alternatives:
                if other.weight >= LEAST_WEIGHT and _is_abbreviation(other.text) and len(terms_of(other.text)) == 1:
                    yield OtherWording(meant[: one.start] + other.text + meant[one.end :], tuple(terms_of(other.text)))


def _is_abbreviation(name: str) -> bool:
    return len(name) <= LONGEST_ABBREVIATION or name.isupper()


def _is_meant(named: Expansion, other: Alternative) -> bool:
    """Tell whether a name says what is meant, or one of the senses of an abbreviation, if these are several."""
    is_undecided = named.kind == "abbreviation" and not named.sense
    return other.weight >= LEAST_WEIGHT or is_undecided


def _is_other(name: str, written: str) -> bool:
    """Tell whether a name is in words, and in others than those written."""
    one, other = (set(terms_of(text)) - STOP_TERMS for text in (name, written))
    return not _is_abbreviation(name) and not (one <= other or other <= one)

"""Why something was found: two notes, a hit of a query, a word in context; and why rather this than another."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TypeAlias

from clinsearch.collection import Collection
from clinsearch.errors import InputError
from clinsearch.records import Contrast, Hit, MarkedText, NoteExplanation, QueryExplanation
from clinsearch.records.notes import Span
from clinsearch.rendering.records.contrasts import contrast_record
from clinsearch.rendering.records.explanations import explanation_record
from clinsearch.rendering.records.formats import Record
from clinsearch.web.kept import LastAnswers
from clinsearch.web.operations.found import SEARCHED, AnyHit, asked_of, found_again, hit_at, place_of
from clinsearch.web.operations.notes import END, START
from clinsearch.web.operations.operation import Operation
from clinsearch.web.parameters import Parameter, Values

# To choose from: what else a note is like.
OTHERS = 10
PAIRS = 5
# Of so many pairs of sentences the shares take some megabytes.
MOST_PAIRS = 500_000

Found: TypeAlias = NoteExplanation | QueryExplanation | Contrast


@dataclass(frozen=True, slots=True, eq=False)
class Explained:
    """An explanation, and what stands beside it in the search that led to it.

    hit: the hit that is explained, None where the search does not find it, or where two notes are named. others: the
    hits that it can be held against, by their numbers.
    """

    found: Found
    hit: AnyHit | None
    others: tuple[tuple[int, AnyHit], ...]


def name_of(hit: AnyHit) -> str:
    """Return how a hit is named in `against`: by its note, and by its place where it has one."""
    return f"{hit.start}-{hit.end}:{hit.note_id}" if hit.start is not None else hit.note_id


def _kept(collection: Collection, values: Values) -> Explained:
    """Explain, or return what was explained before: two notes may take seconds, and a page has three exports."""
    return _LAST.get(collection, tuple(sorted(values.items())), lambda: _explained(collection, values))


def _is_small(explained: Explained) -> bool:
    found = explained.found
    both = (found.nearer, found.other) if isinstance(found, Contrast) else (found,)
    return all(one.contributions.size <= MOST_PAIRS for one in both if isinstance(one, NoteExplanation))


_LAST: LastAnswers[Explained] = LastAnswers(is_small=_is_small)


def _explained(collection: Collection, values: Values) -> Explained:
    if values["left"] and values["right"]:
        return _notes(collection, values)
    if not values["note"] or not (values["q"] or (values["word"] and values["of"])):
        raise InputError("Name two notes by left and right, or a hit by q (or word and of), note, start and end.")
    return _hit(collection, values)


def _notes(collection: Collection, values: Values) -> Explained:
    left, right, pairs = values["left"], values["right"], values["pairs"]
    alike = enumerate(collection.similar(left, OTHERS), start=1)
    others = tuple((number, hit) for number, hit in alike if hit.note_id not in (left, right))
    if values["against"]:
        return Explained(collection.contrast(left, right, values["against"], pairs=pairs), None, others)
    return Explained(collection.explain(left, right, pairs=pairs), None, others)


def _hit(collection: Collection, values: Values) -> Explained:
    asked = asked_of(collection, values)
    hits = found_again(collection, values, asked)
    hit = hit_at(hits, values["note"], place_of(values))
    found = _why(collection, asked, hit, values["note"], place_of(values))
    others = tuple((number, one) for number, one in enumerate(hits, start=1) if one is not hit)
    if not values["against"]:
        return Explained(found, hit, others)
    note_id, place = _named(values["against"])
    other = hit_at(hits, note_id, place)
    return Explained(Contrast(found, _why(collection, asked, other, note_id, place)), hit, others)


def _why(
    collection: Collection, asked: str | MarkedText, hit: AnyHit | None, note_id: str, place: Span | None
) -> QueryExplanation:
    """Explain a hit; a place that the search does not find by its cosine with the query alone."""
    if hit is None and isinstance(asked, MarkedText):
        raise InputError("The search does not find that word: ask for more hits with k.")
    if hit is None and place is not None:
        hit = Hit(0.0, note_id, None, None, None, None, start=place[0], end=place[1])
        found = collection.explain_hit(asked, hit)
        return (
            replace(found, hit_score=None)
            if isinstance(found, QueryExplanation)
            else _by_note(collection, asked, note_id)
        )
    if hit is None or hit.start is None:
        return _by_note(collection, asked, note_id)
    found = collection.explain_hit(asked, hit)
    return found if isinstance(found, QueryExplanation) else _by_note(collection, asked, note_id)


def _by_note(collection: Collection, asked: str | MarkedText, note_id: str) -> QueryExplanation:
    return collection.explain_query(str(asked), note_id)


def _named(against: str) -> tuple[str, Span | None]:
    """Read what `name_of` writes; whatever else it is, it is a note's id."""
    place, colon, note_id = against.partition(":")
    start, dash, end = place.partition("-")
    if colon and dash and start.isdecimal() and end.isdecimal():
        return note_id, (int(start), int(end))
    return against, None


def _record(explained: Explained) -> Record:
    found = explained.found
    return contrast_record(found) if isinstance(found, Contrast) else explanation_record(found)


EXPLAIN = Operation(
    "explain",
    "Why two notes are alike, why a search finds a place, or why rather this than another.",
    (
        Parameter("left", "The id of a note."),
        Parameter("right", "The id of the note that it is compared with."),
        Parameter("q", "The query of a search."),
        Parameter("note", "The id of the note of a hit."),
        START,
        END,
        Parameter("against", "What is held against it: a note's id, or START-END:ID for a hit at that place."),
        Parameter("pairs", "How many pairs of sentences are taken apart into words.", int, PAIRS, least=0, most=20),
        *SEARCHED,
    ),
    _kept,
    _record,
    schema="explanation",
)
OPERATIONS = (EXPLAIN,)

"""From keys, scores and places to hits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

import numpy as np

from clinsearch.language.terms import terms_of
from clinsearch.records import Filter, Hit, ScoreParts, TermPart
from clinsearch.records.digests import text_digest
from clinsearch.records.keys import KeyArray
from clinsearch.retrieval.candidates import union, with_said
from clinsearch.retrieval.judging import Agreed, Judge, Judged
from clinsearch.retrieval.keywords import Keywords
from clinsearch.retrieval.question import Question
from clinsearch.storage.port import Catalog, Snapshot
from clinsearch.storage.values import NoteLabel, Occurrence, damaged_vectors


def sentence_hit(
    score: float, place: Occurrence, occurrences: int, variants: int = 0, parts: ScoreParts | None = None
) -> Hit:
    """Make a hit of a sentence at one of its places."""
    return Hit(
        score,
        *_shown(place.note),
        section=place.section,
        sentence=place.text,
        start=place.start,
        end=place.end,
        occurrences=occurrences,
        variants=variants,
        parts=parts,
    )


def note_hit(score: float, parts: ScoreParts, note: NoteLabel) -> Hit:
    """Make a hit of a note as a whole."""
    return Hit(score, *_shown(note), parts=parts)


def places_of(catalog: Catalog, hit: Hit, asked: Question) -> list[Hit]:
    """Return every place that passes the filter of a hit's sentence and of nearly identical ones.

    If assertions count, each place is judged by its own section, and those that agree best come first.
    """
    where, judge = asked.where, None
    if asked.weighs_assertions:
        weights = Keywords(catalog.keywords("sentence"), asked.text, asked.expansions).weight_of_terms
        judge = Judge(catalog, asked, weights)
    texts = catalog.texts
    own = list(catalog.sentence_keys_of([text_digest(hit.sentence or "")]).values())
    others = [other for of_own in texts.near_identical(own).values() for other in of_own]
    found = [catalog.occurrences(keys, where) for keys in (own, others)]
    if judge is None or hit.parts is None:
        return _places(hit, [place for places in found for place in places])
    return [at for places in found for at in _judged_places(hit.parts, judge, judge.at_places(places))]


def _places(hit: Hit, places: Sequence[Occurrence]) -> list[Hit]:
    counts = Counter(place.sentence_key for place in places)
    return [sentence_hit(hit.score, place, counts[place.sentence_key], parts=hit.parts) for place in places]


def _judged_places(parts: ScoreParts, judge: Judge, judged: Sequence[Judged]) -> list[Hit]:
    counts = Counter(one.place.sentence_key for one in judged)
    found = []
    for one in judged:
        agreeing = parts.vector + parts.keyword + parts.value + parts.required
        lost = judge.lost(one, agreeing)
        terms = tuple(_at_place(term, one) for term in parts.terms)
        own = replace(parts, assertion=-lost, terms=terms, treatment=one.treatment)
        found.append(sentence_hit(agreeing - lost, one.place, counts[one.place.sentence_key], parts=own))
    return sorted(found, key=lambda one: -one.score)


def sentence_hits(snapshot: Snapshot, found: Sequence[Agreed], where: Filter, judge: Judge | None = None) -> list[Hit]:
    """Make hits of sentences, each at the place that agrees best with the query, or at its first that passes."""
    keys = [one.sentence for one in found]
    variants = snapshot.catalog.texts.near_identical(keys)
    others = sorted({other for of_key in variants.values() for other in of_key})
    known = {one.sentence for one in found if one.judged}
    wanted = union([key for key in keys if key not in known], others).tolist()
    places = snapshot.catalog.first_occurrences(wanted, where)
    counting = judge.sentences(others) if judge and judge.wants_one_assertion else places
    places |= {one.sentence: (one.judged.place, one.judged.places) for one in found if one.judged}
    require_all(np.array(keys, dtype=np.int64), places)
    return [
        sentence_hit(
            one.score,
            *places[one.sentence],
            sum(other in counting for other in variants[one.sentence]),
            one.parts,
        )
        for one in found
    ]


def require_all(keys: KeyArray, known: Collection[int]) -> None:
    """Raise CollectionDamaged if the catalog does not know a key that was found."""
    if not all(key in known for key in keys.tolist()):
        raise damaged_vectors()


def _at_place(term: TermPart, judged: Judged) -> TermPart:
    stems = terms_of(term.stands_for or term.term)
    return with_said(term, judged.otherwise.get(stems[-1]) if stems else None)


def _shown(note: NoteLabel) -> tuple[str, str | None, str | None, str | None, datetime | None]:
    return note.note_id, note.title, note.patient_id, note.note_type, note.note_datetime

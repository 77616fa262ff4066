"""Everything that the storage's port tells of a collection, as plain values, to compare two of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any, get_args

import numpy as np

from clinsearch.errors import ClinsearchError
from clinsearch.language import terms_of
from clinsearch.records import Filter
from clinsearch.records.listings import CountBy, Order
from clinsearch.records.measurements import Condition
from clinsearch.records.phrases import Phrase
from clinsearch.storage.port import Catalog, KeywordIndex, Snapshot

ABOVE, BELOW, LIKE = (
    Condition("hemoglobin a1c", comparator, low, high, "%", 0, 1)  # type: ignore[arg-type]
    for comparator, low, high in ((">", 7.0, 7.0), ("<=", 9.0, 9.0), ("~", 6.0, 9.0))
)


def filters_of(catalog: Catalog) -> list[Filter]:
    """Return filters by what there is, and by what there is not."""
    listed = catalog.lists.listed(catalog.lists.ordered(Filter(), "id").tolist())
    patients = tuple(sorted({note.patient_id for note in listed if note.patient_id}))
    types = tuple(sorted({note.note_type for note in listed if note.note_type}))
    visits = tuple(sorted({note.encounter_id for note in listed if note.encounter_id}))
    times = sorted(note.note_datetime for note in listed if note.note_datetime)
    names = tuple(count.value for count in catalog.lists.counted("section", Filter()) if count.value)
    return [
        Filter(),
        *(Filter(patient_id=some) for some in (patients[::2], patients[-1:], ("nobody",)) if some),
        *(Filter(note_type=some) for some in (types[:1], types[-2:]) if some),
        *(Filter(exclude_type=some) for some in (types[:1],) if some),
        *(Filter(encounter_id=some) for some in (visits[:1],) if some),
        *(Filter(section=some) for some in (names[:1], names[-2:]) if some),
        *(Filter(section=names[:2], note_type=types[:2]) for _ in (1,) if names and types),
        *(Filter(since=times[len(times) // 2]) for _ in (1,) if times),
        *(Filter(until=times[len(times) // 2]) for _ in (1,) if times),
        Filter(since=datetime.min, until=datetime.max),
        Filter(after=3),
        Filter(measured=(ABOVE,)),
        Filter(measured=(LIKE, BELOW)),
    ]


def everything(snapshot: Snapshot) -> dict[str, Any]:
    """Return all answers of a snapshot: of its catalog, of its keyword indexes, and its vectors."""
    catalog = snapshot.catalog
    sentences = catalog.all_keys("sentence").tolist()
    notes = np.sort(catalog.note_keys(Filter())).tolist()
    wheres = filters_of(catalog)
    return {
        **_of_notes(catalog, wheres, notes),
        **_of_sentences(catalog, sentences),
        "places": [_of_places(catalog, where, sentences, notes) for where in wheres],
        "measured": [_of_measurements(catalog, where) for where in wheres],
        "terms": {kind: _of_terms(catalog.keywords(kind), catalog, wheres) for kind in ("sentence", "note")},
        "vectors": {kind: _rows(snapshot, kind) for kind in ("sentence", "note", "opening")},
        "found": {kind: _found(snapshot, kind, wheres) for kind in ("sentence", "note", "opening")},
        "words": catalog.word_recipe(),
        "encoder": asdict(snapshot.encoder),
    }


def _of_notes(catalog: Catalog, wheres: Sequence[Filter], notes: Sequence[int]) -> dict[str, Any]:
    lists = catalog.lists
    ids = [label.note_id for label in catalog.note_labels(notes).values()]
    return {
        "wheres": list(wheres),
        "spelt": [catalog.spelt(where) for where in wheres],
        "unmatched": [catalog.unmatched(where) for where in wheres],
        "counts": [lists.count(where) for where in wheres],
        "counted": [lists.counted(by, where) for where in wheres for by in get_args(CountBy)],
        "ordered": [
            lists.ordered(where, order, reverse=reverse, limit=limit).tolist()
            for where in wheres[:2]
            for order in get_args(Order)
            for reverse in (False, True)
            for limit in (None, 3)
        ],
        "note keys": [np.sort(catalog.note_keys(where)).tolist() for where in wheres],
        "share": [catalog.share_of_notes(where) for where in wheres],
        "listed": lists.listed(notes),
        "whole": lists.notes(notes),
        "labels": sorted(catalog.note_labels(notes).items()),
        "stored": catalog.stored_notes("note_id", ids),
        "sourced": sorted(catalog.notes_with_source(), key=lambda note: note.note_key),
        "sections": [catalog.note_sections(note) for note in notes],
        "note sentences": [catalog.note_sentences(note) for note in notes],
        "languages": [catalog.note_language(note) for note in notes],
        "texts": sorted(catalog.texts.note_texts(notes).items()),
        "patients": catalog.patients.ids(),
        "without": catalog.patients.notes_without().tolist(),
        "population": catalog.patients.population(),
        "state": replace(catalog.patients.state(), commits=0),  # upkeep counts as a storage has it
        "missing": _or_error(lambda: catalog.note("no such note \ud800 \0")),
    }


def _of_sentences(catalog: Catalog, keys: Sequence[int]) -> dict[str, Any]:
    return {
        "sentences": sorted(catalog.sentence_texts(keys).items()),
        "assertions": sorted(catalog.texts.assertions(keys).items()),
        "gists": sorted(catalog.texts.gists(keys).items()),
        "near": sorted((key, sorted(others)) for key, others in catalog.texts.near_identical(keys).items()),
        "notes with": sorted(catalog.notes_with(keys).items()),
        "places of": sorted(catalog.places.counts(keys).items()),
        "first places": [catalog.places.first_places(keys, most) for most in (3, 10_000)],
    }


def _of_places(catalog: Catalog, where: Filter, keys: Sequence[int], notes: Sequence[int]) -> dict[str, Any]:
    pairs = [(note, key) for note, of_note in catalog.sentences_in(notes).items() for key in of_note]
    return {
        "passing": catalog.passing(keys, where).tolist(),
        "sentence keys": catalog.sentence_keys(where).tolist(),
        "keys": [catalog.keys_passing(kind, where).tolist() for kind in ("sentence", "note")],
        "first": sorted(catalog.first_occurrences(keys, where).items()),
        "occurrences": catalog.occurrences(keys, where),
        "each": list(catalog.places.each(keys, where)),
        "notes of": catalog.notes_of(keys, where).tolist(),
        "sentences in": sorted(catalog.sentences_in(notes, where).items()),
        "standings": sorted(catalog.places.standings(keys, where).items()),
        "in notes": sorted(catalog.places.standings_in_notes(pairs, where).items()),
    }


def _of_measurements(catalog: Catalog, where: Filter) -> dict[str, Any]:
    measured = catalog.measurements
    names = list(measured.names())
    return {
        "names": list(measured.names().items()),
        "like": measured.names_like("hemoglobin"),
        "counted": measured.counted(where),
        "of": sorted(measured.of(catalog.all_keys("sentence").tolist()).items()),
        "sentences": measured.sentences_of(names, where).tolist(),
        "near": [list(measured.near(one, most).items()) for one in (ABOVE, BELOW, LIKE) for most in (2, 1000)],
    }


def _of_terms(index: KeywordIndex, catalog: Catalog, wheres: Sequence[Filter]) -> dict[str, Any]:
    keys = index.all_passing(Filter()).tolist()
    texts = catalog.sentence_texts(keys) if index.kind == "sentence" else catalog.texts.note_texts(keys)
    terms = sorted({term for text in texts.values() for term in terms_of(text)})
    some = terms[::3]
    phrases = [Phrase((term,)) for term in terms[::2]]
    phrases += [Phrase((term[:1],), is_prefix=True) for term in some]
    phrases += [Phrase((one, other)) for one, other in zip(some, terms[1::3], strict=False)]
    phrases += [Phrase(tuple(terms_of(text)[1:4])) for _, text in sorted(texts.items()) if len(terms_of(text)) > 3]
    often = index.frequencies(phrases)
    return {
        "size": (index.size(), index.mean_length()),
        "often": sorted((repr(phrase), count) for phrase, count in often.items()),
        "postings": [(repr(phrase), _postings(index, phrase, often[phrase])) for phrase in phrases],
        "having": [(repr(phrase), index.having(phrase, phrases[:3]).tolist()) for phrase in phrases[::5]],
        "passing": [index.passing(keys[::2], where).tolist() for where in wheres],
        "few": [[_listed(index.few_passing(where, most)) for most in (0, 2, 10_000)] for where in wheres],
        "all": [index.all_passing(where).tolist() for where in wheres],
        "places": [index.places_passing(where) for where in wheres],
    }


def _postings(index: KeywordIndex, phrase: Phrase, frequency: int) -> dict[int, float]:
    found = index.postings(phrase, frequency)
    return dict(zip(found.keys.tolist(), found.parts.tolist(), strict=True))


def _rows(snapshot: Snapshot, kind: Any) -> Mapping[int, Any]:
    keys = np.sort(snapshot.catalog.all_keys("sentence" if kind == "sentence" else "note"))
    return dict(zip(keys.tolist(), snapshot.vectors_of(kind, keys), strict=True))


def _found(snapshot: Snapshot, kind: Any, wheres: Sequence[Filter]) -> list[list[tuple[int, float]]]:
    keys = np.sort(snapshot.catalog.all_keys("sentence" if kind == "sentence" else "note"))
    query = np.eye(snapshot.encoder.hidden_size, dtype=np.float32)[0]
    of = "sentence" if kind == "sentence" else "note"
    amongs = [None, keys[::3], *(np.sort(snapshot.catalog.keys_passing(of, where)) for where in wheres)]
    found = []
    for among in amongs:
        for k in (1, 5, 10_000):
            there, scores = snapshot.spaces[kind].search(query, k, among)
            found.append(list(zip(there.tolist(), scores.tolist(), strict=True)))
    return found


def _listed(keys: Any) -> Any:
    return None if keys is None else keys.tolist()


def _or_error(ask: Callable[[], Any]) -> Any:
    try:
        return ask()
    except ClinsearchError as error:
        return type(error).__name__, str(error)

"""A search, asked again: what a hit was found by, and the hit that an address names by its note and place."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast, get_args

from clinsearch.collection import Collection
from clinsearch.readers.requests import AssertionChoice, Mode, SearchOptions, read_mark
from clinsearch.records import Hit, MarkedText, NoteView, PatientHit, WordHit
from clinsearch.records.notes import Span
from clinsearch.web.parameters import FILTERS, K, Parameter, Values, filters_of

LEVELS = ("sentence", "note", "patient", "token")
# How a search ranks: what an address of a hit has beside the query and the filters.
RANKING = (
    Parameter(
        "level", "What is found: sentences, notes, patients, or words in context.", default="sentence", choices=LEVELS
    ),
    Parameter("mode", "How hits are ranked.", default="hybrid", choices=get_args(Mode)),
    Parameter("assertion", "What hits must say of the words of the query.", choices=get_args(AssertionChoice)),
    Parameter("exact", "Whether words are taken as they are written.", bool, False),
    Parameter("synonyms", "Whether other names of the words count.", bool, True),
    Parameter("diverse", "Whether hits are chosen that differ.", bool, False),
    Parameter("same", "Of words: only the same word, or only others.", bool),
    Parameter("pieces", "Of words: whether single wordpieces are found too.", bool, False),
)
# Words of a note instead of a query: the word, the note, and where in it the word stands.
OF_NOTE = (
    Parameter("word", "A word of a note, in place of a query."),
    Parameter("of", "The id of the note that it is a word of."),
    Parameter("at", "The character of the note at which it stands, if it stands there more than once.", int, least=0),
)
SEARCHED = (*RANKING, *OF_NOTE, *FILTERS, K)

AnyHit = Hit | WordHit


def asked_of(collection: Collection, values: Values) -> str | MarkedText:
    """Return what was searched for: a query, or a word in its context. Raises InputError, NoteNotFound."""
    if values["word"] and values["of"]:
        return collection.token(values["word"], values["of"], at=values["at"])
    return read_mark(values["q"]) if values["level"] == "token" else cast(str, values["q"])


def found_again(collection: Collection, values: Values, asked: str | MarkedText) -> list[AnyHit]:
    """Search again, and return the hits in order; of notes and patients the sentences that they were found by too."""
    filters = filters_of(values)
    if isinstance(asked, MarkedText):
        return list(
            collection.search_tokens(asked, values["k"], same=values["same"], pieces=values["pieces"], **filters)
        )
    options: dict[str, Any] = {**options_of(values), "level": values["level"], "diverse": values["diverse"]}
    found: Iterable[Any] = collection.search(asked, values["k"], **options)
    return [hit for one in found for hit in _sentences(one)]


def options_of(values: Values) -> SearchOptions:
    """Return how a search ranks, and its filter, as the library takes them."""
    ranking = {name: values[name] for name in ("mode", "assertion", "exact", "synonyms")}
    return cast(SearchOptions, {**ranking, **filters_of(values)})


def _sentences(found: Hit | PatientHit) -> list[AnyHit]:
    return [hit for one in found.evidence for hit in one.hits] if isinstance(found, PatientHit) else [found]


def hit_at(hits: Iterable[AnyHit], note_id: str, span: Span | None) -> AnyHit | None:
    """Return the hit in a note, at a place of it where one is named; None if there is none."""
    return next((hit for hit in hits if hit.note_id == note_id and span in (None, (hit.start, hit.end))), None)


def place_of(values: Values) -> Span | None:
    """Return the place that an address names."""
    start, end = values["start"], values["end"]
    return None if start is None or end is None else (start, end)


def places_in(hits: Iterable[AnyHit], view: NoteView) -> tuple[Span, ...]:
    """Return where hits stand in a note, in order: at their own places, and wherever it has their sentences."""
    note_id = view.note.note_id
    spans: set[Span] = set()
    texts: set[str | None] = set()
    for hit in hits:
        evidence = hit.parts.evidence if isinstance(hit, Hit) and hit.parts else ()
        if isinstance(hit, Hit):
            texts |= {hit.sentence, *(one.sentence for one in evidence)}
        if hit.note_id == note_id:
            found = [(hit.start, hit.end), *((one.start, one.end) for one in evidence)]
            spans |= {(start, end) for start, end in found if start is not None and end is not None}
    spans |= {(sentence.start, sentence.end) for sentence in view.sentences if sentence.sentence in texts}
    return tuple(sorted(spans))

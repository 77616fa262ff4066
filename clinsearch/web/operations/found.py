"""A search, asked again: what a hit was found by, and the hit that an address names by its note and place."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

from clinsearch.collection import Collection
from clinsearch.readers.requests import read_mark
from clinsearch.records import Hit, MarkedText, NoteView, PatientHit, WordHit
from clinsearch.records.notes import Span
from clinsearch.web.operations.ranking import DIVERSE, LEVEL, RANKING, WORDS_FOUND, ranking_of
from clinsearch.web.parameters import FILTERS, K, Parameter, Values, filters_of

# Words of a note instead of a query: the word, the note, and where in it the word stands.
OF_NOTE = (
    Parameter("word", "A word of a note, in place of a query."),
    Parameter("of", "The id of the note that it is a word of."),
    Parameter("at", "The character of the note at which it stands, if it stands there more than once.", int, least=0),
)
# What an address of a hit has beside the query, the note and the place.
SEARCHED = (LEVEL, *RANKING, DIVERSE, *WORDS_FOUND, *OF_NOTE, *FILTERS, K)

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
    options: dict[str, Any] = {**ranking_of(values), "level": values["level"], "diverse": values["diverse"]}
    found: Iterable[Any] = collection.search(asked, values["k"], **options)
    return [hit for one in found for hit in _sentences(one)]


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

"""The model's vocab, tokens and layers: looked up, split and followed, as far as the address asks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from starlette.requests import Request
from starlette.responses import Response

from clinsearch.collection import Collection
from clinsearch.records import TextEmbedding
from clinsearch.records.inspection import (
    ModelDescription,
    NearEntry,
    TokenizedText,
    TokenOccurrences,
    VocabCoverage,
    VocabEntry,
    WordPath,
)
from clinsearch.web.addresses import address, note_address
from clinsearch.web.answers import answered
from clinsearch.web.operations.operation import Operation
from clinsearch.web.operations.vocabulary import (
    AT,
    ENTRIES_SHOWN,
    LOOK_UP,
    LOOK_UPS,
    NEAR_K,
    SENTENCES,
    TEXT,
    WORD,
    entries,
    layers,
)
from clinsearch.web.parameters import OFFSET, Parameter, Values
from clinsearch.web.templating import render

NEIGHBORS, PLACES, NUMBERS = 10, 20, 3


@dataclass(frozen=True, slots=True)
class Found:
    """What the page shows, of each what the address asks for."""

    total: int | None
    entries: Sequence[VocabEntry]
    near: Sequence[NearEntry]
    occurrences: TokenOccurrences | None
    text: TokenizedText | None
    path: WordPath | None
    coverage: VocabCoverage | None
    model: ModelDescription


def _ask(collection: Collection, values: Values) -> Found:
    is_looked_up = any(values[name] is not None for name in LOOK_UPS)
    found = entries(collection, values) if is_looked_up else []
    part = found[values["offset"] : values["offset"] + ENTRIES_SHOWN]
    one = found[0] if len(found) == 1 else None
    text = values["text"]
    return Found(
        total=len(found) if is_looked_up else None,
        entries=part,
        near=collection.near_entries(one.id, NEIGHBORS) if one else (),
        occurrences=collection.occurrences(one.id, limit=PLACES, offset=values["place"]) if one else None,
        text=collection.take_apart(text) if text else None,
        path=layers(collection, values) if text and values["word"] else None,
        coverage=collection.coverage() if values["coverage"] else None,
        model=collection.describe(),
    )


PAGE = Operation(
    "vocabulary",
    "The model taken apart.",
    (
        *LOOK_UP,
        OFFSET,
        Parameter("place", "How many places of the entry to pass over first.", int, 0, least=0, most=10**9),
        replace(TEXT, required=False),
        replace(WORD, required=False),
        AT,
        NEAR_K,
        SENTENCES,
        Parameter("coverage", "Whether to count how well the vocab fits the notes.", bool, False),
    ),
    _ask,
    lambda found: {"entries": found.total},
)


async def page(request: Request) -> Response:
    """Show the vocab, and what is asked of it."""
    values = PAGE.read(request.query_params)
    found = await answered(request, PAGE)
    by, looked_for = next(((name, values[name]) for name in LOOK_UPS if values[name] is not None), ("prefix", ""))
    return render(
        request,
        "vocabulary.html",
        {
            "values": values,
            "found": found,
            "by": by,
            "looked_for": looked_for,
            "look_ups": LOOK_UPS,
            "rows": _rows(found.text),
            "shown": ENTRIES_SHOWN,
            "places": PLACES,
            "address": address,
            "note_address": note_address,
        },
    )


def _rows(text: TokenizedText | None) -> list[dict[str, object]]:
    """Return what the table of tokens has in each row."""
    if text is None or text.embedding is None:
        return []
    embedding = text.embedding
    return [
        {
            "token": token,
            "word": word,
            "static": float(static),
            "contextual": float(contextual),
            "cosine": float(cosine),
            "slices": _slices(embedding, at),
        }
        for at, (token, word, static, contextual, cosine) in enumerate(
            zip(
                text.tokens,
                text.words,
                embedding.static_norms,
                embedding.contextual_norms,
                embedding.cosines,
                strict=True,
            )
        )
    ]


def _slices(embedding: TextEmbedding, at: int) -> list[tuple[list[float], list[float]]]:
    """Return the first and the last numbers of a token's static and contextual vector."""
    return [
        (vectors[at][:NUMBERS].tolist(), vectors[at][-NUMBERS:].tolist())
        for vectors in (embedding.static, embedding.last_hidden_state)
    ]

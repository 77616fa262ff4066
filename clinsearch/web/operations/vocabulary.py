"""The collection's model taken apart: its vocab, tokens and layers, and where they stand in the notes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from clinsearch.collection import Collection
from clinsearch.errors import InputError
from clinsearch.records.inspection import (
    NearEntry,
    TokenizedText,
    TokenOccurrences,
    VocabEntry,
    WordPath,
)
from clinsearch.rendering.records import inspection as records
from clinsearch.web.operations.operation import Operation
from clinsearch.web.parameters import OFFSET, K, Parameter, Values

LOOK_UPS = ("id", "token", "prefix", "contains", "regex")
ENTRIES_SHOWN, MOST_ENTRIES, MOST_SENTENCES = 50, 1_000, 300

_ID = Parameter("id", "An entry by its number.", int, least=0, most=2**31)
_TOKEN = Parameter("token", "An entry as the vocab spells it.")
LOOK_UP = (
    _ID,
    _TOKEN,
    Parameter("prefix", "Entries that begin so."),
    Parameter("contains", "Entries that hold this."),
    Parameter("regex", "Entries in which this regular expression finds something."),
)
LIMIT = Parameter("limit", "How many to give.", int, ENTRIES_SHOWN, least=1, most=MOST_ENTRIES)
TEXT = Parameter("text", "The text.", required=True)
WORD = Parameter("word", "Which word of the text, whatever its case.", required=True)
AT = Parameter("at", "A character of the word, where it stands more than once.", int, least=0, most=10**6)
NEAR_K = Parameter("k", K.says, int, 5, least=1, most=50)
SENTENCES = Parameter(
    "sentences", "In how many sentences of the collection to look for words that are near.", int, 100,
    least=1, most=MOST_SENTENCES,
)  # fmt: skip


def entries(collection: Collection, values: Values) -> Sequence[VocabEntry]:
    """Return all entries that are asked for, by one of the look-ups. Raises InputError."""
    given = [name for name in LOOK_UPS if values[name] is not None]
    if len(given) != 1:
        raise InputError(f"Give one of {', '.join(LOOK_UPS)}.")
    vocabulary, value = collection.vocabulary(), values[given[0]]
    match given[0]:
        case "id":
            return [vocabulary.by_id(value)]
        case "token":
            return [vocabulary.by_token(value)]
        case "prefix":
            return vocabulary.with_prefix(value)
        case "contains":
            return vocabulary.containing(value)
    return vocabulary.matching(value)


def entry(collection: Collection, values: Values) -> VocabEntry:
    """Return the one entry that is asked for by id or token. Raises InputError."""
    (found,) = entries(collection, dict.fromkeys(LOOK_UPS) | {"id": values["id"], "token": values["token"]})
    return found


def _part(collection: Collection, values: Values) -> Sequence[VocabEntry]:
    return entries(collection, values)[values["offset"] : values["offset"] + values["limit"]]


def _neighbors(collection: Collection, values: Values) -> Sequence[NearEntry]:
    return collection.near_entries(entry(collection, values).id, values["k"])


def _occurrences(collection: Collection, values: Values) -> TokenOccurrences:
    return collection.occurrences(entry(collection, values).id, limit=values["limit"], offset=values["offset"])


@dataclass(frozen=True, slots=True)
class Tokens:
    """A text, or the sentences of a note, in tokens."""

    note_id: str | None
    texts: Sequence[TokenizedText]


def _tokens(collection: Collection, values: Values) -> Tokens:
    if (values["text"] is None) == (values["note"] is None):
        raise InputError("Give a text or a note.")
    if values["note"] is not None:
        return Tokens(values["note"], collection.tokens(values["note"]))
    return Tokens(None, [(collection.split if values["ids"] else collection.take_apart)(values["text"])])


def layers(collection: Collection, values: Values) -> WordPath:
    """Follow a word through the layers."""
    options = {name: values[name] for name in ("at", "k", "sentences")}
    return collection.layers(values["text"], values["word"], **options)


def _tokens_record(found: Tokens) -> list[dict[str, Any]]:
    return records.tokenized_records(found.texts, vectors=False, of_note=found.note_id is not None)


OPERATIONS: tuple[Operation[Any], ...] = (
    Operation("vocab", "Entries of the model's vocab.", (*LOOK_UP, LIMIT, OFFSET), _part, records.vocab_records),
    Operation(
        "neighbors", "The entries whose static vectors are nearest to one's.",
        (_ID, _TOKEN, Parameter("k", K.says, int, 10, least=1, most=200)), _neighbors, records.vocab_records,
    ),
    Operation(
        "occurrences", "Where an entry of the vocab stands in the notes.",
        (_ID, _TOKEN, LIMIT, OFFSET), _occurrences, records.occurrences_record,
    ),
    Operation(
        "tokens", "A text, or a note sentence by sentence, in tokens, with how far context moves their vectors.",
        (
            Parameter("text", "The text."),
            Parameter("note", "The id of a note."),
            Parameter("ids", "Of a text only ids and places: quicker.", bool, False),
        ),
        _tokens, _tokens_record,
    ),
    Operation("layers", "A word's vector through the layers.", (TEXT, WORD, AT, NEAR_K, SENTENCES), layers,
              records.path_record),
    Operation("model", "What the model is made of.", (), lambda collection, _: collection.describe(),
              records.model_record),
    Operation(
        "coverage", "How well the vocab fits the words of the notes.",
        (), lambda collection, _: collection.coverage(), records.coverage_record,
    ),
)  # fmt: skip

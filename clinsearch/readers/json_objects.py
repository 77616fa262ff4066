"""Records of JSON in which a value is an object of its own, as databases and their programs write them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from clinsearch.readers.columns import ALIASES, Columns, by_name, first, normalised

# MongoDB's Extended JSON: an object of one key that says what its value is.
_TYPED = frozenset({"$oid", "$date", "$numberLong", "$numberInt", "$numberDouble", "$numberDecimal", "$uuid"})
# Elasticsearch's envelope of a record.
_SOURCE = "_source"
# The names of a patient or encounter, and what tells of one that is an object.
_WHOSE = {
    normalised(name): tuple(map(normalised, (*names, "id")))
    for names in (ALIASES["patient_id"], ALIASES["encounter_id"])
    for name in names
}


def flat(record: Mapping[str, Any], columns: Columns) -> Mapping[str, Any]:
    """Return a record without the objects in it that stand for a value, for someone's id, or for the note itself.

    What an object with the note's text says goes before what stands beside it.
    """
    if not any(isinstance(value, dict) for value in record.values()):
        return record
    if isinstance(source := record.get(_SOURCE), dict):
        record = {**{key: value for key, value in record.items() if key != _SOURCE}, **source}
    values = {key: _value(key, value) for key, value in record.items()}
    for key, value in values.items():
        if isinstance(value, dict) and _holds_text(key, value, columns):
            within = {name: _value(name, one) for name, one in value.items()}
            return {**{name: one for name, one in values.items() if name != key}, **within}
    return values


def _value(key: str, value: Any) -> Any:
    while isinstance(value, dict) and len(value) == 1 and not _TYPED.isdisjoint(value):
        (value,) = value.values()
    if isinstance(value, dict) and (names := _WHOSE.get(normalised(key))):
        return first(by_name(value.items()), names) or value
    return value


def _holds_text(key: str, value: Mapping[str, Any], columns: Columns) -> bool:
    return columns.has_text({normalised(key)}) and columns.has_text({normalised(name) for name in value})

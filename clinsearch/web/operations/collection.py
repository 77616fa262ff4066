"""What is in the collection."""

from __future__ import annotations

from typing import Any

from clinsearch.collection import Collection
from clinsearch.records import CollectionStatus
from clinsearch.rendering.records.collection import status_record
from clinsearch.rendering.records.formats import Record
from clinsearch.web.operations.operation import Operation
from clinsearch.web.parameters import Values


def _status(collection: Collection, _: Values) -> CollectionStatus:
    return collection.status()


def _stamp(collection: Collection, _: Values) -> str:
    return collection.stamp()


def _stamp_record(stamp: str) -> Record:
    return {"stamp": stamp}


STATUS = Operation("status", "What is in the collection, and how it is searched.", (), _status, status_record)
STAMP = Operation("stamp", "A text that is another after every change of the notes.", (), _stamp, _stamp_record)
OPERATIONS: tuple[Operation[Any], ...] = (STATUS, STAMP)

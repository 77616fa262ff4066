"""What is in the collection."""

from __future__ import annotations

from clinsearch.collection import Collection
from clinsearch.records import CollectionStatus
from clinsearch.rendering.records.collection import status_record
from clinsearch.web.operations.operation import Operation
from clinsearch.web.parameters import Values


def _status(collection: Collection, _: Values) -> CollectionStatus:
    return collection.status()


STATUS = Operation("status", "What is in the collection, and how it is searched.", (), _status, status_record)
OPERATIONS = (STATUS,)

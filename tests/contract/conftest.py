"""Collections of the same notes in both storages."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from clinsearch.collection import Collection
from tests.support.kept_twice import Pair, vectors_of_halves, write_many_kinds


@pytest.fixture(scope="session")
def kept(postgres_server, tiny_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """Notes of many kinds in a folder and in a database, which no test changes; the vectors fit half precision."""
    folder = tmp_path_factory.mktemp("contract")
    with postgres_server.database() as dsn:
        pair = Pair(folder / "collection", dsn, str(tiny_model))
        with vectors_of_halves():
            pair.index(write_many_kinds(folder / "notes"))
        yield pair


@pytest.fixture(scope="module")
def pair(kept: Pair) -> Iterator[tuple[Collection, Collection]]:
    """The collections of `kept`, opened; queries are encoded as their notes were."""
    with vectors_of_halves():
        yield kept.collections

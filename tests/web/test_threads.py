"""A collection may be asked from many threads at once: the answers are those of one."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import clinsearch
from clinsearch.rendering.records.formats import dumps
from clinsearch.rendering.records.hits import hit_records

QUERIES = ("fever", "short of breath lying flat", "wound drainage", "no cough", "chest pain", "edema of the lung")


def test_threads_that_need_the_encoder_at_once_get_the_same(served_folder: Path) -> None:
    collection, begin = clinsearch.open(served_folder), Barrier(8)

    def load(_: int) -> int:
        begin.wait()
        return id(collection.load_encoder())

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(load, range(8)))) == 1


def test_searches_at_once_find_what_they_find_alone(served_folder: Path) -> None:
    """The first ones load the encoder and open the vectors, all at the same time."""
    collection, begin = clinsearch.open(served_folder), Barrier(8)

    def found(number: int) -> str:
        if number < 8:
            begin.wait()
        query, level = QUERIES[number % len(QUERIES)], ("sentence", "note")[number % 2]
        return dumps(hit_records(collection.search(query, 5, level=level)), "json")

    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(found, range(96)))
    alone = [found(number) for number in range(8, 8 + 12)]
    for number in range(96):
        same = next(at for at in range(8, 20) if at % 6 == number % 6 and at % 2 == number % 2)
        assert nearly(together[number]) == nearly(alone[same - 8])


def nearly(written: str) -> list[tuple[object, ...]]:
    """What was found and how well; vectors that are made in one batch with others differ in their last digits."""
    return [(one["note_id"], one["start"], round(one["score"], 3)) for one in json.loads(written)]

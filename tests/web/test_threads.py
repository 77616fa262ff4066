"""A collection may be asked from many threads at once: the answers are those of one."""

from __future__ import annotations

import asyncio
import json
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from threading import Barrier

import clinsearch
from clinsearch.rendering.records.formats import dumps
from clinsearch.rendering.records.hits import hit_records
from clinsearch.web.work import TooBusy, Workers

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
        together = list(pool.map(found, range(48)))
    alone = [found(number) for number in range(8, 8 + 12)]
    for number in range(48):
        same = next(at for at in range(8, 20) if at % 6 == number % 6 and at % 2 == number % 2)
        assert nearly(together[number]) == nearly(alone[same - 8])


def test_what_has_waited_too_long_is_not_begun() -> None:
    begun: list[int] = []

    async def ask() -> list[object]:
        workers = Workers(threads=1, most_seconds=0.2)
        waiting = [workers.run(partial(begun.append, number)) for number in range(3)]
        try:
            return await asyncio.gather(workers.run(lambda: time.sleep(0.5)), *waiting, return_exceptions=True)
        finally:
            workers.close()

    answers = asyncio.run(ask())
    assert [type(one) for one in answers] == [type(None), TooBusy, TooBusy, TooBusy]
    assert begun == []


def nearly(written: str) -> list[tuple[object, ...]]:
    """What was found and how well; vectors that are made in one batch with others differ in their last digits."""
    return [(one["note_id"], one["start"], round(one["score"], 3)) for one in json.loads(written)]

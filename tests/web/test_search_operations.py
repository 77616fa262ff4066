"""Searches as JSON: the records of the command line, of the library's own answers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import clinsearch
from clinsearch.rendering.records.formats import dumps
from clinsearch.rendering.records.hits import hit_records, hits_in_context, word_hit_records
from clinsearch.rendering.records.listings import count_records
from tests.support.selecting import select
from tests.support.served import NOTES, Served


def as_json(records: Any) -> Any:
    return json.loads(dumps(records, "json"))


@pytest.mark.parametrize("level", ["sentence", "note"])
def test_a_search_gives_the_records_of_the_command_line(served: Served, level: Any) -> None:
    asked = {"q": "no chest pain", "level": level, "k": 5, "patient": ["p1", "p2"], "min_score": 0.01}
    hits = served.collection.search("no chest pain", 5, level=level, patient_id=["p1", "p2"], min_score=0.01)
    assert served.json("search", asked) == as_json(hit_records(hits))
    in_context = as_json(hits_in_context(hits, served.collection.passages(hits, sentences=1)))
    assert served.json("search", {**asked, "context": 1}) == in_context


def test_words_in_context_and_notes_like_a_note(served: Served) -> None:
    words = served.collection.search_tokens("[discharge] to home", 5, same=False)
    assert served.json("words", {"q": "[discharge] to home", "k": 5, "same": 0}) == as_json(word_hit_records(words))
    alike = served.collection.similar("n01", 5, copies=False, patient_id="p4")
    asked = {"id": "n01", "k": 5, "without_copies": 1, "patient": "p4"}
    assert served.json("similar", asked) == as_json(hit_records(alike))
    assert len(select(served.page("/similar", asked), "[data-item]")) == len(alike)
    assert served.ask("/similar", {"id": "nobody"}).status == 404


def test_every_place_of_a_hit_is_given(served: Served) -> None:
    query = "denies fever and chills"
    hit = served.collection.search(query, 3)[0]
    assert hit.occurrences == 2
    asked = {"q": query, "id": hit.note_id, "start": hit.start, "end": hit.end, "k": 3}
    assert served.json("places", asked) == as_json(hit_records(served.collection.places(hit, query=query)))
    assert len(select(served.page("/places", asked), "[data-item]")) == 2
    link = select(served.page("/", {"q": query, "k": 3}), "[data-places]")[0].get("href")
    assert len(select(served.page(link), "[data-item]")) == 2
    gone = served.ask("/api/v1/places", {**asked, "start": 1})
    assert (gone.status, "Search again" in gone.json()["error"]) == (404, True)


@pytest.mark.parametrize("by", ["type", "section", "patient", "year"])
def test_notes_are_counted(served: Served, by: Any) -> None:
    expected = as_json(count_records(served.collection.counts(by, note_type="progress note")))
    assert served.json("counts", {"by": by, "type": "progress note"}) == expected


def test_the_stamp_is_another_once_notes_have_come_or_gone(tmp_path: Path, tiny_model: Path) -> None:
    (tmp_path / "notes.jsonl").write_text("\n".join(json.dumps(one) for one in NOTES[:2]))
    clinsearch.index(tmp_path / "notes.jsonl", tmp_path / "collection", model=str(tiny_model))
    collection = clinsearch.open(tmp_path / "collection")
    stamps = [collection.stamp(), collection.stamp()]
    clinsearch.index(tmp_path / "notes.jsonl", tmp_path / "collection")
    stamps.append(collection.stamp())
    assert len(set(stamps)) == 1
    collection.delete(["n01"])
    stamps.append(collection.stamp())
    (tmp_path / "notes.jsonl").write_text("\n".join(json.dumps(one) for one in NOTES[:3]))
    clinsearch.index(tmp_path / "notes.jsonl", tmp_path / "collection")
    stamps.append(collection.stamp())
    assert len(set(stamps)) == 3

"""The model as a page: what the library says of its vocab, tokens and layers."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.chromiums import assert_accessible, themes, widths
from tests.support.selecting import select, texts
from tests.support.served import Served

TEXT = "Patient denies chest pain"


def test_entries_are_looked_up_in_each_way(served: Served) -> None:
    vocabulary = served.collection.vocabulary()
    (entry,) = vocabulary.with_prefix("edem")
    for asked in ({"prefix": "edem"}, {"id": entry.id}, {"token": "edema"}, {"contains": "dema"}, {"regex": "^ede"}):
        page = served.page("/vocabulary", asked)
        assert texts(page, ".entries li")[0] == f"edema {entry.id}"
        assert served.json("vocab", asked) == [{"id": entry.id, "token": "edema"}]


def test_an_entry_has_its_neighbours_and_places(served: Served) -> None:
    entry = served.collection.vocabulary().by_token("edema")
    page = served.page("/vocabulary", {"token": "edema"})
    near = served.collection.near_entries(entry.id, 10)
    assert [one.split()[0] for one in texts(page, ".entries li")[1:]] == [one.token for one in near]
    where = served.collection.occurrences(entry.id)
    assert texts(page, ".sentences q") == [one.marked.text for one in where.places]
    assert texts(page, ".sentences mark") == ["edema"] * len(where.places)
    assert [one.get("href") for one in select(page, ".place a")] == [
        f"/note?id={one.note_id}&start={one.start}&end={one.end}" for one in where.places
    ]


def test_a_text_is_taken_apart_as_the_notebook_did(served: Served) -> None:
    page = served.page("/vocabulary", {"text": TEXT})
    found = served.collection.take_apart(TEXT)
    assert found.embedding is not None
    rows = [[" ".join(cell.text_content().split()) for cell in row] for row in select(page, ".tokens tbody tr")]
    assert [(int(row[1]), row[2]) for row in rows] == [(one.id, one.token) for one in found.tokens]
    assert [row[7].replace("\u2212", "-") for row in rows] == [f"{one:.3f}" for one in found.embedding.cosines]
    assert f"(1, {len(rows)}, 32)" in page.text_content()
    assert [one["id"] for one in served.json("tokens", {"text": TEXT, "ids": True})] == [one.id for one in found.tokens]


def test_a_word_is_followed_through_the_layers(served: Served) -> None:
    page = served.page("/vocabulary", {"text": TEXT, "word": "pain", "sentences": 20})
    path = served.collection.layers(TEXT, "pain", sentences=20)
    (table,) = page.xpath("//div[@aria-label='Layers']//tbody")
    assert len(table) == len(path.steps) == 3
    assert [one.split()[0] for one in texts(table, ".near")] == [
        near.word for step in path.steps for near in step.nearest
    ]


def test_coverage_is_counted_when_it_is_asked_for(served: Served) -> None:
    assert "words in" not in " ".join(texts(served.page("/vocabulary"), "section"))
    found = served.collection.coverage()
    said = " ".join(texts(served.page("/vocabulary", {"coverage": True}), "section"))
    assert f"{found.words:,} words in {found.tokens:,} tokens" in said


@pytest.mark.parametrize(
    ("path", "asked"),
    [
        ("/vocabulary", {"id": 10**9}),
        ("/vocabulary", {"id": -1}),
        ("/vocabulary", {"token": "<script>"}),
        ("/vocabulary", {"regex": "(a+)+$"}),
        ("/vocabulary", {"regex": "["}),
        ("/vocabulary", {"text": "a b", "word": "c"}),
        ("/vocabulary", {"id": 1, "token": "edema"}),
        ("/api/v1/vocab", {}),
        ("/api/v1/neighbors", {"k": 5}),
        ("/api/v1/tokens", {"text": "a", "note": "n01"}),
        ("/api/v1/layers", {"text": "a", "word": "a", "sentences": 10**6}),
    ],
)
def test_what_cannot_be_looked_up_is_refused(served: Served, path: str, asked: dict[str, Any]) -> None:
    answer = served.ask(path, asked)
    assert answer.status == 400
    assert "<script>" not in answer.text.replace("<script src", "")


def test_hostile_texts_are_text(served: Served) -> None:
    page = served.page("/vocabulary", {"text": "</script><img src=x onerror=alert(1)>\u202e"})
    assert not page.xpath("//main//img | //main//script | //*[@onerror or @style]")
    assert served.page("/vocabulary", {"prefix": '"><svg onload=1>'}).xpath("//input[@value='\"><svg onload=1>']")


@themes
@widths
def test_a_text_is_split_as_one_types(browser_page: Any) -> None:
    browser_page.goto("/vocabulary?prefix=che")
    assert_accessible(browser_page)
    browser_page.locator("#text").press_sequentially("no chest pain", delay=5)
    browser_page.locator("#live-tokens span", has_text="pain").wait_for()
    assert browser_page.locator("#live-tokens > span").all_inner_texts()[2].startswith("chest")
    browser_page.locator("#text").fill("")
    browser_page.locator("#live-tokens > *").first.wait_for(state="detached")
    browser_page.locator("#by-token").fill("wound")
    browser_page.locator("#by-token").press("Enter")
    browser_page.wait_for_url("**/vocabulary?token=wound")
    assert_accessible(browser_page)


def test_a_text_taken_apart_can_be_read_by_all(browser_page: Any) -> None:
    browser_page.goto("/vocabulary?text=no+chest+pain&word=chest&coverage=1")
    assert_accessible(browser_page)

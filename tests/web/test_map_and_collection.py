"""The map and the collection as pages: the library's points, scores and counts."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

import pytest

import clinsearch
from clinsearch.records.maps import CollectionMap, MapPoint
from clinsearch.rendering.pictures.maps import NOT_FOUND, SCORED, by_score
from clinsearch.web.operations import contents, maps
from tests.support.chromiums import assert_accessible, themes, widths
from tests.support.selecting import texts
from tests.support.served import HOSTILE_NOTE, NOTES, Served


def data_of(page: Any) -> Any:
    return json.loads(page.xpath("//script[@id='data']")[0].text)


def test_every_point_leads_to_its_note(served: Served) -> None:
    page = served.page("/map")
    data = data_of(page)
    assert len(data["points"]) == len(data["links"]) == len(NOTES) + 1
    assert sorted(point[3] for point in data["points"]) == sorted(
        one["note_id"] for one in (*map(dict, NOTES), HOSTILE_NOTE)
    )
    named = {point[3]: link for point, link in zip(data["points"], data["links"], strict=True)}
    assert named["n03"] == "/note?id=n03"
    records = served.json("map", {"level": "sentence"})
    assert [one["sentence"] for one in records] == [one.sentence for one in served.collection.map("sentence").points]
    assert not page.xpath("//main//script | //*[@onload or @onerror or @style]")


def test_points_are_coloured_by_the_score_of_a_query(served: Served) -> None:
    page = served.page("/map", {"by": "score", "q": "fever"})
    scores = {hit.note_id: hit.score for hit in served.collection.search("fever", 100, level="note")}
    steps = [one for one in page.xpath("//button[@data-group]/bdi/text()") if one != NOT_FOUND]
    highest = [float(number) for number in steps[0].split(" to ")]
    assert highest[1] == pytest.approx(max(scores.values()), abs=0.006)
    best = max(scores, key=scores.__getitem__)
    marks = {point[3]: point[2] for point in data_of(page)["points"]}
    assert marks[best] == max(marks.values())
    ranked = sorted(scores, key=scores.__getitem__)
    assert [marks[one] for one in ranked] == sorted(marks[one] for one in ranked)


def test_scores_are_put_into_steps_of_equal_width() -> None:
    points = tuple(MapPoint(n, n, f"n{n}", None, None, None, None) for n in range(8))
    found = CollectionMap("note", "pca", 8, None, points)
    groups = by_score(found, [0.0, 0.1, 0.3, 0.45, 0.55, 0.6, None, None])
    assert [(one.name, len(one.points)) for one in groups] == [
        ("0.50 to 0.60", 2), ("0.40 to 0.50", 1), ("0.30 to 0.40", 1), ("0.10 to 0.20", 1), ("0.00 to 0.10", 1),
        (NOT_FOUND, 2),
    ]  # fmt: skip
    assert len({one.mark for one in groups}) == len(groups)
    assert sum(len(one.points) for one in by_score(found, [0.5] * 8)) == 8
    assert [one.name for one in by_score(found, [None] * 8)] == [NOT_FOUND]
    assert len(SCORED) == 6


@pytest.mark.parametrize(
    "asked",
    [{"by": "section"}, {"by": "score"}, {"most": 10**6}, {"level": "word"}, {"method": "tsne"}, {"type": "none such"}],
)
def test_what_cannot_be_drawn_is_refused(served: Served, asked: dict[str, Any]) -> None:
    assert served.ask("/map", asked).status == 400


def test_a_map_is_kept_and_only_a_few_are(served: Served) -> None:
    values = {one.name: one.default if not one.several else () for one in maps.LAID_OUT}
    first = maps.laid_out(served.collection, values)
    assert maps.laid_out(served.collection, values) is first
    for most in range(2, 2 + maps.KEPT):
        maps.laid_out(served.collection, values | {"most": most})
    again = maps.laid_out(served.collection, values)
    assert again is not first
    assert again == first


def test_the_collection_says_what_is_in_it(served: Served) -> None:
    status = served.collection.status()
    said = " ".join(texts(served.page("/collection"), "main"))
    assert f"{status.notes:,}, of {len({note.get('patient_id') for note in NOTES} - {None}) + 1} patients" in said
    assert "2022-07-30 to 2024-03-05" in said
    assert f"{status.sentences:,} distinct" in said
    for one in status.search:
        assert f"{one.rows:,}, exactly" in said


def test_files_that_changed_and_went_are_named(tmp_path: Path, tiny_model: Path) -> None:
    for name in ("one", "two", "three"):
        (tmp_path / f"{name}.txt").write_text(f"Patient has {name}: fever and cough.")
    clinsearch.index(tmp_path, tmp_path / "c", model=str(tiny_model))
    with_files = {one.name: one.default for one in contents.CONTENTS.parameters} | {"files": True}
    opened = clinsearch.open(tmp_path / "c")
    before = contents.CONTENTS.ask(opened, with_files).sources
    assert before == contents.Sources(3, 3, (), ())
    later = time.time() + 60
    os.utime(tmp_path / "one.txt", (later, later))
    (tmp_path / "two.txt").unlink()
    after = contents.CONTENTS.ask(opened, with_files).sources
    assert after is not None
    assert [Path(one).name for one in after.changed] == ["one.txt"]
    assert [Path(one).name for one in after.gone] == ["two.txt"]


@themes
@widths
def test_a_click_on_the_map_tells_of_a_point(browser_page: Any) -> None:
    browser_page.goto("/map?by=score&q=fever")
    assert_accessible(browser_page)
    browser_page.locator(".plot svg").focus()
    browser_page.keyboard.press("ArrowRight")
    browser_page.keyboard.press("Enter")
    link = browser_page.locator(".near .asked a")
    assert link.get_attribute("href").startswith("/note?id=")
    assert browser_page.locator(".near ol button").count() == 5
    assert_accessible(browser_page)


@themes
@widths
def test_the_collection_can_be_read_by_all(browser_page: Any) -> None:
    browser_page.goto("/collection?files=1")
    assert_accessible(browser_page)

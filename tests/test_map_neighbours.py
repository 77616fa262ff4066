"""What is nearest to a point of a map: as a brute force over the vectors has it, on the page, and at a click."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import clinsearch
from clinsearch.maps import neighbours, projection
from clinsearch.maps.neighbours import NEIGHBOURS, nearest
from clinsearch.records.maps import CollectionMap
from clinsearch.rendering.pages.maps import map_page
from clinsearch.rendering.signs import visible
from clinsearch.storage.folder.snapshots import Reader
from tests.conftest import PROJECT
from tests.support.browser import Page, assert_harmless, chromium, opened, wait_for
from tests.support.command_line import run
from tests.support.pages import HOSTILE, data_of, read

HOSTILE_ID = "</script><img src=x onerror=alert(1)>"


@pytest.fixture(scope="module")
def folder(tiny_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample notes of two patients, and a hostile one."""
    place = tmp_path_factory.mktemp("neighbours")
    (place / "notes").mkdir()
    for pattern in ("P001-*.txt", "P002-*.txt"):
        for path in (PROJECT / "sample_notes").glob(pattern):
            (place / "notes" / path.name).write_bytes(path.read_bytes())
    (place / "notes" / "hostile.jsonl").write_text(json.dumps({"note_id": HOSTILE_ID, "text": HOSTILE}))
    clinsearch.index(place / "notes", place / "collection", model=str(tiny_model))
    return place / "collection"


@pytest.fixture(scope="module")
def found(folder: Path) -> CollectionMap:
    return clinsearch.open(folder).map()


def brute_force(vectors: np.ndarray, at: int) -> np.ndarray:
    units = vectors.astype(np.float64) / np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.delete(units @ units[at], at)


@pytest.mark.parametrize("cosines_at_once", [1, 130, 4_000_000])
def test_neighbours_are_those_of_a_brute_force_block_by_block(
    monkeypatch: pytest.MonkeyPatch, cosines_at_once: int
) -> None:
    monkeypatch.setattr(neighbours, "COSINES_AT_ONCE", cosines_at_once)
    vectors = np.random.default_rng(5).normal(size=(61, 8)).astype(np.float32)
    vectors[7] = vectors[3]
    positions, cosines = nearest(vectors)
    assert positions.shape == (61, NEIGHBOURS)
    for at in range(len(vectors)):
        assert at not in positions[at]
        np.testing.assert_allclose(cosines[at], np.sort(brute_force(vectors, at))[::-1][:NEIGHBOURS], atol=1e-6)
        units = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        np.testing.assert_allclose(units[positions[at]] @ units[at], cosines[at], atol=1e-6)
    assert positions[3, 0] == 7


@pytest.mark.parametrize("count", [1, 2, 4])
def test_of_few_points_each_has_all_others(count: int) -> None:
    positions, cosines = nearest(np.eye(count, 6, dtype=np.float32))
    assert positions.shape == cosines.shape == (count, count - 1)
    assert [sorted([at, *row]) for at, row in enumerate(positions.tolist())] == [list(range(count))] * count
    assert not nearest(np.zeros((3, 4), dtype=np.float32))[1].any()


@pytest.mark.parametrize("level", ["note", "sentence"])
def test_a_map_has_the_cosines_of_the_vectors_that_it_was_made_from(folder: Path, level: str) -> None:
    found = clinsearch.open(folder).map(level)  # type: ignore[arg-type]
    with Reader(folder).snapshot() as snapshot:
        vectors = snapshot.vectors_of(level, snapshot.catalog.all_keys(level))  # type: ignore[arg-type]
    for at in range(0, len(found.points), 7):
        near = found.points[at].neighbours
        expected = np.sort(brute_force(vectors, at))[::-1][:NEIGHBOURS]
        np.testing.assert_allclose([each.cosine for each in near], expected, atol=1e-6)


def test_a_sample_s_neighbours_are_of_the_sample(folder: Path) -> None:
    sample = clinsearch.open(folder).map("sentence", most=20)
    assert {near.point for point in sample.points for near in point.neighbours} <= set(range(20))


def test_a_map_of_very_many_points_has_none_and_its_page_says_nothing_of_them(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(projection, "MOST_POINTS", 3)
    found = clinsearch.open(folder).map()
    assert not any(point.neighbours for point in found.points)
    assert "Click a point" not in read(map_page(found, "type")).text


def test_the_page_has_each_point_s_neighbours_where_it_draws_them(found: CollectionMap) -> None:
    data = data_of(read(map_page(found, "type")))
    names = [point[3] for point in data["points"]]
    shown = {
        name: [(names[near[place]], near[place + 1]) for place in range(0, len(near), 2)]
        for name, near in zip(names, data["near"], strict=True)
    }
    meant = {
        visible(point.note_id): [
            (visible(found.points[near.point].note_id), round(near.cosine * 1000)) for near in point.neighbours
        ]
        for point in found.points
    }
    assert shown == meant
    assert len(json.dumps(data["near"])) / len(names) < 60


def test_json_and_csv_have_the_neighbours(folder: Path, found: CollectionMap) -> None:
    points = json.loads(run("map", "--collection", folder, "--format", "json").stdout)
    assert [[(near["point"], near["cosine"]) for near in point["neighbours"]] for point in points] == [
        [(near.point, near.cosine) for near in point.neighbours] for point in found.points
    ]
    assert '""point"": ' in run("map", "--collection", folder, "--format", "csv").stdout


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    with chromium(tmp_path_factory.mktemp("profile")) as found:
        yield found


def listed(page: Page) -> list[str]:
    """Return what the list of neighbours shows: cosines and names."""
    rows: list[str] = page.run(
        "[...document.querySelectorAll('.near li')].map("
        "li => li.querySelector('.cosine').textContent + ' ' + li.querySelector('bdi').textContent)"
    )
    return rows


def expected(found: CollectionMap, note_id: str) -> list[str]:
    (point,) = [each for each in found.points if visible(each.note_id) == note_id]
    return [f"{near.cosine:.3f} {visible(found.points[near.point].note_id)}" for near in point.neighbours]


def click_at(page: Page, point: int) -> None:
    x, y = page.run(
        f"(() => {{ const [x, y] = data.points[{point}], b = plot.getBoundingClientRect(), s = b.width / 960;"
        "return [b.left + x * s, b.top + y * s]; })()"
    )
    page.send("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y)
    for kind in ("mousePressed", "mouseReleased"):
        page.send("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)


@pytest.mark.slow
def test_a_click_marks_the_nearest_and_lists_them_until_a_click_elsewhere(
    page: Page, found: CollectionMap, tmp_path: Path
) -> None:
    opened(page, tmp_path, map_page(found, "type"))
    for point in (0, 3):
        click_at(page, point)
        name = page.run("data.points[chosen][3]")
        assert listed(page) == expected(found, name)
        assert page.run("document.querySelectorAll('.plot .ring').length") == NEIGHBOURS
        assert page.run("document.querySelector('.links').getAttribute('d').split('M').length - 1") == NEIGHBOURS
        assert page.run("document.querySelector('.near .asked bdi').textContent") == name
    second = page.run("document.querySelectorAll('.near li')[1].querySelector('bdi').textContent")
    page.click(".near li:nth-child(2) button")
    assert listed(page) == expected(found, second), "one goes on from a neighbour"
    page.click("h1")
    assert listed(page) == []
    assert page.run("document.querySelectorAll('.links, .ring, .rank, .chosen').length") == 0
    assert_harmless(page)


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_by_keyboard_enter_shows_the_nearest_and_escape_takes_them_away(
    page: Page, found: CollectionMap, tmp_path: Path, scheme: str
) -> None:
    opened(page, tmp_path, map_page(found, "type"), width=360, scheme=scheme)
    page.run("document.querySelector('.plot svg').focus()")
    for point in range(len(found.points)):
        page.press("ArrowRight")
        page.press("Enter")
        assert listed(page) == expected(found, page.run(f"data.points[{point}][3]"))
        assert not page.run("document.documentElement.scrollWidth > innerWidth")
    page.press("Escape")
    wait_for(page, "!document.querySelector('.near li')")
    assert_harmless(page)

"""A collection in the plane: principal components as the mathematics has them, groups as counted, text as text."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

import clinsearch
from clinsearch.errors import InputError
from clinsearch.maps.projection import principal_components
from clinsearch.records.maps import CollectionMap, MapPoint
from clinsearch.rendering.pages.maps import map_page
from clinsearch.rendering.pictures.maps import DARK, GROUPS_TOLD_APART, LIGHT, OTHER, SHAPES, grouped, map_svg
from clinsearch.rendering.signs import visible
from clinsearch.storage.folder.snapshots import Reader
from tests.conftest import PROJECT
from tests.support.command_line import run
from tests.support.pages import HOSTILE, assert_needs_nothing_else, data_of, read

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def folder(tiny_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample notes of three patients, and a hostile one."""
    place = tmp_path_factory.mktemp("map")
    (place / "notes").mkdir()
    for pattern in ("P001-*.txt", "P002-*.txt", "P003-*.txt"):
        for path in (PROJECT / "sample_notes").glob(pattern):
            (place / "notes" / path.name).write_bytes(path.read_bytes())
    note = {"note_id": "<b>&", "note_type": '"><script>', "title": "</title>", "text": f"PLAN <x>:\n{HOSTILE}"}
    (place / "notes" / "hostile.jsonl").write_text(json.dumps(note))
    clinsearch.index(place / "notes", place / "collection", model=str(tiny_model))
    return place / "collection"


@pytest.fixture(scope="module")
def notes(folder: Path) -> clinsearch.Collection:
    return clinsearch.open(folder)


def made_up(names: list[str]) -> CollectionMap:
    points = [MapPoint(float(n), float(-n), f"n{n}", None, None, name, None) for n, name in enumerate(names)]
    return CollectionMap("note", "pca", len(points), (0.5, 0.25), tuple(points))


def test_the_axes_are_those_of_a_singular_value_decomposition() -> None:
    vectors = np.random.default_rng(3).normal(size=(60, 12)).astype(np.float32) * np.arange(1, 13, dtype=np.float32)
    places, variance = principal_components(vectors)
    left, sizes, _ = np.linalg.svd(vectors.astype(np.float64) - vectors.mean(axis=0, dtype=np.float64))
    np.testing.assert_allclose(np.abs(places), np.abs(left[:, :2] * sizes[:2]), rtol=1e-8)
    np.testing.assert_allclose(variance, (sizes**2 / (sizes**2).sum())[:2])
    again, _ = principal_components(vectors[::-1])
    np.testing.assert_allclose(again[::-1], places, rtol=1e-8)


def test_one_point_and_points_that_are_all_the_same_lie_at_the_middle() -> None:
    places, variance = principal_components(np.ones((4, 8), dtype=np.float32))
    assert not places.any()
    assert variance == pytest.approx((0, 0))
    assert "<svg" in map_svg(made_up(["one"]), "type")


@pytest.mark.parametrize("level", ["note", "sentence"])
def test_a_map_has_every_note_or_sentence_where_its_vector_puts_it(
    notes: clinsearch.Collection, folder: Path, level: str
) -> None:
    found = notes.map(level)  # type: ignore[arg-type]
    with Reader(folder).snapshot() as snapshot:
        live = snapshot.notes if level == "note" else snapshot.sentences
        keys = snapshot.catalog.all_keys(level)  # type: ignore[arg-type]
        places, variance = principal_components(live.of(keys))
        labels = snapshot.catalog.note_labels(keys.tolist())
        texts = snapshot.catalog.sentence_texts(keys.tolist())
    np.testing.assert_array_equal([(point.x, point.y) for point in found.points], places)
    assert found.variance == variance
    if level == "note":
        assert [point.note_id for point in found.points] == [labels[key].note_id for key in keys]
    else:
        assert [point.sentence for point in found.points] == [texts[key] for key in keys]


def test_of_a_large_collection_the_same_sample_is_drawn_each_time(notes: clinsearch.Collection) -> None:
    whole = {point.sentence for point in notes.map("sentence").points}
    sample = notes.map("sentence", most=50)
    assert sample == notes.map("sentence", most=50)
    assert len(sample.points) == 50
    assert sample.total == len(whole)
    assert {point.sentence for point in sample.points} < whole
    assert f"50 of {sample.total:,} sentences" in read(map_page(sample, "section")).text


def test_a_map_keeps_to_the_notes_asked_for(notes: clinsearch.Collection) -> None:
    assert {point.patient_id for point in notes.map(patient_id="P002").points} == {"P002"}
    with pytest.raises(InputError, match="nothing to lay out"):
        notes.map(patient_id="nobody")


def test_a_level_or_method_that_there_is_not_is_an_error(notes: clinsearch.Collection) -> None:
    with pytest.raises(InputError, match="words"):
        notes.map("words")  # type: ignore[arg-type]
    with pytest.raises(InputError, match="tsne"):
        notes.map(method="tsne")  # type: ignore[arg-type]
    with pytest.raises(InputError, match="1 or more"):
        notes.map(most=0)


def test_the_largest_groups_are_told_apart_and_the_rest_is_one() -> None:
    names = [letter for count, letter in enumerate("abcdefghijkl", start=1) for _ in range(count)]
    groups = grouped(made_up(names), "type")
    expected = Counter(names).most_common(GROUPS_TOLD_APART)
    assert [(group.name, len(group.points)) for group in groups[:-1]] == expected
    assert (groups[-1].name, len(groups[-1].points)) == (OTHER, len(names) - sum(count for _, count in expected))
    assert len({group.mark for group in groups}) == len(groups)
    assert len(set(SHAPES)) == len(set(LIGHT)) == len(set(DARK)) == GROUPS_TOLD_APART + 1


def test_the_page_has_every_point_and_needs_nothing_else(notes: clinsearch.Collection) -> None:
    found = notes.map("sentence")
    page = map_page(found, "section")
    assert_needs_nothing_else(page)
    root = read(page)
    points = data_of(root)["points"]
    assert len(points) == len(root.all("use")) == len(found.points)
    assert Counter(point[6] for point in points) == Counter(visible(point.sentence or "") for point in found.points)
    entries = [button for button in root.all("button") if "data-group" in button.attributes]
    counted = {button.all("bdi")[0].text: int(button.all("span")[0].text.replace(",", "")) for button in entries}
    assert sum(counted.values()) == len(found.points)
    assert counted["not given"] == sum(point.section is None for point in found.points)
    style = root.all("style")[0].text
    assert all(f".g{mark} {{ fill: light-dark({LIGHT[mark]}, {DARK[mark]}); }}" in style for mark in range(len(SHAPES)))


def test_the_picture_draws_each_point_at_its_place_with_its_text(notes: clinsearch.Collection) -> None:
    found = notes.map()
    root = ET.fromstring(map_svg(found, "type"))
    assert not [name for each in root.iter() for name in each.attrib if name.startswith("on")]
    assert not list(root.iter(f"{SVG}script"))
    drawn = {
        str(use.findtext(f"{SVG}title")).split("\n")[0]: (float(use.attrib["x"]), float(use.attrib["y"]))
        for use in root.iter(f"{SVG}use")
        if use.find(f"{SVG}title") is not None
    }
    assert drawn.keys() == {point.note_id for point in found.points}
    across = np.array([(point.x, drawn[point.note_id][0]) for point in found.points])
    up = np.array([(point.y, drawn[point.note_id][1]) for point in found.points])
    scale = np.polyfit(*across.T, 1)[0]
    assert scale > 0
    assert np.polyfit(*up.T, 1)[0] == pytest.approx(-scale, rel=1e-3)
    text = "".join(root.itertext())
    assert found.variance is not None
    assert f"first component, {100 * found.variance[0]:.1f} % of the variance" in text
    assert '"><script>' in text


def test_map_writes_what_it_is_asked_for(folder: Path, tmp_path: Path) -> None:
    page, picture = tmp_path / "map.html", tmp_path / "map.svg"
    result = run("map", "--collection", folder, "--html", page, "--svg", picture, "--format", "json")
    assert result.exit_code == 0
    assert result.stderr == f"Wrote {page}.\nWrote {picture}.\n"
    assert len(json.loads(result.stdout)) == len(data_of(read(page.read_text(encoding="utf-8")))["points"])
    ET.parse(picture)


def test_map_says_what_it_lacks(folder: Path) -> None:
    assert "--html FILE or --svg FILE" in run("map", "--collection", folder).stderr
    assert "--level sentence" in run("map", "--collection", folder, "--by", "section", "--html", "x").stderr


def test_without_umap_one_line_says_what_to_install(
    notes: clinsearch.Collection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "umap", None)
    with pytest.raises(InputError, match="pip install umap-learn"):
        notes.map(method="umap")


@pytest.mark.slow
@pytest.mark.filterwarnings("default")
def test_umap_lays_out_the_same_map_each_time(notes: clinsearch.Collection) -> None:
    pytest.importorskip("umap", reason="umap-learn is not installed")
    found = notes.map("sentence", method="umap")
    assert found == notes.map("sentence", method="umap")
    assert found.variance is None
    assert len({(point.x, point.y) for point in found.points}) == len(found.points)
    assert "UMAP 1" in read(map_page(found, "section")).text

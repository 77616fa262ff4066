"""Results in a notebook: each shows itself, and turns into records and a DataFrame."""

from __future__ import annotations

import html
import json
import sys
from dataclasses import asdict
from pathlib import Path

import pandas
import pytest

import clinsearch
from clinsearch.display import Results, Shown
from clinsearch.encoder.encoder import Encoder
from clinsearch.errors import InputError
from clinsearch.inspection.description import describe
from clinsearch.records import Hit, NoteView, TextExplanation, by_share
from clinsearch.rendering.pages.explanations import explanation_page
from clinsearch.rendering.records.formats import dumps
from clinsearch.rendering.records.hits import hit_records
from clinsearch.rendering.signs import visible
from tests.support.pages import HOSTILE, assert_needs_nothing_else, read


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory, tiny_model: Path, tiny_encoder: Encoder) -> dict[str, Shown]:
    """One result of every kind, of two notes of which one is hostile."""
    folder = tmp_path_factory.mktemp("notebook")
    (folder / "notes").mkdir()
    (folder / "notes" / "<i>.txt").write_text(f"PLAN & <b>:\n{HOSTILE}\n")
    (folder / "notes" / "plain.txt").write_text("PLAN: Mild edema.\nThe wound was stable.\n")
    report = clinsearch.index(folder / "notes", folder / "collection", model=str(tiny_model))
    notes = clinsearch.open(folder / "collection")
    hits = notes.search("fever", k=3)
    return {
        "report": report,
        "hits": hits,
        "hit": hits[0],
        "none": hits[:0],
        "similar": notes.similar("<i>"),
        "places": notes.places(hits[0]),
        "status": notes.status(),
        "note": notes.note("<i>"),
        "texts": clinsearch.explain_texts(tiny_encoder, HOSTILE, "No fever."),
        "query": notes.explain_query("<fever>", "<i>"),
        "notes": notes.explain("<i>", "plain"),
        "map": notes.map("sentence"),
        "embedding": tiny_encoder.embed(HOSTILE),
        "vocab": clinsearch.load_vocabulary(str(tiny_model)).with_prefix("f"),
        "entry": clinsearch.load_vocabulary(str(tiny_model)).by_id(5),
        "model": describe(tiny_encoder),
    }


KINDS = [
    *("report", "hits", "hit", "none", "similar", "places", "status", "note", "texts", "query", "notes", "map"),
    *("embedding", "vocab", "entry", "model"),
]


@pytest.mark.parametrize("kind", KINDS)
def test_every_result_shows_itself_with_all_text_as_text(results: dict[str, Shown], kind: str) -> None:
    assert list(results) == KINDS
    root = read(results[kind]._repr_html_())
    tags = {element.tag for element in root.all()}
    assert tags <= {"table", "thead", "tbody", "tr", "th", "td", "bdi", "p", "div", "span", "iframe"}
    assert "\x1b" not in root.text
    for frame in root.all("iframe"):
        assert frame.attributes["sandbox"] == "allow-scripts"
        assert_needs_nothing_else(str(frame.attributes["srcdoc"]))


@pytest.mark.parametrize("kind", KINDS)
def test_every_result_turns_into_plain_records_and_a_dataframe(results: dict[str, Shown], kind: str) -> None:
    records = results[kind].to_records()
    assert json.loads(dumps(records, "json")) is not None
    frame = results[kind].to_dataframe()
    assert isinstance(frame, pandas.DataFrame)
    assert len(frame) == len(records)
    assert list(frame.columns) == (list(records[0]) if records else [])


def test_an_explanation_s_records_are_its_pairs(results: dict[str, Shown]) -> None:
    texts = results["texts"]
    assert isinstance(texts, TextExplanation)
    rows = texts.to_records()
    assert [(row["left"], row["right"]) for row in rows] == by_share(texts.contributions)
    frame = texts.to_dataframe()
    assert frame["contribution"].sum() == pytest.approx(texts.score, abs=1e-4)


def test_an_explanation_s_frame_is_its_page(results: dict[str, Shown]) -> None:
    (frame,) = read(results["texts"]._repr_html_()).all("iframe")
    assert frame.attributes["srcdoc"] == explanation_page(results["texts"])  # type: ignore[arg-type]


def test_a_note_shows_its_whole_text(results: dict[str, Shown]) -> None:
    note = results["note"]
    assert isinstance(note, NoteView)
    (text,) = read(note._repr_html_()).all("div")
    assert text.text == visible(note.note.text)


def test_hits_are_a_list_still(results: dict[str, Shown]) -> None:
    hits = results["hits"]
    assert isinstance(hits, Results)
    assert hits == list(hits)
    assert isinstance(hits[:2], Results)
    assert hits[:2] == list(hits)[:2]
    assert isinstance(hits[0], Hit)
    assert json.dumps([hit.note_id for hit in hits])
    assert hits.to_records() == hit_records(hits) == [asdict(hit) for hit in hits]
    shown = html.unescape(hits._repr_html_())
    assert all(visible(hit.sentence or "") in shown for hit in hits)


def test_without_pandas_one_line_says_what_to_install(
    results: dict[str, Shown], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(InputError, match="pip install pandas"):
        results["hits"].to_dataframe()

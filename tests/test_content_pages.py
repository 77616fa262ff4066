"""Pages and pictures by content words: one line for each, what any two texts have in common apart, and a true sum."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import clinsearch
from clinsearch.encoder.encoder import Encoder
from clinsearch.explanation import explain_texts
from clinsearch.records import NoteExplanation, QueryExplanation, TextExplanation
from clinsearch.rendering.pages.explanations import explanation_page
from clinsearch.rendering.pages.shaded_words import WORDS_LISTED
from clinsearch.rendering.pictures.explanations import explanation_picture
from clinsearch.rendering.word_shares import IN_COMMON, word_shares
from clinsearch.rendering.wording import number
from tests.conftest import WORDS
from tests.support.browser import Page, assert_harmless, chromium, opened
from tests.support.command_line import run
from tests.support.pages import HOSTILE, Element, data_of, read, shares_of

NOTES = {
    "one": "PLAN:\nShort of breath lying flat.\nNo cough at night.\nThe wound was stable.\n",
    "other": f"PLAN:\nWas short of breath at night.\nNo chest pain, and {HOSTILE}\nThe wound was stable today.\n",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, tiny_model: Path) -> Path:
    place = tmp_path_factory.mktemp("content")
    (place / "notes").mkdir()
    for name, text in NOTES.items():
        (place / "notes" / f"{name}.txt").write_text(text)
    clinsearch.index(place / "notes", place / "collection", model=str(tiny_model))
    return place / "collection"


@pytest.fixture(scope="module")
def query(folder: Path) -> QueryExplanation:
    return clinsearch.open(folder).explain_query("no cough, but short of breath at night", "one")


@pytest.fixture(scope="module")
def notes(folder: Path) -> NoteExplanation:
    return clinsearch.open(folder).explain("one", "other", pairs=3)


def shaded(view: Element) -> list[list[str]]:
    return [[word.text for word in side.all(sign="w")] for side in view.all("p", "words")]


def listed(view: Element) -> list[tuple[float, str]]:
    rows = [[cell.text for cell in row.all("td")] for row in view.all("tr")]
    return [(float(row[0].replace("\u2212", "-")), row[2]) for row in rows]


def assert_by_content(view: Element, data: dict[str, object], text: TextExplanation) -> None:
    """Check that a view has the shares of content words, and lists what adds up to the score as it stands."""
    content = text.content
    words = [[text.left_words[at].text for at in content.left], [text.right_words[at].text for at in content.right]]
    assert shaded(view) == words
    np.testing.assert_array_equal(shares_of(data, len(content.right)), content.shares)
    rows = listed(view)
    assert sum(part for part, _ in rows) == pytest.approx(float(number(text.score).replace("\u2212", "-")), abs=1e-9)
    assert (rows[-1][1] == IN_COMMON) == bool(content.background)
    parts = content.shares.sum(axis=0, dtype=np.float64)
    best = np.argsort(-parts, kind="stable")[:WORDS_LISTED]
    for (shown, said), at in zip(rows, best, strict=False):
        partner = content.shares[:, at].argmax() if parts[at] >= 0 else content.shares[:, at].argmin()
        assert said == f"{words[1][at]}, mostly by {words[0][partner]}"
        assert shown == pytest.approx(parts[at], abs=1.01e-4)


def test_a_query_s_page_shades_content_words_and_names_each_with_its_best_partner(query: QueryExplanation) -> None:
    root = read(explanation_page(query))
    assert query.text.content.background
    assert_by_content(root, data_of(root)["views"][0], query.text)
    said = root.all("p", "score")[0].all("span")[0].text
    assert f"{number(query.text.content.background)} in common with any two sentences here" in said
    assert "residual below" in said


def test_two_texts_without_a_collection_have_nothing_in_common_but_their_words(tiny_encoder: Encoder) -> None:
    texts = explain_texts(tiny_encoder, "Short of breath.", "No cough at night.")
    root = read(explanation_page(texts))
    assert_by_content(root, data_of(root)["views"][0], texts)
    assert IN_COMMON not in root.text


def test_of_many_words_the_rest_is_one_line(tiny_encoder: Encoder) -> None:
    texts = explain_texts(tiny_encoder, "Short of breath.", " ".join(WORDS[:-3]))
    root = read(explanation_page(texts))
    assert_by_content(root, data_of(root)["views"][0], texts)
    others = len(texts.content.right) - WORDS_LISTED
    assert others > 1
    assert listed(root)[-1][1] == f"{others} other words"


def test_texts_without_a_word_show_what_they_have(tiny_encoder: Encoder) -> None:
    texts = explain_texts(tiny_encoder, "", "")
    assert_by_content(read(explanation_page(texts)), data_of(read(explanation_page(texts)))["views"][0], texts)


def test_the_words_of_a_reason_s_pair_are_content_words_too(notes: NoteExplanation) -> None:
    root = read(explanation_page(notes))
    views = root.all("div", "view")
    assert len(views) == 3
    for view, data, pair in zip(views, data_of(root)["views"], notes.pairs, strict=True):
        assert_by_content(view, data, pair.text)


def test_raw_pages_have_the_plain_shares_of_all_words(notes: NoteExplanation, query: QueryExplanation) -> None:
    for explanation, texts in ((query, [query.text]), (notes, [pair.text for pair in notes.pairs])):
        views = data_of(read(explanation_page(explanation, raw=True)))["views"]
        for view, text in zip(views, texts, strict=True):
            np.testing.assert_array_equal(shares_of(view, len(text.right_words)), text.word_contributions)


def test_the_command_line_asks_for_either(folder: Path, tmp_path: Path, query: QueryExplanation) -> None:
    page = tmp_path / "page.html"
    asked = ("explain", "--collection", folder, "--query", query.text.left, "one", "--html", page)
    for options, words in (((), query.text.content.right), (("--raw",), query.text.right_words)):
        assert run(*asked, *options).exit_code == 0
        (view,) = data_of(read(page.read_text(encoding="utf-8")))["views"]
        assert len(view["right"]) == len(words)


def test_a_word_that_lowers_the_score_has_a_sign_and_the_partner_by_which_it_does(query: QueryExplanation) -> None:
    content = query.text.content
    shares = content.shares.copy()
    shares[:, 0] = -0.001
    shares[1, 0] = -0.5
    lowered = dataclasses.replace(query.text, content=dataclasses.replace(content, shares=shares))
    of = word_shares(lowered, ("", ""))
    root = read(explanation_page(lowered))
    word = root.all("p", "words")[1].all(sign="w")[0]
    assert "negative" in word.classes
    assert listed(root)[-2][1] == f"{of.right.words[0].text}, mostly by {of.left.words[1].text}"


def test_the_picture_lists_words_and_draws_their_shares(
    query: QueryExplanation, monkeypatch: pytest.MonkeyPatch
) -> None:
    from matplotlib.figure import Figure

    figures = []
    monkeypatch.setattr(Figure, "savefig", lambda self, *_, **__: figures.append(self))
    explanation_picture(query)
    explanation_picture(query, raw=True)
    by_content, plain = figures
    np.testing.assert_array_equal(by_content.axes[0].images[0].get_array(), query.text.content.shares)
    np.testing.assert_array_equal(plain.axes[0].images[0].get_array(), query.text.word_contributions)
    written = [text.get_text() for text in by_content.texts]
    assert written[-2] == IN_COMMON
    parts = [float(text.replace("\u2212", "-")) for text in written if text.replace("\u2212", "").startswith("0.")]
    assert sum(parts) == pytest.approx(float(number(query.score)), abs=1e-9)
    assert IN_COMMON not in [text.get_text() for text in plain.texts]


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    with chromium(tmp_path_factory.mktemp("profile")) as found:
        yield found


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_in_a_browser_a_content_word_shows_its_partners_and_the_list_comes_back(
    page: Page, query: QueryExplanation, tmp_path: Path, scheme: str
) -> None:
    opened(page, tmp_path, explanation_page(query), width=360, scheme=scheme)
    assert not page.run("document.documentElement.scrollWidth > innerWidth")
    rows = "[...document.querySelectorAll('.partners tr')].map(row => row.cells[0].textContent)"
    before = page.run(rows)
    page.click("[data-side=left] .w[data-i='1']")
    content = query.text.content
    best = sorted(content.shares[1].astype(float), reverse=True)[:8]
    assert page.run(rows)[: len(best)] == [number(share) for share in best]
    page.press("Escape")
    assert page.run(rows) == before
    assert page.run("document.querySelectorAll('.heat text').length") == len(content.left) + len(content.right)
    assert_harmless(page)

"""Explanations as pages and pictures: nothing is loaded, all text is text, and every number is the record's."""

from __future__ import annotations

import dataclasses
import re
import stat
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

import clinsearch
from clinsearch.cli import main
from clinsearch.encoder.encoder import Encoder
from clinsearch.errors import InputError
from clinsearch.explanation import explain_texts
from clinsearch.records import NoteExplanation, QueryExplanation, TextExplanation, by_share
from clinsearch.rendering.files import write_file
from clinsearch.rendering.pages.explanations import SENTENCE_PAIRS, WORD_PAIRS, explanation_page
from clinsearch.rendering.pages.page import in_script
from clinsearch.rendering.pages.shaded_words import strongest
from clinsearch.rendering.pictures.explanations import WORDS_SHOWN, explanation_picture
from clinsearch.rendering.signs import visible
from clinsearch.rendering.wording import number
from tests.conftest import WORDS
from tests.support.pages import HOSTILE, Element, assert_needs_nothing_else, data_of, read, shares_of

LEFT, RIGHT = "Patient denies fever, chills.", "She has a fever and was short of breath."


@pytest.fixture(scope="module")
def notes(tmp_path_factory: pytest.TempPathFactory, tiny_model: Path) -> clinsearch.Collection:
    """Two notes, one of them hostile."""
    folder = tmp_path_factory.mktemp("pages")
    (folder / "notes").mkdir()
    (folder / "notes" / "a<b>.txt").write_text(f"HISTORY & <i>PHYSICAL</i>:\n{HOSTILE}\nNo cough at night.\n")
    (folder / "notes" / "plain.txt").write_text("Mild edema.\nThe wound was stable.\nNo chest pain at night.\n")
    clinsearch.index(folder / "notes", folder / "collection", model=str(tiny_model))
    return clinsearch.open(folder / "collection")


@pytest.fixture(scope="module")
def texts(tiny_encoder: Encoder) -> TextExplanation:
    return explain_texts(tiny_encoder, LEFT, RIGHT)


@pytest.fixture(scope="module")
def query(notes: clinsearch.Collection) -> QueryExplanation:
    return notes.explain_query("<b>cough</b> at night", "a<b>")


@pytest.fixture(scope="module")
def pair(notes: clinsearch.Collection) -> NoteExplanation:
    return notes.explain("a<b>", "plain", pairs=4, raw=True)


def words(side: Element) -> list[Element]:
    return side.all(sign="w")


def sides(root: Element) -> list[Element]:
    return root.all("p", "words")


def text_of(side: Element) -> str:
    """Return the text that a side shows, the names of special tokens left out."""
    return "".join(part if isinstance(part, str) else "" if part.tag == "bdi" else part.text for part in side.content)


def test_a_page_needs_nothing_but_itself(
    texts: TextExplanation, query: QueryExplanation, pair: NoteExplanation
) -> None:
    for explanation in (texts, query, pair):
        assert_needs_nothing_else(explanation_page(explanation))
        assert_needs_nothing_else(explanation_page(explanation, raw=True))


@settings(max_examples=60, deadline=None)
@given(st.text(min_size=1, max_size=60), st.text(min_size=1, max_size=60))
def test_any_text_is_shown_as_it_is(tiny_encoder: Encoder, left: str, right: str) -> None:
    explanation = explain_texts(tiny_encoder, left, right)
    for raw in (False, True):
        page = explanation_page(explanation, raw=raw)
        assert_needs_nothing_else(page)
        assert [text_of(side) for side in sides(read(page))] == [visible(left), visible(right)]


def test_hostile_text_is_text_everywhere(pair: NoteExplanation) -> None:
    root = read(explanation_page(pair))
    assert root.all("title")[0].text == "Why a<b> and plain are alike"
    shown = {text_of(side) for side in sides(root)}
    assert any("</script><script>alert(1)</script>" in text for text in shown)
    assert len(root.all("script")) == 2
    visible = "".join(each.text for each in root.all("body")) + str(data_of(root))
    assert not set(visible) & {"\x1b", "\x07", "\u2028", "\u202e", "\u202c"}


def test_data_cannot_end_its_script() -> None:
    written = in_script({"</script>": "<!--<script> & \u2028\u2029"})
    assert not set(written) & set("<>&\u2028\u2029")


def test_every_share_on_the_page_is_the_record_s(texts: TextExplanation) -> None:
    root = read(explanation_page(texts, raw=True))
    (view,) = data_of(root)["views"]
    np.testing.assert_array_equal(shares_of(view, len(texts.right_words)), texts.word_contributions)
    left, right = sides(root)
    for side, axis, named in ((left, 1, texts.left_words), (right, 0, texts.right_words)):
        parts = texts.word_contributions.sum(axis=axis, dtype=np.float64)
        most = np.abs(parts).max()
        for word, part, meant in zip(words(side), parts, named, strict=True):
            assert word.text == meant.text
            assert (word.attributes["title"] or "").endswith(f": {number(part)}")
            (size,) = re.findall(r"\bs(\d+)\b", word.attributes["class"] or "")
            assert int(size) == pytest.approx(100 * abs(part) / most, abs=1)
            assert ("negative" in word.classes) == (part < 0)


def test_the_page_lists_the_strongest_pairs_and_the_rest_of_the_sum(texts: TextExplanation) -> None:
    root = read(explanation_page(texts, raw=True))
    assert root.all("p", "score")[0].all("strong")[0].text == number(texts.score)
    rows = [[cell.text for cell in row.all("td")] for row in root.all("tr")]
    best = by_share(texts.word_contributions)[: len(rows) - 1]
    assert [row[0] for row in rows[:-1]] == [number(float(texts.word_contributions[place])) for place in best]
    assert [row[2] for row in rows[:-1]] == [
        f"{texts.left_words[i].text} ~ {texts.right_words[j].text}" for i, j in best
    ]
    total = sum(float(row[0].replace("\u2212", "-")) for row in rows)
    assert total == pytest.approx(texts.score, abs=len(rows) * 1e-4)


def test_two_notes_are_listed_by_sentence_pairs_that_each_open(pair: NoteExplanation) -> None:
    root = read(explanation_page(pair))
    listed = root.all("details", "pair")
    assert len(listed) == len(pair.pairs) == len(data_of(root)["views"]) == 4
    for element, taken in zip(listed, pair.pairs, strict=True):
        share = float(pair.contributions[taken.left, taken.right])
        assert element.all("b")[0].text == number(share, 5)
        assert [text_of(side) for side in sides(element)] == [visible(taken.text.left), visible(taken.text.right)]
        assert element.all("div", "view")[0].attributes["data-score"] == number(taken.text.score)
    assert "open" in listed[0].attributes
    sentences = data_of(root)["sentences"]
    np.testing.assert_array_equal(shares_of(sentences, len(pair.right)), pair.contributions)
    assert [each["text"] for each in sentences["left"]] == [visible(place.sentence) for place in pair.left]


def test_a_page_of_long_texts_keeps_all_words_and_the_strongest_pairs(tiny_encoder: Encoder) -> None:
    left, right = " ".join(WORDS[:-3] * 9), " ".join(reversed(WORDS[:-3] * 8))
    explanation = explain_texts(tiny_encoder, left, right)
    assert explanation.word_contributions.size > WORD_PAIRS
    page = explanation_page(explanation, raw=True)
    root = read(page)
    assert len(page) < 700_000
    assert [len(words(side)) for side in sides(root)] == list(explanation.word_contributions.shape)
    (view,) = data_of(root)["views"]
    kept = explanation.word_contributions[np.ix_(view["left"], view["right"])]
    np.testing.assert_array_equal(shares_of(view, len(view["right"])), kept)
    assert "can be taken apart here" in root.text


@pytest.mark.parametrize("shape", [(10, 20), (300, 5), (5, 300), (90, 110), (400, 400), (1, 100_000)])
def test_the_strongest_rows_and_columns_are_kept_and_all_where_they_fit(shape: tuple[int, int]) -> None:
    shares = np.random.default_rng(1).normal(size=shape).astype(np.float32)
    rows, columns = strongest(shares, 10_000)
    assert len(rows) * len(columns) <= 10_000
    if shares.size <= 10_000:
        assert (len(rows), len(columns)) == shape
    weight = np.abs(shares).sum(axis=1)
    assert weight[rows].min() >= np.delete(weight, rows).max(initial=0)
    assert SENTENCE_PAIRS > 10_000


def test_a_file_is_its_owner_s_alone_and_replaces_another(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text("old")
    path.chmod(0o644)
    write_file(path, b"new")
    assert path.read_bytes() == b"new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [each.name for each in tmp_path.iterdir()] == ["page.html"]


@pytest.mark.parametrize("name", ["", "missing/page.html", "file/page.html", "long" * 100])
def test_a_file_that_cannot_be_written_is_named(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(InputError, match="cannot be written: ") as caught:
        write_file(tmp_path / name, b"new")
    assert str(tmp_path / name) in str(caught.value)
    assert [each.name for each in tmp_path.iterdir()] == ["file"]


def test_explain_writes_a_page_and_a_picture_in_place_of_the_table(tmp_path: Path, tiny_model: Path) -> None:
    page, picture = tmp_path / "why.html", tmp_path / "why.png"
    asked = ["explain", "--model", str(tiny_model), "--text", LEFT, RIGHT, "--html", str(page), "--png", str(picture)]
    result = CliRunner().invoke(main, asked)
    assert result.exit_code == 0
    assert result.stdout == ""
    assert result.stderr == f"Wrote {page}.\nWrote {picture}.\n"
    assert [text_of(side) for side in sides(read(page.read_text(encoding="utf-8")))] == [LEFT, RIGHT]
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert '"residual"' in CliRunner().invoke(main, [*asked, "--format", "json"]).stdout


def test_a_page_that_cannot_be_written_is_one_line(tmp_path: Path, tiny_model: Path) -> None:
    asked = ["explain", "--model", str(tiny_model), "--text", LEFT, RIGHT, "--html", str(tmp_path / "no" / "why.html")]
    result = CliRunner().invoke(main, asked)
    assert result.exit_code == 1
    assert result.stderr == f"Error: {tmp_path / 'no' / 'why.html'} cannot be written: no such file or directory.\n"


def drawn(
    explanation: TextExplanation | NoteExplanation, monkeypatch: pytest.MonkeyPatch, *, raw: bool = True
) -> tuple[bytes, object]:
    """Draw a picture and return its bytes and the figure that they were made of."""
    from matplotlib.figure import Figure

    figures = []
    save = Figure.savefig

    def noting(self: Figure, *arguments: object, **options: object) -> None:
        figures.append(self)
        save(self, *arguments, **options)

    monkeypatch.setattr(Figure, "savefig", noting)
    return explanation_picture(explanation, raw=raw), figures[0]


def test_a_picture_draws_the_shares_of_the_words(texts: TextExplanation, monkeypatch: pytest.MonkeyPatch) -> None:
    content, figure = drawn(texts, monkeypatch)
    assert content.startswith(b"\x89PNG")
    axes = figure.axes[0]
    np.testing.assert_array_equal(axes.images[0].get_array(), texts.word_contributions)
    low, high = axes.images[0].get_clim()
    assert low == -high
    labels = [label.get_text() for label in axes.get_yticklabels()]
    assert labels == [" ".join(texts.left_tokens[at].token for at in word.tokens) for word in texts.left_words]
    assert [text.get_text() for text in figure.texts] == [
        f"Score {number(texts.score)}",
        f"First text: {LEFT}",
        f"Second text: {RIGHT}",
    ]


def test_a_picture_of_long_or_hostile_texts_says_what_it_leaves_out(
    tiny_encoder: Encoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = HOSTILE + r" $\frac{1}{2}$ $x_ $ " + " ".join(WORDS)
    explanation = explain_texts(tiny_encoder, left, RIGHT)
    _, figure = drawn(explanation, monkeypatch)
    shares = explanation.word_contributions
    kept = np.sort(np.argsort(-np.abs(shares.sum(axis=1, dtype=np.float64)), kind="stable")[:WORDS_SHOWN])
    np.testing.assert_array_equal(figure.axes[0].images[0].get_array(), shares[kept])
    assert figure.texts[-1].get_text() == (
        f"First text: the {WORDS_SHOWN} of {len(shares)} words with the largest parts are drawn."
    )


def test_a_picture_of_two_notes_is_of_their_strongest_pair(
    pair: NoteExplanation, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, figure = drawn(pair, monkeypatch)
    assert f"the strongest of {pair.contributions.size} pairs of sentences" in figure.texts[0].get_text()


def test_without_matplotlib_one_line_says_what_to_install(
    texts: TextExplanation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "matplotlib", None)
    with pytest.raises(InputError, match=r'pip install "clinsearch\[plot\]"'):
        explanation_picture(texts)


def test_a_negative_part_has_a_sign_that_is_no_colour(texts: TextExplanation) -> None:
    shares = texts.word_contributions.copy()
    shares[1] = -1
    root = read(explanation_page(dataclasses.replace(texts, word_contributions=shares), raw=True))
    marked = [word.attributes["data-i"] for word in words(sides(root)[0]) if "negative" in word.classes]
    assert marked == ["1"]
    assert ".w.negative" in root.all("style")[0].text

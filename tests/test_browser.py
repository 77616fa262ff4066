"""The pages as a user meets them, in a headless Chromium: by mouse and by keyboard, in the dark and on a telephone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

import clinsearch
from clinsearch.encoder.encoder import Encoder
from clinsearch.explanation import explain_texts
from clinsearch.records import TextExplanation
from clinsearch.rendering.pages.explanations import explanation_page
from clinsearch.rendering.pages.maps import map_page
from clinsearch.rendering.pictures.maps import map_svg
from clinsearch.rendering.wording import number
from tests.conftest import WORDS
from tests.support.browser import Page, assert_harmless, chromium, opened, wait_for
from tests.support.pages import HOSTILE

pytestmark = pytest.mark.slow

LEFT, RIGHT = "Patient denies fever.", "She has a fever and was short of breath lying flat at night."
IS_WIDE = "document.documentElement.scrollWidth > innerWidth"


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    with chromium(tmp_path_factory.mktemp("profile")) as opened:
        yield opened


@pytest.fixture(scope="module")
def notes(tmp_path_factory: pytest.TempPathFactory, tiny_model: Path) -> clinsearch.Collection:
    """A hostile note and a plain one."""
    folder = tmp_path_factory.mktemp("browser")
    (folder / "notes").mkdir()
    hostile = {
        "note_id": "</title><img src=x onerror=alert(1)>",
        "patient_id": "<script>alert(2)</script>",
        "note_type": '"><svg onload=alert(3)>',
        "title": "</script><script>alert(4)</script>",
        "text": f"PLAN <img src=x onerror=alert(5)>:\n{HOSTILE}\nNo cough at night.",
    }
    plain = {"note_id": "plain", "text": "Mild edema.\nThe wound was stable.\nNo chest pain at night."}
    (folder / "notes" / "notes.jsonl").write_text("\n".join(map(json.dumps, (hostile, plain))))
    clinsearch.index(folder / "notes", folder / "collection", model=str(tiny_model))
    return clinsearch.open(folder / "collection")


@pytest.fixture
def texts(tiny_encoder: Encoder) -> TextExplanation:
    return explain_texts(tiny_encoder, LEFT, RIGHT)


def partners(page: Page) -> list[list[str]]:
    """Return the rows of the list of partners that is seen."""
    rows: list[list[str]] = page.run(
        "[...document.querySelectorAll('.partners tr')].map(row => [0, 2].map(cell => row.cells[cell].textContent))"
    )
    return rows


def expected_partners(texts: TextExplanation, word: int) -> list[list[str]]:
    shares = texts.word_contributions[word].astype(float)
    order = sorted(range(len(shares)), key=lambda partner: -shares[partner])
    rows = [[number(shares[partner]), texts.right_words[partner].text] for partner in order[:8]]
    rest = order[8:]
    return [*rows, [number(sum(shares[partner] for partner in rest)), f"with {len(rest)} others"]]


def test_the_browser_tells_of_alerts_and_requests(page: Page, tmp_path: Path) -> None:
    opened(page, tmp_path, "<script>alert('seen')</script><img src='http://127.0.0.1:9/x.png'>")
    wait_for(page, "document.images[0].complete")
    assert page.dialogs == ["seen"]
    assert "http://127.0.0.1:9/x.png" in page.requests


def test_a_click_on_a_word_shows_its_partners(page: Page, texts: TextExplanation, tmp_path: Path) -> None:
    opened(page, tmp_path, explanation_page(texts, raw=True))
    before = partners(page)
    position = [word.text for word in texts.left_words].index("fever")
    page.click(f"[data-side=left] [data-i='{position}']")
    assert partners(page) == expected_partners(texts, position)
    heading = page.run("document.querySelector('.partners h3').textContent")
    total = float(texts.word_contributions[position].sum(dtype=float))
    assert heading.startswith(f"fever has {number(total)} of {number(texts.score)}")
    shades = page.run(
        "[...document.querySelectorAll('[data-side=right] .w')].map(w => +w.style.getPropertyValue('--s'))"
    )
    sizes = abs(texts.word_contributions[position])
    assert shades == pytest.approx((sizes / sizes.max()).tolist(), abs=1e-5)
    page.press("Escape")
    assert partners(page) == before
    assert_harmless(page)


def test_of_long_texts_a_word_s_partners_that_are_left_out_are_counted_too(
    page: Page, tiny_encoder: Encoder, tmp_path: Path
) -> None:
    texts = explain_texts(tiny_encoder, " ".join(WORDS[:-3] * 9), " ".join(reversed(WORDS[:-3] * 8)))
    opened(page, tmp_path, explanation_page(texts, raw=True))
    word = page.run("document.querySelector('[data-side=left] .w:not(.unknown)').dataset.i")
    page.click(f"[data-side=left] [data-i='{word}']")
    part = float(texts.word_contributions[int(word)].sum(dtype=float))
    assert f" has {number(part)} of " in page.run("document.querySelector('.partners h3').textContent")
    *_, (rest, others) = partners(page)
    assert others == f"with {len(texts.right_words) - 8} others"
    best = sorted(texts.word_contributions[int(word)].astype(float), reverse=True)[:8]
    assert float(rest.replace("\u2212", "-")) == pytest.approx(part - sum(best), abs=6e-5)


def test_a_word_pointed_at_shows_its_partners_until_the_mouse_leaves(
    page: Page, texts: TextExplanation, tmp_path: Path
) -> None:
    opened(page, tmp_path, explanation_page(texts, raw=True))
    before = partners(page)
    x, y = page.run(
        "(() => { const b = document.querySelector(\"[data-side=left] [data-i='2']\").getBoundingClientRect();"
        "return [b.x + b.width / 2, b.y + b.height / 2]; })()"
    )
    page.send("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y)
    assert partners(page) == expected_partners(texts, 2)
    page.send("Input.dispatchMouseEvent", type="mouseMoved", x=5, y=5)
    assert partners(page) == before


def test_words_are_reached_by_keyboard(page: Page, texts: TextExplanation, tmp_path: Path) -> None:
    opened(page, tmp_path, explanation_page(texts, raw=True))
    for _ in range(5):
        page.press("Tab")
        if page.run("document.activeElement.classList.contains('w')"):
            break
    assert page.run("document.activeElement.dataset.i") == "0"
    assert page.run("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.press("ArrowRight")
    page.press("ArrowRight")
    assert partners(page) == expected_partners(texts, 2)
    page.press("Enter")
    assert page.run("document.activeElement.getAttribute('aria-pressed')") == "true"
    page.press("Tab")
    assert page.run("document.activeElement.closest('.words').dataset.side") == "right"
    assert partners(page) == expected_partners(texts, 2), "what was chosen stays"


def test_the_heat_map_tells_each_pair_s_share(page: Page, texts: TextExplanation, tmp_path: Path) -> None:
    opened(page, tmp_path, explanation_page(texts, raw=True))
    page.run("document.querySelector('.heat svg').focus()")
    for key in ("ArrowDown", "ArrowDown", "ArrowDown", "ArrowRight"):
        page.press(key)
    left = " ".join(texts.left_tokens[at].token for at in texts.left_words[2].tokens)
    right = " ".join(texts.right_tokens[at].token for at in texts.right_words[1].tokens)
    share = number(float(texts.word_contributions[2, 1]), 5)
    assert page.run("document.getElementById('tip').textContent") == f"{share} {left} ~ {right}"
    assert page.run("document.querySelectorAll('.heat text').length") == sum(texts.word_contributions.shape)


def test_hostile_notes_do_nothing_and_pairs_open(page: Page, notes: clinsearch.Collection, tmp_path: Path) -> None:
    explanation = notes.explain("</title><img src=x onerror=alert(1)>", "plain", pairs=3, raw=True)
    opened(page, tmp_path, explanation_page(explanation))
    page.click(".pair:not([open]) > summary")
    wait_for(page, "document.querySelectorAll('.pair[open]').length === 2")
    page.click(".matrix > summary")
    wait_for(page, "document.querySelector('.matrix svg')")
    page.run("document.querySelector('.matrix svg').focus()")
    page.press("ArrowRight")
    assert page.run("document.getElementById('tip').textContent").startswith(
        number(float(explanation.contributions[0, 0]), 5)
    )
    page.click(".pair[open] .heat > summary")
    wait_for(page, "document.querySelector('.heat svg')")
    page.click(".pair[open] [data-side=left] .w")
    assert page.run("document.images.length") == 0
    assert_harmless(page)


def test_a_map_tells_its_points_and_shows_a_group_alone(
    page: Page, notes: clinsearch.Collection, tmp_path: Path
) -> None:
    found = notes.map("sentence")
    opened(page, tmp_path, map_page(found, "type"))
    page.run("document.querySelector('.plot svg').focus()")
    for _ in found.points:
        page.press("ArrowRight")
        assert page.run("document.getElementById('tip').hidden") is False
    page.click("[data-group='1']")
    assert page.run("[...document.querySelectorAll('g')].map(g => g.classList.contains('away'))") == [False, True]
    assert_harmless(page)


def test_a_picture_of_a_map_is_harmless_too(page: Page, notes: clinsearch.Collection, tmp_path: Path) -> None:
    (tmp_path / "map.svg").write_text(map_svg(notes.map("sentence"), "type"), encoding="utf-8")
    page.open(tmp_path / "map.svg")
    assert page.run("document.querySelectorAll('use title').length") == len(notes.map("sentence").points)
    assert (page.dialogs, page.errors, len(page.requests)) == ([], [], 1)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_page_fits_a_telephone_and_its_words_stand_out_from_their_shades(
    page: Page, notes: clinsearch.Collection, tmp_path: Path, scheme: str
) -> None:
    explanation = notes.explain("</title><img src=x onerror=alert(1)>", "plain", pairs=3)
    for content in (explanation_page(explanation), map_page(notes.map(), "type")):
        opened(page, tmp_path, content, width=360, scheme=scheme)
        assert not page.run(IS_WIDE)
    opened(page, tmp_path, explanation_page(explanation), width=360, scheme=scheme)
    assert page.run(CONTRAST) >= 4.5
    page.click("#theme")
    other = {"light": "dark", "dark": "light"}[scheme]
    assert page.run("getComputedStyle(document.documentElement).colorScheme") == other
    assert page.run(CONTRAST) >= 4.5


# The least contrast between a word and what lies behind it, after WCAG 2, as a canvas paints the two.
CONTRAST = """(() => {
  const canvas = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
  const light = (...colours) => {
    for (const colour of colours) { canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1); }
    const [r, g, b] = [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3).map(v => v / 255)
      .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const card = getComputedStyle(document.querySelector('.view')).backgroundColor;
  return Math.min(...[...document.querySelectorAll('.w')].map(word => {
    word.style.setProperty('--s', 1);
    const style = getComputedStyle(word);
    const [a, b] = [light(card, style.color), light(card, style.backgroundColor)].sort((a, b) => b - a);
    return (a + 0.05) / (b + 0.05);
  }));
})()"""

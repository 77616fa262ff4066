"""Pages of two notes that open with reasons: numbers that add up, sentences that are linked, and text that is text."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import clinsearch
from clinsearch.encoder.encoder import Encoder
from clinsearch.explanation import explain_texts
from clinsearch.records import (
    AssertedSpan,
    LikenessParts,
    NoteExplanation,
    PlacedSentence,
    Reason,
    SentencePair,
    Unusual,
)
from clinsearch.rendering.accounts import account_of, adding_up, differences, reason_lines
from clinsearch.rendering.pages.explanations import explanation_page
from clinsearch.rendering.pages.page import TEMPLATES
from clinsearch.rendering.pictures.explanations import REASON_COLOURS, explanation_picture
from clinsearch.rendering.signs import visible
from tests.support.browser import Page, assert_harmless, chromium, opened, wait_for
from tests.support.pages import HOSTILE, Element, assert_needs_nothing_else, data_of, read

SIDES = ("left", "right")


def explained(
    size: int = 30, sentence: str = "Sentence {} of the {} note, with words enough to be one."
) -> NoteExplanation:
    """Two notes of so many sentences, the reasons of which are known."""
    places = [
        tuple(PlacedSentence(sentence.format(i, side), 0, 9, ("plan", "labs")[i * 2 // size]) for i in range(size))
        for side in SIDES
    ]
    shares = np.random.default_rng(1).normal(scale=1e-4, size=(size, size)).astype(np.float32)
    rare, denied = Unusual(0, 0, ()), Unusual(3, 7, (AssertedSpan(0, 8, "negated", 9, 11),))
    last = size - 1
    reasons = (
        Reason(((1, last),), 0.1236, denied, rare, is_template=False),
        Reason(((last, 2), (last - 1, 2), (last, 3)), 0.0872, rare, rare, is_template=False),
        Reason(((5, 5),), 0.0504, Unusual(100, 0, ()), Unusual(1, 12, ()), is_template=True),
        Reason(((1, 7),), 0.0301, rare, rare, is_template=False),
        Reason(((9, 9),), 0.0002, rare, rare, is_template=False),
        Reason(((0, 0),), 0.0001, rare, rare, is_template=False),
    )
    parts, background = LikenessParts(0.3, 0.2704, 0.0405), LikenessParts(0.1, 0.1, 0.0502)
    return NoteExplanation(
        *(parts.total, "one", "two", *places, shares, shares, ()),
        left_other_notes=tuple(9 if i == 3 else 8 for i in range(size)),
        right_other_notes=(0,) * size,
        parts=parts,
        background=background,
        reasons=reasons,
        unplaced=parts.total - background.total - float(shares.sum(dtype=np.float64)),
        sentences=56_825,
    )


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory, tiny_model: Path) -> NoteExplanation:
    """Two notes of a collection, both hostile, in whatever they have text."""
    folder = tmp_path_factory.mktemp("reasons")
    (folder / "notes").mkdir()
    left = {
        "note_id": "</title><img src=x onerror=alert(1)>",
        "text": f"PLAN <b>:\n{HOSTILE}\nNo cough at night.\nEdema.",
    }
    right = {"note_id": "<script>alert(2)</script>", "text": f"PLAN <i>:\n{HOSTILE}\nCough at night.\nMild edema."}
    (folder / "notes" / "notes.jsonl").write_text("\n".join(map(json.dumps, (left, right))))
    clinsearch.index(folder / "notes", folder / "collection", model=str(tiny_model))
    return clinsearch.open(folder / "collection").explain(left["note_id"], right["note_id"], pairs=2)


def thousandths(text: str) -> list[int]:
    return [round(float(found.replace("\u2212", "-")) * 1000) for found in re.findall("\u2212?\\d\\.\\d{3}", text)]


def notes_of(root: Element) -> dict[str, Element]:
    return {each.attributes["data-side"] or "": each for each in root.all("div", "note")}


def test_the_page_opens_with_sums_that_add_up_as_they_stand() -> None:
    root = read(explanation_page(explained()))
    (score,), (sums,) = root.all("p", "score"), root.all("p", "sums")
    (whole,) = thousandths(score.all("strong")[0].text)
    parts = score.all("span")[0].text
    assert parts == "openings 0.300 + words 0.270 + sentences 0.041"
    assert sum(thousandths(parts)) == whole == 611
    assert sums.text == "in common with any two notes here 0.250, these reasons 0.291, the rest 0.070"
    assert sum(thousandths(sums.text)) == whole
    bands = root.all("li", "reason")
    assert len(bands) == 5
    assert sum(thousandths(" ".join(band.all("b")[0].text for band in bands))) == 291


@given(st.lists(st.floats(-1, 1), min_size=1, max_size=8))
def test_rounded_summands_add_up_and_are_off_by_less_than_one_unit(summands: list[float]) -> None:
    rounded = adding_up(summands, sum(summands))
    assert round(sum(rounded), 9) == round(round(sum(summands) * 1000) / 1000, 9)
    assert all(abs(one - other) < 0.001 + 1e-9 for one, other in zip(summands, rounded, strict=True))


def test_a_reason_says_in_words_how_unusual_it_is() -> None:
    found = explained()
    lines = [" ".join(reason_lines(found, reason)) for reason in found.reasons]
    assert "Sentence: denied in the first, so in the second." in lines[0]
    assert "Of 56,825 sentences 3 are nearer to the first, none to the second." in lines[0]
    assert "The first stands in 7 other notes, the second in no other note." in lines[0]
    assert "And 2 more pairs that say the same." in lines[1]
    assert "100 or more are nearer to the first, 1 to the second." in lines[2]
    assert "template" in lines[2]
    bands = read(explanation_page(found)).all("li", "reason")
    assert [band.all("p")[0].text for band in bands] == lines[:5]
    assert [bool(band.all("small", "template")) for band in bands] == [False, False, True, False, False]


def test_what_one_side_denies_and_the_other_does_not_is_named() -> None:
    def said(left: str, right: str, *denied: tuple[int, int]) -> str:
        places = [PlacedSentence(text, 0, len(text), None) for text in (left, right)]
        return differences(places[0], [AssertedSpan(*span, "negated", 0, 2) for span in denied], places[1], [])

    assert said("No chest pain.", "Has chest pain.", (3, 13)) == "chest, pain: denied in the first, so in the second."
    assert said("No chest pain.", "Fevers.", (3, 13)) == ""
    assert said("No fever, a cough.", "Has a cough.", (3, 8)) == ""


def test_both_notes_stand_side_by_side_whole_with_reasons_marked_and_common_sentences_greyed() -> None:
    found = explained()
    notes = notes_of(read(explanation_page(found)))
    for side, places in zip(SIDES, (found.left, found.right), strict=True):
        sentences = notes[side].all("p", "s")
        assert [each.attributes["data-i"] for each in sentences] == list(map(str, range(len(places))))
        assert [each.all("span", "text")[0].text for each in sentences] == [place.sentence for place in places]
        assert [heading.text for heading in notes[side].all("h3")] == ["plan", "labs"]
        chips = {int(s.attributes["data-i"] or ""): [chip.text for chip in s.all("button")] for s in sentences}
        place = SIDES.index(side)
        meant = {
            i: {str(n + 1) for n, reason in enumerate(found.reasons[:5]) if i in [pair[place] for pair in reason.pairs]}
            for i in range(len(places))
        }
        assert {i: set(of_this) for i, of_this in chips.items()} == meant
    greyed = notes["left"].all("p", "common")
    assert [each.attributes["data-i"] for each in greyed] == ["3"]
    assert greyed[0].attributes["title"] == "stands in 10 notes"
    assert not notes["right"].all("p", "common")


def test_hostile_notes_are_text_on_the_page_and_in_the_picture(hostile: NoteExplanation) -> None:
    assert hostile.reasons
    content = explanation_page(hostile)
    assert_needs_nothing_else(content)
    root = read(content)
    for side, places in zip(SIDES, (hostile.left, hostile.right), strict=True):
        shown = [each.text for each in notes_of(root)[side].all("span", "text")]
        assert shown == [visible(place.sentence) for place in places]
    assert explanation_picture(hostile).startswith(b"\x89PNG")
    seen = "".join(each.text for each in root.all("body")) + str(data_of(root))
    assert not set(seen) & {"\x1b", "\x07", "\u2028", "\u202e"}


def test_a_page_of_two_notes_of_four_hundred_sentences_is_below_a_megabyte(tiny_encoder: Encoder) -> None:
    long = "Sentence {} of the {} note, " + "with a good many words of the kind that such notes have in them, " * 3
    found = explained(400, long)
    by_words = explain_texts(tiny_encoder, found.left[0].sentence, found.right[0].sentence)
    pairs = tuple(SentencePair(i, i, by_words, share=0.1, weight=0.1) for i in range(10))
    content = explanation_page(dataclasses.replace(found, pairs=pairs))
    assert len(content.encode()) <= 1_000_000
    root = read(content)
    assert [len(note.all("p", "s")) for note in notes_of(root).values()] == [400, 400]
    assert [each.text for each in root.all("h2")] == ["Reasons, best first", "The two notes", "Pairs by their words"]
    assert len(root.all("details", "pair")) == 10


def test_without_a_reason_the_page_and_the_picture_say_so() -> None:
    found = dataclasses.replace(explained(), reasons=())
    root = read(explanation_page(found))
    assert "No pair of sentences stands out" in root.text
    assert root.all("p", "sums")[0].text == "in common with any two notes here 0.250, the rest 0.361"
    assert not root.all("button", "chip")
    assert explanation_picture(found).startswith(b"\x89PNG")


def test_plain_shares_have_a_page_without_reasons() -> None:
    found = dataclasses.replace(explained(), parts=None, background=None, reasons=())
    assert account_of(found) is None
    root = read(explanation_page(found))
    assert "cosine, the sum of the shares of 900 pairs of sentences" in root.text
    assert not root.all("div", "note")


def test_the_picture_lists_the_reasons_with_their_shares(monkeypatch: pytest.MonkeyPatch) -> None:
    from matplotlib.figure import Figure

    written: list[str] = []
    monkeypatch.setattr(Figure, "savefig", lambda self, *_, **__: written.extend(t.get_text() for t in self.texts))
    found = explained()
    explanation_picture(found)
    account = account_of(found)
    assert account is not None
    assert [account.parts_line, account.reasons_line] == written[1:3]
    for number, (reason, share) in enumerate(zip(account.reasons, account.shares, strict=True), start=1):
        at = written.index(str(number))
        left, right = found.left[reason.pairs[0][0]].sentence, found.right[reason.pairs[0][1]].sentence
        assert written[at - 1 : at + 3] == [left, str(number), f"{share:.3f}", right]


# How colours are seen without the cones for long, middle and short waves (Machado, Oliveira and Fernandes 2009).
SEEN = {
    "all": np.eye(3),
    "protanopia": [[0.152, 1.053, -0.205], [0.115, 0.786, 0.099], [-0.004, -0.048, 1.052]],
    "deuteranopia": [[0.367, 0.861, -0.228], [0.280, 0.673, 0.047], [-0.012, 0.043, 0.969]],
    "tritanopia": [[1.256, -0.077, -0.179], [-0.078, 0.931, 0.148], [0.005, 0.691, 0.304]],
}


def linear(colour: str) -> np.ndarray:
    signs = np.array([int(colour[at : at + 2], 16) for at in (1, 3, 5)]) / 255
    return np.where(signs <= 0.04045, signs / 12.92, ((signs + 0.055) / 1.055) ** 2.4)


def lab(light: np.ndarray) -> np.ndarray:
    """Return CIE L*a*b* of linear sRGB, in which one is about the least difference that is seen."""
    to_xyz = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    xyz = np.array(to_xyz) @ np.clip(light, 0, 1) / [0.9505, 1, 1.089]
    x, y, z = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def test_the_colours_of_reasons_differ_for_every_eye_and_their_numbers_can_be_read() -> None:
    style = (TEMPLATES / "reasons.css").read_text()
    both = [re.search(rf"--r{n}: light-dark\((#\w+), (#\w+)\)", style) for n in range(1, 6)]
    light, dark = zip(*(found.groups() for found in both if found), strict=True)
    assert light == tuple(back for back, _ in REASON_COLOURS)
    for colours in (light, dark):
        for seen in SEEN.values():
            as_seen = [lab(np.array(seen) @ linear(colour)) for colour in colours]
            assert min(float(np.linalg.norm(a - b)) for a, b in combinations(as_seen, 2)) >= 25


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    with chromium(tmp_path_factory.mktemp("profile")) as opened:
        yield opened


def marked(page: Page) -> list[list[int]]:
    """Return which sentences are marked, left and right."""
    found: list[list[int]] = page.run(
        "['left', 'right'].map(side => [...document.querySelectorAll(`.note[data-side=${side}] .s.on`)]"
        ".map(each => +each.dataset.i))"
    )
    return found


IN_VIEW = """[...document.querySelectorAll('.s.on')].every(each => {
  const own = each.getBoundingClientRect(), box = each.closest('.note').getBoundingClientRect();
  return own.top >= box.top - 1 && own.bottom <= box.bottom + 1 && own.top >= 0 && own.bottom <= innerHeight;
})"""


@pytest.mark.slow
@pytest.mark.parametrize("width", [1300, 400])
def test_a_click_on_a_reason_or_a_sentence_brings_both_into_view_and_marks_them(
    page: Page, tmp_path: Path, width: int
) -> None:
    opened(page, tmp_path, explanation_page(explained(120)), width=width)
    page.click(".reason[data-reason='1'] .how-unusual")
    assert marked(page) == [[119], [2]]
    wait_for(page, IN_VIEW)
    assert page.run("document.querySelector('.reason.on').dataset.reason") == "1"
    assert page.run("document.querySelector('.now').textContent").startswith("Reason 2 of 5: share 0.087")
    page.click(".note[data-side=left] [data-i='118'] .text")
    assert marked(page) == [[118], [2]], "another pair that says the same"
    page.click(".note[data-side=right] [data-i='5'] .chip")
    assert marked(page) == [[5], [5]]
    wait_for(page, IN_VIEW)
    for expected in ([[1], [119]], [[1], [7]], [[1], [119]]):
        page.click(".note[data-side=left] [data-i='1'] .text")
        assert marked(page) == expected, "a sentence of two reasons goes from one to the other"
        wait_for(page, IN_VIEW)
    assert_harmless(page)


@pytest.mark.slow
def test_reasons_are_gone_through_by_keyboard(page: Page, tmp_path: Path) -> None:
    found = explained(120)
    opened(page, tmp_path, explanation_page(found))
    leading = [[[each] for each in reason.pairs[0]] for reason in found.reasons[:5]]
    for key, reason in (("n", 0), ("n", 1), ("p", 0), ("p", 4), ("n", 0)):
        page.press(key)
        assert marked(page) == leading[reason]
        wait_for(page, IN_VIEW)
    page.run("document.querySelector('.reason .chip').focus()")
    page.press("ArrowRight")
    assert marked(page) == leading[1]
    page.press("Escape")
    assert marked(page) == [[], []]
    page.press("Tab")
    assert page.run("document.activeElement.closest('.reason').dataset.reason") == "1"
    assert page.run("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.press("Enter")
    assert marked(page) == leading[1]
    assert page.run("document.activeElement.closest('.note').dataset.side") == "left"


@pytest.mark.slow
def test_the_columns_scroll_together_from_end_to_end(page: Page, tmp_path: Path) -> None:
    opened(page, tmp_path, explanation_page(explained(120)))
    tops = "[...document.querySelectorAll('.note')].map(each => each.scrollTop)"
    most = page.run("[...document.querySelectorAll('.note')].map(each => each.scrollHeight - each.clientHeight)")
    for chosen in (False, True):
        if chosen:
            page.press("n")
            before = page.run(tops)
            assert abs(before[0] - before[1]) > 500, "the first reason's sentences stand at either end"
        for side, top, ends in ((0, 1e6, most), (1, 0, [0, 0])):
            page.run(f"document.querySelectorAll('.note')[{side}].scrollTop = {top}")
            page.run("new Promise(seen => requestAnimationFrame(() => requestAnimationFrame(seen)))")
            assert page.run(tops) == pytest.approx(ends, abs=2)


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1200])
def test_hostile_notes_do_nothing_fit_and_can_be_read(
    page: Page, hostile: NoteExplanation, tmp_path: Path, scheme: str, width: int
) -> None:
    opened(page, tmp_path, explanation_page(hostile), width=width, scheme=scheme)
    page.press("n")
    assert all(marked(page))
    page.click(".pair > summary")
    page.click(".matrix > summary")
    wait_for(page, "document.querySelector('.matrix svg')")
    page.run("document.querySelector('.matrix svg').focus()")
    page.press("ArrowRight")
    assert visible(hostile.left[0].sentence)[-9:] in page.run("document.getElementById('tip').textContent")
    assert page.run("document.images.length") == 0
    assert not page.run("document.documentElement.scrollWidth > innerWidth")
    assert_harmless(page)
    opened(page, tmp_path, explanation_page(explained()), width=width, scheme=scheme)
    page.press("n")
    assert page.run(CONTRAST) >= 4.5


# The least contrast of what has a reason's colour behind it, or is greyed, after WCAG 2, as a canvas paints it.
CONTRAST = """(() => {
  const canvas = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
  const backs = (each) => each ? [...backs(each.parentElement), getComputedStyle(each).backgroundColor] : [];
  const light = (...colours) => {
    for (const colour of colours) { canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1); }
    const [r, g, b] = [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3).map(v => v / 255)
      .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const read = ['.chip', '.reason small', '.reason .sentence', '.how-unusual', '.reason b', '.s .text', '.sums',
    '.score span', '.remark', '.bar-of-sum i'].join();
  return Math.min(...[...document.querySelectorAll(read)].filter(each => each.textContent).map(each => {
    const behind = backs(each);
    const [a, b] = [light(...behind, getComputedStyle(each).color), light(...behind)].sort((a, b) => b - a);
    return (a + 0.05) / (b + 0.05);
  }));
})()"""

"""A note in a real browser: moved through by keys, a sentence and a word asked about, and nothing that runs from it."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest

from tests.support.chromiums import assert_accessible, themes, widths
from tests.support.served import HOSTILE_NOTE, Served

pytestmark = pytest.mark.slow


def address(note_id: str, **more: Any) -> str:
    return f"/note?{urlencode({'id': note_id, **more})}"


def focused(page: Any) -> str:
    return str(page.evaluate("document.activeElement.id"))


@themes
@widths
def test_a_note_can_be_read_by_everyone(browser_page: Any, served: Served) -> None:
    text = served.collection.note("n01").note.text
    start = text.index("Mild")
    browser_page.goto(address("n01", start=start, end=start + 10, q="edema"))
    assert_accessible(browser_page)
    assert browser_page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    browser_page.locator(".s").first.press("Enter")
    browser_page.locator(".panel .words button").first.wait_for()
    browser_page.locator(".panel .remark, .panel ol").last.wait_for()
    assert_accessible(browser_page)


def test_sentences_are_gone_through_by_keys(browser_page: Any) -> None:
    browser_page.goto(address("n02"))
    browser_page.locator("#s0").focus()
    for key, expected in (
        ("ArrowDown", "s1"),
        ("j", "s2"),
        ("k", "s1"),
        ("ArrowUp", "s0"),
        ("End", "s2"),
        ("Home", "s0"),
    ):
        browser_page.keyboard.press(key)
        assert focused(browser_page) == expected
    browser_page.keyboard.press("Enter")
    assert browser_page.locator("#s0").get_attribute("aria-pressed") == "true"
    browser_page.keyboard.press("Escape")
    assert browser_page.locator(".panel").is_hidden()
    assert focused(browser_page) == "s0"
    assert browser_page.locator(".s[tabindex='0']").count() == 1


def test_a_word_is_found_at_its_own_place(browser_page: Any, served: Served) -> None:
    """Offsets of the library count characters, those of a script do not: the hostile note has both kinds."""
    for note_id in ("n02", HOSTILE_NOTE["note_id"]):
        text = served.collection.note(note_id).note.text
        browser_page.goto(address(note_id))
        sentence = browser_page.locator(".s").last
        sentence.click()
        with browser_page.expect_request("**/api/v1/note/words?*") as asked:
            browser_page.locator(".panel .words button").last.click()
        word, at = browser_page.evaluate(
            "url => { const p = new URL(url).searchParams; return [p.get('word'), Number(p.get('at'))]; }",
            asked.value.url,
        )
        assert text[at : at + len(word)] == word
        browser_page.locator(".panel ol, .panel .remark").last.wait_for()


def test_what_a_hostile_note_holds_does_nothing(browser_page: Any) -> None:
    browser_page.goto(address(HOSTILE_NOTE["note_id"]))
    assert browser_page.locator("article img, article script, h1 img, h1 script").count() == 0
    browser_page.locator(".s").first.click()
    browser_page.locator(".panel blockquote").wait_for()
    assert browser_page.locator(".panel img, .panel script").count() == 0


@pytest.mark.parametrize("browser_options", [{"java_script_enabled": False}])
def test_without_scripts_a_note_is_read_all_the_same(browser_page: Any) -> None:
    browser_page.goto(address("n01", q="edema"))
    assert "Mild edema on the left." in browser_page.locator("article").inner_text()
    assert browser_page.locator("nav.sections a").first.is_visible()


def test_a_printed_note_has_no_sides(browser_page: Any) -> None:
    browser_page.goto(address("n01"))
    browser_page.emulate_media(media="print")
    assert browser_page.locator("nav.sections").is_hidden()
    assert browser_page.locator("article").is_visible()

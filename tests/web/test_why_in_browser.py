"""Why something was found, in a real browser: reasons that lead from side to side, words and their partners."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest

from tests.support.chromiums import assert_accessible, themes, widths
from tests.support.served import HOSTILE_NOTE, Served

pytestmark = pytest.mark.slow

QUERY = "fever and chills"


def of_hit(served: Served, place: int = 0, **more: Any) -> str:
    hit = served.collection.search(QUERY, 10)[place]
    return f"/why?{urlencode({'q': QUERY, 'note': hit.note_id, 'start': hit.start, 'end': hit.end, **more})}"


@themes
@widths
def test_a_hit_s_explanation_can_be_read_by_everyone(browser_page: Any, served: Served) -> None:
    browser_page.goto(of_hit(served))
    browser_page.locator("details.tokens > summary").click()
    assert_accessible(browser_page)
    assert browser_page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@themes
@pytest.mark.parametrize("asked", ["left=n01&right=n02", "left=n01&right=n02&against=n05"])
def test_two_notes_can_be_read_by_everyone(browser_page: Any, asked: str) -> None:
    browser_page.goto(f"/why?{asked}")
    assert_accessible(browser_page)


def test_lengths_and_shades_are_there_without_style_attributes(browser_page: Any, served: Served) -> None:
    browser_page.goto(of_hit(served))
    widths_of = browser_page.evaluate(
        "[...document.querySelectorAll('.sum i')].map(e => e.getBoundingClientRect().width)"
    )
    assert len(set(widths_of)) > 1
    shaded = "[...document.querySelectorAll('.w')].map(e => getComputedStyle(e).backgroundColor)"
    assert len(set(browser_page.evaluate(shaded))) > 1


def test_a_word_shows_its_partners_and_lets_go(browser_page: Any, served: Served) -> None:
    browser_page.goto(of_hit(served))
    before = browser_page.locator(".partners").inner_text()
    browser_page.locator("[data-side=left] .w").first.click()
    assert "by its partners" in browser_page.locator(".partners h3").inner_text()
    browser_page.keyboard.press("Escape")
    assert browser_page.locator(".partners").inner_text() == before


def test_reasons_lead_from_side_to_side_by_keys(browser_page: Any) -> None:
    browser_page.goto("/why?left=n01&right=n02")
    assert browser_page.locator(".reason").count() > 0, "there is no reason to go to"
    browser_page.keyboard.press("n")
    assert browser_page.locator(".note .s.on").count() == 2
    browser_page.locator("header input").focus()
    browser_page.keyboard.type("pain")
    assert browser_page.locator("header input").input_value() == "pain"


def test_another_hit_is_chosen_and_compared(browser_page: Any, served: Served) -> None:
    browser_page.goto(of_hit(served))
    browser_page.locator("#against").select_option(index=0)
    browser_page.get_by_role("button", name="Compare").click()
    browser_page.wait_for_url("**against=*")
    browser_page.locator(".whose-sign").wait_for()
    assert_accessible(browser_page)


def test_an_explanation_is_saved(browser_page: Any, served: Served) -> None:
    browser_page.goto(of_hit(served))
    for name in ("HTML", "JSON", "PNG"):
        with browser_page.expect_download() as saved:
            browser_page.locator(".exports").get_by_role("link", name=name).click()
        assert saved.value.suggested_filename == f"clinsearch-why.{name.lower()}"


def test_hostile_notes_do_nothing(browser_page: Any) -> None:
    browser_page.goto(f"/why?{urlencode({'left': HOSTILE_NOTE['note_id'], 'right': 'n02'})}")
    assert browser_page.locator("main img, main script").count() == 0

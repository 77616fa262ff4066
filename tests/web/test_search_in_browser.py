"""The search page in a real browser: keys, the dialog that tells them, the theme that is kept, and axe-core."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.chromiums import assert_accessible, themes, widths


@themes
@widths
@pytest.mark.parametrize("address", ["/", "/?q=fever", "/?q=%5Bdischarge%5D+home&level=token", "/similar?id=n01"])  # fmt: skip  # noqa: E501
def test_the_page_can_be_read_by_everyone(browser_page: Any, address: str) -> None:
    browser_page.goto(address)
    assert_accessible(browser_page)
    assert browser_page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_page_that_says_what_is_wrong_can_be_read_too(browser_page: Any, complaints: list[str]) -> None:
    browser_page.goto("/?q=fever&k=x")
    assert_accessible(browser_page)
    assert all("400" in one for one in complaints)  # which the browser itself says
    complaints.clear()


def test_results_are_gone_through_and_opened_by_keys(browser_page: Any) -> None:
    browser_page.goto("/?q=fever")
    for key, hit in (("j", 1), ("j", 2), ("k", 1), ("k", 1)):
        browser_page.keyboard.press(key)
        assert browser_page.evaluate("document.activeElement.closest('[data-item]').id") == f"hit-{hit}"
    browser_page.keyboard.press("/")
    browser_page.keyboard.type("j?")
    assert browser_page.input_value("[data-box]") == "j?"
    assert not browser_page.is_visible("#keys")


def test_keys_with_modifiers_are_the_browsers(browser_page: Any) -> None:
    browser_page.goto("/?q=fever")
    browser_page.keyboard.press("Control+j")
    assert browser_page.evaluate("document.querySelector('.current')") is None


def test_the_keys_are_told_in_a_dialog_that_gives_the_focus_back(browser_page: Any) -> None:
    browser_page.goto("/?q=fever")
    browser_page.keyboard.press("j")
    browser_page.keyboard.press("?")
    assert_accessible(browser_page)
    told = browser_page.inner_text("#keys dl")
    for says in ("Go to the search box", "Next result", "Why it was found", "Open the result"):
        assert says in told
    for _ in range(6):
        browser_page.keyboard.press("Tab")
        assert browser_page.evaluate(
            "document.activeElement === document.body || document.activeElement.closest('dialog') !== null"
        )
    browser_page.keyboard.press("Escape")
    assert browser_page.evaluate("document.activeElement.closest('[data-item]').id") == "hit-1"


def test_keys_can_be_switched_off_and_stay_so(browser_page: Any) -> None:
    browser_page.goto("/?q=fever")
    browser_page.click("#keys-button")
    browser_page.uncheck("#single-keys")
    browser_page.keyboard.press("Escape")
    browser_page.goto("/?q=pain")
    browser_page.keyboard.press("j")
    assert browser_page.evaluate("document.querySelector('.current')") is None


def test_a_theme_is_kept_across_pages(browser_page: Any) -> None:
    browser_page.goto("/")
    browser_page.click("#theme")
    browser_page.goto("/?q=fever")
    assert browser_page.evaluate("document.documentElement.dataset.theme") == "dark"


def test_a_filter_searches_at_once_by_a_short_address(browser_page: Any) -> None:
    browser_page.goto("/?q=fever")
    browser_page.check("input[name=type][value=consult]")
    browser_page.wait_for_url("**/?q=fever&type=consult")
    assert browser_page.is_checked("input[name=type][value=consult]")
    browser_page.go_back()
    assert not browser_page.is_checked("input[name=type][value=consult]")


def test_the_places_of_a_sentence_open_below_it(browser_page: Any) -> None:
    browser_page.goto("/?q=denies+fever+and+chills")
    browser_page.click("[data-places] >> nth=0")
    browser_page.wait_for_selector(".places a")
    assert browser_page.locator(".places li").count() == 2
    assert browser_page.get_attribute("[data-places] >> nth=0", "aria-expanded") == "true"


def test_how_many_results_there_are_is_announced(browser_page: Any) -> None:
    browser_page.goto("/?q=fever&type=consult")
    browser_page.locator("#live:not(:empty)").wait_for(state="attached")
    assert browser_page.inner_text("[data-announce]") == browser_page.text_content("#live")

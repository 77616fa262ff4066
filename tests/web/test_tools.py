"""The tools of these tests: a browser's complaints are heard, and axe-core finds what cannot be read."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.chromiums import assert_accessible, themes, widths
from tests.support.served import NOTES, Served


def test_a_collection_is_served(served: Served) -> None:
    assert served.json("status")["notes"] == len(NOTES) + 1
    assert served.page("/collection").xpath("//h1")
    assert served.ask("/nowhere").status == 404


@themes
@widths
def test_a_page_is_opened_in_a_theme_at_a_width(browser_page: Any, color_scheme: str, width: int) -> None:
    browser_page.goto("/collection")
    assert browser_page.evaluate(f"matchMedia('(prefers-color-scheme: {color_scheme})').matches")
    assert browser_page.evaluate("innerWidth") == width


REFUSED = "Content Security Policy"


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("setTimeout(() => { throw new Error('thrown') })", "exception: thrown"),
        ("console.error('wrong')", "error: wrong"),
        ("document.body.setAttribute('style', 'color: red')", REFUSED),
        (
            "document.body.append(Object.assign(document.createElement('script'), {text: '1'}))",
            "Content Security Policy",
        ),
        ("fetch('http://127.0.0.1:9/x').catch(() => 0)", REFUSED),
        ("location.href = 'http://127.0.0.1:9/x'", "asked for http://127.0.0.1:9/x"),
        ("setTimeout(() => alert('hello'))", "dialog: hello"),
    ],
)
def test_what_a_page_should_not_do_is_heard(browser_page: Any, complaints: list[str], script: str, said: str) -> None:
    browser_page.goto("/collection")
    browser_page.evaluate(f"() => {{ {script} }}")
    for _ in range(100):
        if any(said in one for one in complaints):
            break
        browser_page.wait_for_timeout(20)
    assert any(said in one for one in complaints), complaints
    complaints.clear()


def test_axe_finds_what_cannot_be_read(browser_page: Any) -> None:
    browser_page.goto("/collection")
    browser_page.evaluate("document.body.append(document.createElement('button'))")
    with pytest.raises(AssertionError, match="button-name"):
        assert_accessible(browser_page)

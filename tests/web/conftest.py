"""A small collection that is served, and a browser to look at it with.

    def test_x(served): served.page("/note", {"id": "n01"}).cssselect("h1"); served.json("status")
    def test_y(browser_page): browser_page.goto("/"); assert_accessible(browser_page)

A test that asks for `browser_page` is a slow one by that. `@themes` runs it in both themes, `@widths` on a wide screen
and on a narrow one; a module or test may also give `browser_options` (a fixture, or a parameter) of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.chromiums import MILLISECONDS_TO_WAIT, chromium, watch
from tests.support.collections import folder_in_memory
from tests.support.served import Served, serving, write_collection


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="session")
def served_folder(tiny_model: Path) -> Iterator[Path]:
    """The folder of a collection of eleven short notes of four patients, one of them hostile; not to be changed."""
    with folder_in_memory() as folder:
        yield write_collection(folder, tiny_model)


@pytest.fixture(scope="session")
def served(served_folder: Path) -> Iterator[Served]:
    """That collection, served; no test may change what it is."""
    with serving(served_folder) as started:
        yield started


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """A Chromium for the tests of a module: asyncio cannot be used beside it."""
    with chromium() as launched:
        yield launched


@pytest.fixture
def color_scheme() -> str:
    return "light"


@pytest.fixture
def width() -> int:
    return 1200


@pytest.fixture
def browser_options() -> dict[str, Any]:
    """More options of Playwright's browser.new_context: java_script_enabled, reduced_motion, forced_colors …"""
    return {}


@pytest.fixture
def complaints() -> list[str]:
    """What the page has done that it should not; a test that provokes it looks at it, and empties the list."""
    return []


@pytest.fixture
def browser_page(
    browser: Any,
    served: Served,
    color_scheme: str,
    width: int,
    browser_options: dict[str, Any],
    complaints: list[str],
) -> Iterator[Any]:
    """A page of a browser that knows nothing yet, for addresses such as "/note?id=n01" of the served collection.

    Fails at its end if there was an error in a script, or in the console, a refusal by the policy, a dialog, or a
    request to anywhere else.
    """
    wanted = {
        "base_url": served.url,
        "color_scheme": color_scheme,
        "viewport": {"width": width, "height": 900},
        **browser_options,
    }
    context = browser.new_context(**wanted)
    context.set_default_timeout(MILLISECONDS_TO_WAIT)
    watch(context, served.url, complaints)
    try:
        yield context.new_page()
    finally:
        context.close()
    assert complaints == []

"""Debian's Chromium, driven by Playwright: what a page does that it should not is kept, and axe-core reads it."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Nothing but this machine has an address.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
)
# What is waited for here happens at once, or never.
MILLISECONDS_TO_WAIT = 10_000
# .ci/run puts axe-core there, from npm: it is no part of the program.
AXE = (
    Path(os.environ.get("CLINSEARCH_TESTS_AXE", Path(sys.prefix) / "axe")) / "node_modules" / "axe-core" / "axe.min.js"
)
themes = pytest.mark.parametrize("color_scheme", ["light", "dark"])
widths = pytest.mark.parametrize("width", [1200, 360])
_RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


def without(what: str) -> NoReturn:
    """Skip a test that needs a browser; with CLINSEARCH_TESTS_NEED_BROWSER=1 fail it."""
    if os.environ.get("CLINSEARCH_TESTS_NEED_BROWSER", "0") != "0":
        pytest.fail(f"no {what}")
    pytest.skip(f"no {what}")


@contextmanager
def chromium() -> Iterator[Any]:
    """Give a Playwright browser; while one is there this thread has a running event loop, so keep it for short."""
    program = next(filter(None, map(shutil.which, NAMES)), None)
    if program is None:
        without("Chromium to open pages in")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        without("Playwright to drive a browser with")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=program, args=list(FLAGS), chromium_sandbox=False)
        try:
            yield launched
        finally:
            launched.close()


def watch(context: Any, address: str, wrong: list[str]) -> None:
    """Write down what pages do from now on that they should not.

    That is: errors in scripts and in the console, where the browser says too what the policy has refused; dialogs; and
    requests to anywhere but `address`.
    """

    def asked(request: Any) -> None:
        if not request.url.startswith((f"{address}/", "data:", "blob:", "about:")):
            wrong.append(f"asked for {request.url}")

    def said(message: Any) -> None:
        if message.type in ("error", "warning"):
            wrong.append(f"{message.type}: {message.text} ({message.location.get('url', '')})")

    def opened(dialog: Any) -> None:
        wrong.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    context.on("request", asked)
    context.on("console", said)
    context.on("dialog", opened)
    context.on("weberror", lambda error: wrong.append(f"exception: {error.error}"))


def assert_accessible(page: Any, **options: Any) -> None:
    """Have axe-core read the page as it is now, and fail where it finds anything."""
    if not AXE.exists():
        without("axe-core: npm install --prefix .venv/axe axe-core")
    # By the debugger, which the page's policy does not concern.
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("options => axe.run(document, options)", _RULES | options)
    assert found["passes"], "axe-core has looked at nothing"
    broken = [
        f"{one['id']}: {one['help']}\n" + "\n".join(f"    {node['html'][:300]}" for node in one["nodes"][:5])
        for one in found["violations"]
    ]
    assert not broken, "\n".join(broken)

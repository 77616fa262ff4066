"""The log says that something was asked and how it went, never what."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from clinsearch.rendering.faults import TRACEBACK_VARIABLE
from clinsearch.web.operations import OPERATIONS
from clinsearch.web.operations.collection import STATUS
from tests.support.served import Served, serving

MARK = "zebrafever"
LINE = re.compile(
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z [0-9a-f]+-\d+ (GET|HEAD|POST|DELETE|-) (-|/[\w/-]*) \d{3} \d+ ms"
)


@pytest.fixture
def own(served_folder: Path) -> Iterator[Served]:
    with serving(served_folder) as started:
        yield started


def test_nothing_that_was_asked_for_is_in_the_log(own: Served, capfd: pytest.CaptureFixture[str]) -> None:
    for operation in OPERATIONS:
        for parameter in operation.parameters:
            own.ask(f"/api/v1/{operation.name}", {parameter.name: MARK, "q": MARK, "text": MARK, "name": MARK})
    for path in ("/", "/collection", f"/{MARK}", f"/note/{MARK}", f"/static/{MARK}", f"/%0a{MARK}"):
        own.ask(path, {"q": MARK, MARK: MARK}, headers={"Referer": f"/{MARK}", "User-Agent": MARK, "Cookie": MARK})
    own.ask("/notes/delete", method="POST", body=f"id={MARK}".encode())
    own.ask("/", headers={"Host": MARK})
    own.exchange(f"{MARK} /{MARK} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
    own.exchange(f"GET /{MARK}".encode(), b"\x00\r\n\r\n")
    lines = capfd.readouterr().err.splitlines()
    assert len(lines) > len(OPERATIONS)
    assert MARK not in "\n".join(lines)
    assert [line for line in lines if not LINE.fullmatch(line)] == []


def test_the_number_of_a_request_is_in_its_answer(own: Served, capfd: pytest.CaptureFixture[str]) -> None:
    number = own.ask("/collection").headers["x-request-id"]
    own.ask("/")
    assert f" {number} GET /collection 200 " in capfd.readouterr().err


def failing(monkeypatch: pytest.MonkeyPatch) -> None:
    def ask(*_: Any) -> Any:
        raise KeyError(f"{MARK} in a note")

    monkeypatch.setattr(type(STATUS), "given", ask)


@pytest.mark.parametrize("path", ["/collection", "/api/v1/status"])
def test_a_fault_is_logged_by_its_kind_and_place(
    own: Served, path: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    failing(monkeypatch)
    answer = own.ask(path)
    assert answer.status == 500
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-request-id"] in answer.text
    own.ask("/static/page.css")  # the log of a request is written after its answer
    said = capfd.readouterr().err
    assert re.search(rf"{answer.headers['x-request-id']} fault KeyError at \w+\.py:\d+\n", said)
    assert MARK not in said + answer.text
    assert "Traceback" not in said


def test_a_traceback_is_shown_to_who_asks_for_it(
    own: Served, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    failing(monkeypatch)
    monkeypatch.setenv(TRACEBACK_VARIABLE, "1")
    answer = own.ask("/collection")
    own.ask("/static/page.css")
    assert MARK in capfd.readouterr().err
    assert MARK not in answer.text


def test_what_fails_beside_a_request_is_told_without_its_message(
    own: Served, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Such as a task that nobody waits for."""
    loops: list[asyncio.AbstractEventLoop] = []
    given = type(STATUS).read

    def read(self: Any, *asked: Any) -> Any:
        loops.append(asyncio.get_running_loop())
        return given(self, *asked)

    monkeypatch.setattr(type(STATUS), "read", read)
    own.ask("/api/v1/status")

    def fail() -> None:
        raise ValueError(MARK)

    call: Callable[..., Any] = loops[0].call_soon_threadsafe
    call(fail)
    own.ask("/static/page.css")
    said = capfd.readouterr().err
    assert "fault ValueError" in said
    assert MARK not in said


def test_uvicorn_says_nothing(own: Served) -> None:
    assert own.ask("/static/page.css").status == 200
    assert not logging.getLogger("uvicorn.error").isEnabledFor(logging.CRITICAL)

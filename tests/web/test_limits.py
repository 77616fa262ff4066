"""Too much, too long, too slow: each is answered, and nothing waits for ever."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from clinsearch.web import protocol
from clinsearch.web.guards import limits
from clinsearch.web.work import Workers
from tests.support.served import Served, serving

HEAD = b"GET /collection HTTP/1.1\r\nHost: localhost\r\n"


@pytest.fixture(scope="module")
def hurried(served_folder: Path) -> Iterator[Served]:
    """A server that has little patience."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(protocol.Protocol, "head_seconds", 0.4)
        patch.setattr(protocol.Protocol, "taking_seconds", 0.4)
        patch.setattr(limits, "BODY_SECONDS", 0.4)
        with serving(served_folder) as started:
            yield started


@pytest.mark.parametrize(
    ("request_bytes", "status"),
    [
        (b"GET /?q=" + b"x" * 9_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n", b"414"),
        (b"GET /?q=" + b"x" * 40_000, b"414"),
        (HEAD + b"X: " + b"x" * 40_000, b"431"),
        (HEAD + b"X: y\r\n" * 9_000, b"431"),
        (b"nonsense\r\n\r\n", b"400"),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", b"400"),
        (b"POST /notes/delete HTTP/1.1\r\nHost: localhost\r\nContent-Length: 999999999\r\n\r\n", b"413"),
        (b"POST /notes/delete HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999999999\r\n\r\n", b"413"),
        (b"POST /notes/delete HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n", b"400"),
        (
            b"POST /notes/delete HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
            + b"4000\r\n" + b"x" * 0x4000 + b"\r\n" + b"ffff\r\n" + b"x" * 0xFFFF + b"\r\n",
            b"413",
        ),
    ],
)  # fmt: skip
def test_what_is_too_long_is_told_so(served: Served, request_bytes: bytes, status: bytes) -> None:
    answer = served.exchange(request_bytes)
    assert answer.split(b" ", 2)[1] == status, answer[:200]
    assert b"Cache-Control: no-store" in answer or b"cache-control: no-store" in answer


@pytest.mark.parametrize(
    "parameters",
    [{"k": 100_000, "q": "fever"}, {"k": 0, "q": "fever"}, {"q": "x" * 2_001}, {"q": "fever", "type": ["x"] * 51}],
)
def test_parameters_have_limits(served: Served, parameters: dict[str, object]) -> None:
    assert served.ask("/api/v1/patients", parameters).status == 400


@pytest.mark.parametrize("begun", [b"", b"GET /coll", HEAD, HEAD + b"X: y\r\n"])
def test_a_head_that_does_not_come_is_not_waited_for(hurried: Served, begun: bytes) -> None:
    before = time.monotonic()
    answer = hurried.exchange(begun) if begun else hurried.exchange()
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert time.monotonic() - before < 5


def test_a_head_that_trickles_in_is_not_waited_for(hurried: Served) -> None:
    with pytest.raises((BrokenPipeError, ConnectionResetError)):
        hurried.exchange(HEAD, *[b"X: y\r\n"] * 40, pause=0.1)


def test_a_second_head_on_a_connection_is_not_waited_for_either(hurried: Served) -> None:
    answer = hurried.exchange(HEAD + b"\r\n", b"GET /", pause=0.1)
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert b"HTTP/1.1 408 " in answer


def test_a_body_that_does_not_come_is_not_waited_for(hurried: Served) -> None:
    post = b"POST /notes/delete HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nid="
    assert hurried.exchange(post).startswith(b"HTTP/1.1 408 ")


def test_other_clients_do_not_notice_slow_ones(hurried: Served) -> None:
    slow = [socket.create_connection((hurried.host, hurried.port)) for _ in range(200)]
    try:
        for one in slow:
            one.sendall(HEAD)
        assert hurried.ask("/collection").status == 200
    finally:
        for one in slow:
            one.close()


def test_those_who_are_too_many_are_told_to_come_again(served_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(served_folder) as served:
        monkeypatch.setattr(protocol.Protocol, "most_connections", 20)
        held = [socket.create_connection((served.host, served.port)) for _ in range(20)]
        try:
            answer = served.ask("/collection")
            assert (answer.status, answer.headers["retry-after"]) == (429, "1")
        finally:
            for one in held:
                one.close()
        for _ in range(100):
            if served.ask("/collection").status == 200:
                break
            time.sleep(0.05)
        assert served.ask("/collection").status == 200


def test_more_than_can_be_answered_is_refused_politely(served_folder: Path) -> None:
    """A thousand at once: each gets an answer."""
    with serving(served_folder) as served:
        threads = served.app.state.workers.threads
        may_end = threading.Event()
        blocked = [served.app.state.workers._pool.submit(may_end.wait, 20) for _ in range(threads)]
        served.app.state.workers._most = threads
        sockets = [socket.create_connection((served.host, served.port), 20) for _ in range(300)]
        try:
            for one in sockets:
                one.sendall(HEAD + b"Connection: close\r\n\r\n")
            refused = [one for one in sockets[threads:] if one.recv(100).startswith(b"HTTP/1.1 429 ")]
            assert len(refused) >= len(sockets) - 2 * threads
            may_end.set()
            assert all(one.recv(100) for one in sockets[:threads])
        finally:
            may_end.set()
            for one in sockets:
                one.close()
        assert all(one.result() for one in blocked)
        assert served.ask("/collection").status == 200


def test_a_client_that_has_gone_leaves_its_place(served_folder: Path) -> None:
    with serving(served_folder) as served:
        workers: Workers = served.app.state.workers
        may_end = threading.Event()
        blocked = [workers._pool.submit(may_end.wait, 20) for _ in range(workers.threads)]
        gone = [socket.create_connection((served.host, served.port)) for _ in range(5)]
        for one in gone:
            one.sendall(HEAD + b"\r\n")
        assert within(5, lambda: workers._taken == 5)
        for one in gone:
            one.close()
        assert within(5, lambda: workers._taken == 0)
        may_end.set()
        assert all(one.result() for one in blocked)


def within(seconds: float, holds: object) -> bool:
    assert callable(holds)
    until = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > until:
            return False
        time.sleep(0.02)
    return True


def test_a_regular_expression_holds_nobody_up(served: Served) -> None:
    bomb = {"regex": ".*" * 40 + r"\x00"}
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(served.ask, "/api/v1/vocab", bomb)
        before = time.monotonic()
        assert served.ask("/static/page.css").status == 200
        assert time.monotonic() - before < 3
        assert slow.result().status in (200, 400)


def test_answers_at_the_same_time_are_those_one_after_another(served: Served) -> None:
    asked = [{"q": words, "k": 5} for words in ("fever", "short of breath", "wound drainage", "no cough", "chest pain")]
    alone = [served.json("patients", one) for one in asked]
    with ThreadPoolExecutor(16) as pool:
        together = list(pool.map(lambda one: served.json("patients", one), asked * 5))
    # What is encoded in one batch with others differs in its last digits.
    near = [json.loads(json.dumps(one), parse_float=lambda text: round(float(text), 3)) for one in (*together, *alone)]
    assert near[: len(together)] == near[len(together) :] * 5

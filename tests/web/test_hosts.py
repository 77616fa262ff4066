"""Pages of other sites, and names that they point at this address, get at nothing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from clinsearch.web.serving import Serving
from clinsearch.web.static_files import static_address
from tests.conftest import PROJECT
from tests.support.served import Served, serving


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "LOCALHOST:9000", "[::1]:8765"])
def test_a_name_of_this_machine_is_served_at_any_port(served: Served, host: str) -> None:
    assert served.ask("/api/v1/status", headers={"Host": host}).status == 200


@pytest.mark.parametrize(
    "host",
    ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example:80", "localhost:x", "user@localhost", "", "a b"],
)
@pytest.mark.parametrize("path", ["/", "/api/v1/status", "/static/page.css", "/collection"])
def test_another_name_is_not_served(served: Served, host: str, path: str) -> None:
    answer = served.ask(path, headers={"Host": host})
    assert answer.status == 421
    assert answer.headers["cache-control"] == ("no-cache" if path.startswith("/static/") else "no-store")


def test_two_hosts_or_none_are_refused(served: Served) -> None:
    assert b" 400 " in served.exchange(b"GET / HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n")[:20]
    assert b" 400 " in served.exchange(b"GET / HTTP/1.1\r\n\r\n")[:20]
    assert b" 421 " in served.exchange(b"GET / HTTP/1.0\r\n\r\n")[:20]


def test_a_name_that_was_allowed_is_served(served_folder: Path) -> None:
    with serving(served_folder, Serving(names=("notes.example.org",))) as served:
        assert served.ask("/collection", headers={"Host": "Notes.Example.org"}).status == 200
        assert served.ask("/collection", headers={"Host": "other.example.org"}).status == 421


def unsafe(served: Served, **headers: str) -> int:
    written = {name.replace("_", "-"): value for name, value in headers.items()}
    return served.ask("/notes/delete", method="POST", body=b"id=n01", headers=written).status


def test_a_form_of_another_site_is_refused(served: Served) -> None:
    own = served.url
    assert unsafe(served, Origin=own) == 403  # read-only, not another site: see below
    for origin in (
        "null",
        "https://evil.example",
        "http://127.0.0.1:1",
        "http://localhost",
        own.replace("http", "https"),
    ):
        answer = served.ask("/notes/delete", method="POST", body=b"id=n01", headers={"Origin": origin})
        assert (answer.status, "another site" in answer.text) == (403, True), origin
    for site in ("cross-site", "same-site", "anything"):
        answer = served.ask("/api/v1/notes", {"id": "n01"}, method="DELETE", headers={"Sec-Fetch-Site": site})
        assert (answer.status, "another site" in answer.json()["error"]) == (403, True), site
    answer = served.ask("/api/v1/notes", {"id": "n01"}, method="DELETE", headers={"Origin": own})
    assert "--allow-writes" in answer.json()["error"]


def test_another_site_can_link_here_and_nothing_else(served: Served) -> None:
    link = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
    assert served.ask("/collection", headers=link).status == 200
    assert served.ask("/api/v1/status", headers=link).status == 403
    assert served.ask("/collection", headers=link | {"Sec-Fetch-Dest": "iframe"}).status == 403
    assert served.ask("/collection", headers={"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "no-cors"}).status == 403
    assert served.ask("/collection", headers={"Sec-Fetch-Site": "same-origin"}).status == 200


@pytest.mark.parametrize("method", ["PUT", "PATCH", "OPTIONS", "TRACE", "CONNECT", "X"])
def test_other_methods_are_refused(served: Served, method: str) -> None:
    answer = served.exchange(f"{method} / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
    assert answer.startswith(b"HTTP/1.1 405 ")
    assert b"allow: GET, HEAD, POST, DELETE" in answer


def test_pages_are_only_read(served: Served) -> None:
    assert served.ask("/collection", method="POST").status == 405
    assert served.ask("/notes/delete").status == 405
    head = served.ask("/collection", method="HEAD")
    assert (head.status, head.body) == (200, b"")


@pytest.mark.parametrize(
    "path",
    ["/static/../app.py", "/static/%2e%2e/app.py", "/static/..%2f..%2fserver.py", "/static//etc/passwd", "/static/"],
)
def test_only_our_own_files_are_given(served: Served, path: str) -> None:
    request = f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode()
    assert served.exchange(request).split()[1] in (b"404", b"405")


def test_a_style_is_kept_by_browsers_as_long_as_it_is_the_same(served: Served) -> None:
    named = static_address("web.css")
    assert named in served.ask("/").text
    assert served.ask(named).headers["cache-control"] == "private, max-age=31536000, immutable"
    for other in ("/static/web.css", "/static/web.css?v=0123456789abcdef"):
        answer = served.ask(other)
        assert (answer.status, answer.headers["cache-control"]) == (200, "no-cache")
        assert answer.body == (PROJECT / "clinsearch/web/static/web.css").read_bytes()
    assert served.ask("/static/page.html").status == 404


def test_a_websocket_is_not_opened(served: Served) -> None:
    headers = b"Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: x3JJHMbDL1EzLkh9GBhXDw==\r\n"
    answer = served.exchange(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade, close\r\n" + headers + b"\r\n")
    assert answer.split()[1] == b"200"


def test_every_answer_has_the_headers_that_keep_it_in(served: Served) -> None:
    for path in ("/", "/collection", "/api/v1/status", "/nowhere", "/static/page.css", "/api/v1/nowhere"):
        headers = served.ask(path).headers
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cache-control"] == ("no-cache" if path.startswith("/static/") else "no-store")
        assert "server" not in headers


def test_names_at_which_it_is_served() -> None:
    assert "10.1.2.3" in Serving(host="10.1.2.3").hosts
    assert "localhost" not in Serving(host="10.1.2.3").hosts
    assert "0.0.0.0" not in replace(Serving(), host="0.0.0.0").hosts
    assert "[fd00::1]" in Serving(host="fd00::1").hosts

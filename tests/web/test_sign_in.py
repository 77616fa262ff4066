"""Who has a token is let in, and nobody else; browsers get a cookie for it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest

from clinsearch.errors import SettingError
from clinsearch.web.guards.sessions import MOST_FAILED, MOST_IDLE_SECONDS, MOST_SECONDS, Attempts, Sessions
from clinsearch.web.guards.tokens import Tokens
from clinsearch.web.serving import Serving
from tests.support.served import Answer, Served, serving

TOKEN, OTHER = "t" * 20 + "0123456789abcdef", "o" * 40
STATUS = "/api/v1/status"


def token_file(folder: Path, text: str = f"# who may look\nada {TOKEN}\n\n{OTHER}\n", mode: int = 0o600) -> Path:
    path = folder / "tokens"
    path.write_text(text, encoding="utf-8")
    path.chmod(mode)
    return path


@pytest.fixture(scope="module")
def guarded(served_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(served_folder, Serving(token_file=token_file(tmp_path_factory.mktemp("guarded")))) as started:
        yield started


def sign_in(served: Served, token: str, then: str = "/collection") -> Answer:
    body = urlencode({"token": token, "then": then}).encode()
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Origin": served.url}
    return served.ask("/sign-in", method="POST", body=body, headers=headers)


def cookie_of(answer: Answer) -> str:
    return answer.headers["set-cookie"].partition(";")[0]


def test_a_program_needs_its_token(guarded: Served) -> None:
    assert guarded.ask(STATUS).status == 401
    assert guarded.ask(STATUS).headers["www-authenticate"] == "Bearer"
    for written in (f"Bearer {TOKEN}", f"bearer  {OTHER}"):
        assert guarded.ask(STATUS, headers={"Authorization": written}).status == 200
    for written in (f"Bearer {TOKEN[:-1]}", f"Bearer {TOKEN}x", "Bearer", f"Basic {TOKEN}", TOKEN):
        answer = guarded.ask(STATUS, headers={"Authorization": written})
        assert (answer.status, set(answer.json())) == (401, {"error", "status"})


def test_a_browser_is_asked_and_goes_on_to_where_it_was(guarded: Served) -> None:
    answer = guarded.ask("/collection", {"x": "a b&c"})
    assert answer.status == 401
    assert answer.page().xpath("//input[@name='then']/@value") == ["/collection?x=a+b%26c"]
    signed = sign_in(guarded, TOKEN, "/collection?x=1")
    assert (signed.status, signed.headers["location"]) == (303, "/collection?x=1")
    cookie = cookie_of(signed)
    assert TOKEN not in signed.headers["set-cookie"]
    assert {"httponly", "samesite=strict", "path=/"} <= set(signed.headers["set-cookie"].lower().split("; "))
    assert guarded.ask("/collection", headers={"Cookie": cookie}).status == 200
    assert guarded.ask(STATUS, headers={"Cookie": cookie}).status == 200
    assert guarded.ask("/collection", headers={"Cookie": cookie[:-1]}).status == 401


def test_signing_out_ends_it(guarded: Served) -> None:
    cookie = cookie_of(sign_in(guarded, OTHER))
    assert guarded.ask("/sign-out", headers={"Cookie": cookie}).status == 303  # a link does nothing
    assert guarded.ask("/collection", headers={"Cookie": cookie}).page().xpath("//form[@action='/sign-out']//button")
    assert guarded.ask("/sign-out", method="POST", headers={"Cookie": cookie, "Origin": guarded.url}).status == 303
    assert guarded.ask("/collection", headers={"Cookie": cookie}).status == 401


@pytest.mark.parametrize("then", ["//evil.example", "/\\evil.example", "https://evil.example", "", "/\r\nX: y", "x"])
def test_signing_in_leads_nowhere_else(guarded: Served, then: str) -> None:
    assert sign_in(guarded, TOKEN, then).headers["location"] == "/"


def test_nothing_of_the_notes_is_shown_without_a_token(guarded: Served) -> None:
    paths = {route.path for route in guarded.app.routes} | {"/nowhere", "/api/v1/notes", "/sign-out"}
    for path in paths - {"/static/{name}"}:
        assert guarded.ask(path).status == 401, path
        assert guarded.ask(path, method="POST").status == 401, path
    assert guarded.ask("/static/page.css").status == 200
    assert guarded.ask("/sign-in").status == 200


def test_a_cookie_is_for_https_alone_behind_a_proxy(served_folder: Path, tmp_path: Path) -> None:
    options = Serving(token_file=token_file(tmp_path), behind_proxy=True, names=("notes.example.org",))
    with serving(served_folder, options) as served:
        body = urlencode({"token": TOKEN}).encode()
        headers = {"Host": "notes.example.org", "Origin": "https://notes.example.org"}
        answer = served.ask("/sign-in", method="POST", body=body, headers=headers)
        assert answer.headers["set-cookie"].startswith("__Host-clinsearch=")
        assert "secure" in answer.headers["set-cookie"].lower().split("; ")
        plain = headers | {"Origin": "http://notes.example.org"}
        assert served.ask("/sign-in", method="POST", body=body, headers=plain).status == 403


def test_who_guesses_has_to_wait(served_folder: Path, tmp_path: Path) -> None:
    options = Serving(token_file=token_file(tmp_path), behind_proxy=True, names=("localhost",))
    with serving(served_folder, options) as served:
        one, other = ({"X-Forwarded-For": f"9.9.9.9, {address}"} for address in ("10.0.0.1", "10.0.0.2"))
        for _ in range(MOST_FAILED):
            assert served.ask(STATUS, headers=one | {"Authorization": "Bearer wrong"}).status == 401
        answer = served.ask(STATUS, headers=one | {"Authorization": f"Bearer {TOKEN}"})
        assert answer.status == 429
        assert 1 <= int(answer.headers["retry-after"]) <= 61
        assert served.ask(STATUS, headers=other | {"Authorization": f"Bearer {TOKEN}"}).status == 200


def test_a_session_ends_by_itself() -> None:
    now = [0.0]
    sessions = Sessions(lambda: now[0])
    session = sessions.start("ada")
    for _ in range(MOST_SECONDS // MOST_IDLE_SECONDS):
        now[0] += MOST_IDLE_SECONDS - 1
        assert sessions.name_of(session) == "ada"
    now[0] = MOST_SECONDS + 1
    assert sessions.name_of(session) is None
    idle = sessions.start("ada")
    now[0] += MOST_IDLE_SECONDS + 1
    assert sessions.name_of(idle) is None


def test_attempts_are_forgotten_after_a_while() -> None:
    now = [0.0]
    attempts = Attempts(lambda: now[0])
    for _ in range(MOST_FAILED):
        assert attempts.wait("a") == 0
        attempts.fail("a")
    assert attempts.wait("a") == 61
    now[0] = 61
    assert attempts.wait("a") == 0


@pytest.mark.parametrize(
    ("text", "mode", "said"),
    [
        (f"ada {TOKEN}", 0o640, "chmod 600"),
        (f"ada {TOKEN}", 0o604, "chmod 600"),
        ("ada short", 0o600, "32"),
        ("", 0o600, "no token"),
        ("# only this\n", 0o600, "no token"),
        ("ada " + "ä" * 40, 0o600, "ASCII"),
        (f"ada x {TOKEN}", 0o600, "Line 1"),
    ],
)
def test_a_file_of_tokens_has_to_be_good(tmp_path: Path, text: str, mode: int, said: str) -> None:
    with pytest.raises(SettingError, match=said) as raised:
        Tokens(token_file(tmp_path, text, mode))
    assert TOKEN not in str(raised.value)


def test_tokens_have_names(tmp_path: Path) -> None:
    tokens = Tokens(token_file(tmp_path))
    assert [tokens.name_of(one) for one in (TOKEN, OTHER, "", TOKEN[:-1])] == ["ada", "token", None, None]
    with pytest.raises(SettingError, match="cannot be read"):
        Tokens(tmp_path / "none")

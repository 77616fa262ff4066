"""`clinsearch serve` as a process: what it refuses, what it says, and how it ends."""

from __future__ import annotations

import os
import re
import signal
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPSConnection
from pathlib import Path

import pytest

from clinsearch.errors import SettingError
from clinsearch.web.serving import Serving
from tests.support.command_line import refused


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--host", "10.1.2.3"], "--token-file"),
        (["--host", "0.0.0.0"], "--token-file"),
        (["--host", "::"], "--token-file"),
        (["--host", "notes.example.org"], "--token-file"),
        (["--host", "0.0.0.0", "--token-file", "tokens"], "--behind-proxy"),
        (["--host", "0.0.0.0", "--token-file", "tokens", "--behind-proxy"], "--name"),
        (["--behind-proxy"], "--token-file"),
        (["--tls-cert", "cert.pem"], "--tls-key"),
        (["--audit-queries"], "--audit FILE"),
    ],
)
def test_nothing_is_opened_to_others_by_mistake(arguments: list[str], said: str) -> None:
    assert said in refused("serve", *arguments)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.9.1", "localhost", "::1"])
def test_this_machine_alone_needs_nothing(host: str) -> None:
    Serving(host=host).require_safe()
    with pytest.raises(SettingError):
        Serving(host=host, behind_proxy=True).require_safe()


def test_a_certificate_has_to_be_one(served_folder: Path, tmp_path: Path) -> None:
    cert, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    arguments = ["serve", "--collection", served_folder, "--port", "0", "--tls-cert", cert, "--tls-key", key]
    assert "cannot be read" in refused(*arguments)
    cert.write_text("no certificate")
    key.write_text("no key")
    key.chmod(0o644)
    assert "chmod 600" in refused(*arguments)
    key.chmod(0o600)
    assert "in PEM" in refused(*arguments)


def test_a_file_that_a_project_has_does_not_open_the_notes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CLINSEARCH_NO_SETTINGS")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "none"))
    for line in ('host = "0.0.0.0"', "allow_writes = true", "behind_proxy = true", 'token_file = "t"', 'audit = "a"'):
        (tmp_path / "clinsearch.toml").write_text(f"[serve]\n{line}\n")
        assert "not for a project's" in refused("serve")


@contextmanager
def process(folder: Path, *arguments: object) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A server of its own process, and the line that it says first."""
    command = [sys.executable, "-m", "clinsearch", "serve", "--collection", folder, "--port", "0", *arguments]
    environment = os.environ | {"PYTHONWARNINGS": "default"}
    started = subprocess.Popen([str(one) for one in command], stderr=subprocess.PIPE, text=True, env=environment)
    assert started.stderr is not None
    try:
        yield started, started.stderr.readline()
    finally:
        started.kill()
        started.communicate()


def asked(said: str, path: str) -> HTTPConnection:
    found = re.search(r"http://([\d.]+):(\d+)/", said)
    assert found, said
    connection = HTTPConnection(found[1], int(found[2]), timeout=60)
    connection.request("GET", path)
    return connection


@pytest.mark.slow
@pytest.mark.parametrize("by", [signal.SIGTERM, signal.SIGINT])
def test_it_finishes_what_runs_and_ends_in_peace(served_folder: Path, by: signal.Signals, tmp_path: Path) -> None:
    with process(served_folder, "--audit", tmp_path / "audit.jsonl") as (server, said):
        assert "to this machine alone" in said
        waiting = asked(said, "/api/v1/patients?q=fever")
        time.sleep(0.3)
        server.send_signal(by)
        assert waiting.getresponse().status == 200
        waiting.close()
        assert server.wait(20) == 0
        assert server.stderr is not None
        assert "Traceback" not in server.stderr.read()
    assert '"what":"patients"' in (tmp_path / "audit.jsonl").read_text()


@pytest.mark.slow
def test_https_is_spoken_with_a_certificate(served_folder: Path, tmp_path: Path) -> None:
    cert, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    make = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    made = [*make, "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(cert)]
    subprocess.run(made, check=True, capture_output=True)
    key.chmod(0o600)
    with process(served_folder, "--tls-cert", cert, "--tls-key", key) as (_, said):
        found = re.search(r"https://([\d.]+):(\d+)/", said)
        assert found, said
        trusting = ssl.create_default_context(cafile=cert)
        connection = HTTPSConnection(found[1], int(found[2]), timeout=60, context=trusting)
        connection.request("GET", "/collection")
        assert connection.getresponse().status == 200
        connection.close()

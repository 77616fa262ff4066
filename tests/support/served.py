"""A small collection that is really served: uvicorn, on loopback, at a port of its own; and what asks it."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import uvicorn
from lxml import html

import clinsearch
from clinsearch.collection import Collection
from clinsearch.web.server import made
from clinsearch.web.serving import Serving
from tests.support.pages import HOSTILE

SECONDS_TO_WAIT = 20
# What a browser and a proxy would ask as, where a test does not say.
PLAIN = {"Accept": "text/html"}

HOSTILE_NOTE = {
    "note_id": "</title><img src=x onerror=alert(1)>",
    "patient_id": "<script>alert(2)</script>",
    "note_type": '"><svg onload=alert(3)>',
    "title": "</script><script>alert(4)</script>",
    "text": f"PLAN <img src=x onerror=alert(5)>:\n{HOSTILE}\nNo cough at night.",
}
_TEXTS = (
    ("p1", "progress note", "2024-01-05", "HISTORY OF PRESENT ILLNESS:\nPatient denies fever and chills.\n"
     "Mild edema on the left.\nPLAN:\nDischarge to home."),
    ("p1", "progress note", "2024-02-11", "HISTORY OF PRESENT ILLNESS:\nShe has a fever and chills at night.\n"
     "Patient needs three pillows to sleep.\nPLAN:\nThe wound was clear."),
    ("p1", "discharge summary", "2024-02-20", "HOSPITAL COURSE:\nThe fever was stable and the lung was clear.\n"
     "FAMILY HISTORY:\nMother has heart pain.\nPLAN:\nDischarge to home."),
    ("p2", "consult", "2023-11-02", "HISTORY OF PRESENT ILLNESS:\nShort of breath lying flat at night.\n"
     "ASSESSMENT:\nPossible edema of the lung."),
    ("p2", "progress note", "2023-11-03", "HISTORY OF PRESENT ILLNESS:\nPatient denies chest pain.\n"
     "Short of breath lying flat at night.\nLABS:\nA1c 9.4 %. Potassium 3.1 mmol/L."),
    ("p3", "progress note", "2022-07-30", "HISTORY OF PRESENT ILLNESS:\nPatient has no history of fatigue, weight "
     "change, loss of appetite, or weakness.\nLABS:\nA1c 6.1 %."),
    ("p3", "consult", None, "ASSESSMENT:\nWound drainage on the right, mild pain.\nPatient denies fever and chills."),
    ("p4", "radiology report", "2024-03-01", "FINDINGS:\nThe heart was clear on the right.\nThe lung is clear."),
    (None, "nursing note", "2024-03-02", "Patient needs to sleep.\nCough and fatigue at night.\nThe wound was stable."),
    ("p4", "progress note", "2024-03-05", "HISTORY OF PRESENT ILLNESS:\nNo cough.\nPatient denies fever and chills.\n"
     "PLAN:\nDischarge to home."),
)  # fmt: skip
NOTES: tuple[dict[str, str], ...] = tuple(
    {
        key: value
        for key, value in {
            "note_id": f"n{number:02}",
            "patient_id": patient,
            "note_type": kind,
            "note_datetime": day and f"{day}T08:00:00",
            "text": text,
        }.items()
        if value
    }
    for number, (patient, kind, day, text) in enumerate(_TEXTS, 1)
)


def write_collection(folder: Path, model: Path) -> Path:
    """Index the notes, a hostile one among them, and return where the collection lies."""
    (folder / "notes.jsonl").write_text("\n".join(map(json.dumps, (*NOTES, HOSTILE_NOTE))), encoding="utf-8")
    clinsearch.index(folder / "notes.jsonl", folder / "collection", model=str(model), tokens=True)
    return folder / "collection"


@dataclass(frozen=True)
class Answer:
    """An answer over HTTP; header names are in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    def json(self) -> Any:
        return json.loads(self.body)

    def page(self) -> html.HtmlElement:
        return html.fromstring(self.text)


@dataclass(frozen=True)
class Served:
    """A collection that is being served at `url`, and lies in `folder`."""

    host: str
    port: int
    folder: Path
    collection: Collection
    app: Any

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.port}"

    def ask(
        self,
        path: str,
        parameters: dict[str, Any] | None = None,
        *,
        method: str = "GET",
        headers: dict[str, str] | None = None,
        body: bytes | None = None,
    ) -> Answer:
        """Ask on a connection of its own, whatever the answer is; a list is a parameter given several times."""
        connection = HTTPConnection(self.host, self.port, timeout=SECONDS_TO_WAIT)
        try:
            connection.request(method, with_parameters(path, parameters), body, PLAIN | (headers or {}))
            answer = connection.getresponse()
            return Answer(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read())
        finally:
            connection.close()

    def page(self, path: str, parameters: dict[str, Any] | None = None) -> html.HtmlElement:
        """Return a page as a browser without scripts has it; fails unless it is there, and is HTML."""
        answer = self.ask(path, parameters)
        assert answer.status == 200, (answer.status, answer.text[:2000])
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        return answer.page()

    def json(self, operation: str, parameters: dict[str, Any] | None = None) -> Any:
        """Return what an operation answers; fails unless it does."""
        answer = self.ask(f"/api/v1/{operation}", parameters, headers={"Accept": "application/json"})
        assert answer.status == 200, (answer.status, answer.text[:2000])
        assert answer.headers["content-type"] == "application/json"
        return answer.json()

    def exchange(self, *parts: bytes, pause: float = 0.0) -> bytes:
        """Send bytes as they are, with a pause after each part, and return all that comes until the server closes."""
        with socket.create_connection((self.host, self.port), SECONDS_TO_WAIT) as connection:
            for part in parts:
                connection.sendall(part)
                time.sleep(pause)
            return b"".join(iter(lambda: connection.recv(1 << 16), b""))


def with_parameters(path: str, parameters: dict[str, Any] | None) -> str:
    """Return a path with its query; True is 1, and a list a parameter given several times."""
    if not parameters:
        return path
    plain = {name: int(value) if isinstance(value, bool) else value for name, value in parameters.items()}
    return f"{path}?{urlencode(plain, doseq=True)}"


@contextmanager
def serving(folder: Path, options: Serving | None = None) -> Iterator[Served]:
    """Serve a collection in a thread of this process until the block ends."""
    bound = socket.create_server(("127.0.0.1", 0))
    host, port = bound.getsockname()
    collection = clinsearch.open(folder)
    server = made(collection, replace(options or Serving(), port=port))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]}, name="served", daemon=True)
    thread.start()
    try:
        _wait_for(server, thread)
        yield Served(host, port, folder, collection, server.config.app)
    finally:
        server.should_exit = True
        thread.join(SECONDS_TO_WAIT)
        bound.close()
    assert not thread.is_alive(), "the server does not end"


def _wait_for(server: uvicorn.Server, thread: threading.Thread) -> None:
    for _ in range(SECONDS_TO_WAIT * 100):
        if server.started:
            return
        thread.join(0.01)
        assert thread.is_alive(), "the server has ended at its start"
    raise AssertionError("the server does not start")

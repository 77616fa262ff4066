"""A headless Chromium to open pages in, spoken to over a pipe in its own DevTools protocol; needs nothing but it."""

from __future__ import annotations

import base64
import json
import os
import re
import select
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.support.chromiums import NAMES, without

SECONDS_TO_WAIT = 60


class Page:
    """The one page of a browser, and what it has done: requests made, dialogs opened, errors and refusals logged."""

    def __init__(self, commands: int, answers: int) -> None:
        self._commands, self._answers = commands, answers
        self._read = b""
        self._sent = 0
        self._session: str | None = None
        self.requests: list[str] = []
        self.dialogs: list[str] = []
        self.errors: list[str] = []
        target = self.send("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.send("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.send(f"{domain}.enable")

    def send(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Give a command and wait for its answer."""
        number = self._give(method, parameters)
        while True:
            answer = self._next()
            if answer.get("id") == number:
                assert "error" not in answer, answer["error"]
                result: dict[str, Any] = answer["result"]
                return result
            self._note(answer)

    def open(self, path: Path) -> None:
        """Open a file, and wait until its script has run."""
        for noted in (self.requests, self.dialogs, self.errors):
            noted.clear()
        self.send("Page.navigate", url=path.resolve().as_uri())
        while self.run("document.readyState + location.protocol") != "completefile:":
            time.sleep(0.02)

    def run(self, expression: str) -> Any:
        """Evaluate JavaScript and return its value."""
        answer = self.send("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def click(self, selector: str) -> None:
        """Click where an element stands, as a hand would."""
        x, y = self.run(
            f"(() => {{ const e = document.querySelector({json.dumps(selector)}); "
            "e.scrollIntoView({block: 'center'}); const b = e.getClientRects()[0]; "
            "return [b.x + b.width / 2, b.y + b.height / 2]; })()"
        )
        self.send("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y)
        for kind in ("mousePressed", "mouseReleased"):
            self.send("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    def press(self, key: str) -> None:
        """Press a key: Tab, Enter, Escape, ArrowRight, n, p …"""
        codes = {"Tab": 9, "Enter": 13, "Escape": 27, "ArrowLeft": 37, "ArrowUp": 38, "ArrowRight": 39, "ArrowDown": 40}
        codes |= {letter: ord(letter.upper()) for letter in "np"}
        text = {"text": "\r"} if key == "Enter" else {"text": key} if len(key) == 1 else {}
        self.send("Input.dispatchKeyEvent", type="keyDown", key=key, code=key, windowsVirtualKeyCode=codes[key], **text)
        self.send("Input.dispatchKeyEvent", type="keyUp", key=key, code=key, windowsVirtualKeyCode=codes[key])

    def resize(self, width: int, height: int = 900, scheme: str = "light") -> None:
        """Give the page a size, and a light or dark surrounding."""
        self.send("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self.send("Emulation.setEmulatedMedia", features=features)

    def screenshot(self, path: Path, *, whole: bool = False) -> None:
        """Write a picture of what is seen, or of the whole page."""
        shot = self.send("Page.captureScreenshot", format="png", captureBeyondViewport=whole)
        path.write_bytes(base64.b64decode(shot["data"]))

    def _give(self, method: str, parameters: dict[str, Any]) -> int:
        self._sent += 1
        message: dict[str, Any] = {"id": self._sent, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._commands, json.dumps(message).encode() + b"\0")
        return self._sent

    def _next(self) -> dict[str, Any]:
        while b"\0" not in self._read:
            ready, _, _ = select.select([self._answers], [], [], SECONDS_TO_WAIT)
            assert ready, f"the browser has said nothing for {SECONDS_TO_WAIT} seconds"
            more = os.read(self._answers, 1 << 20)
            assert more, "the browser has gone"
            self._read += more
        message, _, self._read = self._read.partition(b"\0")
        answer: dict[str, Any] = json.loads(message)
        return answer

    def _note(self, event: dict[str, Any]) -> None:
        match event.get("method"):
            case "Network.requestWillBeSent":
                self.requests.append(event["params"]["request"]["url"])
            case "Page.javascriptDialogOpening":
                self.dialogs.append(event["params"]["message"])
                self._give("Page.handleJavaScriptDialog", {"accept": True})
            case "Runtime.exceptionThrown":
                self.errors.append(str(event["params"]["exceptionDetails"]))
            case "Log.entryAdded":
                self.errors.append(event["params"]["entry"]["text"])


@contextmanager
def chromium(profile: Path) -> Iterator[Page]:
    """Give a page of a browser of its own, or skip the test where there is none (in CI: fail it)."""
    program = next(filter(None, map(shutil.which, NAMES)), None)
    if program is None:
        without("Chromium to open pages in")
    commands_out, commands_in = os.pipe()
    answers_out, answers_in = os.pipe()
    command = [
        program, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
        "--disable-background-networking", "--remote-debugging-pipe", f"--user-data-dir={profile}",
    ]  # fmt: skip
    # Chromium reads commands from descriptor 3 and answers on 4; sh knows no descriptors of two digits.
    joined = ["bash", "-c", f'exec "$@" 3<&{commands_out} 4>&{answers_in}', "bash", *command]
    quiet: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    process = subprocess.Popen(joined, pass_fds=(commands_out, answers_in), **quiet)
    os.close(commands_out)
    os.close(answers_in)
    try:
        yield Page(commands_in, answers_out)
    finally:
        os.close(commands_in)
        process.terminate()
        process.wait()
        os.close(answers_out)


def opened(page: Page, folder: Path, content: str, *, width: int = 1200, scheme: str = "light") -> None:
    path = folder / "page.html"
    path.write_text(content, encoding="utf-8")
    page.resize(width, scheme=scheme)
    page.open(path)


def wait_for(page: Page, condition: str) -> None:
    end = time.monotonic() + 10
    while not page.run(f"Boolean({condition})"):
        assert time.monotonic() < end, condition
        time.sleep(0.02)


def assert_harmless(page: Page) -> None:
    assert page.dialogs == []
    assert page.errors == []
    assert [url for url in page.requests if not re.fullmatch(r"file://.*/page\.html", url)] == []

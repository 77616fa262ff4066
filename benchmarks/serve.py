"""How fast `clinsearch serve` is, and whether it stays so: with one user, with fifty, and with a thousand more at once.

    python -m benchmarks.serve [--size 100000] [--folder KEPT]

A server of its own, on this machine alone, with a collection of `benchmarks.search`. Measured are: from the start of
the process to the first answer; the first paint of the search page in Chromium, if one is at hand; searches, as JSON
and as a page, one after another; the same by fifty users, each of whom asks when the last was answered, and with a
thousand more who ask once, all at the same time; the server's memory, without the system's cache of files, over many
requests. Beside it the library answers the same in this process, without HTTP. `--small` is for tests.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus
from urllib.request import urlopen

import clinsearch
from benchmarks.asking import Answers, at_once, many_users, one_user
from benchmarks.default_search import queries_of, timed
from benchmarks.machine import describe_machine, write_results
from benchmarks.recombined import NOTES
from benchmarks.search import make

WARM, SAMPLES = 10, 40
CLIENTS_OF_MEMORY = 8
SECONDS_TO_START = 60
API, PAGE = "/api/v1/search?k=10&q={}", "/?k=10&q={}"
# What is asked between searches where memory is watched.
OTHERS = ("/api/v1/status", "/", "/collection", "/api/v1/notes?limit=20")


@dataclass(frozen=True)
class Effort:
    size: int = 100_000
    queries: int = 100
    rounds: int = 5
    users: int = 50
    each: int = 10
    more: int = 1_000
    requests: int = 20_000
    processes: int = os.cpu_count() or 1


SMALL = Effort(size=200, queries=4, rounds=1, users=4, each=2, more=40, requests=80, processes=1)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--size", type=int, default=Effort.size, help="how many sentences the collection has")
    parser.add_argument("--requests", type=int, default=Effort.requests, help="over how many memory is watched")
    parser.add_argument("--folder", type=Path, help="where to keep the collection; by default it is removed")
    parser.add_argument("--small", action="store_true", help="little of everything: figures say nothing")
    parser.add_argument("--json", type=Path, help="where to write what was measured")
    asked = parser.parse_args()
    if not NOTES.exists():
        sys.exit(f"Skipped: no notes at {NOTES.name} beside the project.")
    effort = SMALL if asked.small else Effort(size=asked.size, requests=asked.requests)
    with tempfile.TemporaryDirectory() as temporary:
        results = measure(asked.folder or Path(temporary), effort)
    print_table(results)
    if asked.json:
        write_results(asked.json, results)
    if failed := [name for name, one in counted(results).items() if one["failed"]]:
        sys.exit(f"Requests failed: {', '.join(failed)}")


def measure(folder: Path, effort: Effort) -> dict[str, Any]:
    folder.mkdir(exist_ok=True, parents=True)
    place = folder / str(effort.size)
    if not place.exists():
        make(place, effort.size, folder / "real.npy")
    queries = queries_of(place, effort.queries)["sentences"]
    load = [os.getloadavg()[0]]
    started = [seconds_to_start(place, effort.processes) for _ in range(effort.rounds)]
    found: dict[str, Any] = {"seconds to start": started, "in this process": in_this_process(place, queries)}
    with server(place, effort.processes) as (url, process):
        wait_for_processes(process.pid, effort.processes)
        asyncio.run(many_users(url, paths(queries[:WARM], API, PAGE), 1, 2 * WARM))
        found["first paint"] = first_paints(url, queries, effort.rounds)
        found |= asyncio.run(ask_much(url, process.pid, queries, effort))
        found["memory"] = asyncio.run(watch_memory(url, process.pid, queries, effort.requests))
    machine = describe_machine("starlette", "uvicorn", "openvino", "faiss-cpu")
    return {"machine": machine, "effort": vars(effort), "load": [*load, os.getloadavg()[0]], **found}


def paths(queries: Sequence[str], *forms: str) -> list[str]:
    return [form.format(quote_plus(query)) for query in queries for form in forms]


@contextmanager
def server(place: Path, processes: int = 0) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """Serve a collection until the block ends; what it logs is thrown away."""
    command = [sys.executable, "-m", "clinsearch", "serve", "--port", "0", "--collection", str(place)]
    command += ["--processes", str(processes)]
    with tempfile.TemporaryFile("w+") as said:
        process = subprocess.Popen(command, stderr=said, stdout=subprocess.DEVNULL, text=True)
        try:
            yield address(process, said), process
        finally:
            process.terminate()
            process.wait(SECONDS_TO_START)


def address(process: subprocess.Popen[str], said: Any) -> str:
    end = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < end and process.poll() is None:
        said.seek(0)
        words = said.readline().split()
        if len(words) > 2:
            return words[2].rstrip("/")
        time.sleep(0.005)
    raise RuntimeError("the server does not start")


def seconds_to_start(place: Path, processes: int) -> float:
    """Return the seconds from the start of the process to the first answer."""
    started = time.perf_counter()
    with server(place, processes) as (url, _):
        end = time.monotonic() + SECONDS_TO_START
        while time.monotonic() < end:
            try:
                with urlopen(f"{url}/collection", timeout=SECONDS_TO_START) as answer:
                    answer.read()
                return time.perf_counter() - started
            except OSError:
                time.sleep(0.005)
    raise RuntimeError("the server does not answer")


def first_paints(url: str, queries: Sequence[str], rounds: int) -> dict[str, list[float]] | None:
    """Return the milliseconds to the first contentful paint: of the search page without a search and with one, in a
    browser that has been nowhere, and of a page with a search after another page."""
    program = shutil.which("chromium")
    if program is None:
        return None
    from playwright.sync_api import sync_playwright

    hits, other = paths(queries[:2], PAGE)
    painted: dict[str, list[float]] = {"empty": [], "hits": [], "hits, after another page": []}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, chromium_sandbox=False, args=["--disable-gpu"])
        for number in range(rounds + 1):
            for name, path, before in (
                ("empty", "/", None),
                ("hits", hits, None),
                ("hits, after another page", hits, other),
            ):
                context = browser.new_context(base_url=url)
                page = context.new_page()
                if before:
                    page.goto(before)
                page.goto(path)
                milliseconds = first_paint(page)
                if number:  # the first warms the browser
                    painted[name].append(milliseconds)
                context.close()
        browser.close()
    return painted


def first_paint(page: Any) -> float:
    """Wait for the first contentful paint, by the debugger: the page allows no script to; return when it was, in ms."""
    end = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < end:
        found = page.evaluate("performance.getEntriesByName('first-contentful-paint').map(one => one.startTime)[0]")
        if found is not None:
            return float(found)
        page.wait_for_timeout(50)  # to ask takes the browser's time
    raise SystemExit("The browser has painted nothing.")


def in_this_process(place: Path, queries: Sequence[str]) -> dict[str, float]:
    notes = clinsearch.open(place)
    return timed(queries, lambda query: notes.search(query, 10))


async def ask_much(url: str, pid: int, queries: Sequence[str], effort: Effort) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, form in (("JSON", API), ("page", PAGE)):
        alone, cpu = Answers(), cpu_seconds(pid)
        await one_user(url, paths(queries, form), alone)
        milliseconds = (cpu_seconds(pid) - cpu) * 1e3 / len(queries)
        found[f"one user, {name}"] = {**alone.summary(), "CPU of the server": milliseconds}
        together = await many_users(url, paths(queries, form), effort.users, effort.each)
        found[f"many users, {name}"] = together.summary()
    users, more = await at_once(url, paths(queries, API), effort.users, effort.each, effort.more)
    found["users while more come"], found["more at once"] = users.summary(), more.summary()
    return found


def processes_of(pid: int) -> list[int]:
    """Return a process, and those that it has started."""
    listed = Path(f"/proc/{pid}/task").glob("*/children")
    return [pid, *(int(child) for one in listed for child in one.read_text().split())]


def wait_for_processes(pid: int, count: int) -> None:
    """Wait until the processes that answer are there, and have nothing to do any more."""
    end, before = time.monotonic() + SECONDS_TO_START, -1.0
    while len(processes_of(pid)) <= count or cpu_seconds(pid) != before:
        if time.monotonic() > end:
            raise RuntimeError("the processes that answer do not start")
        before = cpu_seconds(pid)
        time.sleep(1)


def cpu_seconds(pid: int) -> float:
    fields = [Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split() for one in processes_of(pid)]
    return sum(int(one[11]) + int(one[12]) for one in fields) / os.sysconf("SC_CLK_TCK")


async def watch_memory(url: str, pid: int, queries: Sequence[str], requests: int) -> dict[str, Any]:
    """Ask for many things, and note the server's memory, in MB, on the way."""
    mixed = [path for one in paths(queries, API, PAGE) for path in (one, *OTHERS)]
    samples = max(4, min(SAMPLES, requests // CLIENTS_OF_MEMORY))
    each = max(1, requests // (samples * CLIENTS_OF_MEMORY))
    noted, whole = [], Answers()
    for number in range(samples):
        shifted = mixed[number % len(mixed) :] + mixed[: number % len(mixed)]
        answers = await many_users(url, shifted, CLIENTS_OF_MEMORY, each)
        whole.milliseconds += answers.milliseconds
        whole.failed += answers.failed
        whole.refused += answers.refused
        noted.append(megabytes(pid))
    quarter = samples // 4
    first, last = statistics.mean(noted[:quarter]), statistics.mean(noted[-quarter:])
    return {"requests": whole.summary(), "MB": noted, "first quarter": first, "last quarter": last}


def megabytes(pid: int) -> float:
    """Return the memory of a server's processes that is their own: not that of files which the system can drop."""
    return sum(map(megabytes_of, processes_of(pid)))


def megabytes_of(pid: int) -> float:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("RssAnon")) / 1024


def counted(results: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return what was counted of requests, by what was asked."""
    summaries = {name: one for name, one in results.items() if isinstance(one, dict) and "refused" in one}
    return {**summaries, "memory": results["memory"]["requests"]}


def print_table(results: dict[str, Any]) -> None:
    print(results["machine"])
    print(f"load {results['load'][0]:.1f} before, {results['load'][1]:.1f} after; {json.dumps(results['effort'])}")
    print(f"from the start to the first answer: {statistics.median(results['seconds to start']):.2f} s")
    for name, painted in (results["first paint"] or {"not measured: no Chromium": [0.0]}).items():
        print(f"first paint of the search page, {name}: {statistics.median(painted):.0f} ms")
    library = results["in this process"]
    print(f"the library alone: p50 {library['p50']:.1f}, p95 {library['p95']:.1f}, CPU {library['CPU p50']:.1f} ms")
    for name, one in counted(results).items():
        times = f"p50 {one['p50']:.0f}, p95 {one['p95']:.0f} ms" if one["answered"] else "none answered"
        cpu = f", CPU of the server {one['CPU of the server']:.0f} ms" if "CPU of the server" in one else ""
        print(f"{name}: {one['answered']} answered, {one['refused']} refused, {one['failed']} failed; {times}{cpu}")
        if one["statuses"]:
            print(f"  failed with {one['statuses']}")
    memory = results["memory"]
    print(
        f"memory over {memory['requests']['answered']:,} requests: {memory['first quarter']:.0f} MB in the first "
        f"quarter, {memory['last quarter']:.0f} in the last"
    )


if __name__ == "__main__":
    main()

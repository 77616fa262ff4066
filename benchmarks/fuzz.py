"""Hostile inputs by the hundred thousand: whatever is read, an answer or one line of error, in bounded time.

    python -m benchmarks.fuzz --inputs 100000

Good texts and files are changed at places drawn by chance (the seed is printed), and read as the program reads them:
header blocks, sections and sentences, assertions, whole notes, queries, marks, filters, dates, cohorts, sets for
evaluation, explanations, and files of each format. Nothing but a ClinsearchError may come out, and nothing may take
longer than --seconds of CPU time, or more memory than --megabytes. What does not hold is shown with the number that
makes the input again.
"""

from __future__ import annotations

import argparse
import multiprocessing
import random
import signal
import sys
import tempfile
import time
import traceback
import warnings
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from clinsearch.errors import ClinsearchError

if TYPE_CHECKING:
    from clinsearch.encoder.encoder import Encoder

FAULTS_SHOWN = 12
STATUS, CLEAR_REFS = Path("/proc/self/status"), Path("/proc/self/clear_refs")


@dataclass
class Tally:
    """What came of a target's inputs: counts, the most time and memory with its input's number, and faults by kind."""

    inputs: int = 0
    refused: int = 0
    slowest: tuple[float, int] = (0.0, 0)
    largest: tuple[float, int] = (0.0, 0)
    seconds: float = 0.0
    faults: dict[str, list[int]] = field(default_factory=dict)

    def add(self, other: Tally) -> None:
        self.inputs += other.inputs
        self.refused += other.refused
        self.seconds += other.seconds
        self.slowest = max(self.slowest, other.slowest)
        self.largest = max(self.largest, other.largest)
        for kind, numbers in other.faults.items():
            self.faults.setdefault(kind, []).extend(numbers)


class TooSlow(BaseException):
    """An input took more CPU time than it may."""


def main() -> int:
    options = read_options()
    shares = [options.only or range(worker, options.inputs, options.workers) for worker in range(options.workers)]
    if options.workers == 1 or options.only:
        tallies = fuzz(shares[0], options)
    else:
        with multiprocessing.get_context("spawn").Pool(options.workers) as pool:
            tallies = {}
            for found in pool.starmap(fuzz, [(share, options) for share in shares]):
                for name, tally in found.items():
                    tallies.setdefault(name, Tally()).add(tally)
    show(tallies, options)
    return any(tally.faults for tally in tallies.values())


def read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--inputs", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=5.0, help="how much CPU time an input may take")
    parser.add_argument("--megabytes", type=float, default=300.0, help="how much memory an input may take, on Linux")
    parser.add_argument("--workers", type=int, default=1, help="how many processes share the work")
    parser.add_argument("--targets", nargs="+", help="only targets whose names begin so")
    parser.add_argument("--only", type=int, nargs="+", help="the numbers of single inputs, to see them again")
    return parser.parse_args()


def fuzz(numbers: range | list[int], options: argparse.Namespace) -> dict[str, Tally]:
    from benchmarks.fuzzing.targets import targets

    warnings.simplefilter("error")
    memory = "/dev/shm" if Path("/dev/shm").is_dir() else None
    with tempfile.TemporaryDirectory(dir=memory, prefix="fuzz-") as made:
        chosen = targets(Path(made), lambda: small_encoder(Path(made)), tuple(options.targets or [""]))
        names = [target for target in chosen for _ in range(target.share)]
        tallies = {target.name: Tally() for target in chosen}
        for number in numbers:
            rng = random.Random(f"{options.seed} {number}")
            target = rng.choice(names)
            try_one(target.read, rng, number, tallies[target.name], options)
        return tallies


def small_encoder(folder: Path) -> Encoder:
    from clinsearch.encoder.encoder import load_encoder
    from tests.conftest import small_vocab, write_model

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return load_encoder(str(write_model(folder / "model", small_vocab())), engine="torch")


def try_one(read, rng: random.Random, number: int, tally: Tally, options: argparse.Namespace) -> None:  # type: ignore[no-untyped-def]
    began, before = time.process_time(), memory_begun()
    try:
        with bounded(options.seconds):
            tally.refused += bool(read(rng))
    except ClinsearchError:
        tally.refused += 1
    except TooSlow as error:
        tally.faults.setdefault(f"takes longer, in {where(error)}", []).append(number)
    except Exception as error:
        tally.faults.setdefault(f"{type(error).__name__} in {where(error)}: {str(error)[:60]!r}", []).append(number)
        if options.only:
            traceback.print_exc()
    took = time.process_time() - began
    tally.inputs += 1
    tally.seconds += took
    tally.slowest = max(tally.slowest, (took, number))
    megabytes = megabytes_of("VmHWM") - before
    tally.largest = max(tally.largest, (megabytes, number))
    if megabytes > options.megabytes:
        tally.faults.setdefault("takes more memory", []).append(number)


def memory_begun() -> float:
    """Begin to watch how much memory the process has at most; return how much it has now, in MB."""
    if CLEAR_REFS.exists():
        CLEAR_REFS.write_text("5")  # see proc(5): resets VmHWM
    return megabytes_of("VmRSS")


def megabytes_of(name: str) -> float:
    """Return what the system says of this process's memory, in MB; 0 where it does not say."""
    lines = STATUS.read_text().splitlines() if STATUS.exists() else []
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith(f"{name}:")), 0.0)


@contextmanager
def bounded(seconds: float) -> Iterator[None]:
    """Raise TooSlow in the `with` block when it has taken so much CPU time."""

    def stop(*_: object) -> None:
        raise TooSlow

    signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)


def where(error: BaseException) -> str:
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if "/clinsearch/" in frame.filename]
    last = frames[-1] if frames else traceback.extract_tb(error.__traceback__)[-1]
    return f"{last.filename.rpartition('/clinsearch/')[2]}:{last.lineno}"


def show(tallies: dict[str, Tally], options: argparse.Namespace) -> None:
    print(f"Seed {options.seed}.\n")
    print("| what reads | inputs | refused | answered | faults | mean, ms | slowest, ms | most memory, MB |")
    print("|---|---|---|---|---|---|---|---|")
    whole = Tally()
    for name, tally in tallies.items():
        row(name, tally)
        whole.add(tally)
    row("all", whole)
    kinds = Counter({kind: len(numbers) for kind, numbers in whole.faults.items()})
    for kind, count in kinds.most_common(FAULTS_SHOWN):
        print(f"FAULT {count} times: {kind}; input {whole.faults[kind][0]}")


def row(name: str, tally: Tally) -> None:
    faults = sum(map(len, tally.faults.values()))
    answered, mean = tally.inputs - tally.refused - faults, 1000 * tally.seconds / max(1, tally.inputs)
    times = f"{mean:.2f} | {1000 * tally.slowest[0]:.0f} (input {tally.slowest[1]})"
    most = f"{tally.largest[0]:.0f} (input {tally.largest[1]})"
    print(f"| {name} | {tally.inputs:,} | {tally.refused:,} | {answered:,} | {faults} | {times} | {most} |")


if __name__ == "__main__":
    sys.exit(main())

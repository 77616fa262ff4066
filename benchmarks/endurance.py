"""What becomes of a collection under which a machine fails: every call of every command, killed, torn or failing.

    python -m benchmarks.endurance --points 500

For each command that reads or writes a collection, every call by which it changes a file is made to go wrong: the
process is killed before or after it, or in the middle of a write; it fails with EIO or ENOSPC, once or from then on;
the power fails after it, and of what was not flushed the disk has nothing, some, all names or all data. Then six
things must hold: the collection opens; it is exactly as a commit left it, and nothing that was acknowledged is lost;
`verify` finds nothing; searches find what they find where nothing went wrong; the command run again ends where an
undisturbed one does; and after the next write no file lies about. Without --points every call takes its turn.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

from benchmarks.faults.calls import FAULTS, POWER_CUTS, READ_FAULTS, Fault, start_again_with_faults

# A command, how its call fails (None: it is killed at some moment), and the number of the call.
Point = tuple[str, Fault | None, int]


def main() -> int:
    options = read_options()
    start_again_with_faults("benchmarks.endurance")
    with tempfile.TemporaryDirectory(dir=options.folder, prefix="endurance-") as folder:
        return endure(Path(folder), options)


def read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--points", type=int, help="how many calls, drawn by chance; by default all")
    parser.add_argument("--timed", type=int, default=0, help="how many kills at a moment that is drawn by chance")
    parser.add_argument("--mixed", type=float, metavar="MINUTES", help="instead, eight readers beside a writer so long")
    parser.add_argument("--commands", nargs="+", help="only these commands")
    parser.add_argument("--faults", default="", metavar="PART", help="only faults with this in their names")
    parser.add_argument("--notes", type=int, default=8, help="how many notes the collection has")
    parser.add_argument("--seconds", type=float, default=float("inf"), help="begin no point after so long")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", default="/dev/shm" if Path("/dev/shm").is_dir() else None, help="where to work")
    return parser.parse_args()


def endure(folder: Path, options: argparse.Namespace) -> int:
    import torch

    from benchmarks.faults.mixed import run_mixed
    from benchmarks.faults.points import disturb, kill_in_time, numbers, record
    from benchmarks.faults.scenes import Scene, keep_encoders
    from tests.conftest import small_vocab, write_model
    from tests.support.kills import commit_very_often

    sys.modules["openvino"] = None  # type: ignore[assignment]  # its threads would not be there after a fork
    torch.set_num_threads(1)
    commit_very_often(setattr)
    keep_encoders()
    model = write_model(folder / "model", small_vocab())
    if options.mixed:
        return not run_mixed(folder, model, options.mixed)
    scene = Scene(folder, model, options.notes)
    chosen = [command for command in scene.commands if not options.commands or command.name in options.commands]
    scene.warm(chosen)
    recorded = {command.name: record(scene, command) for command in chosen}
    cells = {
        (command.name, fault): numbers(recorded[command.name], fault)
        for command in chosen
        for fault in (READ_FAULTS if command.reads else (*FAULTS, *POWER_CUTS))
        if options.faults in fault.name
    }
    print("calls:", ", ".join(f"{name} {max(found.calls.values())}" for name, found in recorded.items()), flush=True)
    of_name = {command.name: command for command in chosen}
    points = drawn(cells, options)
    outcomes, began = [], time.monotonic()
    for name, fault, number in points:
        if time.monotonic() - began > options.seconds:
            break
        scene.put(of_name[name].notes)
        if fault is None:
            outcome = kill_in_time(scene, of_name[name], recorded[name], random.Random(f"{options.seed} {number}"))
        else:
            outcome = disturb(scene, of_name[name], recorded[name], fault, number)
        outcomes.append(outcome)
        if outcome.wrong:
            print(f"WRONG {name}, call {number}, {outcome.fault}: {' | '.join(outcome.wrong)}", flush=True)
    show(outcomes, len(points), time.monotonic() - began)
    return any(outcome.wrong for outcome in outcomes)


def drawn(cells: dict[tuple[str, Fault], list[int]], options: argparse.Namespace) -> list[Point]:
    """Return the points in an order drawn by chance: all calls, or as many of each command and fault; timed kills.

    Commands take turns, so that however few points there are, or however little time, they are of all commands.
    """
    rng = random.Random(options.seed)
    share = None if options.points is None else -(-options.points // len(cells))
    points: list[Point] = []
    for (name, fault), numbers in cells.items():
        some = numbers if share is None else rng.sample(numbers, min(share, len(numbers)))
        points += [(name, fault, number) for number in some]
    points = in_turns(points, rng)[: options.points]
    names = sorted({name for name, fault in cells if not fault.reads})
    points += [(names[number % len(names)], None, number) for number in range(options.timed)]
    return in_turns(points, rng)


def in_turns(points: list[Point], rng: random.Random) -> list[Point]:
    """Shuffle points, and then let one of each command follow one of each."""
    turns: Counter[str] = Counter()
    order: list[tuple[int, Point]] = []
    for point in rng.sample(points, len(points)):
        turns[point[0]] += 1
        order.append((turns[point[0]], point))
    return [point for _, point in sorted(order, key=lambda one: one[0])]


def show(outcomes: list[Any], wanted: int, seconds: float) -> None:
    counts: dict[tuple[str, str], Counter[str]] = {}
    for outcome in outcomes:
        counts.setdefault((outcome.command, outcome.fault), Counter())[outcome.kind] += 1
    print("\n| command | fault | points | right | clear error, then right | wrong |\n|---|---|---|---|---|---|")
    for (command, fault), found in sorted(counts.items()):
        kinds = [found[kind] for kind in ("right", "error", "wrong")]
        print(f"| {command} | {fault} | {sum(kinds)} | {' | '.join(map(str, kinds))} |")
    wrong = sum(found["wrong"] for found in counts.values())
    print(f"\n{len(outcomes)} of {wanted} points in {seconds:.0f} s: {wrong} wrong.")


if __name__ == "__main__":
    sys.exit(main())

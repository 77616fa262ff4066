"""What becomes of a collection under which a machine fails: some calls of every command, others each day.

All of them, and what is looked at after each: `benchmarks/endurance.py`, which this runs.
"""

from __future__ import annotations

import os
import re
import resource
import subprocess
import sys

import pytest

from tests.conftest import PROJECT, SEED_OF_THE_DAY

pytestmark = pytest.mark.slow

COMMANDS = {"index", "change", "delete", "optimize", "repair", "migrate", "backup", "copy", "rescue", "search"}
# Half a second to two each, as busy as the machine is.
POINTS, NOTES = 120, 4
MOST_CPU_SECONDS = 600


def test_a_call_that_fails_in_any_command_loses_nothing() -> None:
    size = ["--points", str(POINTS), "--notes", str(NOTES), "--seed", str(SEED_OF_THE_DAY)]
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.endurance", *size],
        cwd=PROJECT, env={**os.environ, "PYTHONPATH": str(PROJECT)}, capture_output=True, text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CPU, (MOST_CPU_SECONDS,) * 2),
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr[-2000:]
    rows = re.findall(r"^\| (\w+) \| [^|]+ \| (\d+) \|", done.stdout, re.MULTILINE)
    assert {command for command, _ in rows} == COMMANDS
    assert sum(int(points) for _, points in rows) == POINTS
    assert f"{POINTS} of {POINTS} points" in done.stdout
    assert done.stdout.rstrip().endswith(": 0 wrong.")

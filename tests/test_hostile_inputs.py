"""Hostile inputs of all kinds: an answer or one line of error, in bounded time."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.conftest import PROJECT

INPUTS = 100_000


@pytest.mark.slow
def test_hostile_inputs_are_answered_or_refused_in_time() -> None:
    asked = ["--inputs", str(INPUTS), "--seed", "1"]
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.fuzz", *asked], capture_output=True, text=True, cwd=PROJECT
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    assert f"| all | {INPUTS:,} |" in done.stdout

"""docs/cohort.md shows what its commands print."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

import clinsearch
from tests.conftest import PROJECT
from tests.support.command_line import run_on

PAGE = (PROJECT / "docs" / "cohort.md").read_text(encoding="utf-8")
SCORE = re.compile(r"\b[01]\.\d{3}\b")


@pytest.mark.slow
def test_the_page_on_cohorts_shows_what_the_program_prints(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    clinsearch.index(PROJECT / "sample_notes", tmp_path / "c")
    (file,) = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    Path("diabetes.toml").write_text(file, encoding="utf-8")
    blocks = re.findall(r"```\n\$ clinsearch ([^\n]*)\n(.*?)```", PAGE, re.DOTALL)
    assert len(blocks) == PAGE.count("$ clinsearch") == 4
    for command, shown in blocks:
        printed = run_on(tmp_path / "c", *shlex.split(command)).stdout
        assert SCORE.sub("#", printed) == SCORE.sub("#", shown)
        assert [float(one) for one in SCORE.findall(printed)] == pytest.approx(
            [float(one) for one in SCORE.findall(shown)], abs=0.002
        )

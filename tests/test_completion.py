"""A shell completes commands, options and their values."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from clinsearch.cli import main
from clinsearch.cli.completion import MODELS, PROGRAM, VARIABLE
from clinsearch.encoder.checkpoint import DEFAULT_MODEL, HUB_IDS, MINILM
from clinsearch.readers.presets import PRESETS
from tests.conftest import PROJECT
from tests.support.command_line import run
from tests.support.settings import Settings


def completed(*words: str) -> list[str]:
    """Return what bash would be handed for the last of the words, as click's script asks for it."""
    line = " ".join((PROGRAM, *words))
    environment = {VARIABLE: "bash_complete", "COMP_WORDS": line, "COMP_CWORD": str(len(words))}
    result = CliRunner().invoke(main, [], prog_name=PROGRAM, env=environment)
    assert (result.exit_code, result.stderr) == (0, "")
    return result.stdout.split()


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (("sea",), ["plain,search"]),
        (("search", "--lev"), ["plain,--level"]),
        (("search", "--level", "no"), ["plain,note"]),
        (("search", "x", "--mode", "v"), ["plain,vector"]),
        (("status", "--format", "j"), ["plain,json", "plain,jsonl"]),
        (("index", "--preset", ""), [f"plain,{one.name}" for one in PRESETS]),
        (("index", "--collection", "dat"), ["file,dat"]),
        (("index", "fol"), ["file,fol"]),
        (("index", "--model", ""), [f"plain,{name}" for name in MODELS]),
        (("index", "--model", "./m"), ["file,./m"]),
        (("completion", ""), ["plain,bash", "plain,zsh", "plain,fish"]),
        (("config", "val"), ["plain,values"]),
        (("nonsense", ""), None),
    ],
    ids=str,
)
def test_what_begins_so_is_offered(words: tuple[str, ...], offered: list[str] | None) -> None:
    found = completed(*words)
    assert found == offered if offered is not None else "plain,search" in found


def test_the_models_that_are_offered_are_those_with_names() -> None:
    assert {DEFAULT_MODEL, MINILM, *HUB_IDS} == set(MODELS)


def test_settings_that_are_wrong_do_not_disturb(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings.made(tmp_path, monkeypatch)
    settings.project("nonsense")
    assert completed("search", "--lev") == ["plain,--level"]
    assert run("completion", "zsh").exit_code == 0


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_asks_the_program(shell: str) -> None:
    script = run("completion", shell).stdout
    assert f"{VARIABLE}={shell}_complete" in script
    assert "clinsearch" in script


def test_every_command_is_offered() -> None:
    assert {one.removeprefix("plain,") for one in completed("")} == set(main.list_commands(None))  # type: ignore[arg-type]


@pytest.mark.skipif(not shutil.which("bash"), reason="no bash here")
def test_bash_completes(tmp_path: Path) -> None:
    program = tmp_path / PROGRAM
    program.write_text(f'#!/bin/sh\nPYTHONPATH={PROJECT} exec {sys.executable} -m clinsearch "$@"\n')
    program.chmod(0o755)
    script = (
        f"PATH={tmp_path}:$PATH\n"
        'eval "$(clinsearch completion bash)"\n'
        "COMP_WORDS=(clinsearch search --assertion aff); COMP_CWORD=3\n"
        "complete -p clinsearch | sed 's/.*-F \\([^ ]*\\).*/\\1/' > function\n"
        "$(cat function) clinsearch aff --assertion\n"
        'echo "${COMPREPLY[@]}"\n'
    )
    done = subprocess.run(["bash", "--norc", "-c", script], cwd=tmp_path, capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("affirmed\n", "")

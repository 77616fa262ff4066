"""Files of settings, in folders of their own."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import click
import pytest

from clinsearch.cli import main

FILE_NAME = "clinsearch.toml"


@dataclass(frozen=True)
class Settings:
    """The folder that a command is run in, and the one of the user's own settings."""

    folder: Path
    home: Path

    @classmethod
    def made(cls, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
        """Be in an empty folder, without any settings."""
        made = cls(folder / "project", folder / "home")
        made.folder.mkdir()
        for name in [name for name in os.environ if name.startswith("CLINSEARCH_") and name != "CLINSEARCH_CACHE"]:
            monkeypatch.delenv(name)
        monkeypatch.setenv("XDG_CONFIG_HOME", str(made.home))
        monkeypatch.chdir(made.folder)
        return made

    def project(self, content: str) -> Path:
        """Write the project's file, here."""
        return self.file(self.folder / FILE_NAME, content)

    def user(self, content: str) -> Path:
        """Write the user's own file."""
        return self.file(self.home / "clinsearch" / FILE_NAME, content)

    @staticmethod
    def file(path: Path, content: str) -> Path:
        """Write a file that no other user may write."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
        path.chmod(0o644)
        return path


def command(name: str) -> click.Command:
    found = main.get_command(click.Context(main), name)
    assert found is not None
    return found

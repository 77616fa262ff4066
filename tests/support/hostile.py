"""Commands on a collection that was tampered with."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from click.testing import CliRunner, Result

from clinsearch.cli import main
from clinsearch.storage.folder.seal import close_seal, read_seal


def run(folder: Path, *arguments: str) -> Result:
    command = [str(folder.parent / "notes") if argument == "NOTES" else argument for argument in arguments]
    return CliRunner().invoke(main, [*command, "--collection", str(folder)], catch_exceptions=False)


def refused(folder: Path, *arguments: str) -> str:
    """Return the one line with which a command ends."""
    result = run(folder, *arguments)
    assert result.exit_code == 1, result.output
    assert result.stdout == ""
    assert result.stderr.startswith("Error: ")
    assert result.stderr.count("\n") == 1
    assert "fault of the program" not in result.stderr
    assert "80 mg" not in result.stderr
    return result.stderr


def with_catalog(folder: Path, *statements: str) -> None:
    """Do to the catalog what clinsearch would not, and seal it again, as whoever means harm would."""
    with closing(sqlite3.connect(folder / "catalog.db")) as catalog, catalog:
        for statement in statements:
            catalog.execute(statement)
    if seal := read_seal(folder):
        close_seal(folder, folder / "catalog.db", seal.commits)


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def vector_file(folder: Path, kind: str) -> Path:
    return next(path for path in sorted((folder / "vectors").iterdir()) if path.name.startswith(f"{kind}-"))

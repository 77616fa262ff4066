"""Finds and runs the migrations of a storage, each of which has its own branch of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from clinsearch.errors import CollectionVersion
from clinsearch.records.locations import Location

# Where the migrations of each storage are, under `migrations`.
OF_FOLDERS, OF_POSTGRES = ".", "postgres"


def upgrade(connection: Connection, part: str, revision: str = "head") -> None:
    """Bring a database to a revision, in the connection's transaction."""
    from alembic import command

    command.upgrade(_config(part, connection), revision)


def refuse_unknown(revision: str, part: str, newest: str, location: Location) -> None:
    """Raise CollectionVersion for a revision that this program does not know; `newest` is the last that it does."""
    if revision == newest:
        return
    from alembic.script import ScriptDirectory

    scripts = ScriptDirectory.from_config(_config(part)).walk_revisions()
    if revision not in {script.revision for script in scripts}:
        raise CollectionVersion(
            f"The collection at {location} was made by a newer clinsearch. Update with `pip install -U clinsearch`."
        )


def _config(part: str, connection: Connection | None = None) -> Any:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_folder() / part).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def _folder() -> Path:
    """Find the migrations: inside the package when installed from a wheel, beside it in a checkout."""
    package = Path(__file__).resolve().parents[1]
    installed = package / "migrations"
    return installed if installed.is_dir() else package.parent / "migrations"

"""The files in which options are settled: where they are, and whether what they say may be believed."""

from __future__ import annotations

import os
import stat
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeAlias

from clinsearch.errors import SettingError

FILE_NAME = "clinsearch.toml"
MOST_BYTES = 64 * 1024
REMEDY = "or go without: `clinsearch --no-settings COMMAND`"

Kind: TypeAlias = Literal["project", "user"]


@dataclass(frozen=True, slots=True)
class SettingsFile:
    """A place where settings are looked for: a project's, which may come from elsewhere, or the user's own."""

    path: Path
    kind: Kind


def user_file() -> SettingsFile | None:
    """Return where the user's own settings are looked for; None where there is no home folder."""
    try:
        given = os.environ.get("XDG_CONFIG_HOME")
        usual = ("Library", "Application Support") if sys.platform == "darwin" else (".config",)
        folder = Path(given) if given and Path(given).is_absolute() else Path.home().joinpath(*usual)
    except RuntimeError:
        return None
    return SettingsFile(folder / "clinsearch" / FILE_NAME, "user")


def project_files(collection: Path | None = None) -> list[SettingsFile]:
    """Return where a project's settings are looked for, the first of which holds: here, and next to the collection.

    collection: its folder; None for one that has none.
    """
    here = Path(FILE_NAME)
    beside = [] if collection is None else [collection.parent / FILE_NAME]
    return [SettingsFile(path, "project") for path in (here, *(path for path in beside if path != here))]


def read_settings(path: Path) -> dict[str, Any] | None:
    """Read a file of settings; None where there is none. Raises SettingError, also for one that others may write."""
    try:
        # A pipe of that name must not be waited for.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        if not os.path.lexists(path):
            return None
        raise SettingError(
            f"{path} cannot be read: {(error.strerror or 'it failed').lower()}. Mend it, {REMEDY}."
        ) from None
    try:
        _require_own(path, path.lstat())
        _require_own(path, os.fstat(descriptor))
        return _parsed(path, os.read(descriptor, MOST_BYTES + 1))
    finally:
        os.close(descriptor)


def _require_own(path: Path, found: os.stat_result) -> None:
    """Raise SettingError for what is no file, or what another user may have written."""
    is_link = stat.S_ISLNK(found.st_mode)  # the mode of which says nothing
    if not is_link and not stat.S_ISREG(found.st_mode):
        raise SettingError(f"{path} is not a file. Rename it, {REMEDY}.")
    if not is_link and found.st_mode & stat.S_IWOTH:
        raise SettingError(f"{path} is not read, as every user may write it. Run `chmod o-w` on it, {REMEDY}.")
    if found.st_uid not in (0, os.geteuid()):
        raise SettingError(f"{path} is not read, as it belongs to another user. Make a copy of your own, {REMEDY}.")


def _parsed(path: Path, content: bytes) -> dict[str, Any]:
    if len(content) > MOST_BYTES:
        raise SettingError(f"{path} is not read, as it has more than {MOST_BYTES:,} bytes.")
    try:
        return tomllib.loads(content.decode("utf-8-sig").replace("\r\n", "\n"))
    except UnicodeDecodeError:
        raise SettingError(f"{path} is not in UTF-8. Save it so.") from None
    except RecursionError:
        raise SettingError(f"{path} is nested too deeply.") from None
    except ValueError as error:
        raise SettingError(f"{path} is not TOML: {str(error).splitlines()[0]}.") from None

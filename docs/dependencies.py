"""Compares docs/dependencies.md with pyproject.toml and with what the installed packages say of themselves.

python docs/dependencies.py: names what is missing, too much or out of date; exit code 1 if anything is.
"""

from __future__ import annotations

import re
import sys
import tomllib
from importlib.metadata import PackageNotFoundError, metadata, requires
from pathlib import Path

HERE = Path(__file__).parent
TABLE, PROJECT = HERE / "dependencies.md", HERE.parent / "pyproject.toml"
# Those of the extra for development are not asked about one by one: they never see a user's notes.
OTHER_EXTRAS = ("dev",)
LONGEST_LICENCE = 200  # a longer one is the whole text


def name_of(requirement: str) -> str:
    """Return the name in a requirement as package indexes compare it."""
    return re.sub(r"[-_.]+", "-", re.match(r"[\w.-]+", requirement)[0]).lower()


def wanted() -> dict[str, set[str]]:
    """Return, for the program itself ("") and each extra, the packages that it asks for."""
    project = tomllib.loads(PROJECT.read_text(encoding="utf-8"))["project"]
    groups = {"": project["dependencies"], **project["optional-dependencies"]}
    return {extra: set(map(name_of, asked)) for extra, asked in groups.items() if extra not in OTHER_EXTRAS}


def rows() -> dict[tuple[str, str], list[str]]:
    """Return the table's rows by extra and package."""
    lines = (line.strip("|\n").split("|") for line in TABLE.read_text(encoding="utf-8").splitlines() if line[:1] == "|")
    cells = [[cell.strip() for cell in line] for line in lines if not set("".join(line)) <= set("- :")]
    return {(row[1].strip("`"), name_of(row[0])): row for row in cells if row[0] != "package"}


def licence_of(package: str) -> str:
    """Return the licence as the package's metadata has it; of a whole text, what its classifier says."""
    said = metadata(package)
    licence = said.get("License-Expression") or said.get("License") or ""
    if licence and len(licence) <= LONGEST_LICENCE:
        return licence
    named = [value.split(" :: ")[-1] for value in said.get_all("Classifier") or [] if value.startswith("License ::")]
    return "; ".join(named) or "see its metadata"


def pulled_in(package: str) -> set[str]:
    """Return the packages that one asks for in turn, without its extras."""
    return {name_of(one) for one in requires(package) or [] if "extra ==" not in one}


def differences() -> list[str]:
    """Name what the table has otherwise than pyproject.toml and the installed packages."""
    there, asked = rows(), {(extra, package) for extra, packages in wanted().items() for package in packages}
    found = [f"{package}{extra and f' [{extra}]'} is not in the table" for extra, package in sorted(asked - set(there))]
    found += [f"{package}{extra and f' [{extra}]'} is no dependency" for extra, package in sorted(set(there) - asked)]
    for (_, package), row in sorted(there.items()):
        try:
            licence, pulled = licence_of(package), pulled_in(package)
        except PackageNotFoundError:
            continue  # of an extra that is not installed here
        if row[3] != licence:
            found.append(f"{package} has the licence {licence}, and in the table {row[3]}")
        named = re.findall(r"`([\w.-]+)`", row[4])
        found += [f"{package} does not pull in {name}" for name in named if name_of(name) not in pulled]
    return found


if __name__ == "__main__":
    print("\n".join(differences()))
    sys.exit(bool(differences()))

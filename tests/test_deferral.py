"""Packages that import what they offer when it is asked for: all of it is there, and an answer waits for none of it."""

from __future__ import annotations

import ast
import importlib
import subprocess
import sys
from pathlib import Path

import pytest

from clinsearch.web.app import VIEWS

PACKAGES = [
    f"clinsearch.{name}"
    for name in ("explanation", "inspection", "language", "language.assertions", "maps", "readers", "retrieval")
]
# What a search, an explanation or the reading of notes takes, and the first answer of a server does not.
LATER = ("encoder.encoder", "explanation.reasons", "indexing.run", "language.measurements", "language.segmentation")


@pytest.mark.parametrize("package", PACKAGES)
def test_every_name_is_there_and_type_checkers_are_told_where(package: str) -> None:
    module = importlib.import_module(package)
    tree = ast.parse(Path(str(module.__file__)).read_text(encoding="utf-8"))
    homes = {
        alias.name: str(node.module)
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and str(node.module).startswith("clinsearch.")
        for alias in node.names
    }
    assert homes.pop("deferred") == "clinsearch.deferral"
    assert sorted(homes) == sorted(module.__all__)
    for name, home in homes.items():
        assert getattr(module, name) is getattr(importlib.import_module(home), name)


@pytest.mark.parametrize("package", PACKAGES)
def test_another_name_is_an_attribute_error(package: str) -> None:
    with pytest.raises(AttributeError, match=f"module '{package}' has no attribute 'no_such_name'"):
        _ = importlib.import_module(package).no_such_name


def test_what_serves_a_collection_imports_nothing_that_its_first_answer_does_without() -> None:
    code = "import clinsearch.web.server, clinsearch.cli.serve, sys; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {f"clinsearch.{name}" for name in LATER} & set(done.stdout.split())


@pytest.mark.parametrize("view", VIEWS.values(), ids=VIEWS)
def test_every_view_is_there(view: tuple[str, str]) -> None:
    module, name = view
    assert callable(getattr(importlib.import_module(f"clinsearch.web.views.{module}"), name))

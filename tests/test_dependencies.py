"""The table of what clinsearch is built on says what the packages say."""

from __future__ import annotations

import importlib.util
import re
from types import ModuleType

import pytest

from tests.conftest import PROJECT


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("dependencies", PROJECT / "docs" / "dependencies.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_table_names_each_dependency_with_its_licence_and_what_it_pulls_in(script: ModuleType) -> None:
    assert script.differences() == []


def test_a_table_that_is_out_of_date_is_noticed(script: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = script.rows()
    changed = {place: [*row] for place, row in kept.items() if place[1] != "click"}
    changed["", "numpy"][3] = "proprietary"
    changed["", "lxml"][4] = "`telemetry`"
    monkeypatch.setattr(script, "rows", lambda: changed)
    click, lxml, numpy = script.differences()
    assert click == "click is not in the table"
    assert lxml == "lxml does not pull in telemetry"
    assert re.fullmatch("numpy has the licence .*, and in the table proprietary", numpy)


def test_all_dependencies_are_pinned(script: ModuleType) -> None:
    lines = (PROJECT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pinned = {script.name_of(line) for line in lines if line[:1] not in ("", "#")}
    asked = set().union(*script.wanted().values())
    assert asked - pinned == set()

"""docs/notebook.md does what it shows: every block is run in order, and its output compared."""

from __future__ import annotations

import ast
import re
from contextlib import redirect_stdout
from io import StringIO

import pytest

from tests.conftest import CLINICALBERT_IDS, PROJECT

PAGE = (PROJECT / "docs" / "notebook.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```\n(?:\n```\n(.*?)```\n)?", PAGE, re.DOTALL)
DECIMAL = re.compile(r"-?\d+\.\d*")


def run_cell(code: str, names: dict[str, object]) -> str:
    """Run code as a notebook does, and return what it prints, the value of a last expression included."""
    cell = ast.parse(code)
    last = cell.body.pop() if isinstance(cell.body[-1], ast.Expr) else None
    with redirect_stdout(StringIO()) as printed:
        exec(compile(cell, "cell", "exec"), names)
        value = eval(compile(ast.Expression(last.value), "cell", "eval"), names) if last else None
        if value is not None:
            print(repr(value))
    return printed.getvalue()


def test_the_notebook_shows_what_its_code_gives() -> None:
    names: dict[str, object] = {}
    assert len(BLOCKS) == PAGE.count("```python") > 5
    for code, shown in BLOCKS:
        given = run_cell(code, names)
        # Blanks are put by numpy according to the digits, and the last of these may differ between machines.
        assert DECIMAL.sub("#", given).split() == DECIMAL.sub("#", shown).split()
        assert [float(value) for value in DECIMAL.findall(given)] == pytest.approx(
            [float(value) for value in DECIMAL.findall(shown)], abs=0.003
        )


def test_the_notebook_names_the_ids_of_the_model_it_grew_from() -> None:
    assert " ".join(map(str, CLINICALBERT_IDS)) in PAGE

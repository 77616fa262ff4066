"""The shapes of records as JSON Schema: what commands write with `--format json`, and what is answered over HTTP."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Any

# A schema of its own: who keeps explanations checks them by it.
EXPLANATION = "explanation"


@cache
def shapes() -> dict[str, Any]:
    """Return all shapes by name; those of explanations begin with `explanation_`, and any of them is `explanation`."""
    results, explanations = _read("results"), _read(EXPLANATION)
    named = {f"{EXPLANATION}_{name}": _under(one, f"{EXPLANATION}_") for name, one in explanations["$defs"].items()}
    whole = {"description": explanations["title"], "oneOf": _under(explanations["oneOf"], f"{EXPLANATION}_")}
    return {**_under(results["$defs"], ""), EXPLANATION: whole, **named}


def _read(name: str) -> dict[str, Any]:
    text = files(__package__).joinpath(f"{name}.schema.json").read_text(encoding="utf-8")
    read: dict[str, Any] = json.loads(text)
    return read


def _under(schema: Any, prefix: str) -> Any:
    """Return a schema whose references go to the components of an OpenAPI document."""
    if isinstance(schema, list):
        return [_under(one, prefix) for one in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        key: f"#/components/schemas/{prefix}{value.removeprefix('#/$defs/')}"
        if key == "$ref" and isinstance(value, str)
        else _under(value, prefix)
        for key, value in schema.items()
    }

"""The operations for those who write programs: what each takes, what it answers, and a line to try it with."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from clinsearch.rendering.records.schemas import shapes
from clinsearch.web.openapi import ROOT, parameter_schema
from clinsearch.web.operations import OPERATIONS
from clinsearch.web.operations.operation import Operation
from clinsearch.web.parameters import Parameter
from clinsearch.web.templating import render


async def page(request: Request) -> Response:
    """Describe the operations."""
    here = str(request.base_url).rstrip("/")
    return render(request, "api.html", {"root": ROOT, "operations": [_operation(one, here) for one in OPERATIONS]})


def _operation(operation: Operation[Any], here: str) -> dict[str, Any]:
    needed = urlencode({one.name: one.name.upper() for one in operation.parameters if one.required})
    return {
        "name": operation.name,
        "summary": operation.summary,
        "parameters": [{"name": one.name, "says": one.says, "limits": _limits(one)} for one in operation.parameters],
        "answer": shapes()[operation.shape]["description"],
        "example": f"curl '{here}{ROOT}/{operation.name}{needed and '?' + needed}'",
    }


def _limits(one: Parameter) -> str:
    schema = parameter_schema(one)
    single = schema.get("items", schema)
    if one.kind is bool:
        said = ["1 or 0"]
    elif one.choices:
        said = ["one of " + ", ".join(one.choices)]
    elif one.kind is str:
        said = ["text"]
    else:
        said = ["a whole number" if one.kind is int else "a number"]
        said += [f"{word} {single[key]:g}" for word, key in (("from", "minimum"), ("to", "maximum")) if key in single]
    said += ["needed"] * one.required + ["several times"] * one.several
    if "default" in schema and one.kind is not bool:
        said.append(f"else {schema['default']}")
    return ", ".join(said)

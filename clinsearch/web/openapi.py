"""The OpenAPI document of all operations, made from what they say of themselves, and of the shapes of records."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import version
from typing import Any

from clinsearch.rendering.records.schemas import shapes
from clinsearch.web.operations.operation import Operation
from clinsearch.web.parameters import MOST_CHARACTERS, MOST_VALUES, Parameter

ROOT = "/api/v1"
JSON, JSON_LINES = "application/json", "application/x-ndjson"
_TYPES = {str: "string", int: "integer", float: "number", bool: "boolean"}
_ERRORS = {
    "400": "A parameter is missing, unknown or out of range, or cannot be read.",
    "401": "The collection is served to those who sign in.",
    "403": "The request comes from another site, or may not be made.",
    "404": "There is no such note, patient or other thing.",
    "409": "Another process is changing the collection.",
    "429": "Too much is asked at once. Try again after as many seconds as `Retry-After` says.",
    "500": "A fault of the program.",
    "503": "The collection cannot be read.",
}
_ERROR = {
    "type": "object",
    "description": "What went wrong, and what to do; without any text of notes.",
    "properties": {"error": {"type": "string"}, "status": {"type": "integer"}},
    "required": ["error", "status"],
    "additionalProperties": True,
}
_DESCRIPTION = (
    "The operations that the pages use, in the shapes of the command line's JSON (docs/json.md). Where an answer is a "
    "list, `Accept: application/x-ndjson` has it as JSON lines, one record a line. Read-only: GET and HEAD alone."
)


def document(operations: Sequence[Operation[Any]]) -> dict[str, Any]:
    """Return the document, OpenAPI 3.1."""
    return {
        "openapi": "3.1.0",
        "info": {"title": "clinsearch", "version": version("clinsearch"), "description": _DESCRIPTION},
        "servers": [{"url": ROOT}],
        # Without a token file nobody signs in.
        "security": [{}, {"token": []}],
        "paths": {f"/{one.name}": {"get": _described(one)} for one in operations},
        "components": {
            "schemas": {"error": _ERROR, **shapes()},
            "responses": {status: _refusal(status, says) for status, says in _ERRORS.items()},
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def parameter_schema(parameter: Parameter) -> dict[str, Any]:
    """Return what a parameter may be, as JSON Schema."""
    one: dict[str, Any] = {"type": _TYPES[parameter.kind]}
    if parameter.choices:
        one["enum"] = list(parameter.choices)
    elif parameter.kind is str:
        one["maxLength"] = MOST_CHARACTERS
    limits = {"minimum": parameter.least, "maximum": parameter.most}
    one |= {name: limit for name, limit in limits.items() if limit is not None}
    if parameter.several:
        return {"type": "array", "items": one, "maxItems": MOST_VALUES}
    if parameter.default is not None and not parameter.required:
        one["default"] = parameter.default
    return one


def _described(operation: Operation[Any]) -> dict[str, Any]:
    return {
        "operationId": operation.name.replace("/", "_"),
        "summary": operation.summary,
        "parameters": [_parameter(one) for one in operation.parameters],
        "responses": {
            "200": {"description": "The answer.", "content": _content(operation.shape)},
            **{status: {"$ref": f"#/components/responses/{status}"} for status in _ERRORS},
        },
    }


def _parameter(one: Parameter) -> dict[str, Any]:
    found = {"name": one.name, "in": "query", "description": one.says, "required": one.required}
    # The same name several times: ?type=a&type=b.
    styled = {"style": "form", "explode": True} if one.several else {}
    return {**found, **styled, "schema": parameter_schema(one)}


def _content(schema: str) -> dict[str, Any]:
    shape = shapes()[schema]
    found = {JSON: {"schema": {"$ref": f"#/components/schemas/{schema}"}}}
    if shape.get("type") == "array":
        found[JSON_LINES] = {"schema": shape["items"]}
    return found


def _refusal(status: str, says: str) -> dict[str, Any]:
    content = {JSON: {"schema": {"$ref": "#/components/schemas/error"}}}
    headers = {"Retry-After": {"description": "In seconds.", "schema": {"type": "integer"}}}
    return {"description": says, "content": content, **({"headers": headers} if status == "429" else {})}

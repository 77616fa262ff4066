"""The operations as JSON: each answers as the document says, and what the command line prints."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from clinsearch.rendering.records.schemas import shapes
from clinsearch.web.openapi import document
from clinsearch.web.operations import OPERATIONS
from tests.conftest import PROJECT
from tests.support.chromiums import assert_accessible, themes, widths
from tests.support.command_line import json_on
from tests.support.served import Served

# Of each operation: what it is asked, and the command that asks the same; None where there is no such command.
TEXT = "Patient denies fever."
SAMPLES: dict[str, list[tuple[dict[str, Any], tuple[object, ...] | None]]] = {
    "status": [({}, ("status",))],
    "stamp": [({}, None)],
    "note": [({"id": "n01"}, ("show", "n01"))],
    "passage": [({"id": "n05", "start": 30, "end": 40, "sentences": 1}, None)],
    "note/alike": [({"id": "n01", "start": 0, "k": 3}, None)],
    "note/words": [({"word": "fever", "note": "n02", "k": 3}, None)],
    "explain": [
        ({"left": "n01", "right": "n02"}, ("explain", "n01", "n02", "--pairs", 5)),
        ({"left": "n01", "right": "n02", "against": "n05", "pairs": 1},
         ("explain", "n01", "n02", "--against", "n05", "--pairs", 1)),
        ({"q": "fever", "note": "n02"}, None),
    ],
    "map": [
        ({}, ("map",)),
        ({"level": "sentence", "type": "consult"}, ("map", "--level", "sentence", "--type", "consult")),
    ],
    "search": [
        ({"q": "no chest pain", "k": 5}, ("search", "no chest pain", "-k", 5)),
        ({"q": "fever", "level": "note", "context": 1, "type": "consult"},
         ("search", "fever", "--level", "note", "--context", 1, "--type", "consult")),
    ],
    "words": [({"q": "[discharge] to home", "same": False}, ("words", "[discharge] to home", "--other-tokens"))],
    "similar": [({"id": "n01", "without_copies": True, "k": 3}, ("similar", "n01", "--without-copies", "-k", 3))],
    "places": [({"q": "denies fever and chills", "id": "n07", "start": 52, "end": 84}, None)],
    "counts": [({"by": "type"}, ("notes", "--count", "type")), ({"by": "year"}, ("notes", "--count", "year"))],
    "patients": [
        ({"q": "fever", "k": 3}, ("search", "fever", "-k", 3, "--level", "patient")),
        ({"q": "fever and edema", "type": ["consult", "progress note"], "assertion": "any", "k": 20},
         ("search", "fever and edema", "--level", "patient", "-k", 20, "--type", "consult", "--type", "progress note",
          "--assertion", "any")),
    ],
    "values": [
        ({"name": "A1c"}, ("values", "A1c")),
        ({"name": "A1c", "patient": "p2"}, ("values", "A1c", "--patient", "p2")),
    ],
    "measured": [({}, ("values",))],
    "notes": [
        ({}, ("notes",)),
        ({"since": "2024", "sort": "id", "reverse": True, "limit": 2, "offset": 1},
         ("notes", "--since", "2024", "--sort", "id", "--reverse", "--limit", 2, "--offset", 1)),
    ],
    "vocab": [({"prefix": "fe"}, ("vocab", "--prefix", "fe")), ({"token": "fever"}, ("vocab", "--token", "fever"))],
    "neighbors": [({"token": "fever", "k": 4}, ("vocab", "--token", "fever", "--neighbors", "-k", 4))],
    "occurrences": [({"token": "fever"}, ("vocab", "--token", "fever", "--occurrences"))],
    "tokens": [
        ({"text": TEXT}, ("tokens", TEXT)),
        ({"text": TEXT, "ids": True}, ("tokens", TEXT, "--ids")),
        ({"note": "n01"}, ("tokens", "--note", "n01")),
    ],
    "layers": [({"text": TEXT, "word": "fever"}, ("layers", TEXT, "--word", "fever"))],
    "model": [({}, ("model",))],
    "coverage": [({}, ("vocab", "--coverage"))],
}  # fmt: skip
CASES = [(name, asked, command) for name, samples in SAMPLES.items() for asked, command in samples]


def validator(schema: Any) -> Draft202012Validator:
    return Draft202012Validator({"components": document(OPERATIONS)["components"], **schema})


def answer_schema(name: str, kind: str = "application/json") -> dict[str, Any]:
    answer = document(OPERATIONS)["paths"][f"/{name}"]["get"]["responses"]["200"]
    schema: dict[str, Any] = answer["content"][kind]["schema"]
    return schema


def test_every_operation_has_a_sample_here_and_a_shape() -> None:
    assert SAMPLES.keys() == {one.name for one in OPERATIONS}
    assert {one.shape for one in OPERATIONS} <= shapes().keys()


@pytest.mark.parametrize(("name", "asked", "command"), CASES)
def test_an_operation_answers_as_the_document_and_the_command_line_say(
    served: Served, name: str, asked: dict[str, Any], command: tuple[object, ...] | None
) -> None:
    answer = served.json(name, asked)
    assert answer, "a sample is to find something"
    validator(answer_schema(name)).validate(answer)
    if command:
        assert answer == json_on(served.folder, *command)


@pytest.mark.parametrize(("name", "asked"), [case[:2] for case in CASES])
def test_an_answer_comes_as_json_lines_where_that_is_asked_for(
    served: Served, name: str, asked: dict[str, Any]
) -> None:
    answer = served.ask(f"/api/v1/{name}", asked, headers={"Accept": "application/x-ndjson"})
    assert answer.headers["content-type"].startswith("application/x-ndjson")
    records = [json.loads(line) for line in answer.text.splitlines()]
    whole = served.json(name, asked)
    assert records == (whole if isinstance(whole, list) else [whole])


def test_the_documentation_of_json_names_every_key() -> None:
    said = set(re.findall(r"`([a-z_]+)`", (PROJECT / "docs" / "json.md").read_text(encoding="utf-8")))
    keys = {key for shape in shapes().values() for key in shape.get("properties", ())}
    assert keys - said == {"stamp"}  # which no command writes


def test_the_document_is_served_and_is_sound(served: Served) -> None:
    found = served.json("openapi.json")
    assert found == json.loads(json.dumps(document(OPERATIONS)))
    assert found["openapi"].startswith("3.1.")
    assert found["paths"].keys() == {f"/{one.name}" for one in OPERATIONS}
    components = found["components"]
    for schema in components["schemas"].values():
        Draft202012Validator.check_schema(schema)
    for reference in references(found):
        assert reference.split("/")[:2] == ["#", "components"]
        assert reference.split("/")[3] in components[reference.split("/")[2]], reference
    for operation in (path["get"] for path in found["paths"].values()):
        assert all(one.keys() >= {"name", "in", "required", "schema"} for one in operation["parameters"])
        assert all(Draft202012Validator.check_schema(one["schema"]) is None for one in operation["parameters"])


def references(value: Any) -> list[str]:
    if isinstance(value, list):
        return [found for one in value for found in references(one)]
    if not isinstance(value, dict):
        return []
    own = [value["$ref"]] if isinstance(value.get("$ref"), str) else []
    return own + [found for one in value.values() for found in references(one)]


@pytest.mark.parametrize("path", ["/api/v1/nowhere", "/api/v1/status?nothing=1"])
def test_an_error_has_the_shape_that_the_document_says(served: Served, path: str) -> None:
    answer = served.ask(path)
    validator({"$ref": "#/components/schemas/error"}).validate(answer.json())
    assert answer.status == answer.json()["status"]
    described = document(OPERATIONS)["paths"]["/status"]["get"]["responses"]
    assert str(answer.status) in described


@pytest.mark.parametrize("path", ["/api", "/api/v1/openapi.json", "/api/v1/status"])
def test_head_says_what_get_would(served: Served, path: str) -> None:
    head, get = served.ask(path, method="HEAD"), served.ask(path)
    assert (head.status, head.body) == (200, b"")
    assert head.headers["content-length"] == get.headers["content-length"] == str(len(get.body))


def test_the_page_names_every_operation_with_its_parameters(served: Served) -> None:
    page = served.page("/api")
    for operation in OPERATIONS:
        [section] = page.xpath(f"//section[@aria-labelledby='{operation.name}']")
        assert section.xpath(".//tbody/tr/th/code/text()") == [one.name for one in operation.parameters]
        assert f"/api/v1/{operation.name}" in section.xpath("string(pre)")


@themes
@widths
def test_the_page_can_be_read_by_everyone(browser_page: Any) -> None:
    browser_page.goto("/api")
    assert browser_page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert_accessible(browser_page)

"""The command line is a thin skin: short commands, under headings, that name what was meant when they are misused."""

from __future__ import annotations

import ast
import inspect
import json
import subprocess
import sys
import textwrap
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner

import clinsearch
from clinsearch.cli import main
from clinsearch.cli.main import COMMANDS, HEADINGS
from clinsearch.cli.options import filter_options, together
from clinsearch.readers.requests import FilterOptions
from tests.support.command_line import run

LONGEST_BODY = 15
DATED = {"note_datetime": "2024-03-05"}
OF_WORDS = ("--token", "--note", "--at", "--same-token", "--other-tokens", "--pieces")


@pytest.fixture(scope="module")
def collection(tmp_path_factory: pytest.TempPathFactory, tiny_model: Path) -> Path:
    folder = tmp_path_factory.mktemp("command-line")
    notes = [
        {
            "note_id": "a",
            "patient_id": "P1",
            "note_type": "nursing note",
            **DATED,
            "text": "PLAN:\nNo cough.\n\nMild cough.",
        },
        {
            "note_id": "b",
            "patient_id": "P2",
            "note_type": "consult note",
            **DATED,
            "text": "Cough at night, needs pillows.",
        },
    ]
    (folder / "notes.jsonl").write_text("\n".join(map(json.dumps, notes)))
    clinsearch.index(folder / "notes.jsonl", folder / "collection", model=str(tiny_model))
    return folder / "collection"


def command(name: str) -> click.Command:
    found = main.get_command(click.Context(main), name)
    assert found is not None
    return found


def misused(*arguments: object) -> str:
    """Return the line that says what is wrong with the arguments."""
    result = run(*arguments)
    assert (result.exit_code, result.stdout) == (2, ""), result.output
    return result.stderr.splitlines()[-1]


# Thin.


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_is_short(name: str) -> None:
    body = inspect.unwrap(command(name).callback)  # type: ignore[arg-type]
    (function,) = ast.parse(textwrap.dedent(inspect.getsource(body))).body
    assert isinstance(function, ast.FunctionDef)
    assert ast.get_docstring(function)
    first, last = function.body[1], function.body[-1]
    assert last.end_lineno is not None
    assert last.end_lineno - first.lineno + 1 <= LONGEST_BODY


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_names_all_that_it_takes(name: str) -> None:
    body = inspect.signature(inspect.unwrap(command(name).callback))  # type: ignore[arg-type]
    kinds = {parameter.kind for parameter in body.parameters.values()}
    assert not kinds & {inspect.Parameter.VAR_KEYWORD, inspect.Parameter.VAR_POSITIONAL}
    assert all(parameter.annotation not in (inspect.Parameter.empty, "Any") for parameter in body.parameters.values())


def test_options_come_as_one_value() -> None:
    @dataclass(frozen=True)
    class Size:
        width: int
        height: int = 3

    given: dict[str, Any] = {}

    @click.command()
    @together("size", Size, click.option("--width", type=int, default=2))
    @filter_options
    @click.option("--name")
    def draw(size: Size, filters: FilterOptions, name: str) -> None:
        given.update(size=size, filters=filters, name=name)

    asked = ["--width", "7", "--patient", "P1", "--patient", "P2", "--name", "x"]
    assert CliRunner().invoke(draw, asked).exit_code == 0
    assert given["size"] == Size(7, 3)
    assert given["name"] == "x"
    assert given["filters"] == {
        **dict.fromkeys(("encounter_id", "note_type", "exclude_type", "section", "where"), ()),
        "patient_id": ("P1", "P2"),
        "since": None,
        "until": None,
    }
    assert [option.name for option in draw.params][:2] == ["width", "patient_id"]


# Under headings.


def test_the_help_has_every_command_once_under_its_heading() -> None:
    lines = run("--help").stdout.splitlines()
    seen: dict[str, list[str]] = {}
    for line in lines[lines.index("Search:") :]:
        if line and not line.startswith(" "):
            seen[line.removesuffix(":")] = under = []
        elif line.startswith("  ") and line[2] != " ":
            under.append(line.split()[0])
    assert seen == {heading: list(names) for heading, names in HEADINGS.items()}
    starts = {
        line.index(line.split(maxsplit=1)[1]) for line in lines if line.split()[:1] and line.split()[0] in COMMANDS
    }
    assert len(starts) == 1


def test_the_help_of_every_command_is_quick_to_load() -> None:
    code = (
        "import sys; from clinsearch.cli.main import COMMANDS, main\n"
        "for name in COMMANDS: main([name, '--help'], standalone_mode=False)\n"
        "print(sorted({'torch', 'faiss', 'sqlalchemy', 'transformers', 'openvino'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize("name", COMMANDS)
def test_a_help_fits_into_80_columns_and_names_numbers_alike(name: str) -> None:
    shown = CliRunner().invoke(main, [name, "--help"], terminal_width=80).stdout
    assert max(map(len, shown.splitlines())) <= 80
    assert "RANGE" not in shown


# Words in context have a command, and another name.


@pytest.mark.drawn(10)
@pytest.mark.parametrize(
    "asked",
    [
        ["no [cough]"],
        ["no [cough]", "--other-tokens", "-k", 3],
        ["no [cough]", "--same-token", "--pieces"],
        ["no [cough]", "--patient", "P2"],
        ["no [cough]", "--type", "nursng note"],
        ["--token", "cough", "--note", "a"],
        ["--token", "cough", "--note", "nobody"],
        ["no cough"],
        [],
    ],
    ids=str,
)
@pytest.mark.parametrize("form", ["table", "json", "csv"])
def test_words_and_search_of_tokens_are_one(collection: Path, asked: list[object], form: str) -> None:
    where = ("--collection", collection, "--format", form)
    one, other = run("words", *asked, *where), run("search", "--level", "token", *asked, *where)
    assert (one.exit_code, one.stdout) == (other.exit_code, other.stdout)
    assert one.stderr.splitlines()[-1:] == other.stderr.splitlines()[-1:]


def test_words_are_remembered_and_explained(collection: Path) -> None:
    (hit,) = json.loads(run("words", "no [cough]", "-k", 1, "--collection", collection, "--format", "json").stdout)
    found = json.loads(run("explain", "--hit", 1, "--collection", collection, "--format", "json").stdout)
    assert found["score"] == pytest.approx(hit["score"], abs=1e-5)
    assert found["marks"]["left"]["text"] == "cough"


def test_only_words_list_the_options_of_words() -> None:
    searching, of_words = run("search", "--help").stdout, run("words", "--help").stdout
    for option in OF_WORDS:
        assert option not in searching
        assert option in of_words
    for option in ("--mode", "--assertion", "--why", "--diverse", "--every-place"):
        assert f"{option} " in searching
        assert f"{option} " not in of_words


# Misused.


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["serch", "x"], "Did you mean 'search'?"),
        (["word", "x"], "Did you mean 'words'?"),
        (["zzz"], "`clinsearch --help` lists all."),
        (["search"], "Give a QUERY"),
        (["search", "x", "--same"], "No such option '--same'."),
        (["search", "x", "--mod", "vector"], "'--mode'"),
        (["words", "--same-tokens", "x"], "'--same-token'"),
        (["words"], "either a QUERY with the word in brackets, or --token WORD and --note NOTE_ID"),
        (["words", "--token", "cough"], "either a QUERY"),
        (["words", "[cough]", "--note", "a"], "either a QUERY"),
        (["words", "[cough]", "--why"], "No such option '--why'."),
        (["vocab", "wound"], "`clinsearch vocab` takes options alone."),
        (["status", "folder"], "`clinsearch status` takes options alone."),
        (["show", "a", "b"], "Too many arguments."),
    ],
    ids=str,
)
def test_wrong_usage_says_what_was_meant(arguments: list[str], says: str) -> None:
    assert says in misused(*arguments)


@pytest.mark.parametrize("option", OF_WORDS)
def test_no_hidden_option_is_guessed_at(option: str) -> None:
    said = misused("search", "x", f"{option}s")
    assert "No such option" in said
    assert not any(f"'{hidden}'" in said for hidden in OF_WORDS)


def test_a_query_without_a_command_is_not_repeated() -> None:
    said = misused("short of breath")
    assert "clinsearch search" in said
    assert "breath" not in said


@pytest.mark.parametrize(
    "command", [["search", "cough"], ["words", "[cough]"], ["similar", "a"], ["map", "--format", "csv"]]
)
def test_a_time_that_ends_before_it_begins_is_wrong(collection: Path, command: list[str]) -> None:
    between = ("--since", "2024-03", "--until", "2024-02-29", "--collection", collection)
    assert "--since is later than --until" in misused(*command, *between)
    assert run(*command, "--since", "2024-03", "--until", "2024-03", "--collection", collection).exit_code == 0


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("no cough", "No word is marked."),
        ("no [] cough", "No word is marked."),
        ("[cough", "No word is marked."),
        ("cough]", "No word is marked."),
        ("[no] mild [cough]", "2 words are marked."),
    ],
)
def test_a_mark_that_is_not_one_is_told(collection: Path, query: str, says: str) -> None:
    result = run("words", query, "--collection", collection)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith(f"Error: {says} Mark the one that is meant")
    assert "cough" not in result.stderr

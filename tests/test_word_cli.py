"""Words in context on the command line: every form says the same, and whatever goes wrong is one line."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
from pathlib import Path

import pytest
from click.testing import Result

import clinsearch
from clinsearch.collection import Collection
from tests.conftest import PROJECT
from tests.support.command_line import json_on, run_on
from tests.support.pages import HOSTILE, assert_needs_nothing_else, read

NOTES = ["P001-2024-03-02-emergency", "P001-2024-03-07-discharge", "P003-2023-11-16-discharge"]
QUERY = "purulent [discharge] from the wound"


@pytest.fixture(scope="module")
def indexed(tmp_path_factory: pytest.TempPathFactory, tiny_model: Path) -> Path:
    """Some sample notes and one of hostile text, indexed with the tiny model."""
    folder = tmp_path_factory.mktemp("words")
    (folder / "notes").mkdir()
    for name in NOTES:
        shutil.copy(PROJECT / "sample_notes" / f"{name}.txt", folder / "notes")
    hostile = {"note_id": "hostile", "text": f"PLAN:\n{HOSTILE}\n\nNo cough\n  at night.\n"}
    (folder / "notes" / "hostile.jsonl").write_text(json.dumps(hostile))
    clinsearch.index(folder / "notes", folder / "collection", model=str(tiny_model))
    return folder / "collection"


def search(folder: Path, *arguments: object) -> Result:
    return run_on(folder, "search", "--level", "token", *arguments)


def refused(result: Result, code: int = 1) -> str:
    """Return what is said on stderr of a command that fails, which is one line that holds no text of a note."""
    assert (result.exit_code, result.stdout) == (code, ""), result.output
    if code == 1:
        assert result.stderr.startswith("Error: ")
        assert result.stderr.count("\n") == 1
    assert not re.search(
        "discharge from|wound|cough", result.stderr.replace('"purulent [discharge] from the wound"', "")
    )
    return result.stderr


# Forms.


def test_a_hit_has_these_keys_and_stands_where_it_says(indexed: Path) -> None:
    hits = json_on(indexed, "search", "--level", "token", QUERY, "-k", 7)
    assert len(hits) == 7
    for hit in hits:
        assert set(hit) == {
            *("score", "word", "pieces", "note_id", "title", "patient_id", "note_type", "note_datetime", "section"),
            *("start", "end", "sentence", "word_start", "word_end", "occurrences"),
        }
        text = json_on(indexed, "show", hit["note_id"])["text"]
        assert text[hit["start"] : hit["end"]] == hit["word"]
        assert hit["sentence"][hit["word_start"] : hit["word_end"]] == hit["word"]
        rows = json_on(indexed, "tokens", "--note", hit["note_id"])
        inside = [row for row in rows if hit["start"] <= row["start"] < row["end"] <= hit["end"]]
        assert hit["pieces"] == [{"id": row["id"], "token": row["token"]} for row in inside]
    assert [hit["score"] for hit in hits] == sorted((hit["score"] for hit in hits), reverse=True)


@pytest.mark.parametrize("how", [[], ["--same-token"], ["--other-tokens"], ["--pieces"], ["--type", "none such"]])
def test_the_forms_say_the_same_as_the_library(indexed: Path, how: list[str]) -> None:
    asked = ("search", "--level", "token", QUERY, "-k", 6, *how)
    hits = json_on(indexed, *asked)
    assert [
        json.loads(line) for line in run_on(indexed, *asked, "--format", "jsonl").stdout.splitlines() if line
    ] == hits
    rows = list(csv.DictReader(io.StringIO(run_on(indexed, *asked, "--format", "csv").stdout)))
    assert [(row["word"], int(row["start"]), json.loads(row["pieces"])) for row in rows] == [
        (hit["word"], hit["start"], hit["pieces"]) for hit in hits
    ]
    options = {"--same-token": {"same": True}, "--other-tokens": {"same": False}, "--pieces": {"pieces": True}}
    expected = Collection(indexed).search_tokens(QUERY, 6, **(options[how[0]] if len(how) == 1 else {}))
    if len(how) < 2:
        assert [(hit["word"], hit["note_id"], hit["start"], hit["score"]) for hit in hits] == [
            (hit.word, hit.note_id, hit.start, hit.score) for hit in expected
        ]
    table = run_on(indexed, *asked).stdout
    if not hits:
        assert table == "Nothing found.\n"
    for number, hit in enumerate(hits, start=1):
        assert re.search(
            rf"^ *{number} +{hit['score']:.3f} .*{hit['note_id']} {hit['start']}-{hit['end']}$", table, re.M
        )
        assert f"[{hit['word']}]" in table


def test_only_the_same_word_or_only_others_are_given(indexed: Path) -> None:
    every = {"same": ["--same-token"], "other": ["--other-tokens"]}
    words = {
        name: {hit["word"].lower() for hit in json_on(indexed, "search", "--level", "token", QUERY, "-k", 9999, *how)}
        for name, how in every.items()
    }
    assert words["same"] == {"discharge"}
    assert "discharge" not in words["other"]
    assert len(words["other"]) > 50


def test_a_word_of_a_note_stands_in_place_of_a_query(indexed: Path) -> None:
    note_id = NOTES[2]
    text = json_on(indexed, "show", note_id)["text"]
    sentences = json_on(indexed, "show", note_id)["sentences"]
    starts = [found.start() for found in re.finditer("(?i)discharge", text)]
    in_sentences = [at for at in starts if any(s["start"] <= at < s["end"] for s in sentences)]
    assert len(in_sentences) > 1
    for at in in_sentences:
        asked = ("search", "--level", "token", "--token", "Discharge", "--note", note_id, "--at", at)
        hits = json_on(indexed, *asked, "-k", 5)
        marked = Collection(indexed).token("discharge", note_id, at=at)
        expected = Collection(indexed).search_tokens(marked, 5)
        assert [(hit["note_id"], hit["start"]) for hit in hits] == [(hit.note_id, hit.start) for hit in expected]
        assert (note_id, at) not in [(hit["note_id"], hit["start"]) for hit in hits]
    first = json_on(indexed, "search", "--level", "token", "--token", "discharge", "--note", note_id)
    with_place = json_on(
        indexed, "search", "--level", "token", "--token", "discharge", "--note", note_id, "--at", in_sentences[0]
    )
    assert first == with_place


# Explained by number.


@pytest.mark.parametrize("asked", [[QUERY], ["--token", "discharge", "--note", NOTES[2]], [QUERY, "--pieces"]])
def test_a_hit_is_explained_by_its_number_with_its_score(indexed: Path, asked: list[str]) -> None:
    hits = json_on(indexed, "search", "--level", "token", *asked, "-k", 5)
    for number in (1, 5):
        hit = hits[number - 1]
        found = json_on(indexed, "explain", "--hit", number)
        assert found["score"] == pytest.approx(hit["score"], abs=1e-5)
        for kind in ("contributions", "word_contributions"):
            assert sum(row["contribution"] for row in found[kind]) == pytest.approx(hit["score"], abs=1e-4)
        assert (found["note_id"], found["right"]["text"]) == (hit["note_id"], hit["sentence"])
        assert "P003" not in run_on(indexed, "explain", "--hit", number, "--format", "csv").stderr
    shown = run_on(indexed, "explain", "--hit", 1)
    assert shown.exit_code == 0
    assert hits[0]["word"] in shown.stdout
    assert "6" in refused(run_on(indexed, "explain", "--hit", 6))


def test_words_in_context_are_not_explained_by_leaving_words_out(indexed: Path) -> None:
    assert search(indexed, QUERY).exit_code == 0
    assert "shares" in refused(run_on(indexed, "explain", "--hit", 1, "--method", "occlusion"), 2)


# Text is text.


def test_whatever_stands_in_a_note_is_shown_as_text(indexed: Path) -> None:
    asked = ("search", "--level", "token", "No fever, mild [cough].", "-k", 9999)
    hits = [hit for hit in json_on(indexed, *asked) if hit["note_id"] == "hostile"]
    text = json_on(indexed, "show", "hostile")["text"]
    assert {"script", "b", "onerror", "שלום", "cough"} <= {hit["word"] for hit in hits}
    for hit in hits:
        assert text[hit["start"] : hit["end"]] == hit["word"]
    table = run_on(indexed, *asked).stdout
    shown = " ".join(table.split())
    for written in ("[b]bold[/b]", "</script>", "<img src=x onerror=alert(1)>", "[שלום]", "No [cough] at night."):
        assert written in shown
    assert not set(table) & {"\x1b", "\x07"}


def test_an_explained_word_of_hostile_text_is_text(indexed: Path, tmp_path: Path) -> None:
    hits = json_on(
        indexed, "search", "--level", "token", "--token", "onerror", "--note", "hostile", "--pieces", "-k", 3
    )
    assert len(hits) == 3
    marked = f"{HOSTILE[: HOSTILE.index('[b]')]} [bold] </script><img src=x onerror=alert(1)>"
    assert search(indexed, marked, "-k", 1).exit_code == 0
    page = tmp_path / "why.html"
    assert run_on(indexed, "explain", "--hit", 1, "--html", page).exit_code == 0
    written = page.read_text(encoding="utf-8")
    assert_needs_nothing_else(written)
    assert "<img src=x onerror=alert(1)>" in read(written).text
    assert not set(run_on(indexed, "explain", "--hit", 1).stdout) & {"\x1b", "\x07"}


# What goes wrong.


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["no mark on the cough"], "[discharge]"),
        (["[cough] and [wound]"], "[discharge]"),
        (["[ ] cough"], "[discharge]"),
        ([""], "[discharge]"),
        (["--token", "zebra", "--note", NOTES[0]], "clinsearch tokens --note"),
        (["--token", "nowhere", "--note", NOTES[2], "--at", "0"], "character 0"),
        (["--token", "discharge", "--note", "none"], "No note none"),
        (["[cough]", "--since", "soon"], "2024-03-31"),
    ],
    ids=str,
)
def test_what_cannot_be_found_is_one_line(indexed: Path, arguments: list[str], says: str) -> None:
    assert says in refused(search(indexed, *arguments))


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["--token", "discharge"],
        ["--note", NOTES[0]],
        ["--at", "3"],
        [QUERY, "--token", "discharge", "--note", NOTES[0]],
        [QUERY, "--note", NOTES[0]],
        [QUERY, "--at", "3"],
        ["--token", "discharge", "--note", NOTES[0], "--at", "-1"],
        [QUERY, "-k", "0"],
        [QUERY, "--every-place"],
    ],
    ids=str,
)
def test_wrong_usage_exits_with_2_before_a_collection_is_looked_for(tmp_path: Path, arguments: list[str]) -> None:
    refused(search(tmp_path / "none", *arguments), 2)


@pytest.mark.parametrize("level", ["sentence", "note"])
@pytest.mark.parametrize(
    "option",
    [["--pieces"], ["--same-token"], ["--other-tokens"], ["--token", "a"], ["--note", "b"], ["--at", "0"]],
    ids=str,
)
def test_options_of_words_go_with_words_alone(tmp_path: Path, level: str, option: list[str]) -> None:
    assert "--level token" in refused(run_on(tmp_path / "none", "search", "fever", "--level", level, *option), 2)


def test_a_collection_without_words_says_how_to_add_them(tmp_path: Path, tiny_model: Path) -> None:
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "a.txt").write_text("No cough at night.")
    folder = tmp_path / "c"
    made = run_on(folder, "index", tmp_path / "notes", "--no-tokens", "--model", tiny_model)
    assert made.exit_code == 0
    assert "clinsearch index --tokens" in refused(search(folder, "[cough] at night"))
    assert "clinsearch index --tokens" in refused(run_on(folder, "vocab", "--token", "night", "--occurrences"))
    assert "clinsearch index --tokens" in refused(run_on(folder, "vocab", "--coverage"))
    assert run_on(folder, "index", tmp_path / "notes", "--tokens").exit_code == 0
    (hit,) = json_on(folder, "search", "--level", "token", "no [cough] at night.", "-k", 1)
    assert hit["word"] == "cough"
    assert run_on(folder, "index", tmp_path / "notes", "--no-tokens").exit_code == 0
    assert "clinsearch index --tokens" in refused(search(folder, "[cough] at night"))


def test_no_collection_is_one_line_that_says_how_to_make_one(tmp_path: Path) -> None:
    assert "clinsearch index FOLDER" in refused(search(tmp_path / "none", "[cough]"))

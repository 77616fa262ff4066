"""The command line as a user meets it: results, forms, exit codes, and one clear line for whatever goes wrong."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from clinsearch.cli.main import COMMANDS
from tests.conftest import PROJECT, SENTENCE
from tests.support.command_line import as_json, refused, run

FIRST = "P001-2024-03-02-emergency"
SECOND = "P001-2024-03-03-admission"


@pytest.fixture(scope="module")
def collection(tiny_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample notes, indexed with the tiny model."""
    folder = tmp_path_factory.mktemp("cli") / "collection"
    result = run("index", PROJECT / "sample_notes", "--collection", folder, "--model", tiny_model)
    assert result.exit_code == 0, result.stderr
    return folder


def test_help_is_quick_to_load_and_names_every_command() -> None:
    code = (
        "import sys; from clinsearch.cli import main; main(['--help'], standalone_mode=False);"
        "print(sorted({'torch', 'faiss', 'sqlalchemy', 'transformers', 'alembic'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
    for command in COMMANDS:
        assert re.search(rf"^  {command} +\w", done.stdout, re.MULTILINE)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_a_sentence_and_an_example(command: str) -> None:
    text = run(command, "--help").stdout
    assert re.search(rf"^  clinsearch {command}\b", text, re.MULTILINE)
    assert re.search(r"^  [A-Z].*\w", text, re.MULTILINE)


def test_a_hit_has_the_documented_keys(collection: Path) -> None:
    hits = as_json("search", "short of breath", "-k", 3, "--collection", collection)
    assert len(hits) == 3
    keys = {"score", "note_id", "section", "sentence", "start", "end", "occurrences"}
    assert all(keys <= set(hit) for hit in hits)
    text = as_json("show", hits[0]["note_id"], "--collection", collection)["text"]
    assert " ".join(text[hits[0]["start"] : hits[0]["end"]].split()) == hits[0]["sentence"]


def test_the_forms_say_the_same(collection: Path) -> None:
    search = ("search", "no fever", "-k", 4, "--collection", collection)
    hits = as_json(*search)
    lines = run(*search, "--format", "jsonl").stdout.splitlines()
    assert [json.loads(line) for line in lines] == hits
    rows = list(csv.DictReader(io.StringIO(run(*search, "--format", "csv").stdout)))
    assert [row["sentence"] for row in rows] == [hit["sentence"] for hit in hits]
    table = run(*search).stdout
    assert all(hit["note_id"] in table for hit in hits)


def test_filters_keep_to_what_is_asked_for(collection: Path) -> None:
    found = as_json(
        "search", "fever", "--type", "Nursing Note", "--patient", "P001", "--since", "2024-01-01",
        "--collection", collection,
    )  # fmt: skip
    assert found
    assert {(hit["patient_id"], hit["note_type"]) for hit in found} == {("P001", "nursing note")}


def test_notes_can_be_asked_for(collection: Path) -> None:
    hits = as_json("search", "chest pain", "--level", "note", "-k", 5, "--collection", collection)
    assert len({hit["note_id"] for hit in hits}) == 5
    alike = as_json("similar", FIRST, "-k", 5, "--collection", collection)
    assert len(alike) == 5
    assert FIRST not in {hit["note_id"] for hit in alike}


def test_every_place_of_a_copied_sentence_is_named_on_request(collection: Path) -> None:
    sentences = as_json("show", FIRST, "--collection", collection)["sentences"]
    copied = next(s["sentence"] for s in sentences if s["sentence"].startswith("He now needs three pillows"))
    search = ("search", copied, "-k", 1, "--collection", collection)
    (hit,) = as_json(*search)
    places = as_json(*search, "--every-place")
    assert hit["sentence"] == copied
    assert len(places) == hit["occurrences"] > 1
    assert len({(place["note_id"], place["start"]) for place in places}) == len(places)
    assert {place["sentence"] for place in places} == {copied}


def test_explanations_add_up(collection: Path, tiny_model: Path) -> None:
    texts = as_json("explain", "--text", "Denies fever.", "She has a fever.", "--model", tiny_model)
    query = as_json("explain", "--query", "three pillows", FIRST, "--collection", collection)
    notes = as_json("explain", FIRST, SECOND, "--collection", collection)
    raw = as_json("explain", FIRST, SECOND, "--raw", "--collection", collection)
    for explanation in (texts, query, notes, raw, *notes["pairs"]):
        total = sum(part["contribution"] for part in explanation["contributions"])
        total += sum((explanation.get("background") or {}).values()) + explanation.get("unplaced", 0)
        assert total + explanation["residual"] == pytest.approx(explanation["score"], abs=1e-6)
        assert abs(explanation["residual"]) <= 1e-4
    assert notes["score"] == pytest.approx(
        next(hit["score"] for hit in as_json("similar", FIRST, "-k", 100, "--collection", collection)
             if hit["note_id"] == SECOND), abs=1e-3,
    )  # fmt: skip


@pytest.mark.parametrize("form", ["table", "csv", "jsonl"])
def test_explanations_have_every_form(collection: Path, form: str) -> None:
    for what in ([FIRST, SECOND], ["--query", "three pillows", FIRST]):
        result = run("explain", *what, "--collection", collection, "--format", form)
        assert result.exit_code == 0
        assert result.stdout.strip()


def test_tokens_vocab_and_model_need_no_collection(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    rows = as_json("tokens", SENTENCE)
    assert [set(row) >= {"id", "token", "start", "end"} for row in rows] == [True] * 19
    assert as_json("vocab", "--id", rows[1]["id"]) == [{"id": rows[1]["id"], "token": "patient"}]
    assert as_json("vocab", "--token", "patient") == [{"id": rows[1]["id"], "token": "patient"}]
    assert {entry["token"] for entry in as_json("vocab", "--prefix", "cardio")} >= {"cardiovascular"}
    assert as_json("model")["embedding_matrix"] == [30522, 384]
    assert list(tmp_path.iterdir()) == []


def test_tokens_show_their_vectors_on_request(tiny_model: Path) -> None:
    rows = as_json("tokens", "no fever", "--vectors", "--model", tiny_model)
    assert [len(row["contextual"]) for row in rows] == [32] * 4
    shown = run("tokens", "no fever", "--vectors", "--model", tiny_model).stdout
    assert "last_hidden_state (batch_size 1, sequence_length 4, hidden_size 32)" in shown


def test_status_counts(collection: Path, tiny_model: Path) -> None:
    status = as_json("status", "--collection", collection)
    files = [path for path in (PROJECT / "sample_notes").iterdir() if path.suffix == ".txt"]
    assert status["notes"] == len(files)
    assert 0 < status["sentences"] < status["occurrences"]
    assert status["model"] == str(tiny_model)
    assert status["bytes"] > 10_000
    assert str(len(files)) in run("status", "--collection", collection).stdout


def test_deleted_notes_are_gone_and_unknown_ones_stop_the_deletion(collection: Path, tmp_path: Path) -> None:
    own = Path(shutil.copytree(collection, tmp_path / "own"))
    assert "nobody" in refused("delete", FIRST, "nobody", "--collection", own)
    assert run("show", FIRST, "--collection", own).exit_code == 0
    assert as_json("delete", FIRST, SECOND, "--collection", own) == {"deleted": 2, "has_remains": False}
    assert FIRST in refused("show", FIRST, "--collection", own)


def test_note_text_is_never_read_as_markup(tmp_path: Path, tiny_model: Path) -> None:
    nasty = "Fever [b]bold[/b] [/] [link=x]here[/link] :smile: <script>alert(1)</script> \u202eabc\u202c."
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "a.txt").write_text(nasty, encoding="utf-8")
    folder = tmp_path / "collection"
    run("index", tmp_path / "notes", "--collection", folder, "--model", tiny_model)
    for shown in (
        run("search", "fever", "--collection", folder).stdout,
        run("show", "a", "--collection", folder).stdout,
        run("explain", "--query", nasty, "a", "--collection", folder).stdout,
    ):
        for part in ("[b]bold[/b]", "[link=x]here[/link]", ":smile:"):
            assert part in re.sub(r"\s+", " ", shown)


def test_a_note_cannot_steer_the_terminal(tmp_path: Path, tiny_model: Path) -> None:
    (tmp_path / "a.jsonl").write_text(json.dumps({"id": "\x1b[31mred", "text": "Fever \x1b]0;title\x07 and \x1b[2J."}))
    folder = tmp_path / "collection"
    run("index", tmp_path / "a.jsonl", "--collection", folder, "--model", tiny_model)
    for arguments in (["search", "fever"], ["show", "\x1b[31mred"], ["explain", "--query", "fever", "\x1b[31mred"]):
        result = run(*arguments, "--collection", folder)
        assert result.exit_code == 0
        assert "\x1b" not in result.output
        assert "\x07" not in result.output


def test_a_query_that_is_not_utf8_is_one_line(collection: Path) -> None:
    assert "UTF-8" in refused("search", "f\udce9ver", "--collection", collection)
    assert "No note" in refused("show", "f\udce9", "--collection", collection)


def test_vectors_with_impossible_scores_are_damage(collection: Path, tmp_path: Path) -> None:
    own = Path(shutil.copytree(collection, tmp_path / "own"))
    for path in (own / "vectors").glob("sentence-*"):
        content = bytearray(path.read_bytes())
        content[2000:2004] = b"XXXX"
        path.write_bytes(content)
    assert "clinsearch repair" in refused("search", "fever", "-k", 5000, "--collection", own)
    assert run("repair", "--collection", own).exit_code == 0
    assert run("search", "fever", "--collection", own).exit_code == 0


# Bad input: one clear line each, no traceback, nothing harmed.


def test_an_empty_folder_is_one_line(tmp_path: Path) -> None:
    assert "No notes in" in refused("index", tmp_path, "--collection", tmp_path / "c")
    assert not (tmp_path / "c").exists()


def test_a_folder_that_does_not_exist_is_one_line(tmp_path: Path) -> None:
    assert "nowhere" in refused("index", tmp_path / "nowhere", "--collection", tmp_path / "c")


def test_bad_files_are_named_and_the_rest_is_indexed(tmp_path: Path, tiny_model: Path) -> None:
    notes = tmp_path / "notes"
    notes.mkdir()
    (notes / "good.txt").write_text("Denies fever.")
    (notes / "empty.txt").write_text("")
    (notes / "binary.txt").write_bytes(b"\x00\x01\x02" * 50)
    (notes / "latin.txt").write_bytes("Temperature 38 °C, secret word".encode("latin-1"))
    (notes / "long.txt").write_text("x" * 50_000_000)
    result = run("index", notes, "--collection", tmp_path / "c", "--model", tiny_model)
    assert result.exit_code == 1
    lines = result.stderr.splitlines()
    assert len(lines) == 4
    assert [Path(line.split(":")[0]).name for line in lines] == [
        "binary.txt",
        "empty.txt",
        "latin.txt",
        "long.txt",
    ]
    assert "secret" not in result.stderr
    assert "Notes: 1 new, 4 not usable." in result.stdout
    assert as_json("status", "--collection", tmp_path / "c")["notes"] == 1


def test_a_note_of_100_000_words_is_indexed_whole(tmp_path: Path, tiny_model: Path) -> None:
    (tmp_path / "long.txt").write_text("patient has chest pain and cough " * 16_667 + "edema.")
    result = run("index", tmp_path / "long.txt", "--collection", tmp_path / "c", "--model", tiny_model)
    assert result.exit_code == 0, result.stderr
    hits = as_json("search", "edema", "-k", 1000, "--collection", tmp_path / "c")
    assert max(hit["end"] for hit in hits) == 16_667 * 33 + 6


@pytest.mark.parametrize("query", ["", "   ", "\n\t"])
def test_a_query_of_nothing_is_one_line(collection: Path, query: str) -> None:
    assert "empty" in refused("search", query, "--collection", collection)
    assert "empty" in refused("explain", "--query", query, FIRST, "--collection", collection)


def test_an_unknown_note_is_one_line(collection: Path) -> None:
    for command in (["show", "nobody"], ["similar", "nobody"], ["explain", FIRST, "nobody"]):
        assert "No note nobody" in refused(*command, "--collection", collection)


def test_a_collection_that_is_a_file_is_one_line(tmp_path: Path, tiny_model: Path) -> None:
    file = tmp_path / "file"
    file.write_text("mine")
    (tmp_path / "note.txt").write_text("Denies fever.")
    assert "is a file" in refused("search", "fever", "--collection", file)
    assert "is a file" in refused("index", tmp_path / "note.txt", "--collection", file, "--model", tiny_model)
    assert file.read_text() == "mine"


def test_a_folder_that_holds_other_things_does_not_become_a_collection(tmp_path: Path, tiny_model: Path) -> None:
    (tmp_path / "note.txt").write_text("Denies fever.")
    line = refused("index", tmp_path / "note.txt", "--collection", tmp_path, "--model", tiny_model)
    assert "not a collection and not empty" in line
    assert [path.name for path in tmp_path.iterdir()] == ["note.txt"]


def test_no_collection_is_one_line_that_says_how_to_make_one(tmp_path: Path) -> None:
    assert "clinsearch index FOLDER" in refused("search", "fever", "--collection", tmp_path / "none")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read and write everything")
def test_a_folder_without_permission_is_one_line(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o000)
    assert "permission denied" in refused("index", closed, "--collection", tmp_path / "c")
    assert "permission denied" in refused("search", "fever", "--collection", closed / "c")


def test_words_of_a_query_without_quotes_are_not_repeated() -> None:
    result = run("search", "short", "of", "breath")
    assert result.exit_code == 2
    assert "quotes" in result.stderr
    assert "breath" not in result.stderr


def test_every_place_goes_with_sentences(collection: Path) -> None:
    arguments = ("search", "fever", "--level", "note", "--every-place", "--collection", collection)
    assert run(*arguments).exit_code == 2


def test_wrong_usage_exits_with_2() -> None:
    for arguments in (["search"], ["explain", "one"], ["vocab"], ["search", "x", "-k", "0"], ["nonsense"]):
        assert run(*arguments).exit_code == 2


def test_a_wrong_date_is_one_line(collection: Path) -> None:
    assert "2024-03-31" in refused("search", "fever", "--since", "soon", "--collection", collection)


def test_output_can_be_cut_off_by_head(collection: Path) -> None:
    command = f"{sys.executable} -m clinsearch vocab --prefix a --format csv | head -n 1"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=True)
    assert done.stdout == "id,token\n"
    assert done.stderr == ""

"""Options are settled by files and variables: which of them holds, to what it applies, and what is said of it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import clinsearch
from clinsearch.cli.main import COMMANDS
from clinsearch.cli.settable import GENERAL, options_by_key
from clinsearch.cli.settings import TOLD
from tests.support.command_line import as_json, refused, run
from tests.support.settings import Settings, command


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """An empty folder to be in, and an empty one of the user's own."""
    return Settings.made(tmp_path, monkeypatch)


@pytest.fixture(scope="module")
def collection(tmp_path_factory: pytest.TempPathFactory, tiny_model: Path) -> Path:
    folder = tmp_path_factory.mktemp("settings")
    notes = [{"note_id": f"n{n}", "patient_id": f"P{n}", "text": f"Mild cough, {n} nights."} for n in range(5)]
    (folder / "notes.jsonl").write_text("\n".join(map(json.dumps, notes)))
    clinsearch.index(folder / "notes.jsonl", folder / "collection", model=str(tiny_model))
    return folder / "collection"


def found(*arguments: object) -> dict[str, dict[str, Any]]:
    """Return what `clinsearch config` says, by key, and by command and key."""
    records = as_json("config", *arguments)
    return {f"{one['command']}.{one['key']}" if one["command"] else one["key"]: one for one in records}


# Which holds.


def test_the_command_line_goes_before_a_variable_a_project_the_user_and_the_default(
    settings: Settings, collection: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def count(*more: object) -> int:
        return len(as_json("words", "mild [cough]", "--same-token", "--collection", collection, *more))

    assert count() == 5
    settings.user("k = 4")
    assert count() == 4
    settings.project("k = 3")
    assert count() == 3
    monkeypatch.setenv("CLINSEARCH_K", "2")
    assert count() == 2
    assert count("-k", 1) == 1


def test_within_one_file_a_command_s_own_table_goes_before_all_commands(settings: Settings) -> None:
    settings.project("k = 3\n[search]\nk = 4\n")
    assert found("search")["search.k"]["value"] == 4
    assert found("words")["words.k"]["value"] == 3


def test_a_project_goes_before_the_user_even_where_the_user_means_one_command(settings: Settings) -> None:
    settings.user("[search]\nk = 4\n")
    settings.project("k = 3")
    assert found("search")["search.k"]["value"] == 3
    assert "search.k" not in found()


def test_a_variable_of_one_command_goes_before_one_of_all(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLINSEARCH_K", "2")
    monkeypatch.setenv("CLINSEARCH_SEARCH_K", "6")
    monkeypatch.setenv("CLINSEARCH_INDEX_DELETE_MISSING", "true")
    assert (found("search")["search.k"]["value"], found("words")["words.k"]["value"]) == (6, 2)
    assert found()["index.delete_missing"]["value"] is True


def test_an_empty_variable_settles_nothing(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLINSEARCH_K", "")
    assert found()["k"]["origin"] == "default"


def test_the_file_next_to_the_collection_holds_where_there_is_none_here(settings: Settings, collection: Path) -> None:
    beside = settings.file(collection.parent / "clinsearch.toml", 'collection = "elsewhere"\nk = 2\n')
    try:
        assert len(as_json("words", "mild [cough]", "--collection", collection)) == 2
        assert found("--collection", collection)["k"]["place"] == str(beside)
        settings.user(f'collection = "{collection}"')
        assert len(as_json("words", "mild [cough]")) == 2
        settings.project("")
        assert len(as_json("words", "mild [cough]", "--same-token", "--collection", collection)) == 5
    finally:
        beside.unlink()


def test_no_settings_are_read_where_none_are_wanted(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.project("nonsense")
    assert run("--no-settings", "readers").exit_code == 0
    assert refused("readers")
    monkeypatch.setenv("CLINSEARCH_NO_SETTINGS", "1")
    assert run("readers").exit_code == 0
    assert run("config").stderr.startswith("No file is read")


# What it applies to.


@pytest.mark.parametrize("key", GENERAL)
def test_what_holds_for_all_commands_is_an_option_of_one(key: str) -> None:
    assert key in options_by_key(command(GENERAL[key]))


def test_what_is_told_of_a_project_are_options() -> None:
    known = {option.name for name in COMMANDS for option in options_by_key(command(name)).values()}
    assert set(TOLD) <= known


def test_a_level_that_a_command_does_not_have_is_not_for_it(settings: Settings) -> None:
    settings.project('level = "token"')
    assert found("search")["search.level"]["value"] == "token"
    assert found("map")["map.level"]["origin"] == "default"


def test_ways_of_ranking_that_are_settled_do_not_forbid_words(settings: Settings, collection: Path) -> None:
    settings.project('mode = "keyword"\nassertion = "any"\n[search]\nwhy = true\nevery_place = true\n')
    assert as_json("search", "mild [cough]", "--level", "token", "--collection", collection)
    assert as_json("search", "cough", "--level", "note", "--collection", collection)
    assert run("search", "x", "--level", "token", "--mode", "vector", "--collection", collection).exit_code == 2


def test_a_collection_keeps_its_model_whatever_is_settled(settings: Settings, collection: Path) -> None:
    settings.project('model = "minilm"')
    assert as_json("search", "cough", "--collection", collection)
    assert as_json("tokens", "cough", "--ids", "--collection", collection)
    assert run("index", collection.parent / "notes.jsonl", "--collection", collection).exit_code == 0


def test_a_new_collection_has_the_model_that_is_settled(settings: Settings, collection: Path, tiny_model: Path) -> None:
    settings.user(f'model = "{tiny_model}"')
    assert run("index", collection.parent / "notes.jsonl").exit_code == 0
    assert as_json("status")["model"] == str(tiny_model)


def test_columns_and_filters_may_be_many(settings: Settings, collection: Path) -> None:
    settings.project('[words]\npatient = ["P1", "P2"]\n[index.map]\npatient_id = "MRN"\ntitle = "Subject"\n')
    assert {one["patient_id"] for one in as_json("words", "[cough]", "--collection", collection)} == {"P1", "P2"}
    assert found()["index.map"]["value"] == ["patient_id=MRN", "title=Subject"]
    (settings.folder / "t.csv").write_text("MRN,Subject,text\n7,Visit,No cough.\n")
    assert as_json("index", "t.csv", "--dry-run")["first"]["patient_id"] == "7"


def test_folders_that_are_named_go_before_a_query_that_is_settled(settings: Settings) -> None:
    settings.user('[index]\nsql = ["sqlite:///none.db", "SELECT 1"]\n')
    (settings.folder / "a.txt").write_text("No cough.")
    assert as_json("index", "a.txt", "--dry-run")["notes"] == 1
    assert "No database at" in refused("index", "--dry-run")


def test_paths_are_seen_from_their_file(settings: Settings, collection: Path) -> None:
    (settings.home / "clinsearch" / "terms.tsv").parent.mkdir(parents=True)
    settings.user(f'terms = "terms.tsv"\ncollection = "{collection}"\n')
    assert found()["terms"]["value"] == str(settings.home / "clinsearch" / "terms.tsv")
    assert "terms.tsv" in refused("search", "cough")


# What is said.


def test_a_project_that_says_where_to_look_is_told_once(settings: Settings, collection: Path) -> None:
    (settings.folder / "own").symlink_to(collection.parent)
    settings.project('k = 3\n[words]\npatient = "P1"\n')
    result = run("words", "[cough]", "--collection", collection)
    assert result.stderr == "clinsearch.toml sets patient.\n"
    assert run("words", "[cough]", "--patient", "P2", "--collection", collection).stderr == ""
    settings.project("k = 3")
    assert run("words", "[cough]", "--collection", collection).stderr == ""


def test_what_the_user_has_settled_is_not_told(settings: Settings, collection: Path) -> None:
    settings.user(f'collection = "{collection}"')
    assert run("words", "[cough]").stderr == ""


def test_passwords_are_not_shown(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.user('[index]\nsql = ["postgresql://me:s3 cret/@x@host/db?token=s3cret", "SELECT 1"]\n')
    monkeypatch.setenv("CLINSEARCH_MODEL", "https://me:s3cret@host/model")
    for form in ("table", "json", "jsonl", "csv"):
        shown = run("config", "--format", form).output
        assert "postgresql://…" in shown
        assert "cret" not in shown


def test_a_variable_that_is_none_of_ours_is_named(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLINSEARCH_COLECTION", "x")
    assert run("config").stderr == "$CLINSEARCH_COLECTION is not known. Did you mean CLINSEARCH_COLLECTION?\n"


def test_the_paths_are_named_in_their_order(settings: Settings, collection: Path) -> None:
    settings.user("[serch]")
    looked = as_json("config", "--paths", "--collection", collection)
    assert [(one["kind"], one["state"]) for one in looked] == [
        ("project", "absent"),
        ("project", "absent"),
        ("user", "refused"),
    ]
    assert looked[2]["reason"].endswith("serch is not known. Did you mean search?")
    settings.project("")
    looked = as_json("config", "--paths", "--collection", collection)
    assert [one["state"] for one in looked] == ["read", "unused", "refused"]
    assert looked[0]["path"] == str(settings.folder / "clinsearch.toml")


def test_a_command_s_settings_are_all_of_its_options(settings: Settings) -> None:
    assert set(found("search")) == {f"search.{key}" for key in options_by_key(command("search"))}
    assert "not set" in run("config", "search").stdout


def test_the_help_reads_no_settings(settings: Settings) -> None:
    settings.project("nonsense")
    assert run("--help").exit_code == run("search", "--help").exit_code == run("config", "--paths").exit_code == 0
    code = (
        "import sys; from clinsearch.cli.main import main\n"
        "main(['config'], standalone_mode=False)\n"
        "print(sorted({'torch', 'faiss', 'sqlalchemy', 'transformers', 'openvino'} & set(sys.modules)))"
    )
    settings.project("k = 3")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"

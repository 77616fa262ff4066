"""A file of settings is checked strictly before it is believed, and one that came from elsewhere may not say all."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from clinsearch.errors import SettingError
from clinsearch.settings import files, project_files, read_settings, user_file
from tests.support.command_line import refused, run
from tests.support.settings import Settings


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    return Settings.made(tmp_path, monkeypatch)


# What it says is known.


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("colection = 'x'", "colection is not known. Did you mean collection?"),
        ("zzz = 1", "zzz is not known. There are assertion, collection,"),
        ("[serch]\nk = 1", "serch is not known. Did you mean search?"),
        ("[search]\nks = 1", "[search] ks is not known. Did you mean k?"),
        ("[search]\ndelete_missing = true", "[search] delete_missing is not known."),
        ("[index]\ndelete-missing = true", "[index] delete-missing is not known. Did you mean delete_missing?"),
        ("[search]\ntoken = 'x'", "[search] token is not known."),
        ("[search]\nhelp = true", "[search] help is not known."),
        ("delete_missing = true", "delete_missing belongs to a command: put it below [index]."),
        ("k = '20'", "k takes a whole number."),
        ("k = true", "k takes a whole number."),
        ("k = 2.5", "k takes a whole number."),
        ("k = 0", "k takes a whole number: 0 is not in the range"),
        ("k = [1]", "k takes a whole number."),
        ("collection = 3", "collection takes text."),
        ("collection = 2024-03-31", "collection takes text."),
        ('collection = "a\\u0000b"', "collection takes text."),
        ("format = 'xml'", "format takes one of table, json, jsonl, csv."),
        ("format = 'JSON'", "format takes one of table, json, jsonl, csv."),
        ("search = 3", "search is not known."),
        ("[search]\nwhy = 1", "[search] why takes true or false."),
        ("[search]\nmin_score = 'low'", "[search] min_score takes a number."),
        ("[search]\nmin_score = 7", "[search] min_score takes a number: 7.0 is not in the range 0<=x<=1."),
        ("[search]\npatient = [1]", "[search] patient takes text, or a list of texts."),
        ("[search.patient]\na = 'b'", "[search] patient takes text, or a list of texts."),
        ("[index.map]\npatient_id = 3", "[index] map takes text, or a list of texts."),
        ("k = 3\nk = 4", "is not TOML: "),
        ("k = ", "is not TOML: "),
        ("[explain]\ntext = ['a']", "[explain] text takes a list of 2."),
    ],
)
def test_what_is_not_known_is_one_line_with_file_and_key(settings: Settings, content: str, says: str) -> None:
    settings.project(content)
    said = refused("readers")
    assert said.startswith("Error: clinsearch.toml")
    assert says in said


def test_numbers_may_be_whole_where_they_need_not_be(settings: Settings) -> None:
    settings.project("[search]\nmin_score = 1")
    assert run("readers").exit_code == 0


def test_a_value_is_not_repeated_that_might_be_of_a_query(settings: Settings) -> None:
    settings.project("[search]\nmode = 'orthopnea'\n")
    assert "orthopnea" not in refused("readers")


def test_columns_that_are_no_pairs_name_their_file(settings: Settings) -> None:
    settings.project("[index]\nmap = ['patient_id']")
    said = run("index", ".").stderr
    assert said == "Error: clinsearch.toml: patient_id is not FIELD=COLUMN, as patient_id=MRN.\n"


def test_a_wrong_variable_is_named(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLINSEARCH_FORMAT", "xml")
    assert refused("readers").startswith("Error: $CLINSEARCH_FORMAT: ")


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"k = 3\xff", "is not in UTF-8"),
        (b"# " + b"x" * files.MOST_BYTES, "more than 65,536 bytes"),
        (b"k = " + b"[" * 20_000, "nested too deeply"),
        (b"k = " + b"9" * 10_000, "is not TOML"),
        (b"k = 3\x00", "is not TOML"),
    ],
)
def test_damaged_files_are_one_line(settings: Settings, content: bytes, says: str) -> None:
    settings.project("").write_bytes(content)
    assert says in refused("readers")


def test_a_file_of_a_windows_editor_is_read(settings: Settings) -> None:
    settings.project("").write_bytes(b"\xef\xbb\xbfk = 3\r\nformat = 'csv'\r\n")
    assert run("readers").stdout.startswith("kind,")


@given(content=st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass")))
@hypothesis_settings(deadline=None, max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_content_is_settings_or_an_error(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "clinsearch.toml"
    path.write_bytes(content)
    path.chmod(0o600)
    said = ""
    try:
        read_settings(path)
    except SettingError as error:
        said = str(error)
    assert "\n" not in said


# Who may have written it.


def test_a_file_that_everyone_may_write_is_refused(settings: Settings) -> None:
    settings.project("k = 3").chmod(0o666)
    said = refused("readers")
    assert "clinsearch.toml is not read, as every user may write it. Run `chmod o-w`" in said
    settings.project("k = 3").chmod(0o664)
    assert run("readers").exit_code == 0


def test_a_file_of_another_user_is_refused(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    path = settings.user("k = 3")
    if os.geteuid() == 0:
        os.chown(path, 12345, -1)
    else:
        monkeypatch.setattr(os, "geteuid", lambda: 12345)
    assert f"{path} is not read, as it belongs to another user." in refused("readers")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has files of root")
def test_a_file_of_root_is_read(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.user("k = 3")
    monkeypatch.setattr(os, "geteuid", lambda: 12345)
    assert run("readers").exit_code == 0


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_a_link_of_another_user_is_refused(settings: Settings) -> None:
    own = settings.user("k = 3")
    link = settings.folder / "clinsearch.toml"
    link.symlink_to(own)
    assert run("readers").exit_code == 0
    os.chown(link, 12345, 12345, follow_symlinks=False)
    assert "belongs to another user" in refused("readers")


def test_what_is_no_file_is_refused_without_waiting(settings: Settings) -> None:
    path = settings.folder / "clinsearch.toml"
    os.mkfifo(path)
    assert "is not a file" in refused("readers")
    path.unlink()
    path.mkdir()
    assert "is not a file" in refused("readers")
    path.rmdir()
    path.symlink_to(path)
    assert "cannot be read" in refused("readers")


# What a project may say.


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ('collection = "../other"', "collection leads out of the folder of the file."),
        ('collection = "/srv/other"', "collection leads out of the folder of the file."),
        ('collection = "link/other"', "collection leads out of the folder of the file."),
        ('terms = "~/terms.tsv"', "terms leads out of the folder of the file."),
        ('[index]\nattachments = "/"', "[index] attachments leads out of the folder of the file."),
        ('[map]\nhtml = "../map.html"', "[map] html leads out of the folder of the file."),
        ('model = "someone/model"', "model takes clinsearch-small, minilm or a folder beside the file;"),
        ('model = "bio-clinicalbert"', "model takes clinsearch-small, minilm or a folder beside the file;"),
        ('model = "/srv"', "model leads out of the folder of the file."),
        ('model = "link"', "model leads out of the folder of the file."),
        ('[evaluate]\nmodel = ["someone/model"]', "[evaluate] model takes clinsearch-small,"),
        ('[index]\nsql = ["sqlite:///x.db", "SELECT 1"]', "[index] sql is for the command line or your own file"),
    ],
)
def test_what_reaches_further_than_its_folder_is_refused_of_a_project_alone(
    settings: Settings, content: str, says: str
) -> None:
    (settings.folder / "link").symlink_to(settings.folder.parent)
    settings.project(content)
    said = refused("readers")
    assert said.startswith(f"Error: clinsearch.toml: {says}")
    assert str(settings.home / "clinsearch" / "clinsearch.toml") in said
    settings.project("")
    settings.user(content)
    assert run("readers").exit_code == 0


def test_the_same_holds_for_a_file_next_to_a_collection(settings: Settings) -> None:
    settings.file(settings.folder / "deep" / "clinsearch.toml", 'terms = "../terms.tsv"')
    assert "terms leads out" in refused("status", "--collection", settings.folder / "deep" / "collection")


def test_a_project_may_name_what_lies_in_its_folder(settings: Settings) -> None:
    (settings.folder / "own").mkdir()
    settings.project('collection = "data/one"\nterms = "./terms.tsv"\nmodel = "own"\n')
    assert "No collection at" in refused("--no-settings", "status")
    assert f"{settings.folder}/data/one" in run("status").stderr


# Where they are.


def test_the_user_s_file_is_where_the_platform_has_such(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "xdg"))

    def found() -> str:
        own = user_file()
        assert own is not None
        return str(own.path.relative_to(tmp_path))

    assert found() == "xdg/clinsearch/clinsearch.toml"
    for nothing in ("", "relative"):
        monkeypatch.setenv("XDG_CONFIG_HOME", nothing)
        assert found() == ".config/clinsearch/clinsearch.toml"
    monkeypatch.setattr(files.sys, "platform", "darwin")
    assert found() == "Library/Application Support/clinsearch/clinsearch.toml"


def test_without_a_home_there_is_no_file_of_the_user(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)

    def homeless() -> Path:
        raise RuntimeError

    monkeypatch.setattr(Path, "home", homeless)
    assert user_file() is None


def test_a_project_s_file_is_here_and_then_next_to_the_collection() -> None:
    assert [str(one.path) for one in project_files()] == ["clinsearch.toml"]
    assert [str(one.path) for one in project_files(Path("clinsearch-data"))] == ["clinsearch.toml"]
    assert [str(one.path) for one in project_files(Path("/a/b"))] == ["clinsearch.toml", "/a/clinsearch.toml"]


def test_a_path_that_is_none_has_no_settings(tmp_path: Path) -> None:
    assert read_settings(tmp_path / "none" / "clinsearch.toml") is None
    assert read_settings(tmp_path / ("x" * 5000) / "clinsearch.toml") is None

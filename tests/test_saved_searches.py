"""Searches kept under a name: run again, they find the same, or exactly what has come since."""

from __future__ import annotations

import json
import os
import shutil
import stat
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

import clinsearch
from clinsearch import SavedSearches
from clinsearch.cli import found as written
from clinsearch.collection import Collection
from clinsearch.errors import CollectionDamaged, InputError, SearchNotFound
from clinsearch.records.saved_searches import SearchRequest
from clinsearch.storage.folder import saved_searches as storage
from tests.support.command_line import json_on, run_on

QUERY = "fever and cough at night"
TEXTS = [
    "Has a fever. Denies cough.",
    "HISTORY:\nMild cough at night.\nPLAN:\nWatch the wound.",
    "Needs three pillows to sleep. No fever.",
    "The wound was stable. Has chills.",
    "Cough and fever at night. Left lung clear.",
    "Patient denies fever, chills and cough.",
    "Has a fever. The wound was stable.",
    "Fever at night. Mild edema.",
]


def put(folder: Path, *numbers: int, **changed: str) -> None:
    (folder / "in").mkdir(exist_ok=True)
    for number in numbers:
        (folder / "in" / f"n{number}.txt").write_text(TEXTS[number])
    for name, text in changed.items():
        (folder / "in" / f"{name}.txt").write_text(text)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, tiny_model: Path) -> Path:
    folder = tmp_path_factory.mktemp("saved")
    put(folder, 0, 1, 2, 3)
    clinsearch.index(folder / "in", folder / "c", model=str(tiny_model))
    run_on(folder / "c", "search", QUERY, "--save", "a")
    return folder


@pytest.fixture
def own(tmp_path: Path, tiny_model: Path) -> Path:
    """A folder with a collection and its notes, to be changed."""
    put(tmp_path, 0, 1, 2, 3)
    clinsearch.index(tmp_path / "in", tmp_path / "c", model=str(tiny_model))
    return tmp_path


@pytest.fixture
def copied(made: Path, tmp_path: Path) -> Path:
    """A copy of the collection, of which only the saved searches are changed."""
    shutil.copytree(made / "c", tmp_path / "c")
    return tmp_path


def add(own: Path, *numbers: int, **changed: str) -> None:
    put(own, *numbers, **changed)
    found = run_on(own / "c", "index", own / "in")
    assert found.exit_code == 0, found.output


def places(hits: Any) -> list[tuple[str, int]]:
    return [(hit["note_id"], hit["start"]) for hit in hits]


@pytest.mark.drawn(4)
@pytest.mark.parametrize("mode", ["hybrid", "vector", "keyword"])
@pytest.mark.parametrize("level", ["sentence", "note"])
@pytest.mark.parametrize("k", [2, 50])
def test_new_is_the_best_of_the_notes_that_came_since(own: Path, mode: str, level: str, k: int) -> None:
    options = ["--mode", mode, "--level", level, "--diverse"][: 4 + (mode == "vector" and k > 2)]
    run_on(own / "c", "search", QUERY, "-k", k, *options, "--save", "a")
    add(own, 4, 5, 6, 7)
    new = {f"n{number}" for number in (4, 5, 6, 7)}
    everything = Collection(own / "c").search(QUERY, 1000, mode=mode, level=level)  # type: ignore[call-overload]
    if level == "sentence":
        found = [place for hit in everything for place in Collection(own / "c").places(hit, query=QUERY, mode=mode)]  # type: ignore[arg-type]
        best = {hit.sentence: hit.score for hit in found if hit.note_id in new}
    else:
        best = {hit.note_id: hit.score for hit in everything if hit.note_id in new}
    ran = run_on(own / "c", "run", "a", "--new", "--format", "json")
    assert ran.exit_code == 0
    hits = json.loads(ran.stdout)
    assert {hit["note_id"] for hit in hits} <= new
    expected = sorted(best.values(), reverse=True)[:k]
    if mode != "hybrid" and "--diverse" not in options:
        assert sorted((hit["score"] for hit in hits), reverse=True) == pytest.approx(expected, abs=1e-5)
    assert len(hits) == len(expected)
    again = run_on(own / "c", "run", "a", "--new")
    assert (again.exit_code, again.stdout) == (3, "Nothing found.\n")


def test_without_new_all_is_found_as_by_the_search_itself(own: Path) -> None:
    arguments = [
        *("search", '"at night" fever', "-k", 3, "--level", "note", "--mode", "hybrid", "--assertion", "any"),
        *("--no-synonyms", "--exact", "--min-score", 0.01, "--context", 1, "--section", "history"),
        *("--exclude-type", "x"),
    ]
    hits = json_on(own / "c", *arguments, "--save", "all-of_it1")
    assert hits
    assert json_on(own / "c", "run", "all-of_it1") == hits == json_on(own / "c", *arguments)
    table = run_on(own / "c", *arguments).stdout
    assert run_on(own / "c", "run", "all-of_it1").stdout == table
    (listed,) = json_on(own / "c", "saved")
    assert (listed["name"], listed["query"], listed["context"]) == ("all-of_it1", '"at night" fever', 1)
    assert listed["options"]["section"] == ["history"]
    shown = " ".join(run_on(own / "c", "saved").stdout.split())
    assert all(part in shown for part in ("all-of_it1", "no synonyms", "level note", "min score 0.01"))
    assert run_on(own / "c", "explain", "--hit", 1).exit_code == 0


def test_a_copied_sentence_is_new_in_a_new_note_and_what_was_seen_is_not_in_a_changed_one(own: Path) -> None:
    options = ["--mode", "keyword", "--save", "a"]
    shown = json_on(own / "c", "search", "fever", *options)
    assert ("n0", 0) in places(shown)
    add(own, 6)
    assert places(json_on(own / "c", "run", "a", "--new")) == [("n6", 0)]
    add(own, n0=f"{TEXTS[0]} Addendum: fever is gone.")
    (hit,) = json_on(own / "c", "run", "a", "--new")
    assert (hit["note_id"], hit["sentence"]) == ("n0", "Addendum: fever is gone.")
    add(own, n0=f"{TEXTS[0]} Addendum: fever is gone. The lung is clear.", n6=f"Seen today. {TEXTS[6]}", n7=TEXTS[6])
    assert [hit["note_id"] for hit in json_on(own / "c", "run", "a", "--new")] == ["n7"]


def test_what_was_seen_does_not_take_the_place_of_what_is_new(own: Path) -> None:
    json_on(own / "c", "search", "fever", "-k", 1, "--mode", "keyword", "--level", "note", "--save", "a")
    first = json_on(own / "c", "run", "a")[0]["note_id"]
    changed = {first: (own / "in" / f"{first}.txt").read_text() + " Lung clear."}
    add(own, n9="Edema, chills, and at last, after a long and quiet night at home, a mild fever.", **changed)
    assert [hit["note_id"] for hit in json_on(own / "c", "run", "a", "--new")] == ["n9"]


def test_every_place_that_is_new_is_named(own: Path) -> None:
    run_on(own / "c", "search", "fever", "--mode", "keyword", "--every-place", "--save", "a")
    add(own, 6, n8="Has a fever. No pain.", n0=f"Today. {TEXTS[0]}")
    found = [(hit["note_id"], hit["sentence"]) for hit in json_on(own / "c", "run", "a", "--new")]
    assert sorted(found) == [("n6", "Has a fever."), ("n8", "Has a fever.")]


def test_patients_are_new_by_their_new_notes(own: Path) -> None:
    run_on(own / "c", "search", "fever", "--level", "patient", "--save", "a")
    add(own, 7, n0="Has a fever.")
    found = json_on(own / "c", "run", "a", "--new")
    assert [one["note_id"] for one in found] == ["n7"]
    assert run_on(own / "c", "run", "a", "--new").exit_code == 3


def test_a_note_whose_label_alone_changed_is_not_new(own: Path) -> None:
    run_on(own / "c", "search", "fever", "--save", "a")
    add(own, n0=f"---\nnote_type: progress note\n---\n{TEXTS[0]}")
    assert Collection(own / "c").note("n0").note.note_type == "progress note"
    assert run_on(own / "c", "run", "a", "--new").exit_code == 3


def test_what_was_not_written_was_not_shown(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run_on(own / "c", "search", QUERY, "--save", "a")
    add(own, 4)

    def broken(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(written, "write_result", broken)
        assert run_on(own / "c", "run", "a", "--new").exit_code == 1
    before = (own / "c" / "saved" / "a.json").read_bytes()
    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", broken)
        killed = run_on(own / "c", "run", "a", "--new")
        assert (killed.exit_code, killed.stderr.count("\n")) == (1, 1)
    assert (own / "c" / "saved" / "a.json").read_bytes() == before
    assert [path.name for path in (own / "c" / "saved").iterdir()] == ["a.json"]
    assert {hit["note_id"] for hit in json_on(own / "c", "run", "a", "--new")} == {"n4"}


def test_a_collection_that_was_set_back_or_made_anew_misses_nothing(own: Path, tiny_model: Path) -> None:
    shutil.copytree(own / "c", own / "copy")
    run_on(own / "c", "search", QUERY, "--save", "a")
    add(own, 4, 5)
    assert run_on(own / "c", "run", "a", "--new").exit_code == 0
    shutil.copytree(own / "c" / "saved", own / "copy" / "saved")
    (own / "in" / "n6.txt").write_text(TEXTS[6])
    (own / "in" / "n5.txt").unlink()
    run_on(own / "copy", "index", own / "in")
    assert "n6" in {hit["note_id"] for hit in json_on(own / "copy", "run", "a", "--new")}
    clinsearch.index(own / "in", own / "other", model=str(tiny_model))
    shutil.copytree(own / "c" / "saved", own / "other" / "saved")
    assert "n6" in {hit["note_id"] for hit in json_on(own / "other", "run", "a", "--new")}


def test_a_saved_search_is_for_its_owner_and_holds_no_text_of_notes(own: Path) -> None:
    hits = json_on(own / "c", "search", QUERY, "--save", "a")
    path = own / "c" / "saved" / "a.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    kept = path.read_text()
    assert not any(hit["sentence"] in kept or f'"{hit["note_id"]}"' in kept for hit in hits)
    run_on(own / "c", "delete", "n0")
    run_on(own / "c", "optimize")
    assert path.read_text() == kept


def test_saved_searches_are_listed_replaced_and_deleted(own: Path) -> None:
    assert run_on(own / "c", "saved").stdout == "No search is saved.\n"
    for name, query in (("b", "fever"), ("a", "cough"), ("b", "wound")):
        said = run_on(own / "c", "search", query, "--save", name).stderr
        assert said.startswith(f"Saved: `clinsearch run {name}`")
    assert [(one["name"], one["query"]) for one in json_on(own / "c", "saved")] == [("a", "cough"), ("b", "wound")]
    assert [one["name"] for one in json_on(own / "c", "saved", "--delete", "a")] == ["b"]
    missing = run_on(own / "c", "run", "a")
    assert (missing.exit_code, missing.stdout) == (1, "")
    assert "There are: b." in missing.stderr
    assert run_on(own / "c", "saved", "--delete", "a").exit_code == 1


@pytest.mark.parametrize("name", ["", ".", "..", "../a", "a/b", "a.json", "-a", "a b", "é", "x" * 65])
def test_other_names_are_refused(copied: Path, name: str) -> None:
    for arguments in (["search", "fever", f"--save={name}"], ["run", "--", name], ["saved", f"--delete={name}"]):
        options = ["--collection", str(copied / "c"), *arguments[1:]]
        found = run_on(copied / "c", arguments[0], *options) if "--" not in arguments else None
        if found is not None:
            assert found.exit_code == 1
            assert "64 letters" in found.stderr
    with pytest.raises(InputError):
        SavedSearches(Collection(copied / "c")).get(name)
    assert [path.name for path in (copied / "c" / "saved").iterdir()] == ["a.json"]


def test_words_are_not_saved(copied: Path) -> None:
    assert run_on(copied / "c", "search", "[fever]", "--level", "token", "--save", "a").exit_code == 2


def test_the_library_saves_dates_and_single_values(copied: Path) -> None:
    notes = Collection(copied / "c")
    searches = SavedSearches(notes)
    options = {"until": date(2030, 1, 1), "exclude_type": "x", "mode": "keyword"}
    run = searches.begin("b", SearchRequest("fever", options=options))
    assert searches.names() == ["a"]
    searches.keep(run)
    kept = searches.get("b").request.options
    assert kept == {"until": "2030-01-01", "exclude_type": ["x"], "mode": "keyword"}
    assert list(searches.run("b").results) == list(run.results)
    assert list(searches.run("b", new=True).results) == []
    with pytest.raises(SearchNotFound):
        searches.run("c")


def altered(change: Callable[[dict[str, Any]], Any]) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        record = json.loads(path.read_text())
        change(record)
        path.write_text(json.dumps(record))

    return write


def linked(path: Path) -> None:
    shutil.move(path, path.with_name("elsewhere"))
    path.symlink_to(path.with_name("elsewhere"))


def piped(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


HOSTILE: list[Callable[[Path], Any]] = [
    linked,
    piped,
    folder,
    lambda path: path.write_text(""),
    lambda path: path.write_text("[" * 100_000),
    lambda path: path.write_bytes(b"\xff\xfe\x00"),
    lambda path: path.write_text(path.read_text() + " " * storage.MOST_BYTES + "x"),
    altered(lambda record: record.update(form=99)),
    altered(lambda record: record.pop("seen")),
    altered(lambda record: record.update(seen=["../../x"])),
    altered(lambda record: record.update(seen={"a": 1})),
    altered(lambda record: record.update(ran_at="yesterday")),
    altered(lambda record: record.update(milestone={"collection": "x", "newest": "1"})),
    altered(
        lambda record: record.update(milestone={"collection": "x", "newest": 1, "last": 1, "last_id": "", "more": 1})
    ),
    altered(lambda record: record["request"].update(k="10")),
    altered(lambda record: record["request"].update(k=True)),
    altered(lambda record: record["request"].update(query=None)),
    altered(lambda record: record["request"].update(terms="/etc/passwd")),
    altered(lambda record: record["request"]["options"].update(model="/tmp")),
    altered(lambda record: record["request"]["options"].update(after=3)),
    altered(lambda record: record["request"]["options"].update(patient_id="x")),
    altered(lambda record: record["request"]["options"].update(note_type=[1])),
    altered(lambda record: record["request"]["options"].update(diverse="yes")),
    altered(lambda record: record.update(request=[])),
]


@pytest.mark.parametrize("number", range(len(HOSTILE)))
def test_a_file_that_is_not_ours_is_refused_in_one_line(copied: Path, number: int) -> None:
    HOSTILE[number](copied / "c" / "saved" / "a.json")
    for arguments in (["run", "a", "--new"], ["saved"]):
        found = run_on(copied / "c", *arguments)
        assert (found.exit_code, found.stdout, found.stderr.count("\n")) == (1, "", 1)
        assert "clinsearch saved --delete a" in found.stderr
        assert QUERY not in found.stderr
    if HOSTILE[number] in (linked, piped):
        assert run_on(copied / "c", "search", QUERY, "--save", "a").exit_code == 0
        assert run_on(copied / "c", "run", "a").exit_code == 0


@pytest.mark.parametrize(
    "change",
    [
        {"k": 0},
        {"k": 10**9},
        {"level": "galaxy"},
        {"query": " "},
        {"context": 10**6},
        {"context": -1},
        {"options": {"mode": "magic"}},
        {"options": {"assertion": "maybe"}},
        {"options": {"since": "soon"}},
        {"options": {"where": ["nonsense"]}},
    ],
)
def test_values_that_no_search_takes_are_told_as_in_a_search(copied: Path, change: dict[str, Any]) -> None:
    altered(lambda record: record["request"].update(change))(copied / "c" / "saved" / "a.json")
    found = run_on(copied / "c", "run", "a")
    assert (found.exit_code, found.stderr.count("\n")) == (1, 1)
    assert "fault of the program" not in found.stderr


def test_a_folder_of_saved_searches_that_is_a_link_is_refused(copied: Path) -> None:
    shutil.rmtree(copied / "c" / "saved")
    (copied / "elsewhere").mkdir()
    (copied / "c" / "saved").symlink_to(copied / "elsewhere")
    found = run_on(copied / "c", "search", QUERY, "--save", "a")
    assert found.exit_code == 1
    assert "saved is a link" in found.stderr
    assert list((copied / "elsewhere").iterdir()) == []
    with pytest.raises(CollectionDamaged):
        storage.read_saved(copied / "c", "a")

"""A copied collection is the same collection: in a folder, in a database, and back."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import clinsearch
from clinsearch import SavedSearches
from clinsearch.errors import CollectionError, CollectionNotFound, InputError
from clinsearch.records.saved_searches import SearchRequest
from tests.support.collections import a_note, collection_of
from tests.support.command_line import as_json, refused, run
from tests.support.copies import (
    HALF,
    NOTES,
    answers,
    assert_same,
    keeps_words,
    make_source,
    small_pieces,
    state_of,
    write_records,
)

QUERY = "fever at night"


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory, tiny_model: Path) -> Path:
    return make_source(tmp_path_factory.mktemp("source"), tiny_model)


@pytest.fixture
def own(source: Path, tmp_path: Path) -> Path:
    """A collection that a test may change, with its notes beside it."""
    shutil.copytree(source.parent, tmp_path / "own")
    return tmp_path / "own" / "c"


@pytest.fixture(params=["a folder", "a database"])
def target(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path | str]:
    if request.param == "a folder":
        yield tmp_path / "target"
    else:
        yield request.getfixturevalue("postgres_database")


# What is the same.


@pytest.mark.parametrize(
    "options", [{}, {"tokens": False}, {"correction": True}], ids=["plain", "wordless", "corrected"]
)
def test_through_a_database_and_back_it_answers_the_same(
    tmp_path: Path, tiny_model: Path, postgres_database: str, options: dict[str, bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    small_pieces(monkeypatch)
    folder = make_source(tmp_path, tiny_model, **options)
    before = answers(folder)
    for place, from_ in ((postgres_database, folder), (tmp_path / "back", postgres_database)):
        report = clinsearch.copy(from_, place)
        assert report.different == ()
        assert (report.notes, report.notes_copied) == (len(NOTES), len(NOTES))
        assert report.sentences == report.sentences_copied == before["status"]["sentences"]
        assert_same(before, answers(place), HALF)
        assert keeps_words(place) == options.get("tokens", True)
    assert postgres_database.rpartition("@")[2] in report.source  # where, and without the password
    assert ":" not in report.source.partition("://")[2].partition("@")[0]


def test_from_folder_to_folder_nothing_is_rounded(source: Path, tmp_path: Path) -> None:
    report = clinsearch.copy(source, tmp_path / "copy")
    assert report.different == ()
    assert {check.difference for check in report.checks} <= {None, 0.0}
    assert_same(answers(source), answers(tmp_path / "copy"))


def test_from_database_to_database_nothing_is_rounded(source: Path, postgres_server, postgres_database: str) -> None:
    clinsearch.copy(source, postgres_database)
    with postgres_server.database() as other:
        report = clinsearch.copy(postgres_database, other)
        assert report.different == ()
        assert {check.difference for check in report.checks} <= {None, 0.0}
        assert_same(answers(postgres_database), answers(other))


def test_saved_searches_know_the_copy_and_what_is_new_in_it(own: Path, target: Path | str, tiny_model: Path) -> None:
    kept = SavedSearches(clinsearch.open(own))
    kept.keep(kept.begin("fever", SearchRequest(QUERY)))
    assert clinsearch.copy(own, target).saved_searches == 1
    saved = SavedSearches(clinsearch.open(target))
    assert saved.names() == ["fever"]
    assert list(saved.run("fever", new=True).results) == []
    assert saved.get("fever") == kept.get("fever")
    new = {**NOTES[0], "note_id": "new", "text": "Fever at night, and chills."}
    clinsearch.index(write_records(own.parent / "more.jsonl", [new]), target)
    assert {hit.note_id for hit in SavedSearches(clinsearch.open(target)).run("fever", new=True).results} == {"new"}


def test_keys_are_never_given_again_in_the_copy(own: Path, target: Path | str) -> None:
    newest = clinsearch.open(own)._reader.milestone().newest
    clinsearch.open(own).delete([NOTES[-1]["note_id"]])
    clinsearch.copy(own, target)
    copied = clinsearch.open(target)
    assert copied._reader.milestone() == clinsearch.open(own)._reader.milestone()
    new = {**NOTES[0], "note_id": "new", "text": "Edema of the left lung."}
    clinsearch.index(write_records(own.parent / "more.jsonl", [new]), target)
    assert copied._reader.milestone().last == newest + 1


def test_a_copy_is_kept_in_step_like_its_source(own: Path, target: Path | str) -> None:
    clinsearch.copy(own, target)
    changed = [*NOTES[1:], {**NOTES[0], "text": "Wound drainage. Denies fever."}]
    for place in (own, target):
        report = clinsearch.index(write_records(own.parent / "notes.jsonl", changed), place)
        assert (report.changed, report.unchanged, report.new) == (1, len(NOTES) - 1, 0)
    states = [replace(state_of(place), commits=0) for place in (own, target)]
    assert states[0] == states[1]
    kept, copied = ({**answers(place), "state": None} for place in (own, target))
    assert_same(kept, copied, HALF)


@pytest.mark.usefixtures("few_are_many", "few_cells", "all_cells")
def test_coded_vectors_are_copied_as_what_they_are_read_as(
    tmp_path: Path, postgres_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from clinsearch.storage.folder.copying import opened as opened_folder
    from clinsearch.storage.folder.spaces.codecs import four_bits
    from clinsearch.storage.folder.writer import Writer
    from clinsearch.storage.values import KINDS
    from tests.support.large_collections import change, new_collection

    monkeypatch.setattr(four_bits, "LEAST_ROWS", 100)
    folder = new_collection(tmp_path / "c", has_words=True)
    with Writer(folder) as writer:
        notes = {f"n{n}": (f"Own {n}.", f"Other {n}.", f"Shared {n // 5}.") for n in range(60)}
        change(writer, notes, has_words=True)
        writer.compact()
        change(writer, {f"n{n}": None for n in range(0, 60, 7)}, has_words=True)
    for place, from_ in (
        (postgres_database, folder),
        (tmp_path / "back", folder),
        (tmp_path / "again", postgres_database),
    ):
        assert clinsearch.copy(from_, place).different == ()
    kept = {}
    for name in ("c", "back", "again"):
        with opened_folder(tmp_path / name) as (_, stored):
            assert {kind for kind in KINDS if not stored.spaces[kind].is_exact} == set(KINDS)
            keys = {kind: np.sort(stored.spaces[kind].keys) for kind in KINDS}
            kept[name] = {kind: stored.vectors(kind, keys[kind]) for kind in KINDS}
    for kind in KINDS:
        live, rows = kept["back"][kind]
        there = np.isin(kept["c"][kind][0], live)
        assert 0 < there.sum() == len(live)
        assert np.array_equal(kept["again"][kind][0], live)
        # Coded again, by the same number of bits; a byte and a bit of a range, or four bits of one.
        assert np.abs(rows - kept["c"][kind][1][there]).max() < (0.25 if kind in ("word", "piece") else 0.01)


# What is refused.


def test_another_collection_is_not_written_over(source: Path, own: Path, target: Path | str, tiny_model: Path) -> None:
    clinsearch.index(write_records(own.parent / "other.jsonl", NOTES[:1]), target, model=str(tiny_model))
    before = state_of(target)
    for options in ([], ["--restart"]):
        assert "holds a collection already. Copy to another place." in refused_copy(source, target, *options)
    assert state_of(target) == before


def test_a_copy_that_has_gone_on_is_not_written_over(own: Path, target: Path | str) -> None:
    clinsearch.copy(own, target)
    assert clinsearch.copy(own, target).notes_copied == 0  # which only compares
    clinsearch.open(target).delete(["n0"])
    said = refused_copy(own, target)
    assert "holds a copy of this collection already, and one of them has changed since." in said
    assert state_of(target).notes == len(NOTES) - 1


def test_a_folder_of_something_else_is_left_alone(source: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    assert "is not a collection and not empty" in refused_copy(source, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_names_the_wrong_way_round_are_noticed(source: Path, target: Path | str, tmp_path: Path) -> None:
    with pytest.raises(CollectionNotFound, match=r", but there is one at .*\. To copy that one, name it first\.$"):
        clinsearch.copy(target, source)
    with pytest.raises(CollectionNotFound, match=r"^No collection at .*\. Make one with"):
        clinsearch.copy(tmp_path / "nothing", target)
    with pytest.raises(InputError, match=r" are the same place\."):
        clinsearch.copy(source, source.parent / "." / "c")
    assert not (tmp_path / "target").exists()


def test_a_damaged_source_is_not_passed_on(own: Path, target: Path | str) -> None:
    import sqlite3

    (own / "catalog.seal").unlink(missing_ok=True)
    with sqlite3.connect(own / "catalog.db") as catalog:
        catalog.execute("UPDATE notes SET text = replace(text, 'pillows', 'pillars')")
    said = refused_copy(own, target)
    assert "note n1 is not as it was written. Mend it with `clinsearch repair`" in said
    assert "pill" not in said


def test_two_at_once_do_not_meet(source: Path, target: Path | str, monkeypatch: pytest.MonkeyPatch) -> None:
    small_pieces(monkeypatch)
    others = [lambda: clinsearch.copy(source, target)]

    def meanwhile(what: str, done: int, total: int) -> None:
        if others:
            others.pop()()

    with pytest.raises(CollectionError, match="Another process is "):
        clinsearch.copy(source, target, progress=meanwhile)
    assert clinsearch.copy(source, target).different == ()


# On the command line.


def refused_copy(source: Path | str, target: Path | str, *options: str) -> str:
    """Return the line by which a copy is refused; a database's address with its password comes by the library."""
    if isinstance(target, Path):
        return refused("copy", source, target, *options)
    with pytest.raises(CollectionError) as caught:
        clinsearch.copy(source, target, restart="--restart" in options)
    return str(caught.value)


def test_what_was_copied_and_compared_is_said(source: Path, tmp_path: Path) -> None:
    record = as_json("copy", source, tmp_path / "json")
    assert (record["notes"], record["notes_copied"], record["different"]) == (len(NOTES), len(NOTES), [])
    checks = {check["name"]: check for check in record["checks"]}
    assert all(check["is_same"] for check in checks.values())
    assert checks["vectors of sentences"] == {
        "name": "vectors of sentences", "rows": record["sentences"], "is_same": True, "difference": 0.0,
    }  # fmt: skip
    assert checks["terms of notes"]["rows"] == len(NOTES)
    shown = run("copy", source, tmp_path / "table")
    assert shown.exit_code == 0
    assert f"{len(NOTES)} notes by their digests" in " ".join(shown.stdout.split())
    assert "NOT" not in shown.stdout


def test_a_password_on_the_command_line_is_refused(source: Path, tmp_path: Path) -> None:
    for names in ((source, "postgresql://u:s3cret@h/db"), ("postgresql://u:s3cret@h/db", tmp_path / "x")):
        result = run("copy", *names)
        assert result.exit_code == 2
        assert "The address holds a password, which `ps` shows to others." in result.stderr
        assert "s3cret" not in result.output
    assert not (tmp_path / "x").exists()


def test_characters_that_a_database_does_not_take_are_the_same_again(tmp_path: Path, postgres_database: str) -> None:
    texts = ("Nul \0 in a sentence.", "\ufdd0 beside it \0\ufdd0\0.", "\ufdd00 is no nul.")
    folder = collection_of(tmp_path / "c", [a_note("n", *texts), a_note("m", texts[0])])
    for place, from_ in ((postgres_database, folder), (tmp_path / "back", postgres_database)):
        assert clinsearch.copy(from_, place).different == ()
        assert clinsearch.open(place).note("n").note.text == " ".join(texts)
        assert state_of(place) == state_of(folder)

"""A copy that was interrupted cannot be used, goes on where it stood, and is compared as a whole."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

import clinsearch
from clinsearch.errors import CollectionError, CollectionUnfinished
from tests.support.command_line import run
from tests.support.copies import (
    HALF,
    NOTES,
    answers,
    assert_same,
    interrupt_copy,
    kill_copy,
    make_source,
    small_pieces,
    state_of,
    write_records,
)

MOMENTS = [
    ("after begin_copy", 1),
    ("before add_piece", 2),
    ("after add_piece", 9),
    ("after settle", 1),
    ("before finish_copy", 1),
    ("after finish_copy", 1),
]


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory, tiny_model: Path) -> Path:
    return make_source(tmp_path_factory.mktemp("source"), tiny_model)


@pytest.fixture(scope="module")
def said(source: Path) -> dict[str, object]:
    return answers(source)


@pytest.fixture
def own(source: Path, tmp_path: Path) -> Path:
    shutil.copytree(source.parent, tmp_path / "own")
    return tmp_path / "own" / "c"


@pytest.fixture(params=["a folder", "a database"])
def target(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path | str]:
    if request.param == "a folder":
        yield tmp_path / "target"
    else:
        yield request.getfixturevalue("postgres_database")


@pytest.mark.drawn(3)
@pytest.mark.parametrize(("moment", "times"), MOMENTS)
def test_a_killed_copy_goes_on(
    source: Path,
    said: dict[str, object],
    target: Path | str,
    moment: str,
    times: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    small_pieces(monkeypatch)
    kill_copy(source, target, moment, times)
    with pytest.raises(CollectionError):  # even if nothing but its place is there
        clinsearch.open(target).status()
    report = clinsearch.copy(source, target)
    assert report.different == ()
    if "add_piece" in moment:  # which is before its commit
        assert report.sentences - report.sentences_copied == min(3 * (times - 1), report.sentences)
    assert_same(said, answers(target), HALF)


def test_until_it_is_whole_nobody_can_use_it(
    source: Path, target: Path | str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLINSEARCH_COLLECTION", str(target))
    interrupt_copy(source, target)
    expected = f"is an unfinished copy: {len(NOTES)} of {len(NOTES)} notes are there. Finish it with"
    notes = write_records(tmp_path / "more.jsonl")
    for use in (
        lambda: clinsearch.open(target).search("fever"),
        lambda: clinsearch.open(target).status(),
        lambda: clinsearch.index(notes, target),
        lambda: clinsearch.copy(target, tmp_path / "of a copy"),
    ):
        with pytest.raises(CollectionUnfinished, match=expected):
            use()
    for command in (("search", "fever"), ("index", str(notes)), ("repair",), ("optimize",), ("delete", "n0")):
        assert expected in run(*command).stderr
    assert not (tmp_path / "of a copy" / "catalog.db").exists()
    clinsearch.copy(source, target)
    assert clinsearch.open(target).search("fever")


def test_a_source_that_has_changed_since_is_noticed(
    own: Path, target: Path | str, monkeypatch: pytest.MonkeyPatch
) -> None:
    small_pieces(monkeypatch)
    interrupt_copy(own, target, "Copying words")
    commits = state_of(own).commits
    clinsearch.open(own).delete(["n2"])
    with pytest.raises(CollectionError, match=rf"it was at commit {commits} and is at \d+\. .* --restart\.$"):
        clinsearch.copy(own, target)
    with pytest.raises(CollectionUnfinished):
        clinsearch.open(target).status()
    report = clinsearch.copy(own, target, restart=True)
    assert report.sentences_copied == report.sentences
    assert_same(answers_but_deleted(own), answers_but_deleted(target), HALF)


def answers_but_deleted(place: Path | str) -> dict[str, object]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tests.support.copies.NOTES", [note for note in NOTES if note["note_id"] != "n2"])
        return answers(place)


def test_an_unfinished_copy_of_another_is_not_gone_on_with(
    source: Path, target: Path | str, tmp_path: Path, tiny_model: Path
) -> None:
    (tmp_path / "other").mkdir()
    other = make_source(tmp_path / "other", tiny_model)
    interrupt_copy(other, target, "Copying sentences")
    with pytest.raises(CollectionError, match="holds an unfinished copy of another collection"):
        clinsearch.copy(source, target)
    assert clinsearch.copy(source, target, restart=True).different == ()
    assert state_of(target) == state_of(source)


CHANGES = {
    "occurrences": 'UPDATE {}occurrences SET "end" = "end" + 1 WHERE start = 0',
    "sentences": "DELETE FROM {0}occurrences; DELETE FROM {0}sentence_words; DELETE FROM {0}assertions;"
    "DELETE FROM {0}measurements; DELETE FROM {0}sentences WHERE key = 1",
    "notes": "UPDATE {}notes SET title = 'another' WHERE note_id = 'n1'",
    "measurements": "UPDATE {}measurements SET high = high + 1",
    "counts": "UPDATE {}counts SET rows = rows + 1 WHERE name = 'note_terms'",
}
ONLY_IN_A_DATABASE = {
    "vectors of sentences": "UPDATE {}sentence_vectors SET vector = (SELECT vector FROM {0}sentence_vectors "
    "WHERE key = 2) WHERE key = 1",
    "vectors of openings": "DELETE FROM {}opening_vectors WHERE key = (SELECT max(key) FROM {0}opening_vectors)",
    "vectors of words": "UPDATE {}word_blocks SET vectors = set_byte(vectors, 1, get_byte(vectors, 1) # 4)",
    "terms of sentences": "UPDATE {0}sentence_postings SET frequency = frequency + 1;DELETE FROM {0}sentence_recent",
}


@pytest.mark.drawn(2)
@pytest.mark.parametrize("changed", CHANGES)
def test_what_differs_is_named_and_the_copy_stays_unfinished(source: Path, tmp_path: Path, changed: str) -> None:
    target = tmp_path / "target"
    interrupt_copy(source, target)
    (target / "catalog.seal").unlink(missing_ok=True)
    with sqlite3.connect(target / "catalog.db") as catalog:
        catalog.executescript(CHANGES[changed].format("", ""))
    result = run("copy", source, target)
    assert result.exit_code == 1
    assert changed in result.stderr.partition("Not the same: ")[2].partition(". ")[0].split(", ")
    assert "NOT THE SAME" in result.stdout
    with pytest.raises(CollectionUnfinished):
        clinsearch.open(target).status()
    assert run("copy", source, target, "--restart").exit_code == 0


@pytest.mark.drawn(3)
@pytest.mark.parametrize("changed", [*CHANGES, *ONLY_IN_A_DATABASE])
def test_what_differs_in_a_database_is_named(source: Path, postgres_database: str, changed: str) -> None:
    interrupt_copy(source, postgres_database)
    statement = {**CHANGES, **ONLY_IN_A_DATABASE}[changed].replace("{}", "{0}").format("clinsearch.")
    with psycopg.connect(postgres_database) as connection:
        connection.execute("SET search_path = clinsearch, public")
        connection.execute(statement)
    report = clinsearch.copy(source, postgres_database)
    assert changed in report.different
    with pytest.raises(CollectionUnfinished):
        clinsearch.open(postgres_database).status()
    assert clinsearch.copy(source, postgres_database, restart=True).different == ()

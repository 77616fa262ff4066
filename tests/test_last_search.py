"""Hits by their number: the last search is kept for its owner alone, and its hits are explained with their scores."""

from __future__ import annotations

import json
import os
import shutil
import stat
from pathlib import Path

import pytest

import clinsearch
from clinsearch.collection import Collection
from clinsearch.errors import HitNotFound, NoteNotFound
from clinsearch.records import Hit, NoteExplanation, QueryExplanation
from clinsearch.storage.folder import last_search
from tests.conftest import PROJECT, STORED
from tests.support.command_line import json_on, run_on

NOTES = [
    "P001-2024-03-02-emergency",
    "P001-2024-03-03-admission",
    "P001-2024-03-07-discharge",
    "P005-2024-11-20-progress",
]
ADDED = ("vector", "keyword", "value", "required", "assertion")
QUERY = "short of breath at night"


@pytest.fixture(scope="module")
def indexed(tmp_path_factory: pytest.TempPathFactory, tiny_model: Path) -> Path:
    """Four sample notes, indexed with the tiny model."""
    folder = tmp_path_factory.mktemp("indexed")
    (folder / "notes").mkdir()
    for name in NOTES:
        shutil.copy(PROJECT / "sample_notes" / f"{name}.txt", folder / "notes")
    clinsearch.index(folder / "notes", folder / "collection", model=str(tiny_model))
    return folder


@pytest.fixture
def own(indexed: Path, tmp_path: Path) -> Path:
    """A copy of the collection, to be changed."""
    shutil.copytree(indexed / "notes", tmp_path / "notes")
    return Path(shutil.copytree(indexed / "collection", tmp_path / "collection"))


def refused(folder: Path, number: int = 1) -> str:
    """Return the one line that says why a hit cannot be explained."""
    result = run_on(folder, "explain", "--hit", number)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.count("\n") == 1
    assert QUERY not in result.stderr
    return result.stderr


def remembered_file(folder: Path) -> Path:
    return folder / "last_search.json"


@pytest.mark.parametrize(
    "arguments",
    [
        ["-k", 8],
        ["-k", 40, "--patient", "P005"],
        ["--level", "note"],
        ["--level", "note", "--section", "past medical history"],
        ["-k", 3, "--every-place"],
    ],
)
def test_every_hit_of_a_search_is_explained_at_its_own_place_with_its_own_score(
    own: Path, arguments: list[object]
) -> None:
    hits = json_on(own, "search", QUERY, *arguments)
    assert len(hits) >= 3
    for number, hit in enumerate(hits, start=1):
        found = json_on(own, "explain", "--hit", number)
        for key in ("note_id", "sentence", "start", "end", "section"):
            assert found[key] == hit[key]
        assert found["left"]["text"] == (hit["parts"]["wording"] or hit["parts"]["meant"] or QUERY)
        assert found["right"]["text"] == hit["sentence"]
        assert found["score"] == pytest.approx(hit["parts"]["cosine"], abs=STORED)
        assert (found["hit_score"], found["parts"]) == (hit["score"], hit["parts"])
        total = sum(row["contribution"] for row in found["contributions"])
        assert total == pytest.approx(found["score"], abs=1e-4)


def test_evidence_is_kept_without_its_text_and_explained_with_it(own: Path) -> None:
    query = "chest pain and fever over 38"
    hits = json_on(own, "search", query, "--level", "note")
    evidence = [one for hit in hits for one in hit["parts"]["evidence"]]
    assert {one["asked"] for one in evidence} == {"chest pain", "fever over 38"}
    written = remembered_file(own).read_text()
    assert not any(one["sentence"] in written for one in evidence)
    for number, hit in enumerate(hits, start=1):
        assert json_on(own, "explain", "--hit", number)["parts"] == hit["parts"]
        assert sum(hit["parts"][part] for part in ADDED) == pytest.approx(hit["score"], abs=1e-6)
        assert 0 <= hit["score"] <= 1


def test_a_hit_by_number_is_explained_as_the_query_and_its_note(own: Path) -> None:
    notes = Collection(own)
    hits = notes.search(QUERY, 4, level="note")
    notes.remember(QUERY, hits)
    for number, hit in enumerate(hits, start=1):
        by_number, by_name = notes.explain_hit(*notes.remembered(number)), notes.explain_query(QUERY, hit.note_id)
        assert isinstance(by_number, QueryExplanation)
        assert by_number.score == pytest.approx(by_name.score, abs=1e-6)
        assert by_number.place == by_name.place
        assert (by_number.text.contributions == by_name.text.contributions).all()


def test_a_note_found_as_a_whole_is_explained_as_the_two_notes(own: Path) -> None:
    hits = json_on(own, "similar", NOTES[0])
    assert len(hits) == 3
    notes = Collection(own)
    for number, hit in enumerate(hits, start=1):
        found, same = notes.explain_hit(*notes.remembered(number), pairs=2), notes.explain(NOTES[0], hit["note_id"])
        assert isinstance(found, NoteExplanation)
        assert len(found.pairs) == 2
        assert (found.left_note_id, found.right_note_id) == (NOTES[0], hit["note_id"])
        assert found.score == same.score == pytest.approx(hit["score"], abs=STORED)
        assert (found.contributions == same.contributions).all()
    assert json_on(own, "explain", "--hit", 2)["right"]["note_id"] == hits[1]["note_id"]


def test_numbers_in_the_table_are_those_of_the_hits(own: Path) -> None:
    hits = json_on(own, "search", QUERY, "-k", 12)
    lines = run_on(own, "search", QUERY, "-k", 12).stdout.splitlines()
    for number, hit in enumerate(hits, start=1):
        (line,) = [line for line in lines if line.split()[:2] == [str(number), f"{hit['score']:.3f}"]]
        assert hit["sentence"][:20] in line
    shown = run_on(own, "similar", NOTES[0]).stdout
    assert [line.split()[0] for line in shown.splitlines() if line.split()[0].isdigit()] == ["1", "2", "3"]


def test_only_the_newest_search_is_kept_and_only_for_its_owner(own: Path) -> None:
    run_on(own, "search", "first question")
    hit = json_on(own, "search", QUERY, "-k", 1)[0]
    path = remembered_file(own)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    written = path.read_text()
    assert QUERY in written
    assert "first question" not in written
    assert hit["sentence"] not in written
    assert [found.name for found in own.glob("last_search*")] == [path.name]


def test_of_very_many_hits_the_first_thousand_are_kept(own: Path) -> None:
    hit = Collection(own).search(QUERY, 1)[0]
    Collection(own).remember(QUERY, [hit] * 5000)
    assert remembered_file(own).stat().st_size < 1_000_000
    assert Collection(own).remembered(1000)[1].note_id == hit.note_id
    assert "1,000 hits are remembered" in refused(own, 1001)


def test_a_library_search_is_remembered_only_on_request(own: Path) -> None:
    Collection(own).search(QUERY)
    assert not remembered_file(own).exists()


def test_without_a_search_there_is_no_hit(own: Path) -> None:
    assert "clinsearch search" in refused(own)


def test_a_number_beyond_the_hits_says_how_many_there_are(own: Path) -> None:
    run_on(own, "search", QUERY, "-k", 3)
    assert "3 hits" in refused(own, 4)


def test_a_search_is_forgotten_when_a_note_is_deleted(own: Path) -> None:
    run_on(own, "search", QUERY)
    (own / "last_search.json.killed").write_text(QUERY)
    run_on(own, "delete", NOTES[3])
    assert list(own.glob("last_search*")) == []
    assert "deleted" in refused(own)


def test_a_search_is_forgotten_when_the_text_of_a_note_changes_or_goes_but_not_when_notes_are_added(own: Path) -> None:
    notes = own.parent / "notes"
    run_on(own, "search", QUERY)
    (notes / "more.txt").write_text("Denies fever.")
    assert run_on(own, "index", notes).exit_code == 0
    assert remembered_file(own).exists()
    assert run_on(own, "explain", "--hit", 1).exit_code == 0
    (notes / "more.txt").write_text("Has a fever.")
    run_on(own, "index", notes)
    assert not remembered_file(own).exists()
    run_on(own, "search", QUERY)
    (notes / "more.txt").unlink()
    run_on(own, "index", notes, "--delete-missing")
    assert not remembered_file(own).exists()


def test_what_a_killed_search_left_disturbs_nobody_and_goes_with_the_next(own: Path) -> None:
    (own / "last_search.json.killed").write_text("{")
    (own.parent / "notes" / "more.txt").write_text("Denies fever.")
    assert run_on(own, "index", own.parent / "notes").exit_code == 0
    assert len(json_on(own, "search", QUERY, "-k", 2)) == 2
    assert [path.name for path in own.glob("last_search*")] == ["last_search.json"]


def test_a_search_cut_off_while_it_is_written_leaves_the_one_before(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run_on(own, "search", QUERY)
    before = remembered_file(own).read_bytes()

    def fail(self: Path, target: Path) -> Path:
        assert json.loads(self.read_text())["asked"] == "another"
        raise OSError("killed")

    monkeypatch.setattr(Path, "replace", fail)
    assert run_on(own, "search", "another").exit_code == 0
    assert remembered_file(own).read_bytes() == before


def test_where_nothing_can_be_written_nothing_is_remembered(own: Path) -> None:
    remembered_file(own).mkdir()
    (remembered_file(own) / "in the way").touch()
    assert len(json_on(own, "search", QUERY, "-k", 2)) == 2
    assert "clinsearch search" in refused(own)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_collection_that_may_only_be_read_remembers_nothing(own: Path) -> None:
    own.chmod(0o500)
    try:
        assert len(json_on(own, "search", QUERY, "-k", 2)) == 2
        assert not remembered_file(own).exists()
    finally:
        own.chmod(0o700)


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b"\xff\xfe", b'{"form": 99}', b'{"form": 1, "asked": "x", "hits": [{"note_id": 1}]}', b'"x"'],
)
def test_a_damaged_file_is_as_good_as_none(own: Path, content: bytes) -> None:
    remembered_file(own).write_bytes(content)
    assert last_search.last_search(own) is None
    assert "clinsearch search" in refused(own)
    assert run_on(own, "search", QUERY).exit_code == 0
    assert run_on(own, "explain", "--hit", 1).exit_code == 0


def test_a_hit_that_is_gone_is_one_line(own: Path) -> None:
    notes = Collection(own)
    hits = notes.search(QUERY, 1)
    notes.delete([hits[0].note_id])
    # As by a search that was under way while the note was deleted.
    notes.remember(QUERY, hits)
    assert f"No note {hits[0].note_id}" in refused(own)
    with pytest.raises(NoteNotFound):
        notes.explain_hit(QUERY, hits[0])


def test_another_sentence_at_the_place_of_a_hit_is_not_taken_for_it(own: Path) -> None:
    notes, path = Collection(own), own.parent / "notes" / "more.txt"
    path.write_text("Patient has chills.\n\nThe wound was stable.")
    clinsearch.index(own.parent / "notes", own)
    (hit,) = (hit for hit in notes.search("chills", 1000) if hit.note_id == "more" and hit.start == 0)
    assert notes.explain_hit("chills", hit).score == pytest.approx(hit.parts.cosine, abs=STORED)
    path.write_text("Patient has edema!!\n\nThe wound was stable.")
    clinsearch.index(own.parent / "notes", own)
    with pytest.raises(HitNotFound, match="more has changed"):
        notes.explain_hit("chills", hit)
    elsewhere = Hit(hit.score, "more", None, None, None, None, start=1, end=5)
    with pytest.raises(HitNotFound):
        notes.explain_hit("chills", elsewhere)


def test_a_hit_goes_alone(own: Path) -> None:
    run_on(own, "search", QUERY)
    for arguments in ([NOTES[0]], ["--query", "fever"], ["--text", "a", "b"]):
        assert run_on(own, "explain", "--hit", 1, *arguments).exit_code == 2
    assert run_on(own, "explain", "--hit", 0).exit_code == 2

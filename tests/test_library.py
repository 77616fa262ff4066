"""What `import clinsearch` gives: its names, what it loads and when, and a collection as a program holds it."""

from __future__ import annotations

import ast
import json
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import clinsearch
from clinsearch.collection import Collection
from clinsearch.errors import ClinsearchError, CollectionError, CollectionNotFound
from tests.conftest import PROJECT, WORDS

HEAVY = ["torch", "transformers", "faiss", "sqlalchemy", "alembic", "numpy"]


def in_a_new_process(program: str) -> str:
    """Run a program in an interpreter of its own; return what it prints."""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=PROJECT, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def write_notes(folder: Path, *texts: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for number, text in enumerate(texts):
        (folder / f"{number:02}.txt").write_text(text)
    return folder


@pytest.fixture
def indexed(tmp_path: Path, tiny_model: Path) -> Path:
    """The folder of a collection of three notes."""
    notes = write_notes(tmp_path / "notes", "Patient denies fever.", "Mild cough at night.", "The wound was stable.")
    clinsearch.index(notes, tmp_path / "collection", model=str(tiny_model))
    return tmp_path / "collection"


def test_the_public_names_are_exactly_these() -> None:
    assert clinsearch.__all__ == [
        "ClinsearchError",
        "Collection",
        "Encoder",
        "QueryNotes",
        "SavedSearches",
        "copy",
        "describe",
        "explain_texts",
        "export_notes",
        "index",
        "load_encoder",
        "load_vocabulary",
        "open",
        "waiting",
        "word_layers",
    ]


@pytest.mark.parametrize("name", clinsearch.__all__)
def test_every_public_name_is_there_and_says_what_it_is_for(name: str) -> None:
    assert callable(getattr(clinsearch, name))
    assert getattr(clinsearch, name).__doc__


def test_open_is_the_collection() -> None:
    assert clinsearch.open is clinsearch.Collection is Collection


def test_type_checkers_are_told_of_the_same_names() -> None:
    tree = ast.parse(Path(clinsearch.__file__).read_text())
    (block,) = [node for node in tree.body if isinstance(node, ast.If)]
    imported = [alias for node in block.body if isinstance(node, ast.ImportFrom) for alias in node.names]
    assert sorted(alias.asname or alias.name for alias in imported) == clinsearch.__all__


def test_a_star_import_gives_the_public_names() -> None:
    names: dict[str, object] = {}
    exec("from clinsearch import *", names)
    assert sorted(names.keys() - {"__builtins__"}) == clinsearch.__all__


def test_another_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'no_such_name'"):
        clinsearch.no_such_name  # noqa: B018


def test_importing_the_library_loads_nothing_heavy() -> None:
    loaded = in_a_new_process("import clinsearch, json, sys; print(json.dumps(sorted(sys.modules)))")
    assert not set(HEAVY) & set(json.loads(loaded))


def test_the_errors_can_be_named_without_loading_anything_heavy() -> None:
    loaded = in_a_new_process("import clinsearch, sys; clinsearch.ClinsearchError; print(*sys.modules)")
    assert not set(HEAVY) & set(loaded.split())


def test_the_example_of_the_package_works_as_it_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = str(clinsearch.__doc__).splitlines()
    example = "\n".join(lines[lines.index("import clinsearch") :])
    assert len([line for line in example.splitlines() if line]) == 4
    (tmp_path / "sample_notes").mkdir()
    for path in (PROJECT / "sample_notes").glob("P001-*.txt"):
        shutil.copy(path, tmp_path / "sample_notes")
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    exec(example, names)
    hits = names["hits"]
    assert isinstance(hits, list)
    assert 0 < len(hits) <= 10
    assert {hit.note_type for hit in hits} == {"discharge summary"}


def test_a_collection_can_be_read_by_many_threads_at_once(tmp_path: Path, tiny_model: Path) -> None:
    texts = [f"Patient denies {word} at night.\n\nMild {word} on the left." for word in WORDS[:40]]
    clinsearch.index(write_notes(tmp_path / "notes", *texts), tmp_path / "collection", model=str(tiny_model))
    asks: list[Callable[[Collection], object]] = []
    for number, word in enumerate(WORDS[:8]):
        asks += [
            lambda notes, word=word: notes.search(f"{word} at night", 20),
            lambda notes, word=word: notes.search(f"{word} on the left", 7, level="note"),
            lambda notes, number=number: notes.similar(f"{number:02}", 9),
            lambda notes, number=number: notes.note(f"{number:02}"),
            lambda notes, number=number: notes.explain(f"{number:02}", "00").score,
            lambda notes, word=word: notes.explain_query(word, "07").score,
        ]
    expected = [ask(Collection(tmp_path / "collection")) for ask in asks]
    notes = Collection(tmp_path / "collection")
    start = threading.Barrier(4)

    def all_at_once(turn: int) -> list[object]:
        start.wait()
        # Each thread begins somewhere else, so that different questions meet.
        answers = {at % len(asks): asks[at % len(asks)](notes) for at in range(turn * 11, turn * 11 + len(asks))}
        return [answers[at] for at in range(len(asks))]

    with ThreadPoolExecutor(4) as pool:
        for answers in pool.map(all_at_once, range(4)):
            assert answers == expected


def test_an_open_collection_sees_what_was_indexed_since(indexed: Path, tmp_path: Path) -> None:
    notes = Collection(indexed)
    assert len(notes.search("fever")) == 3
    (tmp_path / "notes" / "00.txt").write_text("The heart was clear.\n\nMild edema on the left.\n")
    clinsearch.index(tmp_path / "notes", indexed)
    assert {hit.sentence for hit in notes.search("fever")} == {
        "The heart was clear.",
        "Mild edema on the left.",
        "Mild cough at night.",
        "The wound was stable.",
    }
    assert notes.search("The heart was clear.", 1)[0].sentence == "The heart was clear."


def test_an_open_collection_that_is_made_anew_is_searched_by_its_new_vectors(
    indexed: Path, tmp_path: Path, tiny_model: Path
) -> None:
    notes = Collection(indexed)
    notes.search("fever")
    shutil.rmtree(indexed)
    write_notes(tmp_path / "notes", "The heart was clear.", "Patient needs pillows.", "Loss of appetite.")
    clinsearch.index(tmp_path / "notes", indexed, model=str(tiny_model))
    for text in ("The heart was clear.", "Patient needs pillows.", "Loss of appetite."):
        hit = notes.search(text, 1, mode="vector")[0]
        assert (hit.sentence, hit.score) == (text, pytest.approx(1, abs=1e-5))


def test_a_collection_opened_by_a_relative_path_goes_on_working_in_another_folder(
    indexed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    notes = clinsearch.open("collection")
    before = notes.search("fever")
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert notes.search("fever") == before
    assert notes.status().collection == str(indexed)
    assert notes.delete(["00"]) == 1


def test_a_collection_made_with_a_model_by_a_relative_path_can_be_searched_from_another_folder(
    tmp_path: Path, tiny_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tiny_model.parent)
    write_notes(tmp_path / "notes", "Patient denies fever.")
    clinsearch.index(tmp_path / "notes", tmp_path / "collection", model=tiny_model.name)
    monkeypatch.chdir(tmp_path)
    assert clinsearch.open(tmp_path / "collection").search("fever")[0].note_id == "00"


def test_the_collection_of_the_environment_is_used_where_none_is_named(
    tmp_path: Path, tiny_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CLINSEARCH_COLLECTION", str(tmp_path / "from the environment"))
    notes = write_notes(tmp_path / "notes", "Patient denies fever.")
    clinsearch.index(notes, model=str(tiny_model))
    assert (tmp_path / "from the environment" / "catalog.db").is_file()
    assert clinsearch.open().status().notes == 1
    clinsearch.index(write_notes(tmp_path / "more", "Mild cough."), "named", model=str(tiny_model))
    assert clinsearch.open("named").search("cough")[0].sentence == "Mild cough."
    assert clinsearch.open().status().notes == 1
    monkeypatch.setenv("CLINSEARCH_COLLECTION", "")
    clinsearch.index(notes, model=str(tiny_model))
    assert (tmp_path / "clinsearch-data" / "catalog.db").is_file()


@pytest.mark.parametrize("there", ["nothing", "an empty folder", "a folder of other things"])
def test_opening_what_is_no_collection_says_how_to_make_one(tmp_path: Path, there: str) -> None:
    folder = tmp_path / "here"
    if there != "nothing":
        folder.mkdir()
    if there == "a folder of other things":
        (folder / "a.txt").write_text("Patient denies fever.")
    with pytest.raises(CollectionNotFound) as error:
        clinsearch.open(folder)
    assert str(error.value) == f"No collection at {folder}. Make one with `clinsearch index FOLDER`."
    assert isinstance(error.value, clinsearch.ClinsearchError)
    assert folder.exists() == (there != "nothing")


def test_opening_a_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("Patient denies fever.")
    with pytest.raises(CollectionNotFound, match="is a file"):
        clinsearch.open(path)


def test_a_folder_of_other_things_does_not_become_a_collection(tmp_path: Path, tiny_model: Path) -> None:
    notes = write_notes(tmp_path / "notes", "Patient denies fever.")
    with pytest.raises(CollectionError, match="not empty"):
        clinsearch.index(notes, notes, model=str(tiny_model))
    assert [path.name for path in notes.iterdir()] == ["00.txt"]


def test_a_model_that_has_moved_can_be_named_anew(tmp_path: Path, tiny_model: Path) -> None:
    model = Path(shutil.copytree(tiny_model, tmp_path / "model"))
    notes = write_notes(tmp_path / "notes", "Patient denies fever.")
    clinsearch.index(notes, tmp_path / "collection", model=str(model))
    moved = model.rename(tmp_path / "moved")
    with pytest.raises(ClinsearchError):
        clinsearch.open(tmp_path / "collection").search("fever")
    found = clinsearch.open(tmp_path / "collection", model=str(moved)).search("fever")
    assert [hit.sentence for hit in found] == ["Patient denies fever."]


def test_a_filter_or_level_that_does_not_exist_is_refused(indexed: Path) -> None:
    from clinsearch.errors import InputError

    samples = clinsearch.open(indexed)

    with pytest.raises(InputError, match="patient_id"):
        samples.search("fever", patient="P001")  # type: ignore[call-arg]
    with pytest.raises(InputError, match="sentence, note or patient"):
        samples.search("fever", level="sentences")  # type: ignore[arg-type]

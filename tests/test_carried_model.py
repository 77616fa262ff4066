"""The model in the package's data: what is carried, that it does without a network, and what becomes of minilm."""

from __future__ import annotations

import importlib.util
import shutil
from pathlib import Path

import numpy as np
import pytest

from clinsearch import Collection, index
from clinsearch.encoder.checkpoint import CARRIED, DEFAULT_MODEL, MINILM, MINILM_PACKAGE, WORD_MAP_FILE, find_checkpoint
from clinsearch.encoder.encoder import Encoder, load_encoder
from clinsearch.errors import ModelError
from clinsearch.evaluation.measures import measure
from clinsearch.evaluation.sets import JudgedSet, read_set
from clinsearch.records import FloatArray
from tests.conftest import shared
from tests.support.command_line import as_json, refused
from training.model import base_student

MOST_BYTES = 46_000_000
NOTES = {"one": "She denies chest pain.", "two": "He has a rash on both arms.", "three": "No chest pain."}


def write_notes(folder: Path) -> Path:
    folder.mkdir()
    for name, text in NOTES.items():
        (folder / f"{name}.txt").write_text(text)
    return folder


def test_what_is_carried_is_whole_small_and_says_whose_it_is() -> None:
    folder = CARRIED / DEFAULT_MODEL
    checkpoint = find_checkpoint()
    assert checkpoint.folder == folder
    assert sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) <= MOST_BYTES
    checkpoint.require_published(checkpoint.hashes())
    assert (folder / "LICENSE").read_text().split() == Path("LICENSE").read_text().split()
    assert "all-MiniLM-L6-v2" in (folder / "NOTICE").read_text()


@pytest.mark.parametrize("name", ["config.json", "model.safetensors"])
def test_where_a_file_of_it_is_missing_it_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    shutil.copytree(CARRIED / DEFAULT_MODEL, tmp_path / DEFAULT_MODEL)
    (tmp_path / DEFAULT_MODEL / name).unlink()
    monkeypatch.setattr("clinsearch.encoder.checkpoint.CARRIED", tmp_path)
    with pytest.raises(ModelError, match=rf"{name}.*Install clinsearch again"):
        load_encoder()


def test_a_damaged_map_of_words_is_named(tmp_path: Path) -> None:
    folder = shutil.copytree(CARRIED / DEFAULT_MODEL, tmp_path / "model")
    (folder / WORD_MAP_FILE).write_bytes((folder / WORD_MAP_FILE).read_bytes()[:100])
    said = refused(
        "index", str(write_notes(tmp_path / "notes")), "--collection", str(tmp_path / "c"), "--model", str(folder)
    )
    assert str(folder / WORD_MAP_FILE) in said


def test_its_shape_and_its_tokenizer_are_those_of_the_model_it_began_from() -> None:
    own, base = (load_encoder(name) for name in (DEFAULT_MODEL, MINILM))
    assert (own.hidden_size, own.num_hidden_layers) == (base.hidden_size, base.num_hidden_layers) == (384, 6)
    assert own.tokenizer.vocab == base.tokenizer.vocab
    text = "S/p CABG, c/o dyspnoea at 3.5 L/min; Troponin-I < 0.04."
    assert own.tokenizer.tokens(text) == base.tokenizer.tokens(text)


def test_it_tells_a_finding_from_its_denial(default_encoder: Encoder) -> None:
    texts = ["Denies chest pain.", "No chest pain.", "Has chest pain.", "Complains of chest pain.", "No fracture."]
    denied, absent, present, complained, other = default_encoder.encode(texts)
    assert denied @ absent > denied @ present
    assert present @ complained > present @ absent
    # What is spoken of goes first: two denials of two things are further apart than a thing and its denial.
    assert denied @ present > denied @ other


def test_notes_are_indexed_and_found_without_a_network(tmp_path: Path, no_network: list[object]) -> None:
    index(write_notes(tmp_path / "notes"), tmp_path / "c")
    collection = Collection(tmp_path / "c")
    assert collection.status().model == DEFAULT_MODEL
    assert collection.search("rash", 1)[0].note_id == "two"
    assert no_network == []


def test_a_collection_made_with_minilm_goes_on_working(tmp_path: Path) -> None:
    notes = write_notes(tmp_path / "notes")
    index(notes, tmp_path / "c", model=MINILM)
    (notes / "four.txt").write_text("Rash on the left arm.")
    index(notes, tmp_path / "c")  # with the collection's own model, not the default
    collection = Collection(tmp_path / "c")
    status = collection.status()
    assert (status.model, status.notes) == (MINILM, 4)
    assert {hit.note_id for hit in collection.search("rash", 2)} == {"two", "four"}


def test_without_the_package_of_minilm_its_collections_say_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index(write_notes(tmp_path / "notes"), tmp_path / "c", model=MINILM)
    find_spec = importlib.util.find_spec
    monkeypatch.setattr(
        "importlib.util.find_spec", lambda name, *rest: None if name == MINILM_PACKAGE else find_spec(name, *rest)
    )
    with pytest.raises(ModelError, match=r'pip install "clinsearch\[minilm\]"'):
        load_encoder(MINILM)
    said = refused("search", "rash", "--collection", str(tmp_path / "c"))
    assert 'pip install "clinsearch[minilm]"' in said
    # What needs no model is not held up.
    status = as_json("status", "--collection", tmp_path / "c")
    assert isinstance(status, dict)
    assert status["notes"] == len(NOTES)


@pytest.mark.slow
def test_half_precision_ranks_as_float32_does(tmp_path: Path) -> None:
    folder = shared("eval/mqp_dev")
    base_student().save(tmp_path / "halved")
    judged = read_set(folder)
    whole, halved = (ranked(judged, load_encoder(name)) for name in (MINILM, str(tmp_path / "halved")))
    for depth, share in ((1, 0.99), (10, 0.96)):  # what is as good as even may change places
        same = [whole[query][:depth] == halved[query][:depth] for query in judged.queries]
        assert np.mean(same) > share
    scores = [float(np.mean(measure(judged, ranking)["nDCG@10"])) for ranking in (whole, halved)]
    assert scores[0] == pytest.approx(scores[1], abs=5e-4)


def ranked(judged: JudgedSet, encoder: Encoder) -> dict[str, list[str]]:
    documents = list(judged.documents)
    vectors: FloatArray = encoder.encode(list(judged.documents.values()))
    queries = encoder.encode(list(judged.queries.values()))
    orders = np.argsort(-(queries @ vectors.T), axis=1, kind="stable")
    return {query: [documents[at] for at in order] for query, order in zip(judged.queries, orders, strict=True)}

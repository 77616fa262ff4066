"""Tokens and layers against plain transformers."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import clinsearch
from clinsearch.collection import Collection
from clinsearch.encoder.encoder import Encoder, load_encoder
from clinsearch.inspection.layers import mark_word, spoken_words
from clinsearch.inspection.tokenization import split_text, take_note_apart
from clinsearch.records import Note, NoteView, PlacedSentence
from tests.conftest import SENTENCE
from tests.support.command_line import as_json, run

LONG = " ".join([SENTENCE] * 8)


def cosine(left: np.ndarray, right: np.ndarray) -> float:
    return float(left @ right / np.linalg.norm(left) / np.linalg.norm(right))


NOTES = {
    "a": "Patient denies chest pain.\n\nMild cough at night,\n   with fever.",
    "b": "Chest was clear. PAIN in the left lung!\n\nNeeds three pillows to sleep at night.",
    "c": "Wound drainage on the right. The heart was stable. No pain, no fever.",
}


def plain_states(folder: Path, text: str) -> np.ndarray:
    """All hidden states of a text from plain transformers, (layers + 1, tokens, hidden_size)."""
    import torch
    from transformers import AutoModel, AutoTokenizer

    inputs = AutoTokenizer.from_pretrained(folder)(text, return_tensors="pt")
    with torch.no_grad():
        model = AutoModel.from_pretrained(folder, dtype=torch.float32).eval()
        states = model(**inputs, output_hidden_states=True).hidden_states
    return torch.cat(states).numpy()


@pytest.fixture(scope="module")
def collection(tiny_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("anatomy")
    for note_id, text in NOTES.items():
        (folder / f"{note_id}.txt").write_text(text)
    clinsearch.index(folder, folder / "collection", model=str(tiny_model))
    return folder / "collection"


def test_norms_and_cosines_are_those_of_plain_transformers(default_encoder: Encoder) -> None:
    from safetensors.numpy import load_file

    folder = default_encoder.checkpoint.folder
    rows = as_json("tokens", SENTENCE, "--model", "clinsearch-small")
    matrix = next(v for k, v in load_file(folder / "model.safetensors").items() if k.endswith("word_embeddings.weight"))
    contextual = plain_states(folder, SENTENCE)[-1]
    assert len(rows) == len(contextual) == 19
    for row, state in zip(rows, contextual, strict=True):
        static = matrix[row["id"]].astype(np.float32)  # half precision on the disk
        assert row["static_norm"] == pytest.approx(np.linalg.norm(static), abs=1e-4)
        assert row["contextual_norm"] == pytest.approx(np.linalg.norm(state), abs=1e-3)
        assert row["cosine"] == pytest.approx(cosine(static, state), abs=1e-4)


def test_vectors_are_shown_by_their_first_and_last_values_and_written_whole(tiny_model: Path) -> None:
    shown = run("tokens", "no fever", "--vectors", "--model", tiny_model).stdout
    rows = as_json("tokens", "no fever", "--vectors", "--model", tiny_model)
    for row in rows:
        for vector in (row["static"], row["contextual"]):
            assert len(vector) == 32
            first, last = (" ".join(f"{v: .4f}" for v in part) for part in (vector[:3], vector[-3:]))
            assert f"[{first}  … {last}]" in shown
    assert "last_hidden_state (batch_size 1, sequence_length 4, hidden_size 32)" in shown
    assert "static (sequence_length 4, hidden_size 32)" in shown


def test_ids_alone_load_no_weights_and_are_the_same(tiny_model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = as_json("tokens", SENTENCE, "--model", tiny_model)
    monkeypatch.setattr("clinsearch.encoder.encoder.open_engine", None)
    rows = as_json("tokens", SENTENCE, "--ids", "--model", tiny_model)
    assert rows == [{key: row[key] for key in rows[0]} for row in whole]
    assert list(rows[0]) == ["position", "id", "token", "start", "end", "word", "word_text"]


def test_the_pieces_of_a_word_name_it_whole(default_encoder: Encoder) -> None:
    found = split_text(default_encoder.tokenizer, "Appendicitis, s/p")
    assert found.words == (None, *["Appendicitis"] * 4, ",", "s", "/", "p", None)


def test_a_note_is_taken_apart_uncut_with_offsets_into_it(collection: Path, tiny_model: Path) -> None:
    rows = as_json("tokens", "--note", "a", "--collection", collection)
    view = Collection(collection).note("a")
    assert {row["sentence"] for row in rows} == {0, 1}
    for row in rows:
        if row["word"] is not None:
            assert NOTES["a"][row["start"] : row["end"]].lower() == row["token"].removeprefix("##")
    encoder = load_encoder(str(tiny_model))
    expected = [token.id for place in view.sentences for token in encoder.embed(place.sentence).tokens]
    assert [row["id"] for row in rows] == expected
    assert [row["static_norm"] for row in rows] == pytest.approx(
        np.linalg.norm(encoder.embedding_matrix[expected], axis=1)
    )
    table = run("tokens", "--note", "a", "--collection", collection).stdout
    assert "of each of 2 sentences (batch_size 1, sequence_length 7 to 10, hidden_size 32)" in re.sub(
        r"\s+", " ", table
    )


def test_the_library_takes_a_note_apart_as_the_command_does(collection: Path) -> None:
    texts = Collection(collection).tokens("b")
    rows = as_json("tokens", "--note", "b", "--collection", collection)
    assert [(token.id, token.start) for text in texts for token in text.tokens] == [(r["id"], r["start"]) for r in rows]
    assert all(text.embedding is not None for text in texts)


@given(
    words=st.lists(st.text("abc.", min_size=1, max_size=5), min_size=1), blank=st.sampled_from([" ", "\n ", "\t\u00a0"])
)
def test_offsets_into_the_note_survive_any_white_space(tiny_encoder: Encoder, words: list[str], blank: str) -> None:
    sentence = f"{blank}".join(words)
    text = f"before {sentence} after"
    place = PlacedSentence(" ".join(words), 7, 7 + len(sentence), None)
    view = NoteView(Note("n", text), (), (place,))
    (found,) = take_note_apart(view, lambda folded: split_text(tiny_encoder.tokenizer, folded))
    for token in found.tokens[1:-1]:
        assert text[token.start : token.end] == token.token.removeprefix("##")
    assert found.tokens[0].start == 7
    assert found.tokens[-1].start == found.tokens[-1].end == 7 + len(sentence)


def test_tokens_want_one_text_or_one_note(collection: Path) -> None:
    for wrong in ([], ["x", "--note", "a"], ["x", "--ids", "--vectors"]):
        assert run("tokens", *wrong, "--collection", collection).exit_code == 2
    result = run("tokens", "--note", "nobody", "--collection", collection)
    assert (result.exit_code, result.stderr.count("\n")) == (1, 1)


def test_layers_are_the_hidden_states_of_plain_transformers(default_encoder: Encoder) -> None:
    expected = plain_states(default_encoder.checkpoint.folder, SENTENCE)
    assert expected.shape == (7, 19, 384)
    assert default_encoder.layers(SENTENCE) == pytest.approx(expected, abs=1e-4)


def test_the_last_layer_is_last_hidden_state_whatever_the_length_and_the_batch(tiny_model: Path) -> None:
    for pooling in ("mean", "cls"):
        encoder = load_encoder(str(tiny_model), pooling=pooling)
        texts = [SENTENCE, LONG, "", "no fever", LONG + " fever"]
        batched = dict(encoder.layers_of(texts))
        assert sorted(batched) == list(range(len(texts)))
        for position, text in enumerate(texts):
            alone = encoder.layers(text)
            assert alone[-1] == pytest.approx(encoder.embed(text).last_hidden_state, abs=1e-5)
            assert batched[position] == pytest.approx(alone, abs=1e-4)


def test_a_word_moves_through_the_layers_as_plain_transformers_say(default_encoder: Encoder) -> None:
    text = "History of appendicitis and fever."
    states = plain_states(default_encoder.checkpoint.folder, text)
    pieces = [at for at, token in enumerate(default_encoder.tokenizer.tokens(text)) if token.word == 2]
    path = states[:, pieces].mean(axis=1)
    found = clinsearch.word_layers(default_encoder, text, "APPENDICITIS", k=2)
    assert found.tokens == ("app", "##end", "##ici", "##tis")
    assert [step.norm for step in found.steps] == pytest.approx(np.linalg.norm(path, axis=1), abs=1e-3)
    assert [step.to_final for step in found.steps] == pytest.approx([cosine(v, path[-1]) for v in path], abs=1e-4)
    assert found.steps[0].to_previous is None
    assert [step.to_previous for step in found.steps[1:]] == pytest.approx(
        [cosine(path[n], path[n - 1]) for n in range(1, 7)], abs=1e-4
    )
    others = {"History": 1, "of": 2, "and": pieces[-1] + 1, "fever": pieces[-1] + 2}
    for layer, step in enumerate(found.steps):
        cosines = {word: cosine(states[layer, at], path[layer]) for word, at in others.items()}
        best = sorted(cosines, key=lambda word: -cosines[word])[:2]
        assert [near.word for near in step.nearest] == best
        assert [near.cosine for near in step.nearest] == pytest.approx([cosines[w] for w in best], abs=1e-4)
    assert (found.words, found.sentences) == (4, 0)


def test_nearest_words_of_a_collection_are_those_of_a_brute_force(collection: Path, tiny_model: Path) -> None:
    text, encoder = "Mild pain at night.", load_encoder(str(tiny_model))
    found = Collection(collection).layers(text, "pain", k=4)
    own = encoder.layers(text)[:, list(mark_word(encoder.tokenizer, text, "pain").word.tokens)].mean(axis=1)
    sentences = {s.sentence: n for n in NOTES for s in Collection(collection).note(n).sentences}
    for layer, step in enumerate(found.steps):
        best: dict[str, tuple[float, str]] = {}
        for sentence in sentences:
            for word in spoken_words(encoder.tokenizer, sentence):
                vector = encoder.layers(sentence)[layer, list(word.tokens)].mean(axis=0)
                best[word.text.lower()] = max(
                    best.get(word.text.lower(), (-2.0, "")), (cosine(vector, own[layer]), sentence)
                )
        expected = sorted(best, key=lambda word: -best[word][0])[:4]
        assert [near.word.lower() for near in step.nearest] == expected
        for near in step.nearest:
            assert near.cosine == pytest.approx(best[near.word.lower()][0], abs=1e-4)
            assert near.note_id == sentences[near.sentence]
            assert near.word in near.sentence
    assert found.sentences == len(sentences)
    assert found.words == sum(len(spoken_words(encoder.tokenizer, s)) for s in sentences)


def test_half_of_the_sentences_looked_at_may_be_such_as_hold_the_word(collection: Path) -> None:
    notes = Collection(collection)
    found = notes.layers("Wound drainage on the right.", "drainage", k=50, sentences=2)
    near = [hit.sentence for hit in notes.search("Wound drainage on the right.", 2, mode="vector")]
    assert found.sentences == 2
    assert {word.sentence for step in found.steps for word in step.nearest} == set(near)
    found = notes.layers("The heart was stable, no pain.", "pain", k=50, sentences=2)
    looked_at = {word.sentence for step in found.steps for word in step.nearest}
    assert len(looked_at) == 2
    assert any("pain" in sentence.lower() for sentence in looked_at)
    assert notes.search("The heart was stable, no pain.", 1, mode="vector")[0].sentence in looked_at


def test_a_word_is_not_its_own_neighbor(collection: Path) -> None:
    found = Collection(collection).layers("The  heart was stable.", "heart", k=99)
    for step in found.steps:
        assert "heart" not in {near.word for near in step.nearest}
        assert "stable" in {near.word for near in step.nearest}


def test_of_a_word_that_stands_twice_the_first_is_taken_unless_another_is_chosen(tiny_model: Path) -> None:
    text = "No pain, chest Pain."
    first = as_json("layers", text, "--word", "pain", "--model", tiny_model)
    second = as_json("layers", text, "--word", "pain", "--at", 17, "--model", tiny_model)
    assert (first["start"], second["start"], second["word"]) == (3, 15, "Pain")
    assert first["starts"] == second["starts"] == [3, 15]
    assert first["layers"] != second["layers"]
    shown = run("layers", text, "--word", "pain", "--model", tiny_model).stdout
    assert "It stands 2 times in the text, at 3, 15; --at OFFSET chooses." in shown


@pytest.mark.parametrize(
    "wrong", [["--word", "cough"], ["--word", ""], ["--word", "fever", "--at", "0"], ["--word", "."]]
)
def test_a_word_that_is_not_there_is_one_line_without_the_text(tiny_model: Path, wrong: list[str]) -> None:
    result = run("layers", "No fever.", *wrong, "--model", tiny_model)
    assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (1, "", 1)
    assert "fever" not in result.stderr
    assert "cough" not in result.stderr


def test_layers_have_every_form_and_say_among_what_they_looked(collection: Path, tiny_model: Path) -> None:
    asked = ("layers", "No fever at night.", "--word", "fever", "--collection", collection)
    record = as_json(*asked)
    shown = run(*asked).stdout
    assert f"among {record['among_words']} words of {record['among_sentences']} sentences of the collection" in shown
    assert "of the text itself" in run("layers", "No fever.", "--word", "fever", "--model", tiny_model).stdout
    rows = list(csv.DictReader(io.StringIO(run(*asked, "--format", "csv").stdout)))
    assert [int(row["layer"]) for row in rows] == [0, 1, 2]
    assert [json.loads(row["nearest"]) for row in rows] == [layer["nearest"] for layer in record["layers"]]
    assert Collection(collection).layers("No fever at night.", "fever").steps[-1].norm == record["layers"][-1]["norm"]

"""The encoder against plain transformers, and against itself: alone, in batches, in windows."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinsearch.encoder.checkpoint import DEFAULT_MODEL, PUBLISHED, find_checkpoint
from clinsearch.encoder.encoder import Encoder, load_encoder
from clinsearch.encoder.pooling import POOLINGS
from clinsearch.encoder.torch_engine import TorchEngine
from clinsearch.encoder.windows import batches, windows_of
from clinsearch.errors import ModelError
from tests.conftest import SENTENCE, real_notes, write_model

TEXTS = [
    SENTENCE,
    "No fever.",
    "Pt. c/o SOB x 3 days, worse when lying flat; denies chest pain.",
    "Blood pressure 138/82, pulse 91, temperature 37.2 °C.",
    "x",
    "",
    " ".join(["The wound was irrigated and closed in layers."] * 20),
]


def plain_transformers(folder: Path, texts: list[str]) -> np.ndarray:
    """Encode as every model card says: one text at a time, mean over the attention mask."""
    import torch
    from transformers import AutoModel, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModel.from_pretrained(folder, dtype=torch.float32).eval()
    vectors = []
    for text in texts:
        inputs = tokenizer(text, return_tensors="pt", truncation=False)
        with torch.no_grad():
            states = model(**inputs).last_hidden_state
        mask = inputs["attention_mask"].unsqueeze(-1)
        vector = ((states * mask).sum(1) / mask.sum(1))[0]
        vectors.append((vector / vector.norm()).numpy())
    return np.stack(vectors)


def test_vectors_are_those_of_plain_transformers(default_encoder: Encoder) -> None:
    expected = plain_transformers(default_encoder.checkpoint.folder, TEXTS)
    cosines = (default_encoder.encode(TEXTS) * expected).sum(axis=1)
    assert cosines.min() >= 0.9999


def test_vectors_of_real_sentences_are_those_of_plain_transformers(default_encoder: Encoder) -> None:
    texts = [note["text"][:600] for note in real_notes()[:25]]
    cosines = (default_encoder.encode(texts) * plain_transformers(default_encoder.checkpoint.folder, texts)).sum(axis=1)
    assert cosines.min() >= 0.9999


def test_vectors_have_unit_length(tiny_encoder: Encoder) -> None:
    assert np.linalg.norm(tiny_encoder.encode(TEXTS), axis=1) == pytest.approx(1, abs=1e-6)


def test_a_text_has_the_same_vector_alone_and_among_many(default_encoder: Encoder) -> None:
    alone = np.concatenate([default_encoder.encode([text]) for text in TEXTS])
    assert np.abs(default_encoder.encode(TEXTS) - alone).max() < 1e-5


def test_no_texts_give_no_vectors(tiny_encoder: Encoder) -> None:
    assert tiny_encoder.encode([]).shape == (0, 32)


@pytest.mark.parametrize("pooling", POOLINGS)
@pytest.mark.parametrize("repeats", [1, 30], ids=["short", "in windows"])
def test_the_parts_of_a_text_sum_to_the_vector_that_is_searched(tiny_model: Path, pooling, repeats) -> None:
    encoder = load_encoder(str(tiny_model), pooling=pooling)
    text = " ".join([SENTENCE] * repeats)
    embedding = encoder.embed(text)
    assert embedding.parts.shape == (len(embedding.tokens), 32)
    total = embedding.parts.sum(axis=0)
    assert total / np.linalg.norm(total) == pytest.approx(encoder.encode([text])[0], abs=1e-5)


def test_cls_pooling_takes_the_first_token_and_max_pooling_the_maximum(tiny_model: Path) -> None:
    states = load_encoder(str(tiny_model)).embed(SENTENCE).last_hidden_state
    cls = load_encoder(str(tiny_model), pooling="cls").encode([SENTENCE])[0]
    highest = load_encoder(str(tiny_model), pooling="max").encode([SENTENCE])[0]
    assert cls == pytest.approx(states[0] / np.linalg.norm(states[0]), abs=1e-5)
    assert highest == pytest.approx(states.max(axis=0) / np.linalg.norm(states.max(axis=0)), abs=1e-5)


@pytest.mark.parametrize("pooling", POOLINGS)
def test_nothing_of_a_long_text_is_cut_off(tiny_model: Path, pooling) -> None:
    encoder = load_encoder(str(tiny_model), pooling=pooling)
    start = " ".join([SENTENCE] * 20)
    one, other = encoder.encode([f"{start} fever", f"{start} cough"])
    assert np.abs(one - other).max() > 1e-4


def test_static_rows_are_those_of_the_embedding_matrix(tiny_encoder: Encoder) -> None:
    embedding = tiny_encoder.embed("denies fever")
    ids = [token.id for token in embedding.tokens]
    assert (embedding.static == tiny_encoder.embedding_matrix[ids]).all()


def test_tokens_say_where_they_stand(default_encoder: Encoder) -> None:
    text = "Appendicitis, s/p 5.5 mg."
    tokens = default_encoder.embed(text).tokens
    assert [token.token for token in tokens[:5]] == ["[CLS]", "app", "##end", "##ici", "##tis"]
    assert [token.word for token in tokens[:6]] == [None, 0, 0, 0, 0, 1]
    for token in tokens[1:-1]:
        assert text[token.start : token.end].lower() == token.token.removeprefix("##")


def test_a_frozen_model_asks_for_no_gradient(tiny_encoder: Encoder) -> None:
    model = TorchEngine(tiny_encoder.checkpoint, "cpu").model
    assert not any(weights.requires_grad for weights in model.parameters())
    assert not model.training


@given(tokens=st.integers(0, 3000), limit=st.integers(1, 300))
def test_every_token_is_owned_by_one_window_that_sees_it(tokens: int, limit: int) -> None:
    windows = windows_of(0, tokens, limit)
    owned = [position for window in windows for position in range(window.own_start, window.own_end)]
    assert owned == list(range(tokens))
    for window in windows:
        assert window.start <= window.own_start <= window.own_end <= window.end
        assert window.end - window.start <= limit
    assert [window.is_first for window in windows] == [True] + [False] * (len(windows) - 1)
    assert [window.is_last for window in windows] == [False] * (len(windows) - 1) + [True]


@given(lengths=st.lists(st.integers(1, 500), max_size=60), budget=st.integers(1, 2000))
def test_batches_hold_everything_once_within_the_budget(lengths: list[int], budget: int) -> None:
    groups = list(batches(lengths, budget))
    assert sorted(position for group in groups for position in group) == list(range(len(lengths)))
    for group in groups:
        assert len(group) == 1 or len(group) * max(lengths[i] for i in group) <= budget


def test_a_sentence_transformers_model_is_pooled_as_it_was_trained(tiny_model: Path, tmp_path: Path) -> None:
    folder = tmp_path / "model"
    shutil.copytree(tiny_model, folder)
    steps = [{"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"},
             {"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"}]  # fmt: skip
    (folder / "modules.json").write_text(json.dumps(steps))
    (folder / "sentence_bert_config.json").write_text(json.dumps({"max_seq_length": 24}))
    (folder / "1_Pooling").mkdir(exist_ok=True)
    (folder / "1_Pooling" / "config.json").write_text(
        json.dumps({"pooling_mode_cls_token": True, "pooling_mode_mean_tokens": False})
    )
    encoder = load_encoder(str(folder))
    assert (encoder.pooling, encoder.max_tokens) == ("cls", 24)


def test_another_step_after_pooling_is_refused(tiny_model: Path, tmp_path: Path) -> None:
    folder = tmp_path / "model"
    shutil.copytree(tiny_model, folder)
    steps = [{"idx": 2, "name": "2", "path": "2_Dense", "type": "sentence_transformers.models.Dense"}]
    (folder / "modules.json").write_text(json.dumps(steps))
    with pytest.raises(ModelError, match="Dense"):
        load_encoder(str(folder))


def test_the_fingerprint_changes_with_whatever_changes_vectors(tiny_model: Path, tmp_path: Path) -> None:
    own = load_encoder(str(tiny_model))
    copy = Path(shutil.copytree(tiny_model, tmp_path / "copy"))
    other = write_model(tmp_path / "other", (tiny_model / "vocab.txt").read_text().split(), seed=8)
    fingerprints = {
        own.fingerprint(),
        load_encoder(str(tiny_model), pooling="cls").fingerprint(),
        load_encoder(str(other)).fingerprint(),
    }
    assert len(fingerprints) == 3
    assert load_encoder(str(copy)).fingerprint() == own.fingerprint()
    (copy / "vocab.txt").write_text((copy / "vocab.txt").read_text() + "more\n")
    assert load_encoder(str(copy)).fingerprint() != own.fingerprint()


def test_a_model_that_is_nowhere_is_one_line_with_two_ways_out(no_network: list[object]) -> None:
    with pytest.raises(ModelError) as error:
        find_checkpoint("nobody/no-such-model")
    message = str(error.value)
    assert "neither on this disk nor reachable" in message
    assert "--model FOLDER" in message
    assert "network" in message
    assert "\n" not in message


@pytest.mark.parametrize("missing", ["config.json", "model.safetensors"])
def test_a_folder_that_is_no_model_is_refused(tiny_model: Path, tmp_path: Path, missing: str) -> None:
    folder = Path(shutil.copytree(tiny_model, tmp_path / "copy"))
    (folder / missing).unlink()
    with pytest.raises(ModelError, match=r"no weights|config\.json"):
        load_encoder(str(folder))


def test_weights_that_lack_a_layer_are_refused(tiny_model: Path, tmp_path: Path) -> None:
    from safetensors.torch import load_file, save_file

    folder = Path(shutil.copytree(tiny_model, tmp_path / "copy"))
    weights = load_file(folder / "model.safetensors")
    kept = {name: value for name, value in weights.items() if "layer.1." not in name}
    save_file(kept, folder / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(ModelError, match="lacks"):
        load_encoder(str(folder))


def test_code_that_comes_with_a_model_is_not_even_offered_to_be_run(tiny_model: Path, tmp_path: Path) -> None:
    folder, proof = Path(shutil.copytree(tiny_model, tmp_path / "copy")), tmp_path / "proof"
    config = json.loads((folder / "config.json").read_text())
    config |= {"model_type": "own", "auto_map": {"AutoConfig": "own.Config", "AutoModel": "own.Model"}}
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "own.py").write_text(f"open({str(proof)!r}, 'w')\n")
    with pytest.raises(ModelError):
        load_encoder(str(folder))
    assert not proof.exists()


def test_the_embedding_matrix_cannot_be_written_to(tiny_encoder: Encoder) -> None:
    with pytest.raises(ValueError, match="read-only"):
        tiny_encoder.embedding_matrix[0] = 1


def test_damaged_weights_are_one_line(tiny_model: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(tiny_model, tmp_path / "copy"))
    (folder / "model.safetensors").write_bytes(b"not weights at all")
    with pytest.raises(ModelError, match="cannot be loaded") as error:
        load_encoder(str(folder))
    assert "\n" not in str(error.value)


def test_carried_weights_that_were_tampered_with_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(PUBLISHED, DEFAULT_MODEL, ("0" * 64, "Install it again."))
    with pytest.raises(ModelError, match=r"not the ones published. Install it again\.$"):
        load_encoder()

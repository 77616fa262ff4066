"""The model the tool was conceived on, in the form in which its repository publishes it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from clinsearch.encoder.checkpoint import find_checkpoint
from clinsearch.encoder.encoder import load_encoder
from clinsearch.encoder.tokenizer import Tokenizer
from clinsearch.encoder.torch_engine import TorchEngine
from clinsearch.errors import ModelError
from clinsearch.inspection.vocabulary import load_vocabulary
from tests.conftest import CLINICALBERT_IDS, CLINICALBERT_TOKENS, SENTENCE, shared

VOCAB_SIZE = 28_996


def fixture_vocab() -> list[str]:
    """Return a vocab of the real one's size that has the sentence's tokens at their real ids."""
    vocab = [f"[unused{number}]" for number in range(VOCAB_SIZE)]
    vocab[0], vocab[100], vocab[103] = "[PAD]", "[UNK]", "[MASK]"
    for id, token in zip(CLINICALBERT_IDS, CLINICALBERT_TOKENS, strict=True):
        vocab[id] = token
    return vocab


def real_vocab() -> list[str]:
    return shared("vocab/bert-base-cased-vocab.txt").read_text(encoding="utf-8").splitlines()


def published_checkpoint(folder: Path, vocab: list[str], **shape: int) -> Path:
    """Lay a checkpoint out as Bio_ClinicalBERT's repository does, with weights drawn at random."""
    import torch
    from transformers import BertConfig, BertForPreTraining

    folder.mkdir()
    (folder / "vocab.txt").write_text("\n".join(vocab) + "\n", encoding="utf-8")
    config = BertConfig(vocab_size=len(vocab), **shape)
    with torch.random.fork_rng():
        torch.manual_seed(7)
        model = BertForPreTraining(config)
    torch.save(model.state_dict(), folder / "pytorch_model.bin")
    published = {key: value for key, value in config.to_dict().items() if key != "architectures"}
    (folder / "config.json").write_text(json.dumps({**published, "model_type": "bert"}))
    return folder


def small_checkpoint(folder: Path) -> Path:
    return published_checkpoint(
        folder, fixture_vocab(), hidden_size=32, num_attention_heads=4, num_hidden_layers=2, intermediate_size=64
    )


@pytest.mark.parametrize("vocab", [fixture_vocab, real_vocab])
def test_the_seed_sentence_has_the_ids_of_the_notebook(vocab, tmp_path: Path, no_network: list[object]) -> None:
    shape = {"hidden_size": 768, "num_hidden_layers": 1, "intermediate_size": 64}
    folder = published_checkpoint(tmp_path / "model", vocab(), **shape)
    encoder = load_encoder(str(folder))
    embedding = encoder.embed(SENTENCE)
    assert [token.id for token in embedding.tokens] == CLINICALBERT_IDS
    assert [token.token for token in embedding.tokens] == CLINICALBERT_TOKENS
    assert encoder.embedding_matrix.shape == (VOCAB_SIZE, 768)
    assert embedding.last_hidden_state[None].shape == (1, 19, 768)
    assert no_network == []


def test_the_published_layout_loads_its_own_weights(tmp_path: Path, no_network: list[object]) -> None:
    import torch

    folder = small_checkpoint(tmp_path / "model")
    encoder = load_encoder(str(folder))
    saved = torch.load(folder / "pytorch_model.bin", weights_only=True)
    assert np.array_equal(encoder.embedding_matrix, saved["bert.embeddings.word_embeddings.weight"].numpy())
    layer = TorchEngine(encoder.checkpoint, "cpu").model.encoder.layer[1].output.dense.weight
    assert torch.equal(layer, saved["bert.encoder.layer.1.output.dense.weight"])
    assert no_network == []


def test_a_config_that_does_not_name_its_architecture_is_taken_for_bert(tmp_path: Path) -> None:
    folder = small_checkpoint(tmp_path / "model")
    before = load_encoder(str(folder)).encode([SENTENCE])
    config = json.loads((folder / "config.json").read_text())
    del config["model_type"]
    (folder / "config.json").write_text(json.dumps(config))
    assert np.array_equal(load_encoder(str(folder)).encode([SENTENCE]), before)


def test_a_pickle_that_would_run_code_is_refused(tmp_path: Path) -> None:
    import torch

    folder = small_checkpoint(tmp_path / "model")
    proof = tmp_path / "proof"
    torch.save({"bert.x": Hostile(proof)}, folder / "pytorch_model.bin")
    with pytest.raises(ModelError, match="cannot be loaded"):
        load_encoder(str(folder))
    assert not proof.exists()


class Hostile:
    """What a pickle can hold: a call that leaves a file behind when it is loaded."""

    def __init__(self, proof: Path) -> None:
        self.proof = proof

    def __reduce__(self):
        return Path.touch, (self.proof,)


def test_the_vocab_can_be_asked_by_id_and_by_token(tmp_path: Path) -> None:
    folder = small_checkpoint(tmp_path / "model")
    vocabulary = load_vocabulary(str(folder))
    assert len(vocabulary) == VOCAB_SIZE
    assert vocabulary.by_id(18418).token == "fatigue"
    assert vocabulary.by_token("fatigue").id == 18418
    assert Tokenizer(find_checkpoint(str(folder))).facts.max_tokens == 512

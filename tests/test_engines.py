"""What runs the transformer: OpenVINO against torch, what is prepared once, and what there is without it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from clinsearch.encoder import openvino_engine
from clinsearch.encoder.checkpoint import find_checkpoint
from clinsearch.encoder.encoder import Encoder, load_encoder
from clinsearch.encoder.pooling import POOLINGS, Pooling
from clinsearch.encoder.prepared import Preparation
from clinsearch.encoder.protocol import LayerStates
from clinsearch.errors import ModelError, SettingError
from tests.conftest import SENTENCE, real_notes

TEXTS = [SENTENCE, "No fever.", "x", "", " ".join(["The wound was closed in layers."] * 30)]


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache."""
    monkeypatch.setenv("CLINSEARCH_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture(scope="module")
def reference() -> Encoder:
    return load_encoder(engine="torch")


def lowest_cosine(one: np.ndarray, other: np.ndarray) -> float:
    norms = np.linalg.norm(one, axis=-1) * np.linalg.norm(other, axis=-1)
    return float(((one * other).sum(axis=-1) / norms).min())


def test_on_a_cpu_openvino_runs_the_default_model(default_encoder: Encoder) -> None:
    assert default_encoder.engine == "openvino"


def test_openvino_gives_the_vectors_of_torch(default_encoder: Encoder, reference: Encoder) -> None:
    texts = TEXTS + [note["text"][:300] for note in real_notes()[:40]]
    expected, expected_words = reference.encode_words(texts)
    vectors, words = default_encoder.encode_words(texts)
    assert lowest_cosine(vectors, expected) >= 0.99999
    for found, wanted in zip(words, expected_words, strict=True):
        assert (found.token_ids == wanted.token_ids).all()
        assert (found.lengths == wanted.lengths).all()
        if len(wanted.words):
            assert lowest_cosine(found.words, wanted.words) >= 0.9999


def test_in_bulk_vectors_stay_near_those_of_float32(default_encoder: Encoder) -> None:
    texts = [part for note in real_notes()[:40] for part in note["text"].split(". ")[:10] if part.strip()]
    vectors, words = default_encoder.encode_words(texts, bulk=True)
    exact, exact_words = default_encoder.encode_words(texts)
    assert lowest_cosine(vectors, exact) >= 0.999
    assert lowest_cosine(default_encoder.encode(texts, bulk=True), exact) >= 0.999
    found, wanted = (np.concatenate([one.words for one in of]) for of in (words, exact_words))
    assert lowest_cosine(found, wanted) >= 0.999


def test_a_small_model_is_exact_in_bulk_however_busy_the_machine_is(
    cache: Path, tiny_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    timed: list[str] = []

    def slow_in_float32(folder: Path, precision: openvino_engine.Precision) -> tuple[LayerStates, float]:
        timed.append(precision)
        return tried(folder, precision)[0], 9.0 if precision == "f32" else 0.001

    tried = openvino_engine._tried
    monkeypatch.setattr(openvino_engine, "_tried", slow_in_float32)
    encoder = load_encoder(str(tiny_model))
    assert timed  # it was prepared here
    assert np.array_equal(encoder.encode([SENTENCE], bulk=True), encoder.encode([SENTENCE]))


@pytest.mark.parametrize("pooling", POOLINGS)
def test_every_pooling_is_the_same_under_both_engines(tiny_model: Path, pooling: Pooling) -> None:
    encoders = [load_encoder(str(tiny_model), pooling=pooling, engine=name) for name in ("openvino", "torch")]
    one, other = (encoder.encode(TEXTS) for encoder in encoders)
    assert np.abs(one - other).max() < 1e-4


def test_layers_come_from_torch_and_agree_with_what_openvino_gives(tiny_model: Path) -> None:
    encoder = load_encoder(str(tiny_model))
    assert encoder.engine == "openvino"
    assert encoder.layers(SENTENCE)[-1] == pytest.approx(encoder.embed(SENTENCE).last_hidden_state, abs=1e-4)


def test_a_model_is_prepared_once_and_anew_when_it_changes(cache: Path, tiny_model: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(tiny_model, tmp_path / "model"))
    load_encoder(str(folder))
    (first,) = (cache / "models").iterdir()
    before = {path: path.stat().st_mtime_ns for path in first.rglob("*")}
    load_encoder(str(folder))
    assert {path: path.stat().st_mtime_ns for path in first.rglob("*")} == before
    words = (folder / "vocab.txt").read_text().replace("fatigue", "tired")
    (folder / "vocab.txt").write_text(words)
    assert "tired" in load_encoder(str(folder)).tokenizer.vocab
    assert len(set((cache / "models").iterdir()) - {first}) == 1


def test_a_cache_that_cannot_be_written_only_costs_time(
    tmp_path: Path, tiny_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("CLINSEARCH_CACHE", str(tmp_path / "file" / "cache"))
    encoder = load_encoder(str(tiny_model))
    assert encoder.engine == "torch"
    assert encoder.encode(TEXTS).shape == (len(TEXTS), 32)


def test_without_a_home_folder_one_line_says_what_to_set(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_home() -> Path:
        raise RuntimeError

    for name in ("CLINSEARCH_CACHE", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(Path, "home", no_home)
    with pytest.raises(SettingError, match="CLINSEARCH_CACHE"):
        load_encoder()


def test_a_disk_that_is_full_while_a_model_is_prepared_is_tried_again_later(
    cache: Path, tiny_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as fault:
        fault.setattr(np, "save", full)
        assert load_encoder(str(tiny_model)).engine == "torch"
    assert load_encoder(str(tiny_model)).engine == "openvino"


def test_without_openvino_torch_runs_the_model(
    cache: Path, tiny_model: Path, monkeypatch: pytest.MonkeyPatch, tiny_encoder: Encoder
) -> None:
    from clinsearch.encoder import openvino_engine

    expected = tiny_encoder.encode(TEXTS)
    monkeypatch.setitem(sys.modules, "openvino", None)
    for kept in (openvino_engine._openvino, openvino_engine._core):
        kept.cache_clear()
    encoder = load_encoder(str(tiny_model))
    assert encoder.engine == "torch"
    assert encoder.encode(TEXTS) == pytest.approx(expected, abs=1e-4)
    with pytest.raises(ModelError, match="not installed"):
        load_encoder(str(tiny_model), engine="openvino")


def test_the_cache_is_the_owners_alone(cache: Path, tiny_model: Path) -> None:
    load_encoder(str(tiny_model))
    assert (cache / "models").stat().st_mode & 0o077 == 0
    assert Preparation(find_checkpoint(str(tiny_model))).folder.stat().st_mode & 0o077 == 0


def test_nothing_loads_telemetry_and_only_preparing_loads_torch(cache: Path, tiny_model: Path) -> None:
    program = (
        "import socket, sys\n"
        "def refuse(*_): raise SystemExit('a connection was tried')\n"
        "socket.socket.connect = socket.socket.connect_ex = refuse\n"
        "from clinsearch.encoder.encoder import load_encoder\n"
        f"load_encoder({str(tiny_model)!r}).encode(['no fever'])\n"
        "print([name for name in ('torch', 'transformers', 'openvino_telemetry', 'openvino') if name in sys.modules])"
    )
    runs = [subprocess.run([sys.executable, "-c", program], capture_output=True, text=True) for _ in range(2)]
    assert [run.returncode for run in runs] == [0, 0], runs[0].stderr
    assert runs[0].stdout.strip() == "['torch', 'transformers', 'openvino']"
    assert runs[1].stdout.strip() == "['openvino']"

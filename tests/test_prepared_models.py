"""What is remembered of a model that could not be prepared, and whose preparations a cache keeps."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import openvino.tools.ovc
import pytest
from openvino.frontend import OpConversionFailure

from clinsearch.encoder import prepared
from clinsearch.encoder.encoder import load_encoder
from clinsearch.errors import ModelError
from tests.conftest import SENTENCE
from tests.support.collections import flip_a_bit, overwrite, truncate

DAY = 86_400


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CLINSEARCH_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache" / "models"


@pytest.fixture(scope="module")
def once_prepared(tiny_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache that holds the model."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CLINSEARCH_CACHE", str(tmp_path_factory.mktemp("prepared") / "cache"))
        load_encoder(str(tiny_model)).encode(["Denies fever."])
        return Path(os.environ["CLINSEARCH_CACHE"])


@pytest.fixture
def filled_cache(cache: Path, once_prepared: Path) -> Path:
    shutil.copytree(once_prepared, cache.parent)
    return cache


def failing(error: BaseException) -> Callable[..., NoReturn]:
    def fail(*_: Any, **__: Any) -> NoReturn:
        raise error

    return fail


def engine_of(model: Path) -> str:
    return load_encoder(str(model)).engine


PASSING = {
    "memory": ("convert_model", MemoryError()),
    "memory of torch": ("convert_model", RuntimeError("alloc_cpu.cpp:117] DefaultCPUAllocator: can't allocate memory")),
    "disk": ("convert_model", OSError(28, "No space left on device")),
    "file": ("save_model", RuntimeError("Can't open bin file")),
}


@pytest.mark.drawn(1)
@pytest.mark.parametrize("kind", PASSING)
def test_a_fault_of_the_moment_is_not_remembered_of_the_model(
    cache: Path, tiny_model: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    step, error = PASSING[kind]
    home = openvino.tools.ovc if step == "convert_model" else openvino
    with monkeypatch.context() as fault:
        fault.setattr(home, step, failing(error))
        assert engine_of(tiny_model) == "torch"
    assert engine_of(tiny_model) == "openvino"


def test_what_led_to_an_error_counts_as_well(cache: Path, tiny_model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    error = RuntimeError("the model could not be converted")
    error.__cause__ = MemoryError()
    with monkeypatch.context() as fault:
        fault.setattr(openvino.tools.ovc, "convert_model", failing(error))
        assert engine_of(tiny_model) == "torch"
    assert engine_of(tiny_model) == "openvino"


def test_whoever_stops_a_preparation_stops_the_program_and_not_the_engine(
    cache: Path, tiny_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as fault:
        fault.setattr(openvino.tools.ovc, "convert_model", failing(KeyboardInterrupt()))
        with pytest.raises(KeyboardInterrupt):
            engine_of(tiny_model)
    assert engine_of(tiny_model) == "openvino"


def test_a_process_that_is_killed_at_it_leaves_no_word_and_no_draft_for_long(cache: Path, tiny_model: Path) -> None:
    program = (
        "import os, signal, openvino.tools.ovc\n"
        "from clinsearch.encoder.encoder import load_encoder\n"
        "openvino.tools.ovc.convert_model = lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL)\n"
        f"load_encoder({str(tiny_model)!r})"
    )
    killed = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    (folder,) = cache.iterdir()
    drafts = [path for path in folder.iterdir() if path.is_dir()]
    assert len(drafts) == 1
    os.utime(drafts[0], (time.time() - 2 * DAY,) * 2)
    assert engine_of(tiny_model) == "openvino"
    assert not drafts[0].exists()


def test_that_openvino_does_not_know_a_model_is_remembered(
    cache: Path, tiny_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[int] = []

    def refuse(*_: Any, **__: Any) -> NoReturn:
        tried.append(1)
        raise OpConversionFailure("No conversion rule found for operations: aten::new")

    monkeypatch.setattr(openvino.tools.ovc, "convert_model", refuse)
    assert [engine_of(tiny_model) for _ in range(3)] == ["torch"] * 3
    assert len(tried) == 1
    in_environment(monkeypatch, openvino="2099.0")
    assert engine_of(tiny_model) == "torch"
    assert len(tried) == 2


def in_environment(monkeypatch: pytest.MonkeyPatch, **versions: str) -> None:
    """Let libraries be of other versions, as another environment has them."""
    real = prepared.version
    monkeypatch.setattr(prepared, "version", lambda library: versions.get(library) or real(library))


def test_two_environments_keep_their_preparations_side_by_side(
    cache: Path, tiny_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine_of(tiny_model)
    first = set(cache.iterdir())
    before = {path: path.stat().st_mtime_ns for path in cache.rglob("*") if path.is_file()}
    with monkeypatch.context() as other:
        in_environment(other, transformers="99.0")
        engine_of(tiny_model)
    assert first < set(cache.iterdir())
    engine_of(tiny_model)
    assert {path: path.stat().st_mtime_ns for path in before} == before


def test_what_nobody_has_used_for_long_is_removed_and_what_somebody_uses_stays(
    cache: Path, tiny_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for version in ("1", "2"):
        with monkeypatch.context() as other:
            in_environment(other, torch=version)
            engine_of(tiny_model)
    for folder in cache.iterdir():
        os.utime(folder, (time.time() - 40 * DAY,) * 2)
    with monkeypatch.context() as other:
        in_environment(other, torch="2")
        engine_of(tiny_model)  # which says that it is in use
    engine_of(tiny_model)
    kept = {path.name: path for path in cache.iterdir()}
    assert len(kept) == 2
    assert all(time.time() - path.stat().st_mtime < DAY for path in kept.values())


def test_a_model_is_tried_once_on_each_processor(
    cache: Path, tiny_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from clinsearch.encoder import openvino_engine

    tried: list[Path] = []

    def fastest(folder: Path, parameters: int) -> str:
        tried.append(folder)
        return "f32"

    monkeypatch.setattr(openvino_engine, "_fastest", fastest)
    for name in ("one", "other", "one", "other"):
        monkeypatch.setattr(openvino_engine, "_processor", lambda name=name: name)
        assert engine_of(tiny_model) == "openvino"
    assert len(tried) == 2


def prepared_files(cache: Path) -> list[Path]:
    (folder,) = cache.iterdir()
    return sorted(path for path in folder.rglob("*") if path.is_file())


@pytest.mark.drawn(4)
@pytest.mark.parametrize("name", ["facts.json", "model.bin", "openvino.json", "static.npy", "sums.json", "blob"])
@pytest.mark.parametrize("harm", [flip_a_bit, truncate, overwrite])
def test_a_prepared_model_that_has_changed_is_made_again_or_refused(
    filled_cache: Path, tiny_model: Path, name: str, harm: Callable[[Path], None]
) -> None:
    """Of what was compiled from the model's weights, the weights themselves need not be read."""
    texts = ["Denies fever.", "Short of breath at night."]
    before = load_encoder(str(tiny_model))
    vectors, static = before.encode(texts), before.embed("fever").static
    harmed = [path for path in prepared_files(filled_cache) if path.name.endswith(name)]
    assert harmed
    for path in harmed:
        path.chmod(0o600)
        harm(path)
    try:
        encoder = load_encoder(str(tiny_model))
        again, static_again = encoder.encode(texts), encoder.embed("fever").static
    except ModelError as error:
        assert "is damaged. Remove that folder" in str(error)  # noqa: PT017
        return
    np.testing.assert_array_equal(again, vectors)
    np.testing.assert_array_equal(static_again, static)


@pytest.mark.drawn(1)
@pytest.mark.parametrize("name", ["facts.json", "tokenizer.json", "openvino.json"])
def test_what_is_damaged_in_the_cache_is_made_again(filled_cache: Path, tiny_model: Path, name: str) -> None:
    texts = ["Denies fever.", ""]
    expected = load_encoder(str(tiny_model)).encode(texts)
    (folder,) = filled_cache.iterdir()
    (folder / name).write_text("{")
    assert load_encoder(str(tiny_model)).encode(texts) == pytest.approx(expected, abs=1e-6)
    assert (folder / name).read_text() != "{"


@pytest.mark.drawn(1)
@pytest.mark.parametrize("name", ["model.bin", "static.npy"])
def test_what_is_gone_from_the_cache_is_made_again(filled_cache: Path, tiny_model: Path, name: str) -> None:
    (folder,) = filled_cache.iterdir()
    (folder / name).unlink()
    assert load_encoder(str(tiny_model)).embed(SENTENCE).static.shape == (19, 32)
    assert (folder / name).exists()


def test_a_prepared_model_that_is_damaged_is_named_with_the_remedy(filled_cache: Path, tiny_model: Path) -> None:
    (folder,) = filled_cache.iterdir()
    (folder / "model.xml").write_text("<net>")
    with pytest.raises(ModelError, match="Remove that folder"):
        load_encoder(str(tiny_model)).encode(["Denies fever."])


def test_weights_that_have_changed_are_not_compiled(filled_cache: Path, tiny_model: Path) -> None:
    (weights,) = (path for path in prepared_files(filled_cache) if path.name == "model.bin")
    flip_a_bit(weights)
    for path in prepared_files(filled_cache):
        if path.suffix == ".blob":
            path.unlink()
    with pytest.raises(ModelError, match=r"is damaged\. Remove that folder"):
        load_encoder(str(tiny_model)).encode(["Denies fever."])


def test_what_is_kept_of_models_is_for_their_owner_alone(cache: Path, tiny_model: Path) -> None:
    former = os.umask(0)
    try:
        load_encoder(str(tiny_model))
    finally:
        os.umask(former)
    for folder in (cache.parent, cache, *cache.iterdir()):
        assert folder.stat().st_mode & 0o077 == 0, folder

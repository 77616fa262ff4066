"""Small real models, made here, and the way to the real notes where they are at hand."""

from __future__ import annotations

import atexit
import gzip
import importlib
import json
import os
import pkgutil
import random
import shutil
import tempfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

# What fails in there says why, as in a test.
pytest.register_assert_rewrite("tests.support")

# Nothing here may look for a network; set before transformers is imported.
os.environ["HF_HUB_OFFLINE"] = "1"
# What is prepared of the small models goes with them.
os.environ["CLINSEARCH_CACHE"] = tempfile.mkdtemp(prefix="clinsearch-cache-")
atexit.register(shutil.rmtree, os.environ["CLINSEARCH_CACHE"], ignore_errors=True)
# Nor do a developer's own settings count.
os.environ["CLINSEARCH_NO_SETTINGS"] = "1"
# The threads of one forward pass wait for each other, for long where a machine has other work.
os.environ.setdefault("OMP_NUM_THREADS", "1")

PROJECT = Path(__file__).resolve().parents[1]
SHARED = PROJECT.parent / "shared"

# Draws the samples that stand for what takes long as a whole: others each day, the same again where a day is named.
SEED_OF_THE_DAY = int(os.environ.setdefault("SEED_OF_THE_DAY", f"{date.today():%Y%m%d}"))


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Draw the day's cases of tests that have many; `-m exhaustive` runs the others."""
    cases: dict[str, list[pytest.Item]] = {}
    for item in items:
        if item.get_closest_marker("drawn"):
            cases.setdefault(item.nodeid.partition("[")[0], []).append(item)
    for name, of_test in cases.items():
        marker = of_test[0].get_closest_marker("drawn")
        assert marker
        count = min(marker.args[0], len(of_test))
        drawn = random.Random(f"{SEED_OF_THE_DAY} {name}").sample(of_test, count)
        for item in of_test:
            if item not in drawn:
                item.add_marker(pytest.mark.exhaustive)


# How far the score of stored vectors, which may be made in bfloat16, may be from the exact one.
STORED = 2e-3

SENTENCE = "Patient has no history of fatigue, weight change, loss of appetite, or weakness."
CLINICALBERT_IDS = [
    101, 5351, 1144, 1185, 1607, 1104, 18418, 117, 2841, 1849, 117, 2445, 1104, 21518, 117, 1137, 11477, 119, 102,
]  # fmt: skip
CLINICALBERT_TOKENS = [
    "[CLS]",
    "patient",
    "has",
    "no",
    "history",
    "of",
    "fatigue",
    ",",
    "weight",
    "change",
    ",",
    "loss",
    "of",
    "appetite",
    ",",
    "or",
    "weakness",
    ".",
    "[SEP]",
]
WORDS = [
    "patient",
    "has",
    "no",
    "history",
    "of",
    "fatigue",
    "weight",
    "change",
    "loss",
    "appetite",
    "or",
    "weakness",
    "denies",
    "fever",
    "chills",
    "cough",
    "chest",
    "pain",
    "short",
    "breath",
    "lying",
    "flat",
    "needs",
    "three",
    "pillows",
    "to",
    "sleep",
    "at",
    "night",
    "mild",
    "edema",
    "wound",
    "drainage",
    "and",
    "with",
    "the",
    "a",
    "in",
    "on",
    "was",
    "is",
    "stable",
    "left",
    "right",
    "lung",
    "heart",
    "clear",
    "discharge",
    "home",
    "##s",
    "##ed",
    "##ing",
]


def shared(path: str) -> Path:
    """Return a file of the real notes, or skip the test."""
    found = SHARED / path
    if not found.exists():
        pytest.skip(f"the real notes are not at hand: no {path}")
    return found


def real_notes() -> list[dict[str, str]]:
    """Return the 1,501 real notes, or skip the test."""
    with gzip.open(shared("data/clinical_notes.jsonl.gz"), "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def write_model(
    folder: Path,
    vocab: list[str],
    *,
    hidden_size: int = 32,
    layers: int = 2,
    positions: int = 64,
    seed: int = 7,
    for_similarity: bool = True,
) -> Path:
    """Make a small BERT with weights drawn at random: config.json, vocab.txt and model.safetensors.

    `for_similarity`: with the files by which sentence-transformers tells that it pools by the mean.
    """
    import torch
    from transformers import BertConfig, BertModel

    folder.mkdir(parents=True, exist_ok=True)
    (folder / "vocab.txt").write_text("\n".join(vocab) + "\n", encoding="utf-8")
    config = BertConfig(
        vocab_size=len(vocab),
        hidden_size=hidden_size,
        num_hidden_layers=layers,
        num_attention_heads=4,
        intermediate_size=2 * hidden_size,
        max_position_embeddings=positions,
        # Wider than usual, so that contexts and tokens are well told apart.
        initializer_range=0.2,
    )
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        BertModel(config).save_pretrained(folder)
    if for_similarity:
        pools = {"path": "1_Pooling", "type": "sentence_transformers.models.Pooling"}
        (folder / "modules.json").write_text(json.dumps([pools]), encoding="utf-8")
        (folder / "1_Pooling").mkdir(exist_ok=True)
        (folder / "1_Pooling" / "config.json").write_text('{"pooling_mode": "mean"}', encoding="utf-8")
    return folder


def small_vocab() -> list[str]:
    """Return a vocab that has a few clinical words and every ASCII letter, so that any word can be spelt."""
    letters = [chr(code) for code in range(33, 127) if not chr(code).isupper()]
    pieces = [f"##{letter}" for letter in letters if letter.isalnum()]
    return ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *letters, *pieces, *WORDS]


@pytest.fixture(scope="session", autouse=True)
def _every_module() -> None:
    """Import all of clinsearch: a module first imported while a test patches another would keep the patch for ever."""
    import clinsearch

    for module in pkgutil.walk_packages(clinsearch.__path__, "clinsearch."):
        if not module.name.endswith(".__main__"):
            importlib.import_module(module.name)


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model's folder: 2 layers, 32 wide, 64 positions; quick, and different for every text."""
    return write_model(tmp_path_factory.mktemp("models") / "tiny", small_vocab())


@pytest.fixture(scope="session")
def tiny_encoder(tiny_model: Path):
    from clinsearch.encoder.encoder import load_encoder

    return load_encoder(str(tiny_model))


@pytest.fixture(scope="session")
def default_encoder():
    """The model that is taken where none is named."""
    from clinsearch.encoder.encoder import load_encoder

    return load_encoder()


@pytest.fixture(scope="session")
def minilm():
    from clinsearch.encoder.encoder import load_encoder

    return load_encoder("minilm")


@pytest.fixture(scope="session")
def postgres_server():
    """A PostgreSQL server with pgvector, a tests.support.postgres.PostgresServer; where none can be had, a skip.

    With CLINSEARCH_TESTS_NEED_POSTGRES=1 a failure in place of the skip.
    """
    try:
        from tests.support.postgres import PostgresServer, PostgresUnavailable
    except ImportError as error:
        return without_postgres(error)
    try:
        server = PostgresServer.make()
    except PostgresUnavailable as error:
        return without_postgres(error)
    with server:
        yield server


def without_postgres(reason: Exception) -> None:
    if os.environ.get("CLINSEARCH_TESTS_NEED_POSTGRES", "0") != "0":
        pytest.fail(f"no PostgreSQL: {reason}")
    pytest.skip(f"no PostgreSQL: {reason}")


@pytest.fixture
def postgres_database(postgres_server) -> Iterator[str]:
    """The URL of an empty database with the extension vector; an ordinary role owns it."""
    with postgres_server.database() as dsn:
        yield dsn


@pytest.fixture(scope="module")
def one_thread() -> Iterator[None]:
    from tests.support.collections import a_single_thread

    with a_single_thread():
        yield


@pytest.fixture(scope="module")
def few_cells() -> Iterator[None]:
    """Have codes of words lie in eight cells."""
    from clinsearch.storage.folder.spaces.codecs import four_bits

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(four_bits, "CELLS", 8)
        yield


@pytest.fixture(scope="module")
def few_are_many() -> Iterator[None]:
    from tests.support import large_collections

    with large_collections.few_are_many():
        yield


@pytest.fixture
def all_cells(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have every search look into every cell, and rank by codes and halves all that is found by codes."""
    from clinsearch.storage.folder.spaces.codecs import eight_bits
    from clinsearch.storage.folder.spaces.codecs.cells import CellCodec

    monkeypatch.setattr(CellCodec, "probes_for", lambda self, k: self.count)
    monkeypatch.setattr(eight_bits, "CODES_BESIDE", 1000)


@pytest.fixture
def no_wait_for_readers(monkeypatch: pytest.MonkeyPatch) -> None:
    """A reader keeps the log from being emptied; have a writer that closes wait for that only briefly."""
    from clinsearch.storage.folder import database

    monkeypatch.setattr(database, "BUSY_TIMEOUT_MS", 50)
    monkeypatch.setattr(database, "LOG_TIMEOUT_MS", 50)


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Refuse every connection, and give the list of those that were tried."""
    import socket

    tried: list[object] = []

    def refuse(self: socket.socket, address: object) -> None:
        tried.append(address)
        raise OSError("no network in this test")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket.socket, "connect_ex", refuse)
    return tried

"""The sentences in which `layers` looks for a word: those nearest of all that hold it, without reading all."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

import clinsearch
from clinsearch.encoder.encoder import Encoder, load_encoder
from clinsearch.inspection import layers
from clinsearch.inspection.layers import Source, sources_near
from clinsearch.storage.catalog.notes import Catalog
from clinsearch.storage.folder.snapshots import Reader
from clinsearch.storage.snapshot import Snapshot
from tests.conftest import real_notes

LIMIT = 40


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, tiny_model: Path) -> Path:
    folder = tmp_path_factory.mktemp("words")
    (folder / "notes").mkdir()
    for number, note in enumerate(real_notes()[:60]):
        (folder / "notes" / f"{number}.txt").write_text(note["text"], encoding="utf-8")
    clinsearch.index(folder / "notes", folder / "c", model=str(tiny_model), tokens=False)
    return folder / "c"


@pytest.fixture(scope="module")
def encoder(tiny_model: Path) -> Encoder:
    return load_encoder(str(tiny_model))


def holding(snapshot: Snapshot, vector: np.ndarray, word: str) -> list[str]:
    """Return the nearest sentences that hold a word, by reading all."""
    pattern = re.compile(rf"(?<!\w){re.escape(word)}(?!\w)", re.IGNORECASE)
    keys = snapshot.catalog.all_keys("sentence")
    texts = snapshot.catalog.sentence_texts(keys.tolist())
    having = np.array([key for key in keys.tolist() if pattern.search(texts[key])], dtype=np.int64)
    scores = snapshot.vectors_of("sentence", having) @ vector
    return [texts[key] for key in having[np.argsort(-scores, kind="stable")[: LIMIT // 2]].tolist()]


def first(sources: list[Source], count: int) -> list[str]:
    return [source.sentence for source in sources[:count]]


@pytest.mark.parametrize("most", [0, 100_000], ids=["among all", "among those of the index"])
@pytest.mark.parametrize("word", ["pain", "Fever", "the", "patients", "HTN", "nowhere", "b12"])
def test_they_are_the_nearest_of_all_that_hold_the_word(
    folder: Path, encoder: Encoder, monkeypatch: pytest.MonkeyPatch, word: str, most: int
) -> None:
    monkeypatch.setattr(layers, "MOST_CHOSEN_FROM", most)
    with Reader(folder).snapshot() as snapshot:
        vector = encoder.encode([f"He has no {word} at night."])[0]
        expected = holding(snapshot, vector, word)
        found = sources_near(snapshot, vector, word, LIMIT)
    assert first(found, len(expected)) == expected
    assert len(found) == LIMIT


def test_only_some_sentences_are_read(folder: Path, encoder: Encoder, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[int] = []
    sentence_texts = Catalog.sentence_texts

    def counted(self: Catalog, keys: list[int]) -> dict[int, str]:
        read.extend(keys)
        return sentence_texts(self, keys)

    monkeypatch.setattr(Catalog, "sentence_texts", counted)
    with Reader(folder).snapshot() as snapshot:
        sources_near(snapshot, encoder.encode(["He has no pain."])[0], "pain", LIMIT)
        assert len(read) <= 4 * LIMIT < len(snapshot.catalog.all_keys("sentence")) / 4

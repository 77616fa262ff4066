"""Collections that an earlier program made give the answers that they gave then, and live on like any other."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from clinsearch import Collection, index
from clinsearch.encoder.encoder import Encoder
from clinsearch.indexing.upkeep import optimize
from clinsearch.storage.catalog.words import live_keys
from clinsearch.storage.folder.snapshots import Reader
from tests.support.kept_collections import (
    MARKED,
    NAMES,
    QUERY,
    answers,
    kept_answers,
    opened,
    reference_encoder,
    unpacked,
)
from tests.support.stored_vectors import assert_whole
from tests.support.word_files import is_coded

# What the order in which a processor adds may change.
ROUNDING = 1e-5


@pytest.fixture(scope="module", params=NAMES)
def kept(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    return request.param, unpacked(request.param, tmp_path_factory.mktemp(request.param))


@pytest.fixture
def own(kept: tuple[str, Path], tmp_path: Path) -> Path:
    """A copy, to be changed."""
    return Path(shutil.copytree(kept[1].parent, tmp_path / "kept")) / "collection"


def alike(found: Any, expected: Any) -> bool:
    """Tell whether two answers are equal, numbers to the last digit that a processor may round otherwise."""
    if isinstance(expected, dict):
        return found.keys() == expected.keys() and all(alike(found[key], expected[key]) for key in expected)
    if isinstance(expected, list):
        return len(found) == len(expected) and all(map(alike, found, expected))
    if isinstance(expected, float):
        return bool(found == pytest.approx(expected, abs=ROUNDING))
    return bool(found == expected)


def test_a_kept_collection_answers_as_it_did(kept: tuple[str, Path]) -> None:
    name, folder = kept
    found, expected = answers(folder), kept_answers(name)
    assert found.keys() == expected.keys()
    differing = [question for question in expected if not alike(found[question], expected[question])]
    assert not differing


def test_a_kept_collection_lives_on_like_any_other(own: Path, tmp_path: Path) -> None:
    """A note comes, one goes, and all is made anew: every search agrees with a brute force over what is there."""
    encoder = reference_encoder(own)
    note = tmp_path / "added.txt"
    note.write_text("HISTORY:\nPatient denies fever and cough at night, but needs a pillow.\n", encoding="utf-8")
    index(note, own, model=str(own.parent / "model"))
    assert_agrees(own, encoder)
    asked = opened(own, encoder)
    assert asked.search(QUERY, 1, mode="vector", assertion="any")[0].note_id == "added"
    gone = asked.search(QUERY, 2, mode="vector", assertion="any", patient_id="P3")[0].note_id
    asked.delete([gone])
    assert_agrees(own, encoder)
    optimize(own)
    assert_agrees(own, encoder)
    hits = opened(own, encoder).search(QUERY, 1000, mode="vector", assertion="any")
    assert "added" in {hit.note_id for hit in hits}
    assert gone not in {hit.note_id for hit in hits}
    words = opened(own, encoder).search_tokens(MARKED, 1000)
    assert [hit.score for hit in words] == sorted((hit.score for hit in words), reverse=True)
    assert gone not in {hit.note_id for hit in words}
    kinds = {quality.vectors for quality in Collection(own).status().search}
    assert ("word" in kinds) == is_coded(own)


def assert_agrees(folder: Path, encoder: Encoder) -> None:
    """Check that all that has a vector has one row, and that searches for all of it rank as a brute force does."""
    assert_whole(folder)
    query = encoder.encode([QUERY])[0]
    with Reader(folder).snapshot() as snapshot:
        for kind in ("sentence", "note", "opening"):
            keys = np.sort(live_keys(snapshot.catalog.connection, kind))
            scores = snapshot.vectors_of(kind, keys).astype(np.float64) @ query
            found, ranked = snapshot.spaces[kind].search(query, len(keys) + 10)
            assert sorted(found.tolist()) == keys.tolist()
            assert ranked == pytest.approx(np.sort(scores)[::-1], abs=ROUNDING)
        for kind in ("word", "piece"):
            found, _ = snapshot.spaces[kind].search(encoder.embed_word(QUERY, 0, 7).vector, 10_000)
            assert sorted(found.tolist()) == live_keys(snapshot.catalog.connection, kind).tolist()

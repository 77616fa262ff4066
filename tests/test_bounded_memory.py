"""What must not take more memory the larger a collection is: each is measured against a small ceiling."""

from __future__ import annotations

import sys
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import cast

import numpy as np
import pytest

from clinsearch.encoder.encoder import Encoder
from clinsearch.indexing.repair import repair
from clinsearch.indexing.upkeep import identity_of
from clinsearch.language import read_note, read_sentences, terms_of
from clinsearch.records import Note
from clinsearch.records.digests import note_digest
from clinsearch.retrieval.repetition import RELEVANCE, diverse
from clinsearch.storage import text_vectors
from clinsearch.storage.batches import Batch
from clinsearch.storage.folder.own_files import own_vectors
from clinsearch.storage.folder.snapshots import Reader
from clinsearch.storage.folder.writer import Writer
from clinsearch.storage.values import EncoderIdentity

MEGABYTE = 1 << 20


def peak_bytes(run: Callable[[], object]) -> int:
    """Return how much more memory, of Python's and numpy's, something takes at its height."""
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        run()
        return tracemalloc.get_traced_memory()[1] - before
    finally:
        tracemalloc.stop()


def unit_rows(count: int, width: int) -> np.ndarray:
    rows = np.random.default_rng(5).normal(size=(count, width)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def test_hits_that_differ_are_chosen_without_comparing_each_with_each() -> None:
    vectors, scores = unit_rows(5000, 16), np.linspace(1, 0, 5000).tolist()
    assert peak_bytes(lambda: diverse(scores, vectors, 50)) < 2 * MEGABYTE


def test_hits_that_differ_are_those_that_the_whole_matrix_of_likenesses_gives() -> None:
    vectors = unit_rows(500, 384)
    scores = np.sort(np.random.default_rng(6).random(500))[::-1].tolist()
    likeness, nearest = vectors @ vectors.T, np.zeros(500, dtype=np.float32)
    left, expected = RELEVANCE * np.asarray(scores, dtype=np.float32), []
    for _ in range(100):
        best = int((left - (1 - RELEVANCE) * nearest).argmax())
        expected.append(best)
        left[best] = -np.inf
        nearest = np.maximum(nearest, likeness[best])
    assert diverse(scores, vectors, 100) == expected


def filled(folder: Path, owner: EncoderIdentity, texts: list[str]) -> np.ndarray:
    """Make a collection of notes with some vectors; return those of the sentences, in the order of their keys."""
    notes = [Note(f"n{number}", text) for number, text in enumerate(texts)]
    added = [read_note(note, note_digest(note)) for note in notes]
    sentences = read_sentences(sentence for item in added for sentence in item.sentences)
    rows = unit_rows(len(sentences), owner.hidden_size)
    openings = {note.note_id: rows[0] for note in notes}
    vectors = dict(zip(sentences, rows, strict=True))
    with Writer(folder, create=True) as writer:
        writer.claim(owner, "a test")
        writer.commit(Batch(added=added, sentences=sentences, vectors=vectors, openings=openings), terms_of)
    return rows


def collection_without_vectors(folder: Path, encoder: Encoder, texts: list[str]) -> Path:
    """Make a collection of notes whose vectors are lost."""
    filled(folder, identity_of(encoder), texts)
    for path in own_vectors(folder):
        path.unlink()
    return folder


def test_repair_reads_the_notes_that_lack_their_opening_one_by_one(tmp_path: Path, tiny_encoder: Encoder) -> None:
    # A rule is no sentence: only the openings are encoded, and little memory is taken beside the texts.
    texts = [f"Fever {number}.\n" + ("=" * 79 + "\n") * 2500 for number in range(60)]
    folder = collection_without_vectors(tmp_path / "c", tiny_encoder, texts)
    with Writer(folder) as writer:
        writer.forget_damaged_vectors(check_content=False)
        assert len(writer.notes_without_opening()) == len(texts)
        peak = peak_bytes(lambda: repair(writer, tiny_encoder, check_content=False))
        assert not len(writer.notes_without_opening())
    assert peak < 4 * MEGABYTE < sum(map(len, texts)) - 3 * MEGABYTE


def test_vectors_of_notes_are_made_again_step_by_step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text_vectors, "NOTES_PER_STEP", 32)
    monkeypatch.setattr(text_vectors, "ROWS_PER_STEP", 128)
    owner = EncoderIdentity("a model", "mean", "f" * 64, 1024)
    rows = filled(tmp_path / "c", owner, [f"Wound {number:04}." for number in range(3000)])
    for path in own_vectors(tmp_path / "c"):
        if path.name.startswith("note-"):
            path.unlink()
    with Writer(tmp_path / "c") as writer:
        writer.forget_damaged_vectors(check_content=False)
        assert peak_bytes(writer.restore_note_vectors) < 4 * MEGABYTE < rows.nbytes / 2
    with Reader(tmp_path / "c").snapshot() as snapshot:
        keys = snapshot.catalog.all_keys("note")
        assert np.abs(snapshot.notes.of(keys) - snapshot.sentences.of(keys)).max() < 1e-6  # each has one sentence


def test_repair_reads_the_sentences_that_lack_their_vector_step_by_step(
    tmp_path: Path, tiny_encoder: Encoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.modules[repair.__module__], "SENTENCES_PER_COMMIT", 64)
    texts = [" ".join([f"pillow{number}"] * 400) for number in range(1000)]
    folder = collection_without_vectors(tmp_path / "c", tiny_encoder, texts)
    held: list[int] = []

    class Watched:
        """Counts what is held when it encodes; which vectors come of it makes no difference to that."""

        opening = staticmethod(tiny_encoder.opening)

        def encode(self, texts: list[str], *, bulk: bool) -> np.ndarray:
            held.append(tracemalloc.get_traced_memory()[0])
            return unit_rows(len(texts), tiny_encoder.hidden_size)

    with Writer(folder) as writer:
        peak_bytes(lambda: repair(writer, cast(Encoder, Watched()), check_content=False))
        assert not len(writer.incomplete_sentences())
    assert len(held) > 1000 / 64
    assert max(held) < 2 * MEGABYTE < sum(map(len, texts)) - MEGABYTE

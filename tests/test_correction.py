"""The correction of vectors of models that were never trained for similarity, against plain numpy."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from clinsearch import Collection, index
from clinsearch.encoder.correction import MEAN_PRIOR, Correction, fit_correction
from clinsearch.encoder.encoder import Encoder, load_encoder
from clinsearch.encoder.pooling import POOLINGS, unit
from clinsearch.explanation import explain_texts, occlude_texts
from clinsearch.storage.catalog.corrections import CORRECTED, ENOUGH, read_corrections
from clinsearch.storage.folder.snapshots import Reader
from clinsearch.storage.folder.writer import Writer
from tests.conftest import STORED, WORDS, small_vocab, write_model

WIDTH = 32


def skewed(count: int, seed: int = 0) -> np.ndarray:
    """Return unit vectors that share a large part and lie along few directions, as raw pooled vectors do."""
    rng = np.random.default_rng(seed)
    spread = rng.normal(size=(count, WIDTH)) * np.geomspace(1, 0.02, WIDTH)
    return unit((spread @ np.linalg.qr(rng.normal(size=(WIDTH, WIDTH)))[0] + 1.5).astype(np.float32))


@pytest.fixture(scope="module")
def plain_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model without the files of sentence-transformers: nothing says that it was trained for similarity."""
    return write_model(tmp_path_factory.mktemp("models") / "plain", small_vocab(), for_similarity=False)


def notes_at(path: Path, count: int, *, first: int = 0) -> Path:
    """Write notes of three sentences each, of drawn words."""
    rng = np.random.default_rng(first)
    with path.open("w", encoding="utf-8") as file:
        for number in range(first, first + count):
            sentences = [" ".join(rng.choice(WORDS[:48], 6)).capitalize() + "." for _ in range(3)]
            file.write(json.dumps({"note_id": f"n{number}", "text": " ".join(sentences)}) + "\n")
    return path


def corrections_of(folder: Path) -> dict[str, Correction]:
    with Reader(folder).snapshot() as snapshot:
        return dict(snapshot.corrections)


def oracle(encoder: Encoder, notes: Collection, correction: Correction, query: str) -> dict[str, float]:
    """Score every sentence of a collection by the corrected cosine, in double precision and by the definition."""
    texts = sorted({place.sentence for number in range(40) for place in notes.note(f"n{number}").sentences})
    mean, linear_map = correction.mean.astype(np.float64), correction.linear_map.astype(np.float64)
    mapped = (encoder.encode([query, *texts]).astype(np.float64) - mean) @ linear_map
    mapped /= np.linalg.norm(mapped, axis=1, keepdims=True)
    return dict(zip(texts, mapped[1:] @ mapped[0], strict=True))


def test_whitened_vectors_have_no_mean_and_the_same_spread_in_every_direction() -> None:
    vectors = skewed(200_000)
    correction = fit_correction(vectors)
    mapped = (vectors - correction.mean).astype(np.float64) @ correction.linear_map
    assert np.abs(mapped.mean(axis=0)).max() < 2e-3
    variances, directions = np.linalg.eigh(np.cov(vectors.T.astype(np.float64)))
    shrunk = 0.9 * variances + 0.1 * variances.mean()
    expected = (directions * (variances / shrunk * variances.mean())) @ directions.T
    assert np.cov(mapped.T) == pytest.approx(expected, abs=2e-3 * variances.mean())
    assert (skewed(500) @ skewed(500, seed=1).T).mean() > 0.5
    assert abs((correction.applied(skewed(500)) @ correction.applied(skewed(500, seed=1)).T).mean()) < 0.05


@pytest.mark.parametrize("count", [1, 2, 7, 40, 5000])
def test_a_correction_can_be_undone_and_leaves_no_vector_without_a_direction(count: int) -> None:
    vectors = skewed(count)
    correction = fit_correction(vectors)
    corrected = correction.applied(vectors)
    assert np.linalg.norm(corrected, axis=1) == pytest.approx(1, abs=1e-5)
    assert np.abs(correction.undone(corrected) - vectors).max() < 1e-4
    assert correction.mean == pytest.approx(vectors.mean(axis=0) * count / (count + MEAN_PRIOR), abs=1e-5)


@pytest.mark.parametrize("pooling", POOLINGS)
def test_shares_of_tokens_add_up_to_the_corrected_score(plain_model: Path, pooling: str) -> None:
    encoder = load_encoder(str(plain_model), pooling=pooling)
    texts = [" ".join(np.random.default_rng(seed).choice(WORDS[:48], 7)) for seed in range(60)]
    correction = fit_correction(encoder.encode(texts))
    vectors = correction.applied(encoder.encode(texts))
    for left, right in ((0, 1), (2, 3), (4, 4)):
        explanation = explain_texts(encoder, texts[left], texts[right], correction)
        assert explanation.score == pytest.approx(float(vectors[left] @ vectors[right]), abs=1e-4)
        assert explanation.contributions.sum() == pytest.approx(explanation.score, abs=1e-4)
    assert occlude_texts(encoder, texts[0], texts[1], correction).score == pytest.approx(
        float(vectors[0] @ vectors[1]), abs=1e-4
    )


def test_collections_of_such_models_are_corrected_and_ranked_so(plain_model: Path, tmp_path: Path) -> None:
    notes_file, folder = notes_at(tmp_path / "notes.jsonl", 40), tmp_path / "c"
    index([notes_file], folder, model=str(plain_model))
    notes, correction = Collection(folder), corrections_of(folder)["sentence"]
    assert notes.status().corrected_on == correction.fitted_on == notes.status().sentences
    query = "chest pain at night"
    expected = oracle(load_encoder(str(plain_model)), notes, correction, query)
    hits = notes.search(query, 10, mode="vector")
    assert [hit.score for hit in hits] == pytest.approx(sorted(expected.values(), reverse=True)[:10], abs=STORED)
    assert all(hit.score == pytest.approx(expected[str(hit.sentence)], abs=STORED) for hit in hits)
    explained = notes.explain_hit(query, hits[0])
    assert explained.text.score == pytest.approx(hits[0].score, abs=STORED)
    assert explained.text.contributions.sum() == pytest.approx(explained.text.score, abs=1e-4)
    alike = notes.similar("n0", 3)
    pair = notes.explain("n0", alike[0].note_id)
    assert pair.score == pytest.approx(alike[0].score, abs=2 * STORED)
    assert pair.contributions.sum() + pair.in_common + pair.unplaced == pytest.approx(pair.score, abs=1e-4)
    sums = notes.explain("n0", alike[0].note_id, raw=True)
    assert sums.contributions.sum() == pytest.approx(sums.score, abs=1e-4)


def test_the_choice_is_by_model_and_can_be_changed_for_all_vectors(
    plain_model: Path, tiny_model: Path, tmp_path: Path
) -> None:
    notes_file = notes_at(tmp_path / "notes.jsonl", 40)
    as_made = {model: tmp_path / model.name for model in (plain_model, tiny_model)}
    for model, folder in as_made.items():
        index([notes_file], folder, model=str(model))
    assert set(corrections_of(as_made[plain_model])) == set(CORRECTED)
    assert corrections_of(as_made[tiny_model]) == {}
    never = tmp_path / "never"
    index([notes_file], never, model=str(plain_model), correction=False)
    changed = as_made[plain_model]
    before = _scores(changed)
    assert _scores(never) != pytest.approx(before, abs=STORED)
    index([notes_file], changed, correction=False)
    assert _scores(changed) == pytest.approx(_scores(never), abs=STORED)
    index([notes_file], changed)
    assert Collection(changed).status().corrected_on is None
    index([notes_file], changed, correction=True)
    assert _scores(changed) == pytest.approx(before, abs=STORED)


def test_a_correction_grows_with_the_collection_and_stays_when_vectors_are_made_again(
    plain_model: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "c"
    index([notes_at(tmp_path / "a.jsonl", 4)], folder, model=str(plain_model))
    assert corrections_of(folder)["sentence"].fitted_on == 12
    index([notes_at(tmp_path / "b.jsonl", 11, first=4)], folder)
    assert corrections_of(folder)["sentence"].fitted_on == 12
    index([notes_at(tmp_path / "d.jsonl", 25, first=15)], folder)
    grown = corrections_of(folder)
    assert grown["sentence"].fitted_on == Collection(folder).status().sentences
    assert grown["sentence"].fitted_on < ENOUGH
    at_once = tmp_path / "at-once"
    index([tmp_path / name for name in ("a.jsonl", "b.jsonl", "d.jsonl")], at_once, model=str(plain_model))
    assert _scores(folder) == pytest.approx(_scores(at_once), abs=STORED)
    before = _scores(folder)
    for path in (folder / "vectors").iterdir():
        path.unlink()
    Collection(folder).repair()
    assert np.array_equal(corrections_of(folder)["sentence"].mean, grown["sentence"].mean)
    assert _scores(folder) == pytest.approx(before, abs=STORED)


def test_a_stop_while_vectors_are_corrected_anew_changes_nothing(
    plain_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "c"
    index([notes_at(tmp_path / "notes.jsonl", 40)], folder, model=str(plain_model))
    before = _scores(folder)
    with monkeypatch.context() as patch:
        patch.setattr("clinsearch.storage.text_vectors.add_notes", _stop)
        with pytest.raises(KeyboardInterrupt):
            index([tmp_path / "notes.jsonl"], folder, correction=False)
    with Writer(folder) as writer, writer.catalog() as catalog:
        assert set(read_corrections(catalog.connection)) == set(CORRECTED)
    assert _scores(folder) == before


def test_nothing_that_was_deleted_lives_on_in_a_correction(plain_model: Path, tmp_path: Path) -> None:
    folder, never = tmp_path / "c", tmp_path / "never"
    kept, gone = notes_at(tmp_path / "kept.jsonl", 20), notes_at(tmp_path / "gone.jsonl", 20, first=20)
    index([kept, gone], folder, model=str(plain_model))
    index([kept], never, model=str(plain_model))
    Collection(folder).delete([f"n{number}" for number in range(20, 40)])
    for kind, correction in corrections_of(folder).items():
        expected = corrections_of(never)[kind]
        assert correction.fitted_on == expected.fitted_on
        assert correction.mean == pytest.approx(expected.mean, abs=STORED)
    assert _scores(folder) == pytest.approx(_scores(never), abs=STORED)
    Collection(folder).delete([f"n{number}" for number in range(20)])
    assert corrections_of(folder) == {}


def _stop(*_: object) -> None:
    raise KeyboardInterrupt


def _scores(folder: Path) -> list[float]:
    notes = Collection(folder)
    return [
        hit.score
        for level in ("sentence", "note")
        for hit in notes.search("chest pain at night", 10, level=level, mode="vector")
    ] + [hit.score for hit in notes.similar("n0", 5)]

"""Notes made of the parts of real ones: distinct sentences, of like length and words, at the places they say."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

import clinsearch
from benchmarks import large_collection
from benchmarks.recombined import Chunk, Recombined
from clinsearch.encoder.encoder import Encoder
from clinsearch.encoder.pooling import unit
from clinsearch.language.terms import terms_of
from clinsearch.records import FloatArray
from clinsearch.storage.folder.snapshots import Reader
from tests.conftest import PROJECT

SIZE = 12_000


@pytest.fixture(scope="module")
def notes() -> list[str]:
    return [path.read_text(encoding="utf-8") for path in sorted((PROJECT / "sample_notes").glob("*.txt"))]


@pytest.fixture(scope="module")
def recombined(notes: list[str]) -> Recombined:
    return Recombined(notes, SIZE)


@pytest.fixture(scope="module")
def vectors(recombined: Recombined) -> FloatArray:
    return unit(np.random.default_rng(1).standard_normal((len(recombined.texts), 16)).astype(np.float32))


@pytest.fixture(scope="module")
def chunks(recombined: Recombined, vectors: FloatArray) -> list[Chunk]:
    return list(recombined.chunks(vectors, SIZE))


def test_made_sentences_are_distinct_and_as_many_as_are_wanted(chunks: list[Chunk]) -> None:
    texts = [text.text for chunk in chunks for text in chunk.texts]
    assert len(set(texts)) == len(texts)
    assert SIZE * 0.999 <= len(texts) <= SIZE
    firsts = np.cumsum([1, *(len(chunk.texts) for chunk in chunks)])[:-1]
    assert [chunk.first for chunk in chunks] == firsts.tolist()
    assert all(chunk.vectors.shape == (len(chunk.texts), 16) for chunk in chunks)


def test_lengths_and_frequencies_of_words_stay_as_they_are(chunks: list[Chunk]) -> None:
    real, made = ([terms_of(text.text) for chunk in some for text in chunk.texts] for some in (chunks[:1], chunks[1:]))
    # What has no place to cut is short and stands in made notes as it is.
    cut = [terms for terms in real if len(terms) > 6]
    lengths = [np.mean([len(terms) for terms in some]) for some in (cut, made)]
    assert lengths[1] == pytest.approx(lengths[0], rel=0.15)
    frequent = [Counter(term for terms in some for term in set(terms)) for some in (cut, made)]
    common = [term for term, _ in frequent[0].most_common(100)]
    shares = [[of[term] / len(some) for term in common] for of, some in zip(frequent, (cut, made), strict=True)]
    assert np.corrcoef(*shares)[0, 1] > 0.9
    of_notes = [np.mean([len(found) for chunk in some for found in chunk.places]) for some in (chunks[:1], chunks[1:])]
    assert of_notes[1] == pytest.approx(of_notes[0], rel=0.2)


def test_a_made_sentence_says_what_its_parts_say(recombined: Recombined, chunks: list[Chunk]) -> None:
    said = {text[span.start : span.end] for part in recombined.parts if part for text, span in spans_of(part)}
    made = [pair for chunk in chunks[1:] for text in chunk.texts for pair in spans_of([text])]
    assert made
    assert {text[span.start : span.end] for text, span in made} <= said


def spans_of(texts):
    return [(text.text, span) for text in texts for span in text.spans]


def test_a_made_collection_is_one_like_any_other(
    tmp_path: Path, notes: list[str], default_encoder: Encoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(large_collection, "read_notes", lambda: (notes[:6], notes[6:8]))
    monkeypatch.setattr(large_collection, "REAL", 150)
    truth = large_collection.make_collection(tmp_path / "c", 400, default_encoder)
    collection = clinsearch.open(tmp_path / "c")
    with Reader(tmp_path / "c").snapshot() as snapshot:
        keys = snapshot.catalog.all_keys("sentence")
        assert len(keys) == 400
        places = snapshot.catalog.sentences_in(snapshot.catalog.all_keys("note").tolist())
        assert {key for of_note in places.values() for key in of_note} <= set(keys.tolist())
        scores = snapshot.sentences.of(keys) @ truth.vectors.T
        nearest = keys[np.argsort(-scores, axis=0)[: large_collection.NEAREST]]
        assert [set(of) for of in truth.nearest[None]] == [set(of) for of in nearest.T.tolist()]
        hit = collection.search(truth.queries[0])[0]
        assert snapshot.catalog.note(hit.note_id)[1].text[hit.start : hit.end] == hit.sentence

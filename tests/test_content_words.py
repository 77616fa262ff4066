"""The shares of content words: all of the score is in them, and in what any two texts have in common."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import clinsearch
from clinsearch.collection import Collection
from clinsearch.encoder.encoder import Encoder, load_encoder
from clinsearch.encoder.pooling import POOLINGS, Pooling
from clinsearch.explanation import explain_texts
from clinsearch.records import TextExplanation
from tests.conftest import PROJECT

TOLERANCE = 1e-4
ADMISSION = "P001-2024-03-03-admission"
QUERY = "short of breath lying flat"


@pytest.fixture(scope="module")
def encoders(tiny_model: Path) -> dict[Pooling, Encoder]:
    return {pooling: load_encoder(str(tiny_model), pooling=pooling) for pooling in POOLINGS}


@pytest.fixture(scope="module")
def notes(tmp_path_factory: pytest.TempPathFactory) -> Collection:
    folder = tmp_path_factory.mktemp("content") / "collection"
    clinsearch.index([PROJECT / "sample_notes" / f"{ADMISSION}.txt"], folder)
    return Collection(folder)


def words_of(explanation: TextExplanation) -> list[list[str]]:
    """Return the content words of both texts."""
    sides = (explanation.left_words, explanation.content.left), (explanation.right_words, explanation.content.right)
    return [[words[at].text for at in positions] for words, positions in sides]


@pytest.mark.parametrize("pooling", POOLINGS)
@given(left=st.text(max_size=40), right=st.text("fe ver no,.\n[]", max_size=40), has_mean=st.booleans())
@settings(deadline=None)
def test_background_and_shares_of_content_words_are_the_score_of_any_two_texts(
    encoders: dict[Pooling, Encoder], pooling: Pooling, left: str, right: str, has_mean: bool
) -> None:
    encoder = encoders[pooling]
    mean = encoder.encode(["fever", "cough at night", "no pain"]).mean(axis=0) if has_mean else None
    explanation = explain_texts(encoder, left, right, mean=mean)
    content = explanation.content
    assert content.shares.shape == (len(content.left), len(content.right))
    assert abs(explanation.content_residual) <= TOLERANCE
    in_common = float((encoder.encode([left, right]) @ mean).sum()) / 2 if has_mean else 0.0
    assert content.background == pytest.approx(in_common, abs=TOLERANCE)


def test_what_other_words_hold_goes_to_content_words_by_their_parts(default_encoder: Encoder) -> None:
    explanation = explain_texts(default_encoder, "The cough is at night.", "He has had a cough.")
    assert words_of(explanation) == [["cough", "night"], ["cough"]]
    plain = explanation.word_contributions.astype(np.float64)
    parts = plain.sum(axis=1)
    cough, night = explanation.content.left
    others = parts.sum() - parts[cough] - parts[night]
    expected = parts[cough] + others * parts[cough] / (parts[cough] + parts[night])
    assert explanation.content.shares[0, 0] == pytest.approx(expected, abs=1e-5)
    assert explanation.content.shares.sum() == pytest.approx(explanation.score, abs=1e-5)


def test_what_denies_says_something_and_what_only_reports_does_not(default_encoder: Encoder) -> None:
    explanation = explain_texts(default_encoder, "She denies fever.", "No fever, she reports.")
    assert words_of(explanation) == [["denies", "fever"], ["No", "fever"]]


def test_where_nothing_says_anything_every_word_counts(default_encoder: Encoder) -> None:
    explanation = explain_texts(default_encoder, "It was so.", "...")
    assert len(explanation.content.left) == len(explanation.left_words)
    assert abs(explanation.content_residual) <= TOLERANCE


def test_the_background_of_a_query_and_a_sentence_is_what_both_have_with_the_mean(notes: Collection) -> None:
    explanation = notes.explain_query(QUERY, ADMISSION).text
    encoder = load_encoder(notes.status().model)
    texts = sorted({place.sentence for place in notes.note(ADMISSION).sentences})
    mean = encoder.encode(texts).mean(axis=0)
    both = encoder.encode([explanation.left, explanation.right])
    assert explanation.content.background == pytest.approx(float((both @ mean).sum()) / 2, abs=1e-2)
    assert abs(explanation.content_residual) <= TOLERANCE

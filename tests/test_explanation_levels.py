"""The levels of an explanation nest: notes, sentences, words, wordpieces; and what stands beside the shares."""

from __future__ import annotations

import json
import random
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import clinsearch
from clinsearch.collection import Collection
from clinsearch.encoder.encoder import Encoder, load_encoder
from clinsearch.encoder.pooling import POOLINGS, Pooling
from clinsearch.explanation import explain_texts
from clinsearch.records import TextExplanation
from tests.conftest import PROJECT, WORDS

TOLERANCE = 1e-4
ODD_SIGNS = "fe ver,.\t\n\u00a0\u200f\u0639\u05d0\u0301\u00e9\U0001f600\ufe0f\u200d"
ANY_TEXT = st.text(max_size=60) | st.text(ODD_SIGNS, max_size=40)
IDS = ["P001-2024-03-02-emergency", "P001-2024-03-03-admission", "P003-2025-03-04-admission"]


@pytest.fixture(scope="module")
def encoders(tiny_model: Path) -> dict[Pooling, Encoder]:
    return {pooling: load_encoder(str(tiny_model), pooling=pooling) for pooling in POOLINGS}


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Collection:
    """Three notes, two of them of one patient, indexed with the default model."""
    folder = tmp_path_factory.mktemp("samples") / "collection"
    clinsearch.index([PROJECT / "sample_notes" / f"{name}.txt" for name in IDS], folder)
    return Collection(folder)


def assert_nested(explanation: TextExplanation) -> None:
    """Assert that the score is the sum of the words' shares, and each of these the sum of its wordpieces'."""
    assert abs(explanation.word_contributions.sum(dtype=np.float64) - explanation.score) <= TOLERANCE
    assert max(map(abs, (explanation.residual, explanation.word_residual, explanation.token_residual))) <= TOLERANCE
    most = 0.0
    for i, left in enumerate(explanation.left_words):
        for j, right in enumerate(explanation.right_words):
            pieces = explanation.contributions[np.ix_(left.tokens, right.tokens)].sum(dtype=np.float64)
            most = max(most, abs(explanation.word_contributions[i, j] - pieces))
    assert most <= 1e-6
    assert explanation.token_residual == pytest.approx(most, abs=1e-9)


@pytest.mark.parametrize("pooling", POOLINGS)
@given(left=ANY_TEXT, right=ANY_TEXT)
def test_the_shares_of_any_two_texts_sum_to_their_score_at_every_level(
    encoders: dict[Pooling, Encoder], pooling: Pooling, left: str, right: str
) -> None:
    explanation = explain_texts(encoders[pooling], left, right)
    one, other = encoders[pooling].encode([left, right])
    assert explanation.score == pytest.approx(float(one @ other), abs=1e-5)
    assert_nested(explanation)
    for text, words in ((left, explanation.left_words), (right, explanation.right_words)):
        assert all(0 <= word.start <= word.end <= len(text) for word in words)
    common = explanation.in_common
    assert 0 <= common.jaccard <= 1
    assert len(common.words) <= common.forms


@pytest.mark.parametrize("raw", [True, False])
def test_the_score_of_two_notes_nests_down_to_wordpieces(samples: Collection, raw: bool) -> None:
    explanation = samples.explain(IDS[0], IDS[2], pairs=40, raw=raw)
    total = explanation.in_common + explanation.contributions.sum(dtype=np.float64) + explanation.unplaced
    assert abs(total - explanation.score) <= TOLERANCE
    assert len(explanation.pairs) == 40
    for pair in explanation.pairs:
        assert pair.share == explanation.contributions[pair.left, pair.right]
        assert pair.share == pytest.approx(pair.weight * explanation.cosines[pair.left, pair.right], rel=1e-5)
        assert pair.word_contributions.sum(dtype=np.float64) == pytest.approx(pair.share, rel=1e-4)
        assert pair.contributions.sum(dtype=np.float64) == pytest.approx(pair.share, rel=1e-4)
        assert abs(pair.residual) <= TOLERANCE * pair.weight
        left, right = pair.text.left_words[1], pair.text.right_words[1]
        pieces = pair.contributions[np.ix_(left.tokens, right.tokens)].sum(dtype=np.float64)
        assert pair.word_contributions[1, 1] == pytest.approx(pieces, rel=1e-4)
        assert_nested(pair.text)


def test_the_pairs_of_a_whole_note_together_are_its_score(tmp_path: Path, tiny_model: Path) -> None:
    for name, words in (("a", WORDS[:9]), ("b", WORDS[4:15])):
        (tmp_path / f"{name}.txt").write_text("\n\n".join(f"Patient has {word}." for word in words))
    clinsearch.index([tmp_path / "a.txt", tmp_path / "b.txt"], tmp_path / "collection", model=str(tiny_model))
    notes = Collection(tmp_path / "collection")
    sums, explanation = (notes.explain("a", "b", pairs=10_000, raw=raw) for raw in (True, False))
    by_words = [sum(pair.word_contributions.sum(dtype=np.float64) for pair in one.pairs) for one in (sums, explanation)]
    assert len(sums.pairs) == len(explanation.pairs) == 9 * 11
    assert by_words[0] == pytest.approx(sums.score, abs=TOLERANCE)
    rest = explanation.in_common + explanation.unplaced
    assert by_words[1] + rest == pytest.approx(explanation.score, abs=TOLERANCE)


def test_a_sentence_of_more_than_512_wordpieces_is_explained_to_its_end(default_encoder: Encoder) -> None:
    dice = random.Random(4)
    long = " ".join(dice.choices(WORDS[:-3], k=700)) + " orthopnea"
    explanation = explain_texts(default_encoder, long, "He needs three pillows to sleep.")
    assert len(explanation.left_tokens) > 700 > 512 >= default_encoder.max_tokens
    one, other = default_encoder.encode([long, "He needs three pillows to sleep."])
    assert explanation.score == pytest.approx(float(one @ other), abs=1e-5)
    assert explanation.left_words[-2].text == "orthopnea"
    assert explanation.contributions.all()
    assert_nested(explanation)


def test_a_very_long_note_is_explained_whole(tmp_path: Path, tiny_model: Path) -> None:
    dice = random.Random(6)
    long = [" ".join(dice.choices(WORDS[:-3], k=dice.randint(3, 9))).capitalize() + "." for _ in range(1500)]
    long += [" ".join(dice.choices(WORDS[:-3], k=600)).capitalize() + ".", "Last of all edema."]
    (tmp_path / "long.txt").write_text("\n\n".join(long))
    (tmp_path / "short.txt").write_text("Patient denies fever.\n\nMild cough.")
    clinsearch.index([tmp_path / "long.txt", tmp_path / "short.txt"], tmp_path / "collection", model=str(tiny_model))
    notes = Collection(tmp_path / "collection")
    explanation = notes.explain("long", "short", pairs=2)
    assert " ".join(place.sentence for place in explanation.left) == " ".join(long)
    assert explanation.contributions.shape == (len(explanation.left), 2)
    assert explanation.score == pytest.approx(notes.similar("long", 1)[0].score, abs=1e-5)
    assert abs(explanation.residual) <= TOLERANCE
    assert max(abs(pair.text.residual) for pair in explanation.pairs) <= TOLERANCE


def test_words_in_common_are_the_same_forms_with_the_shares_of_their_pairs(default_encoder: Encoder) -> None:
    explanation = explain_texts(
        default_encoder, "Fever, and FEVER with cough (mild).", "No fever; mild Cough, mild ache."
    )
    common = explanation.in_common
    found = {
        word.form: (
            [explanation.left_words[at].text for at in word.left],
            [explanation.right_words[at].text for at in word.right],
        )
        for word in common.words
    }
    assert found == {
        "fever": (["Fever", "FEVER"], ["fever"]),
        "cough": (["cough"], ["Cough"]),
        "mild": (["mild"], ["mild", "mild"]),
    }
    assert common.forms == len({"fever", "and", "with", "cough", "mild", "no", "ache"})
    assert common.jaccard == pytest.approx(3 / 7)
    for word in common.words:
        share = sum(float(explanation.word_contributions[i, j]) for i in word.left for j in word.right)
        assert word.share == pytest.approx(share, abs=1e-6)
    assert common.share == pytest.approx(sum(word.share for word in common.words))
    assert [word.share for word in common.words] == sorted((word.share for word in common.words), reverse=True)


def test_punctuation_and_special_tokens_are_no_words_in_common(default_encoder: Encoder) -> None:
    common = explain_texts(default_encoder, "Fever, (!).", "Cough, (!).").in_common
    assert (common.words, common.forms, common.share, common.jaccard) == ((), 2, 0, 0)
    assert explain_texts(default_encoder, "", "...").in_common.forms == 0


def test_sentences_of_other_notes_are_counted(samples: Collection) -> None:
    standing = {note_id: {place.sentence for place in samples.note(note_id).sentences} for note_id in IDS}
    explanation = samples.explain(IDS[0], IDS[1], pairs=0)
    for note_id, places, counts in (
        (IDS[0], explanation.left, explanation.left_other_notes),
        (IDS[1], explanation.right, explanation.right_other_notes),
    ):
        expected = [sum(place.sentence in standing[other] for other in IDS if other != note_id) for place in places]
        assert list(counts) == expected
        assert max(counts) > 0
    for hit in samples.search("chest pain", 20):
        found = samples.explain_hit("chest pain", hit)
        others = sum(hit.sentence in standing[note_id] for note_id in IDS if note_id != hit.note_id)
        assert found.other_notes == others  # type: ignore[union-attr]


def test_a_sentence_that_stands_twice_in_one_note_stands_in_no_other(tmp_path: Path, tiny_model: Path) -> None:
    records = [{"note_id": "a", "text": "Denies fever.\n\nDenies fever."}, {"note_id": "b", "text": "Mild cough."}]
    (tmp_path / "notes.jsonl").write_text("\n".join(map(json.dumps, records)))
    clinsearch.index(tmp_path / "notes.jsonl", tmp_path / "collection", model=str(tiny_model))
    explanation = Collection(tmp_path / "collection").explain("a", "b")
    assert (explanation.left_other_notes, explanation.right_other_notes) == ((0, 0), (0,))

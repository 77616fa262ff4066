"""Explanations: their shares sum to the exact score, and are those of plain transformers."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Sequence
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import clinsearch
from clinsearch.collection import Collection
from clinsearch.encoder.encoder import Encoder, load_encoder
from clinsearch.encoder.pooling import POOLINGS
from clinsearch.encoder.words import words_of
from clinsearch.explanation import explain_texts
from clinsearch.records import TextExplanation, Token, Word
from tests.conftest import PROJECT, SENTENCE, STORED, WORDS, real_notes

ALL = 100_000
TOLERANCE = 1e-4

ADMISSION = "P001-2024-03-03-admission"
DISCHARGE = "P001-2024-03-07-discharge"
NURSING = "P001-2024-03-03-nursing"
RADIOLOGY = "P001-2024-03-03-radiology"
SAMPLES = [ADMISSION, DISCHARGE, NURSING, RADIOLOGY]


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Collection:
    """Four notes of one patient, indexed with the default model."""
    folder = tmp_path_factory.mktemp("samples") / "collection"
    clinsearch.index([PROJECT / "sample_notes" / f"{name}.txt" for name in SAMPLES], folder)
    return Collection(folder)


@pytest.fixture(scope="module")
def repetitive(tmp_path_factory: pytest.TempPathFactory, tiny_model: Path) -> Collection:
    """Notes that repeat themselves and each other, one with a sentence longer than the model takes at once."""
    folder = tmp_path_factory.mktemp("repetitive")
    long = " ".join([*WORDS[:-3], *reversed(WORDS[:-3])]).capitalize() + "."
    texts = {
        "a": ["Patient denies fever.", "The wound was stable.", "Patient denies fever.", "Patient denies fever."],
        "b": [long, "Patient denies fever."],
        "c": ["Mild cough at night."],
        "copy of a": [
            "Patient denies fever.",
            "The wound was stable.",
            "Patient denies fever.",
            "Patient denies fever.",
        ],
    }
    records = [{"note_id": note_id, "text": "\n\n".join(own)} for note_id, own in texts.items()]
    (folder / "notes.jsonl").write_text("\n".join(json.dumps(record) for record in records))
    clinsearch.index(folder / "notes.jsonl", folder / "collection", model=str(tiny_model))
    return Collection(folder / "collection")


def real_sentences(count: int) -> list[str]:
    """Draw sentences from the real notes."""
    texts = [sentence for note in real_notes() for sentence in re.split(r"(?<=[.!?])\s+", note["text"])]
    return random.Random(23).sample([text for text in texts if 3 <= len(text.split()) <= 60], count)


def assert_adds_up(explanation: TextExplanation) -> None:
    """Assert that token shares sum to the score, and the word shares are sums of theirs."""
    shares, by_word = explanation.contributions, explanation.word_contributions
    assert shares.shape == (len(explanation.left_tokens), len(explanation.right_tokens))
    assert by_word.shape == (len(explanation.left_words), len(explanation.right_words))
    assert abs(shares.sum(dtype=np.float64) - explanation.score) <= TOLERANCE
    assert abs(explanation.residual) <= TOLERANCE
    assert abs(by_word.sum(dtype=np.float64) - explanation.score) <= TOLERANCE
    left, right = (
        membership(words, tokens)
        for words, tokens in (
            (explanation.left_words, explanation.left_tokens),
            (explanation.right_words, explanation.right_tokens),
        )
    )
    assert np.abs(by_word - left @ shares @ right.T).max() < 1e-6


def membership(words: Sequence[Word], tokens: Sequence[Token]) -> np.ndarray:
    """Return which tokens are of which word, (words, tokens), after seeing that each is of one."""
    matrix = np.zeros((len(words), len(tokens)))
    for row, word in enumerate(words):
        matrix[row, list(word.tokens)] = 1
    assert (matrix.sum(axis=0) == 1).all()
    return matrix


def test_the_shares_of_pairs_of_real_sentences_sum_to_their_scores(default_encoder: Encoder) -> None:
    sentences = real_sentences(120)
    lefts, rights = sentences[:60], sentences[60:]
    cosines = (default_encoder.encode(lefts) * default_encoder.encode(rights)).sum(axis=1)
    for left, right, cosine in zip(lefts, rights, cosines, strict=True):
        explanation = explain_texts(default_encoder, left, right)
        assert abs(explanation.score - cosine) <= TOLERANCE
        assert_adds_up(explanation)


def plain_states(folder: Path, text: str) -> tuple[np.ndarray, list[int | None], list[tuple[int, int]]]:
    """Return last_hidden_state of a text, and of each token its word and offsets, by transformers alone."""
    import torch
    from transformers import AutoModel, AutoTokenizer

    inputs = AutoTokenizer.from_pretrained(folder)(text, return_tensors="pt", return_offsets_mapping=True)
    offsets = inputs.pop("offset_mapping")[0].tolist()
    with torch.no_grad():
        states = AutoModel.from_pretrained(folder, dtype=torch.float32).eval()(**inputs).last_hidden_state[0]
    return states.double().numpy(), inputs.word_ids(0), [tuple(pair) for pair in offsets]


def blocks_of(word_ids: list[int | None]) -> list[list[int]]:
    """Group token positions by word; a token without a word stands alone."""
    blocks: list[list[int]] = []
    for position, word in enumerate(word_ids):
        if word is not None and position and word == word_ids[position - 1]:
            blocks[-1].append(position)
        else:
            blocks.append([position])
    return blocks


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (SENTENCE, "He denies fatigue and weight loss."),
        ("Acute appendicitis, s/p laparoscopic appendectomy.", "Appendix was removed; no perforation."),
        ("SOB x3d, worse lying flat.", "He now needs three pillows to sleep."),
    ],
)
def test_word_shares_are_the_block_sums_of_plain_transformers(default_encoder: Encoder, left: str, right: str) -> None:
    folder = default_encoder.checkpoint.folder
    (left_states, left_ids, left_at), (right_states, right_ids, _) = (
        plain_states(folder, left),
        plain_states(folder, right),
    )
    left_mean, right_mean = left_states.mean(axis=0), right_states.mean(axis=0)
    lengths = np.linalg.norm(left_mean) * np.linalg.norm(right_mean)
    shares = left_states @ right_states.T / (len(left_states) * len(right_states) * lengths)
    explanation = explain_texts(default_encoder, left, right)
    assert explanation.contributions == pytest.approx(shares, abs=1e-6)
    assert explanation.score == pytest.approx(left_mean @ right_mean / lengths, abs=1e-5)
    expected = [
        [shares[np.ix_(rows, columns)].sum() for columns in blocks_of(right_ids)] for rows in blocks_of(left_ids)
    ]
    assert explanation.word_contributions == pytest.approx(np.array(expected), abs=1e-6)
    words = [left[left_at[rows[0]][0] : left_at[rows[-1]][1]] for rows in blocks_of(left_ids)]
    assert [word.text for word in explanation.left_words] == ["[CLS]", *words[1:-1], "[SEP]"]


@pytest.mark.parametrize("pooling", POOLINGS)
def test_the_shares_sum_to_the_score_under_every_pooling(tiny_model: Path, pooling: Any) -> None:
    encoder = load_encoder(str(tiny_model), pooling=pooling)
    dice = random.Random(5)
    texts = [" ".join(dice.choices(WORDS[:-3], k=dice.randint(1, 20))) for _ in range(40)]
    texts += [" ".join([SENTENCE] * 30), " ".join([SENTENCE] * 9), "", "x"]
    for left, right in [*zip(texts[:20], texts[20:40], strict=True), *product(texts[39:], repeat=2)]:
        explanation = explain_texts(encoder, left, right)
        one, other = encoder.encode([left, right])
        assert explanation.score == pytest.approx(float(one @ other), abs=1e-5)
        assert np.isfinite(explanation.contributions).all()
        assert_adds_up(explanation)


def test_under_cls_pooling_the_first_tokens_have_the_whole_share(tiny_model: Path) -> None:
    explanation = explain_texts(load_encoder(str(tiny_model), pooling="cls"), SENTENCE, "denies fever")
    assert explanation.contributions[0, 0] == pytest.approx(explanation.score, abs=1e-6)
    assert np.count_nonzero(explanation.contributions) == 1


def test_without_special_tokens_these_have_no_share(tiny_model: Path) -> None:
    encoder = load_encoder(str(tiny_model), pooling="mean-without-special")
    shares = explain_texts(encoder, SENTENCE, "denies fever").contributions
    assert not shares[[0, -1]].any()
    assert not shares[:, [0, -1]].any()
    assert shares[1:-1, 1:-1].all()


def test_every_token_of_a_text_longer_than_a_window_has_its_share(tiny_encoder: Encoder) -> None:
    long = " ".join([SENTENCE] * 30)
    explanation = explain_texts(tiny_encoder, long, "denies fever")
    assert len(explanation.left_tokens) > 4 * tiny_encoder.max_tokens
    assert explanation.contributions.all()
    assert_adds_up(explanation)


def test_an_explanation_turned_round_is_the_same(tiny_encoder: Encoder) -> None:
    one = explain_texts(tiny_encoder, SENTENCE, "Mild cough at night.")
    other = explain_texts(tiny_encoder, "Mild cough at night.", SENTENCE)
    assert one.score == pytest.approx(other.score, abs=1e-6)
    assert one.contributions == pytest.approx(other.contributions.T, abs=1e-6)
    assert one.word_contributions == pytest.approx(other.word_contributions.T, abs=1e-6)


@given(text=st.text(max_size=80) | st.text("fever [SEP]##-'.é\u0301\u00a0\n", max_size=40))
def test_words_cover_every_token_once_and_say_where_they_stand(tiny_encoder: Encoder, text: str) -> None:
    tokens = tiny_encoder.tokenizer.tokens(text)
    words = words_of(text, tokens)
    assert [position for word in words for position in word.tokens] == list(range(len(tokens)))
    for word in words:
        own = [tokens[position] for position in word.tokens]
        assert (word.start, word.end) == (own[0].start, own[-1].end)
        assert len({token.word for token in own}) == 1
        if own[0].word is None:
            assert (len(own), word.text) == (1, own[0].token)
        else:
            assert word.text == text[word.start : word.end]


QUERIES = [
    "short of breath lying flat",
    "warfarin held because the INR was too high",
    "no evidence of pneumonia",
    "He needs three pillows to sleep.\nNo fever.",
    " leg swelling ",
]


@pytest.mark.parametrize("query", QUERIES)
def test_a_query_is_explained_by_the_sentence_and_the_score_that_search_gives(samples: Collection, query: str) -> None:
    hits = samples.search(query, ALL, level="note")
    assert {hit.note_id for hit in hits} == set(SAMPLES)
    for hit in hits:
        explanation = samples.explain_query(query, hit.note_id)
        place = explanation.place
        assert (place.sentence, place.start, place.end, place.section) == (
            hit.sentence,
            hit.start,
            hit.end,
            hit.section,
        )
        assert hit.parts is not None
        assert explanation.score == pytest.approx(hit.parts.cosine, abs=STORED)
        assert abs(explanation.residual) <= TOLERANCE
        assert (explanation.note_id, explanation.text.right) == (hit.note_id, hit.sentence)
        assert_adds_up(explanation.text)


def test_a_query_longer_than_a_window_is_explained_to_its_end(repetitive: Collection) -> None:
    query = " ".join(random.Random(3).choices(WORDS[:-3], k=500))
    for hit in repetitive.search(query, ALL, level="note"):
        explanation = repetitive.explain_query(query, hit.note_id)
        assert len(explanation.text.left_words) == 502
        assert_adds_up(explanation.text)


@pytest.mark.parametrize("name", ["samples", "repetitive"])
def test_two_notes_are_explained_with_the_score_that_similar_gives(request: pytest.FixtureRequest, name: str) -> None:
    notes: Collection = request.getfixturevalue(name)
    ids = [hit.note_id for hit in notes.search("fever", ALL, level="note")]
    assert len(ids) == 4
    for note_id in ids:
        for hit in notes.similar(note_id, ALL):
            explanation = notes.explain(note_id, hit.note_id, pairs=0)
            assert explanation.score == pytest.approx(hit.score, abs=STORED)
            total = explanation.in_common + explanation.contributions.sum(dtype=np.float64) + explanation.unplaced
            assert total == pytest.approx(explanation.score, abs=1e-6)
            assert abs(explanation.residual) <= 1e-6


@pytest.mark.parametrize(("name", "ids"), [("samples", (ADMISSION, NURSING)), ("repetitive", ("a", "b"))])
def test_sentence_shares_are_those_of_vectors_encoded_anew(
    request: pytest.FixtureRequest, name: str, ids: tuple[str, str]
) -> None:
    notes: Collection = request.getfixturevalue(name)
    encoder = load_encoder(notes.status().model)
    explanation = notes.explain(*ids, pairs=0, raw=True)
    sides = []
    for note_id, places in zip(ids, (explanation.left, explanation.right), strict=True):
        assert places == notes.note(note_id).sentences
        sides.append(encoder.encode([place.sentence for place in places]).astype(np.float64))
    cosines = sides[0] @ sides[1].T
    lengths = np.linalg.norm(sides[0].sum(axis=0)) * np.linalg.norm(sides[1].sum(axis=0))
    assert explanation.cosines == pytest.approx(cosines, abs=1e-5)
    assert explanation.contributions == pytest.approx(cosines / lengths, abs=1e-6)
    assert explanation.score == pytest.approx(cosines.sum() / lengths, abs=1e-5)
    assert abs(explanation.residual) <= TOLERANCE
    assert (explanation.parts, explanation.background, explanation.reasons) == (None, None, ())


@pytest.mark.parametrize(("name", "ids"), [("samples", (ADMISSION, DISCHARGE)), ("repetitive", ("a", "b"))])
def test_the_strongest_pairs_of_sentences_are_taken_apart_into_tokens(
    request: pytest.FixtureRequest, name: str, ids: tuple[str, str]
) -> None:
    notes: Collection = request.getfixturevalue(name)
    explanation = notes.explain(*ids, pairs=6, raw=True)
    shares = [explanation.contributions[pair.left, pair.right] for pair in explanation.pairs]
    assert shares == sorted(explanation.contributions.ravel().tolist(), reverse=True)[:6]
    assert len({(pair.left, pair.right) for pair in explanation.pairs}) == 6
    for pair in explanation.pairs:
        assert pair.text.left == explanation.left[pair.left].sentence
        assert pair.text.right == explanation.right[pair.right].sentence
        total = pair.text.contributions.sum(dtype=np.float64)
        assert total == pytest.approx(explanation.cosines[pair.left, pair.right], abs=TOLERANCE)
        assert_adds_up(pair.text)


def test_sums_of_two_notes_are_explained_alike_from_either_side(samples: Collection) -> None:
    one, other = samples.explain(ADMISSION, DISCHARGE, raw=True), samples.explain(DISCHARGE, ADMISSION, raw=True)
    assert one.score == pytest.approx(other.score, abs=1e-6)
    assert (one.left, one.right) == (other.right, other.left)
    assert one.contributions == pytest.approx(other.contributions.T, abs=1e-6)
    # Which of several pairs of the same two sentences comes first may differ, their scores may not.
    assert [pair.text.score for pair in one.pairs] == pytest.approx([pair.text.score for pair in other.pairs], abs=1e-6)


@pytest.mark.parametrize(
    ("name", "ids"),
    [("samples", (NURSING, NURSING)), ("repetitive", ("b", "b")), ("repetitive", ("a", "copy of a"))],
)
def test_the_sums_of_a_note_and_itself_or_its_copy_score_one(
    request: pytest.FixtureRequest, name: str, ids: tuple[str, str]
) -> None:
    explanation = request.getfixturevalue(name).explain(*ids, raw=True)
    assert explanation.score == pytest.approx(1, abs=1e-5)
    assert explanation.contributions.sum(dtype=np.float64) == pytest.approx(1, abs=TOLERANCE)
    assert np.diagonal(explanation.cosines) == pytest.approx(1, abs=1e-5)

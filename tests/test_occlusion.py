"""Leave-one-word-out: the drops are those of a plain loop that encodes each text anew, and do not add up."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinsearch.encoder.encoder import Encoder, load_encoder
from clinsearch.encoder.pooling import POOLINGS
from clinsearch.encoder.words import words_of
from clinsearch.explanation import explain_texts, occlude_texts
from clinsearch.explanation.occlusion import without
from clinsearch.records import Word
from tests.conftest import SENTENCE, WORDS

LEFT = "He denies fatigue, chest pain (3.5/10) and  weight-loss."


def plain_scores(encoder: Encoder, text: str, other: str) -> list[tuple[str, float]]:
    """Leave out what the tokenizer takes for a word, one after another, and encode each rest by itself."""
    words: dict[int, list[int]] = {}
    for token in encoder.tokenizer.tokens(text):
        if token.word is not None:
            words.setdefault(token.word, []).extend((token.start, token.end))
    scores = []
    for places in words.values():
        start, end = min(places), max(places)
        rest = " ".join((text[:start] + " " + text[end:]).split())
        scores.append((text[start:end], float(encoder.encode([rest])[0] @ encoder.encode([other])[0])))
    return scores


def assert_as_by_hand(encoder: Encoder, left: str, right: str) -> None:
    found = occlude_texts(encoder, left, right)
    score = float(encoder.encode([left])[0] @ encoder.encode([right])[0])
    assert found.score == pytest.approx(score, abs=1e-5)
    sides = (
        (found.left_words, found.left_drops, plain_scores(encoder, left, right)),
        (found.right_words, found.right_drops, plain_scores(encoder, right, left)),
    )
    for words, drops, expected in sides:
        assert [word.text for word in words] == [text for text, _ in expected]
        assert drops == pytest.approx(np.array([score - one for _, one in expected]), abs=2e-5)


@pytest.mark.parametrize("pooling", POOLINGS)
def test_drops_are_those_of_a_plain_loop(tiny_model: Path, pooling: Any) -> None:
    encoder = load_encoder(str(tiny_model), pooling=pooling)
    assert_as_by_hand(encoder, LEFT, SENTENCE)
    assert_as_by_hand(encoder, SENTENCE, "fever")
    assert_as_by_hand(encoder, "", "Fever.")


def test_drops_of_the_carried_model_are_those_of_a_plain_loop(default_encoder: Encoder) -> None:
    assert_as_by_hand(default_encoder, LEFT, SENTENCE)


def test_a_text_of_many_windows_and_batches_is_left_no_word_short(tiny_encoder: Encoder) -> None:
    dice = random.Random(2)
    long = " ".join(dice.choices(WORDS[:-3], k=600))
    found = occlude_texts(tiny_encoder, long, "chest pain")
    assert [word.text for word in found.left_words] == long.split()
    score = float(tiny_encoder.encode([long])[0] @ tiny_encoder.encode(["chest pain"])[0])
    for at in (0, 1, 255, 256, 400, 599):
        rest = " ".join([*long.split()[:at], *long.split()[at + 1 :]])
        drop = score - float(tiny_encoder.encode([rest])[0] @ tiny_encoder.encode(["chest pain"])[0])
        assert found.left_drops[at] == pytest.approx(drop, abs=2e-5)


def test_drops_do_not_add_up_where_shares_do(default_encoder: Encoder) -> None:
    left, right = "Short of breath lying flat.", "He needs three pillows to sleep."
    found, shares = occlude_texts(default_encoder, left, right), explain_texts(default_encoder, left, right)
    assert abs(shares.residual) < 1e-4
    assert abs(found.left_drops.sum() - found.score) > 0.01


@given(text=st.text(max_size=60) | st.text("fever ,.-\n\u00a0\u05d0\U0001f600", max_size=40), seed=st.integers(0, 9))
def test_what_is_left_is_what_was_not_taken_out(tiny_encoder: Encoder, text: str, seed: int) -> None:
    words = [word for word in words_of(text, tiny_encoder.tokenizer.tokens(text)) if word.end > word.start]
    taken = [word for word in words if random.Random(f"{seed}{word.start}").random() < 0.5]
    covered = {at for word in taken for at in range(word.start, word.end)}
    expected = [sign for at, sign in enumerate(text) if at not in covered and not sign.isspace()]
    assert [sign for sign in without(text, taken) if not sign.isspace()] == expected


@pytest.mark.parametrize(
    ("text", "spans", "left"),
    [
        ("no fever today", [(3, 8)], "no today"),
        ("no fever", [(3, 8)], "no"),
        ("  fever no  ", [(2, 7)], "no"),
        ("weight-loss", [(6, 7)], "weight loss"),
        ("no fever, no chills", [(3, 8), (8, 9), (13, 19)], "no no"),
        ("fever", [(0, 5)], ""),
    ],
)
def test_words_around_a_gap_stay_words(text: str, spans: list[tuple[int, int]], left: str) -> None:
    assert without(text, [Word(text[start:end], start, end, ()) for start, end in spans]) == left

"""Texts of any length and kind: what they take grows with their length, not faster, and their numbers stay the same."""

from __future__ import annotations

import base64
import random
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from clinsearch.encoder import words
from clinsearch.encoder.encoder import Encoder, load_encoder
from clinsearch.encoder.words import MOST_ROWS, word_layout, words_of
from clinsearch.errors import InputError
from clinsearch.explanation import explain_texts, occlude_texts
from clinsearch.inspection.tokenization import split_text
from clinsearch.records import Token

POOLINGS = ["mean", "mean-without-special", "cls", "max"]


def blob(length: int) -> str:
    return base64.b64encode(random.Random(3).randbytes(length)).decode()[:length]


KINDS: dict[str, Callable[[int], str]] = {
    "words of a letter": lambda length: "a " * (length // 2),
    "unbroken letters": lambda length: "a" * length,
    "base64": blob,
    "full stops": lambda length: "." * length,
    "numbers": lambda length: "1." * (length // 2),
    "combining marks": lambda length: "e" + "\u0301" * length,
    "unlike combining marks": lambda length: "".join(chr(0x300 + n % 0x60) for n in range(length)),
    "emoji": lambda length: "\U0001f600" * length,
    "signs of Chinese": lambda length: "\u6f22" * length,
}
WORK: dict[str, Callable[[Encoder, str], object]] = {
    "encode": lambda encoder, text: encoder.encode([text]),
    "encode_query": lambda encoder, text: encoder.encode_query(text),
    "encode_words": lambda encoder, text: encoder.encode_words([text]),
    "embed": lambda encoder, text: encoder.embed(text),
    "opening": lambda encoder, text: encoder.opening(text),
    "explain": lambda encoder, text: explain_texts(encoder, "no fever", text),
    "tokens": lambda encoder, text: split_text(encoder.tokenizer, text),
}


def taken(work: Callable[[], object]) -> tuple[float, int]:
    """Return the seconds of CPU that work takes, and the most memory that it has at once."""
    times = []
    for _ in range(3):
        started = time.process_time()
        work()
        times.append(time.process_time() - started)
    tracemalloc.start()
    work()
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return min(times), most


@pytest.mark.drawn(20)
@pytest.mark.parametrize("work", WORK)
@pytest.mark.parametrize("kind", KINDS)
def test_what_a_text_takes_grows_no_faster_than_its_length(tiny_encoder: Encoder, kind: str, work: str) -> None:
    WORK[work](tiny_encoder, KINDS[kind](100))
    short, long = (KINDS[kind](length) for length in (1_000, 4_000))
    seconds, memory = taken(lambda: WORK[work](tiny_encoder, short))
    more_seconds, more_memory = taken(lambda: WORK[work](tiny_encoder, long))
    assert more_memory < 6 * memory + 2_000_000
    assert more_seconds < 8 * seconds + 0.2


def test_vectors_of_words_of_a_long_text_are_those_of_each_word_by_each_row(
    tiny_encoder: Encoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The oracle is the product of all words and all rows, which does for texts that fit."""
    chosen = random.Random(5)
    pieces = ["fever", "drainage", "xq7", "(", ".", "appendicitis", "1.5", "ab" * 20, "chills", "q" * 70]
    text = " ".join(chosen.choice(pieces) for _ in range(130))
    (found,) = tiny_encoder.encode_words([text, "No fever."])[1][:1]
    assert len(found.token_ids) > 2 * MOST_ROWS
    monkeypatch.setattr(words, "MOST_ROWS", 10**9)
    (expected,) = tiny_encoder.encode_words([text])[1]
    np.testing.assert_allclose(found.words, expected.words, atol=2e-5)
    np.testing.assert_allclose(found.pieces, expected.pieces, atol=2e-5)


def test_a_word_of_very_many_pieces_has_the_vector_of_all_of_them(tiny_encoder: Encoder) -> None:
    """Of other tokenizers a word may be as long as the text; here one is laid out by hand."""
    rng = np.random.default_rng(2)
    rows = 4 * MOST_ROWS
    middle, last = (rng.normal(size=(1, rows, 8)).astype(np.float32) for _ in range(2))
    special = np.zeros((1, rows), dtype=bool)
    special[0, [0, -1]] = True
    spans = np.array([[3, rows - 4], [1, 1], [rows - 2, rows - 2]])
    found = words.word_vectors(middle, last, special, [spans], None)
    for (first, end), vector in zip(spans.tolist(), found, strict=True):
        states = words.WordStates(middle[0], last[0], special[0], None)
        parts = states.parts(first, end).sum(axis=0)
        np.testing.assert_allclose(vector, parts / np.linalg.norm(parts), atol=1e-5)


@pytest.mark.parametrize("pooling", POOLINGS)
def test_a_text_pooled_window_by_window_has_the_vector_of_its_states_together(tiny_model: Path, pooling: str) -> None:
    encoder = load_encoder(str(tiny_model), pooling=pooling)  # type: ignore[arg-type]
    texts = ["fever and chills " * 100, "No fever.", "", blob(700), "cough " * 61]
    vectors = encoder.encode(texts)
    for text, vector, of_words in zip(texts, vectors, encoder.encode_words(texts)[0], strict=True):
        np.testing.assert_allclose(vector, encoder.embed(text).vector, atol=1e-5)
        np.testing.assert_allclose(vector, of_words, atol=1e-5)


def test_words_of_many_tokens_are_gathered_in_one_go() -> None:
    text = "a" * 200_000
    tokens = [Token(1, "a", at, at + 1, 0) for at in range(len(text))]
    started = time.process_time()
    (word,) = words_of(text, tokens)
    assert word.text == text
    assert word.tokens == tuple(range(len(text)))
    assert word_layout(text, tokens).lengths.tolist() == [len(text)]
    assert time.process_time() - started < 5


def test_texts_whose_pairs_are_too_many_are_refused_before_they_are_encoded(tiny_encoder: Encoder) -> None:
    text = "a " * 5_000
    with pytest.raises(InputError, match="too many to take apart"):
        explain_texts(tiny_encoder, text, text)
    with pytest.raises(InputError, match="too many to leave out"):
        occlude_texts(tiny_encoder, text, "No fever.")

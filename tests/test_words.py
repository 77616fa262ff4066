"""Vectors of words in context against the formula, worked out anew on the hidden states of plain transformers."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from clinsearch.encoder.checkpoint import WORD_MAP_FILE
from clinsearch.encoder.encoder import Encoder, load_encoder
from clinsearch.encoder.pooling import POOLINGS
from clinsearch.encoder.words import MINILM_MAP, is_searchable, marked_span, word_layer, words_of
from clinsearch.errors import InputError
from tests.conftest import SENTENCE, write_model

ODD_TEXTS = [
    SENTENCE,
    "Purulent discharge from the wound, s/p appendicitis; T 38.5 °C (101 F).",
    "Naïve café: Müller's ÉMERGENCY — 12½ mg \u00d7 3… ﬁne ǅ",
    "שלום fever עולם العربية",
    "発熱 no fever 咳",
    "<img onerror=x> [b] </script> e\u0301de\u0302ma 👩‍⚕️ pain\u200bfree",
    "…!?",
    "fever",
    "",
]


def unit(vector: NDArray[np.float64]) -> NDArray[np.float64]:
    return vector / np.linalg.norm(vector)


class Formula:
    """The recipe of a word's vector, word by word and in double precision."""

    def __init__(self, folder: Path, linear_map: NDArray[np.float64] | None) -> None:
        import torch
        from transformers import AutoModel, AutoTokenizer

        self.tokenizer = AutoTokenizer.from_pretrained(folder)
        self.model = AutoModel.from_pretrained(folder, dtype=torch.float32).eval()
        self.linear_map = linear_map

    def states(self, text: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the hidden states two thirds of the way up the layers, and the last."""
        import torch

        with torch.no_grad():
            output = self.model(**self.tokenizer(text, return_tensors="pt"), output_hidden_states=True)
        middle = {2: 1, 6: 4, 12: 8}[self.model.config.num_hidden_layers]
        both = output.hidden_states[middle][0], output.last_hidden_state[0]
        return both[0].double().numpy(), both[1].double().numpy()

    def words(self, text: str) -> list[list[int]]:
        """Return the tokens of each word that has a letter or a digit."""
        encoding = self.tokenizer(text, return_offsets_mapping=True)
        words: dict[int, list[int]] = {}
        for position, word in enumerate(encoding.word_ids()):
            if word is not None:
                words.setdefault(word, []).append(position)
        spans = encoding["offset_mapping"]
        return [
            tokens
            for tokens in words.values()
            if any(character.isalnum() for character in text[spans[tokens[0]][0] : spans[tokens[-1]][1]])
        ]

    def vector(self, tokens: Sequence[int], middle: NDArray[np.float64], last: NDArray[np.float64]):
        own = np.mean([middle[position] for position in tokens], axis=0)
        others = [position for position in range(1, len(last) - 1) if position not in tokens]
        around = np.mean([last[position] for position in tokens], axis=0)
        if others:
            nearest = [min(abs(position - token) for token in tokens) for position in others]
            around = sum(np.exp(-n / 4) * last[position] for n, position in zip(nearest, others, strict=True))
        sides = np.concatenate([np.sqrt(0.45) * unit(own), np.sqrt(0.55) * unit(around)])
        return unit(sides if self.linear_map is None else sides @ self.linear_map)


@pytest.fixture(scope="module")
def tiny_formula(tiny_model: Path) -> Formula:
    return Formula(tiny_model, None)


@pytest.fixture(scope="module")
def default_formula(default_encoder: Encoder) -> Formula:
    folder = default_encoder.checkpoint.folder
    return Formula(folder, np.load(folder / WORD_MAP_FILE).astype(np.float64))


def assert_as_the_formula_says(encoder: Encoder, formula: Formula, texts: list[str]) -> None:
    for text, found in zip(texts, encoder.encode_words(texts)[1], strict=True):
        words = formula.words(text)
        pieces = [[position] for tokens in words if len(tokens) > 1 for position in tokens]
        states = formula.states(text)
        for kind, spans in (("words", words), ("pieces", pieces)):
            rows = getattr(found, kind)
            assert rows.shape == (len(spans), encoder.word_width)
            for row, tokens in zip(rows, spans, strict=True):
                np.testing.assert_allclose(row, formula.vector(tokens, *states), atol=2e-5)


def test_words_have_the_vectors_of_the_formula(tiny_encoder: Encoder, tiny_formula: Formula) -> None:
    short = [text for text in ODD_TEXTS if len(tiny_formula.tokenizer(text)["input_ids"]) <= 64]
    assert len(short) >= 6
    assert_as_the_formula_says(tiny_encoder, tiny_formula, short)


def test_words_of_the_default_model_have_the_vectors_of_the_formula_and_its_map(
    default_encoder: Encoder, default_formula: Formula
) -> None:
    assert default_encoder.word_width == 128
    assert_as_the_formula_says(default_encoder, default_formula, ODD_TEXTS)


def test_words_of_minilm_have_a_map_though_its_package_has_none(minilm: Encoder) -> None:
    formula = Formula(minilm.checkpoint.folder, np.load(MINILM_MAP).astype(np.float64))
    assert_as_the_formula_says(minilm, formula, ODD_TEXTS[:2])


def test_the_word_layer_is_two_thirds_of_the_way_up() -> None:
    assert [word_layer(layers) for layers in (2, 6, 12, 24)] == [1, 4, 8, 16]


def test_a_text_is_kept_as_its_tokens_and_the_lengths_of_its_words(tiny_encoder: Encoder) -> None:
    (kept,) = tiny_encoder.encode_words(["Fever, xq & chills."])[1]
    vocab = tiny_encoder.tokenizer.vocab
    assert kept.token_ids.tolist() == [vocab[t] for t in ("fever", ",", "x", "##q", "&", "chills", ".")]
    assert kept.lengths.tolist() == [1, -1, 2, -1, 1, -1]
    assert (len(kept.words), len(kept.pieces)) == (3, 2)


def test_the_default_model_splits_appendicitis_and_keeps_the_word_and_its_pieces(default_encoder: Encoder) -> None:
    (kept,) = default_encoder.encode_words(["s/p appendicitis."])[1]
    names = {id: token for token, id in default_encoder.tokenizer.vocab.items()}
    assert [names[id] for id in kept.token_ids] == ["s", "/", "p", "app", "##end", "##ici", "##tis", "."]
    assert kept.lengths.tolist() == [1, -1, 1, 4, -1]
    assert (len(kept.words), len(kept.pieces)) == (3, 4)


@pytest.mark.parametrize("word", ["fever", "xyz"])
def test_a_word_alone_is_its_own_surroundings(tiny_encoder: Encoder, tiny_formula: Formula, word: str) -> None:
    middle, last = tiny_formula.states(word)
    sides = np.sqrt(0.45) * unit(middle[1:-1].mean(axis=0)), np.sqrt(0.55) * unit(last[1:-1].mean(axis=0))
    (kept,) = tiny_encoder.encode_words([word])[1]
    np.testing.assert_allclose(kept.words, [np.concatenate(sides)], atol=2e-5)


def test_the_same_word_in_another_context_has_another_vector(default_encoder: Encoder) -> None:
    texts = ["Purulent discharge from the wound.", "Copious discharge from the incision.", "Discharge home today."]
    wound, incision, home = (
        default_encoder.embed_word(text, text.lower().index("discharge"), text.lower().index("discharge") + 9).vector
        for text in texts
    )
    assert wound @ incision > wound @ home + 0.1


# Windows.


@pytest.mark.parametrize("pooling", POOLINGS)
def test_every_word_of_a_long_text_has_its_vector(tiny_model: Path, tiny_formula: Formula, pooling) -> None:
    """The hidden states of a long text are those that `layers` stitches together; the formula sees it whole."""
    encoder = load_encoder(str(tiny_model), pooling=pooling)
    text = " ".join([SENTENCE] * 9) + " xq fever"
    states = encoder.layers(text)[[1, 2]].astype(np.float64)
    words = tiny_formula.words(text)
    (kept,) = encoder.encode_words([text])[1]
    assert len(kept.words) == len(words) == 9 * 13 + 2
    for row, tokens in zip(kept.words, words, strict=True):
        np.testing.assert_allclose(row, tiny_formula.vector(tokens, *states), atol=2e-5)


# Beside the sentences' vectors.


@pytest.mark.parametrize("pooling", POOLINGS)
def test_words_come_beside_the_same_vectors_of_sentences(tiny_model: Path, pooling) -> None:
    encoder = load_encoder(str(tiny_model), pooling=pooling)
    texts = [*ODD_TEXTS, " ".join([SENTENCE] * 20)]
    np.testing.assert_allclose(encoder.encode_words(texts)[0], encoder.encode(texts), atol=1e-5)


def test_the_default_model_gives_the_same_vectors_of_sentences_beside_words(default_encoder: Encoder) -> None:
    np.testing.assert_allclose(default_encoder.encode_words(ODD_TEXTS)[0], default_encoder.encode(ODD_TEXTS), atol=1e-5)


def test_no_texts_have_no_words(tiny_encoder: Encoder) -> None:
    vectors, words = tiny_encoder.encode_words([])
    assert (vectors.shape, words) == ((0, 32), [])


def test_a_text_has_the_same_words_alone_and_among_many(default_encoder: Encoder) -> None:
    for text, among in zip(ODD_TEXTS, default_encoder.encode_words(ODD_TEXTS)[1], strict=True):
        (alone,) = default_encoder.encode_words([text])[1]
        np.testing.assert_allclose(alone.words, among.words, atol=1e-5)
        np.testing.assert_allclose(alone.pieces, among.pieces, atol=1e-5)


# Parts.


@pytest.mark.parametrize("text", [SENTENCE, "s/p appendicitis.", "fever", " ".join([SENTENCE] * 5)])
def test_the_parts_of_every_word_sum_to_its_vector_up_to_its_length(default_encoder: Encoder, text: str) -> None:
    (kept,) = default_encoder.encode_words([text])[1]
    tokens = default_encoder.tokenizer.tokens(text)
    words = [word for word in words_of(text, tokens) if is_searchable(word, tokens)]
    for row, word in list(zip(kept.words, words, strict=True))[:14]:
        taken_apart = default_encoder.embed_word(text, word.start, word.end)
        assert taken_apart.parts.shape == (len(tokens), default_encoder.word_width)
        total = taken_apart.parts.sum(axis=0, dtype=np.float64)
        np.testing.assert_allclose(unit(total), row, atol=1e-5)
        np.testing.assert_allclose(taken_apart.vector, row, atol=1e-5)


def test_special_tokens_have_no_part_in_a_word(tiny_encoder: Encoder) -> None:
    parts = tiny_encoder.embed_word("No fever.", 3, 8).parts
    assert not parts[[0, -1]].any()
    assert parts[1:-1].any(axis=1).all()


def test_several_words_can_be_marked_together(default_encoder: Encoder, default_formula: Formula) -> None:
    text = "Denies chest pain on exertion."
    marked = default_encoder.embed_word(text, text.index("chest"), text.index(" on"))
    expected = default_formula.vector([2, 3], *default_formula.states(text))
    np.testing.assert_allclose(marked.vector, expected, atol=2e-5)


@pytest.mark.parametrize(("start", "end"), [(2, 3), (9, 9), (40, 50), (-5, 0)])
def test_no_word_at_a_place_is_one_line_without_the_text(tiny_encoder: Encoder, start: int, end: int) -> None:
    with pytest.raises(InputError, match=f"characters {start} to {end}") as caught:
        tiny_encoder.embed_word("No fever.", start, end)
    message = str(caught.value)
    assert "fever" not in message


# Places.


@settings(max_examples=150, deadline=None)
@given(text=st.text(max_size=60) | st.text(alphabet="aé\u0301 .,-'½ﬁßİ発\u200b\u00a0\nא9", max_size=40))
@example("[SEP] fever [CLS][MASK] [UNK]")
@example("İstanbul\u0130x ﬀ Ǆ")
def test_the_place_of_every_word_is_the_word(default_encoder: Encoder, tiny_encoder: Encoder, text: str) -> None:
    for encoder in (default_encoder, tiny_encoder):
        tokens = encoder.tokenizer.tokens(text)
        words = words_of(text, tokens)
        assert [position for word in words for position in word.tokens] == list(range(len(tokens)))
        searchable = [word for word in words if is_searchable(word, tokens)]
        end = 0
        for word in searchable:
            assert text[word.start : word.end] == word.text
            assert any(character.isalnum() for character in word.text)
            assert word.start >= end
            end = word.end
            assert marked_span(tokens, word.start, word.end) == (word.tokens[0], word.tokens[-1])


@settings(max_examples=25, deadline=None)
@given(text=st.text(max_size=30))
def test_whatever_the_text_there_is_a_vector_of_unit_length_for_each_word(tiny_encoder: Encoder, text: str) -> None:
    (kept,) = tiny_encoder.encode_words([text])[1]
    tokens = tiny_encoder.tokenizer.tokens(text)
    words = [word for word in words_of(text, tokens) if is_searchable(word, tokens)]
    assert (kept.lengths > 0).sum() == len(kept.words) == len(words)
    assert len(kept.pieces) == sum(len(word.tokens) for word in words if len(word.tokens) > 1)
    assert np.abs(kept.lengths).sum() == len(kept.token_ids)
    np.testing.assert_allclose(np.linalg.norm(np.concatenate([kept.words, kept.pieces]), axis=1), 1, atol=1e-5)


def test_words_of_a_pre_trained_width_are_twice_as_wide_without_a_map(tmp_path: Path) -> None:
    encoder = load_encoder(str(write_model(tmp_path / "m", ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "a"], hidden_size=16)))
    assert encoder.word_width == 32
    assert encoder.encode_words(["a a"])[1][0].words.shape == (2, 32)


def test_a_model_brings_its_own_map(tiny_model: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(tiny_model, tmp_path / "mapped"))
    plain = load_encoder(str(folder))
    one = plain.embed_word("chest pain at night", 6, 10).vector
    drawn = np.random.default_rng(2).normal(size=(2 * plain.hidden_size, 8)).astype(np.float16)
    np.save(folder / "words.npy", drawn)
    mapped = load_encoder(str(folder))
    assert (plain.word_width, mapped.word_width) == (2 * plain.hidden_size, 8)
    other = mapped.embed_word("chest pain at night", 6, 10).vector
    expected = one @ drawn.astype(np.float32)
    assert other == pytest.approx(expected / np.linalg.norm(expected), abs=1e-5)
    assert plain.fingerprint() != mapped.fingerprint()

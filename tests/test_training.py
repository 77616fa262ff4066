"""Runs of training: a step, a run that was cut short, mixtures."""

from __future__ import annotations

import hashlib
import random
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import BertConfig, BertModel

from clinsearch.encoder.checkpoint import MINILM, find_checkpoint
from clinsearch.encoder.encoder import load_encoder
from clinsearch.encoder.pooling import unit
from tests.support.training_material import WORDS, small_sources
from training import teacher
from training.batches import Material
from training.build_data import build
from training.dialogues import spoken_sections
from training.examples import Example
from training.model import TOKENIZER_FILES, Student, base_student
from training.questions import WORDINGS, answered, other_names, paraphrased, understood
from training.soup import mix
from training.sources import (
    SHARED,
    Report,
    read_judged,
    read_questions,
    read_reports,
    read_sentences,
)
from training.step import draw, total
from training.step import losses as step_losses
from training.teacher import vectors_of
from training.train import BASE_VECTORS, Run, Settings, cosines_aimed_at

TEXTS = ["She denies chest pain.", "He has a long history of asthma and of gout.", "No rash", "CT was read as normal."]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("material")
    build(small_sources(), folder)
    return folder


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A transformer of two narrow layers, with the default model's tokenizer, and a map of words."""
    folder = tmp_path_factory.mktemp("tiny")
    for name in (*TOKENIZER_FILES, "config.json"):
        (folder / name).write_bytes((find_checkpoint().folder / name).read_bytes())
    torch.manual_seed(4)
    config = BertConfig(hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=32)
    BertModel(config, add_pooling_layer=False).save_pretrained(folder)
    np.save(folder / "words.npy", np.random.default_rng(4).normal(size=(32, 8)).astype(np.float16))
    return folder


def tiny_run(tiny: Path, steps: int) -> Run:
    return Run(Student(tiny, tiny / "words.npy", reduced=False), Settings(steps=steps, rate=3e-3))


def same_cosines(rows: Sequence[int]) -> torch.Tensor:
    return torch.ones(len(rows), len(rows))


def test_training_lowers_the_loss(tiny: Path, folder: Path) -> None:
    material = Material(folder)
    run, drawn = tiny_run(tiny, 8), [draw(material, 99, step) for step in (0, 1)]

    def loss() -> float:
        with torch.no_grad():
            found = (step_losses(run.student, one, same_cosines) for one in drawn)
            return sum(total(one, run.settings.weights).item() for one in found)

    before = loss()
    for _ in range(8):
        run.advance(material, same_cosines)
    assert loss() < 0.9 * before


def test_a_run_that_was_cut_short_ends_as_one_that_was_not(tiny: Path, folder: Path, tmp_path: Path) -> None:
    material = Material(folder)
    whole, first, second = (tiny_run(tiny, 4) for _ in range(3))
    for _ in range(4):
        whole.advance(material, same_cosines)
    for _ in range(2):
        first.advance(material, same_cosines)
    torch.save(first.state(), tmp_path / "state.pt")
    second.restore(torch.load(tmp_path / "state.pt", weights_only=True))
    for _ in range(2):
        second.advance(material, same_cosines)
    for name, value in whole.averaged().state_dict().items():
        assert torch.equal(second.averaged().state_dict()[name], value)


def test_what_is_aimed_at_is_the_mean_of_two_models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("training.teacher.MATERIAL", tmp_path)
    texts, rng = ["a", "b", "c"], np.random.default_rng(1)
    base, larger = unit(rng.normal(size=(3, 4))), unit(rng.normal(size=(3, 6)))
    np.save(vectors_of(texts, BASE_VECTORS), base)
    alone, digest = cosines_aimed_at(texts)
    assert digest == ""
    assert np.allclose(alone([0, 2]), base[[0, 2]] @ base[[0, 2]].T, atol=1e-6)
    np.save(vectors_of(texts), larger)
    both, digest = cosines_aimed_at(texts)
    assert digest == hashlib.sha256(vectors_of(texts).read_bytes()).hexdigest()
    expected = (base[[0, 2]] @ base[[0, 2]].T + larger[[0, 2]] @ larger[[0, 2]].T) / 2
    assert np.allclose(both([0, 2]), expected, atol=1e-6)


def test_a_teacher_pools_by_the_mean() -> None:
    folder = find_checkpoint(MINILM).folder
    expected = load_encoder(MINILM).encode(TEXTS)
    assert ((teacher.encode(folder, TEXTS) * expected).sum(axis=1) > 0.999).all()


def test_a_soup_lies_between_models(tiny: Path, folder: Path) -> None:
    runs = [tiny_run(tiny, 2) for _ in range(3)]
    for run in runs[1:]:
        run.advance(Material(folder), same_cosines)
    runs[2].advance(Material(folder), same_cosines)
    base, one, other = (run.student for run in runs)
    before = {name: value.detach().clone() for name, value in base.named_parameters()}
    named = dict(other.named_parameters())
    mixed = dict(mix(base, {one: 0.25, other: 0.35}).named_parameters())
    for name, value in one.named_parameters():
        assert torch.allclose(mixed[name], 0.4 * before[name] + 0.25 * value + 0.35 * named[name], atol=1e-6)


@pytest.mark.parametrize(
    ("question", "kind", "about"),
    [
        ("What are the treatments for Gout ?", "treatment", "Gout"),
        ("What is (are) Gout ?", "information", "Gout"),
        ("Do you have information about A1C", "information", "A1C"),
        ("Who is at risk for Gout? ?", "risk", "Gout"),
        ("what research (or clinical trials) is being done for Gout ?", "research", "Gout"),
        ("How do vaccines work ?", "how do vaccines work", "How do vaccines work"),
    ],
)
def test_questions_are_understood(question: str, kind: str, about: str) -> None:
    assert understood(question) == (kind, about)


def test_questions_are_put_otherwise_of_the_same_thing_and_with_the_same_intent() -> None:
    names = other_names([("gout", "podagra"), ("hives", "urticaria", "nettle rash")])
    assert names["hives"] == ["urticaria", "nettle rash"]
    asked = {"treatment": "What are the treatments for {} ?", "outlook": "What is the outlook for {} ?"}
    known = {kind: [form, *WORDINGS[kind]] for kind, form in asked.items()}
    for seed in range(30):
        for row in paraphrased([form.format("Gout") for form in asked.values()], names, random.Random(seed)):
            assert row.about == "gout"
            assert row.one != row.other
            for text in (row.one, row.other):
                assert {word for word in ("gout", "podagra") if word in text.lower()}
                # With or without what was said before, and the thing perhaps "it": a wording of its own kind alone.
                bare = re.sub("gout|podagra", "it", text.lower())
                kinds = {
                    kind
                    for kind, wordings in known.items()
                    for wording in wordings
                    if re.sub(r"{x}|{}", "it", wording).replace(" ?", "?").lower() in bare
                }
                assert kinds == {row.kind}


def test_a_question_goes_with_its_answer_and_with_a_sentence_of_it() -> None:
    long = "It is a disease in which a joint swells and hurts for some days"
    whole, part = answered([("What is (are) Gout ?", f"{long}. {long} or weeks.")], {}, rng())
    assert (whole.other, whole.kind, whole.about) == (f"{long}. {long} or weeks.", "information", "gout")
    assert part.other in (f"{long}.", f"{long} or weeks.")
    assert list(answered([("What is (are) Gout ?", "It hurts.")], {}, rng())) == []


def test_questions_of_a_batch_are_of_two_kinds_about_each_thing(folder: Path) -> None:
    for draws in (Material(folder).questions, Material(folder).paraphrases):
        batch = draws(rng())
        things = [next(word for word in WORDS if f"{word} disease" in text.lower()) for text in batch.one]
        assert things[::2] == things[1::2]
        assert len(set(things)) == len(things) // 2


def rng() -> random.Random:
    return random.Random(5)


def test_a_talk_is_said_of_the_section_it_is_of() -> None:
    section = "The patient denies fever. She has a history of gout. The patient reports that her knee is sore at night."
    (pair,) = spoken_sections([Report("r", f"HISTORY:\n{section}", "", "")], random.Random(2))
    assert pair.other == section
    assert "fever?" in pair.one
    assert "gout" in pair.one
    assert "my knee is sore" in pair.one.lower()
    assert "denies" not in pair.one


def test_a_group_left_out_changes_no_other_draw(folder: Path) -> None:
    material = Material(folder)
    whole, less = draw(material, 1, 5), draw(material, 1, 5, without=["questions"])
    assert less.questions is None
    assert (less.notes, less.words, less.assertions) == (whole.notes, whole.words, whole.assertions)


def test_the_student_makes_the_vectors_that_the_program_makes(tmp_path: Path) -> None:
    student, encoder = base_student(reduced=False), load_encoder(MINILM, engine="torch")
    with torch.no_grad():
        assert np.allclose(student.encode(TEXTS).numpy(), encoder.encode(TEXTS), atol=1e-5)
        words = [
            Example(text, match.start(), match.end(), "", "", 0)
            for text in TEXTS
            for match in re.finditer(r"\w+", text)
        ]
        expected = [encoder.embed_word(word.text, word.start, word.end).vector for word in words]
        assert np.allclose(student.encode_words(words).numpy(), np.stack(expected), atol=1e-5)
    student.save(tmp_path)
    carried = load_encoder(str(tmp_path), engine="torch")
    assert carried.pooling == "mean"
    cosines = (carried.encode(TEXTS) * encoder.encode(TEXTS)).sum(axis=1)
    assert cosines.min() > 1 - 1e-5


@pytest.mark.slow
@pytest.mark.skipif(not SHARED.exists(), reason="the training material is not beside the project")
def test_no_sentence_for_training_is_in_a_development_set() -> None:
    judged, ids = read_judged()
    sentences = read_sentences(judged, ids)
    assert sentences
    assert not any(sentence.note in ids or judged.has(sentence.text) for sentence in sentences)
    assert not any(report.note in ids for report in read_reports(judged, ids))
    assert not any(judged.has(question) for question, _ in read_questions(judged))

"""The training of the encoder: its material, its losses against plain formulas, a step, a run that was cut short."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import random
import re
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import BertConfig, BertModel

from clinsearch.encoder.checkpoint import MINILM, find_checkpoint
from clinsearch.encoder.encoder import load_encoder
from clinsearch.encoder.pooling import unit
from clinsearch.records import FloatArray
from training import losses, teacher
from training.agreement import auc, spearman
from training.assertion_groups import render, turn
from training.batches import Material
from training.build_data import OF_TEXTS, Sources, build
from training.concepts import Concept, is_probed, split_probed
from training.dialogues import spoken_sections
from training.examples import Example, Terms
from training.findings import harvest, named_findings
from training.model import TOKENIZER_FILES, Student, base_student
from training.probes import probe
from training.questions import WORDINGS, answered, other_names, paraphrased, understood
from training.soup import mix
from training.sources import (
    SHARED,
    Judged,
    Report,
    Sentence,
    read_judged,
    read_questions,
    read_reports,
    read_sentences,
)
from training.step import draw, total
from training.step import losses as step_losses
from training.synonyms import entry_pairs, stated_pairs
from training.teacher import vectors_of
from training.terminologies import Entry, diagnoses, phenotypes
from training.train import BASE_VECTORS, Run, Settings, cosines_aimed_at
from training.wordings import CLASSES, cue, probed, trained

Relation = Callable[[int, int], bool]

WIDTH = 12
SIDES = ("text", "one", "other", "same")
_WORDS = """
    valve lung knee skin bowel liver artery muscle lens nerve kidney gland sinus spine tongue elbow wrist ankle hip rib
    jaw scalp lip gum ear nose throat larynx bladder spleen colon cecum uterus ovary testis breast nail toe thumb heel
"""
WORDS = _WORDS.split()
TEXTS = ["She denies chest pain.", "He has a long history of asthma and of gout.", "No rash", "CT was read as normal."]


def plain_contrast(vectors: FloatArray, is_positive: Relation, is_negative: Relation) -> float:
    """InfoNCE, one pair at a time: minus the log of a positive's share beside the anchor's negatives."""
    parts = []
    for i in range(len(vectors)):
        weight = [np.exp(vectors[i] @ other / losses.TEMPERATURE) for other in vectors]
        against = sum(weight[j] for j in range(len(vectors)) if is_negative(i, j))
        parts += [
            -np.log(weight[j] / (weight[j] + against)) for j in range(len(vectors)) if i != j and is_positive(i, j)
        ]
    return float(np.mean(parts))


@pytest.fixture
def vectors() -> torch.Tensor:
    drawn = torch.from_numpy(np.random.default_rng(3).normal(size=(8, WIDTH)).astype(np.float32))
    return torch.nn.functional.normalize(drawn, dim=1)


CONCEPTS = ["fever", "fever", "fever", "fever", "cough", "cough", "rash", "rash"]
ASSERTED = ["negated", "negated", "possible", "affirmed", "negated", "negated", "possible", "negated"]


def test_assertions_are_contrasted_with_all_but_those_that_say_the_same_beside(vectors: torch.Tensor) -> None:
    others = [frozenset[str]()] * 7 + [frozenset({"fever"})]  # the last: "no rash or fever"
    found = losses.assertion_contrast(vectors, CONCEPTS, ASSERTED, others)

    def same(i: int, j: int) -> bool:
        return CONCEPTS[i] == CONCEPTS[j] and ASSERTED[i] == ASSERTED[j]

    def beside(i: int, j: int) -> bool:
        return 7 in (i, j) and CONCEPTS[i + j - 7] == "fever" and ASSERTED[i + j - 7] == "negated"

    expected = plain_contrast(vectors.numpy(), same, lambda i, j: not same(i, j) and not beside(i, j))
    assert found.item() == pytest.approx(expected, rel=1e-4)


def test_what_is_said_of_a_concept_is_told_apart_from_what_else_is(vectors: torch.Tensor) -> None:
    found = losses.polar_contrast(vectors, CONCEPTS, ASSERTED)
    expected = plain_contrast(
        vectors.numpy(),
        lambda i, j: CONCEPTS[i] == CONCEPTS[j] and ASSERTED[i] == ASSERTED[j],
        lambda i, j: CONCEPTS[i] == CONCEPTS[j] and ASSERTED[i] != ASSERTED[j],
    )
    assert found.item() == pytest.approx(expected, rel=1e-4)


def test_a_concept_goes_before_what_is_said_of_it(vectors: torch.Tensor) -> None:
    others = [frozenset[str]()] * 7 + [frozenset({"cough"})]  # the last: "no rash or cough"
    found = losses.concept_contrast(vectors, CONCEPTS, ASSERTED, others)

    def beside(i: int, j: int) -> bool:
        return 7 in (i, j) and CONCEPTS[i + j - 7] == "cough"

    expected = plain_contrast(
        vectors.numpy(),
        lambda i, j: CONCEPTS[i] == CONCEPTS[j] and ASSERTED[i] != ASSERTED[j],
        lambda i, j: CONCEPTS[i] != CONCEPTS[j] and ASSERTED[i] == ASSERTED[j] and not beside(i, j),
    )
    assert found.item() == pytest.approx(expected, rel=1e-4)


def test_pairs_are_contrasted_both_ways_and_not_within_a_group(vectors: torch.Tensor) -> None:
    one, other, groups = vectors[:4], vectors[4:], ["asthma", "gout", "asthma", ""]
    found = losses.pair_contrast(one, other, groups)
    weight = np.exp(one.numpy() @ other.numpy().T / losses.TEMPERATURE)
    weight[0, 2] = weight[2, 0] = 0
    shares = [weight[i, i] / weight[i].sum() for i in range(4)] + [weight[i, i] / weight[:, i].sum() for i in range(4)]
    assert found.item() == pytest.approx(-np.log(shares).mean(), rel=1e-4)


def test_a_turned_sentence_is_further_than_one_of_the_same_meaning(vectors: torch.Tensor) -> None:
    found = losses.turned_contrast(vectors[:2], vectors[2:4], vectors[4:])
    weight = np.exp(vectors[:2].numpy() @ vectors[2:].numpy().T / losses.TEMPERATURE)
    assert found.item() == pytest.approx(-np.log(weight[[0, 1], [0, 1]] / weight.sum(axis=1)).mean(), rel=1e-4)


def test_the_order_of_words_is_a_smooth_auc(vectors: torch.Tensor) -> None:
    cosines = vectors.numpy() @ vectors.numpy().T
    pairs = [(i, j) for i in range(8) for j in range(i + 1, 8)]
    high = [cosines[i, j] for i, j in pairs if CONCEPTS[i] == CONCEPTS[j]]
    low = [cosines[i, j] for i, j in pairs if CONCEPTS[i] != CONCEPTS[j]]
    expected = np.mean([np.log1p(np.exp((wrong - right) / losses.SLOPE)) for right in high for wrong in low])
    assert losses.word_order(vectors, CONCEPTS).item() == pytest.approx(expected, rel=1e-4)


def test_what_each_text_is_near_is_kept(vectors: torch.Tensor) -> None:
    aim = torch.from_numpy(np.random.default_rng(4).uniform(-1, 1, size=(8, 8)).astype(np.float32))

    def shares(cosines: FloatArray) -> FloatArray:
        weight = np.exp(cosines / losses.TEMPERATURE)
        np.fill_diagonal(weight, 0)
        return weight / weight.sum(axis=1, keepdims=True)

    aimed, found = shares(aim.numpy()), shares(vectors.numpy() @ vectors.numpy().T)
    others = ~np.eye(8, dtype=bool)
    expected = (aimed[others] * np.log(aimed[others] / found[others])).sum() / 8
    assert losses.change_of_nearness(vectors, aim).item() == pytest.approx(expected, rel=1e-3)
    assert losses.change_of_nearness(vectors, vectors @ vectors.T).item() == pytest.approx(0, abs=1e-5)


def test_probes_count_comparisons() -> None:
    angles = np.radians([0, 10, 40, 90, 95])
    vectors = np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)
    asserted = ["negated", "negated", "possible", "negated", "possible"]
    found = probe(vectors, ["fever"] * 3 + ["cough"] * 2, asserted, [[]] * 5)
    # The two of fever and "negated" are the nearest to each other; 40 degrees lie nearer to either than 90 do.
    assert found == {"assertion": 1, "concept": pytest.approx((1 + 1 + 1 + 1 + 1) / 5), "both": 1}


def test_agreement_is_that_of_ranks() -> None:
    values, judged = np.array([0.1, 0.4, 0.4, 0.9]), np.array([1.0, 3.0, 2.0, 2.0])
    ranks = np.array([0.0, 1.5, 1.5, 3.0]), np.array([0.0, 3.0, 1.5, 1.5])
    assert spearman(values, judged) == pytest.approx(np.corrcoef(*ranks)[0, 1])
    right = [True, False, True, False]
    assert auc(values, np.array(right)) == pytest.approx((0 + 0 + 0.5 + 0) / 4)


def test_what_a_development_set_holds_is_known_again() -> None:
    judged = Judged(["The patient was seen today for a cough that will not go away.", "Denies fever."])
    assert judged.has("denies FEVER")
    assert judged.has("She was told that the patient was seen today for a cough.")
    assert not judged.has("The patient was seen for a cough.")
    assert judged.without("Denies fever. He is well.") == "He is well."


def test_nothing_that_a_development_set_holds_is_written(tmp_path: Path) -> None:
    whole = small_sources()
    build(whole, tmp_path / "whole")
    texts = written_in(tmp_path / "whole")
    judged = Judged(random.Random(1).sample(sorted(set(texts)), 20))
    build(dataclasses.replace(whole, judged=judged), tmp_path / "kept")
    kept = written_in(tmp_path / "kept")
    assert any(map(judged.has, texts))
    assert not any(map(judged.has, kept))
    assert kept


def written_in(folder: Path) -> list[str]:
    """Return the texts that people wrote among those of a folder of material."""
    files = (folder / f"{name}.jsonl" for name in OF_TEXTS)
    rows = [json.loads(line) for file in files for line in file.read_text(encoding="utf-8").splitlines()]
    return [row[side] for row in rows for side in SIDES if side in row]


def test_no_wording_for_probes_has_a_cue_for_training() -> None:
    for sentences in (trained(), probed()):
        assert list(sentences) == list(CLASSES)
        assert all("{x}" in form for forms in sentences.values() for form in forms)
    trained_cues = {cue(form) for forms in trained().values() for form in forms}
    probed_cues = {cue(form) for forms in probed().values() for form in forms}
    assert not trained_cues & probed_cues


def test_no_name_is_both_for_training_and_for_probes() -> None:
    concepts = [Concept(tuple(names), "finding") for names in named_findings().values()]
    for_training, for_probes = split_probed(concepts)
    assert for_probes
    assert all(is_probed(concept) for concept in for_probes)
    names = [{name.lower() for concept in of for name in concept.names} for of in (for_training, for_probes)]
    assert not names[0] & names[1]


def test_a_list_says_the_same_of_all_that_are_in_it() -> None:
    concepts = [Concept((f"{word} pain", f"sore {word}"), "finding") for word in WORDS]
    names = {concept.name: concept.names for concept in concepts}
    texts = list(render(concepts, {"negated": ["Denies {x}.", "No {x} or {y}."]}, random.Random(5)))
    for text in texts:
        said = text.text.lower()
        named = {name for name, of_it in names.items() if any(one in said for one in of_it)}
        assert named == {text.concept, *text.others}
    assert {len(text.others) for text in texts} >= {0, 1, 4}


def test_sentences_are_turned_by_their_cue_alone() -> None:
    (turned,) = turn(["She denies chest pain and palpitations.", "She is well."], random.Random(1))
    rest = " chest pain and palpitations."
    assert turned.text == f"She denies{rest}"
    assert turned.same.startswith("She ")
    assert turned.same != turned.text
    assert all(text.endswith(rest) and text != turned.text for text in (turned.same, *turned.others))


def test_sentences_state_names_of_one_thing() -> None:
    texts = ["Myalgic encephalomyelitis (ME) is rare.", "Asthma (MOB) is not.", "Hives, also known as urticaria, itch."]
    pairs = {(pair.group, frozenset(pair.group for pair in [pair])) for pair in stated_pairs(texts, random.Random(1))}
    assert {group for group, _ in pairs} == {"me", "hives"}


def test_terminologies_name_one_thing_in_several_ways() -> None:
    stanzas = """
[Term]
id: HP:1
name: Anosmia
def: "Loss of the sense of smell (\\"scent\\")." [PMID:1]
synonym: "Lost smell" EXACT layperson []
synonym: "Dysosmia" BROAD []

[Term]
id: HP:2
name: Gone
is_obsolete: true
"""
    phenotype = Entry(("anosmia", "lost smell"), 'Loss of the sense of smell ("scent").')
    assert list(phenotypes(stanzas.strip())) == [phenotype]
    included = "<inclusionTerm><note>Sodium [Na] excess</note><note>Other salt</note></inclusionTerm>"
    codes = f"<c><diag><desc>Hyperosmolality</desc>{included}</diag><diag><desc>Other pain</desc></diag></c>"
    assert list(diagnoses(codes)) == [Entry(("hyperosmolality", "sodium excess"))]
    pairs = list(entry_pairs([phenotype], [], random.Random(1)))
    assert {pair.group for pair in pairs} == {"anosmia"}
    assert "anosmia" in pairs[0].other.lower()
    assert list(entry_pairs([phenotype], {"lost smell"}, random.Random(1))) == []


def test_findings_are_harvested_from_what_is_denied() -> None:
    texts = ["She denies zoster and fever.", "No zoster.", "He has no zoster, and no help."]
    assert harvest(texts, {"fever": ["fever"]}) == ["zoster"]


def small_sources() -> Sources:
    """Sources of a few words, every maker's share among them."""
    rng = random.Random(0)
    words = WORDS
    concepts = [Concept((f"{one} pain", f"sore {one}"), "finding") for one in words]
    concepts += [Concept((f"{one} tumour", f"neoplasm of {one}"), "disease") for one in words]
    sentences = [
        Sentence(
            f"She denies {rng.choice(words)} pain and {rng.choice(words)} trouble at night {n}.",
            f"n{n // 4}",
            "mtsamples",
        )
        for n in range(200)
    ]
    body = " ".join(f"The {rng.choice(words)} was seen and found to be of a normal size." for _ in range(30))
    reports = [
        Report(f"r{n}", f"PROCEDURE: {words[n]} repair.\nFINDINGS: {n} {body}", "Surgery", words[n]) for n in range(15)
    ]
    answer = "It is a disease in which the {0} swells and hurts for no known reason at all. Doctors treat the {0}."
    asked = ("What is (are) {0} disease ?", "What are the treatments for {0} disease ?")
    questions = [(question.format(one), answer.format(one)) for one in words for question in asked]
    terms = Terms({f"{one} pain": [one[:2].upper()] for one in words}, {})
    return Sources(sentences, reports, questions, terms, concepts)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("material")
    build(small_sources(), folder)
    return folder


def test_the_same_sources_give_the_same_files(folder: Path, tmp_path: Path) -> None:
    build(small_sources(), tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {path.name for path in folder.iterdir()}
    assert all((folder / path.name).read_bytes() == path.read_bytes() for path in tmp_path.iterdir())


def test_probes_and_material_share_no_concept(folder: Path) -> None:
    concepts = [
        {json.loads(line)["concept"] for line in (folder / name).read_text().splitlines()}
        for name in ("assertions.jsonl", "probes.jsonl")
    ]
    assert all(concepts)
    assert not concepts[0] & concepts[1]


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

"""What the encoder learns from, and that none of it is in a development set."""

from __future__ import annotations

import dataclasses
import json
import random
from pathlib import Path

import pytest

from tests.support.training_material import WORDS, small_sources
from training.assertion_groups import render, turn
from training.build_data import OF_TEXTS, build
from training.concepts import Concept, is_probed, split_probed
from training.findings import harvest, named_findings
from training.sources import (
    Judged,
)
from training.synonyms import entry_pairs, stated_pairs
from training.terminologies import Entry, diagnoses, phenotypes
from training.wordings import CLASSES, cue, probed, trained

SIDES = ("text", "one", "other", "same")


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

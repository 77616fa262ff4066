"""The losses of training against plain formulas, and how probes and agreement count."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch

from clinsearch.records import FloatArray
from training import losses
from training.agreement import auc, spearman
from training.probes import probe

Relation = Callable[[int, int], bool]


WIDTH = 12


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

"""The losses, as functions of vectors of unit length."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch.nn import functional

TEMPERATURE = 0.05
SLOPE = 0.1
FAR = -1e9


def pair_contrast(one: torch.Tensor, other: torch.Tensor, groups: Sequence[str]) -> torch.Tensor:
    """InfoNCE (van den Oord et al. 2018), both ways: row i of one belongs to row i of the other, (n, width) each.

    Rows of one group, unless the group has no name, are no negatives of each other.
    """
    same = _equal(groups) & torch.tensor([bool(group) for group in groups])
    same.fill_diagonal_(False)
    scores = (one @ other.T / TEMPERATURE).masked_fill(same, FAR)
    target = torch.arange(len(one))
    return (functional.cross_entropy(scores, target) + functional.cross_entropy(scores.T, target)) / 2


def turned_contrast(texts: torch.Tensor, same: torch.Tensor, others: torch.Tensor) -> torch.Tensor:
    """InfoNCE of each text with the one of its meaning, against all of the other texts."""
    scores = texts @ torch.cat([same, others]).T / TEMPERATURE
    return functional.cross_entropy(scores, torch.arange(len(texts)))


def assertion_contrast(
    vectors: torch.Tensor, concepts: Sequence[str], assertions: Sequence[str], others: Sequence[frozenset[str]]
) -> torch.Tensor:
    """Contrast each text with those that say the same of its concept, against all the rest.

    A text that says the same of its concept beside another is left out.
    """
    same_class, same_concept = _equal(assertions), _equal(concepts)
    left_out = same_class & _beside(concepts, others) & ~same_concept
    return _contrast(vectors, positive=same_concept & same_class, negative=~(same_concept & same_class) & ~left_out)


def polar_contrast(vectors: torch.Tensor, concepts: Sequence[str], assertions: Sequence[str]) -> torch.Tensor:
    """Contrast each text with those that say the same of its concept, against those that say something else of it.

    However much else a text speaks of: a long list of denials is nearer to a denial than a short affirmation is.
    """
    same_class, same_concept = _equal(assertions), _equal(concepts)
    return _contrast(vectors, positive=same_concept & same_class, negative=same_concept & ~same_class)


def concept_contrast(
    vectors: torch.Tensor, concepts: Sequence[str], assertions: Sequence[str], others: Sequence[frozenset[str]]
) -> torch.Tensor:
    """Contrast each text with those that say something else of its concept, against other concepts in its class.

    What is spoken of goes before what is said of it. A text that speaks of its concept beside another is left out.
    """
    same_class, same_concept = _equal(assertions), _equal(concepts)
    negative = ~same_concept & same_class & ~_beside(concepts, others)
    return _contrast(vectors, positive=same_concept & ~same_class, negative=negative)


def word_contrast(vectors: torch.Tensor, concepts: Sequence[str]) -> torch.Tensor:
    """Contrast each word with those of its concept, against those of others."""
    same = _equal(concepts)
    return _contrast(vectors, positive=same, negative=~same)


def word_order(vectors: torch.Tensor, concepts: Sequence[str]) -> torch.Tensor:
    """A smooth form of one minus the AUC: two words of one concept should score higher than any two others."""
    cosines = vectors @ vectors.T
    same = _equal(concepts)
    upper = torch.ones_like(same).triu(1)
    high, low = cosines[same & upper], cosines[~same & upper]
    return functional.softplus((low - high[:, None]) / SLOPE).mean()


def change_of_cosines(vectors: torch.Tensor, cosines: torch.Tensor) -> torch.Tensor:
    """Return the mean squared difference of the cosines of all pairs to those that are aimed at, (n, n)."""
    return ((vectors @ vectors.T - cosines) ** 2).mean()


def change_of_nearness(vectors: torch.Tensor, cosines: torch.Tensor) -> torch.Tensor:
    """Return how far each text's share of the others' nearness is from what it should be: a divergence, in nats.

    Of the softmax of cosines with the other texts of the batch from that of the cosines that are aimed at, (n, n);
    listwise distillation, after Cao et al. 2007.
    """
    itself = torch.eye(len(vectors), dtype=torch.bool, device=vectors.device)
    aim, found = ((scores / TEMPERATURE).masked_fill(itself, FAR) for scores in (cosines, vectors @ vectors.T))
    return functional.kl_div(found.log_softmax(dim=1), aim.log_softmax(dim=1), reduction="batchmean", log_target=True)


def _contrast(vectors: torch.Tensor, *, positive: torch.Tensor, negative: torch.Tensor) -> torch.Tensor:
    """Return the mean over all positive pairs of the negative log of their share beside the anchor's negatives."""
    scores = vectors @ vectors.T / TEMPERATURE
    positive = positive & ~torch.eye(len(vectors), dtype=torch.bool)
    against = scores.masked_fill(~negative, FAR).logsumexp(dim=1, keepdim=True)
    return functional.softplus(against - scores)[positive].mean()


def _beside(concepts: Sequence[str], others: Sequence[frozenset[str]]) -> torch.Tensor:
    """Tell of each two texts whether one speaks of the other's concept beside its own, (n, n)."""
    besides = torch.tensor([[mine in theirs for theirs in others] for mine in concepts])
    return besides | besides.T


def _equal(labels: Sequence[str]) -> torch.Tensor:
    numbers = {label: number for number, label in enumerate(dict.fromkeys(labels))}
    numbered = torch.tensor([numbers[label] for label in labels])
    return numbered[:, None] == numbered

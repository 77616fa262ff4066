"""One step of training: what is drawn, encoded, and how far it is from where it should be."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, pairwise
from typing import TypeAlias

import torch

from training.batches import AssertedBatch, GeneralBatch, Material, PairBatch, TurnedBatch
from training.examples import Example
from training.losses import (
    assertion_contrast,
    change_of_cosines,
    change_of_nearness,
    concept_contrast,
    pair_contrast,
    polar_contrast,
    turned_contrast,
    word_contrast,
    word_order,
)
from training.model import Student

# The weight of each group's loss; `polar` and `concepts` are further contrasts of the group `assertions`.
WEIGHTS = {
    "assertions": 2.0,
    "polar": 1.0,
    "concepts": 0.5,
    "turned": 0.5,
    "synonyms": 1.0,
    "questions": 0.7,
    "paraphrases": 0.5,
    "notes": 1.0,
    "words": 0.3,
    "order": 2.0,
    "general": 100.0,
    "nearness": 3.0,
}
# Groups whose batches are pairs of texts.
PAIRED = ("synonyms", "questions", "paraphrases", "notes")
# Groups that are drawn in one step of so many; each in its turn.
EVERY = {"words": 2, "turned": 2, "questions": 2, "paraphrases": 2, "notes": 2}
Aim: TypeAlias = Callable[[Sequence[int]], torch.Tensor]
GROUPS = ("assertions", "turned", "synonyms", "questions", "paraphrases", "notes", "words", "general")


@dataclass(frozen=True, slots=True)
class Draw:
    """What a step is trained on; None for a group that is left out."""

    assertions: AssertedBatch | None = None
    turned: TurnedBatch | None = None
    synonyms: PairBatch | None = None
    questions: PairBatch | None = None
    paraphrases: PairBatch | None = None
    notes: PairBatch | None = None
    general: GeneralBatch | None = None
    words: Sequence[Example] = field(default_factory=list)


def draw(material: Material, seed: int, step: int, without: Sequence[str] = ()) -> Draw:
    """Draw each group whose turn it is, for itself: to leave one out changes nothing in the others."""
    makers: dict[str, Callable[[random.Random], object]] = {
        "assertions": material.asserted,
        "turned": material.turned,
        "synonyms": material.synonyms,
        "questions": material.questions,
        "notes": material.notes,
        "words": material.words,
        "paraphrases": material.paraphrases,
        "general": material.kept,
    }
    turns = [name for at, name in enumerate(makers) if (step + at) % EVERY.get(name, 1) == 0 and name not in without]
    drawn = {name: makers[name](random.Random(f"{seed} {step} {name}")) for name in turns}
    return Draw(**drawn)  # type: ignore[arg-type]


def losses(student: Student, drawn: Draw, aim: Aim) -> dict[str, torch.Tensor]:
    """Return the losses by name, without their weights; aim: gives the cosines that the general texts should have."""
    vectors = _encoded(student, drawn)
    found: dict[str, torch.Tensor] = {}
    if asserted := drawn.assertions:
        (of,) = vectors["assertions"]
        found["assertions"] = assertion_contrast(of, asserted.concepts, asserted.assertions, asserted.others)
        found["polar"] = polar_contrast(of, asserted.concepts, asserted.assertions)
        found["concepts"] = concept_contrast(of, asserted.concepts, asserted.assertions, asserted.others)
    if drawn.turned:
        found["turned"] = turned_contrast(*vectors["turned"])
    for name in PAIRED:
        batch: PairBatch | None = getattr(drawn, name)
        if batch:
            one, other = vectors[name]
            found[name] = pair_contrast(one, other, batch.groups)
    if drawn.general:
        (of,) = vectors["general"]
        cosines = aim(drawn.general.rows)
        found["general"] = change_of_cosines(of, cosines)
        found["nearness"] = change_of_nearness(of, cosines)
    if drawn.words:
        words, concepts = student.encode_words(drawn.words), [example.concept for example in drawn.words]
        found |= {"words": word_contrast(words, concepts), "order": word_order(words, concepts)}
    return found


def total(found: Mapping[str, torch.Tensor], weights: Mapping[str, float]) -> torch.Tensor:
    """Return the weighted sum."""
    return torch.stack([weights[name] * loss for name, loss in found.items()]).sum()


def _encoded(student: Student, drawn: Draw) -> dict[str, list[torch.Tensor]]:
    """Encode the texts of all groups together, so that texts of one length meet; return each group's lists of them."""
    lists: dict[str, list[Sequence[str]]] = {}
    if drawn.assertions:
        lists["assertions"] = [drawn.assertions.texts]
    if drawn.turned:
        lists["turned"] = [drawn.turned.texts, drawn.turned.same, drawn.turned.others]
    for name in PAIRED:
        batch: PairBatch | None = getattr(drawn, name)
        if batch:
            lists[name] = [batch.one, batch.other]
    if drawn.general:
        lists["general"] = [drawn.general.texts]
    parts = [part for of_group in lists.values() for part in of_group]
    if not parts:
        return {}
    vectors = student.encode([text for part in parts for text in part])
    ends = [0, *accumulate(map(len, parts))]
    slices = iter([vectors[start:end] for start, end in pairwise(ends)])
    return {name: [next(slices) for _ in of_group] for name, of_group in lists.items()}

"""Learns the linear map that brings a model's vectors of words in context from 768 dimensions to 128.

    python -m training.word_map [--model MODEL] [--out FILE]

Words of one concept should lie nearer to each other than words of two, however they are spelt, and for the rest
the map should keep cosines as they are. Three terms of one loss say so: a contrast within each batch (InfoNCE), the
order of good and bad pairs across it (a smooth AUC), and the squared change of cosines. Material: public sentences,
an inventory of abbreviations and synonyms of diseases, read from ../shared beside the project. A sixth of the
ambiguous abbreviations is held out; what is printed of them before and after is of words that the map never saw.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional

from clinsearch.encoder.checkpoint import MINILM
from clinsearch.encoder.encoder import Encoder, load_encoder
from clinsearch.encoder.words import MINILM_MAP, marked_span, word_layer, word_vectors
from clinsearch.records import FloatArray
from training.command import run
from training.examples import Example, make_examples, read_sentences, read_terms

SHARED = Path(__file__).resolve().parents[2] / "shared"
SEED = 5
WIDTH = 128
STEPS = 800
LEARNING_RATE = 1e-3
CONTRAST, ORDER, KEPT = 0.3, 5.0, 100.0  # weights of the three terms of the loss
TEMPERATURE = 0.07
SLOPE = 0.1
HELD_OUT = 6  # one in so many
TEXTS_AT_ONCE = 2048
SENSES_PER_BATCH = 60
CONCEPTS_PER_BATCH = 80
COSINES_PER_BATCH = 256
COMMON_BEGINNING = 5  # letters

Pair = tuple[int, int]


def main() -> None:
    """Learn the map of a model and write it; of the model that training begins from, where the program looks for it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--model", default=MINILM, help="a model's name or folder")
    parser.add_argument("--out", type=Path, default=MINILM_MAP)
    arguments = parser.parse_args()
    if not SHARED.exists():
        sys.exit("There is no training material beside the project; training/README.md says what it is.")
    torch.manual_seed(SEED)
    torch.set_num_threads(1)
    examples = make_examples(read_sentences(SHARED / "data" / "sentences.jsonl.gz"), read_terms(SHARED / "train"), SEED)
    print(f"{len(examples):,} examples of {len({example.concept for example in examples}):,} concepts")
    vectors = torch.from_numpy(unmapped_vectors(load_encoder(arguments.model), examples))
    pairs = Pairs(examples, random.Random(SEED))
    learned = learn(vectors, pairs)
    np.save(arguments.out, learned.numpy().astype(np.float16))
    print(f"written to {arguments.out.name}")


def unmapped_vectors(encoder: Encoder, examples: Sequence[Example]) -> FloatArray:
    """Return the vectors of the examples' terms before any map, (n, 2 * hidden_size)."""
    layers = word_layer(encoder.num_hidden_layers), encoder.num_hidden_layers
    vectors = np.zeros((len(examples), 2 * encoder.hidden_size), dtype=np.float32)
    for start in range(0, len(examples), TEXTS_AT_ONCE):
        some = examples[start : start + TEXTS_AT_ONCE]
        for at, states in encoder.layers_of([example.text for example in some], layers):
            tokens = encoder.tokenizer.tokens(some[at].text)
            special = np.array([token.word is None for token in tokens])
            span = np.array([marked_span(tokens, some[at].start, some[at].end)])
            vectors[start + at] = word_vectors(states[:1], states[1:], special[None], [span], None)[0]
        print(f"\rencoded {start + len(some):,}", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    return vectors


@dataclass(frozen=True, slots=True)
class Senses:
    """An abbreviation of several concepts, with its examples by concept."""

    abbreviation: str
    examples: Mapping[str, Sequence[int]]


class Pairs:
    """Draws pairs of examples: of one concept, of two that are spelt alike, of two that stand in one sentence."""

    def __init__(self, examples: Sequence[Example], rng: random.Random) -> None:
        self._examples, self._rng = examples, rng
        by_concept: defaultdict[str, list[int]] = defaultdict(list)
        for at, example in enumerate(examples):
            by_concept[example.concept].append(at)
        self._by_concept = {concept: found for concept, found in by_concept.items() if self._sentences(found) > 1}
        self._of_kind: defaultdict[str, list[str]] = defaultdict(list)
        for concept in self._by_concept:
            self._of_kind[concept.split(":")[0]].append(concept)
        ambiguous = list(self._ambiguous())
        held_out = set(rng.sample(range(len(ambiguous)), len(ambiguous) // HELD_OUT))
        self.held_out = [senses for at, senses in enumerate(ambiguous) if at in held_out]
        self._senses = [senses for at, senses in enumerate(ambiguous) if at not in held_out]
        self._met = self._concepts_that_met()

    def contrasted(self) -> tuple[list[Pair], list[str]]:
        """Draw pairs of one concept each; return them and their concepts."""
        drawn: list[tuple[Sequence[int], str]] = []
        for senses in self._some(self._senses, SENSES_PER_BATCH):
            drawn += [(senses.examples[concept], concept) for concept in self._some(list(senses.examples), 2)]
        for concepts in self._of_kind.values():
            drawn += [(self._by_concept[concept], concept) for concept in self._some(concepts, CONCEPTS_PER_BATCH)]
        return [self._pair(found) for found, _ in drawn], [concept for _, concept in drawn]

    def ordered(self) -> tuple[list[Pair], list[Pair]]:
        """Draw pairs of one concept, and pairs of two concepts that are easily taken for one."""
        same, other = [], []
        for senses in self._some(self._senses, SENSES_PER_BATCH):
            one, two = self._some(list(senses.examples), 2)
            same.append(self._pair(senses.examples[one]))
            other.append(self._across(senses.examples[one], senses.examples[two]))
            other.append(self._across(senses.examples[one], self._by_concept[two]))
        for concepts in self._of_kind.values():
            same += [self._pair(self._by_concept[c]) for c in self._some(concepts, CONCEPTS_PER_BATCH)]
        met = self._some(self._met, CONCEPTS_PER_BATCH)
        return same, other + [self._across(self._by_concept[one], self._by_concept[two]) for one, two in met]

    def _ambiguous(self) -> Iterator[Senses]:
        of_abbreviation: defaultdict[str, defaultdict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
        for at, example in enumerate(self._examples):
            if example.abbreviation:
                of_abbreviation[example.abbreviation][example.concept].append(at)
        for abbreviation, by_concept in of_abbreviation.items():
            senses: dict[str, list[int]] = {}
            for concept, found in by_concept.items():
                if self._sentences(found) > 1 and not any(are_related(concept, other) for other in senses):
                    senses[concept] = found
            if len(senses) > 1:
                yield Senses(abbreviation, senses)

    def _concepts_that_met(self) -> list[tuple[str, str]]:
        """Return the pairs of concepts that one sentence names."""
        in_sentence: defaultdict[int, set[str]] = defaultdict(set)
        for example in self._examples:
            if example.concept in self._by_concept and not example.concept.startswith("word"):
                in_sentence[example.sentence].add(example.concept)
        met = {
            (one, two)
            for concepts in in_sentence.values()
            for one in concepts
            for two in concepts
            if one < two and not are_related(one, two)
        }
        return sorted(met)

    def _sentences(self, found: Sequence[int]) -> int:
        return len({self._examples[at].sentence for at in found})

    def _some(self, values: Sequence, most: int) -> list:  # type: ignore[type-arg]
        return self._rng.sample(values, min(most, len(values)))

    def _pair(self, found: Sequence[int]) -> Pair:
        """Draw two examples of different sentences."""
        one = self._rng.choice(found)
        others = [at for at in found if self._examples[at].sentence != self._examples[one].sentence]
        return one, self._rng.choice(others)

    def _across(self, one: Sequence[int], two: Sequence[int]) -> Pair:
        return self._rng.choice(one), self._rng.choice(two)


def are_related(one: str, two: str) -> bool:
    """Tell whether two concepts share a word, or the beginning of one: then they may be one concept after all."""
    beginnings = [
        {word[:COMMON_BEGINNING] for word in concept.split(": ", 1)[1].split() if len(word) > 3}
        for concept in (one, two)
    ]
    return bool(beginnings[0] & beginnings[1])


def learn(vectors: torch.Tensor, pairs: Pairs) -> torch.Tensor:
    """Learn the map, (2 * hidden_size, WIDTH), beginning with the principal components."""
    sample = vectors[torch.randperm(len(vectors))[:20_000]]
    learned = torch.linalg.svd(sample.T @ sample)[0][:, :WIDTH].clone()
    print(f"held out, before: {held_out_order(vectors, pairs):.4f}; principal components: ", end="")
    print(f"{held_out_order(vectors @ learned, pairs):.4f}")
    learned.requires_grad_(True)
    optimizer = torch.optim.Adam([learned], lr=LEARNING_RATE)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, LEARNING_RATE, total_steps=STEPS, pct_start=0.1)
    for step in range(1, STEPS + 1):
        loss = CONTRAST * contrast(vectors, learned, *pairs.contrasted())
        loss = loss + ORDER * order(vectors, learned, *pairs.ordered())
        loss = loss + KEPT * change_of_cosines(vectors, learned)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        schedule.step()
        if step % 100 == 0:
            with torch.no_grad():
                print(f"step {step}: loss {loss.item():.3f}, held out {held_out_order(vectors @ learned, pairs):.4f}")
    return learned.detach()  # type: ignore[no-any-return]


def contrast(vectors: torch.Tensor, learned: torch.Tensor, drawn: list[Pair], concepts: list[str]) -> torch.Tensor:
    """InfoNCE (van den Oord et al. 2018), both ways; another pair of the same concept is no negative."""
    one, two = (_mapped(vectors, learned, [pair[side] for pair in drawn]) for side in (0, 1))
    numbers = {concept: number for number, concept in enumerate(dict.fromkeys(concepts))}
    concept = torch.tensor([numbers[name] for name in concepts])
    is_same = (concept[:, None] == concept) & ~torch.eye(len(drawn), dtype=torch.bool)
    scores = (one @ two.T / TEMPERATURE).masked_fill(is_same, -1e9)
    target = torch.arange(len(drawn))
    return (functional.cross_entropy(scores, target) + functional.cross_entropy(scores.T, target)) / 2


def order(vectors: torch.Tensor, learned: torch.Tensor, same: list[Pair], other: list[Pair]) -> torch.Tensor:
    """A smooth form of one minus the AUC: pairs of one concept should score higher than pairs of two."""
    high, low = (_cosines(vectors, learned, drawn) for drawn in (same, other))
    return functional.softplus((low - high[:, None]) / SLOPE).mean()


def change_of_cosines(vectors: torch.Tensor, learned: torch.Tensor) -> torch.Tensor:
    """Return the mean squared difference of cosines before and after the map."""
    some = torch.randint(0, len(vectors), (COSINES_PER_BATCH,))
    before, after = vectors[some], _mapped(vectors, learned, some)
    return ((after @ after.T - before @ before.T) ** 2).mean()


def held_out_order(vectors: torch.Tensor, pairs: Pairs) -> float:
    """Return how often, for a held-out abbreviation, its own sense scores higher than another."""
    found = []
    for senses in pairs.held_out:
        of_concept = [functional.normalize(vectors[list(at)], dim=1) for at in senses.examples.values()]
        for number, own in enumerate(of_concept):
            others = torch.cat([other for at, other in enumerate(of_concept) if at != number])
            right = (own @ own.T)[~torch.eye(len(own), dtype=torch.bool)].reshape(len(own), -1)
            wrong = own @ others.T
            found.append((right[:, :, None] > wrong[:, None, :]).float().mean().item())
    return float(np.mean(found))


def _mapped(vectors: torch.Tensor, learned: torch.Tensor, rows: Sequence[int] | torch.Tensor) -> torch.Tensor:
    return functional.normalize(vectors[rows] @ learned, dim=1)


def _cosines(vectors: torch.Tensor, learned: torch.Tensor, drawn: list[Pair]) -> torch.Tensor:
    one, two = (_mapped(vectors, learned, [pair[side] for pair in drawn]) for side in (0, 1))
    return (one * two).sum(dim=1)


if __name__ == "__main__":
    run(main)

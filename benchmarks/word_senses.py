"""What tells the senses of words apart: recipes for a word's vector, measured on public development sets.

    python -m benchmarks.word_senses

`abbr_sense_dev`: one occurrence of an ambiguous abbreviation, ranked against all others; of the same letters those
in the same sense are right. nDCG@10, precision of the first, and pairs: how often the right sense scores higher than
a wrong one. `biowic_dev`: two words in their sentences, one concept or two; area under the ROC curve of the cosine.
The last row is what the program does. All others are of the full width.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from clinsearch.encoder.encoder import Encoder, load_encoder
from clinsearch.encoder.pooling import unit
from clinsearch.encoder.words import marked_span
from clinsearch.records import FloatArray

SETS = Path(__file__).resolve().parents[2] / "shared" / "eval"
DISCOUNTS = 1 / np.log2(np.arange(2, 12))


@dataclass(frozen=True, slots=True, eq=False)
class Occurrence:
    """A word in a text: the hidden states of all layers, (layers + 1, tokens, hidden_size), and where it stands."""

    states: FloatArray
    first: int
    last: int

    def word(self, layer: int) -> FloatArray:
        return unit(self.states[layer, self.first : self.last + 1].mean(axis=0))

    def sentence(self) -> FloatArray:
        return unit(self.states[-1].mean(axis=0))

    def window(self, reach: float) -> FloatArray:
        """Return the surroundings, without the word and special tokens, weighted by exp(-distance / reach)."""
        positions = np.arange(self.states.shape[1])
        distances = np.maximum(np.maximum(self.first - positions, positions - self.last), 0)
        weights = np.where(distances > 0, np.exp(-distances / reach), 0)
        weights[[0, -1]] = 0
        if not weights.any():
            return self.word(-1)
        return unit(weights @ self.states[-1])


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """A ranking set: which entry is which query's, grades (1 the same sense, 0 another, NaN not judged)."""

    texts: list[tuple[str, int, int]]
    grades: FloatArray

    def scores(self, vectors: FloatArray) -> tuple[float, float, float]:
        """Return nDCG@10, the precision of the first, and the accuracy of pairs, of a vector for each entry."""
        products = vectors @ vectors.T
        np.fill_diagonal(products, -np.inf)
        found = [_of_query(row, grades) for row, grades in zip(products, self.grades, strict=True)]
        ndcg, first, pairs = (np.array(column) for column in zip(*found, strict=True))
        return float(np.nanmean(ndcg)), float(np.nanmean(first)), float(np.nanmean(pairs))


def _of_query(products: FloatArray, grades: FloatArray) -> tuple[float, float, float]:
    relevant = int(np.nansum(grades))
    if not relevant:
        return np.nan, np.nan, np.nan
    gains = np.nan_to_num(grades[np.argsort(-products, kind="stable")[:10]])
    ideal = DISCOUNTS[: min(relevant, 10)].sum()
    return float(gains @ DISCOUNTS / ideal), float(gains[0]), auc(products[grades == 1], products[grades == 0])


def auc(right: FloatArray, wrong: FloatArray) -> float:
    """Return how often a right one scores higher than a wrong one; a tie counts half."""
    if not len(right) or not len(wrong):
        return np.nan
    higher, equal = right[:, None] > wrong, right[:, None] == wrong
    return float(higher.mean() + equal.mean() / 2)


def rows(path: Path) -> Iterator[dict[str, str]]:
    return (json.loads(line) for line in path.read_text(encoding="utf-8").splitlines())


def table(path: Path) -> list[list[str]]:
    return [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines()[1:]]


def abbreviations(folder: Path) -> Judged:
    """Read a set in which every document is a query too."""
    documents = list(rows(folder / "corpus.jsonl"))
    place = {document["id"]: at for at, document in enumerate(documents)}
    own = dict(table(folder / "exclude.tsv"))
    grades = np.full((len(documents), len(documents)), np.nan)
    for query, document, grade in table(folder / "qrels.tsv"):
        grades[place[own[query]], place[document]] = float(grade)
    return Judged([(row["text"], int(row["start"]), int(row["end"])) for row in documents], grades)


def occurrences(encoder: Encoder, texts: list[tuple[str, int, int]]) -> list[Occurrence]:
    found: dict[int, Occurrence] = {}
    for at, states in encoder.layers_of([text for text, _, _ in texts]):
        text, start, end = texts[at]
        found[at] = Occurrence(states, *marked_span(encoder.tokenizer.tokens(text), start, end))
    return [found[at] for at in range(len(texts))]


def mixed(word: FloatArray, around: FloatArray, share: float) -> FloatArray:
    return np.concatenate([np.sqrt(share) * word, np.sqrt(1 - share) * around])


def recipes(layers: int) -> dict[str, Callable[[Occurrence], FloatArray]]:
    made: dict[str, Callable[[Occurrence], FloatArray]] = {}
    for layer in range(0, layers + 1, 2):
        made[f"word, layer {layer}"] = lambda one, layer=layer: one.word(layer)  # type: ignore[misc]
    made["sentence"] = Occurrence.sentence
    for layer in (layers - 2, layers):
        made[f"word of layer {layer} 50, sentence 50"] = (
            lambda one, layer=layer: mixed(one.word(layer), one.sentence(), 0.5)  # type: ignore[misc]
        )
    for reach in (2.0, 4.0, 8.0):
        for share in (0.35, 0.45, 0.55):
            made[f"word of layer {layers - 2} {share:.0%}, window of {reach:.0f}"] = (
                lambda one, share=share, reach=reach: mixed(one.word(layers - 2), one.window(reach), share)  # type: ignore[misc]
            )
    return made


def main() -> None:
    if not SETS.exists():
        sys.exit(f"Skipped: no development sets in {SETS.name} beside the project.")
    encoder = load_encoder()
    judged = abbreviations(SETS / "abbr_sense_dev")
    pairs = list(rows(SETS / "biowic_dev" / "pairs.jsonl"))
    in_pairs = [(p[f"text{n}"], int(p[f"start{n}"]), int(p[f"end{n}"])) for p in pairs for n in (1, 2)]
    is_same = np.array([bool(int(pair["label"])) for pair in pairs])
    alone, paired = occurrences(encoder, judged.texts), occurrences(encoder, in_pairs)
    print(f"{'a word is':<42} nDCG@10  first  pairs    AUC")

    def show(name: str, of_judged: FloatArray, of_pairs: FloatArray) -> None:
        cosines = (of_pairs[::2] * of_pairs[1::2]).sum(axis=1)
        ndcg, first, in_order = judged.scores(of_judged)
        print(
            f"{name:<42}   {ndcg:.3f}  {first:.3f}  {in_order:.3f}  {auc(cosines[is_same], cosines[~is_same]):.3f}",
            flush=True,
        )

    for name, recipe in recipes(encoder.num_hidden_layers).items():
        show(name, np.stack([recipe(one) for one in alone]), np.stack([recipe(one) for one in paired]))
    show("as the program does", *(as_the_program_does(encoder, texts) for texts in (judged.texts, in_pairs)))


def as_the_program_does(encoder: Encoder, texts: list[tuple[str, int, int]]) -> NDArray[np.float32]:
    return np.stack([encoder.embed_word(*text).vector for text in texts])


if __name__ == "__main__":
    main()

"""Do the words with the largest shares carry the score? Deletion curves over real pairs of sentences.

    python -m benchmarks.faithfulness

Words are taken out of one sentence of a pair, one after another in the order of their shares, and the score is
measured each time by encoding anew. The area under the curve of its drop is compared with that of words in
random order, and with that in the order of leave-one-word-out, which encodes once a word to find its order.
Needs the real sentences beside the project, in ../shared/data/sentences.jsonl.gz.
"""

from __future__ import annotations

import argparse
import gzip
import json
import platform
import random
import sys
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import numpy as np

from clinsearch.encoder.encoder import Encoder, load_encoder
from clinsearch.encoder.words import words_of
from clinsearch.explanation.occlusion import occlude_texts, without
from clinsearch.explanation.text_pairs import explain_embeddings
from clinsearch.records import FloatArray, TextEmbedding, Word

SENTENCES = Path(__file__).resolve().parents[2] / "shared" / "data" / "sentences.jsonl.gz"
SEED = 11
POOL = 4000
# A curve takes as many encodings as there are words.
FEWEST_WORDS, MOST_WORDS = 6, 25
# Above this two sentences are copies but for a figure or a name.
COPY_COSINE = 0.98
CONTENT = "content words"
SHARES, PARTS, LARGEST = "shares", "score without the word, from the parts", "largest single pair"
OCCLUSION, RANDOM = "leave-one-word-out", "random"
ORDERS = (SHARES, CONTENT, PARTS, LARGEST, OCCLUSION, RANDOM)
STEPS = ("encode", "embed", "share", "occlude")

# Below any share.
FAR = 10.0

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Side:
    """One sentence of a pair, whose words are taken out in several orders; `other` is the vector of the other one."""

    text: str
    words: tuple[Word, ...]
    score: float
    other: FloatArray
    orders: dict[str, FloatArray]


@dataclass(slots=True)
class Measured:
    """By order the area under each curve, whole and up to half of the words; by step the CPU seconds."""

    whole: dict[str, list[float]] = field(default_factory=dict)
    half: dict[str, list[float]] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=lambda: dict.fromkeys(STEPS, 0.0))

    def area(self, order: str, *, half: bool = False) -> float:
        """Return the mean area of an order."""
        return float(np.mean((self.half if half else self.whole)[order]))

    @property
    def extra_cost(self) -> float:
        """What shares cost once there are hidden states, in parts of what leaving words out costs after the score."""
        return self.seconds["share"] / (self.seconds["occlude"] - self.seconds["encode"])

    @property
    def whole_cost(self) -> float:
        """What both cost from the texts on."""
        return (self.seconds["embed"] + self.seconds["share"]) / self.seconds["occlude"]


def sentence_pairs(encoder: Encoder, path: Path, count: int) -> list[tuple[str, str]]:
    """Draw sentences, and return each with the nearest other one of a pool, as a search would find it."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        texts = sorted({json.loads(line)["text"] for line in lines})
    dice = random.Random(SEED)
    fitting = [text for text in texts if FEWEST_WORDS <= len(text.split()) <= MOST_WORDS]
    pool = dice.sample(fitting, min(POOL, len(fitting)))
    vectors = encoder.encode(pool)
    cosines = vectors @ vectors.T
    cosines[cosines > COPY_COSINE] = -1
    return [(pool[i], pool[int(cosines[i].argmax())]) for i in dice.sample(range(len(pool)), count)]


def measure(encoder: Encoder, pairs: Sequence[tuple[str, str]], wanted: Collection[str] = ORDERS) -> Measured:
    """Measure the curves of both sentences of each pair, in the wanted orders, and the time that explanations take."""
    measured, dice = Measured(), random.Random(SEED)
    for left, right in pairs:
        for side in _sides(encoder, left, right, measured.seconds, dice):
            for order, drops in _curves(encoder, side, wanted).items():
                measured.whole.setdefault(order, []).append(float(drops.mean()))
                measured.half.setdefault(order, []).append(float(drops[: max(1, len(drops) // 2)].mean()))
    return measured


def report(measured: Measured, command: str) -> str:
    """Return what was measured as Markdown."""
    occlusion, half = measured.area(OCCLUSION), measured.area(OCCLUSION, half=True)
    rows = [
        f"| {order} | {measured.area(order):.4f} | {measured.area(order) / occlusion:.2f} | "
        f"{measured.area(order, half=True):.4f} | {measured.area(order, half=True) / half:.2f} |"
        for order in sorted(measured.whole, key=measured.area, reverse=True)
    ]
    pairs = len(measured.whole[SHARES]) // 2
    times = [f"| {step} | {1000 * measured.seconds[step] / pairs:.2f} |" for step in STEPS]
    return "\n".join(
        [
            f"`{command}`: {pairs} pairs, {_processor()}, Python {platform.python_version()}",
            "",
            "| order of deletion | area | of leave-one-word-out's | area, first half | of leave-one-word-out's |",
            "|---|---|---|---|---|",
            *rows,
            "",
            "| step | CPU ms a pair |",
            "|---|---|",
            *times,
            "",
            f"Shares cost 1/{1 / measured.extra_cost:,.0f} of leaving words out beyond what the score itself takes "
            f"(share : occlude - encode), and 1/{1 / measured.whole_cost:,.1f} from the texts on "
            "(embed + share : occlude).",
        ]
    )


def _sides(encoder: Encoder, left: str, right: str, seconds: dict[str, float], dice: random.Random) -> Iterator[Side]:
    """Explain a pair by every method, on the clock, and give its sides with the orders that these make."""
    _timed(seconds, "encode", lambda: encoder.encode([left, right]))
    one, other = _timed(seconds, "embed", lambda: (encoder.embed(left), encoder.embed(right)))
    score = float(one.vector @ other.vector)
    left_shares, right_shares = _timed(seconds, "share", lambda: _marginals(one, other))
    occlusion = _timed(seconds, "occlude", lambda: occlude_texts(encoder, left, right))
    for own, facing, shares, words, drops in (
        (one, other, left_shares, occlusion.left_words, occlusion.left_drops),
        (other, one, right_shares, occlusion.right_words, occlusion.right_drops),
    ):
        all_words = words_of(own.text, own.tokens)
        written = [k for k, word in enumerate(all_words) if own.tokens[word.tokens[0]].word is not None]
        orders = {
            SHARES: shares[written],
            CONTENT: _content_marks(own, facing)[written],
            **{name: marks[written] for name, marks in _other_marks(own, facing, score).items()},
            OCCLUSION: drops,
            RANDOM: np.array([dice.random() for _ in words], dtype=np.float32),
        }
        yield Side(own.text, words, score, facing.vector, orders)


def _marginals(one: TextEmbedding, other: TextEmbedding) -> tuple[FloatArray, FloatArray]:
    """Return what each word of either text shares of the score, by which the words are shaded: (words,) each."""
    shares = explain_embeddings(one, other).word_contributions
    return shares.sum(axis=1), shares.sum(axis=0)


def _content_marks(own: TextEmbedding, facing: TextEmbedding) -> FloatArray:
    """Return what each content word has of the score with what was handed on to it, (words,); others come last."""
    explanation = explain_embeddings(own, facing)
    marks = explanation.word_contributions.sum(axis=1) - np.float32(FAR)
    marks[list(explanation.content.left)] = explanation.content.shares.sum(axis=1)
    return marks


def _other_marks(own: TextEmbedding, facing: TextEmbedding, score: float) -> dict[str, FloatArray]:
    """Return two other ways to mark words, from the same parts, (words,) each.

    The score that the pooled vector would have without the word's part, its change of length included; and the
    word's largest share with any one word of the other text.
    """
    by_word = explain_embeddings(own, facing).word_contributions
    starts = [word.tokens[0] for word in words_of(own.text, own.tokens)]
    rest = own.parts.sum(axis=0) - np.add.reduceat(own.parts, starts, axis=0)
    without_word = rest @ facing.vector / np.maximum(np.linalg.norm(rest, axis=1), np.finfo(np.float32).tiny)
    return {PARTS: score - without_word, LARGEST: by_word.max(axis=1)}


def _curves(encoder: Encoder, side: Side, wanted: Collection[str]) -> dict[str, FloatArray]:
    """Return how far the score has dropped after 1, 2, … all words are out, (words,), by order."""
    rankings = {order: np.argsort(-marks, kind="stable") for order, marks in side.orders.items() if order in wanted}
    texts = {
        order: [without(side.text, [side.words[k] for k in ranked[:count]]) for count in range(1, len(ranked) + 1)]
        for order, ranked in rankings.items()
    }
    distinct = sorted({text for order in texts.values() for text in order})
    scores = dict(zip(distinct, encoder.encode(distinct) @ side.other, strict=True))
    return {order: np.array([side.score - scores[text] for text in own]) for order, own in texts.items()}


def _timed(seconds: dict[str, float], step: str, work: Callable[[], T]) -> T:
    begun = time.process_time()
    result = work()
    seconds[step] += time.process_time() - begun
    return result


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    names = [line.split(":")[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def main() -> None:
    """Run the benchmark and print its tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=int, default=500)
    parser.add_argument("--sentences", type=Path, default=SENTENCES)
    options = parser.parse_args()
    if not options.sentences.exists():
        print(f"Skipped: the real sentences are not at hand, no {options.sentences.name}.", file=sys.stderr)
        return
    encoder = load_encoder(device="cpu")
    measured = measure(encoder, sentence_pairs(encoder, options.sentences, options.pairs))
    print(report(measured, " ".join(["python", "-m", "benchmarks.faithfulness", *sys.argv[1:]])))


if __name__ == "__main__":
    main()

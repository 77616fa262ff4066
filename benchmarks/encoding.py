"""How many sentences a second are encoded, beside sentence-transformers and beside what the processor could do.

    python -m benchmarks.encoding [--sentences 2000] [--rounds 3] [--bert] [--square 2048]

Real clinical sentences, the same for all, each way in turn and several times over, so that a machine whose speed
drifts is fair to each; medians are given. "of the peak" counts two operations a weight for each real token (the
embedding matrix left out) against the fastest product of two square matrices in that precision, measured between the
rounds. `--bert` takes random weights of Bio_ClinicalBERT's shape instead of the default model.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch

from benchmarks.machine import describe_machine, write_results
from clinsearch.encoder.checkpoint import DEFAULT_MODEL
from clinsearch.encoder.encoder import Encoder, load_encoder
from clinsearch.records import FloatArray

SENTENCES = Path(__file__).resolve().parents[2] / "shared" / "data" / "sentences.jsonl.gz"
CLINICAL = ("mtsamples", "aci-bench", "mts-dialog")
SEED = 3
RUNS_OF_THE_PEAK = 4
NEAREST = 10


@dataclass(frozen=True, slots=True)
class Measured:
    """A way to encode: sentences a second of wall time and of CPU time, and GFLOP/s of what the text needs."""

    name: str
    per_second: float
    per_cpu_second: float
    gflops: float


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--sentences", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--square", type=int, default=2048, help="the size of the matrices whose product is the peak")
    parser.add_argument("--bert", action="store_true")
    parser.add_argument("--json", type=Path, help="where to write what was measured")
    asked = parser.parse_args()
    if not SENTENCES.exists():
        sys.exit(f"Skipped: no sentences at {SENTENCES.name} beside the project.")
    texts = clinical_sentences(asked.sentences)
    with tempfile.TemporaryDirectory() as folder:
        model = write_bert(Path(folder)) if asked.bert else DEFAULT_MODEL
        found = measure(load_encoder(model), texts, asked.rounds, asked.square)
    print_table(found, texts)
    if asked.json:
        write_results(asked.json, {**found, "measured": [asdict(one) for one in found["measured"]]})


def clinical_sentences(count: int) -> list[str]:
    """Draw sentences of real reports, visits and dialogues, the same each time."""
    with gzip.open(SENTENCES, "rt", encoding="utf-8") as lines:
        texts = [row["text"] for row in map(json.loads, lines) if row["source"] in CLINICAL]
    return random.Random(SEED).sample(texts, count)


def write_bert(folder: Path) -> str:
    """Make a checkpoint of Bio_ClinicalBERT's shape: random weights, the default model's vocab."""
    from transformers import BertConfig, BertModel, BertTokenizerFast

    default = load_encoder()
    BertTokenizerFast.from_pretrained(default.checkpoint.folder).save_pretrained(folder)
    torch.manual_seed(SEED)
    BertModel(BertConfig(vocab_size=default.config["vocab_size"])).save_pretrained(folder)
    return str(folder)


def measure(encoder: Encoder, texts: Sequence[str], rounds: int, square: int) -> dict[str, object]:
    from sentence_transformers import SentenceTransformer

    # The same model; from halves, as they lie on the disk, the peer would compute in halves.
    peer = SentenceTransformer(str(encoder.checkpoint.folder), device="cpu", model_kwargs={"dtype": "float32"})
    ways: dict[str, Callable[[Sequence[str]], FloatArray]] = {
        "sentence-transformers, defaults": lambda some: peer.encode(list(some), normalize_embeddings=True),
        "clinsearch, float32": encoder.encode,
        "clinsearch, in bulk": lambda some: encoder.encode(some, bulk=True),
        "clinsearch, in bulk, with words": lambda some: encoder.encode_words(some, bulk=True)[0],
    }
    tokens = sum(len(ids) + 2 for ids in encoder.tokenizer.ids(texts))
    operations = 2 * (encoder.parameters - encoder.embedding_matrix.size) * tokens
    vectors = {name: way(texts) for name, way in ways.items()}
    seconds: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
    peaks: dict[str, list[float]] = {"float32": [], "bfloat16": []}
    for _ in range(rounds):
        for name, way in ways.items():
            wall, cpu = time.perf_counter(), time.process_time()
            way(texts)
            seconds[name].append((time.perf_counter() - wall, time.process_time() - cpu))
        for name, of_precision in peaks.items():
            of_precision.append(peak_gflops(getattr(torch, name), square))
    measured = []
    for name, taken in seconds.items():
        wall, cpu = (statistics.median(column) for column in zip(*taken, strict=True))
        measured.append(Measured(name, len(texts) / wall, len(texts) / cpu, operations / wall / 1e9))
    exact = vectors["clinsearch, float32"]
    return {
        "machine": describe_machine("openvino", "torch", "sentence-transformers"),
        "model": DEFAULT_MODEL
        if encoder.checkpoint.name == DEFAULT_MODEL
        else "random weights of Bio_ClinicalBERT's shape",
        "sentences": len(texts),
        "tokens": tokens,
        "peak_gflops": {name: max(values) for name, values in peaks.items()},
        "measured": measured,
        "lowest_cosine": {name: float((found * exact).sum(axis=1).min()) for name, found in vectors.items()},
        "overlap_at_10": {name: overlap(found, exact) for name, found in vectors.items()},
    }


def peak_gflops(precision: torch.dtype, square: int) -> float:
    """Multiply two square matrices; the best of a few runs."""
    one, other = (torch.randn(square, square).to(precision) for _ in range(2))
    times = []
    for _ in range(RUNS_OF_THE_PEAK):
        started = time.perf_counter()
        one @ other
        times.append(time.perf_counter() - started)
    return 2 * square**3 / min(times) / 1e9


def overlap(found: FloatArray, exact: FloatArray) -> float:
    """Return which part of each sentence's nearest ten are the same as in float32, on average."""
    both = []
    for vectors in (found, exact):
        scores = vectors @ vectors.T
        np.fill_diagonal(scores, -2)
        both.append(np.argpartition(-scores, NEAREST, axis=1)[:, :NEAREST])
    return float(np.mean([len(set(one) & set(other)) / NEAREST for one, other in zip(*both, strict=True)]))


def print_table(found: dict[str, object], texts: Sequence[str]) -> None:
    measured: list[Measured] = found["measured"]  # type: ignore[assignment]
    peaks: dict[str, float] = found["peak_gflops"]  # type: ignore[assignment]
    print(found["machine"])
    print(f"{found['model']}: {len(texts):,} sentences of {found['tokens'] / len(texts):.1f} tokens")  # type: ignore[operator]
    print(", ".join(f"{name} {peak:.0f} GFLOP/s at most" for name, peak in peaks.items()))
    peer = measured[0]
    for one in measured:
        print(
            f"{one.name:34} {one.per_second:6.0f} sentences/s  {one.per_second / peer.per_second:5.2f} x  "
            f"CPU time {one.per_cpu_second / peer.per_cpu_second:5.2f} x  {one.gflops:4.0f} GFLOP/s, "
            f"{one.gflops / peaks['bfloat16']:4.0%} of the bfloat16 peak  "
            f"lowest cosine {found['lowest_cosine'][one.name]:.5f}  "  # type: ignore[index]
            f"overlap@10 {found['overlap_at_10'][one.name]:.4f}"  # type: ignore[index]
        )


if __name__ == "__main__":
    main()

"""Two minutes that tell how far ahead clinsearch is, on any machine: ratios of CPU time.

    python -m benchmarks.check

On the sample notes, beside sentence-transformers with its defaults, in turn, the best of a few rounds. CPU time rather
than wall time, because other work on the machine changes it least. It changes nevertheless, so the figures are for
information: beside each stands what it is not expected to fall below, and the command fails only where there is none.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

import clinsearch
from benchmarks.indexing import peer_folder
from benchmarks.large_collection import STEP, chunks_of_vectors
from clinsearch.encoder.encoder import Encoder, load_encoder
from clinsearch.encoder.pooling import unit
from clinsearch.language.segmentation import segment, sentence_texts
from clinsearch.records import FloatArray
from clinsearch.storage.folder.spaces.codecs.eight_bits import EightBits, cells_wanted
from clinsearch.storage.folder.spaces.codecs.plain import FLAT
from clinsearch.storage.folder.spaces.recall import measured_probes
from clinsearch.storage.folder.spaces.space import Space
from clinsearch.storage.recall import queries_between

NOTES = Path(__file__).resolve().parents[1] / "sample_notes"
ROUNDS = 2
LOWEST_COSINE = 0.999
LOWEST_RECALL = 0.98
QUERIES = 100
# Expected to be so many times as fast: float32 alone is 1.9 times, bfloat16 on processors that have it 3.5.
ENCODING, ENCODING_REDUCED, INDEXING, SEARCH = 1.2, 2.0, 1.2, 3.0


def main() -> None:
    encoder = load_encoder()
    with tempfile.TemporaryDirectory() as folder:
        vectors = check_encoding(encoder)
        check_indexing(Path(folder))
        check_search(Path(folder), vectors)


def check_encoding(encoder: Encoder) -> FloatArray:
    from sentence_transformers import SentenceTransformer

    texts = sample_sentences()
    peer = SentenceTransformer(peer_folder(), device="cpu")
    theirs, ours = cpu_seconds(
        lambda: peer.encode(texts, normalize_embeddings=True), lambda: encoder.encode(texts, bulk=True)
    )
    exact, bulk = encoder.encode(texts), encoder.encode(texts, bulk=True)
    least = ENCODING if np.array_equal(exact, bulk) else ENCODING_REDUCED
    tell("encoding, CPU time beside sentence-transformers", theirs / ours, least)
    tell("lowest cosine to float32", float((exact * bulk).sum(axis=1).min()), LOWEST_COSINE)
    return bulk


def check_indexing(folder: Path) -> None:
    import faiss
    from sentence_transformers import SentenceTransformer

    texts = sample_sentences()
    peer = SentenceTransformer(peer_folder(), device="cpu")
    runs = iter(range(ROUNDS))

    def script() -> None:
        vectors = peer.encode(texts, normalize_embeddings=True)
        index = faiss.IndexFlatIP(vectors.shape[1])
        index.add(vectors)
        faiss.write_index(index, str(folder / "script.faiss"))

    theirs, ours = cpu_seconds(script, lambda: clinsearch.index(NOTES, folder / f"collection{next(runs)}"))
    tell("indexing, words included, CPU time beside a script", theirs / ours, INDEXING)


def check_search(folder: Path, real: FloatArray) -> None:
    """Compare search in cells with search of all, of as many vectors as one step makes beyond the real ones."""
    vectors = np.concatenate([some for _, some in chunks_of_vectors(real, len(real) + STEP)])
    keys = np.arange(len(vectors)) + 1
    flat = Space(folder, [FLAT.write(folder, "sentence", keys, vectors)], FLAT)
    cells = EightBits.learn(vectors, cells_wanted(len(vectors)))
    coded = Space(folder, [cells.write(folder, "sentence", keys, vectors)], cells)
    queries = queries_between(vectors[np.random.default_rng(0).choice(len(vectors), 2 * QUERIES)])
    cells.probes = {found.depth: found.probes for found in measured_probes(coded, queries)}
    asked = unit(real[:QUERIES] + real[-QUERIES:])
    all_, some = cpu_seconds(lambda: [flat.search(q, 10) for q in asked], lambda: [coded.search(q, 10) for q in asked])
    shared = [len(set(flat.search(q, 10)[0].tolist()) & set(coded.search(q, 10)[0].tolist())) for q in asked]
    tell(f"search of {len(vectors):,} vectors, CPU time beside a flat index", all_ / some, SEARCH)
    tell("recall@10", float(np.mean(shared)) / 10, LOWEST_RECALL)


def sample_sentences() -> list[str]:
    """Read the distinct sentences of the sample notes."""
    texts = [path.read_text(encoding="utf-8") for path in sorted(NOTES.glob("*.txt"))]
    found = [sentence for text in texts for sentence in sentence_texts(text, segment(text))]
    return list(dict.fromkeys(found))


def cpu_seconds(*ways: Callable[[], object]) -> list[float]:
    """Take each way in turn, several times over; return the least CPU time of each."""
    taken: list[list[float]] = [[] for _ in ways]
    for _ in range(ROUNDS):
        for way, of_way in zip(ways, taken, strict=True):
            started = time.process_time()
            way()
            of_way.append(time.process_time() - started)
    return [min(of_way) for of_way in taken]


def tell(what: str, value: float, least: float) -> None:
    print(f"{what:60} {value:7.4f}, expected {least} or more{'' if value >= least else ': LESS'}", flush=True)


if __name__ == "__main__":
    main()

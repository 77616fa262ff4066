"""How long it takes from files to a searchable collection, beside txtai and a script that its user would write.

    python -m benchmarks.indexing [--notes 150] [--rounds 3]

Real notes as text files; the script is of sentence-transformers and FAISS. clinsearch reads, segments, encodes and
commits the notes; the peers, whose users would have to do the reading and segmenting themselves, are given the
sentences. Each run is a process of its own, in turn; what is counted begins after imports and after the model is
loaded. `in the encoder` is the part of the time in which texts were being encoded.
"""

from __future__ import annotations

import argparse
import gzip
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.machine import describe_machine, write_results

if TYPE_CHECKING:
    from clinsearch.encoder.words import TextWords
    from clinsearch.records import FloatArray

NOTES = Path(__file__).resolve().parents[2] / "shared" / "data" / "clinical_notes.jsonl.gz"
SENTENCES_FILE = "sentences.json"


@dataclass(frozen=True, slots=True)
class Run:
    """Seconds of wall and of CPU time, the part of it in the encoder if known, and peak memory in MB."""

    seconds: float
    cpu_seconds: float
    memory_mb: float
    in_encoder: float | None = None


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--notes", type=int, default=150)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", type=Path, help="where to write what was measured")
    parser.add_argument("--way", choices=list(WAYS), help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.way:
        print(json.dumps(asdict(WAYS[asked.way](asked.folder))))
        return
    if not NOTES.exists():
        sys.exit(f"Skipped: no notes at {NOTES.name} beside the project.")
    results = compare(asked.notes, asked.rounds)
    print_table(results)
    if asked.json:
        write_results(asked.json, results)


def compare(notes: int, rounds: int) -> dict[str, Any]:
    ways = [way for way in WAYS if way != "txtai" or find_spec("txtai")]
    runs: dict[str, list[Run]] = {way: [] for way in ways}
    with tempfile.TemporaryDirectory() as folder:
        sentences = write_notes(Path(folder), notes)
        for _ in range(rounds):
            for way in ways:
                command = [sys.executable, "-m", "benchmarks.indexing", "--way", way, "--folder", folder]
                printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
                runs[way].append(Run(**json.loads(printed.splitlines()[-1])))
    packages = ["openvino", "faiss-cpu", "sentence-transformers", *(["txtai"] if "txtai" in ways else [])]
    return {
        "machine": describe_machine(*packages),
        "notes": notes,
        "sentences": sentences,
        "runs": {way: [asdict(run) for run in of_way] for way, of_way in runs.items()},
    }


def write_notes(folder: Path, count: int) -> int:
    """Write notes as files, and their sentences beside for those who need them; return how many these are."""
    from clinsearch.language.segmentation import segment, sentence_texts

    with gzip.open(NOTES, "rt", encoding="utf-8") as lines:
        notes = [json.loads(line) for line in lines]
    chosen = notes[:: max(1, len(notes) // count)][:count]
    (folder / "notes").mkdir()
    sentences = []
    for number, note in enumerate(chosen):
        (folder / "notes" / f"note{number:05}.txt").write_text(note["text"], encoding="utf-8")
        sentences += sentence_texts(note["text"], segment(note["text"]))
    (folder / SENTENCES_FILE).write_text(json.dumps(sentences), encoding="utf-8")
    return len(sentences)


def timed(work: Callable[[], None]) -> Run:
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    taken = time.perf_counter() - wall, time.process_time() - cpu
    return Run(*taken, memory_mb=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def run_clinsearch(folder: Path, *, words: bool) -> Run:
    from clinsearch.encoder.checkpoint import DEFAULT_MODEL, find_checkpoint
    from clinsearch.encoder.encoder import Encoder
    from clinsearch.encoder.words import WORD_RECIPE
    from clinsearch.indexing.run import index_files
    from clinsearch.indexing.upkeep import identity_of
    from clinsearch.readers import NoteFiles
    from clinsearch.storage import open_writer

    class Timed(Encoder):
        """An encoder that counts the seconds spent in it."""

        spent = 0.0

        def encode(self, texts: Sequence[str], *, bulk: bool = False) -> FloatArray:
            started = time.perf_counter()
            vectors = super().encode(texts, bulk=bulk)
            self.spent += time.perf_counter() - started
            return vectors

        def encode_words(self, texts: Sequence[str], *, bulk: bool = False) -> tuple[FloatArray, list[TextWords]]:
            started = time.perf_counter()
            encoded = super().encode_words(texts, bulk=bulk)
            self.spent += time.perf_counter() - started
            return encoded

    encoder = Timed(find_checkpoint(DEFAULT_MODEL))
    encoder.encode_words(["Warm."], bulk=True)
    encoder.spent = 0.0

    def work() -> None:
        with open_writer(Path(made) / "collection", create=True) as writer:
            writer.claim(identity_of(encoder), "a benchmark", WORD_RECIPE if words else None)
            index_files(writer, encoder, NoteFiles([folder / "notes"]))

    with tempfile.TemporaryDirectory(dir=folder) as made:
        run = timed(work)
    return Run(run.seconds, run.cpu_seconds, run.memory_mb, encoder.spent / run.seconds)


def run_script(folder: Path) -> Run:
    """Do what the first example of every tutorial does."""
    import faiss
    from sentence_transformers import SentenceTransformer

    sentences = json.loads((folder / SENTENCES_FILE).read_text())
    model = SentenceTransformer(peer_folder(), device="cpu")

    def work() -> None:
        vectors = model.encode(sentences, normalize_embeddings=True)
        index = faiss.IndexFlatIP(vectors.shape[1])
        index.add(vectors)
        faiss.write_index(index, str(folder / "script.faiss"))

    return timed(work)


def run_txtai(folder: Path) -> Run:
    from txtai import Embeddings

    sentences = json.loads((folder / SENTENCES_FILE).read_text())
    embeddings = Embeddings(path=peer_folder(), content=True, gpu=False)

    def work() -> None:
        embeddings.index(sentences)
        embeddings.save(str(folder / "txtai"))

    return timed(work)


def peer_folder() -> str:
    """Give the peers a model of the default's shape that lies on the disk in float32: in halves they would be slow."""
    from clinsearch.encoder.checkpoint import MINILM, find_checkpoint

    return str(find_checkpoint(MINILM).folder)


WAYS: dict[str, Callable[[Path], Run]] = {
    "sentence-transformers + faiss": run_script,
    "txtai": run_txtai,
    "clinsearch": lambda folder: run_clinsearch(folder, words=False),
    "clinsearch, with words": lambda folder: run_clinsearch(folder, words=True),
}


def print_table(results: dict[str, Any]) -> None:
    print(results["machine"])
    print(f"{results['notes']} notes, {results['sentences']:,} sentences")
    peers = [way for way in results["runs"] if not way.startswith("clinsearch")]
    middle = {way: statistics.median(run["seconds"] for run in runs) for way, runs in results["runs"].items()}
    for way, runs in results["runs"].items():
        ratios = "  ".join(f"{middle[peer] / middle[way]:5.2f} x {peer}" for peer in peers if peer != way)
        cpu, memory = (statistics.median(run[field] for run in runs) for field in ("cpu_seconds", "memory_mb"))
        share = "" if runs[0]["in_encoder"] is None else f"  {runs[0]['in_encoder']:.0%} in the encoder"
        print(f"{way:30} {middle[way]:6.1f} s  CPU {cpu:6.1f} s  {memory:5.0f} MB{share}  {ratios}")


if __name__ == "__main__":
    main()

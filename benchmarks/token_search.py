"""How much a word costs on disk, how many of the nearest words are found, and how long a search for words takes.

    python -m benchmarks.token_search [--copies-to 2000000 20000000]

Indexes the real notes beside the project, in ../shared/data/clinical_notes.jsonl.gz, keeps the exact vector of
every word meanwhile, and compares what searches find with a brute force over these. Then sentences are copied,
each copy's vectors moved a little, until there are as many words as asked for, and searches are timed again.
"""

from __future__ import annotations

import argparse
import gzip
import os
import platform
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import numpy as np

from clinsearch.collection import Collection
from clinsearch.encoder.checkpoint import find_checkpoint
from clinsearch.encoder.encoder import Encoder
from clinsearch.encoder.words import WORD_RECIPE, TextWords, is_searchable, words_of
from clinsearch.indexing.run import index_files
from clinsearch.indexing.upkeep import identity_of
from clinsearch.readers import NoteFiles
from clinsearch.records import FloatArray, MarkedText, WordHit
from clinsearch.storage.folder.spaces.codecs.four_bits import FourBits
from clinsearch.storage.folder.spaces.codecs.plain import FLAT
from clinsearch.storage.folder.spaces.files import VectorFile
from clinsearch.storage.folder.writer import Writer

NOTES = Path(__file__).resolve().parents[2] / "shared" / "data" / "clinical_notes.jsonl.gz"
SEED = 5
K = 10
WARM_UP = 5
# How far a copy's vector is moved: a cosine of about 0.97 to what it was.
MOVED = 0.25
ROWS_AT_ONCE = 500_000
ROUNDING = 1e-4


class RecordingEncoder(Encoder):
    """An encoder that keeps the vectors of every text that it encodes, and those of its words."""

    def __init__(self) -> None:
        super().__init__(find_checkpoint())
        self.words: dict[str, TextWords] = {}
        self.vectors: dict[str, FloatArray] = {}

    def encode_words(self, texts: Sequence[str], *, bulk: bool = False) -> tuple[FloatArray, list[TextWords]]:
        """Encode, and keep what float32 gives for what is kept in bulk."""
        vectors, words = super().encode_words(texts, bulk=bulk)
        if bulk:
            _, exact = super().encode_words(texts)
            self.words.update(zip(texts, exact, strict=True))
            self.vectors.update(zip(texts, vectors, strict=True))
        return vectors, words


@dataclass(frozen=True, slots=True, eq=False)
class Exact:
    """Every word of the collection: its vector, its sentence, and where it stands in that."""

    vectors: FloatArray
    sentences: list[str]
    owners: np.ndarray
    places: list[tuple[int, int]]
    rows: dict[tuple[str, int], int]

    def recall(self, row: int, found: Sequence[WordHit]) -> float:
        """Return which part of the nearest words of a word, itself among them, were found, by brute force.

        A word that is as near as the last of them, but for rounding, is one of them: templates tie by the dozen.
        """
        scores = self.vectors @ self.vectors[row]
        of_found = [scores[self.rows[hit.marked.text, hit.marked.start]] for hit in found]
        last = np.partition(scores, -len(found))[-len(found)]
        return float(np.mean(np.array(of_found) >= last - ROUNDING))


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--copies-to", type=int, nargs="*", default=[], metavar="WORDS")
    parser.add_argument("--notes", type=int, default=1501)
    parser.add_argument("--queries", type=int, default=200)
    parser.add_argument("--folder", type=Path, help="where to make the collection; by default a temporary folder")
    asked = parser.parse_args()
    if not NOTES.exists():
        sys.exit(f"Skipped: no notes at {NOTES.name} beside the project.")
    with tempfile.TemporaryDirectory(dir=asked.folder) as folder:
        path = Path(folder) / "collection"
        encoder = RecordingEncoder()
        print(
            f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, "
            f"openvino {version('openvino')}, faiss {version('faiss-cpu')}"
        )
        index(path, encoder, asked.notes, Path(folder) / "notes.jsonl")
        exact = exact_words(encoder)
        print_size(path)
        notes = Collection(path)
        rows = np.random.default_rng(SEED).choice(len(exact.vectors), asked.queries, replace=False)
        print_recall(notes, exact, rows)
        print_times("as indexed", notes, exact, rows)
        for words in asked.copies_to:
            copy_sentences(path, encoder, words)
            print_times(f"{words:,} words", Collection(path), exact, rows)
            print_size(path)


def index(folder: Path, encoder: Encoder, count: int, notes: Path) -> None:
    with gzip.open(NOTES, "rt", encoding="utf-8") as lines:
        notes.write_text("".join(line for line, _ in zip(lines, range(count), strict=False)), encoding="utf-8")
    started = time.perf_counter()
    with Writer(folder, create=True) as writer:
        writer.claim(identity_of(encoder), created_by="benchmark", words=WORD_RECIPE)
        report = index_files(writer, encoder, NoteFiles([notes]))
    seconds = time.perf_counter() - started
    print(f"indexed {report.new:,} notes, {report.sentences_encoded:,} sentences in {seconds:,.0f} s")


def exact_words(encoder: RecordingEncoder) -> Exact:
    """Gather the exact vectors of all words, and their places."""
    sentences = list(encoder.words)
    owners: list[int] = []
    places: list[tuple[int, int]] = []
    for number, text in enumerate(sentences):
        tokens = encoder.tokenizer.tokens(text)
        found = [(word.start, word.end) for word in words_of(text, tokens) if is_searchable(word, tokens)]
        owners += [number] * len(found)
        places += found
    vectors = np.concatenate([encoder.words[text].words for text in sentences])
    rows = {(sentences[owner], start): row for row, (owner, (start, _)) in enumerate(zip(owners, places, strict=True))}
    return Exact(vectors, sentences, np.array(owners), places, rows)


def print_size(folder: Path) -> None:
    """Say what a word, and a wordpiece, that can be found takes on disk, all that is kept for it counted."""
    with sqlite3.connect(folder / "catalog.db") as catalog:
        sizes = dict(catalog.execute("SELECT kind, sum(bytes) FROM vector_files GROUP BY kind"))
        words, pieces, tokens, rows = catalog.execute(
            "SELECT sum(words), sum(pieces), sum(length(token_ids)) / 4, count(*) FROM sentence_words"
        ).fetchone()
        pages = catalog.execute("SELECT sum(pgsize) FROM dbstat WHERE name LIKE '%sentence_words%'").fetchone()[0]
    on_disk = sizes["word"] + sizes.get("piece", 0) + sizes.get("code", 0) + pages
    print(f"{words:,} words and {pieces:,} wordpieces of longer words in {rows:,} sentences ({tokens:,} tokens)")
    print(
        f"{on_disk / (words + pieces):.1f} bytes a vector, {on_disk / tokens:.1f} bytes a token, {on_disk / 1e6:.1f} MB"
    )


def print_recall(notes: Collection, exact: Exact, rows: np.ndarray) -> None:
    hits = [exact.recall(row, search(notes, exact, row)) for row in rows]
    print(f"recall@{K} {statistics.mean(hits):.4f} over {len(rows)} words, worst {min(hits):.1f}")


def search(notes: Collection, exact: Exact, row: int) -> list[WordHit]:
    return notes.search_tokens(MarkedText(exact.sentences[exact.owners[row]], *exact.places[row]), K)


def print_times(name: str, notes: Collection, exact: Exact, rows: np.ndarray) -> None:
    """Time whole queries, the encoding of the query and of the sentences that are ranked again included."""
    for row in rows[:WARM_UP]:
        search(notes, exact, row)
    times = []
    for row in rows[: len(rows) // 2]:
        started = time.perf_counter()
        search(notes, exact, row)
        times.append(1000 * (time.perf_counter() - started))
    middle, slow = statistics.median(times), statistics.quantiles(times, n=20)[-1]
    print(f"{name}: p50 {middle:.0f} ms, p95 {slow:.0f} ms over {len(times)} queries")


def copy_sentences(folder: Path, encoder: RecordingEncoder, words: int) -> None:
    """Copy sentences, with their words, vectors and occurrences, until there are so many words."""
    rng = np.random.default_rng(SEED)
    with sqlite3.connect(folder / "catalog.db") as catalog:
        have = catalog.execute("SELECT sum(words) FROM sentence_words").fetchone()[0]
        texts = dict(
            catalog.execute("SELECT key, text FROM sentences WHERE key IN (SELECT sentence FROM sentence_words)")
        )
        bases = [key for key, text in texts.items() if text in encoder.words]
        code_file = VectorFile(*catalog.execute("SELECT * FROM vector_files WHERE kind = 'code'").fetchone())
        code = FourBits.read(folder / "vectors" / code_file.name, code_file, {})
        copies = Copies(catalog, encoder, texts, bases)
        while have < words:
            vectors, keys = copies.some(min(ROWS_AT_ONCE, words - have))
            add_file(catalog, FLAT.write(folder / "vectors", "sentence", *copies.sentence_vectors()))
            noise = rng.standard_normal(vectors.shape, dtype=np.float32)
            vectors = vectors + MOVED * noise / np.linalg.norm(noise, axis=1, keepdims=True)
            vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
            add_file(catalog, code.write(folder / "vectors", "word", keys, vectors))
            have += len(vectors)
        catalog.execute("UPDATE collection SET commits = commits + 1")
    with Writer(folder) as writer:
        writer.compact()


class Copies:
    """Makes copies of sentences in the catalog, one after another."""

    def __init__(
        self, catalog: sqlite3.Connection, encoder: RecordingEncoder, texts: dict[int, str], bases: list[int]
    ) -> None:
        self._catalog, self._encoder, self._texts = catalog, encoder, texts
        self._bases = self._endless(bases)
        self._note = catalog.execute("SELECT note, position FROM sections ORDER BY note LIMIT 1").fetchone()
        self._start = catalog.execute("SELECT max(start) + 1000000 FROM occurrences").fetchone()[0]
        self._sentence = catalog.execute("SELECT max(key) + 1 FROM sentences").fetchone()[0]
        self._word = catalog.execute("SELECT next_word FROM collection").fetchone()[0]

    def _endless(self, bases: list[int]) -> Iterator[int]:
        while True:
            yield from bases

    def some(self, words: int) -> tuple[FloatArray, np.ndarray]:
        """Copy sentences with at least so many words; return these words' vectors and keys."""
        first, self._first_sentence, self._copied = self._word, self._sentence, []
        vectors, sentences, of_words, places = [], [], [], []
        note, section = self._note
        while self._word - first < words:
            text = self._texts[next(self._bases)]
            kept = self._encoder.words[text]
            vectors.append(kept.words)
            self._copied.append(text)
            digest = self._sentence.to_bytes(16, "big")
            sentences.append((self._sentence, text, digest))
            ids, lengths = kept.token_ids.astype("<u4").tobytes(), kept.lengths.astype("<i4").tobytes()
            of_words.append((self._sentence, self._word, len(kept.words), 0, 0, ids, lengths))
            places.append((note, self._start, self._start + len(text), section, self._sentence))
            self._word += len(kept.words)
            self._start += len(text)
            self._sentence += 1
        self._catalog.executemany("INSERT INTO sentences (key, text, digest) VALUES (?, ?, ?)", sentences)
        self._catalog.executemany("INSERT INTO sentence_words VALUES (?, ?, ?, ?, ?, ?, ?)", of_words)
        self._catalog.executemany(
            'INSERT INTO occurrences (note, start, "end", section, sentence) VALUES (?, ?, ?, ?, ?)', places
        )
        self._catalog.execute("UPDATE collection SET next_word = ?", (self._word,))
        return np.concatenate(vectors), np.arange(first, self._word, dtype=np.int64)

    def sentence_vectors(self) -> tuple[np.ndarray, FloatArray]:
        """Return the keys and the vectors of the sentences copied last."""
        keys = np.arange(self._first_sentence, self._sentence, dtype=np.int64)
        return keys, np.stack([self._encoder.vectors[text] for text in self._copied])


def add_file(catalog: sqlite3.Connection, file: VectorFile) -> None:
    catalog.execute(
        "INSERT INTO vector_files (name, kind, rows, bytes, sha256) VALUES (?, ?, ?, ?, ?)",
        (file.name, file.kind, file.rows, file.bytes, file.sha256),
    )


if __name__ == "__main__":
    main()

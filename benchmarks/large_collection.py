"""Makes a collection of any size: real sentences and their vectors first, then vectors near these.

A vector beyond the real ones is a real one moved along the difference of two others, to a cosine of 0.76 to 0.96 with
what it was, so that it stays where such vectors lie. All goes through the collection's own files and tables; only the
encoding and the segmentation are left out, which would take a day for ten million sentences.
"""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import Connection, insert

from clinsearch.encoder.encoder import Encoder
from clinsearch.encoder.pooling import unit
from clinsearch.indexing.upkeep import identity_of
from clinsearch.language import read_sentences, terms_of
from clinsearch.records import FloatArray
from clinsearch.records.readings import SentenceText
from clinsearch.storage.catalog import changes
from clinsearch.storage.catalog.database import open_engine, transaction
from clinsearch.storage.catalog.keywords import add_terms
from clinsearch.storage.catalog.tables import notes, occurrences, sections, sentences
from clinsearch.storage.spaces.files import KeyArray
from clinsearch.storage.spaces.text_vectors import add_texts
from clinsearch.storage.spaces.writer import SpaceWriter
from clinsearch.storage.writer import Writer

SENTENCES = Path(__file__).resolve().parents[2] / "shared" / "data" / "sentences.jsonl.gz"
SEED = 7
QUERIES = 200
REAL = 100_000
STEP = 100_000
SENTENCES_PER_NOTE = 40
NEAREST = 10
MOVED = 0.2, 0.6
# Of a thousand notes so many are of each type.
TYPES = {"a tenth": 100, "a hundredth": 10, "a thousandth": 1}
NO_TYPE = "any other"


@dataclass(frozen=True, slots=True)
class Truth:
    """Queries that stand in no note, their float32 vectors, and by filter the keys of the truly nearest sentences."""

    queries: list[str]
    vectors: FloatArray
    nearest: dict[str | None, list[list[int]]]


def draw_texts() -> tuple[list[str], list[str]]:
    """Draw distinct real sentences: those of the collection, and others to ask for."""
    with gzip.open(SENTENCES, "rt", encoding="utf-8") as lines:
        texts = list(dict.fromkeys(json.loads(line)["text"] for line in lines))
    random.Random(SEED).shuffle(texts)
    return texts[QUERIES : QUERIES + REAL], texts[:QUERIES]


def encoded(encoder: Encoder, texts: Sequence[str], kept: Path | None) -> FloatArray:
    """Encode texts, or read what was encoded and kept before of these and more."""
    if kept and kept.exists() and len(known := np.load(kept)) >= len(texts):
        vectors: FloatArray = known[: len(texts)]
        return vectors
    vectors = encoder.encode(texts, bulk=True)
    if kept:
        np.save(kept, vectors)
    return vectors


def make_collection(folder: Path, size: int, encoder: Encoder, kept: Path | None = None) -> Truth:
    """Make a collection of so many sentences, not optimized yet."""
    texts, queries = draw_texts()
    real = encoded(encoder, texts[:size], kept)
    asked = encoder.encode(queries)
    best: dict[str | None, tuple[FloatArray, KeyArray]] = {}
    with Writer(folder, create=True) as writer:
        writer.claim(identity_of(encoder), created_by="a benchmark")
        for first, vectors in chunks_of_vectors(real, size):
            # A commit of a hundred thousand sentences at once; the writer, which holds the lock, makes small ones.
            with transaction(open_engine(folder, writing=True), folder) as connection:
                connection.exec_driver_sql("PRAGMA cache_size = -1000000")
                kinds = add_chunk(connection, folder, texts, first, vectors)
            if first == 0:
                writer.compact()
            keep_nearest(best, asked, first, vectors, kinds)
    return Truth(queries, asked, {name: keys.tolist() for name, (_, keys) in best.items()})


def chunks_of_vectors(real: FloatArray, size: int) -> Iterator[tuple[int, FloatArray]]:
    """Give vectors, some at a time, with the number of the first."""
    rng = np.random.default_rng(SEED)
    yield 0, real
    for first in range(len(real), size, STEP):
        count = min(STEP, size - first)
        one, other, start = (real[rng.integers(0, len(real), count)] for _ in range(3))
        yield first, unit(start + rng.uniform(*MOVED, (count, 1)).astype(np.float32) * (one - other))


def add_chunk(connection: Connection, folder: Path, texts: Sequence[str], first: int, vectors: FloatArray) -> list[str]:
    """Add sentences, in notes of forty, with their vectors and their notes'; return the type of each one's note."""
    keys = np.arange(first, first + len(vectors)) + 1
    in_note = keys // SENTENCES_PER_NOTE + first // SENTENCES_PER_NOTE + 1
    note_keys, starts = np.unique(in_note, return_index=True)
    kinds = {key: type_of(key) for key in note_keys.tolist()}
    rows = {key: SentenceText.of(sentence_text(key, texts)) for key in keys.tolist()}
    read = read_sentences(rows.values())
    of_key = {key: read[sentence.digest] for key, sentence in rows.items()}
    note_texts = dict.fromkeys(note_keys.tolist(), "")
    for note, key in zip(in_note.tolist(), keys.tolist(), strict=True):
        note_texts[note] += rows[key].text + "\n"
    insert_all(connection, notes, (note_row(key, kinds[key], note_texts[key]) for key in note_keys.tolist()))
    insert_all(
        connection,
        sections,
        ({"note": k, "position": 0, "name": None, "heading": None, "start": 0, "end": 9} for k in note_keys.tolist()),
    )
    insert_all(
        connection,
        sentences,
        ({"key": k, "text": one.text, "digest": one.digest, "gist": one.gist} for k, one in of_key.items()),
    )
    changes.insert_readings(connection, of_key)
    note_terms = add_terms(connection, "note", {key: terms_of(text) for key, text in note_texts.items()})
    changes.count(connection, "note_terms", note_terms)
    places = zip(in_note.tolist(), keys.tolist(), strict=True)
    insert_all(
        connection,
        occurrences,
        ({"note": n, "start": k, "end": k + 1, "section": 0, "sentence": k} for n, k in places),
    )
    for name, more in {"notes": len(note_keys), "notes_with_sentences": len(note_keys)}.items():
        changes.count(connection, name, more)
    for name in ("sentences", "occurrences"):
        changes.count(connection, name, len(keys))
    spaces = SpaceWriter(connection, folder / "vectors")
    add_texts(spaces, "sentence", dict(zip(keys.tolist(), vectors, strict=True)))
    spaces.add("note", note_keys, unit(np.add.reduceat(vectors, starts)))
    add_texts(spaces, "opening", dict(zip(note_keys.tolist(), vectors[starts], strict=True)))
    changes.count_commit(connection)
    return [kinds[key] for key in in_note.tolist()]


def type_of(note_key: int) -> str:
    left = note_key * 7919 % 1000
    for name, share in TYPES.items():
        if left < share:
            return name
        left -= share
    return NO_TYPE


def note_row(key: int, note_type: str, text: str) -> dict[str, Any]:
    return {
        "key": key,
        "note_id": f"n{key}",
        "patient_id": f"p{key // 20}",
        "encounter_id": None,
        "note_type": note_type,
        "note_datetime": None,
        "title": None,
        "text": text,
        "source": None,
        "digest": key.to_bytes(16),
    }


def sentence_text(key: int, texts: Sequence[str]) -> str:
    text = texts[(key - 1) % len(texts)]
    return text if key <= len(texts) else f"{text} ({key})"


def insert_all(connection: Connection, table: Any, rows: Iterator[dict[str, Any]]) -> None:
    connection.execute(insert(table), list(rows))


def keep_nearest(
    best: dict[str | None, tuple[FloatArray, KeyArray]],
    asked: FloatArray,
    first: int,
    vectors: FloatArray,
    kinds: Sequence[str],
) -> None:
    """Bring the nearest of each query, of all sentences and of each type's, up to date."""
    of_type = np.array(kinds)
    scores = asked @ vectors.T
    keys = np.broadcast_to(np.arange(first, first + len(vectors)) + 1, scores.shape)
    for name in (None, *TYPES):
        passing = np.ones(len(vectors), dtype=bool) if name is None else of_type == name
        known_scores, known_keys = best.get(name, (scores[:, :0], keys[:, :0]))
        all_scores = np.concatenate([known_scores, scores[:, passing]], axis=1)
        all_keys = np.concatenate([known_keys, keys[:, passing]], axis=1)
        order = np.argpartition(-all_scores, min(NEAREST, all_scores.shape[1] - 1), axis=1)[:, :NEAREST]
        best[name] = np.take_along_axis(all_scores, order, axis=1), np.take_along_axis(all_keys, order, axis=1)

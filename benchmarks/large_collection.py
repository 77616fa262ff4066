"""Makes a collection of any size: real notes and their vectors first, then notes made of their parts.

See `recombined`. All goes through the collection's own files and tables; only the encoding and the segmentation of what
is made are left out, which would take a day for ten million sentences. A note's vectors are made of its sentences':
that of its opening of those of its first words.
"""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import Table

from benchmarks.places import one_commit, without_indexes
from benchmarks.recombined import Chunk, Form, Recombined, Text, read_notes
from clinsearch.encoder.encoder import Encoder
from clinsearch.encoder.pooling import unit
from clinsearch.indexing.upkeep import identity_of
from clinsearch.language import terms_of
from clinsearch.language.segmentation import segment, sentence_texts
from clinsearch.records import FloatArray, Note
from clinsearch.records.digests import note_digest, text_digest
from clinsearch.records.keys import KeyArray
from clinsearch.records.locations import Location
from clinsearch.records.readings import SentenceText
from clinsearch.storage import open_writer
from clinsearch.storage.catalog import tables
from clinsearch.storage.catalog.changes import Changes, count, count_commit
from clinsearch.storage.text_vectors import add_texts
from clinsearch.storage.writable import WritableSpaces

SENTENCES = Path(__file__).resolve().parents[2] / "shared" / "data" / "sentences.jsonl.gz"
SEED = 7
QUERIES = 200
REAL = 60_000
STEP = 100_000
NEAREST = 10
MOVED = 0.2, 0.6
WORDS_OF_OPENING = 180
# Of a thousand notes so many are of each type.
TYPES = {"a tenth": 100, "a hundredth": 10, "a thousandth": 1}
NO_TYPE = "any other"
NOTE_FIELDS = ("note_id", "patient_id", "note_type", "text")


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


def sentences_apart(apart: Sequence[str], known: Recombined) -> list[str]:
    """Return distinct sentences, to ask for, of notes that are kept apart: those that stand in no other."""
    found = (SentenceText.of(text).text for note in apart for text in sentence_texts(note, segment(note)))
    texts = [text for text in dict.fromkeys(found) if text not in known.numbers]
    random.Random(SEED).shuffle(texts)
    return texts


def chunks_of_vectors(real: FloatArray, size: int) -> Iterator[tuple[int, FloatArray]]:
    """Give vectors, some at a time, with the number of the first."""
    rng = np.random.default_rng(SEED)
    yield 0, real
    for first in range(len(real), size, STEP):
        count = min(STEP, size - first)
        one, other, start = (real[rng.integers(0, len(real), count)] for _ in range(3))
        yield first, unit(start + rng.uniform(*MOVED, (count, 1)).astype(np.float32) * (one - other))


def encoded(encoder: Encoder, texts: Sequence[str], kept: Path | None) -> FloatArray:
    """Encode texts, or read what was encoded and kept before of these and more."""
    if kept and kept.exists() and len(known := np.load(kept)) >= len(texts):
        vectors: FloatArray = known[: len(texts)]
        return vectors
    vectors = encoder.encode(texts, bulk=True)
    if kept:
        np.save(kept, vectors)
    return vectors


def make_collection(location: Location, size: int, encoder: Encoder, kept: Path | None = None) -> Truth:
    """Make a collection of so many sentences, in a folder or a database, not optimized yet."""
    notes, apart = read_notes()
    texts = Recombined(notes, min(size, REAL))
    real = encoded(encoder, [text.text for text in texts.texts], kept)
    queries = sentences_apart(apart, texts)[:QUERIES]
    nearest = _Nearest(encoder.encode(queries), real)
    first_note = 1
    with open_writer(location, create=True) as writer:
        writer.claim(identity_of(encoder), created_by="a benchmark")
        with without_indexes(location):
            for chunk in texts.chunks(real, size):
                with one_commit(location) as (changes, spaces):
                    add_chunk(changes, spaces, chunk, first_note, _Known(chunk, texts, real))
                if chunk.first == 1 and isinstance(location, Path):
                    writer.compact()
                nearest.add(chunk, first_note)
                first_note += len(chunk.places)
    return Truth(queries, nearest.asked, nearest.keys())


def add_chunk(changes: Changes, spaces: WritableSpaces, chunk: Chunk, first_note: int, known: _Known) -> None:
    """Add sentences and notes with their vectors."""
    keys = np.arange(chunk.first, chunk.first + len(chunk.texts))
    add_sentences(changes, dict(zip(keys.tolist(), chunk.texts, strict=True)))
    add_texts(spaces, "sentence", dict(zip(keys.tolist(), chunk.vectors, strict=True)))
    places = {first_note + at: found for at, found in enumerate(chunk.places) if found}
    forms = {first_note + at: form for at, form in enumerate(chunk.forms) if chunk.places[at]}
    add_notes(changes, places, forms, known)
    of_notes = [[key for key, _ in found] for found in places.values()]
    openings = [of_note[: known.in_opening(of_note)] for of_note in of_notes]
    note_keys = np.array(list(places), dtype=np.int64)
    spaces.add("note", note_keys, known.summed(of_notes))
    add_texts(spaces, "opening", dict(zip(note_keys.tolist(), known.summed(openings), strict=True)))
    count_commit(changes.connection)


def add_sentences(changes: Changes, texts: dict[int, Text]) -> None:
    """Add sentences with their terms, assertions and gists."""
    rows = [(key, one.text, text_digest(one.text), one.gist, one.heading) for key, one in texts.items()]
    _insert(changes, tables.sentences, ("key", "text", "digest", "gist", "heading"), rows)
    spans = [
        (key, at, span.start, span.end, span.assertion, span.cue_start, span.cue_end)
        for key, one in texts.items()
        for at, span in enumerate(one.spans)
    ]
    columns = ("sentence", "position", "start", "end", "assertion", "cue_start", "cue_end")
    _insert(changes, tables.assertions, columns, spans)
    changes.add_terms("sentence", {key: terms_of(one.text) for key, one in texts.items()})
    count(changes.connection, "sentences", len(texts))


def add_notes(
    changes: Changes, places: dict[int, list[tuple[int, int]]], forms: dict[int, Form], known: _Known
) -> None:
    """Add notes, one sentence a line, with their sections, terms and where each sentence stands."""
    notes, sections, occurrences, note_terms = [], [], [], {}
    for key, found in places.items():
        lines = [known.text(sentence).text for sentence, _ in found]
        starts = [0, *accumulate(len(line) + 1 for line in lines)]
        note = Note(f"n{key}", "\n".join(lines), patient_id=f"p{key // 20}", note_type=type_of(key))
        note_terms[key] = terms_of(note.text)
        notes.append((key, *(getattr(note, field) for field in NOTE_FIELDS), note_digest(note)))
        first = {}
        for (sentence, section), start, line in zip(found, starts, lines, strict=False):
            first.setdefault(section, start)
            occurrences.append((key, start, start + len(line), section, sentence))
        ends = [*list(first.values())[1:], len(note.text)]
        for (section, start), end in zip(first.items(), ends, strict=True):
            sections.append((key, section, *forms[key].names[section], start, end))
    _insert(changes, tables.notes, ("key", *NOTE_FIELDS, "digest"), notes)
    _insert(changes, tables.sections, ("note", "position", "name", "heading", "start", "end"), sections)
    _insert(changes, tables.occurrences, ("note", "start", "end", "section", "sentence"), occurrences)
    changes.add_terms("note", note_terms)
    for name, more in {
        "notes": len(notes),
        "notes_with_sentences": len(notes),
        "occurrences": len(occurrences),
    }.items():
        count(changes.connection, name, more)


def type_of(note_key: int) -> str:
    left = note_key * 7919 % 1000
    for name, share in TYPES.items():
        if left < share:
            return name
        left -= share
    return NO_TYPE


def _insert(changes: Changes, table: Table, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> None:
    changes.insert_keyed(table, [dict(zip(columns, row, strict=True)) for row in rows])


class _Known:
    """The sentences of a chunk, and the real ones, by key."""

    def __init__(self, chunk: Chunk, texts: Recombined, real: FloatArray) -> None:
        self._chunk, self._texts, self._real = chunk, texts.texts, real

    def text(self, key: int) -> Text:
        """Return a sentence."""
        return self._texts[key - 1] if key <= len(self._texts) else self._chunk.texts[key - self._chunk.first]

    def in_opening(self, keys: Sequence[int]) -> int:
        """Return how many of a note's sentences are in its first words; one at least."""
        words = accumulate(self.text(key).words for key in keys)
        return max(1, sum(so_far <= WORDS_OF_OPENING for so_far in words))

    def summed(self, of_notes: Sequence[Sequence[int]]) -> FloatArray:
        """Return the sum of each note's vectors at unit length, (notes, hidden_size)."""
        keys = np.array([key for of_note in of_notes for key in of_note], dtype=np.int64)
        starts = np.cumsum([0, *map(len, of_notes)])[:-1]
        is_new = keys >= self._chunk.first
        vectors = np.empty((len(keys), self._chunk.vectors.shape[1]), dtype=np.float32)
        vectors[is_new] = self._chunk.vectors[keys[is_new] - self._chunk.first]
        vectors[~is_new] = self._real[keys[~is_new] - 1]
        return unit(np.add.reduceat(vectors, starts))


class _Nearest:
    """The nearest of each query, of all sentences and of each type's, brought up to date with each chunk."""

    def __init__(self, asked: FloatArray, real: FloatArray) -> None:
        self.asked, self._real = asked, real
        self._best: dict[str | None, tuple[FloatArray, KeyArray]] = {}
        self._known = {name: np.zeros(len(real) + 1, dtype=bool) for name in TYPES}

    def add(self, chunk: Chunk, first_note: int) -> None:
        keys = np.arange(chunk.first, chunk.first + len(chunk.texts))
        scores = self.asked @ chunk.vectors.T
        self._keep(None, keys, scores)
        for name in TYPES:
            passing = {
                key for at, found in enumerate(chunk.places) if type_of(first_note + at) == name for key, _ in found
            }
            of_type = np.array(sorted(passing), dtype=np.int64)
            new = of_type[of_type >= chunk.first]
            old = of_type[of_type < chunk.first]
            old = old[~self._known[name][old]]
            self._known[name][of_type[of_type <= len(self._real)]] = True
            self._keep(name, new, scores[:, new - chunk.first])
            self._keep(name, old, self.asked @ self._real[old - 1].T)

    def keys(self) -> dict[str | None, list[list[int]]]:
        """Return the keys of the nearest."""
        none: list[list[int]] = [[] for _ in self.asked]
        return {name: self._best[name][1].tolist() if name in self._best else none for name in (None, *TYPES)}

    def _keep(self, name: str | None, keys: KeyArray, scores: FloatArray) -> None:
        if not len(keys):
            return
        known_scores, known_keys = self._best.get(name, (scores[:, :0], np.empty((len(scores), 0), dtype=np.int64)))
        all_scores = np.concatenate([known_scores, scores], axis=1)
        all_keys = np.concatenate([known_keys, np.broadcast_to(keys, scores.shape)], axis=1)
        order = np.argpartition(-all_scores, min(NEAREST, all_scores.shape[1] - 1), axis=1)[:, :NEAREST]
        self._best[name] = np.take_along_axis(all_scores, order, axis=1), np.take_along_axis(all_keys, order, axis=1)

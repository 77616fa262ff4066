"""Reads the material beside the project, and leaves out what the development sets hold."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SHARED = Path(__file__).resolve().parents[2] / "shared"
DEVELOPMENT_SETS = SHARED / "eval"
SAME_WORDS = 7  # in a row: a sentence that has so many from a development set is taken for one of its own
MOST_SHARED = 0.2  # of a note's sentences
TEXT_FIELDS = ("text", "text1", "text2")
WORD = re.compile(r"[a-z0-9]+")
SENTENCE_END = re.compile(r"(?<=[.?!])\s+(?=[A-Z0-9])")


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of a public text, and which text that is."""

    text: str
    note: str
    source: str


@dataclass(frozen=True, slots=True)
class Report:
    """A whole note."""

    note: str
    text: str
    speciality: str
    title: str


class Judged:
    """What the development sets hold; no training text may."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._runs: set[int] = set()
        self._short: set[tuple[str, ...]] = set()
        for text in texts:
            words = _words(text)
            self._runs.update(_runs(words))
            if len(words) < SAME_WORDS:
                self._short.add(tuple(words))

    def has(self, sentence: str) -> bool:
        """Tell whether a sentence is one of theirs, or shares a run of words with one."""
        words = _words(sentence)
        if len(words) < SAME_WORDS:
            return tuple(words) in self._short
        return not self._runs.isdisjoint(_runs(words))

    def share(self, text: str) -> float:
        """Return how much of a text's sentences are theirs."""
        sentences = split_sentences(text)
        return sum(map(self.has, sentences)) / max(1, len(sentences))

    def without(self, text: str) -> str:
        """Return a text without the sentences that are theirs."""
        return " ".join(sentence for sentence in split_sentences(text) if not self.has(sentence))


def read_judged(folder: Path = DEVELOPMENT_SETS) -> tuple[Judged, frozenset[str]]:
    """Read the texts of the development sets, and the ids of the notes that they were made from."""
    rows = [row for path in sorted(folder.glob("*/*.jsonl")) for row in _rows(path)]
    texts = (row[field] for row in rows for field in TEXT_FIELDS if field in row)
    # The parts of a visit note, a plan or a history, have its id behind one letter.
    ids = {row["id"] for row in rows} | {row["id"][1:] for row in rows}
    return Judged(texts), frozenset(ids)


def read_judged_synonyms(folder: Path = DEVELOPMENT_SETS / "doid_synonym_dev") -> frozenset[str]:
    """Read the names of diseases by which a development set asks for others."""
    return frozenset(" ".join(_words(row["text"])) for row in _rows(folder / "queries.jsonl"))


def read_sentences(judged: Judged, ids: frozenset[str]) -> list[Sentence]:
    """Read the sentences of public texts, without those of the development sets."""
    rows = _rows(SHARED / "data" / "sentences.jsonl.gz")
    return [
        Sentence(row["text"], row["note"], row["source"])
        for row in rows
        if row["note"] not in ids and not judged.has(row["text"])
    ]


def read_reports(judged: Judged, ids: frozenset[str]) -> list[Report]:
    """Read the whole notes, without those that the development sets were made from, or share much with."""
    rows = _rows(SHARED / "data" / "clinical_notes.jsonl.gz")
    return [
        Report(row["id"], row["text"], row["specialty"].strip(), row["title"].strip())
        for row in rows
        if row["id"] not in ids and judged.share(row["text"]) < MOST_SHARED
    ]


def read_questions(judged: Judged) -> list[tuple[str, str]]:
    """Read questions and answers; from an answer the sentences of the development sets are taken."""
    rows = _rows(SHARED / "train" / "question_answer.jsonl.gz")
    return [(row["question"], judged.without(row["answer"])) for row in rows if not judged.has(row["question"])]


def split_sentences(text: str) -> list[str]:
    """Cut a text where a sentence seems to end."""
    return [part.strip() for part in SENTENCE_END.split(text) if part.strip()]


def beginning(text: str, words: int) -> str:
    """Return the first words of a text."""
    return " ".join(text.split()[:words])


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    return (json.loads(line) for line in content.splitlines())


def _words(text: str) -> list[str]:
    return WORD.findall(text.lower())


def _runs(words: list[str]) -> Iterator[int]:
    return (hash(tuple(words[at : at + SAME_WORDS])) for at in range(len(words) - SAME_WORDS + 1))

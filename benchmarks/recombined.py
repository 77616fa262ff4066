"""Real clinical notes, and as many more as are wanted, made of the parts of their sentences.

A real sentence is cut in two before a word that joins, or behind a comma. A made note has the form of a real one, its
sections and the order of its sentences: each keeps its first part and gets the second part of another sentence whose
second part is about as long. So words keep their frequencies, sentences and notes their lengths. What has no place to
cut ("Denies fever.") stands as it is in the made note too, as the same words stand in many notes of one hospital.
What a made sentence says (assertions, gist) is what its parts say, and its vector is the sum of the vectors of the
sentences that the parts are from, by their words, moved along the difference of two others.
"""

from __future__ import annotations

import gzip
import json
import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from clinsearch.encoder.pooling import unit
from clinsearch.language.assertions import find_assertions
from clinsearch.language.gists import gist_of
from clinsearch.language.segmentation import segment, sentence_texts
from clinsearch.records import AssertedSpan, FloatArray
from clinsearch.records.digests import text_digest
from clinsearch.records.readings import SentenceText

NOTES = Path(__file__).resolve().parents[2] / "shared" / "data" / "mixed_notes.jsonl.gz"
SEED = 7
# So many notes are kept apart, to ask with.
APART = 300
STEP = 100_000
MOVED = 0.1, 0.3
LEAST_WORDS = 2
# Of second parts ordered by length, how far apart, in parts of all or so many, two may be that stand for each other.
AS_LONG = 0.02
LEAST_OTHERS = 50
CUT = re.compile(
    r"(?<=[,;:])(?= )|(?= (?:and|or|but|with|without|who|which|that|for|from|of|in|on|at|to|by|after|before|due|was|is"
    r"|were|are|has|had) )"
)

Rows = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Text:
    """A sentence, or a part of one, with what it says; `heading`: how many of its characters are a heading."""

    text: str
    heading: int
    spans: tuple[AssertedSpan, ...]
    gist: int | None

    @property
    def words(self) -> int:
        """How many words it has."""
        return self.text.count(" ") + 1


@dataclass(frozen=True, slots=True)
class Form:
    """A real note: its sentences, by number, the section of each, and the sections' names and headings."""

    sentences: Rows
    sections: Rows
    names: tuple[tuple[str | None, str | None], ...]


@dataclass(frozen=True, slots=True, eq=False)
class Chunk:
    """New sentences with their vectors (n, hidden_size), the first of which has the key `first`, and notes.

    places: of each note the key of each sentence, one of before among them, and its section; forms: what it is like.
    """

    first: int
    texts: list[Text]
    vectors: FloatArray
    places: list[list[tuple[int, int]]]
    forms: list[Form]


def read_notes() -> tuple[list[str], list[str]]:
    """Return the real notes, in an order drawn once, and those of them that are kept apart."""
    with gzip.open(NOTES, "rt", encoding="utf-8") as lines:
        texts = [json.loads(line)["text"] for line in lines]
    random.Random(SEED).shuffle(texts)
    apart = min(APART, len(texts) // 2)
    return texts[apart:], texts[:apart]


class Recombined:
    """The real notes with so many distinct sentences, and what can be made of them."""

    def __init__(self, notes: Sequence[str], most: int) -> None:
        self.numbers: dict[str, int] = {}
        self.forms: list[Form] = []
        headings: dict[str, int] = {}
        for note in notes:
            if len(self.numbers) >= most:
                break
            self.forms.append(self._form(note, headings))
        kept = {text: number for text, number in self.numbers.items() if number < most}
        self.numbers = kept
        self.forms[-1] = _within(self.forms[-1], most)
        self.texts = [_read(text, headings[text]) for text in kept]
        self._cut_all()

    def _form(self, note: str, headings: dict[str, int]) -> Form:
        found = segment(note)
        numbers = []
        for sentence in map(SentenceText.of, sentence_texts(note, found)):
            headings.setdefault(sentence.text, sentence.heading)
            numbers.append(self.numbers.setdefault(sentence.text, len(self.numbers)))
        sections = np.array([sentence.section for sentence in found.sentences], dtype=np.int64)
        names = tuple((section.name, section.heading) for section in found.sections)
        return Form(np.array(numbers, dtype=np.int64), sections, names)

    def _cut_all(self) -> None:
        rng = random.Random(SEED)
        self.parts = [_cut(text, rng) for text in self.texts]
        self._lengths = np.array(
            [[part[0].words, part[1].words] if part else [0, 0] for part in self.parts], np.float32
        )
        self._can_be_cut = self._lengths[:, 0] > 0
        cut = np.flatnonzero(self._can_be_cut)
        # Of as many words in no order.
        self._by_length = cut[np.lexsort((np.random.default_rng(SEED).random(len(cut)), self._lengths[cut, 1]))]
        self._rank = np.zeros(len(self.texts), dtype=np.int64)
        self._rank[self._by_length] = np.arange(len(cut))

    def chunks(self, vectors: FloatArray, size: int) -> Iterator[Chunk]:
        """Give sentences, some at a time, until there are so many, to a thousandth; `vectors` of the real ones."""
        places = [(form.sentences + 1, form.sections) for form in self.forms]
        pairs = [list(zip(keys.tolist(), of_keys.tolist(), strict=True)) for keys, of_keys in places]
        yield Chunk(1, self.texts, vectors, pairs, self.forms)
        rng, known = np.random.default_rng(SEED), np.sort([_code(text.text) for text in self.texts])
        first = len(self.texts) + 1
        while first <= size - size // 1000:
            chunk, codes = self._made(rng, vectors, known, first, min(STEP, size + 1 - first))
            if not len(codes):
                raise ValueError(f"{first - 1:,} sentences are all that could be made of these notes.")
            known = np.sort(np.concatenate([known, codes]))
            yield chunk
            first += len(chunk.texts)

    def _made(
        self, rng: np.random.Generator, vectors: FloatArray, known: Rows, first: int, most: int
    ) -> tuple[Chunk, Rows]:
        """Make notes with `most` sentences that were not there, or somewhat fewer; and what each is known again by."""
        cuts = np.array([self._can_be_cut[form.sentences].sum() for form in self.forms])
        chosen = rng.integers(0, len(self.forms), int(2 * most / max(cuts.mean(), 1)) + 1)
        chosen = chosen[: max(1, int(np.searchsorted(cuts[chosen].cumsum(), most, side="right")))]
        forms = [self.forms[at] for at in chosen.tolist()]
        numbers = np.concatenate([form.sentences for form in forms])
        heads = numbers[self._can_be_cut[numbers]][:most]
        tails = self._other_tails(rng, heads)
        texts = [
            joined(self.parts[h][0], self.parts[t][1]) for h, t in zip(heads.tolist(), tails.tolist(), strict=True)
        ]
        codes = np.array([_code(text.text) for text in texts], dtype=np.int64)
        is_new = np.zeros(len(codes), dtype=bool)
        is_new[np.unique(codes, return_index=True)[1]] = True
        is_new &= known[np.minimum(np.searchsorted(known, codes), len(known) - 1)] != codes
        keys = numbers + 1
        made = np.full(len(heads), -1, dtype=np.int64)
        made[is_new] = first + np.arange(is_new.sum())
        where = np.flatnonzero(self._can_be_cut[numbers])
        keys[where] = -1
        keys[where[:most]] = made
        mixed = self._mixed(rng, vectors, heads[is_new], tails[is_new])
        kept = [text for text, new in zip(texts, is_new.tolist(), strict=True) if new]
        return Chunk(first, kept, mixed, _places(keys, forms), forms), codes[is_new]

    def _other_tails(self, rng: np.random.Generator, heads: Rows) -> Rows:
        """Choose for each sentence another, whose second part is about as long."""
        reach = max(LEAST_OTHERS, int(AS_LONG * len(self._by_length)))
        ranks = self._rank[heads] + rng.integers(-reach, reach + 1, len(heads))
        return self._by_length[np.clip(ranks, 0, len(self._by_length) - 1)]

    def _mixed(self, rng: np.random.Generator, vectors: FloatArray, heads: Rows, tails: Rows) -> FloatArray:
        made = np.empty((len(heads), vectors.shape[1]), dtype=np.float32)
        for rows in np.array_split(np.arange(len(heads)), max(1, len(heads) // 10_000)):
            one, other = (vectors[rng.integers(0, len(vectors), len(rows))] for _ in range(2))
            head, tail = self._lengths[heads[rows], 0], self._lengths[tails[rows], 1]
            share = (head / (head + tail))[:, None]
            parts = unit(share * vectors[heads[rows]] + (1 - share) * vectors[tails[rows]])
            made[rows] = unit(parts + rng.uniform(*MOVED, (len(rows), 1)).astype(np.float32) * (one - other))
        return made


def joined(head: Text, tail: Text) -> Text:
    """Make a sentence of two parts."""
    by = len(head.text)
    moved = (
        AssertedSpan(span.start + by, span.end + by, span.assertion, span.cue_start + by, span.cue_end + by)
        for span in tail.spans
    )
    gist = None if head.gist is None and tail.gist is None else hash((head.gist or 0, tail.gist or 0))
    return Text(head.text + tail.text, head.heading, head.spans + tuple(moved), gist)


def _places(keys: Rows, forms: Sequence[Form]) -> list[list[tuple[int, int]]]:
    """Divide the keys of sentences, -1 for none, among notes, with the section of each."""
    listed, at, found = keys.tolist(), 0, []
    for form in forms:
        of_note = zip(listed[at : at + len(form.sentences)], form.sections.tolist(), strict=True)
        found.append([(key, section) for key, section in of_note if key > 0])
        at += len(form.sentences)
    return found


def _within(form: Form, most: int) -> Form:
    kept = form.sentences < most
    return replace(form, sentences=form.sentences[kept], sections=form.sections[kept])


def _read(text: str, heading: int) -> Text:
    spans = find_assertions(text)
    return Text(text, heading, spans, gist_of(text, spans))


def _cut(text: Text, rng: random.Random) -> tuple[Text, Text] | None:
    """Cut a sentence at a place drawn among those that leave enough words on both sides and its heading whole."""
    places = [match.start() for match in CUT.finditer(text.text, max(text.heading, 1))]
    total = text.words
    before = [(at, text.text.count(" ", 0, at) + 1) for at in places]
    places = [at for at, words in before if words >= LEAST_WORDS and total - words >= LEAST_WORDS]
    if not places:
        return None
    at = rng.choice(places)
    return _read(text.text[:at], text.heading), _read(text.text[at:], 0)


def _code(text: str) -> int:
    return int.from_bytes(text_digest(text)[:8], "big", signed=True)

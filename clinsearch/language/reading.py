"""Applies all language rules to notes and sentences: what the encoder and the storage are given of a text."""

from __future__ import annotations

from collections.abc import Iterable

from clinsearch.language.assertions import find_assertions
from clinsearch.language.gists import gist_of
from clinsearch.language.identification import language_of
from clinsearch.language.measurements import find_measurements
from clinsearch.language.segmentation import segment, sentence_texts
from clinsearch.language.terms import terms_of
from clinsearch.records import Note
from clinsearch.records.readings import ENGLISH, ReadNote, ReadSentence, SentenceText, distinct, is_english


def read_note(note: Note, digest: bytes) -> ReadNote:
    """Divide a note with this digest into sections, sentences and terms; `read_sentences` reads the sentences."""
    segmentation = segment(note.text, note.headings)
    sentences = tuple(map(SentenceText.of, sentence_texts(note.text, segmentation)))
    terms = tuple(terms_of(note.text))
    language = language_of(note.text, terms)
    return ReadNote(note, digest, segmentation, sentences, terms, None if language == ENGLISH else language)


def read_sentences(sentences: Iterable[SentenceText]) -> dict[bytes, ReadSentence]:
    """Read each distinct sentence once; return them by digest, as `distinct` does."""
    return {digest: _read(sentence) for digest, sentence in distinct(sentences).items()}


def _read(sentence: SentenceText) -> ReadSentence:
    parted = sentence.parted
    terms = tuple(terms_of(sentence.text))
    language = language_of(sentence.text, terms)
    spans = find_assertions(parted) if is_english(language, None) else ()
    gist, measured = gist_of(parted, spans), tuple(find_measurements(sentence.text))
    return ReadSentence(sentence.text, sentence.heading, sentence.digest, spans, terms, gist, measured, language)

"""Texts and notes in tokens, with their words and, where weights are at hand, their vectors."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from clinsearch.encoder.tokenizer import Tokenizer
from clinsearch.records import NoteView, Token
from clinsearch.records.inspection import TokenizedText

if TYPE_CHECKING:
    from clinsearch.encoder.encoder import Encoder


def split_text(tokenizer: Tokenizer, text: str) -> TokenizedText:
    """Split a text into tokens; needs no weights."""
    tokens = tokenizer.tokens(text)
    return TokenizedText(tokens, _words(text, tokens))


def take_apart(encoder: Encoder, text: str) -> TokenizedText:
    """Split a text into tokens and give each its static and contextual vector."""
    embedding = encoder.embed(text)
    return TokenizedText(embedding.tokens, _words(text, embedding.tokens), embedding)


def take_note_apart(view: NoteView, split: Callable[[str], TokenizedText]) -> list[TokenizedText]:
    """Take a note apart as it is encoded, sentence by sentence and uncut; offsets are into the note's text."""
    taken_apart = []
    for place in view.sentences:
        found = split(place.sentence)
        places = places_in_note(view.note.text, place.start, place.end)
        taken_apart.append(replace(found, tokens=tuple(_moved(token, places) for token in found.tokens)))
    return taken_apart


def _words(text: str, tokens: tuple[Token, ...]) -> tuple[str | None, ...]:
    starts = {token.word: token.start for token in reversed(tokens)}
    ends = {token.word: token.end for token in tokens}
    words = {word: None if word is None else text[starts[word] : ends[word]].strip() for word in starts}
    return tuple(words[token.word] for token in tokens)


def places_in_note(text: str, start: int, end: int) -> list[int]:
    """Return where each character of the sentence from start to end, whose white space is folded, stands in a note."""
    places: list[int] = []
    for word in re.finditer(r"\S+", text[start:end]):
        first, end = start + word.start(), start + word.end()
        places += range(first, end + 1)  # its last one is the space after the word
    return places


def _moved(token: Token, places: list[int]) -> Token:
    start = places[token.start]
    end = places[token.end - 1] + 1 if token.end > token.start else start
    return replace(token, start=start, end=end)

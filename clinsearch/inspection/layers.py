"""How a word's vector moves through the layers of a transformer, and which words are near it at each."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from clinsearch import retrieval
from clinsearch.encoder.encoder import Encoder
from clinsearch.encoder.pooling import unit
from clinsearch.encoder.tokenizer import Tokenizer
from clinsearch.encoder.words import words_of
from clinsearch.errors import InputError
from clinsearch.language.terms import terms_of
from clinsearch.records import Filter, FloatArray, Word
from clinsearch.records.inspection import LayerStep, MarkedWord, NearWord, WordPath
from clinsearch.records.phrases import Phrase
from clinsearch.retrieval.question import DEEPER
from clinsearch.storage.catalog.keywords import KeywordIndex
from clinsearch.storage.snapshots import Snapshot

# A word in more sentences than so many is met soon enough among the nearest of all.
MOST_CHOSEN_FROM = 100_000


@dataclass(frozen=True, slots=True)
class Source:
    """A sentence whose words may be near, and the note that it stands in first."""

    sentence: str
    note_id: str | None = None


def word_layers(encoder: Encoder, text: str, word: str, *, at: int | None = None, k: int = 5) -> WordPath:
    """Follow a word of a text through the layers, at each with its k nearest among the text's other words.

    `at`: a character of the word, where it stands more than once. Raises InputError.
    """
    return trace_word(encoder, mark_word(encoder.tokenizer, text, word, at), [Source(text)], k=k)


def mark_word(tokenizer: Tokenizer, text: str, word: str, at: int | None = None) -> MarkedWord:
    """Find a word in a text, whatever its case: the one at that character, else the first. Raises InputError."""
    wanted = word.strip().casefold()
    found = [spoken for spoken in spoken_words(tokenizer, text) if spoken.text.casefold() == wanted]
    if not found:
        raise InputError("The text has no such word. What its words are, `clinsearch tokens` shows.")
    starts = tuple(spoken.start for spoken in found)
    chosen = [spoken for spoken in found if at is None or spoken.start <= at < spoken.end]
    if not chosen:
        raise InputError(f"The word does not stand at {at}; it begins at {', '.join(map(str, starts))}.")
    return MarkedWord(text, chosen[0], starts)


def spoken_words(tokenizer: Tokenizer, text: str) -> list[Word]:
    """Return the words of a text but for special tokens and punctuation."""
    tokens = tokenizer.tokens(text)
    words = [word for word in words_of(text, tokens) if tokens[word.tokens[0]].word is not None]
    return [word for word in words if any(character.isalnum() for character in word.text)]


def sources_near(snapshot: Snapshot, vector: FloatArray, word: str, limit: int) -> list[Source]:
    """Choose sentences of a collection: those that hold the word, at most half, then those nearest to the vector.

    Of those that hold it the nearest are taken too. The same collection always gives the same ones.
    """
    holding = _holding(snapshot, vector, word, limit // 2)
    near = retrieval.nearest_sentences(snapshot, vector, limit, Filter())
    sources = dict.fromkeys([*holding, *(Source(str(hit.sentence), hit.note_id) for hit in near)])
    return list(sources)[:limit]


def trace_word(encoder: Encoder, marked: MarkedWord, sources: Sequence[Source], *, k: int = 5) -> WordPath:
    """Follow a word's vector, the mean of its tokens' hidden states, through all layers, from 0 on.

    Its k nearest words at each layer are found among the words of the sources, itself left out.
    """
    if k < 1:
        raise InputError(f"{k} words cannot be given; ask for 1 or more.")
    pieces = list(marked.word.tokens)
    path = encoder.layers(marked.text)[:, pieces].mean(axis=1)
    directions = unit(path)
    words, cosines = _compared(encoder, marked, sources, directions)
    by_layer = np.array(cosines, dtype=np.float32).reshape(len(words), len(path)).T
    to_final = directions @ directions[-1]
    to_previous = [None, *map(float, (directions[1:] * directions[:-1]).sum(axis=1))]
    steps = tuple(
        LayerStep(
            layer=layer,
            norm=float(np.linalg.norm(path[layer])),
            to_previous=to_previous[layer],
            to_final=float(to_final[layer]),
            nearest=_nearest(words, by_layer[layer], k),
        )
        for layer in range(len(path))
    )
    tokens = encoder.tokenizer.tokens(marked.text)
    names = tuple(tokens[piece].token for piece in pieces)
    of_notes = sum(source.note_id is not None for source in sources)
    return WordPath(marked, names, steps, words=len(words), sentences=of_notes)


def _holding(snapshot: Snapshot, vector: FloatArray, word: str, limit: int) -> list[Source]:
    """Return the sentences nearest to the vector of those that hold the word, the nearest first.

    They are looked for among those that the keyword index has for it, or, where these are very many, among all.
    """
    pattern = re.compile(rf"(?<!\w){re.escape(word)}(?!\w)", re.IGNORECASE)
    index, phrase = KeywordIndex(snapshot.catalog.connection, "sentence"), Phrase(tuple(terms_of(word)))
    among = index.having(phrase, [phrase]) if index.frequency(phrase) <= MOST_CHOSEN_FROM else None
    best: list[int] = []
    depth, is_all = DEEPER * limit, among is not None and not len(among)
    while len(best) < limit and not is_all:
        keys, _ = snapshot.sentences.search(vector, depth, among)
        texts = snapshot.catalog.sentence_texts(keys.tolist())
        best = [key for key in keys.tolist() if pattern.search(texts[key])][:limit]
        depth, is_all = depth * DEEPER, len(keys) < depth
    places = snapshot.catalog.first_occurrences(best, Filter())
    return [Source(places[key][0].text, places[key][0].note.note_id) for key in best]


def _compared(
    encoder: Encoder, marked: MarkedWord, sources: Sequence[Source], directions: FloatArray
) -> tuple[list[tuple[Word, Source]], list[FloatArray]]:
    """Return the words of the sources, in order, and for each its cosines with the directions, (layers + 1,)."""
    spoken = [_other_words(encoder.tokenizer, source.sentence, marked) for source in sources]
    cosines: list[list[FloatArray]] = [[] for _ in sources]
    for position, states in encoder.layers_of([source.sentence for source in sources]):
        vectors = (states[:, list(word.tokens)].mean(axis=1) for word in spoken[position])
        cosines[position] = [(unit(vector) * directions).sum(axis=1) for vector in vectors]
    words = [(word, source) for source, of_source in zip(sources, spoken, strict=True) for word in of_source]
    return words, [of_word for of_source in cosines for of_word in of_source]


def _other_words(tokenizer: Tokenizer, sentence: str, marked: MarkedWord) -> list[Word]:
    """Return the words of a sentence without the marked one itself, should the sentence be its text."""
    words = spoken_words(tokenizer, sentence)
    if sentence.split() != marked.text.split():
        return words
    return [word for word in words if word.tokens != marked.word.tokens]


def _nearest(words: Sequence[tuple[Word, Source]], cosines: FloatArray, k: int) -> tuple[NearWord, ...]:
    """Return the k words of the highest cosines, each form, whatever its case, at its best place alone."""
    best: dict[str, NearWord] = {}
    for at in np.argsort(-cosines, kind="stable"):
        word, source = words[at]
        near = NearWord(word.text, float(cosines[at]), source.sentence, source.note_id)
        best.setdefault(word.text.casefold(), near)
        if len(best) == k:
            break
    return tuple(best.values())

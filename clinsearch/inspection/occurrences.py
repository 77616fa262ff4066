"""What a collection's notes make of a vocab: the words they hold, and where one of its tokens stands."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import islice

import numpy as np

from clinsearch.encoder.tokenizer import Tokenizer
from clinsearch.encoder.words import words_of
from clinsearch.errors import InputError
from clinsearch.inspection.tokenization import places_in_note
from clinsearch.records import Filter, MarkedText
from clinsearch.records.inspection import TokenOccurrences, TokenPlace, VocabEntry
from clinsearch.storage.catalog.places import PlaceCatalog
from clinsearch.storage.catalog.words import SentenceTokens, WordCatalog
from clinsearch.storage.snapshots import Snapshot

SENTENCES_AT_ONCE = 2000


def words_in(snapshot: Snapshot, tokenizer: Tokenizer) -> Iterator[tuple[str, tuple[int, ...], int]]:
    """Give each word of the notes, as text, tokens' ids, and how often it stands there.

    A word is spelt as its tokens are; one that the vocab cannot spell, as its notes do.
    """
    words: Counter[tuple[int, ...]] = Counter()
    unspelt: Counter[tuple[str, tuple[int, ...]]] = Counter()
    for batch, counts in _counted(snapshot, _kept(snapshot).tokens()):
        for sentence in batch:
            count = counts[sentence.sentence_key]
            if tokenizer.unknown in sentence.token_ids:
                (text,) = snapshot.catalog.sentence_texts([sentence.sentence_key]).values()
                for word, ids in _spoken(text, tokenizer):
                    unspelt[word, ids] += count
            else:
                for ids in sentence.words():
                    words[ids] += count
    yield from ((tokenizer.spelt(ids), ids, count) for ids, count in words.items())
    yield from ((word, ids, count) for (word, ids), count in unspelt.items())


def find_token(
    snapshot: Snapshot, tokenizer: Tokenizer, entry: VocabEntry, *, limit: int, offset: int
) -> TokenOccurrences:
    """Find where a token stands: counts of all its places, in the order of the notes, and some of these."""
    words: Counter[tuple[int, ...]] = Counter()
    occurrences = sentences = 0
    notes = np.empty(0, dtype=np.int64)
    # Each place has the token once at least: no more of them are needed than are shown, and passed over before.
    first: list[tuple[int, int, int, int]] = []
    for batch, counts in _counted(snapshot, _kept(snapshot).tokens(like=[entry.id])):
        times = {one.sentence_key: found for one in batch if (found := int((one.token_ids == entry.id).sum()))}
        for sentence in batch:
            for ids in filter(lambda ids: entry.id in ids, sentence.words()):
                words[ids] += counts[sentence.sentence_key]
        occurrences += sum(found * counts[key] for key, found in times.items())
        sentences += len(times)
        notes = np.union1d(notes, snapshot.catalog.notes_of(list(times), Filter()))
        places = PlaceCatalog(snapshot.catalog.connection).first_places(list(times), offset + limit)
        first = sorted([*first, *((*place, times[place[-1]]) for place in places)])[: offset + limit]
    every = ((note, start, nth) for note, start, _, found in first for nth in range(found))
    shown = islice(every, offset, offset + limit)
    return TokenOccurrences(
        entry=entry,
        occurrences=occurrences,
        sentences=sentences,
        notes=len(notes),
        words=tuple((tokenizer.spelt(ids), count) for ids, count in words.most_common() if count),
        places=tuple(_place(snapshot, tokenizer, entry, *one) for one in shown),
        offset=offset,
    )


def _counted(
    snapshot: Snapshot, sentences: Iterator[SentenceTokens]
) -> Iterator[tuple[list[SentenceTokens], dict[int, int]]]:
    """Give sentences some at a time, and by key in how many places each of these stands."""
    places = PlaceCatalog(snapshot.catalog.connection)
    while batch := list(islice(sentences, SENTENCES_AT_ONCE)):
        yield batch, places.counts([sentence.sentence_key for sentence in batch])


def _kept(snapshot: Snapshot) -> WordCatalog:
    if not snapshot.has_words:
        raise InputError("This collection keeps no words. Add them: `clinsearch index --tokens` and its notes' folder.")
    return snapshot.word_catalog


def _spoken(text: str, tokenizer: Tokenizer) -> Iterator[tuple[str, tuple[int, ...]]]:
    tokens = tokenizer.tokens(text)
    for word in words_of(text, tokens):
        if tokens[word.tokens[0]].word is not None:
            yield word.text, tuple(tokens[position].id for position in word.tokens)


def _place(
    snapshot: Snapshot, tokenizer: Tokenizer, entry: VocabEntry, note_key: int, start: int, nth: int
) -> TokenPlace:
    """Say where in a note the nth such token stands of the sentence that begins at a character of it."""
    place = next(place for place in snapshot.catalog.note_sentences(note_key) if place.start == start)
    tokens = tokenizer.tokens(place.text)
    token = [token for token in tokens if token.id == entry.id and token.word is not None][nth]
    in_note = places_in_note(snapshot.catalog.note(place.note.note_id)[1].text, place.start, place.end)
    return TokenPlace(
        note_id=place.note.note_id,
        section=place.section,
        start=in_note[token.start],
        end=in_note[token.end - 1] + 1,
        marked=MarkedText(place.text, token.start, token.end),
    )
